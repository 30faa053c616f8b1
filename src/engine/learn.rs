//! Learning by looking: ids of what carries our number, addresses of what is ours, what is gone, and what is not ours.

use super::adopt::kind_of;
use super::bind::bind;
use crate::domain::licence::Licence;
use crate::domain::observed::{Account, Observed};
use crate::domain::subscription::Model;
use crate::domain::user::same_login;
use crate::domain::{Desired, Thing};
use crate::plan::matching::Matching;
use crate::plan::{self, Plan, Subject};
use crate::ports::ledger::Binding;
use crate::ports::report::Unmanaged;
use std::collections::HashSet;

/// Takes in what a look shows: ids of what carries our number and of the default group, and who became root admin.
pub(super) fn learn(desired: &mut Desired, observed: &Observed) -> Vec<Binding> {
    let Observed::Present(account) = observed else { return Vec::new() };
    let bindings = learned(desired, account);
    bind(desired, &bindings);
    bindings
}

fn learned(desired: &Desired, account: &Account) -> Vec<Binding> {
    let mut found = Vec::new();
    let subscription = &desired.subscription;
    let customer = matches!(subscription.model, Model::Customer(_));
    let first = || account.groups.first().map(|contents| contents.group.id);
    let seen = if customer { first() } else { account.partner.default_group };
    // Somebody made another group the default one: that is drift as long as ours is there.
    let home = subscription.home_group.filter(|id| account.group(*id).is_some()).or(seen);
    if !customer && subscription.partner != Some(account.partner.id) {
        found.push(Binding::Partner(Some(account.partner.id)));
    }
    // Another may have been chosen while the partner was being made; who it was made with is he.
    let ours = !customer && subscription.number.owns(account.partner.external_id.as_deref());
    let admin = account.partner.admin.as_ref().filter(|_| ours);
    let other = admin.filter(|admin| !same_login(admin, &subscription.admin.email));
    found.extend(other.map(|admin| Binding::Admin(admin.clone())));
    if subscription.home_group != home {
        found.push(Binding::HomeGroup(home));
    }
    let matching = Matching::new(desired, account);
    let groups = matching.groups.iter().filter_map(|(want, have)| Some((want, have.as_ref()?.id)));
    let groups = groups.filter(|(want, id)| want.mozy_id != Some(*id));
    found.extend(groups.map(|(want, id)| Binding::Group(want.id, Some(id))));
    for user in &matching.users {
        let id = user.have.map(|have| have.id).filter(|id| user.want.mozy_id != Some(*id));
        found.extend(id.map(|id| Binding::User(user.want.id, Some(id))));
        let carried =
            user.licences.iter().filter_map(|(want, have)| Some((want, have.as_ref()?.email.as_ref()?)));
        let known =
            |want: &Licence, email| want.address.as_ref().is_some_and(|known| same_login(known, email));
        let new = carried.filter(|(want, email)| !known(want, email));
        found.extend(new.map(|(want, email)| Binding::Address(want.id, email.clone())));
    }
    found
}

/// What has a tombstone and is not at Mozy any more, and nothing is left to be done about it; and what we do not own.
pub(super) fn take_stock(
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
) -> (Vec<Thing>, Vec<Unmanaged>) {
    let planned = plan.steps.iter().chain(plan.held_steps()).map(|step| step.subject);
    let busy: HashSet<Subject> = planned.chain(plan.waiting.iter().copied()).collect();
    match observed {
        Observed::Unknown { .. } => Default::default(),
        Observed::Absent if desired.subscription.removed => {
            let gone = !busy.contains(&Subject::Account);
            (gone.then_some(Thing::Tenant(desired.subscription.id)).into_iter().collect(), Vec::new())
        }
        Observed::Absent => {
            let imagined = plan::account::imagine(desired);
            (gone(&Matching::new(desired, &imagined), &busy), Vec::new())
        }
        Observed::Present(account) => {
            let matching = Matching::new(desired, account);
            (gone(&matching, &busy), unmanaged(&matching))
        }
    }
}

fn gone(matching: &Matching<'_>, busy: &HashSet<Subject>) -> Vec<Thing> {
    let mut gone = Vec::new();
    for user in &matching.users {
        let licences = user.licences.iter().filter(|(want, have)| {
            want.removed && have.is_none() && !busy.contains(&Subject::Licence(want.id))
        });
        let licences: Vec<Thing> = licences.map(|(want, _)| Thing::Licence(want.id)).collect();
        let all_gone = licences.len() == user.licences.len();
        let user_gone =
            user.want.removed && user.have.is_none() && !busy.contains(&Subject::User(user.want.id));
        gone.extend((user_gone && all_gone).then_some(Thing::User(user.want.id)));
        gone.extend(licences);
    }
    let groups = matching.groups.iter().filter(|(want, have)| want.removed && have.is_none());
    let groups = groups.filter(|(want, _)| !busy.contains(&Subject::Group(want.id)));
    gone.extend(groups.map(|(want, _)| Thing::Group(want.id)));
    gone
}

fn unmanaged(matching: &Matching<'_>) -> Vec<Unmanaged> {
    let groups =
        matching.unmanaged_groups.iter().map(|group| ("group", group.id.to_string(), group.name.clone()));
    let users =
        matching.unmanaged_users.iter().map(|user| ("user", user.id.to_string(), user.username.clone()));
    let licences = matching
        .unmanaged_licences
        .iter()
        .map(|l| ("licence", l.key.to_string(), l.email.clone().unwrap_or_else(|| kind_of(l))));
    groups
        .chain(users)
        .chain(licences)
        .map(|(kind, mozy_id, name)| Unmanaged { kind, mozy_id, name })
        .collect()
}
