//! Resellers and their customers: each knows what it must of the other, and is woken when that changes.

use mozyd::domain::group::ObservedGroup;
use mozyd::domain::observed::{Account, GroupContents};
use mozyd::domain::partner::{Partner, Status};
use mozyd::domain::subscription::{Customers, Model};
use mozyd::domain::*;
use mozyd::plan::{Action, Call, Place, Step, Subject, Why};
use mozyd::ports::Ledger;
use mozyd::ports::desk::*;
use mozyd::ports::ledger::{Binding, Outcome};
use mozyd::ports::report::{CycleReport, Seen};
use uuid::Uuid;

use super::world::*;

const RESELLER: SubscriptionId = SubscriptionId(Uuid::from_u128(0x70));
const CUSTOMER: SubscriptionId = SubscriptionId(Uuid::from_u128(0x71));
const SELLER: AccountId = AccountId(Uuid::from_u128(0x7A));

fn reseller() -> TenantWish {
    TenantWish { id: RESELLER, account: SELLER, model: ModelWish::Reseller, ..order() }
}

fn customer(id: SubscriptionId) -> TenantWish {
    TenantWish { id, model: ModelWish::Customer(SELLER), ..order() }
}

async fn both() -> World {
    let world = World::empty().await;
    world.desk.order(&ask(), reseller()).await.unwrap();
    world.desk.order(&ask(), customer(CUSTOMER)).await.unwrap();
    world.cycle_of(RESELLER, |report| report.bindings = vec![Binding::Partner(Some(PartnerId(5)))]).await;
    world.cycle_of(CUSTOMER, |report| report.bindings = vec![Binding::HomeGroup(Some(MozyGroupId(6)))]).await;
    world
}

/// What is due now.
async fn due(world: &World) -> Vec<SubscriptionId> {
    let claimed = world.store.claim(Uuid::new_v4(), LEASE, 10).await.unwrap();
    for one in &claimed {
        let report = agreed(&world.case(one).await);
        let report = CycleReport { gone: Vec::new(), ..report };
        world.store.record(one.lease, &report, LATER).await.unwrap();
    }
    let mut due: Vec<_> = claimed.iter().map(|one| one.lease.subscription).collect();
    due.sort();
    due
}

async fn model(world: &World, id: SubscriptionId) -> Model {
    world.store.snapshot(id).await.unwrap().unwrap().desired.subscription.model
}

async fn works(world: &World) -> bool {
    world.desk.tenant(INSTANCE, CUSTOMER).await.unwrap().unwrap().works
}

#[tokio::test]
async fn a_customer_waits_for_his_reseller_and_is_woken_when_the_partner_appears() {
    let world = World::empty().await;
    world.desk.order(&ask(), customer(CUSTOMER)).await.unwrap();
    assert_eq!(model(&world, CUSTOMER).await, Model::Customer(None));
    assert!(!works(&world).await);
    due(&world).await;
    world.desk.order(&ask(), reseller()).await.unwrap();
    world.cycle_of(RESELLER, |report| report.bindings = vec![Binding::Partner(Some(PartnerId(5)))]).await;
    assert_eq!(due(&world).await, [CUSTOMER]);
    let snapshot = world.store.snapshot(CUSTOMER).await.unwrap().unwrap();
    assert_eq!(snapshot.desired.subscription.partner, Some(PartnerId(5)));
    let numbers = world.desk.tenant(INSTANCE, CUSTOMER).await.unwrap().unwrap();
    assert_eq!((numbers.partner, numbers.works), (Some(PartnerId(5)), true));
}

#[tokio::test]
async fn a_resellers_suspension_reaches_his_customers_and_their_screens() {
    let world = both().await;
    assert!(works(&world).await && due(&world).await.is_empty());
    world.sql("DELETE FROM pushes").await;
    world.desk.suspend_tenant(&ask(), RESELLER, true).await.unwrap();
    assert!(!works(&world).await);
    assert_eq!(due(&world).await, [RESELLER, CUSTOMER]);
    assert_eq!(world.one("SELECT object_id FROM pushes").await, CUSTOMER.to_string());
    world.desk.suspend_tenant(&ask(), RESELLER, false).await.unwrap();
    assert!(works(&world).await);
    assert_eq!(due(&world).await, [RESELLER, CUSTOMER]);
}

