//! Each metric moves when what it counts happens: one lab in which everything happens, to a real daemon.
//!
//! [`Watch`] remembers what was seen to move, so that a metric that nobody drives fails the test.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mozyd::lab::postgres::sql;
use mozyd::lab::{Daemon, Lab, Options, wait};
use mozyd::sim::mozy::{FaultKind, FaultRule, RetryAfter, parts};
use mozyd::sim::osa::{Fault, Side};

use super::{at_rest, families};
use crate::guide::scene::{Customer, Scene, User, usual};
use crate::support::{Run, TestDb};

/// Some are counted every five seconds, less often where that takes long, and some happen once a round.
const SOON: Duration = Duration::from_secs(60);

struct Watch<'a> {
    daemon: &'a Daemon,
    seen: RefCell<BTreeSet<String>>,
    begun: Instant,
}

impl Watch<'_> {
    /// Waits until the metric, summed over all labels that contain these, is as wanted.
    async fn is(&self, name: &str, labels: &str, wanted: impl Fn(f64) -> bool) {
        let what = format!("{name}{{{labels}}}");
        let look = async || self.daemon.metric(name, labels).await.ok().filter(|now| wanted(*now));
        if let Err(late) = wait::until(&what, SOON, look).await {
            panic!("{late}: it is {:?}", self.daemon.metric(name, labels).await);
        }
        println!("{:>5.1} s {what}", self.begun.elapsed().as_secs_f32());
        let family = name.trim_end_matches("_count");
        self.seen.borrow_mut().insert(family.to_owned());
    }

    async fn moves(&self, name: &str, labels: &str) {
        self.is(name, labels, |now| now > 0.0).await;
    }

    /// What only moves when something is wrong stands still.
    async fn stands_still(&self, all: &[(&str, &str)]) {
        for (name, labels) in all {
            let now = self.daemon.metric(name, labels).await.unwrap();
            assert_eq!(now, 0.0, "{name}{{{labels}}} moves although nothing is wrong");
        }
    }
}

const TROUBLE: &[(&str, &str)] = &[
    ("mozyd_cycles_total", "result=\"failed\""),
    ("mozyd_cycles_total", "result=\"panicked\""),
    ("mozyd_steps_total", "outcome=\"rejected\""),
    ("mozyd_steps_total", "outcome=\"in_doubt\""),
    ("mozyd_doubts", ""),
    ("mozyd_drift_total", ""),
    ("mozyd_unmanaged", ""),
    ("mozyd_mozy_requests_total", "result=\"throttled\""),
    ("mozyd_mozy_paused", ""),
    ("mozyd_usage_pushes_total", "result=\"failed\""),
    ("mozyd_lease_lost_total", ""),
    ("mozyd_database_errors_total", ""),
];

#[tokio::test]
async fn every_metric_moves_when_what_it_counts_happens() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let options = Options { database_url: Some(db.url()), ..Options::default() }
        .setting("reconcile.interval", "2s")
        .setting("reconcile.workers", 1)
        .setting("guard.suspend_percent", 0)
        .setting("guard.suspend_min", 0)
        .setting("mozy.timeout", "5s")
        .setting("mozy.settle", "15s")
        .setting("osa.task_patience", "10m");
    let lab = Lab::start(options).await.unwrap();
    let watch = Watch { daemon: lab.mozyd(), seen: RefCell::default(), begun: Instant::now() };
    let scene = Scene::new(&lab, lab.instance(), "metrics");
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let licence = customer.desktop(&user, 10).await;
    all_is_well(&watch).await;
    hands_in_mozys_panel(&watch, &lab, &customer, &user).await;
    osa_forbids(&watch, &lab, &customer, licence).await;
    mozy_refuses(&watch, &lab, &customer).await;
    an_answer_is_lost(&watch, &lab, &customer).await;
    the_guard_holds(&watch, &lab, &customer).await;
    mozy_is_slow(&watch, &lab, &db).await;
    mozy_asks_for_less(&watch, &lab).await;
    the_database_fails(&watch, &db).await;
    let known = families(&at_rest());
    let unseen =
        known.iter().filter(|name| name.starts_with("mozyd_") && !watch.seen.borrow().contains(*name));
    assert_eq!(unseen.collect::<Vec<_>>(), Vec::<&String>::new(), "nobody drives these");
}

