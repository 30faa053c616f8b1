//! Matching: which observed thing is which desired one. By Mozy's id where we have it; else only what carries our
//! `external_id` is taken for ours, and of keys none (design, rules 3 and 6). What is left over is unmanaged.

use super::Place;
use super::index::{Index, filled};
use crate::domain::group::{Group, ObservedGroup};
use crate::domain::licence::{Licence, ObservedLicence};
use crate::domain::observed::Account;
use crate::domain::user::{ObservedUser, User};
use crate::domain::{Desired, GroupId, Keystring, MozyGroupId, MozyUserId};
use keys::Keys;
use std::collections::{HashMap, HashSet};

mod keys;

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
    /// Everything observed by its id.
    pub index: Index<'a>,
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
    wishes: HashMap<GroupId, &'a Group>,
    bound: HashMap<GroupId, MozyGroupId>,
    places: HashMap<MozyGroupId, Place>,
    home: Option<MozyGroupId>,
}

impl<'a> Matching<'a> {
    /// Matches `desired` with `account`.
    pub fn new(desired: &'a Desired, account: &'a Account) -> Self {
        let index = Index::new(account);
        let home = desired.subscription.home_group.or(account.partner.default_group);
        let groups = match_groups(desired, account, &index, home);
        let users = match_users(desired, account, &index);
        let bound: HashMap<GroupId, MozyGroupId> =
            groups.iter().filter_map(|(want, have)| Some((want.id, have.as_ref()?.id))).collect();
        let mut places: HashMap<MozyGroupId, Place> =
            bound.iter().map(|(want, have)| (*have, Place::Own(*want))).collect();
        places.extend(home.map(|id| (id, Place::Home)));
        let seen = users.iter().filter_map(|user| user.have.map(|have| have.id));
        let known: HashSet<MozyUserId> = filled(HashSet::with_capacity(users.len()), seen);
        let matched = || users.iter().flat_map(|user| &user.licences);
        let seen = matched().filter_map(|(_, have)| have.map(|key| &key.key));
        let keys: HashSet<&Keystring> = filled(HashSet::with_capacity(matched().count()), seen);
        let unmanaged = |licence: &&ObservedLicence| !licence.is_free() && !keys.contains(&licence.key);
        let all_groups = account.groups.iter().map(|contents| &contents.group);
        Self {
            unmanaged_groups: all_groups.filter(|group| !places.contains_key(&group.id)).collect(),
            unmanaged_users: account.users().filter(|user| !known.contains(&user.id)).collect(),
            unmanaged_licences: account.licences().filter(unmanaged).collect(),
            wishes: desired.groups.iter().map(|group| (group.id, group)).collect(),
            index,
            users,
            groups,
            bound,
            places,
            home,
        }
    }

    /// Mozy's id of a place, if it exists there.
    pub fn mozy_group(&self, place: Place) -> Option<MozyGroupId> {
        match place {
            Place::Home => self.home,
            Place::Own(id) => self.bound.get(&id).copied(),
        }
    }

    /// Whether one of the customer's own groups is the home group too: somebody made it the default one, and ours is gone.
    pub fn is_home(&self, group: GroupId) -> bool {
        self.home.is_some() && self.bound.get(&group).copied() == self.home
    }

    /// What a group of Mozy's is to us; `None` for an unmanaged one.
    pub fn place(&self, group: MozyGroupId) -> Option<Place> {
        self.places.get(&group).copied()
    }

    /// The wish for a group.
    pub fn wish(&self, group: GroupId) -> Option<&'a Group> {
        self.wishes.get(&group).copied()
    }
}

/// By id; else by name and our number, if no other desired group is bound to it.
fn match_groups<'a>(
    desired: &'a Desired,
    account: &'a Account,
    index: &Index<'a>,
    home: Option<MozyGroupId>,
) -> Vec<(&'a Group, Option<&'a ObservedGroup>)> {
    let mut taken: HashSet<MozyGroupId> = desired.groups.iter().filter_map(|group| group.mozy_id).collect();
    taken.extend(home);
    let mut by_name: HashMap<&str, Vec<&ObservedGroup>> = HashMap::new();
    for group in account.groups.iter().map(|contents| &contents.group).rev() {
        if desired.subscription.number.owns(group.external_id.as_deref()) && !taken.contains(&group.id) {
            by_name.entry(group.name.trim()).or_default().push(group);
        }
    }
    let mut find = |group: &Group| match group.mozy_id.and_then(|id| index.group(id)) {
        Some(seen) => Some(seen),
        None => by_name.get_mut(group.name.trim()).and_then(Vec::pop),
    };
    living_first(&desired.groups, |group| group.removed, |group| (group, find(group)))
}

/// By id; else by address and our number.
fn match_users<'a>(desired: &'a Desired, account: &'a Account, index: &Index<'a>) -> Vec<MatchedUser<'a>> {
    let number = desired.subscription.number;
    let bound = desired.users.iter().filter_map(|user| user.mozy_id);
    let mut taken: HashSet<MozyUserId> = filled(HashSet::with_capacity(desired.users.len()), bound);
    let ours = account
        .users()
        .filter(|user| number.owns(user.external_id.as_deref()) && !taken.contains(&user.id))
        .map(|user| (user.username.trim().to_lowercase(), user));
    let by_login: HashMap<String, &ObservedUser> = ours.collect();
    let matched = living_first(
        &desired.users,
        |user| user.removed,
        |want| {
            let have = want.mozy_id.and_then(|id| index.user(id)).or_else(|| {
                let found = by_login.get(&want.login.trim().to_lowercase()).copied();
                found.filter(|user| taken.insert(user.id))
            });
            (want, have)
        },
    );
    match_licences(matched, Keys::new(index))
}

/// The living choose first here too: a key that was freed may have been given to somebody else since.
fn match_licences<'a>(
    users: Vec<(&'a User, Option<&'a ObservedUser>)>,
    mut keys: Keys<'a, '_>,
) -> Vec<MatchedUser<'a>> {
    let unmatched = |user: &'a User| user.licences.iter().map(|licence| (licence, None)).collect();
    let mut users: Vec<MatchedUser<'a>> =
        users.into_iter().map(|(want, have)| MatchedUser { want, have, licences: unmatched(want) }).collect();
    for dead in [false, true] {
        for MatchedUser { want, have, licences } in &mut users {
            for (licence, key) in licences.iter_mut().filter(|(l, _)| (l.removed || want.removed) == dead) {
                *key = keys.find(want, *have, licence);
            }
        }
    }
    users
}

/// The living choose before the dead: a new user of an old address must not lose himself to an old tombstone. What was
/// chosen stands in the order of the wishes all the same.
fn living_first<'a, T, M>(
    wishes: &'a [T],
    removed: impl Fn(&T) -> bool,
    mut choose: impl FnMut(&'a T) -> M,
) -> Vec<M> {
    let mut chosen: Vec<Option<M>> = wishes.iter().map(|_| None).collect();
    for dead in [false, true] {
        for (at, wish) in wishes.iter().enumerate().filter(|(_, wish)| removed(wish) == dead) {
            chosen[at] = Some(choose(wish));
        }
    }
    chosen.into_iter().flatten().collect()
}