/// He may have thousands: nobody else's change waits for all of them.
#[tokio::test]
async fn a_resellers_suspension_goes_behind_the_changes_of_others() {
    let world = both().await;
    let lane = format!("SELECT lane FROM work WHERE subscription_id = '{CUSTOMER}'");
    due(&world).await;
    assert!(!is_waiting(world.desk.order(&again(), customer(CUSTOMER)).await));
    world.desk.suspend_tenant(&ask(), RESELLER, true).await.unwrap();
    assert_eq!(world.one(&lane).await, "1");
    // Somebody waits for this one.
    due(&world).await;
    let newcomer = UserWish { subscription: CUSTOMER, ..user(BOB, "bob@a.example") };
    assert!(is_waiting(world.desk.add_user(&ask(), newcomer).await));
    world.sql("UPDATE work SET lane = 2").await;
    world.desk.suspend_tenant(&ask(), RESELLER, false).await.unwrap();
    assert_eq!(world.one(&lane).await, "0");
}

#[tokio::test]
async fn a_reseller_who_cancels_is_done_while_customers_remain_and_goes_with_the_last() {
    let world = both().await;
    assert!(is_waiting(world.desk.remove_tenant(&ask(), RESELLER).await));
    assert!(!works(&world).await);
    assert_eq!(due(&world).await, [RESELLER, CUSTOMER]);
    assert!(!is_waiting(world.desk.remove_tenant(&again(), RESELLER).await));
    let refused = world.desk.order(&ask(), customer(SubscriptionId(Uuid::from_u128(0x72)))).await;
    assert_eq!(reason(refused), Reason::ResellerCancelled);
    let newcomer = UserWish { subscription: CUSTOMER, ..user(BOB, "bob@a.example") };
    assert_eq!(reason(world.desk.add_user(&ask(), newcomer).await), Reason::ResellerCancelled);
    // The last customer goes: the reseller is due, and no longer done until his partner is gone.
    world.desk.remove_tenant(&ask(), CUSTOMER).await.unwrap();
    world.cycle_of(CUSTOMER, |_| {}).await;
    assert_eq!(model(&world, RESELLER).await, Model::Reseller(Customers::default()));
    assert!(is_waiting(world.desk.remove_tenant(&ask(), RESELLER).await));
    assert_eq!(due(&world).await, [RESELLER]);
    world.cycle_of(RESELLER, |_| {}).await;
    assert!(!is_waiting(world.desk.remove_tenant(&again(), RESELLER).await));
    let refused = world.desk.order(&ask(), customer(SubscriptionId(Uuid::from_u128(0x72)))).await;
    assert_eq!(reason(refused), Reason::ResellerCancelled);
}

#[tokio::test]
async fn an_order_that_waits_for_a_reseller_who_cancels_is_withdrawn() {
    let world = World::empty().await;
    world.desk.order(&ask(), reseller()).await.unwrap();
    assert!(is_waiting(world.desk.order(&ask(), customer(CUSTOMER)).await));
    world.desk.remove_tenant(&ask(), RESELLER).await.unwrap();
    assert_eq!(reason(world.desk.order(&again(), customer(CUSTOMER)).await), Reason::ResellerCancelled);
    assert!(world.desk.tenant(INSTANCE, CUSTOMER).await.unwrap().is_none());
    assert_eq!(model(&world, RESELLER).await, Model::Reseller(Customers::default()));
}

/// Nothing that is at Mozy may be unknown to OSA: nobody could ever cancel it.
#[tokio::test]
async fn an_order_that_is_half_done_when_the_reseller_cancels_ends_well() {
    let world = World::empty().await;
    world.desk.order(&ask(), reseller()).await.unwrap();
    assert!(is_waiting(world.desk.order(&ask(), customer(CUSTOMER)).await));
    let half = |report: &mut CycleReport| {
        report.bindings = vec![Binding::HomeGroup(Some(MozyGroupId(60)))];
        report.verdicts[0].blocked = Some((Reason::AsExpected, "being configured".into()));
    };
    world.cycle_of(CUSTOMER, half).await;
    assert!(is_waiting(world.desk.order(&again(), customer(CUSTOMER)).await));
    world.desk.remove_tenant(&ask(), RESELLER).await.unwrap();
    assert!(!is_waiting(world.desk.order(&again(), customer(CUSTOMER)).await));
    assert_eq!(model(&world, RESELLER).await, Model::Reseller(Customers { remaining: 1, want_sync: false }));
}

#[tokio::test]
async fn a_customers_sync_concerns_his_reseller() {
    let world = both().await;
    due(&world).await;
    world.desk.switch_sync(&ask(), CUSTOMER, Some(true)).await.unwrap();
    assert_eq!(due(&world).await, [RESELLER, CUSTOMER]);
    assert_eq!(model(&world, RESELLER).await, Model::Reseller(Customers { remaining: 1, want_sync: true }));
}

