//! What is stored already contradicts some wishes: they are refused with the fixed reason, and nothing is kept.

use mozyd::domain::*;
use mozyd::ports::desk::*;
use mozyd::ports::ledger::Binding;
use uuid::Uuid;

use super::world::*;

const OTHER: LicenceId = LicenceId(Uuid::from_u128(0x22));

/// Bought are 10 licences and 100 GB; Alice has one of 5 GB and is in Sales.
async fn world() -> World {
    let world = World::with_alice().await;
    world.desk.add_group(&ask(), group(SALES)).await.unwrap();
    let patch = UserPatch { group: Some(GroupChoice::Own(SALES)), ..UserPatch::default() };
    world.desk.configure_user(&ask(), ALICE, patch.clone()).await.unwrap();
    world.cycle(|report| report.bindings = vec![Binding::HomeGroup(Some(MozyGroupId(40)))]).await;
    world.desk.add_group(&again(), group(SALES)).await.unwrap();
    world.desk.configure_user(&again(), ALICE, patch).await.unwrap();
    world
}

#[tokio::test]
async fn the_table_of_refusals() {
    let world = world().await;
    let (desk, ask) = (&world.desk, &ask());
    let before = world.sql("SELECT generation FROM subscriptions").await;
    let server = LicenceWish { kind: LicenceKind::Server, ..licence(OTHER, ALICE, 0) };
    assert_eq!(reason(desk.add_licence(ask, server).await), Reason::LicensesExceedPurchase);
    assert_eq!(reason(desk.add_licence(ask, licence(OTHER, ALICE, 96)).await), Reason::QuotaExceedsPurchase);
    assert_eq!(reason(desk.configure_licence(ask, KEY, Some(Gb(101))).await), Reason::QuotaExceedsPurchase);
    let synced = UserWish { sync: true, ..user(BOB, "bob@a.example") };
    assert_eq!(reason(desk.add_user(ask, synced).await), Reason::SyncNotAvailable);
    let sync = UserPatch { sync: Some(true), ..UserPatch::default() };
    assert_eq!(reason(desk.configure_user(ask, ALICE, sync).await), Reason::SyncNotAvailable);
    assert_eq!(reason(desk.remove_group(ask, SALES).await), Reason::GroupNotEmpty);
    for choice in [GroupChoice::Mozy(MozyGroupId(41)), GroupChoice::Own(GroupId(Uuid::nil()))] {
        let elsewhere = UserPatch { group: Some(choice), ..UserPatch::default() };
        assert_eq!(reason(desk.configure_user(ask, ALICE, elsewhere).await), Reason::ParentGone);
    }
    let orphan = UserWish { subscription: SubscriptionId(Uuid::nil()), ..user(BOB, "bob@a.example") };
    assert_eq!(reason(desk.add_user(ask, orphan).await), Reason::ParentGone);
    assert_eq!(reason(desk.add_licence(ask, licence(OTHER, BOB, 1)).await), Reason::ParentGone);
    assert_eq!(world.sql("SELECT generation FROM subscriptions").await, before);
    assert_eq!(world.one("SELECT count(*) FROM users").await, "1");
    assert_eq!(world.one("SELECT count(*) FROM licences").await, "1");
}

#[tokio::test]
async fn an_id_in_use_elsewhere_is_not_moved() {
    let world = world().await;
    let second = SubscriptionId(Uuid::from_u128(2));
    let wish = TenantWish { id: second, ..order() };
    world.desk.order(&ask(), wish).await.unwrap();
    let stolen = UserWish { subscription: second, ..user(ALICE, "alice@a.example") };
    assert!(matches!(world.desk.add_user(&ask(), stolen).await, Err(DeskError::NotFound(_))));
}

#[tokio::test]
async fn sync_that_was_not_bought_cannot_be_switched_on() {
    let world = world().await;
    let patch = TenantPatch { sync_available: Some(false), ..TenantPatch::default() };
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    assert_eq!(reason(world.desk.switch_sync(&ask(), TENANT, Some(true)).await), Reason::SyncNotAvailable);
    assert_eq!(reason(world.desk.switch_sync(&ask(), TENANT, None).await), Reason::SyncNotAvailable);
    world.desk.switch_sync(&ask(), TENANT, Some(false)).await.unwrap();
}

#[tokio::test]
async fn sync_counts_in_the_desktop_quota() {
    let world = world().await;
    world.desk.switch_sync(&ask(), TENANT, Some(true)).await.unwrap();
    let synced = |quota| UserWish { sync: true, sync_quota: Some(Gb(quota)), ..user(BOB, "bob@a.example") };
    assert_eq!(reason(world.desk.add_user(&ask(), synced(96)).await), Reason::QuotaExceedsPurchase);
    world.desk.add_user(&ask(), synced(95)).await.unwrap();
    assert_eq!(
        reason(world.desk.configure_licence(&ask(), KEY, Some(Gb(6))).await),
        Reason::QuotaExceedsPurchase
    );
}

