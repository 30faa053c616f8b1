//! Wishes are kept once, answered from verdicts, removed by tombstones, and taken up again when posted again.

use mozyd::domain::subscription::Admin;
use mozyd::domain::*;
use mozyd::ports::desk::*;
use mozyd::ports::ledger::Binding;

use super::world::*;

#[tokio::test]
async fn the_same_wish_again_raises_and_writes_nothing() {
    let world = World::with_alice().await;
    world.desk.add_group(&ask(), group(SALES)).await.unwrap();
    let patch = TenantPatch { sync_available: Some(true), ..TenantPatch::default() };
    let repeat = async || {
        assert!(!is_waiting(world.desk.order(&ask(), order()).await));
        assert!(!is_waiting(world.desk.configure_tenant(&ask(), TENANT, patch).await));
        assert!(!is_waiting(world.desk.suspend_tenant(&ask(), TENANT, false).await));
        assert!(!is_waiting(world.desk.switch_sync(&ask(), TENANT, Some(false)).await));
        assert!(!is_waiting(world.desk.add_user(&again(), user(ALICE, "alice@a.example")).await));
        assert!(!is_waiting(world.desk.configure_user(&ask(), ALICE, UserPatch::default()).await));
        assert!(!is_waiting(world.desk.suspend_user(&ask(), ALICE, false).await));
        assert!(!is_waiting(world.desk.add_licence(&ask(), licence(KEY, ALICE, 5)).await));
        assert!(!is_waiting(world.desk.configure_licence(&ask(), KEY, Some(Gb(5))).await));
        assert!(is_waiting(world.desk.add_group(&again(), group(SALES)).await));
        assert!(is_waiting(world.desk.rename_group(&ask(), SALES, Some("Sales".into())).await));
    };
    repeat().await;
    let all = "SELECT xmin, generation, request_id FROM subscriptions UNION ALL SELECT xmin, generation, '' FROM users \
        UNION ALL SELECT xmin, generation, '' FROM licences UNION ALL SELECT xmin, generation, '' FROM user_groups \
        UNION ALL SELECT xmin, lane, due_at::text FROM work UNION ALL SELECT xmin, id, message FROM events";
    let before = world.sql(all).await;
    repeat().await;
    assert_eq!(world.sql(all).await, before);
}

#[tokio::test]
async fn an_order_waits_until_a_cycle_agrees_and_wakes_the_queue() {
    let world = World::empty().await;
    assert!(is_waiting(world.desk.order(&ask(), order()).await));
    let claimed = world.claim().await;
    assert_eq!((claimed.lease.subscription, claimed.lane), (TENANT, mozyd::store::Lane::Change));
    let case = world.case(&claimed).await;
    assert_eq!(case.desired.subscription.bought, order().bought);
    assert_eq!((case.desired.subscription.generation, case.request.as_deref()), (1, Some("t-1")));
    world.store.record(claimed.lease, &agreed(&case), LATER).await.unwrap();
    assert_eq!(world.desk.order(&again(), order()).await.unwrap(), Progress::Done);
    assert_eq!(world.sql("SELECT * FROM operations").await, Vec::<String>::new());
}

#[tokio::test]
async fn an_order_is_done_when_the_admins_address_is_in_use() {
    let world = World::empty().await;
    world.desk.order(&ask(), order()).await.unwrap();
    world.block(Thing::Tenant(TENANT), Reason::AdminEmailInUse).await;
    assert!(!is_waiting(world.desk.order(&again(), order()).await));
    // Another admin is waited for.
    let admin = Admin { email: "two@a.example".into(), full_name: "Two".into() };
    let staff = StaffId(uuid::Uuid::from_u128(5));
    assert!(is_waiting(world.desk.choose_admin(&ask(), TENANT, staff, admin.clone()).await));
    world.agree().await;
    assert!(!is_waiting(world.desk.choose_admin(&again(), TENANT, staff, admin.clone()).await));
    assert_eq!(world.desired().await.subscription.admin, admin);
}