#[tokio::test]
async fn customers_live_in_one_partner_of_a_reseller_with_two() {
    let world = both().await;
    let second = SubscriptionId(Uuid::from_u128(0x7F));
    world.desk.order(&ask(), TenantWish { id: second, ..reseller() }).await.unwrap();
    assert_eq!(model(&world, second).await, Model::Reseller(Customers::default()));
    assert_eq!(model(&world, RESELLER).await, Model::Reseller(Customers { remaining: 1, want_sync: false }));
    let Model::Customer(Some(home)) = model(&world, CUSTOMER).await else { panic!("no reseller") };
    assert_eq!(home.id, RESELLER);
}

#[tokio::test]
async fn a_reseller_who_cancels_and_buys_again_sells_again() {
    let world = both().await;
    world.sql("UPDATE subscriptions SET partner_id = 5").await;
    world.desk.remove_tenant(&ask(), RESELLER).await.unwrap();
    let (anew, newcomer) = (SubscriptionId(Uuid::from_u128(0x7F)), SubscriptionId(Uuid::from_u128(0x72)));
    world.desk.order(&ask(), TenantWish { id: anew, ..reseller() }).await.unwrap();
    world.cycle_of(anew, |report| report.bindings = vec![Binding::Partner(Some(PartnerId(9)))]).await;
    assert!(is_waiting(world.desk.order(&ask(), customer(newcomer)).await));
    let home = async |id| match model(&world, id).await {
        Model::Customer(Some(home)) => (home.id, home.partner),
        other => panic!("{other:?}"),
    };
    assert_eq!(home(newcomer).await, (anew, Some(PartnerId(9))));
    // Who was made in the first partner stays there, and keeps it.
    assert_eq!(home(CUSTOMER).await, (RESELLER, Some(PartnerId(5))));
    let remaining = |remaining| Model::Reseller(Customers { remaining, want_sync: false });
    assert_eq!((model(&world, RESELLER).await, model(&world, anew).await), (remaining(1), remaining(1)));
    let works = async |id| world.desk.tenant(INSTANCE, id).await.unwrap().unwrap();
    assert_eq!((works(newcomer).await.works, works(newcomer).await.partner), (true, Some(PartnerId(9))));
    assert_eq!((works(CUSTOMER).await.works, works(CUSTOMER).await.partner), (false, Some(PartnerId(5))));
    // The newcomer is made in the second partner, and that is kept although it is cancelled as well.
    let claimed = world.claim_one(newcomer).await;
    let action = Action::CreateGroup { place: Place::Home, name: "Acme".into(), sync: Some(false) };
    let step = Step { subject: Subject::Account, action, why: Why::Missing };
    let call = Call::CreateGroup {
        partner: PartnerId(9),
        name: "Acme".into(),
        sync: Some(false),
        number: SubscriptionNumber(1000017),
    };
    let id = world.store.intend(claimed.lease, &step, &call).await.unwrap();
    let bound = [Binding::HomeGroup(Some(MozyGroupId(60)))];
    world.store.settle(claimed.lease, id, &Outcome::Done, &bound).await.unwrap();
    world.store.release(claimed.lease).await.unwrap();
    world.desk.remove_tenant(&ask(), anew).await.unwrap();
    assert_eq!((home(newcomer).await.0, home(CUSTOMER).await.0), (anew, RESELLER));
}

#[tokio::test]
async fn under_a_reseller_who_cancelled_limits_are_kept_and_all_else_is_refused_at_once() {
    let world = both().await;
    let newcomer = UserWish { subscription: CUSTOMER, ..user(ALICE, "alice@a.example") };
    world.desk.add_user(&ask(), newcomer).await.unwrap();
    world.desk.add_licence(&ask(), licence(KEY, ALICE, 5)).await.unwrap();
    world.cycle_of(CUSTOMER, |_| {}).await;
    world
        .desk
        .add_user(&again(), UserWish { subscription: CUSTOMER, ..user(ALICE, "alice@a.example") })
        .await
        .unwrap();
    world.desk.add_licence(&again(), licence(KEY, ALICE, 5)).await.unwrap();
    world.desk.remove_tenant(&ask(), RESELLER).await.unwrap();
    let ask = &Ask { request: Some("t-2".into()), ..ask() };
    let rename = UserPatch { display_name: Some("Other".into()), ..UserPatch::default() };
    for answer in [
        world.desk.configure_user(ask, ALICE, rename).await,
        world.desk.suspend_user(ask, ALICE, true).await,
        world.desk.configure_licence(ask, KEY, Some(Gb(6))).await,
        world.desk.switch_sync(ask, CUSTOMER, Some(true)).await,
    ] {
        assert_eq!(reason(answer), Reason::ResellerCancelled);
    }
    assert!(!is_waiting(world.desk.configure_licence(ask, KEY, Some(Gb(5))).await), "nothing changed");
    assert!(!is_waiting(world.desk.suspend_user(ask, ALICE, false).await), "nothing changed");
    let mut patch = TenantPatch::default();
    patch.quota.desktop = Some(Amount::Limit(7));
    assert!(!is_waiting(world.desk.configure_tenant(ask, CUSTOMER, patch).await));
    assert!(!is_waiting(world.desk.suspend_tenant(ask, CUSTOMER, true).await));
    assert!(is_waiting(world.desk.remove_licence(ask, KEY).await));
    assert!(is_waiting(world.desk.remove_user(ask, ALICE).await));
}

