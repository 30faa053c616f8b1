//! OSA waits only so long: then limits and suspends are done, and all else is refused and withdrawn if untouched.

use std::time::Duration;

use mozyd::domain::partner::Status;
use mozyd::domain::*;
use mozyd::plan::{Action, Call, Step, Subject, Why};
use mozyd::ports::Ledger;
use mozyd::ports::desk::*;
use mozyd::ports::ledger::{Binding, Lease, Outcome};
use mozyd::ports::report::Finding;

use super::world::*;

/// The tenant is there; OSA has no patience at all with anything else.
async fn impatient() -> World {
    let world = World::patient(Duration::ZERO).await;
    world.desk.order(&ask(), order()).await.unwrap();
    world.agree().await;
    world.desk.order(&again(), order()).await.unwrap();
    world
}

async fn suspend_step(world: &World, lease: Lease, user: UserId) -> StepId {
    let why = Why::Removed;
    let step = Step { subject: Subject::User(user), action: Action::SetUserStatus(Status::Suspended), why };
    let call = Call::SetUserStatus { id: MozyUserId(1), status: Status::Suspended };
    world.store.intend(lease, &step, &call).await.unwrap()
}

fn named(name: &str) -> serde_json::Map<String, serde_json::Value> {
    [("displayName".to_owned(), name.into())].into_iter().collect()
}

#[tokio::test]
async fn a_user_who_cannot_be_made_is_withdrawn_with_the_reason() {
    let world = impatient().await;
    assert!(is_waiting(world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await));
    world.block(Thing::User(ALICE), Reason::UserEmailInUse).await;
    let before = world.generation().await;
    let answer = world.desk.add_user(&again(), user(ALICE, "alice@a.example")).await;
    assert_eq!(reason(answer), Reason::UserEmailInUse);
    assert!(world.desired().await.users.is_empty());
    assert_eq!(world.generation().await, before + 1);
    assert_eq!(world.claim().await.lease.subscription, TENANT);
    assert_eq!(world.sql("SELECT * FROM operations").await, Vec::<String>::new());
    // It can be wished for again.
    assert!(is_waiting(world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await));
    assert_eq!(world.desired().await.users.len(), 1);
}

#[tokio::test]
async fn the_first_request_is_never_told_that_it_waited_too_long() {
    let world = impatient().await;
    for _ in 0..3 {
        assert!(is_waiting(world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await));
    }
}

#[tokio::test]
async fn a_change_goes_back_to_what_was_wished_before() {
    let world = impatient().await;
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    world.cycle(|report| report.bindings = vec![Binding::User(ALICE, Some(MozyUserId(7)))]).await;
    world.desk.tell(ALICE, &named("Alice")).await.unwrap();
    let patch = UserPatch { login: Some("taken@a.example".into()), ..UserPatch::default() };
    assert!(is_waiting(world.desk.configure_user(&ask(), ALICE, patch.clone()).await));
    world.block(Thing::User(ALICE), Reason::UserEmailInUse).await;
    assert_eq!(reason(world.desk.configure_user(&again(), ALICE, patch).await), Reason::UserEmailInUse);
    let alice = world.desired().await.users.remove(0);
    assert_eq!((alice.login.as_str(), alice.mozy_id), ("alice@a.example", Some(MozyUserId(7))));
    assert!(world.desk.told(ALICE).await.unwrap().is_empty(), "what OSA holds then is not known");
}

#[tokio::test]
async fn a_change_that_was_overtaken_stays_overtaken() {
    let world = impatient().await;
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    world.agree().await;
    let login = |login: &str| UserPatch { login: Some(login.into()), ..UserPatch::default() };
    world.desk.configure_user(&ask(), ALICE, login("one@a.example")).await.unwrap();
    world.desk.suspend_user(&ask(), ALICE, true).await.unwrap();
    world.block(Thing::User(ALICE), Reason::UserEmailInUse).await;
    assert_eq!(
        reason(world.desk.configure_user(&again(), ALICE, login("one@a.example")).await),
        Reason::UserEmailInUse
    );
    let alice = world.desired().await.users.remove(0);
    assert_eq!((alice.login.as_str(), alice.suspended), ("one@a.example", true));
}

