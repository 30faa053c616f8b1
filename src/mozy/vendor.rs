//! The vendor over SOAP: a read is whole and healthy or an error, and a write says what may be believed of it.
//!
//! One file per kind turns Mozy's structs into our words and asks for them; `calls` turns a [`Call`] into its request,
//! `classes` a failed call into a [`VendorError`], and `probe` tells "not found" from "not well".

use std::sync::Arc;
use std::time::Instant;

use tracing::debug;

use super::client::{Client, Fence, Request};
use super::error::{CallError, Failure};
use super::hooks::Gate;
use crate::domain::group::ObservedGroup;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::partner::Partner;
use crate::domain::pool::Stock;
use crate::domain::user::ObservedUser;
use crate::domain::{Keystring, LicenceKind, MozyGroupId, MozyUserId, PartnerId, PerKind, Presence};
use crate::plan::Call;
use crate::ports::look::{Echo, Question};
use crate::ports::vendor::Made;
use crate::ports::{Vendor, VendorError};
use probe::Probe;

mod admin;
mod answer;
mod calls;
mod classes;
mod group;
mod licence;
mod machine;
mod partner;
mod pool;
mod probe;
#[cfg(test)]
mod tests;
mod user;

/// Mozy, with one credential. Clone it rather than make two of the same: clones share their probes.
#[derive(Clone)]
pub struct Mozy {
    client: Client,
    root_partner: Option<PartnerId>,
    root_role: Option<i64>,
    probe: Arc<Probe>,
}

impl Mozy {
    /// `client` carries the credential, its budget and its observer. New partners go under `root_partner`, or under
    /// the key's own partner when there is none; it is also what is read to see whether Mozy is well. Their admins
    /// get `root_role`, or what Mozy gives by itself.
    pub fn new(client: Client, root_partner: Option<PartnerId>, root_role: Option<i64>) -> Self {
        Self { client, root_partner, root_role, probe: Arc::new(Probe::new(root_partner)) }
    }

    /// The same, sending no write once `fence` says no.
    pub fn fenced(&self, fence: Fence) -> Self {
        Self { client: self.client.fenced(fence), ..self.clone() }
    }

    /// The same through another gate.
    pub fn through(&self, gate: Arc<dyn Gate>) -> Self {
        Self { client: self.client.through(gate), ..self.clone() }
    }

    /// The same with an ear of its own: see [`Vendor::echo`].
    pub fn hearing(&self) -> Self {
        Self { client: self.client.heard_by(Arc::default()), ..self.clone() }
    }

    /// Looks whether Mozy is well.
    ///
    /// # Errors
    /// Why our own root partner cannot be read.
    pub async fn look(&self) -> Result<(), VendorError> {
        self.probe.since(Instant::now(), &self.client).await
    }

    /// What a Get found. A fault means that it found nothing, once our root partner could be read after it
    /// (contract, section 3, Faults).
    async fn found<T, R: Request<Answer = Vec<T>>>(&self, get: &R) -> Result<Vec<T>, VendorError> {
        match self.client.call(get).await {
            Err(CallError { operation, failure: Failure::Rejected { fault } }) => {
                self.probe.since(Instant::now(), &self.client).await?;
                debug!(%operation, fault, "mozy is well, so its fault means: not found");
                Ok(Vec::new())
            }
            answer => answer.map_err(classes::of_read),
        }
    }
}

impl Vendor for Mozy {
    async fn partner(&self, id: PartnerId) -> Result<Presence<Partner>, VendorError> {
        partner::get(self, id).await
    }

    async fn find_partners(&self, admin: &str) -> Result<Vec<Partner>, VendorError> {
        partner::find(self, admin).await
    }

    async fn groups(&self, id: PartnerId) -> Result<Vec<ObservedGroup>, VendorError> {
        group::list(self, id).await
    }

    async fn group(&self, id: MozyGroupId) -> Result<Presence<ObservedGroup>, VendorError> {
        group::get(self, id).await
    }

    async fn users(&self, group: MozyGroupId) -> Result<Vec<ObservedUser>, VendorError> {
        user::list(self, group).await
    }

    async fn user(&self, id: MozyUserId) -> Result<Presence<ObservedUser>, VendorError> {
        user::get(self, id).await
    }

    async fn find_users(&self, login: &str) -> Result<Vec<ObservedUser>, VendorError> {
        user::find(self, login).await
    }

    async fn licences(&self, group: MozyGroupId) -> Result<Vec<ObservedLicence>, VendorError> {
        licence::list(self, group).await
    }

    async fn licence(&self, key: &Keystring) -> Result<Presence<ObservedLicence>, VendorError> {
        licence::get(self, key).await
    }

    async fn free_keys(&self, group: MozyGroupId, kind: LicenceKind) -> Result<Vec<Keystring>, VendorError> {
        licence::free(self, group, kind).await
    }

    async fn stock(&self, partner: PartnerId, group: MozyGroupId) -> Result<PerKind<Stock>, VendorError> {
        pool::stock(self, partner, group).await
    }

    async fn machines(&self, user: MozyUserId) -> Result<Vec<Machine>, VendorError> {
        machine::list(self, user).await
    }

    async fn admin_exists(&self, email: &str) -> Result<bool, VendorError> {
        admin::exists(self, email).await
    }

    async fn admin_link(&self, partner: PartnerId, email: &str) -> Result<Presence<String>, VendorError> {
        admin::link(self, partner, email).await
    }

    async fn user_link(&self, id: MozyUserId) -> Result<Presence<String>, VendorError> {
        user::link(self, id).await
    }

    async fn hear(&self, question: Question) -> Result<(), VendorError> {
        let written = match question {
            Question::Partner(id) => self.client.write(&partner::by_id(id)),
            Question::Groups(id) => self.client.write(&group::of_partner(id)),
            Question::Group(id) => self.client.write(&group::by_id(id)),
            Question::Users(group) => self.client.write(&user::of_group(group)),
            Question::Licences(group) => self.client.write(&licence::of_group(group)),
            Question::Stock(partner, group) => self.client.write(&pool::of_group(partner, group)),
        };
        self.client.hear(written).await.map_err(classes::of_read)
    }

    fn echo(&self) -> Option<Echo> {
        self.client.ear()?.echo()
    }

    async fn perform(&self, call: &Call) -> Result<Made, VendorError> {
        calls::perform(self, call).await
    }
}