#[tokio::test]
async fn who_begins_to_sync_needs_the_default_first() {
    let world = world().await;
    let patch = TenantPatch { sync_default_quota: Some(Some(Gb(96))), ..TenantPatch::default() };
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    world.desk.switch_sync(&ask(), TENANT, Some(true)).await.unwrap();
    let synced = || UserWish { sync: true, sync_quota: Some(Gb(2)), ..user(BOB, "bob@a.example") };
    assert_eq!(reason(world.desk.add_user(&ask(), synced()).await), Reason::QuotaExceedsPurchase);
    let patch = TenantPatch { sync_default_quota: Some(Some(Gb(95))), ..TenantPatch::default() };
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    world.desk.add_user(&ask(), synced()).await.unwrap();
    // Who syncs already needs no more than his own.
    let more = UserPatch { sync_quota: Some(Some(Gb(90))), ..UserPatch::default() };
    world.desk.configure_user(&ask(), BOB, more).await.unwrap();
}

#[tokio::test]
async fn the_default_that_osa_repeats_does_not_become_his_own() {
    let world = world().await;
    let patch = TenantPatch { sync_default_quota: Some(Some(Gb(5))), ..TenantPatch::default() };
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    world.desk.switch_sync(&ask(), TENANT, Some(true)).await.unwrap();
    let quota = async |sync_quota| {
        let patch = UserPatch { sync: Some(true), sync_quota: Some(sync_quota), ..UserPatch::default() };
        world.desk.configure_user(&ask(), ALICE, patch).await.unwrap();
        world.desired().await.users[0].sync_quota
    };
    assert_eq!(quota(Some(Gb(5))).await, None);
    assert_eq!(quota(Some(Gb(6))).await, Some(Gb(6)));
    assert_eq!(quota(Some(Gb(5))).await, Some(Gb(5)), "he has his own");
    assert_eq!(quota(None).await, None);
}

#[tokio::test]
async fn what_lowers_the_use_is_taken_however_little_is_left() {
    let world = world().await;
    let mut patch = TenantPatch::default();
    (patch.licences.desktop, patch.quota.desktop) = (Some(Amount::Limit(0)), Some(Amount::Limit(1)));
    world.desk.configure_tenant(&ask(), TENANT, patch).await.unwrap();
    world.desk.configure_licence(&ask(), KEY, Some(Gb(4))).await.unwrap();
    assert_eq!(
        reason(world.desk.configure_licence(&ask(), KEY, Some(Gb(5))).await),
        Reason::QuotaExceedsPurchase
    );
    assert_eq!(
        reason(world.desk.add_licence(&ask(), licence(OTHER, ALICE, 0)).await),
        Reason::LicensesExceedPurchase
    );
}

#[tokio::test]
async fn the_default_group_is_named_by_mozys_id_and_cannot_be_removed() {
    let world = world().await;
    let home = UserPatch { group: Some(GroupChoice::Mozy(MozyGroupId(40))), ..UserPatch::default() };
    world.desk.configure_user(&ask(), ALICE, home).await.unwrap();
    assert_eq!(world.desired().await.users[0].group, None);
    world.cycle(|report| report.bindings = vec![Binding::Group(SALES, Some(MozyGroupId(40)))]).await;
    assert_eq!(reason(world.desk.remove_group(&ask(), SALES).await), Reason::DefaultGroup);
    assert_eq!(reason(world.desk.rename_group(&ask(), SALES, Some("x".into())).await), Reason::DefaultGroup);
}

#[tokio::test]
async fn nothing_is_added_to_what_is_being_removed() {
    let world = world().await;
    world.desk.remove_user(&ask(), ALICE).await.unwrap();
    assert_eq!(reason(world.desk.add_licence(&ask(), licence(OTHER, ALICE, 1)).await), Reason::ParentGone);
    world.desk.remove_group(&ask(), SALES).await.unwrap();
    let wish = UserWish { group: GroupChoice::Own(SALES), ..user(BOB, "bob@a.example") };
    assert_eq!(reason(world.desk.add_user(&ask(), wish).await), Reason::ParentGone);
    world.desk.remove_tenant(&ask(), TENANT).await.unwrap();
    assert_eq!(reason(world.desk.add_user(&ask(), user(BOB, "bob@a.example")).await), Reason::ParentGone);
    assert_eq!(reason(world.desk.add_group(&ask(), group(SALES)).await), Reason::ParentGone);
    assert!(matches!(world.desk.suspend_tenant(&ask(), TENANT, true).await, Err(DeskError::NotFound(_))));
}

#[tokio::test]
async fn an_instance_with_subscriptions_stays() {
    let world = world().await;
    let refused = world.desk.uninstall(INSTANCE).await;
    assert!(matches!(refused, Err(DeskError::Refused { .. })), "{refused:?}");
    world.desk.remove_tenant(&ask(), TENANT).await.unwrap();
    world.agree().await;
    world.desk.uninstall(INSTANCE).await.unwrap();
    assert!(world.desk.instance(INSTANCE).await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_taken_stays_taken_though_it_would_be_refused_by_now() {
    let world = world().await;
    world.desk.switch_sync(&ask(), TENANT, Some(true)).await.unwrap();
    world.agree().await;
    let synced = || UserWish { sync: true, ..user(BOB, "bob@a.example") };
    world.desk.add_user(&ask(), synced()).await.unwrap();
    world.desk.switch_sync(&ask(), TENANT, Some(false)).await.unwrap();
    assert!(is_waiting(world.desk.add_user(&again(), synced()).await));
    assert!(
        world.desired().await.users.iter().any(|user| user.id == BOB && !user.sync),
        "off takes him along"
    );
    world.agree().await;
    assert!(!is_waiting(world.desk.add_user(&again(), synced()).await));
}
