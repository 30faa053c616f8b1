//! A small world for the store's tests: a database of its own, a desk with a customer at it, and an engine that
//! reports whatever a test says it saw.

use std::time::Duration;

use mozyd::domain::subscription::{Admin, Bought, BoughtPool};
use mozyd::domain::*;
use mozyd::ports::desk::*;
use mozyd::ports::ledger::{Lease, Memory};
use mozyd::ports::report::{Seen, Verdict};
use mozyd::ports::{Case, CycleReport, CycleResult};
use mozyd::store::{Claimed, Lane, Next, Sealer, Settings, Store};
use tokio_postgres::{NoTls, SimpleQueryMessage};
use uuid::Uuid;

use crate::support::{Template, TestDb};

pub const INSTANCE: InstanceId = InstanceId(Uuid::from_u128(0xA));
pub const TENANT: SubscriptionId = SubscriptionId(Uuid::from_u128(1));
pub const ALICE: UserId = UserId(Uuid::from_u128(0x11));
pub const BOB: UserId = UserId(Uuid::from_u128(0x12));
pub const KEY: LicenceId = LicenceId(Uuid::from_u128(0x21));
pub const SALES: GroupId = GroupId(Uuid::from_u128(0x31));
pub const MEMORY: Memory = Memory { settle: Duration::from_secs(60), flaps: HOUR };
pub const LEASE: Duration = Duration::from_secs(30);
pub const HOUR: Duration = Duration::from_secs(3600);
/// Sooner or later than anything a test waits for.
pub const LATER: Next = Next { due_in: HOUR, lane: Lane::Sweep };

pub struct World {
    pub db: TestDb,
    pub store: Store,
    pub desk: mozyd::store::Desk,
}

pub fn settings(url: &str) -> Settings {
    let sealer = Sealer::new(&[7; 32]);
    let statement_timeout = Duration::from_secs(10);
    let transaction_pooling = false;
    Settings { url: url.into(), size: 4, transaction_pooling, statement_timeout, sealer, observer: None }
}

impl World {
    /// Nobody has ordered anything yet.
    pub async fn empty() -> Self {
        Self::patient(Duration::from_secs(600)).await
    }

    /// The same, with another `osa.task_patience`.
    pub async fn patient(patience: Duration) -> Self {
        let fill = async |url: String| {
            Store::connect(settings(&url))?.migrate().await?;
            Ok(())
        };
        let db = TestDb::from_template(Template { name: "store", fill });
        let store = Store::connect(settings(&db.url())).unwrap();
        let desk = mozyd::store::Desk::new(store.clone(), patience);
        Self { db, store, desk }
    }

    /// A direct customer has ordered, and all he ordered is there.
    pub async fn with_tenant() -> Self {
        let world = Self::empty().await;
        world.desk.order(&ask(), order()).await.unwrap();
        world.agree().await;
        world.desk.order(&again(), order()).await.unwrap();
        world
    }

    /// With Alice and her licence as well.
    pub async fn with_alice() -> Self {
        let world = Self::with_tenant().await;
        world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
        world.desk.add_licence(&ask(), licence(KEY, ALICE, 5)).await.unwrap();
        world.agree().await;
        world.desk.add_user(&again(), user(ALICE, "alice@a.example")).await.unwrap();
        world.desk.add_licence(&again(), licence(KEY, ALICE, 5)).await.unwrap();
        world
    }

    /// Runs statements; what they return as text, row by row.
    pub async fn sql(&self, statements: &str) -> Vec<String> {
        let (client, connection) = tokio_postgres::connect(&self.db.url(), NoTls).await.unwrap();
        let (rows, _) = tokio::join!(async move { client.simple_query(statements).await }, connection);
        let text = |row: &tokio_postgres::SimpleQueryRow| {
            (0..row.len()).map(|at| row.get(at).unwrap_or("∅")).collect::<Vec<_>>().join("|")
        };
        let rows = rows.unwrap().into_iter();
        rows.filter_map(|one| match one {
            SimpleQueryMessage::Row(row) => Some(text(&row)),
            _ => None,
        })
        .collect()
    }

    /// The only value that a statement returns.
    pub async fn one(&self, statement: &str) -> String {
        let rows = self.sql(statement).await;
        assert_eq!(rows.len(), 1, "{statement}: {rows:?}");
        rows[0].clone()
    }

    /// Does something that has to wait for another transaction, which has done `statements` already and commits then.
    pub async fn during<T>(&self, statements: &str, action: impl Future<Output = T>) -> T {
        self.between(statements, "", action).await
    }

