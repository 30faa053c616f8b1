//! Matching: which observed thing is which desired one. By Mozy's id where we have it; else only what carries our
//! `external_id` is taken for ours (design, rules 3 and 6). What is left over is unmanaged.

use crate::domain::group::{Group, ObservedGroup};
use crate::domain::licence::{Licence, ObservedLicence};
use crate::domain::observed::Account;
use crate::domain::user::{ObservedUser, User, same_login};
use crate::domain::{Desired, Keystring, MozyGroupId, MozyUserId};
use std::collections::{HashMap, HashSet};

/// A desired user beside the observed one, with his licences matched.
#[derive(Debug)]
pub struct MatchedUser<'a> {
    /// As wished.
    pub want: &'a User,
    /// As seen; `None` is absent.
    pub have: Option<&'a ObservedUser>,
    /// His licences beside their keys.
    pub licences: Vec<(&'a Licence, Option<&'a ObservedLicence>)>,
}

/// Everything desired beside everything observed.
#[derive(Debug)]
pub struct Matching<'a> {
    /// Users.
    pub users: Vec<MatchedUser<'a>>,
    /// Groups.
    pub groups: Vec<(&'a Group, Option<&'a ObservedGroup>)>,
    /// Groups at Mozy that are neither the home group nor desired.
    pub unmanaged_groups: Vec<&'a ObservedGroup>,
    /// Users at Mozy that nobody wished for.
    pub unmanaged_users: Vec<&'a ObservedUser>,
    /// Keys at Mozy that are assigned or used, and not by a licence of ours.
    pub unmanaged_licences: Vec<&'a ObservedLicence>,
}

impl<'a> Matching<'a> {
    /// Matches `desired` with `account`.
    pub fn new(desired: &'a Desired, account: &'a Account) -> Self {
        let groups = match_groups(desired, account);
        let users = match_users(desired, account);
        let bound: HashSet<MozyGroupId> = groups.iter().filter_map(|(_, have)| have.map(|g| g.id)).collect();
        let home = desired.subscription.home_group.or(account.partner.default_group);
        let known: HashSet<MozyUserId> = users.iter().filter_map(|user| user.have.map(|u| u.id)).collect();
        let keys: HashSet<&Keystring> = users
            .iter()
            .flat_map(|user| &user.licences)
            .filter_map(|(_, have)| have.map(|l| &l.key))
            .collect();
        Self {
            unmanaged_groups: account
                .groups
                .iter()
                .map(|contents| &contents.group)
                .filter(|group| Some(group.id) != home && !bound.contains(&group.id))
                .collect(),
            unmanaged_users: account.users().filter(|user| !known.contains(&user.id)).collect(),
            unmanaged_licences: account
                .licences()
                .filter(|licence| !licence.is_free() && !keys.contains(&licence.key))
                .collect(),
            users,
            groups,
        }
    }
}

/// By id; else by name and our number, if no other desired group is bound to it and exactly one is left.
fn match_groups<'a>(
    desired: &'a Desired,
    account: &'a Account,
) -> Vec<(&'a Group, Option<&'a ObservedGroup>)> {
    let mut taken: HashSet<MozyGroupId> = desired.groups.iter().filter_map(|group| group.mozy_id).collect();
    taken.extend(desired.subscription.home_group.or(account.partner.default_group));
    let find = |group: &Group, taken: &mut HashSet<MozyGroupId>| match group.mozy_id {
        Some(id) => account.group(id).map(|contents| &contents.group),
        None => {
            let mut ours = account.groups.iter().map(|contents| &contents.group).filter(|seen| {
                seen.name == group.name
                    && desired.subscription.number.owns(seen.external_id.as_deref())
                    && !taken.contains(&seen.id)
            });
            let found = ours.next();
            taken.extend(found.map(|seen| seen.id));
            found
        }
    };
    desired.groups.iter().map(|group| (group, find(group, &mut taken))).collect()
}

