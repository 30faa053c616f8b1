//! From the simulator's values to what was observed.

use crate::domain::group::ObservedGroup;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::partner::{Partner, Status};
use crate::domain::pool::Stock;
use crate::domain::user::ObservedUser;
use crate::domain::{Gb, Keystring, LicenceKind, MachineId, MozyGroupId, MozyUserId, PartnerId, PerKind};
use crate::sim::mozy::value::Value;

/// A text that is there and not empty.
pub(super) fn text(of: &Value, field: &str) -> Option<String> {
    of.get(field)?.text().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn int(of: &Value, field: &str) -> Option<i64> {
    of.get(field)?.int()
}

fn truth(of: &Value, field: &str) -> Option<bool> {
    of.get(field)?.bool()
}

fn status(of: &Value) -> Option<Status> {
    match of.get("status")?.text()? {
        "active" => Some(Status::Active),
        "suspended" => Some(Status::Suspended),
        _ => None,
    }
}

/// A deleted partner is absent.
pub(super) fn partner(of: &Value) -> Option<Partner> {
    Some(Partner {
        id: PartnerId(int(of, "id")?),
        name: text(of, "name").unwrap_or_default(),
        status: Some(status(of)?),
        external_id: text(of, "external_id"),
        parent: int(of, "parent_partner_id").map(PartnerId),
        default_group: int(of, "default_user_group_id").map(MozyGroupId),
        admin: of.get("root_admin").and_then(|admin| text(admin, "username")),
        sync: truth(of, "enable_sync"),
        default_sync_quota: int(of, "default_sync_quota").map(Gb),
    })
}

pub(super) fn group(of: &Value) -> Option<ObservedGroup> {
    Some(ObservedGroup {
        id: MozyGroupId(int(of, "id")?),
        partner: int(of, "partner_id").map(PartnerId),
        name: text(of, "name").unwrap_or_default(),
        status: Some(status(of)?),
        external_id: text(of, "external_id"),
        sync: truth(of, "enable_sync"),
    })
}

pub(super) fn user(of: &Value) -> Option<ObservedUser> {
    Some(ObservedUser {
        id: MozyUserId(int(of, "id")?),
        group: MozyGroupId(int(of, "user_group_id")?),
        username: text(of, "username")?,
        full_name: text(of, "full_name").unwrap_or_default(),
        status: Some(status(of)?),
        external_id: text(of, "external_id"),
        sync: truth(of, "enable_sync"),
    })
}

fn kind(of: &Value) -> Option<LicenceKind> {
    let name = of.get("license_type")?.text()?;
    LicenceKind::ALL.into_iter().find(|kind| kind.as_str() == name)
}

/// Keys of other types are not ours to see.
pub(super) fn licence(of: &Value) -> Option<ObservedLicence> {
    Some(ObservedLicence {
        key: Keystring(text(of, "keystring")?),
        kind: Some(kind(of)?),
        group: MozyGroupId(int(of, "user_group_id")?),
        machine: int(of, "machine_id").map(MachineId),
        email: text(of, "assigned_email_address"),
        quota: int(of, "quota_desired").map(Gb),
        external_id: text(of, "external_id"),
    })
}

pub(super) fn machine(of: &Value) -> Option<Machine> {
    let last_backup = match of.get("last_backup_at") {
        Some(Value::Time(time)) => Some(*time),
        _ => None,
    };
    Some(Machine {
        id: MachineId(int(of, "id")?),
        user: MozyUserId(int(of, "user_id")?),
        alias: text(of, "alias"),
        key: text(of, "keystring").map(Keystring),
        quota: Gb(int(of, "quota")?),
        used_bytes: int(of, "quota_used_bytes")?,
        last_backup,
    })
}

/// Kinds that are left out have nothing.
pub(super) fn stock(answer: &Value) -> PerKind<Stock> {
    let mut stock = PerKind::default();
    for row in answer.items() {
        if let (Some(kind), Some(read)) = (kind(row), pool(row)) {
            *stock.of_mut(kind) = read;
        }
    }
    stock
}

fn pool(of: &Value) -> Option<Stock> {
    Some(Stock {
        licences: int(of, "licenses")?,
        reserved: int(of, "licenses_reserved")?,
        used: int(of, "licenses_used")?,
        quota: Gb(int(of, "quota")?),
        distributed: Gb(int(of, "quota_distributed")?),
        used_bytes: int(of, "quota_used_bytes")?,
    })
}

/// Whether an admin is of a partner, as far as Mozy says.
pub(super) fn is_of(admin: &Value, partner: PartnerId) -> bool {
    int(admin, "partner_id").is_none_or(|id| id == partner.0)
}

/// The one-time link among the details.
pub(super) fn link(of: &Value) -> Option<String> {
    let details = of.get("details")?.items();
    let link = details.into_iter().find(|detail| text(detail, "key").as_deref() == Some("login_href"))?;
    text(link, "value")
}