    /// The same, and the other transaction does more before it commits.
    pub async fn between<T>(&self, first: &str, then: &str, action: impl Future<Output = T>) -> T {
        let (other, connection) = tokio_postgres::connect(&self.db.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        other.batch_execute(&format!("BEGIN; {first}")).await.unwrap();
        const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND wait_event_type = 'Lock'";
        let commit = async {
            while self.one(WAITING).await == "0" {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            other.batch_execute(&format!("{then}; COMMIT")).await.unwrap();
        };
        tokio::join!(action, commit).0
    }

    /// Claims the tenant that is due.
    pub async fn claim(&self) -> Claimed {
        let claimed = self.store.claim(Uuid::new_v4(), LEASE, 1).await.unwrap();
        claimed.into_iter().next().expect("nothing is due")
    }

    /// Claims the tenant, due or not.
    pub async fn claim_one(&self, id: SubscriptionId) -> Claimed {
        self.store.claim_one(Uuid::new_v4(), LEASE, id).await.unwrap().expect("somebody holds it")
    }

    /// A sweep looks at the tenant: the lease, and what will be said of it if everything is as wished.
    pub async fn sweep(&self) -> (Lease, CycleReport) {
        self.sql("UPDATE work SET lane = 2, due_at = now() - interval '1 s'").await;
        let claimed = self.claim().await;
        (claimed.lease, agreed(&self.case(&claimed).await))
    }

    pub async fn case(&self, claimed: &Claimed) -> Case {
        self.store.load_case(claimed.lease, MEMORY).await.unwrap()
    }

    /// One cycle that finds everything as wished, and tombstones gone.
    pub async fn agree(&self) {
        self.cycle(|_| {}).await;
    }

    /// One cycle that finds everything as wished but for what `change` says.
    pub async fn cycle(&self, change: impl FnOnce(&mut CycleReport)) {
        self.cycle_of(TENANT, change).await;
    }

    pub async fn cycle_of(&self, id: SubscriptionId, change: impl FnOnce(&mut CycleReport)) {
        let claimed = self.claim_one(id).await;
        let mut report = agreed(&self.case(&claimed).await);
        change(&mut report);
        self.store.record(claimed.lease, &report, LATER).await.unwrap();
    }

    /// One cycle that says of `thing` that something stands in its way.
    pub async fn block(&self, thing: Thing, reason: Reason) {
        self.cycle(|report| {
            report.gone.retain(|gone| *gone != thing);
            let verdict = report.verdicts.iter_mut().find(|verdict| verdict.thing == thing);
            verdict.expect("the thing is not wished for").blocked = Some((reason, "so it is".into()));
        })
        .await;
    }

    pub async fn desired(&self) -> Desired {
        self.store.snapshot(TENANT).await.unwrap().expect("there is no tenant").desired
    }

    pub async fn generation(&self) -> i64 {
        self.desired().await.subscription.generation
    }
}

/// What a cycle reports that finds everything as wished.
pub fn agreed(case: &Case) -> CycleReport {
    let desired = &case.desired;
    let tenant = Thing::Tenant(desired.subscription.id);
    let mut all = vec![(tenant, desired.subscription.generation, desired.subscription.removed)];
    all.extend(desired.groups.iter().map(|one| (Thing::Group(one.id), one.generation, one.removed)));
    for user in &desired.users {
        all.push((Thing::User(user.id), user.generation, user.removed));
        let licences = user.licences.iter();
        all.extend(licences.map(|one| (Thing::Licence(one.id), one.generation, one.removed)));
    }
    let verdicts =
        all.iter().map(|&(thing, generation, _)| Verdict { thing, generation, blocked: None }).collect();
    let gone = all.iter().filter(|(.., removed)| *removed).map(|&(thing, ..)| thing).collect();
    CycleReport {
        seen: Seen::Absent,
        verdicts,
        gone,
        ..CycleReport::new(CycleResult::Agreed, desired.subscription.generation)
    }
}

pub fn ask() -> Ask {
    Ask { instance: INSTANCE, again: false, request: Some("t-1".into()) }
}

pub fn again() -> Ask {
    Ask { again: true, ..ask() }
}

pub fn bought(licences: i64, quota: i64) -> Bought {
    let pool = BoughtPool { licences: Amount::Limit(licences), quota: Amount::Limit(quota) };
    let pools = PerKind { desktop: pool, server: BoughtPool::default() };
    Bought { pools, sync_available: true, sync_default_quota: None }
}

pub fn order() -> TenantWish {
    TenantWish {
        id: TENANT,
        number: SubscriptionNumber(1000017),
        account: AccountId(Uuid::from_u128(0xC1)),
        model: ModelWish::Direct,
        company: "Acme".into(),
        admin: Admin { email: "root@a.example".into(), full_name: "Root".into() },
        staff: None,
        bought: bought(10, 100),
        groups_tab: true,
    }
}

pub fn user(id: UserId, login: &str) -> UserWish {
    UserWish {
        id,
        subscription: TENANT,
        service_user: Uuid::from_u128(id.0.as_u128() + 0x1000),
        login: login.into(),
        display_name: login.to_uppercase(),
        group: GroupChoice::Default,
        sync: false,
        sync_quota: None,
    }
}

pub fn licence(id: LicenceId, user: UserId, quota: i64) -> LicenceWish {
    LicenceWish { id, user, kind: LicenceKind::Desktop, quota: Gb(quota) }
}

pub fn group(id: GroupId) -> GroupWish {
    GroupWish { id, subscription: TENANT, name: "Sales".into() }
}

/// The reason of a refusal.
pub fn reason(answer: Result<Progress, DeskError>) -> Reason {
    match answer {
        Err(DeskError::Refused { reason, message }) => {
            assert!(!message.is_empty());
            reason
        }
        other => panic!("not refused: {other:?}"),
    }
}

pub fn is_waiting(answer: Result<Progress, DeskError>) -> bool {
    matches!(answer.unwrap(), Progress::Waiting { .. })
}