#[tokio::test]
async fn limits_are_kept_below_what_is_in_use_and_answered_when_they_have_no_room() {
    let world = World::with_alice().await;
    let mut patch = TenantPatch::default();
    patch.licences.desktop = Some(Amount::Limit(0));
    assert!(is_waiting(world.desk.configure_tenant(&ask(), TENANT, patch).await));
    world.block(Thing::Tenant(TENANT), Reason::LicensesExceedPurchase).await;
    assert!(!is_waiting(world.desk.configure_tenant(&again(), TENANT, patch).await));
    assert_eq!(world.desired().await.subscription.bought.pools.desktop.licences, Amount::Limit(0));
    patch.licences.desktop = Some(Amount::Unlimited);
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    assert_eq!(world.desired().await.subscription.bought.pools.desktop.licences, Amount::Unlimited);
}

#[tokio::test]
async fn a_verdict_is_about_the_wish() {
    let world = World::with_alice().await;
    world.desk.add_user(&again(), user(ALICE, "alice@a.example")).await.unwrap();
    let short = async || world.block(Thing::User(ALICE), Reason::QuotaExceedsPurchase).await;
    let ask = |request: &str| Ask { request: Some(request.into()), ..ask() };
    let again = |request: &str| Ask { again: true, ..ask(request) };
    world.desk.suspend_user(&ask("off"), ALICE, true).await.unwrap();
    short().await;
    assert!(!is_waiting(world.desk.suspend_user(&again("off"), ALICE, true).await));
    let rename = UserPatch { display_name: Some("Al".into()), ..UserPatch::default() };
    world.desk.configure_user(&ask("name"), ALICE, rename.clone()).await.unwrap();
    short().await;
    assert!(!is_waiting(world.desk.configure_user(&again("name"), ALICE, rename.clone()).await));
    // Nothing changed, whatever stands.
    assert!(!is_waiting(world.desk.configure_user(&ask("name-2"), ALICE, rename).await));
    world.desk.switch_sync(&ask("sync"), TENANT, Some(true)).await.unwrap();
    world.block(Thing::Tenant(TENANT), Reason::QuotaExceedsPurchase).await;
    assert!(!is_waiting(world.desk.switch_sync(&again("sync"), TENANT, Some(true)).await));
    // What raises the amount is about it.
    let sync = UserPatch { sync: Some(true), ..UserPatch::default() };
    world.desk.configure_user(&ask("more"), ALICE, sync.clone()).await.unwrap();
    short().await;
    assert!(is_waiting(world.desk.configure_user(&again("more"), ALICE, sync).await));
}

#[tokio::test]
async fn limits_that_change_nothing_are_done_whatever_stands() {
    let world = World::with_tenant().await;
    world.block(Thing::Tenant(TENANT), Reason::VendorRejected).await;
    let patch = TenantPatch { groups_tab: Some(false), ..TenantPatch::default() };
    assert!(!is_waiting(world.desk.configure_tenant(&ask(), TENANT, patch).await));
    assert!(!is_waiting(world.desk.configure_tenant(&ask(), TENANT, TenantPatch::default()).await));
}

