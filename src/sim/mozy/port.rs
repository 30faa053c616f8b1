//! The in-process door in our words: the simulator as a [`Vendor`], for tests of the engine. Written from the contract;
//! shares nothing with the SOAP client.
//!
//! A fault on a Get is an absence: without a line in between there is no doubt whether Mozy is well, unless an injected
//! fault says so.

use chrono::TimeDelta;

use super::{
    fault::Fault,
    sim::MozySim,
    value::{Parts, Value, parts},
};
use crate::domain::group::ObservedGroup;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::partner::Partner;
use crate::domain::pool::Stock;
use crate::domain::user::{ObservedUser, same_login};
use crate::domain::{Keystring, LicenceKind, MozyGroupId, MozyUserId, PartnerId, PerKind, Presence};
use crate::plan::Call;
use crate::ports::vendor::Made;
use crate::ports::{Vendor, VendorError};

mod classes;
mod perform;
mod read;
mod sparse;

/// A simulator with one api key.
#[derive(Clone)]
pub struct MozyPort {
    sim: MozySim,
    api_key: String,
    root: PartnerId,
    pace: TimeDelta,
}

impl MozyPort {
    /// The root partner's door.
    pub fn new(sim: MozySim) -> Self {
        let (api_key, root) = (sim.api_key(), PartnerId(sim.root_partner_id()));
        Self { sim, api_key, root, pace: TimeDelta::zero() }
    }

    /// The same, where each call takes so long by the simulator's clock.
    pub fn with_pace(self, pace: TimeDelta) -> Self {
        Self { pace, ..self }
    }

    fn call(&self, operation: &str, parts: Parts) -> Result<Value, Fault> {
        if self.pace > TimeDelta::zero() {
            self.sim.advance(self.pace);
        }
        self.sim.call(&self.api_key, operation, parts)
    }

    /// A Get: what it found, nothing where it faults.
    fn get<T>(
        &self,
        operation: &str,
        parts: Parts,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, VendorError> {
        match self.call(operation, parts) {
            Ok(answer) => Ok(answer.results().into_iter().filter_map(read).collect()),
            Err(fault) => classes::of_read(fault).map(|()| Vec::new()),
        }
    }

    fn get_one<T>(
        &self,
        operation: &str,
        parts: Parts,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Presence<T>, VendorError> {
        let found = self.get(operation, parts, read)?;
        Ok(found.into_iter().next().map_or(Presence::Absent, Presence::Present))
    }
}

/// The parts of a Get by id, with what is asked for beside.
fn by_id(id: i64, details: Option<&'static str>) -> Parts {
    let details = details.map_or(Value::Nil, |detail| Value::list("string", [detail.into()]));
    parts([("id", id.into()), ("search", Value::Nil), ("details", details)])
}

/// The parts of a Get by search.
fn by_search<const N: usize>(of: &'static str, fields: [(&'static str, Value); N]) -> Parts {
    parts([("id", Value::Nil), ("search", Value::record(of, fields))])
}

fn licences_of(group: MozyGroupId, free: Option<LicenceKind>) -> Parts {
    let search = Value::record(
        "LicenseFind",
        [
            ("status", free.map(|_| "free".to_owned()).into()),
            ("license_type", free.map(|kind| kind.as_str().to_owned()).into()),
            ("user_group_id", group.0.into()),
        ],
    );
    parts([("keystring", Value::Nil), ("search", search)])
}

impl Vendor for MozyPort {
    async fn partner(&self, id: PartnerId) -> Result<Presence<Partner>, VendorError> {
        self.get_one("partner.Get", by_id(id.0, None), read::partner)
    }

    async fn find_partners(&self, admin: &str) -> Result<Vec<Partner>, VendorError> {
        let search = by_search("PartnerFind", [("root_admin_username", admin.into())]);
        let found = self.get("partner.Get", search, read::partner)?;
        let is_his = |partner: &Partner| partner.admin.as_deref().is_some_and(|name| same_login(name, admin));
        Ok(found.into_iter().filter(is_his).collect())
    }

