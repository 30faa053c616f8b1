//! Steps about the account itself and its groups.

use super::{Answer, Resolved, Resolver, blocked, call};
use crate::domain::group::ObservedGroup;
use crate::domain::licence::ObservedLicence;
use crate::domain::partner::{Partner, Status};
use crate::domain::subscription::Model;
use crate::domain::user::same_login;
use crate::domain::{LicenceKind, MozyGroupId, PartnerId, Presence, Reason};
use crate::engine::observe::{Blind, listed_groups};
use crate::plan::account::partner_sync;
use crate::plan::{Action, Call};
use crate::ports::{Vendor, VendorError};

fn still_there(group: &ObservedGroup) -> String {
    format!(
        "the reseller's group {} still has users at Mozy, whose backups would go with the partner; when they are gone \
         from there, it goes by itself",
        group.name
    )
}

impl<V: Vendor> Resolver<'_, V> {
    pub(super) fn create_partner(&self) -> Call {
        let subscription = &self.desired.subscription;
        Call::CreatePartner {
            name: subscription.company.clone(),
            reseller: matches!(subscription.model, Model::Reseller(_)),
            admin_email: subscription.admin.email.clone(),
            admin_name: subscription.admin.full_name.clone(),
            number: subscription.number,
            sync: partner_sync(subscription),
            default_sync_quota: subscription.bought.sync_default_quota,
        }
    }

    pub(super) async fn partner(&mut self, action: &Action) -> Answer {
        let Some(id) = self.partner_id() else { return blocked("there is no partner yet") };
        let customer = matches!(self.desired.subscription.model, Model::Customer(_));
        match action {
            Action::UpdatePartner { name, sync, default_sync_quota } => call(Call::UpdatePartner {
                id,
                name: name.clone(),
                sync: *sync,
                default_sync_quota: *default_sync_quota,
            }),
            Action::SetAccountStatus(status) if customer => match self.home().await? {
                Some(id) => call(Call::SetGroupStatus { id, status: *status }),
                None => blocked("there is no group yet"),
            },
            Action::SetAccountStatus(status) => call(Call::SetPartnerStatus { id, status: *status }),
            _ => self.delete_partner(id).await,
        }
    }

    async fn delete_partner(&self, id: PartnerId) -> Answer {
        let Presence::Present(seen) = self.vendor.partner(id).await? else { return Ok(Resolved::Already) };
        if !self.is_ours(&seen) {
            return blocked("the partner carries neither our number nor our admin; it is not deleted");
        }
        match self.customers_group(&seen).await? {
            Some(group) => Ok(Resolved::Blocked(Reason::GroupNotEmpty, still_there(&group))),
            None => call(Call::DeletePartner { id }),
        }
    }

    /// A group of a reseller's, other than his own, that is still inhabited. A customer whom we forgot or never knew would
    /// lose his backups by the reseller's decision.
    async fn customers_group(&self, partner: &Partner) -> Result<Option<ObservedGroup>, VendorError> {
        if !matches!(self.desired.subscription.model, Model::Reseller(_)) {
            return Ok(None);
        }
        let own = [partner.default_group, self.desired.subscription.home_group];
        for group in listed_groups(self.vendor, partner).await.map_err(Blind::error)? {
            if !own.contains(&Some(group.id)) && self.is_inhabited(partner.id, group.id).await? {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    /// Whether there are users in a group, or keys of it in use: one empty list alone is no reason to delete anything.
    async fn is_inhabited(&self, partner: PartnerId, group: MozyGroupId) -> Result<bool, VendorError> {
        if !self.vendor.users(group).await?.is_empty() {
            return Ok(true);
        }
        let stock = self.vendor.stock(partner, group).await?;
        Ok(LicenceKind::ALL.into_iter().any(|kind| stock.of(kind).used > 0))
    }

    /// It is the one that we are bound to; a number that somebody edited says nothing against our admin.
    fn is_ours(&self, seen: &Partner) -> bool {
        let subscription = &self.desired.subscription;
        let admin = seen.admin.as_deref().is_some_and(|admin| same_login(admin, &subscription.admin.email));
        subscription.number.owns(seen.external_id.as_deref()) || admin
    }

    pub(super) async fn group(&mut self, action: &Action) -> Answer {
        let place = match action {
            Action::CreateGroup { name, sync, .. } => {
                let Some(partner) = self.partner_id() else { return blocked("there is no partner yet") };
                let number = self.desired.subscription.number;
                return call(Call::CreateGroup { partner, name: name.clone(), sync: *sync, number });
            }
            Action::SetGroupSync { group, on } => return call(Call::SetGroupSync { id: *group, on: *on }),
            Action::SetDefaultGroup { group } => return call(Call::SetDefaultGroup { id: *group }),
            Action::ResumeGroup { group } => {
                return call(Call::SetGroupStatus { id: *group, status: Status::Active });
            }
            Action::RenameGroup { place, .. } | Action::DeleteGroup { place } => *place,
            _ => return blocked("not a step about a group"),
        };
        let Some(id) = self.place(place).await? else { return blocked("the group does not exist yet") };
        match action {
            Action::RenameGroup { name, .. } => call(Call::RenameGroup { id, name: name.clone() }),
            _ => self.delete_group(id).await,
        }
    }

    async fn delete_group(&self, id: MozyGroupId) -> Answer {
        let Some(partner) = self.partner_id() else { return blocked("there is no partner yet") };
        if self.vendor.group(id).await? == Presence::Absent {
            return Ok(Resolved::Already);
        }
        if self.is_inhabited(partner, id).await? {
            return blocked("the group still has users, or keys in use");
        }
        match self.vendor.licences(id).await?.iter().all(ObservedLicence::is_free) {
            true => call(Call::DeleteGroup { id }),
            false => blocked("the group still has keys that are assigned or in use"),
        }
    }
}
