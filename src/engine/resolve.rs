//! Resolving: from a step to the call that makes it true, by a fresh look just before it. Deltas are computed here and
//! nowhere else; whatever a delete would destroy is checked once more to be ours.

use crate::domain::observed::Account;
use crate::domain::partner::Partner;
use crate::domain::pool::Stock;
use crate::domain::subscription::Model;
use crate::domain::user::same_login;
use crate::domain::{
    Desired, Gb, Keystring, LicenceKind, MachineId, MozyGroupId, MozyUserId, PartnerId, Presence, UserId,
};
use crate::plan::account::partner_sync;
use crate::plan::call::PoolChange;
use crate::plan::{Action, Call, Place, Step, Subject};
use crate::ports::{Vendor, VendorError};
use std::collections::BTreeSet;

/// What a step comes to.
#[derive(Debug)]
pub(super) enum Resolved {
    /// This call makes it true.
    Call(Call),
    /// It is true already.
    Already,
    /// It cannot be done now; the next look plans anew.
    Blocked(String),
}

/// What is known while a plan runs: ids appear as things are made.
pub(super) struct Resolver<'a, V> {
    /// Mozy.
    pub vendor: &'a V,
    /// Wishes, with the ids learned so far.
    pub desired: &'a mut Desired,
    /// What the plan was made from.
    pub account: Option<&'a Account>,
    /// Keys given away in this run: a slow read may still call them free.
    pub picked: BTreeSet<Keystring>,
}

type Answer = Result<Resolved, VendorError>;

fn blocked(why: impl Into<String>) -> Answer {
    Ok(Resolved::Blocked(why.into()))
}

fn call(call: Call) -> Answer {
    Ok(Resolved::Call(call))
}

