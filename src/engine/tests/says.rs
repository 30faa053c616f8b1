//! A call in words, with names instead of ids: what the tests compare lists of writes by.

use crate::domain::partner::Status;
use crate::domain::{Gb, Keystring, MachineId, MozyGroupId, MozyUserId, PartnerId};
use crate::plan::call::PoolChange;
use crate::plan::{Call, Numbered};
use crate::sim::mozy::MozySim;

/// The kind of step that makes this call, and the call in words.
pub fn says(call: &Call, sim: &MozySim) -> (&'static str, String) {
    let names = Names(sim);
    match call {
        Call::CreatePartner { name, admin_email, .. } => {
            ("create_partner", format!("create partner {name} of {admin_email}"))
        }
        Call::UpdatePartner { id, name, sync, default_sync_quota } => {
            let name = name.as_ref().map(|name| format!(" name {name}"));
            let sync = sync.map(|on| format!(" sync {}", on_off(on)));
            let quota = default_sync_quota.map(|quota| format!(" default {}", quota.0));
            let all: String = [name, sync, quota].into_iter().flatten().collect();
            ("update_partner", format!("update partner {}:{all}", names.partner(*id)))
        }
        Call::SetPartnerStatus { id, status } => {
            (account_status(*status), format!("{} partner {}", verb(*status), names.partner(*id)))
        }
        Call::DeletePartner { id } => ("delete_partner", format!("delete partner {}", names.partner(*id))),
        Call::CreateGroup { name, .. } => ("create_group", format!("create group {name}")),
        Call::RenameGroup { id, name } => {
            ("rename_group", format!("rename group {} to {name}", names.group(*id)))
        }
        Call::SetGroupStatus { id, status } => {
            let kind = if names.is_account(*id) { account_status(*status) } else { "resume_group" };
            (kind, format!("{} group {}", verb(*status), names.group(*id)))
        }
        Call::SetGroupSync { id, on } => {
            ("set_group_sync", format!("group {} sync {}", names.group(*id), on_off(*on)))
        }
        Call::SetDefaultGroup { id } => {
            ("set_default_group", format!("group {} is default", names.group(*id)))
        }
        Call::SetNumber { of, number } => {
            let of = match of {
                Numbered::Partner(id) => format!("partner {}", names.partner(*id)),
                Numbered::Group(id) => format!("group {}", names.group(*id)),
                Numbered::User(id) => format!("user {}", names.user(*id)),
            };
            ("set_number", format!("number {} of {of}", number.0))
        }
        Call::DeleteGroup { id } => ("delete_group", format!("delete group {}", names.group(*id))),
        Call::CreateUser { group, login, .. } => {
            ("create_user", format!("create user {login} in {}", names.group(*group)))
        }
        Call::UpdateUser { id, login, full_name } => {
            let login = login.as_ref().map(|login| format!(" login {login}"));
            let name = full_name.as_ref().map(|name| format!(" name {name}"));
            let all: String = [login, name].into_iter().flatten().collect();
            ("update_user", format!("update user {}:{all}", names.user(*id)))
        }
        Call::SetUserStatus { id, status } => (
            if *status == Status::Active { "resume_user" } else { "suspend_user" },
            format!("{} user {}", verb(*status), names.user(*id)),
        ),
        Call::SetUserSync { id, on } => {
            ("set_user_sync", format!("user {} sync {}", names.user(*id), on_off(*on)))
        }
        Call::MoveUser { id, group, .. } => {
            ("move_user", format!("move user {} to {}", names.user(*id), names.group(*group)))
        }
        Call::DeleteUser { id } => ("delete_user", format!("delete user {}", names.user(*id))),
        _ => names.stock(call),
    }
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn verb(status: Status) -> &'static str {
    if status == Status::Active { "resume" } else { "suspend" }
}

fn account_status(status: Status) -> &'static str {
    if status == Status::Active { "resume_account" } else { "suspend_account" }
}

/// Ids to names, as the simulator has them at this moment.
struct Names<'a>(&'a MozySim);

impl Names<'_> {
    /// Calls about keys, machines and pools.
    fn stock(&self, call: &Call) -> (&'static str, String) {
        match call {
            Call::AssignKey { key, login, quota, .. } => {
                ("assign_key", format!("assign {} {} to {login}", self.kind(key), quota.0))
            }
            Call::ResizeKey { key, quota } => {
                ("resize_key", format!("resize key of {} to {}", self.owner(key), quota.0))
            }
            Call::ReaddressKey { key, login } => {
                ("readdress_key", format!("readdress key of {} to {login}", self.owner(key)))
            }
            Call::MoveKey { key, group } => {
                ("move_key", format!("move key of {} to {}", self.owner(key), self.group(*group)))
            }
            Call::ClearKey { key } => ("clear_key", format!("clear key of {}", self.owner(key))),
            Call::ResizeMachine { user, machine, quota } => {
                let what = if self.is_sync(*machine) { "sync" } else { "machine" };
                let kind = if self.is_sync(*machine) { "resize_sync" } else { "resize_machine" };
                (kind, format!("resize {what} of {} to {}", self.user(*user), quota.0))
            }
            Call::DeleteMachine { user, .. } => {
                ("delete_machine", format!("delete machine of {}", self.user(*user)))
            }
            Call::Provision(change) => ("provision", self.change("provision", change)),
            Call::Release(change) => ("release", self.change("release", change)),
            Call::Transfer { from, to, kind, licences, quota, .. } => {
                let (from, to, quota) = (self.group(*from), self.group(*to), quota.0);
                ("transfer", format!("transfer {kind} {licences}+{quota} from {from} to {to}"))
            }
            _ => ("", String::new()),
        }
    }

    fn change(&self, verb: &str, change: &PoolChange) -> String {
        let PoolChange { group, kind, licences, quota: Gb(quota), .. } = change;
        format!("{verb} {kind} {licences}+{quota} in {}", self.group(*group))
    }

    fn partner(&self, id: PartnerId) -> String {
        self.0.partner(id.0).map_or_else(|| "nobody".into(), |partner| partner.name)
    }

    /// A group of a reseller's partner is a customer's account.
    fn is_account(&self, id: MozyGroupId) -> bool {
        let partner = self.0.group(id.0).and_then(|group| self.0.partner(group.partner_id));
        partner.is_some_and(|partner| partner.company_type == "reseller")
    }

    /// Default groups all have the same name.
    fn group(&self, id: MozyGroupId) -> String {
        let Some(group) = self.0.group(id.0) else { return "nowhere".into() };
        let partner = self.0.partner(group.partner_id);
        let is_home = partner.is_some_and(|partner| partner.default_group_id == id.0);
        if is_home { "home".into() } else { group.name }
    }

    fn user(&self, id: MozyUserId) -> String {
        self.0.user(id.0).map_or_else(|| "nobody".into(), |user| user.username)
    }

    fn owner(&self, key: &Keystring) -> String {
        self.0.license(&key.0).and_then(|license| license.email).unwrap_or_else(|| "nobody".into())
    }

    fn kind(&self, key: &Keystring) -> &'static str {
        self.0.license(&key.0).map_or("missing", |license| license.license_type.as_str())
    }

    fn is_sync(&self, id: MachineId) -> bool {
        self.0.with(|world| world.machines.get(&id.0).is_some_and(|machine| machine.is_sync()))
    }
}
