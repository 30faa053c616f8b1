//! What is done to a licence.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::names::Service;
use super::operation::Operation;
use super::refused::Refused;
use super::resource::{Resource, Status};
use super::sim::OsaSim;
use super::task::Task;

const LICENCE: Service = Service::MozyProAccountUserLicense;

/// `licenseType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LicenceKind {
    /// For a desktop.
    Desktop,
    /// For a server.
    Server,
}

/// A licence to be made.
#[derive(Clone, Debug, Deserialize)]
pub struct NewLicence {
    /// Of which user of the application.
    pub user: Uuid,
    /// `licenseType`.
    pub kind: LicenceKind,
    /// `quota`, GB.
    pub quota: u64,
}

impl OsaSim {
    /// Makes a licence: `POST /mozyProAccountUserLicense`. The task's resource is the licence.
    pub fn create_licence(&self, new: &NewLicence) -> Result<Task, Refused> {
        let properties = json!({"licenseType": new.kind, "quota": new.quota});
        let licence = Resource::new(LICENCE.type_id(), Status::Provisioning, properties)
            .linked("mozyProAccountUser", new.user);
        self.begin(Operation::create("create licence", LICENCE, licence))
    }

    /// Gives a licence another quota, GB.
    pub fn change_licence(&self, licence: Uuid, quota: u64) -> Result<Task, Refused> {
        self.edit(LICENCE, licence, "quota", json!(quota))
    }

    /// Removes a licence.
    pub fn remove_licence(&self, licence: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::remove(LICENCE, licence).named("remove licence"))
    }
}