impl<V: Vendor> Resolver<'_, V> {
    /// The call for a step.
    pub(super) async fn resolve(&mut self, step: &Step) -> Answer {
        match (&step.action, step.subject) {
            (Action::CreatePartner { .. }, _) => call(self.create_partner()),
            (Action::CreateUser { .. } | Action::DeleteUser | Action::MoveUser { .. }, Subject::User(id))
            | (
                Action::UpdateUser { .. } | Action::SetUserStatus(_) | Action::SetUserSync(_),
                Subject::User(id),
            )
            | (Action::ResizeSync { .. }, Subject::User(id)) => self.user(&step.action, id).await,
            (Action::Provision { licences, quota }, Subject::Pool(kind)) => {
                self.resize(kind, *licences, *quota, 1).await
            }
            (Action::Release { licences, quota }, Subject::Pool(kind)) => {
                self.resize(kind, *licences, *quota, -1).await
            }
            (Action::Transfer { from, to, licences, quota }, Subject::Pool(kind)) => {
                self.transfer(kind, *from, *to, (*licences, *quota)).await
            }
            (
                action @ (Action::CreateGroup { .. }
                | Action::RenameGroup { .. }
                | Action::DeleteGroup { .. }),
                _,
            )
            | (action @ Action::SetGroupSync { .. }, _) => self.group(action).await,
            (
                action @ (Action::UpdatePartner { .. } | Action::SetAccountStatus(_) | Action::DeletePartner),
                _,
            ) => self.partner(action).await,
            (action, _) => self.key(action).await,
        }
    }

    fn create_partner(&self) -> Call {
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

    async fn partner(&mut self, action: &Action) -> Answer {
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
            _ => match self.vendor.partner(id).await? {
                Presence::Absent => Ok(Resolved::Already),
                Presence::Present(seen) if self.is_ours(&seen) => call(Call::DeletePartner { id }),
                Presence::Present(_) => {
                    blocked("the partner carries neither our number nor our admin; it is not deleted")
                }
            },
        }
    }

    fn is_ours(&self, seen: &Partner) -> bool {
        let subscription = &self.desired.subscription;
        let admin = seen.admin.as_deref().is_some_and(|admin| same_login(admin, &subscription.admin.email));
        subscription.number.owns(seen.external_id.as_deref()) || (seen.external_id.is_none() && admin)
    }

    async fn group(&mut self, action: &Action) -> Answer {
        let place = match action {
            Action::CreateGroup { name, sync, .. } => {
                let Some(partner) = self.partner_id() else { return blocked("there is no partner yet") };
                let number = self.desired.subscription.number;
                return call(Call::CreateGroup { partner, name: name.clone(), sync: *sync, number });
            }
            Action::SetGroupSync { group, on } => return call(Call::SetGroupSync { id: *group, on: *on }),
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
        if self.vendor.group(id).await? == Presence::Absent {
            return Ok(Resolved::Already);
        }
        if self.vendor.users(id).await?.is_empty() {
            call(Call::DeleteGroup { id })
        } else {
            blocked("the group still has users")
        }
    }

    async fn user(&mut self, action: &Action, user: UserId) -> Answer {
        if let Action::CreateUser { login, full_name, place } = action {
            let Some(group) = self.place(*place).await? else {
                return blocked("the user's group does not exist yet");
            };
            let number = self.desired.subscription.number;
            return call(Call::CreateUser {
                group,
                login: login.clone(),
                full_name: full_name.clone(),
                number,
            });
        }
        let Some(id) = self.user_id(user) else { return blocked("the user does not exist yet") };
        match action {
            Action::UpdateUser { login, full_name } => {
                call(Call::UpdateUser { id, login: login.clone(), full_name: full_name.clone() })
            }
            Action::SetUserStatus(status) => call(Call::SetUserStatus { id, status: *status }),
            Action::SetUserSync(on) => call(Call::SetUserSync { id, on: *on }),
            Action::ResizeSync { machine, quota } => {
                call(Call::ResizeMachine { user: id, machine: *machine, quota: *quota })
            }
            Action::MoveUser { place } => match self.place(*place).await? {
                Some(group) => call(Call::MoveUser { id, group }),
                None => blocked("the group to move to does not exist yet"),
            },
            _ => self.delete_user(user, id).await,
        }
    }

    async fn delete_user(&self, user: UserId, id: MozyUserId) -> Answer {
        let Presence::Present(seen) = self.vendor.user(id).await? else { return Ok(Resolved::Already) };
        let number = self.desired.subscription.number;
        let login = self.desired.users.iter().find(|want| want.id == user).map(|want| &want.login);
        let named = login.is_some_and(|login| same_login(login, &seen.username));
        if number.owns(seen.external_id.as_deref()) || named {
            call(Call::DeleteUser { id })
        } else {
            blocked("the user carries neither our number nor our address; he is not deleted")
        }
    }

    /// Steps about one key or its machine, which may be activated between our read and our write.
    async fn key(&mut self, action: &Action) -> Answer {
        match action {
            Action::AssignKey { kind, quota, login, place } => {
                self.assign(*kind, *quota, login, *place).await
            }
            Action::ResizeKey { key, .. } | Action::ReaddressKey { key, .. } | Action::ClearKey { key } => {
                self.reserved_key(action, key).await
            }
            Action::ResizeMachine { machine, quota } => match self.machine_user(*machine) {
                Some(user) => call(Call::ResizeMachine { user, machine: *machine, quota: *quota }),
                None => blocked("whose machine it is is not known"),
            },
            Action::DeleteMachine { machine } => self.delete_machine(*machine).await,
            _ => blocked("not a step about a key"),
        }
    }

    async fn assign(&mut self, kind: LicenceKind, quota: Gb, login: &str, place: Place) -> Answer {
        let Some(group) = self.place(place).await? else {
            return blocked("the user's group does not exist yet");
        };
        let free = self.vendor.free_keys(group, kind).await?;
        let Some(key) = free.into_iter().find(|key| !self.picked.contains(key)) else {
            return blocked(format!("no free {kind} key is left in the user's group"));
        };
        self.picked.insert(key.clone());
        let number = self.desired.subscription.number;
        call(Call::AssignKey { key, login: login.to_owned(), quota, number })
    }

    async fn reserved_key(&self, action: &Action, key: &Keystring) -> Answer {
        let Presence::Present(seen) = self.vendor.licence(key).await? else { return Ok(Resolved::Already) };
        if seen.machine.is_some() {
            return blocked("the key was activated in the meantime");
        }
        let before =
            self.account.and_then(|account| account.licence(key)).and_then(|licence| licence.email.clone());
        if seen.email != before {
            return blocked("the key was given to somebody else in the meantime");
        }
        match action {
            Action::ResizeKey { quota, .. } => call(Call::ResizeKey { key: key.clone(), quota: *quota }),
            Action::ReaddressKey { login, .. } => {
                call(Call::ReaddressKey { key: key.clone(), login: login.clone() })
            }
            _ => call(Call::ClearKey { key: key.clone() }),
        }
    }

    /// The backup goes with the machine, so it is read once more: still this machine, on this key of ours.
    async fn delete_machine(&self, machine: MachineId) -> Answer {
        let licence =
            self.account.and_then(|account| account.licences().find(|l| l.machine == Some(machine)));
        let Some(licence) = licence else { return blocked("the key of the machine is not known") };
        let seen = self.vendor.licence(&licence.key).await?.present();
        match (seen.and_then(|seen| seen.machine), self.machine_user(machine)) {
            (Some(now), Some(user)) if now == machine => call(Call::DeleteMachine { user, machine }),
            (None, _) => Ok(Resolved::Already),
            _ => blocked("the key is used by another machine now, or it is not known whose machine it is"),
        }
    }

    /// Raises (`sign` 1) or lowers (-1) a pool to absolute totals, from totals read now.
    async fn resize(
        &mut self,
        kind: LicenceKind,
        licences: Option<i64>,
        quota: Option<Gb>,
        sign: i64,
    ) -> Answer {
        let (Some(partner), Some(group)) = (self.partner_id(), self.home().await?) else {
            return blocked("there is no group to provision to yet");
        };
        let (total, home) = self.totals(partner, group, kind).await?;
        let keys = licences.map_or(0, |target| ((target - total.licences) * sign).max(0));
        let gb = quota.map_or(0, |target| ((target - total.quota).0 * sign).max(0));
        if (keys, gb) == (0, 0) {
            return Ok(Resolved::Already);
        }
        if sign < 0 && (keys > home.free_licences() || gb > home.free_quota().0) {
            return blocked("what is to be released is in use, or free in another group");
        }
        let becomes = (total.licences + sign * keys, total.quota + Gb(sign * gb));
        let change = PoolChange { partner, group, kind, licences: keys, quota: Gb(gb), becomes };
        call(if sign > 0 { Call::Provision(change) } else { Call::Release(change) })
    }

    /// Totals over all the subscription's groups, and the home group's own, read now.
    async fn totals(
        &self,
        partner: PartnerId,
        home: MozyGroupId,
        kind: LicenceKind,
    ) -> Result<(Stock, Stock), VendorError> {
        let mut groups: BTreeSet<MozyGroupId> =
            self.desired.groups.iter().filter_map(|group| group.mozy_id).collect();
        groups.extend(
            self.account.iter().flat_map(|account| account.groups.iter().map(|contents| contents.group.id)),
        );
        let own = *self.vendor.stock(partner, home).await?.of(kind);
        let mut total = own;
        for group in groups.into_iter().filter(|group| *group != home) {
            if self.vendor.group(group).await? != Presence::Absent {
                total += *self.vendor.stock(partner, group).await?.of(kind);
            }
        }
        Ok((total, own))
    }

    async fn transfer(&mut self, kind: LicenceKind, from: Place, to: Place, target: (i64, Gb)) -> Answer {
        let (Some(partner), Some(from), Some(to)) =
            (self.partner_id(), self.place(from).await?, self.place(to).await?)
        else {
            return blocked("one of the groups does not exist yet");
        };
        let has = *self.vendor.stock(partner, to).await?.of(kind);
        let (licences, quota) = ((target.0 - has.licences).max(0), Gb((target.1 - has.quota).0.max(0)));
        if (licences, quota) == (0, Gb(0)) {
            return Ok(Resolved::Already);
        }
        let source = *self.vendor.stock(partner, from).await?.of(kind);
        if licences > source.free_licences() || quota > source.free_quota() {
            return blocked("what is to be transferred is no longer free");
        }
        let becomes = (has.licences + licences, has.quota + quota);
        call(Call::Transfer { partner, from, to, kind, licences, quota, becomes })
    }

    fn partner_id(&self) -> Option<PartnerId> {
        match &self.desired.subscription.model {
            Model::Customer(reseller) => reseller.and_then(|reseller| reseller.partner),
            Model::Direct | Model::Reseller(_) => self.desired.subscription.partner,
        }
    }

    /// The home group. A partner made in this run has one that nobody has read yet.
    async fn home(&mut self) -> Result<Option<MozyGroupId>, VendorError> {
        let known = self.desired.subscription.home_group;
        let customer = matches!(self.desired.subscription.model, Model::Customer(_));
        if let (None, false, Some(id)) = (known, customer, self.partner_id()) {
            let partner = self.vendor.partner(id).await?.present();
            self.desired.subscription.home_group = partner.and_then(|partner| partner.default_group);
        }
        Ok(self.desired.subscription.home_group)
    }

    async fn place(&mut self, place: Place) -> Result<Option<MozyGroupId>, VendorError> {
        match place {
            Place::Home => self.home().await,
            Place::Own(id) => Ok(self.desired.group(id).and_then(|group| group.mozy_id)),
        }
    }

    fn user_id(&self, id: UserId) -> Option<MozyUserId> {
        self.desired.users.iter().find(|user| user.id == id).and_then(|user| user.mozy_id)
    }

    fn machine_user(&self, machine: MachineId) -> Option<MozyUserId> {
        let account = self.account?;
        let read = account.groups.iter().flat_map(|contents| contents.machines.values().flatten());
        read.into_iter().find(|seen| seen.id == machine).map(|seen| seen.user)
    }
}
