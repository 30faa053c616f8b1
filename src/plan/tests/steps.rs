//! Single differences, and exactly what is planned for them.

use super::estate::plain;
use crate::domain::licence::Licence;
use crate::domain::observed::{Account, Observed};
use crate::domain::subscription::Model;
use crate::domain::*;
use crate::plan::guard::{Counted, Limit, Limits, guard};
use crate::plan::{Action, Class, Place, Plan, Policy, Subject, Why, around_held, plan};
use std::collections::BTreeMap;

const STRANGER: &str = "stranger@else.test";

fn present(account: &Account) -> Observed {
    Observed::Present(Box::new(account.clone()))
}

fn planned(desired: &Desired, account: &Account) -> Plan {
    plan(desired, &present(account), &Policy::default())
}

fn kinds(plan: &Plan) -> Vec<&'static str> {
    plan.steps.iter().map(|step| step.action.kind()).collect()
}

fn refused(plan: &Plan, subject: Subject) -> Option<(Reason, &str)> {
    let mut of = plan.refusals.iter().filter(|refusal| refusal.subject == subject);
    of.next().map(|refusal| (refusal.reason, refusal.message.as_str()))
}

/// Nothing of this class may be done.
fn none_of(class: Class) -> Limits {
    Limits(BTreeMap::from([(class, Limit { percent: 0, min: 1 })]))
}

fn another(of: &Licence) -> Licence {
    let id = LicenceId(uuid::Uuid::from_u128(77));
    Licence { id, key: None, address: None, ..of.clone() }
}

fn remove(desired: &mut Desired, at: usize) {
    desired.users[at].removed = true;
    desired.users[at].licences.iter_mut().for_each(|licence| licence.removed = true);
}

