//! Every method of the control surface as one value, so that `/_sim/` needs one handler.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::counters::Counters;
use super::faults::{Fault, Side};
use super::group::NewGroup;
use super::instance::Install;
use super::licence::NewLicence;
use super::people::{NewAccount, NewServiceUser, NewStaff};
use super::refused::Refused;
use super::sim::OsaSim;
use super::task::Task;
use super::tenant::{Order, SyncSwitch};
use super::user::NewUser;

/// What may be posted to `/_sim/{action}`: the name in the path, the fields in the body.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[rustfmt::skip] // one line per method
pub(super) enum Action {
    Install(Install),
    Uninstall { instance: Uuid },
    CreateAccount(NewAccount),
    CreateStaff { account: Uuid, #[serde(flatten)] staff: NewStaff },
    CreateServiceUser { account: Uuid, #[serde(flatten)] user: NewServiceUser },
    ChangeServiceUser { service_user: Uuid, edits: Map<String, Value> },
    Order(Order),
    Upgrade { tenant: Uuid, counters: Counters },
    Configure { resource: Uuid, #[serde(default)] edits: Map<String, Value> },
    Suspend { tenant: Uuid },
    Resume { tenant: Uuid },
    Terminate { tenant: Uuid },
    ManualRetrieve { tenant: Uuid },
    GetClientUrl { tenant: Uuid },
    SetEnableDisableSync { tenant: Uuid, switch: SyncSwitch },
    CheckAvailabilityEmail { tenant: Uuid, staff: Uuid },
    CreatePartner { tenant: Uuid, staff: Uuid },
    SetGroupview { tenant: Uuid, shown: bool },
    CreateGroup(NewGroup),
    RenameGroup { group: Uuid, name: String },
    DeleteGroup { group: Uuid },
    CreateUser(NewUser),
    MoveUser { user: Uuid, group: String },
    SetUserSync { user: Uuid, on: bool },
    SetUserSyncQuota { user: Uuid, gigabytes: u64 },
    SetUserDisplayName { user: Uuid, name: String },
    EnableUser { user: Uuid },
    DisableUser { user: Uuid },
    GetUserUrl { user: Uuid },
    RemoveUser { user: Uuid },
    CreateLicence(NewLicence),
    ChangeLicence { licence: Uuid, quota: u64 },
    RemoveLicence { licence: Uuid },
    Link { resource: Uuid, relation: String, target: Uuid },
    Unlink { resource: Uuid, relation: String, target: Uuid },
    Rerun { task: u64 },
    CollectUsage { instance: Uuid },
    FaultRate { side: Side, fault: Fault, rate: f64 },
    FaultNext { side: Side, fault: Fault, times: u32 },
    FaultsClear,
    SetDoorOpen { open: bool },
    ClearLog,
}

/// What an action gave.
pub(super) enum Done {
    Task(Task),
    Value(Value),
}

impl Action {
    /// Calls the method.
    #[rustfmt::skip] // one line per method, as above
    pub(super) async fn run(self, sim: &OsaSim) -> Result<Done, Refused> {
        let task = match self {
            Action::Install(install) => sim.install(install),
            Action::Uninstall { instance } => sim.uninstall(instance),
            Action::Order(order) => sim.order(&order),
            Action::Upgrade { tenant, counters } => sim.upgrade(tenant, &counters),
            Action::Configure { resource, edits } => sim.configure(resource, edits),
            Action::Suspend { tenant } => sim.suspend(tenant),
            Action::Resume { tenant } => sim.resume(tenant),
            Action::Terminate { tenant } => sim.terminate(tenant),
            Action::ManualRetrieve { tenant } => sim.manual_retrieve(tenant),
            Action::GetClientUrl { tenant } => sim.get_client_url(tenant),
            Action::SetEnableDisableSync { tenant, switch } => sim.set_enable_disable_sync(tenant, switch),
            Action::CheckAvailabilityEmail { tenant, staff } => sim.check_availability_email(tenant, staff),
            Action::CreatePartner { tenant, staff } => sim.create_partner(tenant, staff),
            Action::SetGroupview { tenant, shown } => sim.set_groupview(tenant, shown),
            Action::CreateGroup(group) => sim.create_group(&group),
            Action::RenameGroup { group, name } => sim.rename_group(group, &name),
            Action::DeleteGroup { group } => sim.delete_group(group),
            Action::CreateUser(user) => sim.create_user(&user),
            Action::MoveUser { user, group } => sim.move_user(user, &group),
            Action::SetUserSync { user, on } => sim.set_user_sync(user, on),
            Action::SetUserSyncQuota { user, gigabytes } => sim.set_user_sync_quota(user, gigabytes),
            Action::SetUserDisplayName { user, name } => sim.set_user_display_name(user, &name),
            Action::EnableUser { user } => sim.enable_user(user),
            Action::DisableUser { user } => sim.disable_user(user),
            Action::GetUserUrl { user } => sim.get_user_url(user),
            Action::RemoveUser { user } => sim.remove_user(user),
            Action::CreateLicence(licence) => sim.create_licence(&licence),
            Action::ChangeLicence { licence, quota } => sim.change_licence(licence, quota),
            Action::RemoveLicence { licence } => sim.remove_licence(licence),
            Action::Link { resource, relation, target } => sim.link(resource, &relation, target),
            Action::Unlink { resource, relation, target } => sim.unlink(resource, &relation, target),
            Action::Rerun { task } => sim.rerun(task),
            other => return other.at_once(sim).await.map(Done::Value),
        };
        task.map(Done::Task)
    }

    async fn at_once(self, sim: &OsaSim) -> Result<Value, Refused> {
        match self {
            Action::CreateAccount(account) => return Ok(json!({"id": sim.create_account(&account)?})),
            Action::CreateStaff { account, staff } => {
                return Ok(json!({"id": sim.create_staff(account, &staff)?}));
            }
            Action::CreateServiceUser { account, user } => {
                return Ok(json!({"id": sim.create_service_user(account, &user)?}));
            }
            Action::ChangeServiceUser { service_user, edits } => {
                let tasks = sim.change_service_user(service_user, &edits)?;
                return Ok(json!({"tasks": tasks.iter().map(Task::id).collect::<Vec<_>>()}));
            }
            Action::CollectUsage { instance } => return Ok(json!(sim.collect_usage(instance).await?)),
            Action::FaultRate { side, fault, rate } => sim.faults().rate(side, fault, rate),
            Action::FaultNext { side, fault, times } => sim.faults().next(side, fault, times),
            Action::FaultsClear => sim.faults().clear(),
            Action::SetDoorOpen { open } => sim.set_door_open(open),
            Action::ClearLog => sim.clear_log(),
            _ => {}
        }
        Ok(json!({}))
    }
}
