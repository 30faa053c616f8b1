//! The services, types and counters of contract section 2, and which type implements which.

use serde::{Deserialize, Serialize};

/// Type of an account resource.
pub const ACCOUNT: &str = "http://parallels.com/aps/types/pa/account/1.2";
/// Type of a subscription resource.
pub const SUBSCRIPTION: &str = "http://parallels.com/aps/types/pa/subscription/1.0";
/// Type of a staff member.
pub const ADMIN_USER: &str = "http://parallels.com/aps/types/pa/admin-user/1.2";
/// Type of a service user.
pub const SERVICE_USER: &str = "http://parallels.com/aps/types/pa/service-user/1.2";

/// What OSA's own types implement: they are never the core types themselves.
const IMPLEMENTS: [(&str, &[&str]); 4] = [
    (ACCOUNT, &["http://aps-standard.org/types/core/account/1.0"]),
    (SUBSCRIPTION, &["http://aps-standard.org/types/core/subscription/1.0"]),
    (
        ADMIN_USER,
        &["http://aps-standard.org/types/core/admin-user/1.0", "http://aps-standard.org/types/core/user/1.0"],
    ),
    (
        SERVICE_USER,
        &[
            "http://aps-standard.org/types/core/service-user/1.0",
            "http://aps-standard.org/types/core/user/1.0",
        ],
    ),
];

/// Whether a resource of type `own` is one of type `wanted`: the same name and major version, no newer
/// a minor version, directly or through what its type implements.
pub fn implements(own: &str, wanted: &str) -> bool {
    let bases = IMPLEMENTS.iter().find(|(name, _)| *name == own).map_or(&[][..], |(_, bases)| bases);
    std::iter::once(&own).chain(bases).any(|has| serves(has, wanted))
}

fn serves(has: &str, wanted: &str) -> bool {
    match (split_version(has), split_version(wanted)) {
        (Some((name, major, minor)), Some((its_name, its_major, its_minor))) => {
            name == its_name && major == its_major && minor >= its_minor
        }
        _ => has == wanted,
    }
}

fn split_version(type_id: &str) -> Option<(&str, u32, u32)> {
    let (name, version) = type_id.rsplit_once('/')?;
    let (major, minor) = version.split_once('.')?;
    Some((name, major.parse().ok()?, minor.parse().ok()?))
}

/// A service of the Mozy application: the first segment of the paths that OSA calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Service {
    /// The application itself, with its globals.
    MozyPro,
    /// The tenant.
    MozyProAccount,
    /// A user.
    MozyProAccountUser,
    /// A licence.
    MozyProAccountUserLicense,
    /// A user group.
    MozyProAccountGroup,
}

impl Service {
    /// Every service.
    pub const ALL: [Service; 5] = [
        Service::MozyPro,
        Service::MozyProAccount,
        Service::MozyProAccountUser,
        Service::MozyProAccountUserLicense,
        Service::MozyProAccountGroup,
    ];

    /// The name in paths.
    pub fn name(self) -> &'static str {
        match self {
            Service::MozyPro => "mozyPro",
            Service::MozyProAccount => "mozyProAccount",
            Service::MozyProAccountUser => "mozyProAccountUser",
            Service::MozyProAccountUserLicense => "mozyProAccountUserLicense",
            Service::MozyProAccountGroup => "mozyProAccountGroup",
        }
    }

    /// The type id of its resources.
    pub fn type_id(self) -> &'static str {
        match self {
            Service::MozyPro => "http://www.mozy.com/mozyProAPS2/mozyPro/1.1",
            Service::MozyProAccount => "http://www.mozy.com/mozyProAPS2/mozyProAccount/1.5",
            Service::MozyProAccountUser => "http://www.mozy.com/mozyProAPS2/mozyProAccountUser/1.1",
            Service::MozyProAccountUserLicense => {
                "http://www.mozy.com/mozyProAPS2/mozyProAccountUserLicense/1.0"
            }
            Service::MozyProAccountGroup => "http://www.mozy.com/mozyProAPS2/mozyProAccountGroup/1.0",
        }
    }

    /// The service whose resources have this type.
    pub fn of_type(type_id: &str) -> Option<Service> {
        Service::ALL.into_iter().find(|service| service.type_id() == type_id)
    }
}

/// A counter of the tenant: `{"limit": n, "usage": n}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Counter {
    /// Desktop licences.
    DesktopLicenseNum,
    /// Desktop quota, GB.
    DesktopQuota,
    /// Server licences.
    ServerLicenseNum,
    /// Server quota, GB.
    ServerQuota,
    /// Sync, limit 0 or 1.
    SyncAvailable,
    /// Sync quota of a user who has none of his own, GB.
    SyncDefaultQuota,
}

impl Counter {
    /// Every counter.
    pub const ALL: [Counter; 6] = [
        Counter::DesktopLicenseNum,
        Counter::DesktopQuota,
        Counter::ServerLicenseNum,
        Counter::ServerQuota,
        Counter::SyncAvailable,
        Counter::SyncDefaultQuota,
    ];

    /// The name of its property.
    pub fn name(self) -> &'static str {
        match self {
            Counter::DesktopLicenseNum => "desktopLicenseNum",
            Counter::DesktopQuota => "desktopQuota",
            Counter::ServerLicenseNum => "serverLicenseNum",
            Counter::ServerQuota => "serverQuota",
            Counter::SyncAvailable => "syncAvailable",
            Counter::SyncDefaultQuota => "syncDefaultQuota",
        }
    }

    /// The counter whose property has this name.
    pub fn named(name: &str) -> Option<Counter> {
        Counter::ALL.into_iter().find(|counter| counter.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn implementing_follows_the_hierarchy_and_minor_versions() {
        assert!(implements(ADMIN_USER, "http://aps-standard.org/types/core/admin-user/1.0"));
        assert!(implements(ADMIN_USER, "http://parallels.com/aps/types/pa/admin-user/1.1"));
        assert!(!implements(ADMIN_USER, "http://parallels.com/aps/types/pa/admin-user/1.3"));
        assert!(!implements(ADMIN_USER, "http://parallels.com/aps/types/pa/admin-user/2.0"));
        assert!(!implements(SERVICE_USER, "http://aps-standard.org/types/core/admin-user/1.0"));
        assert!(implements(Service::MozyProAccount.type_id(), Service::MozyProAccount.type_id()));
    }

    #[test]
    fn names_agree_with_what_serde_writes() {
        for service in Service::ALL {
            assert_eq!(serde_json::to_value(service).unwrap(), service.name());
        }
        for counter in Counter::ALL {
            assert_eq!(serde_json::to_value(counter).unwrap(), counter.name());
        }
    }
}