#[tokio::test]
async fn what_was_begun_is_refused_but_not_withdrawn() {
    let world = impatient().await;
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    world.desk.add_user(&ask(), user(BOB, "bob@a.example")).await.unwrap();
    world.desk.tell(ALICE, &named("Alice")).await.unwrap();
    let claimed = world.claim_one(TENANT).await;
    suspend_step(&world, claimed.lease, ALICE).await;
    world.store.release(claimed.lease).await.unwrap();
    for (id, login) in [(ALICE, "alice@a.example"), (BOB, "bob@a.example")] {
        assert_eq!(reason(world.desk.add_user(&again(), user(id, login)).await), Reason::VendorRejected);
    }
    let left: Vec<_> = world.desired().await.users.into_iter().map(|user| user.id).collect();
    assert_eq!(left, [ALICE], "Bob was untouched, Alice was not");
    // OSA goes back to what it held; when it says that again, it is more than an echo.
    assert!(world.desk.told(ALICE).await.unwrap().is_empty());
}

/// OSA's next task begins its patience anew.
#[tokio::test]
async fn what_was_done_before_osa_asked_afresh_is_not_withdrawn() {
    let world = impatient().await;
    let alice = || user(ALICE, "alice@a.example");
    world.desk.add_user(&ask(), alice()).await.unwrap();
    let claimed = world.claim_one(TENANT).await;
    let step = suspend_step(&world, claimed.lease, ALICE).await;
    world.store.settle(claimed.lease, step, &Outcome::Done, &[]).await.unwrap();
    world.store.release(claimed.lease).await.unwrap();
    assert!(is_waiting(world.desk.add_user(&ask(), alice()).await));
    assert_eq!(reason(world.desk.add_user(&again(), alice()).await), Reason::VendorRejected);
    assert_eq!(world.desired().await.users.len(), 1);
}

#[tokio::test]
async fn a_withdrawal_takes_the_lease_from_who_would_still_do_it() {
    let world = impatient().await;
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    let claimed = world.claim_one(TENANT).await;
    reason(world.desk.add_user(&again(), user(ALICE, "alice@a.example")).await);
    let step = Step { subject: Subject::User(ALICE), action: Action::DeleteUser, why: Why::Removed };
    let call = Call::DeleteUser { id: MozyUserId(1) };
    let lost = world.store.intend(claimed.lease, &step, &call).await;
    assert!(matches!(lost, Err(mozyd::ports::LedgerError::LeaseLost(TENANT))), "{lost:?}");
}

#[tokio::test]
async fn an_order_that_comes_to_nothing_leaves_nothing_to_do() {
    let world = World::patient(Duration::ZERO).await;
    world.desk.order(&ask(), order()).await.unwrap();
    world
        .cycle(|report| {
            report.verdicts[0].blocked = Some((Reason::AsExpected, String::new()));
            report.findings = vec![Finding {
                kind: ConditionType::Provisioned,
                status: false,
                reason: Reason::VendorUnreachable,
                message: "mozy does not answer".into(),
            }];
        })
        .await;
    assert_eq!(reason(world.desk.order(&again(), order()).await), Reason::VendorUnreachable);
    assert!(world.desk.tenant(INSTANCE, TENANT).await.unwrap().is_none());
    assert_eq!(world.sql("SELECT * FROM work").await, Vec::<String>::new());
    assert!(!is_waiting(world.desk.remove_tenant(&ask(), TENANT).await));
    assert!(is_waiting(world.desk.order(&ask(), order()).await));
    assert_eq!(world.claim().await.lease.subscription, TENANT);
}

#[tokio::test]
async fn limits_and_suspends_of_a_tenant_are_done_then() {
    let world = impatient().await;
    let mut patch = TenantPatch::default();
    patch.quota.desktop = Some(Amount::Limit(7));
    assert!(is_waiting(world.desk.configure_tenant(&ask(), TENANT, patch).await));
    assert!(!is_waiting(world.desk.configure_tenant(&again(), TENANT, patch).await));
    assert!(is_waiting(world.desk.suspend_tenant(&ask(), TENANT, true).await));
    assert!(!is_waiting(world.desk.suspend_tenant(&again(), TENANT, true).await));
    let desired = world.desired().await;
    assert!(desired.subscription.suspended);
    assert_eq!(desired.subscription.bought.pools.desktop.quota, Amount::Limit(7));
}

