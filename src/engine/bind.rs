//! Binding: the ids that Mozy gave are kept with what they belong to.

use crate::domain::{Desired, MozyGroupId, MozyUserId, PartnerId};
use crate::plan::{Action, Call, Place, Step, Subject};
use crate::ports::ledger::Binding;
use crate::ports::vendor::Made;
use std::collections::HashMap;

/// Ids that a call that went through gives or takes.
pub(super) fn bindings(desired: &Desired, step: &Step, call: &Call, made: &Made) -> Vec<Binding> {
    let id = made.id;
    match (call, &step.action, step.subject) {
        (Call::CreatePartner { .. }, ..) => anew(desired, id.map(PartnerId)),
        (Call::CreateGroup { .. }, Action::CreateGroup { place: Place::Home, .. }, _) => {
            vec![Binding::HomeGroup(id.map(MozyGroupId))]
        }
        (Call::CreateGroup { .. }, _, Subject::Group(group)) => {
            vec![Binding::Group(group, id.map(MozyGroupId))]
        }
        (Call::CreateUser { .. }, _, Subject::User(user)) => vec![Binding::User(user, id.map(MozyUserId))],
        (Call::AssignKey { key, login, .. }, _, Subject::Licence(licence)) => {
            vec![Binding::Licence(licence, Some(key.clone())), Binding::Address(licence, login.clone())]
        }
        (Call::ReaddressKey { login, .. }, _, Subject::Licence(licence)) => {
            vec![Binding::Address(licence, login.clone())]
        }
        _ => Vec::new(),
    }
}

/// A new partner has none of what an old one had.
fn anew(desired: &Desired, partner: Option<PartnerId>) -> Vec<Binding> {
    let mut all = vec![Binding::Partner(partner)];
    all.extend(desired.subscription.home_group.map(|_| Binding::HomeGroup(None)));
    let groups = desired.groups.iter().filter(|group| group.mozy_id.is_some());
    all.extend(groups.map(|group| Binding::Group(group.id, None)));
    let users = desired.users.iter().filter(|user| user.mozy_id.is_some());
    all.extend(users.map(|user| Binding::User(user.id, None)));
    let licences = desired.users.iter().flat_map(|user| &user.licences);
    all.extend(licences.filter(|l| l.key.is_some()).map(|licence| Binding::Licence(licence.id, None)));
    all
}

/// Keeps ids, in one pass over what they belong to.
pub(super) fn bind(desired: &mut Desired, bindings: &[Binding]) {
    let (mut groups, mut users) = (HashMap::new(), HashMap::new());
    let (mut licences, mut addresses) = (HashMap::new(), HashMap::new());
    for binding in bindings {
        match binding {
            Binding::Partner(id) => desired.subscription.partner = *id,
            Binding::Admin(email) => desired.subscription.admin.email.clone_from(email),
            Binding::HomeGroup(id) => desired.subscription.home_group = *id,
            Binding::Group(group, id) => drop(groups.insert(*group, *id)),
            Binding::User(user, id) => drop(users.insert(*user, *id)),
            Binding::Licence(licence, key) => drop(licences.insert(*licence, key)),
            Binding::Address(licence, address) => drop(addresses.insert(*licence, address)),
        }
    }
    if !groups.is_empty() {
        desired.groups.iter_mut().for_each(|g| g.mozy_id = groups.get(&g.id).copied().unwrap_or(g.mozy_id));
    }
    if !users.is_empty() {
        desired.users.iter_mut().for_each(|u| u.mozy_id = users.get(&u.id).copied().unwrap_or(u.mozy_id));
    }
    if !(licences.is_empty() && addresses.is_empty()) {
        for licence in desired.users.iter_mut().flat_map(|user| &mut user.licences) {
            if let Some(key) = licences.get(&licence.id) {
                licence.key.clone_from(key);
            }
            if let Some(address) = addresses.get(&licence.id) {
                licence.address = Some((*address).clone());
            }
        }
    }
}