fn match_users<'a>(desired: &'a Desired, account: &'a Account) -> Vec<MatchedUser<'a>> {
    let by_id: HashMap<MozyUserId, &ObservedUser> = account.users().map(|user| (user.id, user)).collect();
    let by_login: HashMap<String, &ObservedUser> = account
        .users()
        .filter(|user| desired.subscription.number.owns(user.external_id.as_deref()))
        .map(|user| (user.username.trim().to_lowercase(), user))
        .collect();
    let mut taken: HashSet<MozyUserId> = desired.users.iter().filter_map(|user| user.mozy_id).collect();
    let mut keys = Keys::new(desired, account);
    // The living choose before the dead: a new user of the same address must not lose himself to an old tombstone.
    let mut order: Vec<usize> = (0..desired.users.len()).collect();
    order.sort_by_key(|&at| desired.users[at].removed);
    let mut matched: Vec<(usize, MatchedUser<'a>)> = Vec::with_capacity(order.len());
    for at in order {
        let want = &desired.users[at];
        let have = match want.mozy_id {
            Some(id) => by_id.get(&id).copied(),
            None => by_login.get(&want.login.trim().to_lowercase()).copied().filter(|u| taken.insert(u.id)),
        };
        let licences = want.licences.iter().map(|licence| (licence, keys.find(want, licence))).collect();
        matched.push((at, MatchedUser { want, have, licences }));
    }
    matched.sort_by_key(|(at, _)| *at);
    matched.into_iter().map(|(_, user)| user).collect()
}

/// Which key is whose licence.
struct Keys<'a> {
    account: &'a Account,
    by_key: HashMap<&'a Keystring, &'a ObservedLicence>,
    /// Keys of ours by address that no licence is bound to: a call that happened before its outcome was kept.
    adoptable: HashMap<String, Vec<&'a ObservedLicence>>,
}

impl<'a> Keys<'a> {
    fn new(desired: &'a Desired, account: &'a Account) -> Self {
        let bound: HashSet<&Keystring> =
            desired.users.iter().flat_map(|user| &user.licences).filter_map(|l| l.key.as_ref()).collect();
        let number = desired.subscription.number;
        let mut adoptable: HashMap<String, Vec<&ObservedLicence>> = HashMap::new();
        for licence in account.licences() {
            let ours = number.owns(licence.external_id.as_deref()) && !bound.contains(&licence.key);
            if let (true, Some(email)) = (ours, &licence.email) {
                adoptable.entry(email.trim().to_lowercase()).or_default().push(licence);
            }
        }
        Self {
            account,
            by_key: account.licences().map(|licence| (&licence.key, licence)).collect(),
            adoptable,
        }
    }

    fn find(&mut self, user: &User, licence: &Licence) -> Option<&'a ObservedLicence> {
        match &licence.key {
            Some(key) => self.by_key.get(key).copied().filter(|seen| self.is_of(user, seen)),
            None => self.adopt(user, licence),
        }
    }

    /// A bound key is still the user's while it is assigned to him or used on his machine. A reserved key keeps an
    /// older address after a rename, so one that carries our number is still his.
    fn is_of(&self, user: &User, seen: &ObservedLicence) -> bool {
        if seen.is_free() {
            return false;
        }
        let addressed = seen.email.as_deref().is_some_and(|email| same_login(email, &user.login));
        let machine = self.account.machine_of(seen);
        addressed
            || machine.is_some_and(|machine| Some(machine.user) == user.mozy_id)
            || self.renamed(user, seen)
    }

    fn renamed(&self, user: &User, seen: &ObservedLicence) -> bool {
        let Some(have) = user.mozy_id.and_then(|id| self.account.user(id)) else { return false };
        seen.email.as_deref().is_some_and(|email| same_login(email, &have.username))
    }

    fn adopt(&mut self, user: &User, licence: &Licence) -> Option<&'a ObservedLicence> {
        let left = self.adoptable.get_mut(&user.login.trim().to_lowercase())?;
        let fits = |seen: &&ObservedLicence| seen.kind == licence.kind;
        let at = left
            .iter()
            .position(|seen| fits(seen) && seen.quota == Some(licence.quota))
            .or_else(|| left.iter().position(|seen| fits(&seen)))?;
        Some(left.remove(at))
    }
}
