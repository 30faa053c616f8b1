//! Which key is whose licence: the one that it is bound to, as long as that is still its user's. No other is taken for it,
//! whatever number and address it carries: a customer may have assigned it himself (design, rule 3). Which key a call
//! that may have happened was about, the ledger says.

use crate::domain::Keystring;
use crate::domain::licence::{Licence, Machine, ObservedLicence};
use crate::domain::user::{ObservedUser, User, same_login};
use crate::plan::index::Index;
use std::collections::HashSet;

/// Keys that are there.
pub(super) struct Keys<'a, 'i> {
    index: &'i Index<'a>,
    taken: HashSet<&'a Keystring>,
}

impl<'a, 'i> Keys<'a, 'i> {
    pub fn new(index: &'i Index<'a>) -> Self {
        Self { index, taken: HashSet::new() }
    }

    /// The key of a licence, no key twice; `have` is its user as seen.
    pub fn find(
        &mut self,
        user: &User,
        have: Option<&ObservedUser>,
        licence: &Licence,
    ) -> Option<&'a ObservedLicence> {
        let found = self.index.key(licence.key.as_ref()?);
        found.filter(|seen| self.is_of(user, have, licence, seen)).filter(|seen| self.taken.insert(&seen.key))
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
        let is_his = |machine: &Machine| have.map(|have| have.id).or(user.mozy_id) == Some(machine.user);
        let machine = self.index.machine_of(seen);
        // Whoever goes takes nobody else's machine along, whatever address its key carries.
        if let Some(machine) = machine.filter(|_| user.removed || licence.removed) {
            return is_his(machine);
        }
        addressed(&user.login)
            || have.is_some_and(|have| addressed(&have.username))
            || match machine {
                Some(machine) => is_his(machine),
                None => licence.address.as_deref().is_some_and(addressed),
            }
    }
}