    async fn groups(&self, id: PartnerId) -> Result<Vec<ObservedGroup>, VendorError> {
        let search = by_search("UserGroupFind", [("partner_id", id.0.into())]);
        self.get("user_group.Get", search, read::group)
    }

    async fn group(&self, id: MozyGroupId) -> Result<Presence<ObservedGroup>, VendorError> {
        self.get_one("user_group.Get", parts([("id", id.0.into()), ("search", Value::Nil)]), read::group)
    }

    async fn users(&self, group: MozyGroupId) -> Result<Vec<ObservedUser>, VendorError> {
        self.get("user.Get", by_search("UserFind", [("user_group_id", group.0.into())]), read::user)
    }

    async fn user(&self, id: MozyUserId) -> Result<Presence<ObservedUser>, VendorError> {
        self.get_one("user.Get", by_id(id.0, None), read::user)
    }

    async fn find_users(&self, login: &str) -> Result<Vec<ObservedUser>, VendorError> {
        let found = self.get("user.Get", by_search("UserFind", [("username", login.into())]), read::user)?;
        Ok(found.into_iter().filter(|user| same_login(&user.username, login)).collect())
    }

    async fn licences(&self, group: MozyGroupId) -> Result<Vec<ObservedLicence>, VendorError> {
        self.get("resource.GetLicenses", licences_of(group, None), read::licence)
    }

    async fn licence(&self, key: &Keystring) -> Result<Presence<ObservedLicence>, VendorError> {
        let one = parts([("keystring", key.0.as_str().into()), ("search", Value::Nil)]);
        self.get_one("resource.GetLicenses", one, read::licence)
    }

    async fn free_keys(&self, group: MozyGroupId, kind: LicenceKind) -> Result<Vec<Keystring>, VendorError> {
        let found = self.get("resource.GetLicenses", licences_of(group, Some(kind)), read::licence)?;
        Ok(found.into_iter().map(|licence| licence.key).collect())
    }

    async fn stock(&self, partner: PartnerId, group: MozyGroupId) -> Result<PerKind<Stock>, VendorError> {
        let of = parts([("partner_id", partner.0.into()), ("user_group_id", group.0.into())]);
        match self.call("resource.GetResources", of) {
            Ok(answer) => Ok(read::stock(&answer)),
            // What a group that cannot be read has is not known; it is not nothing.
            Err(fault) => {
                let text = fault.text.clone();
                classes::of_read(fault).and(Err(VendorError::Unreachable(text)))
            }
        }
    }

    async fn machines(&self, user: MozyUserId) -> Result<Vec<Machine>, VendorError> {
        let search = by_search("MachineFind", [("user_id", user.0.into())]);
        self.get("machine.Get", search, read::machine)
    }

    async fn admin_exists(&self, email: &str) -> Result<bool, VendorError> {
        let search = by_search("AdminFind", [("username", email.into())]);
        let found = self.get("admin.Get", search, |admin| read::text(admin, "username"))?;
        Ok(found.iter().any(|name| same_login(name, email)))
    }

    async fn admin_link(&self, partner: PartnerId, email: &str) -> Result<Presence<String>, VendorError> {
        let mut search = by_search("AdminFind", [("username", email.into())]);
        search.push(("details".into(), Value::list("string", ["login_href".into()])));
        self.get_one("admin.Get", search, |admin| read::link(admin).filter(|_| read::is_of(admin, partner)))
    }

    async fn user_link(&self, id: MozyUserId) -> Result<Presence<String>, VendorError> {
        self.get_one("user.Get", by_id(id.0, Some("login_href")), read::link)
    }

    async fn perform(&self, call: &Call) -> Result<Made, VendorError> {
        let (operation, parts) = perform::request(call, self.root, self.sim.root_role_id());
        match self.call(operation, parts) {
            Ok(Value::Int(0)) if operation.ends_with("Update") || operation.ends_with("UpdateLicenses") => {
                Err(VendorError::Rejected("nothing matched".to_owned()))
            }
            Ok(answer) => Ok(Made { id: answer.int().filter(|_| operation.ends_with("Create")) }),
            Err(fault) => Err(classes::of_write(fault)),
        }
    }
}
