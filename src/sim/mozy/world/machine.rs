//! Machines: what backs up. Each holds one key, but for the pseudo-machine `Sync`, which draws on Desktop's pool.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Deed, Details, Event, KeyState, License, LicenseType, ObjectKind, Scope, Status, User, World,
    index::Pairs, resource::is_gb, sync::SYNC_ALIAS,
};
use crate::sim::mozy::{fault::Fault, switches::MachineDeleteClearsEmail};

/// A machine. `quota` in GB.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Machine {
    pub id: i64,
    pub user_id: i64,
    pub group_id: i64,
    pub license_type: LicenseType,
    pub keystring: Option<super::Keystring>,
    pub alias: Option<String>,
    pub external_id: Option<String>,
    pub status: Status,
    pub quota: i64,
    pub used_bytes: i64,
    pub last_backup_at: Option<DateTime<Utc>>,
    pub source_machine_id: Option<i64>,
    pub region: Option<String>,
    pub machine_hash: Option<String>,
    pub details: Details,
}

impl Machine {
    pub(super) fn new(id: i64, user_id: i64, group_id: i64) -> Machine {
        Machine {
            id,
            user_id,
            group_id,
            license_type: LicenseType::Desktop,
            keystring: None,
            alias: None,
            external_id: None,
            status: Status::Active,
            quota: 0,
            used_bytes: 0,
            last_backup_at: None,
            source_machine_id: None,
            region: None,
            machine_hash: None,
            details: Details::new(),
        }
    }

    /// Whether it is the pseudo-machine of a synced user.
    pub fn is_sync(&self) -> bool {
        self.keystring.is_none() && self.alias.as_deref() == Some(SYNC_ALIAS)
    }
}

/// What `machine.Create` asks for.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct NewMachine {
    pub user_id: i64,
    pub keystring: Option<String>,
    pub alias: Option<String>,
    pub external_id: Option<String>,
    pub quota_desired: Option<i64>,
    pub region: Option<String>,
    pub machine_hash: Option<String>,
}

/// What machines are searched by.
#[derive(Default)]
pub(in super::super) struct MachineFind<'a> {
    pub id: Option<i64>,
    pub user_id: Option<i64>,
    pub alias: Option<&'a str>,
}

/// What `machine.Update` changes; nothing where `None`.
#[derive(Default)]
pub(in super::super) struct MachinePatch {
    pub quota: Option<i64>,
    pub status: Option<Status>,
    pub source_machine_id: Option<i64>,
    pub external_id: Option<String>,
    pub details: Details,
}

impl World {
    /// Activates a key on a new machine of a user.
    pub(in super::super) fn create_machine(&mut self, scope: Scope, new: NewMachine) -> Result<i64, Fault> {
        let user = self.reach_user(scope, new.user_id)?.clone();
        let mut license = self.key_to_activate(scope, &user, new.keystring.as_deref())?.clone();
        let of_group = self.groups.get(&user.group_id).map(|group| &group.default_quotas);
        let default = of_group.and_then(|quotas| quotas.get(license.license_type.as_str())).copied();
        let quota = new.quota_desired.or(license.quota_desired).or(default).unwrap_or(0);
        if !is_gb(quota) {
            return Err(Fault::invalid("quota_desired makes no sense"));
        }
        self.check_gb(user.group_id, license.license_type, quota - license.promised())?;
        let id = self.take_id();
        license.machine_id = Some(id);
        license.email = license.email.or(Some(user.username));
        self.tell(ObjectKind::Machine, Deed::Created, id, license.keystring.as_str());
        self.put_machine(Machine {
            license_type: license.license_type,
            keystring: Some(license.keystring),
            alias: new.alias,
            external_id: new.external_id,
            quota,
            region: new.region,
            machine_hash: new.machine_hash,
            ..Machine::new(id, user.id, user.group_id)
        });
        self.put_license(license);
        Ok(id)
    }

    /// The key named, or one reserved for the user, in his group and not somebody else's.
    fn key_to_activate(&self, scope: Scope, user: &User, keystring: Option<&str>) -> Result<&License, Fault> {
        let license = match keystring {
            Some(text) => self.reach_license(scope, text.parse()?)?,
            None => {
                let mut keys = self.index.key_emails.of(user.username.to_lowercase());
                let is_his =
                    |license: &&License| license.machine_id.is_none() && license.group_id == user.group_id;
                let found = keys.find_map(|key| self.licenses.get(&key).filter(is_his));
                found.ok_or_else(|| Fault::missing("license key of the user"))?
            }
        };
        match license.state() {
            KeyState::Used => Err(Fault::refused("the license is in use")),
            KeyState::Reserved if !license.is_for(&user.username) => {
                Err(Fault::refused("the license is reserved for somebody else"))
            }
            _ if license.group_id != user.group_id => {
                Err(Fault::refused("the license is of another user group"))
            }
            _ => Ok(license),
        }
    }

