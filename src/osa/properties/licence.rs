//! What we say of a licence.

use serde_json::{Value, json};

use super::{known, moment};
use crate::domain::licence::Licence;
use crate::domain::observed::Account;
use crate::domain::snapshot::Snapshot;
use crate::domain::{Gb, LicenceId};

/// What OSA alone wishes for.
pub(super) const WISHED: &[&str] = &["licenseType", "quota"];

/// The properties of a licence; `None` if it is not in the snapshot or being removed.
pub fn properties(snapshot: &Snapshot, id: LicenceId) -> Option<Value> {
    let mut users = snapshot.desired.users.iter().filter(|user| !user.removed);
    let licence = users.find_map(|user| user.licences.iter().find(|licence| licence.id == id))?;
    if licence.removed {
        return None;
    }
    let account = snapshot.account.as_ref();
    let observed = account.zip(licence.key.as_ref()).and_then(|(account, key)| account.licence(key));
    let machine = account.zip(observed).and_then(|(account, observed)| account.machine_of(observed));
    Some(known(json!({
        "licenseType": licence.kind.as_str(),
        "quota": licence.quota,
        "keyString": licence.key,
        "machineId": observed.and_then(|observed| observed.machine),
        "alias": machine.and_then(|machine| machine.alias.as_deref()),
        "quota_used_bytes": machine.map(|machine| machine.used_bytes),
        "last_backup_at": machine.and_then(|machine| machine.last_backup).map(moment),
    })))
}

/// The GB it has at Mozy: its machine's once it is activated; as wished until it was seen.
pub(super) fn quota(account: Option<&Account>, licence: &Licence) -> Gb {
    let seen = account.zip(licence.key.as_ref()).and_then(|(account, key)| {
        let observed = account.licence(key)?;
        account.machine_of(observed).map(|machine| machine.quota).or(observed.quota)
    });
    seen.unwrap_or(licence.quota)
}