async fn all_is_well(watch: &Watch<'_>) {
    watch.is("mozyd_subscriptions", "state=\"ready\"", |now| now == 1.0).await;
    watch.is("mozyd_conditions", "reason=\"AsExpected\",type=\"InSync\"", |now| now == 1.0).await;
    for (name, labels) in [
        ("mozyd_build_info", "version"),
        ("mozyd_cycles_total", "result=\"changed\""),
        ("mozyd_cycles_total", "result=\"agreed\""),
        ("mozyd_cycle_duration_seconds_count", ""),
        ("mozyd_sweep_duration_seconds_count", ""),
        ("mozyd_sweep_interval_seconds", ""),
        ("mozyd_queue_wait_seconds_count", "lane=\"person\""),
        ("mozyd_queue_wait_seconds_count", "lane=\"sweep\""),
        ("mozyd_change_to_call_seconds_count", ""),
        ("mozyd_steps_total", "create_user"),
        ("mozyd_mozy_requests_total", "user.Create"),
        ("mozyd_mozy_request_duration_seconds_count", "user.Create"),
        ("mozyd_osa_requests_total", "direction=\"in\""),
        ("mozyd_osa_requests_total", "direction=\"out\""),
        ("mozyd_usage_pushes_total", "result=\"done\""),
        ("mozyd_usage_age_seconds_max", ""),
        ("mozyd_listen_connected", ""),
        ("mozyd_database_query_duration_seconds_count", "claim"),
    ] {
        watch.moves(name, labels).await;
    }
    watch.is("mozyd_sweep_last_success_timestamp_seconds", "", |at| at > 1.7e9).await;
    watch.stands_still(TROUBLE).await;
}

/// A stranger is made there, with a group and a key, and a quota of ours is changed.
async fn hands_in_mozys_panel(watch: &Watch<'_>, lab: &Lab, customer: &Customer<'_>, user: &User) {
    let (mozy, partner) = (lab.mozy(), customer.partner().unwrap());
    let theirs = [("partner_id", partner.id.into()), ("name", "Theirs".into())];
    mozy.panel("user_group.Create", parts(theirs)).unwrap();
    let address = customer.email("stranger");
    let stranger =
        [("user_group_id", partner.default_group_id.into()), ("username", address.as_str().into())];
    mozy.panel("user.Create", parts(stranger)).unwrap();
    let free = mozy.with(|world| {
        let mut keys = world.licenses.values();
        let free = keys.find(|key| key.is_free() && key.group_id == partner.default_group_id);
        free.map(|key| key.keystring.to_string())
    });
    let given = |key: String| ("keystring", key.into());
    let to = ("assigned_email_address", address.as_str().into());
    mozy.panel("resource.UpdateLicenses", parts([given(free.unwrap()), to])).unwrap();
    for kind in ["user", "group", "licence"] {
        watch.is("mozyd_unmanaged", kind, |now| now == 1.0).await;
    }
    let ours = mozy.licenses_of(&user.email)[0].keystring.to_string();
    mozy.panel("resource.UpdateLicenses", parts([given(ours), ("quota_desired", 9.into())])).unwrap();
    watch.moves("mozyd_drift_total", "resize_key").await;
}

async fn osa_forbids(watch: &Watch<'_>, lab: &Lab, customer: &Customer<'_>, licence: uuid::Uuid) {
    lab.osa().faults().rate(Side::FromApp, Fault::Forbidden, 1.0);
    let machine = customer.activate(licence).await;
    lab.mozy().back_up(machine, 5 << 30).unwrap();
    watch.moves("mozyd_usage_pushes_total", "result=\"failed\"").await;
    watch.moves("mozyd_usage_pushes_owed", "").await;
    watch
        .moves("mozyd_osa_requests_total", "direction=\"out\",operation=\"push\",result=\"forbidden\"")
        .await;
    // It is counted first and told afterwards.
    let told = async || {
        let log = std::fs::read_to_string(watch.daemon.log()).unwrap();
        log.split_inclusive('\n')
            .find(|line| line.contains("push to OSA failed") && line.ends_with('\n'))
            .map(str::to_owned)
    };
    let failed = wait::until("what failed to be told", SOON, told).await.unwrap();
    assert!(failed.contains("controller") && failed.contains("127.0.0.1:"), "{failed}");
    lab.osa().faults().clear();
    watch.is("mozyd_usage_pushes_owed", "", |now| now == 0.0).await;
}

/// A user's address belongs to somebody else there.
async fn mozy_refuses(watch: &Watch<'_>, lab: &Lab, customer: &Customer<'_>) {
    let admin = [("name", "Elsewhere".into()), ("root_admin_username", "admin@elsewhere.test".into())];
    let elsewhere = lab.mozy().panel("partner.Create", parts(admin)).unwrap().int().unwrap();
    let home = lab.mozy().groups_of(elsewhere)[0].id;
    let bob = [("user_group_id", home.into()), ("username", customer.email("bob").into())];
    lab.mozy().panel("user.Create", parts(bob)).unwrap();
    let task = lab.osa().create_user(&customer.new_user("bob", "")).unwrap();
    watch.moves("mozyd_steps_total", "outcome=\"rejected\"").await;
    watch.moves("mozyd_mozy_requests_total", "result=\"rejected\"").await;
    watch.moves("mozyd_disagreement_age_seconds_max", "UserEmailInUse").await;
    drop(task);
}

