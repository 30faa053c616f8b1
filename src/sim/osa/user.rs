//! What is done to a user of the application.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::names::{SERVICE_USER, Service};
use super::operation::Operation;
use super::refused::Refused;
use super::resource::{Resource, Status};
use super::sim::OsaSim;
use super::task::Task;

const USER: Service = Service::MozyProAccountUser;

/// A user to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// Of which tenant.
    pub tenant: Uuid,
    /// For which service user.
    pub service_user: Uuid,
    /// `user_group_id`: empty for the default group, a Mozy group id, or the APS id of a group.
    #[serde(default)]
    pub group: String,
    /// `enableSync`, if said at all.
    #[serde(default)]
    pub enable_sync: Option<bool>,
}

impl OsaSim {
    /// Makes a user: `POST /mozyProAccountUser`. The task's resource is the user.
    pub fn create_user(&self, new: &NewUser) -> Result<Task, Refused> {
        if self.resource(new.service_user).is_none_or(|user| user.type_id != SERVICE_USER) {
            return Err(Refused::Unknown { what: "the service user", id: new.service_user });
        }
        let mut properties = json!({"user_group_id": new.group});
        if let Some(on) = new.enable_sync {
            properties["enableSync"] = json!(on);
        }
        let user = Resource::new(USER.type_id(), Status::Provisioning, properties)
            .linked("user", new.service_user)
            .linked("mozyProAccount", new.tenant);
        self.begin(Operation::create("create user", USER, user))
    }

    /// Moves a user to a group, named as in [`NewUser::group`].
    pub fn move_user(&self, user: Uuid, group: &str) -> Result<Task, Refused> {
        self.edit(USER, user, "user_group_id", json!(group))
    }

    /// Sync on or off for a user.
    pub fn set_user_sync(&self, user: Uuid, on: bool) -> Result<Task, Refused> {
        self.edit(USER, user, "enableSync", json!(on))
    }

    /// The sync quota of a user, GB.
    pub fn set_user_sync_quota(&self, user: Uuid, gigabytes: u64) -> Result<Task, Refused> {
        self.edit(USER, user, "syncQuota", json!(gigabytes))
    }

    /// The name that is shown of a user.
    pub fn set_user_display_name(&self, user: Uuid, name: &str) -> Result<Task, Refused> {
        self.edit(USER, user, "displayName", json!(name))
    }

    /// Activates a suspended user.
    pub fn enable_user(&self, user: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::custom("activate user", USER, user, Method::POST, "enableuser"))
    }

    /// Suspends a user.
    pub fn disable_user(&self, user: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::custom("suspend user", USER, user, Method::POST, "disableuser"))
    }

    /// The user's own link: the task's answer.
    pub fn get_user_url(&self, user: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::custom("user's link", USER, user, Method::GET, "getUserUrl"))
    }

    /// Removes a user.
    pub fn remove_user(&self, user: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::remove(USER, user).named("remove user"))
    }
}
