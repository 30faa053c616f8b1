//! Sync of groups and users. The partner's own switch is planned with the account.
//!
//! On goes partner, groups, users; off the reverse: a child on under a parent off is a fault, and a parent cannot be
//! turned off while a child is on (contract mozy-soap, section 3, Sync).

use super::account::partner_sync;
use super::draft::{Draft, differs};
use super::matching::MatchedUser;
use super::{Action, Subject, Why};
use crate::domain::group::ObservedGroup;
use crate::domain::observed::GroupContents;
use crate::domain::subscription::Model;
use crate::domain::sync::in_force;
use crate::domain::{Desired, MozyGroupId, Reason};

/// Plans sync of groups and users.
pub fn plan(draft: &mut Draft<'_>) {
    if draft.desired.subscription.removed {
        return;
    }
    let groups: Vec<&GroupContents> = draft.account.groups.iter().collect();
    for contents in groups {
        group(draft, &contents.group);
    }
    for at in 0..draft.matching.users.len() {
        user(draft, at);
    }
}

/// Whether this subscription's groups are to have sync in force.
fn wanted(desired: &Desired) -> bool {
    desired.subscription.sync
}

fn subject(draft: &Draft<'_>, id: MozyGroupId) -> Subject {
    let own = draft.matching.groups.iter().find(|(_, have)| have.is_some_and(|group| group.id == id));
    own.map_or(Subject::MozyGroup(id), |(want, _)| Subject::Group(want.id))
}

fn group(draft: &mut Draft<'_>, have: &ObservedGroup) {
    let doomed = draft
        .matching
        .groups
        .iter()
        .any(|(want, seen)| want.removed && seen.is_some_and(|seen| seen.id == have.id));
    let unmanaged = draft.matching.unmanaged_groups.iter().any(|group| group.id == have.id);
    let want = wanted(draft.desired);
    let parent = draft.account.partner.sync.unwrap_or(false);
    // Off under a partner that stays on is needed only where users could inherit it; off with the partner always.
    let off_needed = !want && parent && have.sync.unwrap_or(true) && !keeps_partner(draft);
    let on_needed = want && have.sync == Some(false) && !doomed;
    if unmanaged && !off_needed {
        return;
    }
    if on_needed || off_needed {
        let subject = subject(draft, have.id);
        let why = if off_needed {
            Why::Needed("a parent cannot lose sync while a child has it".into())
        } else {
            differs("sync", "off", "on")
        };
        draft.step(subject, Action::SetGroupSync { group: have.id, on: want }, why);
    }
    customer_parent(draft, have, parent);
}

/// A reseller's partner stays on for his customers although his own wish is off: his default group may stay as it is.
fn keeps_partner(draft: &Draft<'_>) -> bool {
    let subscription = &draft.desired.subscription;
    matches!(subscription.model, Model::Reseller(_)) && partner_sync(subscription)
}

/// A customer's group cannot have sync before the reseller's partner: that is the reseller's subscription's to switch.
fn customer_parent(draft: &mut Draft<'_>, have: &ObservedGroup, parent: bool) {
    let customer = matches!(draft.desired.subscription.model, Model::Customer(_));
    if customer && wanted(draft.desired) && !parent {
        draft.steps.retain(
            |step| !matches!(&step.action, Action::SetGroupSync { group, on: true } if *group == have.id),
        );
        let message = "the reseller's partner has no sync yet; this waits until it has";
        draft.refuse(Subject::Account, Reason::SyncNotAvailable, message);
    }
}

fn user(draft: &mut Draft<'_>, at: usize) {
    let MatchedUser { want, have, .. } = &draft.matching.users[at];
    let (want, have) = (*want, *have);
    if want.removed {
        return;
    }
    let subject = Subject::User(want.id);
    let Some(quota) = draft.desired.sync_quota(want) else {
        if have.is_some_and(|have| on_in_force(draft, have.group, have.sync)) {
            draft.step(subject, Action::SetUserSync(false), differs("sync", "on", "off"));
        }
        return;
    };
    let Some(have) = have else {
        // New users start off.
        draft.step(subject, Action::SetUserSync(true), Why::Missing);
        return;
    };
    if !on_in_force(draft, have.group, have.sync) && have.sync != Some(true) {
        draft.step(subject, Action::SetUserSync(true), differs("sync", "off", "on"));
    }
    let changing = draft.steps.iter().any(|step| matches!(step.action, Action::UpdatePartner { .. }));
    let machine = draft.account.machines(have.id).iter().find(|machine| machine.is_sync());
    if let Some(machine) = machine
        && machine.quota != quota
        && !changing
    {
        let resize = Action::ResizeSync { machine: machine.id, quota };
        draft.step(subject, resize, differs("sync quota", machine.quota, quota));
    }
}

fn on_in_force(draft: &Draft<'_>, group: MozyGroupId, user: Option<bool>) -> bool {
    let parent = draft.account.partner.sync.unwrap_or(false);
    let group = draft.account.group(group).and_then(|contents| contents.group.sync);
    in_force(in_force(parent, group), user)
}