#[tokio::test]
async fn the_groups_tab_concerns_nobody_at_mozy() {
    let world = World::with_tenant().await;
    let before = world.generation().await;
    let patch = TenantPatch { groups_tab: Some(false), ..TenantPatch::default() };
    assert!(!is_waiting(world.desk.configure_tenant(&ask(), TENANT, patch).await));
    let numbers = world.desk.tenant(INSTANCE, TENANT).await.unwrap().unwrap();
    assert!(!numbers.groups_tab && numbers.works);
    assert_eq!(world.generation().await, before);
    assert!(world.store.claim(uuid::Uuid::new_v4(), LEASE, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn sync_off_takes_the_users_along_and_on_does_not_bring_them_back() {
    let world = World::with_tenant().await;
    world.desk.switch_sync(&ask(), TENANT, None).await.unwrap();
    // Neither a poll toggles again, nor the same request that came twice.
    assert!(is_waiting(world.desk.switch_sync(&again(), TENANT, None).await));
    assert!(is_waiting(world.desk.switch_sync(&ask(), TENANT, None).await));
    let synced = UserWish { sync: true, ..user(ALICE, "alice@a.example") };
    world.desk.add_user(&ask(), synced).await.unwrap();
    assert!(world.desired().await.subscription.sync && world.desired().await.users[0].sync);
    let patch = TenantPatch { sync_available: Some(false), ..TenantPatch::default() };
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    let desired = world.desired().await;
    assert!(!desired.subscription.sync && !desired.users[0].sync);
    assert_eq!(desired.users[0].generation, desired.subscription.generation);
    let patch = TenantPatch { sync_available: Some(true), ..TenantPatch::default() };
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    world.desk.switch_sync(&ask(), TENANT, Some(true)).await.unwrap();
    let desired = world.desired().await;
    assert!(desired.subscription.sync && !desired.users[0].sync);
}

#[tokio::test]
async fn a_removed_user_takes_his_licences_along_and_is_done_when_gone() {
    let world = World::with_alice().await;
    assert!(is_waiting(world.desk.remove_user(&ask(), ALICE).await));
    let desired = world.desired().await;
    assert!(desired.users[0].removed && desired.users[0].licences[0].removed);
    assert!(world.desk.owner(INSTANCE, Thing::User(ALICE)).await.unwrap().is_none());
    world.agree().await;
    assert!(!is_waiting(world.desk.remove_user(&again(), ALICE).await));
    assert!(!is_waiting(world.desk.remove_licence(&ask(), KEY).await));
    assert!(world.desired().await.users.is_empty());
    // What was never heard of need not be removed.
    assert!(!is_waiting(world.desk.remove_user(&ask(), BOB).await));
}

#[tokio::test]
async fn posted_again_after_it_was_gone_it_is_another_one_at_mozy() {
    let world = World::with_alice().await;
    let bind = Binding::User(ALICE, Some(MozyUserId(77)));
    world.cycle(|report| report.bindings = vec![bind]).await;
    world.desk.remove_user(&ask(), ALICE).await.unwrap();
    // Not gone yet: he comes back as he is.
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    let alice = world.desired().await.users.remove(0);
    assert_eq!((alice.removed, alice.mozy_id), (false, Some(MozyUserId(77))));
    assert!(alice.licences[0].removed);
    world.desk.remove_user(&ask(), ALICE).await.unwrap();
    world.agree().await;
    assert!(is_waiting(world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await));
    let alice = world.desired().await.users.remove(0);
    assert_eq!((alice.removed, alice.mozy_id, alice.licences.len()), (false, None, 0));
}

#[tokio::test]
async fn a_removed_tenant_takes_everything_along_and_can_be_ordered_again() {
    let world = World::with_alice().await;
    world.cycle(|report| report.bindings = vec![Binding::Partner(Some(PartnerId(5)))]).await;
    assert!(is_waiting(world.desk.remove_tenant(&ask(), TENANT).await));
    let desired = world.desired().await;
    assert!(desired.subscription.removed && desired.users[0].removed && desired.users[0].licences[0].removed);
    // OSA asks for its numbers until it is told that it is gone.
    assert!(world.desk.tenant(INSTANCE, TENANT).await.unwrap().is_some());
    world.agree().await;
    assert!(world.desk.tenant(INSTANCE, TENANT).await.unwrap().is_none());
    assert!(!is_waiting(world.desk.remove_tenant(&again(), TENANT).await));
    assert!(!is_waiting(world.desk.remove_user(&ask(), ALICE).await));
    assert_eq!(world.sql("SELECT * FROM work").await, Vec::<String>::new());
    assert!(is_waiting(world.desk.order(&ask(), order()).await));
    let desired = world.desired().await;
    assert_eq!((desired.subscription.removed, desired.subscription.partner), (false, None));
    assert!(desired.users.is_empty());
    assert_eq!(world.claim().await.lease.subscription, TENANT);
}

#[tokio::test]
async fn an_order_posted_twice_does_not_take_an_upgrade_back() {
    let world = World::with_tenant().await;
    let mut patch = TenantPatch::default();
    patch.licences.desktop = Some(Amount::Limit(50));
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    world.desk.order(&ask(), order()).await.unwrap();
    assert_eq!(world.desired().await.subscription.bought.pools.desktop.licences, Amount::Limit(50));
}

#[tokio::test]
async fn twenty_at_once_make_one_wish() {
    let world = World::empty().await;
    let all = (0..20).map(|_| async { world.desk.order(&ask(), order()).await });
    for answer in futures_util::future::join_all(all).await {
        assert!(is_waiting(answer));
    }
    assert_eq!(world.one("SELECT generation FROM subscriptions").await, "1");
    assert_eq!(world.one("SELECT count(*) FROM events").await, "1");
}

#[tokio::test]
async fn another_instance_knows_nothing_of_it() {
    let world = World::with_alice().await;
    let other = Ask { instance: InstanceId(uuid::Uuid::from_u128(0xB)), ..ask() };
    let unknown = |answer: Result<Progress, DeskError>| matches!(answer, Err(DeskError::NotFound(_)));
    assert!(unknown(world.desk.order(&other, order()).await));
    assert!(unknown(world.desk.remove_user(&other, ALICE).await));
    assert!(unknown(world.desk.suspend_tenant(&other, TENANT, true).await));
    assert_eq!(reason(world.desk.add_user(&other, user(BOB, "b@b.example")).await), Reason::ParentGone);
    assert!(world.desk.tenant(other.instance, TENANT).await.unwrap().is_none());
    assert!(world.desk.owner(other.instance, Thing::User(ALICE)).await.unwrap().is_none());
    assert_eq!(world.desk.owner(INSTANCE, Thing::Licence(KEY)).await.unwrap(), Some(TENANT));
}

/// OSA's first call in a transaction.
fn first(transaction: &str) -> Ask {
    Ask { request: Some(transaction.into()), ..ask() }
}

/// A poll of it.
fn poll(transaction: &str) -> Ask {
    Ask { again: true, ..first(transaction) }
}

fn login(login: &str) -> UserPatch {
    UserPatch { login: Some(login.into()), ..UserPatch::default() }
}

/// With Alice, who is there, and her group; nobody waits for anything.
async fn settled(patience: std::time::Duration) -> World {
    let world = World::patient(patience).await;
    world.desk.order(&first("order"), order()).await.unwrap();
    world.desk.add_user(&first("alice"), user(ALICE, "alice@a.example")).await.unwrap();
    world.desk.add_group(&first("sales"), group(SALES)).await.unwrap();
    world.agree().await;
    assert!(!is_waiting(world.desk.order(&poll("order"), order()).await));
    assert!(!is_waiting(world.desk.add_user(&poll("alice"), user(ALICE, "alice@a.example")).await));
    assert!(!is_waiting(world.desk.add_group(&poll("sales"), group(SALES)).await));
    world
}

#[tokio::test]
async fn an_event_ends_no_operation_and_is_heard_after_it() {
    let world = settled(HOUR).await;
    let into_sales = || UserPatch { group: Some(GroupChoice::Own(SALES)), ..UserPatch::default() };
    assert!(is_waiting(world.desk.configure_user(&first("move"), ALICE, into_sales()).await));
    let hear = async || world.desk.user_changed(&first("event"), ALICE, login("new@a.example")).await;
    assert!(is_waiting(hear().await), "it is to come again");
    assert!(
        is_waiting(world.desk.configure_user(&poll("move"), ALICE, into_sales()).await),
        "Mozy saw nothing"
    );
    assert_eq!(world.desired().await.users[0].login, "alice@a.example");
    world.agree().await;
    assert!(!is_waiting(world.desk.configure_user(&poll("move"), ALICE, into_sales()).await));
    assert!(!is_waiting(hear().await));
    assert_eq!(world.desired().await.users[0].login, "new@a.example");
}

#[tokio::test]
async fn an_event_waits_for_nobody_who_has_not_asked_for_long() {
    let world = settled(HOUR).await;
    world.desk.configure_user(&first("name"), ALICE, login("one@a.example")).await.unwrap();
    world.sql("UPDATE operations SET started_at = now() - interval '62 minutes'").await;
    assert!(!is_waiting(world.desk.user_changed(&first("event"), ALICE, login("new@a.example")).await));
}

#[tokio::test]
async fn an_event_begins_no_operation() {
    let world = settled(HOUR).await;
    assert!(!is_waiting(world.desk.user_changed(&first("event"), ALICE, login("new@a.example")).await));
    assert_eq!(world.desired().await.users[0].login, "new@a.example");
    assert_eq!(world.claim().await.lease.subscription, TENANT);
    assert_eq!(world.sql("SELECT * FROM operations").await, Vec::<String>::new());
    // While Mozy is away, what changes nothing is done, as ever.
    assert!(!is_waiting(world.desk.configure_user(&first("same"), ALICE, UserPatch::default()).await));
}

#[tokio::test]
async fn a_wish_that_changed_while_osa_waited_is_withdrawn_with_what_it_was_before() {
    let world = settled(std::time::Duration::ZERO).await;
    let key = async |ask: Ask, quota| world.desk.add_licence(&ask, licence(KEY, ALICE, quota)).await;
    assert!(is_waiting(key(first("key"), 10).await));
    assert!(is_waiting(key(first("key"), 20).await));
    assert_eq!(reason(key(poll("key"), 20).await), Reason::VendorRejected);
    assert!(world.desired().await.users[0].licences.is_empty());
    for name in ["one@a.example", "two@a.example", "three@a.example"] {
        assert!(is_waiting(world.desk.configure_user(&first("name"), ALICE, login(name)).await));
    }
    let refused = world.desk.configure_user(&poll("name"), ALICE, login("three@a.example")).await;
    assert_eq!(reason(refused), Reason::VendorRejected);
    assert_eq!(world.desired().await.users[0].login, "alice@a.example");
}

#[tokio::test]
async fn what_an_earlier_wish_alone_changed_is_withdrawn_too() {
    let world = settled(std::time::Duration::ZERO).await;
    world.desk.switch_sync(&first("on"), TENANT, Some(true)).await.unwrap();
    let synced = UserPatch { sync: Some(true), ..UserPatch::default() };
    world.desk.configure_user(&first("too"), ALICE, synced.clone()).await.unwrap();
    world.agree().await;
    world.desk.switch_sync(&poll("on"), TENANT, Some(true)).await.unwrap();
    world.desk.configure_user(&poll("too"), ALICE, synced).await.unwrap();
    // Off took Alice along, and on would not have brought her back.
    for on in [false, true] {
        assert!(is_waiting(world.desk.switch_sync(&first("switch"), TENANT, Some(on)).await));
    }
    reason(world.desk.switch_sync(&poll("switch"), TENANT, Some(true)).await);
    let desired = world.desired().await;
    assert!(desired.subscription.sync && desired.users[0].sync);
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_stays() {
    let world = settled(std::time::Duration::ZERO).await;
    world.desk.configure_user(&first("name"), ALICE, login("one@a.example")).await.unwrap();
    world.desk.suspend_user(&first("off"), ALICE, true).await.unwrap();
    world.desk.configure_user(&first("name"), ALICE, login("two@a.example")).await.unwrap();
    reason(world.desk.configure_user(&poll("name"), ALICE, login("two@a.example")).await);
    let alice = world.desired().await.users.remove(0);
    assert_eq!((alice.login.as_str(), alice.suspended), ("one@a.example", true));
}

#[tokio::test]
async fn a_poll_toggles_nothing_even_where_no_transaction_tells_that_it_is_late() {
    let world = settled(HOUR).await;
    let (first, poll) = (Ask { request: None, ..ask() }, Ask { request: None, ..again() });
    assert!(is_waiting(world.desk.switch_sync(&first, TENANT, None).await));
    world.agree().await;
    for _ in 0..2 {
        assert!(!is_waiting(world.desk.switch_sync(&poll, TENANT, None).await));
        assert!(world.desired().await.subscription.sync);
    }
}

#[tokio::test]
async fn the_admin_there_is_may_be_chosen_again_in_other_letters() {
    let world = World::with_tenant().await;
    world.cycle(|report| report.bindings = vec![Binding::Partner(Some(PartnerId(5)))]).await;
    let staff = StaffId(uuid::Uuid::from_u128(5));
    let choose = |email: &str| {
        let admin = Admin { email: email.into(), full_name: "Root".into() };
        async { world.desk.choose_admin(&ask(), TENANT, staff, admin).await }
    };
    assert!(!is_waiting(choose("Root@A.example").await));
    assert_eq!(reason(choose("other@a.example").await), Reason::VendorRejected);
}