/// What a look sees of a customer's group, or of a reseller's partner.
fn seen(partner: bool, group: Option<bool>) -> Seen {
    let partner = Partner {
        id: PartnerId(5),
        name: "Shop".into(),
        status: Some(Status::Active),
        external_id: None,
        parent: None,
        default_group: None,
        admin: None,
        sync: Some(partner),
        default_sync_quota: None,
    };
    let home = ObservedGroup {
        id: MozyGroupId(6),
        partner: Some(PartnerId(5)),
        name: "Acme".into(),
        status: Some(Status::Active),
        external_id: None,
        sync: group,
    };
    let home = GroupContents {
        group: home,
        users: Vec::new(),
        licences: Vec::new(),
        stock: PerKind::default(),
        machines: Default::default(),
    };
    Seen::Account(Box::new(Account { partner, groups: vec![home], strays: Vec::new() }))
}

#[tokio::test]
async fn sync_goes_off_from_the_customer_to_his_reseller_and_on_from_the_reseller_to_his_customers() {
    let world = both().await;
    due(&world).await;
    let wants = async |want_sync| {
        assert_eq!(model(&world, RESELLER).await, Model::Reseller(Customers { remaining: 1, want_sync }));
    };
    world.desk.switch_sync(&ask(), CUSTOMER, Some(true)).await.unwrap();
    due(&world).await;
    // The partner is on: his customers may follow.
    world.cycle_of(RESELLER, |report| report.seen = seen(true, Some(false))).await;
    assert_eq!(due(&world).await, [CUSTOMER]);
    world.cycle_of(CUSTOMER, |report| report.seen = seen(true, Some(true))).await;
    due(&world).await;
    world
        .desk
        .switch_sync(&Ask { request: Some("t-2".into()), ..ask() }, CUSTOMER, Some(false))
        .await
        .unwrap();
    wants(true).await;
    due(&world).await;
    world.cycle_of(CUSTOMER, |report| report.seen = seen(true, Some(false))).await;
    wants(false).await;
    assert_eq!(due(&world).await, [RESELLER]);
}

#[tokio::test]
async fn groups_are_for_direct_subscriptions_and_a_reseller_sees_his_customers() {
    let world = both().await;
    let refused = world.desk.add_group(&ask(), GroupWish { subscription: CUSTOMER, ..group(SALES) }).await;
    assert_eq!(reason(refused), Reason::VendorRejected);
    let customers = world.store.customers(RESELLER).await.unwrap().unwrap();
    assert_eq!(customers.len(), 1);
    assert_eq!((customers[0].id, customers[0].bought), (CUSTOMER, order().bought));
    assert!(world.store.customers(CUSTOMER).await.unwrap().is_none());
}

/// Each wakes the other all the time; nobody waits for the other for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_can_be_busy_at_once() {
    let world = both().await;
    let wishes = async |id: SubscriptionId| {
        for round in 0..30 {
            world.desk.suspend_tenant(&ask(), id, round % 2 == 0).await.unwrap();
            world.desk.switch_sync(&ask(), id, None).await.unwrap();
        }
    };
    let cycles = async |id: SubscriptionId, partner: bool| {
        for round in 0..30 {
            let Some(claimed) = world.store.claim_one(Uuid::new_v4(), LEASE, id).await.unwrap() else {
                continue;
            };
            let mut report = agreed(&world.case(&claimed).await);
            let bound = Binding::Partner(Some(PartnerId(round)));
            report.bindings =
                if partner { vec![bound] } else { vec![Binding::HomeGroup(Some(MozyGroupId(round)))] };
            world.store.record(claimed.lease, &report, LATER).await.unwrap();
        }
    };
    tokio::join!(wishes(RESELLER), wishes(CUSTOMER), cycles(RESELLER, true), cycles(CUSTOMER, false));
    assert_eq!(
        world.one("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await,
        "0"
    );
}
