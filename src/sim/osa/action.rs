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
    Nothing,
}

impl From<Task> for Done {
    fn from(task: Task) -> Self {
        Self::Task(task)
    }
}

impl Action {
    /// Calls the method.
    #[rustfmt::skip] // one line per method, as above
    pub(super) async fn run(self, sim: &OsaSim) -> Result<Done, Refused> {
        Ok(match self {
            Action::Install(install) => sim.install(install)?.into(),
            Action::Uninstall { instance } => sim.uninstall(instance)?.into(),
            Action::CreateAccount(account) => made(sim.create_account(&account)?),
            Action::CreateStaff { account, staff } => made(sim.create_staff(account, &staff)?),
            Action::CreateServiceUser { account, user } => made(sim.create_service_user(account, &user)?),
            Action::ChangeServiceUser { service_user, edits } => told(&sim.change_service_user(service_user, &edits)?),
            Action::Order(order) => sim.order(&order)?.into(),
            Action::Upgrade { tenant, counters } => sim.upgrade(tenant, &counters)?.into(),
            Action::Configure { resource, edits } => sim.configure(resource, edits)?.into(),
            Action::Suspend { tenant } => sim.suspend(tenant)?.into(),
            Action::Resume { tenant } => sim.resume(tenant)?.into(),
            Action::Terminate { tenant } => sim.terminate(tenant)?.into(),
            Action::ManualRetrieve { tenant } => sim.manual_retrieve(tenant)?.into(),
            Action::GetClientUrl { tenant } => sim.get_client_url(tenant)?.into(),
            Action::SetEnableDisableSync { tenant, switch } => sim.set_enable_disable_sync(tenant, switch)?.into(),
            Action::CheckAvailabilityEmail { tenant, staff } => sim.check_availability_email(tenant, staff)?.into(),
            Action::CreatePartner { tenant, staff } => sim.create_partner(tenant, staff)?.into(),
            Action::SetGroupview { tenant, shown } => sim.set_groupview(tenant, shown)?.into(),
            Action::CreateGroup(group) => sim.create_group(&group)?.into(),
            Action::RenameGroup { group, name } => sim.rename_group(group, &name)?.into(),
            Action::DeleteGroup { group } => sim.delete_group(group)?.into(),
            Action::CreateUser(user) => sim.create_user(&user)?.into(),
            Action::MoveUser { user, group } => sim.move_user(user, &group)?.into(),
            Action::SetUserSync { user, on } => sim.set_user_sync(user, on)?.into(),
            Action::SetUserSyncQuota { user, gigabytes } => sim.set_user_sync_quota(user, gigabytes)?.into(),
            Action::SetUserDisplayName { user, name } => sim.set_user_display_name(user, &name)?.into(),
            Action::EnableUser { user } => sim.enable_user(user)?.into(),
            Action::DisableUser { user } => sim.disable_user(user)?.into(),
            Action::GetUserUrl { user } => sim.get_user_url(user)?.into(),
            Action::RemoveUser { user } => sim.remove_user(user)?.into(),
            Action::CreateLicence(licence) => sim.create_licence(&licence)?.into(),
            Action::ChangeLicence { licence, quota } => sim.change_licence(licence, quota)?.into(),
            Action::RemoveLicence { licence } => sim.remove_licence(licence)?.into(),
            Action::Link { resource, relation, target } => sim.link(resource, &relation, target)?.into(),
            Action::Unlink { resource, relation, target } => sim.unlink(resource, &relation, target)?.into(),
            Action::Rerun { task } => sim.rerun(task)?.into(),
            Action::CollectUsage { instance } => Done::Value(json!(sim.collect_usage(instance).await?)),
            Action::FaultRate { side, fault, rate } => { sim.faults().rate(side, fault, rate); Done::Nothing }
            Action::FaultNext { side, fault, times } => { sim.faults().next(side, fault, times); Done::Nothing }
            Action::FaultsClear => { sim.faults().clear(); Done::Nothing }
            Action::SetDoorOpen { open } => { sim.set_door_open(open); Done::Nothing }
            Action::ClearLog => { sim.clear_log(); Done::Nothing }
        })
    }
}

fn made(id: Uuid) -> Done {
    Done::Value(json!({"id": id}))
}

fn told(tasks: &[Task]) -> Done {
    Done::Value(json!({"tasks": tasks.iter().map(Task::id).collect::<Vec<_>>()}))
}
