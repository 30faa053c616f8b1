//! Machines of a user: those his keys were activated on, and the pseudo-machine of sync.

use super::Mozy;
use super::answer::{About, all, filled};
use super::calls::amount;
use crate::domain::licence::Machine;
use crate::domain::{Gb, Keystring, MachineId, MozyUserId};
use crate::mozy::machine as wire;
use crate::ports::VendorError;
use crate::ports::vendor::Made;

pub(super) async fn list(mozy: &Mozy, user: MozyUserId) -> Result<Vec<Machine>, VendorError> {
    let by = wire::Find { user_id: Some(user.0), alias: None };
    let found = mozy.found(&wire::Get { id: None, search: Some(by) }).await?;
    all(found, |machine| {
        let owner = About("machine", machine.id).require("user", machine.user_id)?;
        if owner == user.0 { read(machine, user).map(Some) } else { Ok(None) }
    })
}

fn read(seen: wire::Machine, user: MozyUserId) -> Result<Machine, VendorError> {
    let about = About("machine", seen.id);
    Ok(Machine {
        id: MachineId(seen.id),
        user,
        alias: filled(seen.alias),
        key: filled(seen.keystring).map(|key| Keystring(key.trim().to_owned())),
        quota: Gb(about.require("quota", seen.quota)?),
        used_bytes: about.require("bytes used", seen.quota_used_bytes)?,
        last_backup: seen.last_backup_at,
    })
}

pub(super) async fn resize(mozy: &Mozy, id: MachineId, quota: Gb) -> Result<Made, VendorError> {
    let quota = Some(amount(quota.0)?);
    mozy.update(&wire::Update { id: Some(id.0), quota, ..Default::default() }).await
}

pub(super) async fn delete(mozy: &Mozy, id: MachineId) -> Result<Made, VendorError> {
    mozy.done(&wire::Delete { id: id.0 }).await
}