    /// The machines that fit.
    pub(in super::super) fn find_machines(&self, scope: Scope, find: &MachineFind) -> Vec<i64> {
        let candidates: Vec<i64> = match (find.id, find.user_id) {
            (Some(id), _) => vec![id],
            (None, Some(user_id)) => self.index.machines.of(user_id).collect(),
            (None, None) => self.machines.keys().copied().collect(),
        };
        let fits = |machine: &Machine| {
            find.user_id.is_none_or(|id| machine.user_id == id)
                && find.alias.is_none_or(|alias| machine.alias.as_deref() == Some(alias))
        };
        candidates.into_iter().filter(|id| self.reach_machine(scope, *id).is_ok_and(fits)).collect()
    }

    /// Changes one machine; more GB must be left in its pool.
    pub(in super::super) fn update_machine(
        &mut self,
        scope: Scope,
        id: i64,
        patch: &MachinePatch,
    ) -> Result<(), Fault> {
        let mut machine = self.reach_machine(scope, id)?.clone();
        let quota = patch.quota.unwrap_or(machine.quota);
        if !is_gb(quota) {
            return Err(Fault::invalid("quota makes no sense"));
        }
        self.check_gb(machine.group_id, machine.license_type, quota - machine.quota)?;
        machine.quota = quota;
        machine.status = patch.status.unwrap_or(machine.status);
        machine.source_machine_id = patch.source_machine_id.or(machine.source_machine_id);
        machine.external_id = patch.external_id.clone().or(machine.external_id);
        machine.details.extend(patch.details.clone());
        self.put_machine(machine);
        Ok(())
    }

    /// Deletes a machine and its backup.
    pub(in super::super) fn delete_machine(&mut self, scope: Scope, id: i64) -> Result<(), Fault> {
        if self.reach_machine(scope, id)?.is_sync() {
            return Err(Fault::refused("the Sync machine goes when sync is turned off"));
        }
        self.destroy_machine(id);
        Ok(())
    }

    /// The machine and its backup go; its key is free, or reserved with the GB it had (switch).
    pub(super) fn destroy_machine(&mut self, id: i64) {
        let Some(machine) = self.drop_machine(id) else { return };
        let name = machine.keystring.as_ref().map_or(SYNC_ALIAS, |key| key.as_str());
        self.tell(ObjectKind::Machine, Deed::Deleted, id, name);
        self.tell_event(Event::BackupLost { machine_id: id, bytes: machine.used_bytes });
        if let Some(mut license) = machine.keystring.and_then(|key| self.licenses.get(&key)).cloned() {
            license.machine_id = None;
            license.quota_desired = Some(machine.quota);
            if self.switches.machine_delete_clears_email == MachineDeleteClearsEmail::Yes {
                license.unassign();
            }
            self.put_license(license);
        }
    }

    /// A backup ran: the machine now holds so many bytes.
    pub(in super::super) fn back_up(&mut self, id: i64, bytes: i64) -> Result<(), Fault> {
        let mut machine = self.machines.get(&id).cloned().ok_or_else(|| Fault::missing("machine"))?;
        machine.used_bytes = bytes.clamp(0, 1 << 50);
        machine.last_backup_at = Some(self.now);
        self.put_machine(machine);
        Ok(())
    }

    /// Puts a machine in place of what it was before, and counts it.
    pub(super) fn put_machine(&mut self, machine: Machine) {
        self.drop_machine(machine.id);
        self.count_machine(&machine, 1);
        self.machines.insert(machine.id, machine);
    }

    pub(super) fn drop_machine(&mut self, id: i64) -> Option<Machine> {
        let machine = self.machines.remove(&id)?;
        self.count_machine(&machine, -1);
        Some(machine)
    }

    fn count_machine(&mut self, machine: &Machine, sign: i64) {
        let put = if sign > 0 { Pairs::add } else { Pairs::remove };
        put(&mut self.index.machines, machine.user_id, machine.id);
        if let Some(group) = self.groups.get_mut(&machine.group_id) {
            let stock = group.stock.of_mut(machine.license_type);
            stock.quota_distributed += sign * machine.quota;
            stock.quota_used_bytes += sign * machine.used_bytes;
        }
    }
}