#[test]
fn a_step_about_two_fields_of_a_user_tells_both_and_a_partners_go_one_by_one() {
    let (mut desired, mut account) = plain(false);
    desired.users[0].login = "new@acme.test".into();
    desired.users[0].display_name = "New Name".into();
    account.partner.name = "Else".into();
    account.partner.default_sync_quota = None;
    let plan = planned(&desired, &account);
    let why = |kind| {
        let of_kind = plan.steps.iter().filter(|step| step.action.kind() == kind);
        of_kind.map(|step| step.why.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        why("update_user"),
        ["user name, full name is user0@acme.test, User 0, wanted new@acme.test, New Name"]
    );
    assert_eq!(
        why("update_partner"),
        ["name is Else, wanted Acme", "default sync quota is unset, wanted 5 GB"]
    );
}

#[test]
fn a_group_with_a_key_of_somebody_else_stays() {
    let (mut desired, mut account) = plain(false);
    desired.users[1].group = None;
    desired.groups[0].removed = true;
    let mut user = account.groups[1].users.remove(0);
    user.group = account.groups[0].group.id;
    account.groups[0].users.push(user);
    account.groups[1].licences[0].email = Some(STRANGER.into());
    let plan = planned(&desired, &account);
    assert!(!kinds(&plan).contains(&"delete_group"), "{plan:?}");
    let (reason, message) = refused(&plan, Subject::Group(desired.groups[0].id)).unwrap();
    assert!(reason == Reason::GroupNotEmpty && message.contains("1 keys"), "{message}");
}

#[test]
fn what_is_held_frees_nothing_and_holds_up_nobody() {
    let (mut desired, account) = plain(false);
    let home = desired.users[0].clone();
    remove(&mut desired, 1);
    desired.groups[0].removed = true;
    desired.users[0].licences.push(another(&home.licences[0]));
    let free = planned(&desired, &account);
    assert!(
        kinds(&free).contains(&"transfer"),
        "what he has in the group that goes is brought home: {free:?}"
    );
    // What was done just before is enough.
    let spent = crate::plan::guard::Weight { things: 9, accounts: 0 };
    let counted = Counted { account: BTreeMap::from([(Class::Delete, spent)]), ..Counted::default() };
    let held = guard(&desired, free, &none_of(Class::Delete), &counted);
    let rest =
        around_held(&desired, &Policy::default(), held, |policy| plan(&desired, &present(&account), policy));
    assert_eq!(kinds(&rest), ["assign_key"]);
    assert_eq!(rest.held_steps().map(|step| step.action.kind()).collect::<Vec<_>>(), ["delete_user"]);
    let group = refused(&rest, Subject::Group(desired.groups[0].id)).unwrap();
    assert_eq!(group.0, Reason::GuardHeld);
}

#[test]
fn what_a_deleted_user_left_behind_is_no_downgrade() {
    let (mut desired, mut account) = plain(false);
    (0..2).for_each(|at| remove(&mut desired, at));
    account.groups.iter_mut().for_each(|contents| contents.users.clear());
    let free = planned(&desired, &account);
    assert_eq!(kinds(&free), ["clear_key", "clear_key"]);
    let guarded = guard(&desired, free.clone(), &none_of(Class::Downgrade), &Counted::default());
    assert_eq!(guarded, free);
    desired.users.iter_mut().for_each(|user| user.removed = false);
    let (_, account) = plain(false);
    let guarded =
        guard(&desired, planned(&desired, &account), &none_of(Class::Downgrade), &Counted::default());
    assert_eq!(guarded.held_steps().count(), 2, "two licences that were taken from users are");
}

#[test]
fn what_goes_the_same_way_goes_at_once() {
    let (mut desired, mut account) = plain(false);
    desired.users[1].group = None;
    desired.groups[0].removed = true;
    for (at, by) in [(0, -1), (1, 1)] {
        let stock = &mut account.groups[at].stock.desktop;
        stock.licences += by;
        stock.quota = Gb(stock.quota.0 + 10 * by);
    }
    let plan = planned(&desired, &account);
    let transfers = plan.steps.iter().filter_map(|step| match step.action {
        Action::Transfer { from, to, licences, quota, more } => Some((from, to, (licences, quota), more)),
        _ => None,
    });
    let from = Place::Own(desired.groups[0].id);
    // At home are 2 keys and 30 GB then, and the one that comes along with him.
    assert_eq!(transfers.collect::<Vec<_>>(), [(from, Place::Home, (4, Gb(50)), (1, Gb(20)))]);
}

#[test]
fn sync_of_a_resellers_customer_begins_with_the_resellers_quota() {
    let (mut desired, mut account) = plain(true);
    desired.subscription.model = Model::Customer(None);
    desired.users[0].sync = true;
    account.groups.truncate(1);
    desired.users.truncate(1);
    desired.groups.clear();
    let stock = account.stock(LicenceKind::Desktop);
    desired.subscription.bought.pools.desktop.quota = Amount::Limit(stock.quota.0);
    desired.subscription.bought.pools.desktop.licences = Amount::Limit(stock.licences);
    for (default, fits) in [(None, true), (Some(30), true), (Some(31), false)] {
        account.partner.default_sync_quota = default.map(Gb);
        let plan = planned(&desired, &account);
        assert_eq!(kinds(&plan).contains(&"set_user_sync"), fits, "{default:?} {plan:?}");
        let why = refused(&plan, Subject::User(desired.users[0].id)).map(|(reason, _)| reason);
        assert_eq!(why, (!fits).then_some(Reason::QuotaExceedsPurchase));
    }
}

#[test]
fn sync_goes_off_by_itself_and_not_while_somebody_else_has_it() {
    let (mut desired, mut account) = plain(true);
    desired.subscription.sync = false;
    desired.subscription.company = "New".into();
    let plan = planned(&desired, &account);
    let updates = plan.steps.iter().filter_map(|step| match &step.action {
        Action::UpdatePartner { name, sync, .. } => Some((name.as_deref(), *sync)),
        _ => None,
    });
    assert_eq!(updates.collect::<Vec<_>>(), [(None, Some(false)), (Some("New"), None)]);
    let theirs = account.groups[0].users[0].clone();
    let theirs =
        user::ObservedUser { id: MozyUserId(999), username: STRANGER.into(), sync: Some(true), ..theirs };
    account.groups[0].users.push(theirs);
    let plan = planned(&desired, &account);
    assert_eq!(kinds(&plan), ["set_group_sync", "update_partner"], "of the other group, and the name");
    assert!(matches!(&plan.steps[1].why, Why::Differs { field, .. } if field == "name"));
    let (reason, message) = refused(&plan, Subject::Account).unwrap();
    assert!(reason == Reason::VendorRejected && message.contains(STRANGER), "{message}");
}

#[test]
fn a_word_that_is_new_to_us_says_nothing() {
    let (mut desired, mut account) = plain(false);
    desired.users[0].display_name = "New Name".into();
    let home = &mut account.groups[0];
    home.users[0].status = None;
    let theirs =
        user::ObservedUser { id: MozyUserId(999), username: STRANGER.into(), ..home.users[0].clone() };
    home.users.push(theirs);
    home.licences[0].kind = None;
    account.groups[1].group.status = None;
    account.partner.status = None;
    let plan = planned(&desired, &account);
    assert_eq!(kinds(&plan), ["update_user"], "nobody's status, nor another key");
    // What a key is must be known to say whose it is.
    assert_eq!(plan.waiting, [Subject::Licence(desired.users[0].licences[0].id)].into());
    (desired.users[0].suspended, desired.subscription.suspended) = (true, true);
    let told = kinds(&planned(&desired, &account));
    assert_eq!(told, ["update_user", "suspend_user", "suspend_account"], "who is to be suspended is told so");
    (desired.users[0].removed, desired.subscription.suspended) = (true, false);
    assert_eq!(kinds(&planned(&desired, &account)), ["delete_user"]);
}
