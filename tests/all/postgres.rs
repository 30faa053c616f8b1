//! The lab's PostgreSQL and the tests' databases: they work, break on command, and leave nothing behind.

use std::time::Duration;

use mozyd::lab::faultproxy::{Fault, FaultProxy, Upstream};
use mozyd::lab::ports::Port;
use mozyd::lab::postgres::{Cluster, Server, Settings, Stop};
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

use crate::support::{Run, Template, TestDb};

const FILLED: &str = "CREATE TABLE plans (hash text); INSERT INTO plans VALUES ('a'), ('b')";

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn count(client: &Client) -> i64 {
    client.query_one("SELECT count(*) FROM plans", &[]).await.unwrap().get(0)
}

fn filled() -> TestDb {
    let fill = async |url: String| mozyd::lab::postgres::sql::execute(&url, FILLED).await;
    TestDb::from_template(Template { name: "filled", fill })
}

fn cluster() -> Cluster {
    Run::join().private_cluster(Settings::default()).unwrap()
}

#[tokio::test]
async fn tests_share_a_template_but_not_their_rows() {
    let (one, other) = (filled(), filled());
    let (first, second) = (connect(&one.url()).await, connect(&other.url()).await);
    first.execute("DELETE FROM plans", &[]).await.unwrap();
    assert_eq!((count(&first).await, count(&second).await), (0, 2));
}

#[tokio::test]
async fn a_dropped_database_is_gone_although_connected() {
    let db = TestDb::empty();
    let (url, _client) = (db.url(), connect(&db.url()).await);
    drop(db);
    assert!(tokio_postgres::connect(&url, NoTls).await.is_err());
}

#[test]
fn a_template_that_cannot_be_filled_is_not_used() {
    let fill = async |url: String| mozyd::lab::postgres::sql::execute(&url, "SELECT nonsense").await;
    let error = Run::join().template(Template { name: "broken", fill }).unwrap_err();
    assert!(format!("{error:#}").contains("nonsense"));
    let fill = async |url: String| mozyd::lab::postgres::sql::execute(&url, "SELECT 1").await;
    Run::join().template(Template { name: "broken", fill }).unwrap();
}

#[tokio::test]
async fn diesel_understands_the_address() {
    use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
    let db = filled();
    let mut connection = AsyncPgConnection::establish(&db.url()).await.unwrap();
    connection.batch_execute("SELECT hash FROM plans").await.unwrap();
}

#[tokio::test]
async fn data_survive_a_restart_a_crash_and_a_kill() {
    let mut cluster = cluster();
    mozyd::lab::postgres::sql::execute(&cluster.url("postgres"), FILLED).await.unwrap();
    cluster.restart(Stop::Fast).unwrap();
    assert_eq!(count(&connect(&cluster.url("postgres")).await).await, 2);
    cluster.restart(Stop::Immediate).unwrap();
    assert_eq!(count(&connect(&cluster.url("postgres")).await).await, 2);
    let held = connect(&cluster.url("postgres")).await;
    cluster.kill().unwrap();
    assert!(held.simple_query("SELECT 1").await.is_err());
    cluster.start().unwrap();
    assert_eq!(count(&connect(&cluster.url("postgres")).await).await, 2);
}

#[tokio::test]
async fn a_frozen_server_is_silent_until_it_thaws() {
    let mut cluster = cluster();
    let client = connect(&cluster.url("postgres")).await;
    cluster.freeze().unwrap();
    assert!(timeout(Duration::from_millis(200), client.simple_query("SELECT 1")).await.is_err());
    cluster.thaw().unwrap();
    client.simple_query("SELECT 1").await.unwrap();
    cluster.freeze().unwrap();
    cluster.stop(Stop::Fast).unwrap();
    assert!(tokio_postgres::connect(&cluster.url("postgres"), NoTls).await.is_err());
}

#[test]
fn a_kept_cluster_is_found_again_and_a_temporary_one_is_not() {
    let dir = Run::join().dir().join("kept");
    let cluster = Cluster::kept(&dir, Settings { durable: true, ..Settings::default() }).unwrap();
    cluster.create_database("mozyd").unwrap();
    drop(cluster);
    let cluster = Cluster::kept(&dir, Settings::default()).unwrap();
    cluster.create_database("mozyd").unwrap();
    assert!(cluster.create_database("1nonsense").is_err());
    drop(cluster);
    assert!(dir.join("data").exists());

    let cluster = self::cluster();
    let dir = cluster.dir().to_owned();
    drop(cluster);
    assert!(!dir.exists());
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let settings = Settings { extra: vec![("max_connections".into(), "many".into())], ..Settings::default() };
    let error = Run::join().private_cluster(settings).err().unwrap();
    assert!(format!("{error:#}").contains("max_connections"), "{error:#}");
}

#[tokio::test]
async fn a_port_on_loopback_asks_for_the_password() {
    let drawn = Port::free().unwrap();
    let port = drawn.address().port();
    let cluster = Run::join().private_cluster(Settings { port: Some(port), ..Settings::default() }).unwrap();
    let url = cluster.tcp_url("postgres").unwrap();
    connect(&url).await.simple_query("SELECT 1").await.unwrap();
    connect(&cluster.url("postgres")).await.simple_query("SELECT 1").await.unwrap();
    let without = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    assert!(tokio_postgres::connect(&without, NoTls).await.is_err());
}

#[tokio::test]
async fn a_proxy_can_stand_before_the_unix_socket() {
    let db = filled();
    let config: tokio_postgres::Config = db.url().parse().unwrap();
    let tokio_postgres::config::Host::Unix(dir) = &config.get_hosts()[0] else { panic!("no unix socket") };
    let proxy = FaultProxy::start(Upstream::Unix(dir.join(".s.PGSQL.5432"))).unwrap();
    let url = format!("postgres://postgres@{}/{}", proxy.address(), db.name());
    let client = connect(&url).await;
    proxy.set(Fault::CutAnswers);
    assert!(client.batch_execute("INSERT INTO plans VALUES ('c')").await.is_err());
    assert_eq!(count(&connect(&db.url()).await).await, 3);
}

#[test]
fn psql_understands_the_address() {
    let db = filled();
    let mut psql = Server::find().unwrap().unwrap().program("psql");
    psql.args([db.url().as_str(), "-Atc", "SELECT count(*) FROM plans"]);
    let output = psql.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "2", "{output:?}");
}
