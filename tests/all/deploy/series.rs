//! `/metrics` of a real daemon: complete from the start, clean, and of the same length whatever there is.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use mozyd::lab::postgres::sql;
use mozyd::lab::{Daemon, Lab, Options, http, wait};

use super::{at_rest, command, families, series};
use crate::support::TestDb;

/// Ten thousand subscriptions, each with a condition, a thing and a push that no other has.
const MANY: &str = "
    INSERT INTO instances (id, installed) VALUES ('00000000-0000-0000-0000-00000000000a', true);
    INSERT INTO subscriptions
        (id, instance_id, number, account_id, model, company, admin_email, admin_name, sync_available)
        SELECT gen_random_uuid(), '00000000-0000-0000-0000-00000000000a', n, gen_random_uuid(), 'direct',
            'company ' || n, n || '@many.test', 'admin ' || n, false FROM generate_series(1, 10000) n;
    INSERT INTO conditions (subscription_id, type, status, reason, message, since)
        SELECT id, 'InSync', false, 'Reason' || number, company, now() - interval '1 hour' FROM subscriptions;
    INSERT INTO unmanaged (subscription_id, kind, mozy_id, name)
        SELECT id, 'user', number::text, company FROM subscriptions;
    INSERT INTO pushes (object_id, subscription_id, service, due_at)
        SELECT id, id, 'mozyProAccount', now() + interval '1 day' FROM subscriptions;
    INSERT INTO work (subscription_id, lane, due_at, enqueued_at)
        SELECT id, 2, now() + interval '1 day', now() FROM subscriptions;";

/// Gauges are counted every few seconds, less often where that takes long: fifty times as long passes in between.
const COUNTED: Duration = Duration::from_secs(60);

async fn text(daemon: &Daemon) -> String {
    http::get(daemon.admin(), "/metrics").await.unwrap().body
}

/// What promtool says of a text; nothing is good.
fn lint(text: &str) -> String {
    let Some(mut promtool) = command("promtool") else { return String::new() };
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = promtool.spawn().unwrap();
    running.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[tokio::test]
async fn ten_thousand_subscriptions_make_no_series_more_than_none() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let options = Options { database_url: Some(db.url()), ..Options::default() }
        .setting("reconcile.interval", "1d")
        .setting("refresh.schedule", "0 0 0 1 1 *");
    let mut lab = Lab::without_daemon(options).await.unwrap();
    let daemon = lab.add_daemon().await.unwrap();
    let empty = text(daemon).await;
    assert_eq!(families(&empty), families(&at_rest()));
    assert_eq!(series(&empty), series(&at_rest()), "not every set of labels is there from the start");
    assert_eq!(lint(&empty), "");
    sql::execute(&db.url(), MANY).await.unwrap();
    for (name, labels) in [
        ("mozyd_subscriptions", ""),
        ("mozyd_conditions", "reason=\"other\""),
        ("mozyd_unmanaged", "kind=\"user\""),
        ("mozyd_usage_pushes_owed", ""),
    ] {
        let all = async || (daemon.metric(name, labels).await.ok()? == 10_000.0).then_some(());
        wait::until(&format!("10,000 {name}"), COUNTED, all).await.unwrap();
    }
    let many = text(daemon).await;
    assert_eq!(series(&many), series(&empty));
    assert_eq!(lint(&many), "");
    lab.stop().await.unwrap();
}
