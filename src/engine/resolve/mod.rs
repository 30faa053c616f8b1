//! Resolving: from a step to the call that makes it true, by a fresh look just before it. Deltas are computed here and
//! nowhere else; whatever a delete would destroy is checked once more to be ours.

use crate::domain::observed::Account;
use crate::domain::subscription::Model;
use crate::domain::{
    Desired, Gb, Keystring, LicenceKind, MozyGroupId, MozyUserId, PartnerId, Reason, UserId,
};
use crate::plan::index::Index;
use crate::plan::{Action, Call, Place, Step, Subject};
use crate::ports::ledger::Entry;
use crate::ports::{Vendor, VendorError};
use std::collections::{HashMap, HashSet};

mod account;
mod key;
mod pool;
mod user;

/// What a step comes to.
#[derive(Debug)]
pub(super) enum Resolved {
    /// This call makes it true.
    Call(Call),
    /// It is true already.
    Already,
    /// It cannot be done now, for this reason; the next look plans anew.
    Blocked(Reason, String),
}

/// What is known while a plan runs: ids appear as things are made.
pub(super) struct Resolver<'a, V> {
    /// Mozy.
    pub vendor: &'a V,
    /// Wishes, with the ids learned so far.
    pub desired: &'a mut Desired,
    /// The home group of a partner made in this run, as far as it was needed: the next look learns it.
    home: Option<MozyGroupId>,
    account: Option<&'a Account>,
    index: Option<Index<'a>>,
    /// Keys given away lately: a slow read may still call them free.
    given: HashSet<Keystring>,
    /// GB of keys that this run changed; `None` when it cleared them.
    changed: HashMap<Keystring, Option<Gb>>,
    /// Totals that this run made.
    totals: HashMap<LicenceKind, (i64, Gb)>,
    /// Keys that a group has after this run took some away: while it shows more, its free keys may be elsewhere.
    left: HashMap<(MozyGroupId, LicenceKind), i64>,
}

type Answer = Result<Resolved, VendorError>;

fn blocked(why: impl Into<String>) -> Answer {
    Ok(Resolved::Blocked(Reason::AsExpected, why.into()))
}

fn call(call: Call) -> Answer {
    Ok(Resolved::Call(call))
}

impl<'a, V: Vendor> Resolver<'a, V> {
    /// With what the plan was made from, and the steps made so lately that they may not show.
    pub(super) fn new<'e>(
        vendor: &'a V,
        desired: &'a mut Desired,
        account: Option<&'a Account>,
        lately: impl Iterator<Item = &'e Entry>,
    ) -> Self {
        let (home, given, changed, totals, left) = Default::default();
        let index = account.map(Index::new);
        let mut resolver = Self { vendor, desired, home, account, index, given, changed, totals, left };
        lately.for_each(|entry| resolver.gave(&entry.call));
        resolver
    }

    /// The call for a step.
    pub(super) async fn resolve(&mut self, step: &Step) -> Answer {
        match (&step.action, step.subject) {
            (Action::CreatePartner { .. }, _) => call(self.create_partner()),
            (
                action @ (Action::UpdatePartner { .. } | Action::SetAccountStatus(_) | Action::DeletePartner),
                _,
            ) => self.partner(action).await,
            (
                action @ (Action::CreateGroup { .. }
                | Action::RenameGroup { .. }
                | Action::SetGroupSync { .. }
                | Action::SetDefaultGroup { .. }
                | Action::ResumeGroup { .. }
                | Action::DeleteGroup { .. }),
                _,
            ) => self.group(action).await,
            (Action::SetNumber(of), _) => {
                call(Call::SetNumber { of: *of, number: self.desired.subscription.number })
            }
            (Action::Provision { licences, quota }, Subject::Pool(kind)) => {
                self.resize(kind, *licences, *quota, 1).await
            }
            (Action::Release { licences, quota }, Subject::Pool(kind)) => {
                self.resize(kind, *licences, *quota, -1).await
            }
            (Action::Transfer { from, to, licences, quota, more }, Subject::Pool(kind)) => {
                self.transfer(kind, (*from, *to), (*licences, *quota), *more).await
            }
            (action, Subject::User(user)) => self.user(action, user).await,
            (action, _) => self.key(action).await,
        }
    }

    /// Keeps in mind what a call changed, as far as what comes after it in the same run must know.
    pub(super) fn done(&mut self, call: &Call) {
        self.gave(call);
        match call {
            Call::ResizeKey { key, quota } => drop(self.changed.insert(key.clone(), Some(*quota))),
            Call::ClearKey { key } => drop(self.changed.insert(key.clone(), None)),
            _ => {}
        }
        if let Call::Provision(change) | Call::Release(change) = call {
            self.totals.insert(change.kind, change.becomes);
        }
    }

    fn gave(&mut self, call: &Call) {
        match call {
            Call::AssignKey { key, .. } => drop(self.given.insert(key.clone())),
            Call::ClearKey { key } => drop(self.given.remove(key)),
            _ => {}
        }
    }

    fn partner_id(&self) -> Option<PartnerId> {
        match &self.desired.subscription.model {
            Model::Customer(reseller) => reseller.and_then(|reseller| reseller.partner),
            Model::Direct | Model::Reseller(_) => self.desired.subscription.partner,
        }
    }

    /// The home group. A partner made in this run has one that nobody has read yet.
    async fn home(&mut self) -> Result<Option<MozyGroupId>, VendorError> {
        let bound = self.desired.subscription.home_group;
        let customer = matches!(self.desired.subscription.model, Model::Customer(_));
        if customer || bound.is_some() {
            return Ok(bound);
        }
        if let (None, Some(id)) = (self.home, self.partner_id()) {
            let partner = self.vendor.partner(id).await?.present();
            self.home = partner.and_then(|partner| partner.default_group);
        }
        Ok(self.home)
    }

    async fn place(&mut self, place: Place) -> Result<Option<MozyGroupId>, VendorError> {
        match place {
            Place::Home => self.home().await,
            Place::Own(id) => Ok(self.desired.group(id).and_then(|group| group.mozy_id)),
        }
    }

    /// A place whose stock can be read: a group made in this run may not show yet.
    async fn shown(&mut self, place: Place) -> Result<Option<MozyGroupId>, VendorError> {
        let Some(id) = self.place(place).await? else { return Ok(None) };
        let seen = self.index.as_ref().is_some_and(|index| index.group(id).is_some());
        let shows = seen || self.vendor.group(id).await?.present().is_some();
        Ok(shows.then_some(id))
    }

    fn user_id(&self, id: UserId) -> Option<MozyUserId> {
        self.desired.users.iter().find(|user| user.id == id).and_then(|user| user.mozy_id)
    }
}