/// The answer does not come in time, and what was asked for comes so much later that the doubts are counted in between.
async fn an_answer_is_lost(watch: &Watch<'_>, lab: &Lab, customer: &Customer<'_>) {
    lab.mozy().add_fault(FaultRule::once("user_group.Create", FaultKind::LateCommit { ms: 14_000 })).unwrap();
    let new = mozyd::sim::osa::NewGroup { tenant: customer.tenant, name: "Sales".to_owned() };
    let task = lab.osa().create_group(&new);
    watch.moves("mozyd_steps_total", "outcome=\"in_doubt\"").await;
    watch.is("mozyd_doubts", "", |now| now == 1.0).await;
    watch.moves("mozyd_mozy_requests_total", "result=\"maybe_happened\"").await;
    watch.is("mozyd_doubts", "", |now| now == 0.0).await;
    lab.done(task).await.unwrap();
}

/// The second suspension within half a minute is one too many: nothing is waited for between the two.
async fn the_guard_holds(watch: &Watch<'_>, lab: &Lab, customer: &Customer<'_>) {
    for user in [customer.user("dora").await, customer.user("emil").await] {
        lab.osa().disable_user(user.id).unwrap();
    }
    watch.is("mozyd_guard_held", "suspend", |now| now == 1.0).await;
}

/// The only worker is busy for long, and its lease goes to somebody else meanwhile.
async fn mozy_is_slow(watch: &Watch<'_>, lab: &Lab, db: &TestDb) {
    lab.mozy().add_fault(FaultRule::always(FaultKind::Latency { ms: 2000 })).unwrap();
    watch.is("mozyd_inflight", "", |now| now == 1.0).await;
    // By now the cycle that was seen may have ended: the next one's lease will do.
    const STEAL: &str = "DO $$ BEGIN LOOP \
            UPDATE work SET lease_epoch = nextval('lease_epochs'), lease_owner = gen_random_uuid(), \
                lease_until = now() + interval '1 second' WHERE lease_owner IS NOT NULL; \
            EXIT WHEN FOUND; PERFORM pg_sleep(0.05); \
        END LOOP; END $$";
    sql::execute(&db.url(), STEAL).await.unwrap();
    watch.moves("mozyd_lease_lost_total", "").await;
    watch.moves("mozyd_cycles_total", "result=\"lease_lost\"").await;
    watch.moves("mozyd_sweep_skipped_ticks_total", "").await;
    // A second one is due while the first is at work.
    const AGAIN: &str = "INSERT INTO subscriptions (id, instance_id, number, account_id, model, company, admin_email, \
            admin_name, sync_available) SELECT gen_random_uuid(), instance_id, 1, account_id, model, 'other', 'x@y.test', \
            'x', false FROM subscriptions LIMIT 1";
    sql::execute(&db.url(), AGAIN).await.unwrap();
    watch.moves("mozyd_queue_depth", "").await;
    lab.mozy().clear_faults();
}

async fn mozy_asks_for_less(watch: &Watch<'_>, lab: &Lab) {
    let less = FaultKind::throttled(Some(RetryAfter::Seconds(8)));
    lab.mozy().add_fault(FaultRule::always(less)).unwrap();
    watch.moves("mozyd_mozy_requests_total", "result=\"throttled\"").await;
    watch.is("mozyd_mozy_paused", "", |now| now == 1.0).await;
    watch.moves("mozyd_mozy_throttled_seconds_total", "").await;
    watch.moves("mozyd_cycles_total", "result=\"failed\"").await;
    lab.mozy().clear_faults();
}

/// A table is away, and then the connection that listens.
async fn the_database_fails(watch: &Watch<'_>, db: &TestDb) {
    sql::execute(&db.url(), "ALTER TABLE pushes RENAME TO pushes_away").await.unwrap();
    watch.moves("mozyd_database_errors_total", "instances_owed").await;
    sql::execute(&db.url(), "ALTER TABLE pushes_away RENAME TO pushes").await.unwrap();
    silence(db);
    watch.is("mozyd_listen_connected", "", |now| now == 0.0).await;
    admit(db);
    watch.is("mozyd_listen_connected", "", |now| now == 1.0).await;
}

/// The daemon's connections stay, but for the one that listens, and no new one is let in.
pub fn silence(db: &TestDb) {
    let name = db.name();
    Run::join().admin(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).unwrap();
    // It said LISTEN, or has asked since whether it is still there, which says nothing.
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE (query LIKE 'LISTEN%' OR query = '')";
    Run::join().admin(&format!("{end} AND datname = '{name}'")).unwrap();
}

/// As before [`silence`].
pub fn admit(db: &TestDb) {
    Run::join().admin(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", db.name())).unwrap();
}
