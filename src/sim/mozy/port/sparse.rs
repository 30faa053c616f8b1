//! The parts of updates that change one thing and leave all else as it is: every part is sent, in its order.

use crate::sim::mozy::value::{Name, Parts, Value};

/// The parts of `partner.Update` in their order.
pub(super) const PARTNER: [&str; 10] = [
    "id",
    "search",
    "name",
    "company_type",
    "subdomain",
    "root_role",
    "external_id",
    "details",
    "enable_sync",
    "default_sync_quota",
];

/// Those of `user_group.Update`.
pub(super) const GROUP: [&str; 8] = [
    "id",
    "search",
    "name",
    "default_quotas",
    "default_for_partner",
    "external_id",
    "details",
    "enable_sync",
];

/// Those of `user.Update`, where no password is set.
pub(super) const USER: [&str; 8] =
    ["id", "search", "user_group_id", "username", "full_name", "details", "external_id", "enable_sync"];

/// Those of `resource.UpdateLicenses`.
pub(super) const KEY: [&str; 10] = [
    "keystring",
    "search",
    "assigned_email_address",
    "quota_desired",
    "external_id",
    "license_type",
    "deliver_emails",
    "expires_at",
    "clear_expires_at",
    "user_group_id",
];

/// All parts in their order, nil but for these.
pub(super) fn sparse<const N: usize>(names: &[&'static str], set: [(&'static str, Value); N]) -> Parts {
    let value =
        |name: &str| set.iter().find(|(of, _)| *of == name).map_or(Value::Nil, |(_, value)| value.clone());
    names.iter().map(|name| (Name::from(*name), value(name))).collect()
}