#[tokio::test]
async fn a_removal_that_comes_to_nothing_is_taken_back() {
    let world = impatient().await;
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    world.desk.add_licence(&ask(), licence(KEY, ALICE, 5)).await.unwrap();
    world.agree().await;
    world.desk.remove_user(&ask(), ALICE).await.unwrap();
    world
        .cycle(|report| {
            report.gone.clear();
            let held = report.verdicts.iter_mut().find(|verdict| verdict.thing == Thing::User(ALICE));
            held.unwrap().blocked = Some((Reason::VendorRejected, "no".into()));
        })
        .await;
    assert_eq!(reason(world.desk.remove_user(&again(), ALICE).await), Reason::VendorRejected);
    let alice = world.desired().await.users.remove(0);
    assert!(!alice.removed && !alice.licences[0].removed);
}

#[tokio::test]
async fn what_waits_by_an_operators_word_is_not_withdrawn() {
    let world = impatient().await;
    let wish = || user(ALICE, "alice@a.example");
    assert!(is_waiting(world.desk.add_user(&ask(), wish()).await));
    let paused = |status| {
        let found = Finding {
            kind: ConditionType::Paused,
            status,
            reason: Reason::AsExpected,
            message: String::new(),
        };
        move |report: &mut mozyd::ports::CycleReport| {
            report.findings = vec![found];
            report.verdicts.retain(|verdict| verdict.thing != Thing::User(ALICE));
        }
    };
    // A maintenance window.
    world.cycle(paused(true)).await;
    assert!(is_waiting(world.desk.add_user(&again(), wish()).await));
    world.cycle(paused(false)).await;
    assert!(world.store.pause(TENANT, "a test").await.unwrap());
    assert!(is_waiting(world.desk.add_user(&again(), wish()).await));
    assert!(world.store.resume(TENANT, "a test").await.unwrap());
    assert_eq!(reason(world.desk.add_user(&again(), wish()).await), Reason::VendorRejected);
    assert!(world.desired().await.users.is_empty(), "then its patience counts again");
}

#[tokio::test]
async fn a_removal_that_the_guard_holds_stays_wished_and_waited_for() {
    let world = impatient().await;
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    world.agree().await;
    world.desk.remove_user(&ask(), ALICE).await.unwrap();
    world
        .cycle(|report| {
            report.gone.clear();
            let held = report.verdicts.iter_mut().find(|verdict| verdict.thing == Thing::User(ALICE));
            held.unwrap().blocked = Some((Reason::GuardHeld, "held".into()));
        })
        .await;
    for _ in 0..3 {
        assert!(is_waiting(world.desk.remove_user(&again(), ALICE).await));
    }
    assert!(world.desired().await.users[0].removed);
    world.agree().await;
    assert!(!is_waiting(world.desk.remove_user(&again(), ALICE).await));
}

#[tokio::test]
async fn a_refused_address_holds_up_nothing_else_of_a_user_who_is_there() {
    let world = impatient().await;
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    world.desk.add_group(&ask(), group(SALES)).await.unwrap();
    world.cycle(|report| report.bindings = vec![Binding::User(ALICE, Some(MozyUserId(7)))]).await;
    world.desk.add_user(&again(), user(ALICE, "alice@a.example")).await.unwrap();
    let login = |login: &str| UserPatch { login: Some(login.into()), ..UserPatch::default() };
    let heard = world.desk.user_changed(&ask(), ALICE, login("taken@a.example")).await;
    assert!(!is_waiting(heard));
    let moved = || UserPatch { group: Some(GroupChoice::Own(SALES)), ..UserPatch::default() };
    assert!(is_waiting(world.desk.configure_user(&ask(), ALICE, moved()).await));
    world.block(Thing::User(ALICE), Reason::UserEmailInUse).await;
    assert!(!is_waiting(world.desk.configure_user(&again(), ALICE, moved()).await));
    // Who asks for such an address is told.
    assert!(is_waiting(world.desk.configure_user(&ask(), ALICE, login("other@a.example")).await));
    world.block(Thing::User(ALICE), Reason::UserEmailInUse).await;
    let refused = world.desk.configure_user(&again(), ALICE, login("other@a.example")).await;
    assert_eq!(reason(refused), Reason::UserEmailInUse);
}
