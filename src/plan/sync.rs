//! Sync of groups and users. The partner's own switch is planned with the account.
//!
//! On goes partner, groups, users; off the reverse: a child on under a parent off is a fault, and a parent cannot be
//! turned off while a child is on (contract mozy-soap, section 3, Sync).

use super::account::partner_sync;
use super::draft::{Draft, differs};
use super::{Action, Place, Subject, Why};
use crate::domain::group::ObservedGroup;
use crate::domain::subscription::Model;
use crate::domain::sync::{MOZY_DEFAULT_SYNC_GB, in_force};
use crate::domain::user::{ObservedUser, User};
use crate::domain::{Gb, MozyGroupId, Reason};

/// Plans sync of groups and users.
pub fn plan(draft: &mut Draft<'_>) {
    if draft.desired.subscription.removed {
        return;
    }
    let groups: Vec<&ObservedGroup> = draft.account.groups.iter().map(|contents| &contents.group).collect();
    for have in groups {
        group(draft, have);
    }
    let parent_waits = waits_for_parent(draft);
    let changes =
        |action: &Action| matches!(action, Action::UpdatePartner { default_sync_quota: Some(_), .. });
    let changing = draft.steps.iter().any(|drafted| changes(&drafted.step.action));
    for at in 0..draft.matching.users.len() {
        let (want, have) = (draft.matching.users[at].want, draft.matching.users[at].have);
        if !want.removed {
            user(draft, want, have, parent_waits, changing);
        }
    }
}

/// GB that Mozy gives a newly synced user before he gets his own: the partner's default, which of a reseller's customer
/// is his reseller's.
pub fn starting_quota(draft: &Draft<'_>) -> Gb {
    let subscription = &draft.desired.subscription;
    let own = match subscription.model {
        Model::Direct | Model::Reseller(_) => subscription.bought.sync_default_quota,
        Model::Customer(_) => None,
    };
    own.or(draft.account.partner.default_sync_quota).unwrap_or(Gb(MOZY_DEFAULT_SYNC_GB))
}

fn group(draft: &mut Draft<'_>, have: &ObservedGroup) {
    let Some(place) = draft.matching.place(have.id) else { return };
    let wish = match place {
        Place::Own(id) => draft.matching.wish(id),
        Place::Home => None,
    };
    let (want, parent) = (draft.desired.subscription.sync, parent(draft));
    let subject = wish.map_or(Subject::MozyGroup(have.id), |wish| Subject::Group(wish.id));
    let step = |on| Action::SetGroupSync { group: have.id, on };
    if want && parent_will_be(draft) && have.sync == Some(false) && !wish.is_some_and(|wish| wish.removed) {
        draft.step(subject, step(true), differs("sync", "off", "on"));
    }
    if !want && parent && have.sync.unwrap_or(true) && !keeps_partner(draft) {
        match strangers(draft, Some(have.id)) {
            None => {
                let why = Why::Needed("a parent cannot lose sync while a child has it".into());
                draft.step(subject, step(false), why);
            }
            Some(names) if matches!(draft.desired.subscription.model, Model::Customer(_)) => {
                draft.refuse(Subject::Account, Reason::VendorRejected, keeps_sync(&names));
            }
            // It is said of the partner.
            Some(_) => {}
        }
    }
}

/// Who has sync, in this group or anywhere, and is not ours: nobody above him can lose it, and we do not take it away.
pub fn strangers(draft: &Draft<'_>, group: Option<MozyGroupId>) -> Option<String> {
    let (users, groups) = (&draft.matching.unmanaged_users, &draft.matching.unmanaged_groups);
    let users = users.iter().filter(|user| user.sync == Some(true));
    let users = users.filter(|user| group.is_none_or(|group| group == user.group));
    let groups = groups.iter().filter(|seen| seen.sync == Some(true) && group.is_none());
    let groups = groups.map(|seen| format!("the group {}", seen.name));
    let names: Vec<String> = users.map(|user| user.username.clone()).chain(groups).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// What is said while somebody who is not ours has sync.
pub fn keeps_sync(names: &str) -> String {
    format!(
        "sync stays on while {names} has it, of whom we were never told; switch it off there in Mozy's control panel"
    )
}

/// Whether the partner has sync.
fn parent(draft: &Draft<'_>) -> bool {
    draft.account.partner.sync.unwrap_or(false)
}

/// Whether the partner has sync, or will have it by this very plan.
fn parent_will_be(draft: &Draft<'_>) -> bool {
    parent(draft) || !matches!(draft.desired.subscription.model, Model::Customer(_))
}

/// A reseller's partner stays on for his customers although his own wish is off: his default group may stay as it is.
fn keeps_partner(draft: &Draft<'_>) -> bool {
    let subscription = &draft.desired.subscription;
    matches!(subscription.model, Model::Reseller(_)) && partner_sync(subscription)
}

/// A customer's group cannot have sync before the reseller's partner: that is the reseller's subscription's to switch.
fn waits_for_parent(draft: &mut Draft<'_>) -> bool {
    let waits = draft.desired.subscription.sync && !parent_will_be(draft);
    if waits {
        let message = "the reseller's partner has no sync yet; this waits until it has";
        draft.refuse(Subject::Account, Reason::AsExpected, message);
    }
    waits
}

fn user(draft: &mut Draft<'_>, want: &User, have: Option<&ObservedUser>, parent_waits: bool, changing: bool) {
    let subject = Subject::User(want.id);
    let on = have.is_some_and(|have| on_in_force(draft, have.group, have.sync));
    let astray = have.is_some_and(|have| draft.is_astray(have));
    match (draft.desired.sync_quota(want), have) {
        // He may be on where he strayed to; that is not ours to see.
        _ if astray => draft.wait(subject),
        (None, _) if on => draft.step(subject, Action::SetUserSync(false), differs("sync", "on", "off")),
        (None, _) => {}
        (Some(_), _) if parent_waits => draft.wait(subject),
        // New users start off.
        (Some(_), None) => draft.step(subject, Action::SetUserSync(true), Why::Missing),
        (Some(_), Some(have)) if !on && have.sync != Some(true) => {
            draft.step(subject, Action::SetUserSync(true), differs("sync", "off", "on"));
        }
        (Some(quota), Some(have)) => resize(draft, subject, have, quota, changing),
    }
}

/// When the default changes, Mozy may give it to those who follow it by itself: the next look decides.
fn resize(draft: &mut Draft<'_>, subject: Subject, have: &ObservedUser, quota: Gb, changing: bool) {
    let machine = draft.matching.index.sync_machine(have.id);
    if let Some(machine) = machine.filter(|machine| machine.quota != quota) {
        if changing {
            return draft.wait(subject);
        }
        let resize = Action::ResizeSync { machine: machine.id, quota };
        draft.resize(quota < machine.quota, subject, resize, differs("sync quota", machine.quota, quota));
    }
}

fn on_in_force(draft: &Draft<'_>, group: MozyGroupId, user: Option<bool>) -> bool {
    let group = draft.matching.index.group(group).and_then(|group| group.sync);
    in_force(in_force(parent(draft), group), user)
}
