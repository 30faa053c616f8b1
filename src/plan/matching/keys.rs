//! Which key is whose licence.

use crate::domain::licence::{Licence, ObservedLicence};
use crate::domain::observed::Account;
use crate::domain::user::{ObservedUser, User, same_login};
use crate::domain::{Desired, Keystring};
use crate::plan::index::Index;
use std::collections::{HashMap, HashSet};

/// Keys, bound and adoptable.
pub(super) struct Keys<'a, 'i> {
    index: &'i Index<'a>,
    /// Keys of ours by address that no licence is bound to: a call that happened before its outcome was kept.
    adoptable: HashMap<String, Vec<&'a ObservedLicence>>,
    taken: HashSet<&'a Keystring>,
}

impl<'a, 'i> Keys<'a, 'i> {
    pub fn new(desired: &'a Desired, account: &'a Account, index: &'i Index<'a>) -> Self {
        let licences = desired.users.iter().flat_map(|user| &user.licences);
        let bound: HashSet<&Keystring> = licences.filter_map(|licence| licence.key.as_ref()).collect();
        let number = desired.subscription.number;
        let mut adoptable: HashMap<String, Vec<&ObservedLicence>> = HashMap::new();
        for licence in account.licences() {
            let ours = number.owns(licence.external_id.as_deref()) && !bound.contains(&licence.key);
            if let (true, Some(email)) = (ours, &licence.email) {
                adoptable.entry(email.trim().to_lowercase()).or_default().push(licence);
            }
        }
        Self { index, adoptable, taken: HashSet::new() }
    }

    /// The key of a licence, no key twice; `have` is its user as seen.
    pub fn find(
        &mut self,
        user: &User,
        have: Option<&ObservedUser>,
        licence: &Licence,
    ) -> Option<&'a ObservedLicence> {
        let found = match &licence.key {
            Some(key) => self.index.key(key).filter(|seen| self.is_of(user, have, licence, seen)),
            None => self.adopt(user, licence),
        };
        found.filter(|seen| self.taken.insert(&seen.key))
    }

    /// A bound key is still the user's while it is assigned to his address, wished or seen, or used on his machine; and
    /// where no machine says whose it is, while it carries the address that it was last known under (a key does not
    /// follow a rename). One that is free or somebody else's is not, whatever number it carries.
    fn is_of(
        &self,
        user: &User,
        have: Option<&ObservedUser>,
        licence: &Licence,
        seen: &ObservedLicence,
    ) -> bool {
        let addressed = |login: &str| seen.email.as_deref().is_some_and(|email| same_login(email, login));
        addressed(&user.login)
            || have.is_some_and(|have| addressed(&have.username))
            || match self.index.machine_of(seen) {
                Some(machine) => have.map(|have| have.id).or(user.mozy_id) == Some(machine.user),
                None => licence.address.as_deref().is_some_and(addressed),
            }
    }

    fn adopt(&mut self, user: &User, licence: &Licence) -> Option<&'a ObservedLicence> {
        let left = self.adoptable.get_mut(&user.login.trim().to_lowercase())?;
        let fits = |seen: &&ObservedLicence| seen.kind == licence.kind;
        let at = left
            .iter()
            .position(|seen| fits(seen) && seen.quota == Some(licence.quota))
            .or_else(|| left.iter().position(fits))?;
        Some(left.remove(at))
    }
}
