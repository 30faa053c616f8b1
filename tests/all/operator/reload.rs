//! One daemon whose configuration changes while it runs: only observing, maintenance, nonsense, and back; what its log
//! and systemd hear of it; and that nothing is lost meanwhile.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use mozyd::lab::proc::Process;
use mozyd::lab::{Lab, Options};
use mozyd::sim::mozy::parts;
use mozyd::sim::osa::TaskState;
use rustix::process::Signal;
use serde_json::Value;
use toml::Table;

use super::lab;
use crate::guide::scene::{Customer, Scene, usual};

const SOON: Duration = Duration::from_secs(20);

/// The daemon, as systemd runs it.
struct Unit<'a> {
    lab: &'a Lab,
    process: Process,
    systemd: UnixDatagram,
}

impl<'a> Unit<'a> {
    async fn start(lab: &'a Lab, folder: &std::path::Path) -> Self {
        let socket = folder.join("notify");
        let systemd = UnixDatagram::bind(&socket).unwrap();
        systemd.set_read_timeout(Some(SOON)).unwrap();
        let mut command = std::process::Command::new(lab.mozyd().program());
        command.arg("--config").arg(lab.mozyd().config()).arg("run").env("NOTIFY_SOCKET", &socket);
        let mut process = Process::spawn("mozyd of systemd", command, lab.mozyd().log()).unwrap();
        process.wait_for_http(lab.mozyd().admin(), "/readyz", SOON).await.unwrap();
        let unit = Self { lab, process, systemd };
        unit.hears("READY=1");
        unit
    }

    /// Waits until systemd is told this.
    fn hears(&self, wanted: &str) -> String {
        let mut buffer = [0; 4096];
        loop {
            let length =
                self.systemd.recv(&mut buffer).unwrap_or_else(|_| panic!("systemd never hears {wanted}"));
            let said = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if said.contains(wanted) {
                return said;
            }
        }
    }

    /// Writes keys into the configuration, has it read again, and returns what the log says.
    async fn reload(&mut self, keys: &[(&str, toml::Value)]) -> Value {
        let path = self.lab.mozyd().config();
        let mut config: Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        for (key, value) in keys {
            let (section, key) = key.split_once('.').unwrap();
            let section = config.entry(section).or_insert_with(|| Table::new().into());
            section.as_table_mut().unwrap().insert(key.to_owned(), value.clone());
        }
        std::fs::write(path, toml::to_string(&config).unwrap()).unwrap();
        self.process.signal(Signal::HUP).unwrap();
        let said = self.hears("RELOADING=1");
        assert!(said.lines().any(|line| line.starts_with("MONOTONIC_USEC=")), "{said}");
        self.hears("READY=1");
        let line = self.process.wait_for_line(|line| line.contains("the configuration was"), SOON);
        serde_json::from_str(&line.await.unwrap()).unwrap()
    }

    /// Every line of the log so far; the last one may just be being written.
    fn log(&self) -> Vec<Value> {
        let text = self.process.log().unwrap();
        text.split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_takes_what_it_can_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (_db, mut lab, resellers) = lab(Options::default().setting("log.level", "info,mozyd=debug")).await;
    lab.daemons()[0].stop().await.unwrap();
    let mut unit = Unit::start(&lab, folder.path()).await;
    let scene = Scene::new(&lab, resellers, "reload");
    let mut customer = scene.someone();
    let ordered = customer.order(usual()).await;
    the_log_follows_an_order(&unit, &ordered.transaction.to_string(), &customer);
    drift_is_an_event(&scene, &customer).await;

    let line = unit.reload(&[("reconcile.mode", "observe".into())]).await;
    assert_eq!(
        (&line["level"], &line["message"]),
        (&"INFO".into(), &"the configuration was read again".into())
    );
    let ann = nothing_is_written(&scene, &customer, "ann", "reconcile.mode is observe").await;

    let window: toml::Value =
        "w = [{ schedule = \"* * * * * *\", duration = \"1h\" }]".parse::<Table>().unwrap()["w"].clone();
    // From here on nobody is looked at again by himself while this test runs.
    let long = ("reconcile.interval", toml::Value::from("10m"));
    unit.reload(&[("reconcile.mode", "enforce".into()), ("maintenance.windows", window), long.clone()]).await;
    let bob = nothing_is_written(&scene, &customer, "bob", "maintenance window is open until").await;

    let line = unit.reload(&[("reconcile.interval", "0s".into())]).await;
    assert!(
        line["level"] == "ERROR" && line["problems"].as_str().unwrap().contains("reconcile.interval"),
        "{line}"
    );
    assert!(lab.mozy().user_named(&customer.email("bob")).is_none(), "the old one stays");

    let other = "127.0.0.1:9".to_owned();
    let keys: &[(&str, toml::Value)] = &[
        long,
        ("maintenance.windows", toml::Value::Array(Vec::new())),
        ("admin.listen", other.into()),
        ("log.level", "info".into()),
    ];
    let line = unit.reload(keys).await;
    assert_eq!((&line["level"], &line["keys"]), (&"WARN".into(), &"admin.listen".into()), "{line}");
    for task in [ann, bob] {
        scene.done(lab.osa().task(task)).await;
    }
    unit.reload(&[("reconcile.interval", "5s".into())]).await;
    assert!(lab.mozy().user_named(&customer.email("ann")).is_some());
    let debug = |unit: &Unit<'_>| unit.log().iter().filter(|line| line["level"] == "DEBUG").count();
    let before = debug(&unit);
    a_pause_keeps_what_osa_wishes(&scene, &customer).await;
    assert_eq!(debug(&unit), before, "the level was taken at once");
    assert!(unit.process.stop(SOON).await.unwrap().success());
    unit.hears("STOPPING=1");
}

/// From OSA's transaction to the call at Mozy, by names that stay; and one line for what changed.
fn the_log_follows_an_order(unit: &Unit<'_>, transaction: &str, customer: &Customer<'_>) {
    let log = unit.log();
    let tenant = customer.tenant.to_string();
    let said = |message: &str| {
        let of = |line: &&Value| line["message"] == message && line["subscription"] == tenant.as_str();
        log.iter().filter(of).cloned().collect::<Vec<_>>()
    };
    let calls = said("mozy was called");
    let create = calls.iter().find(|line| line["operation"] == "partner.Create").expect("a create");
    assert_eq!((create["request"].as_str(), create["result"].as_str()), (Some(transaction), Some("done")));
    assert!(create["step"].is_string() && create["duration_ms"].is_u64(), "{create}");
    let changed = said("a cycle changed something");
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!((&changed[0]["level"], &changed[0]["request"]), (&"INFO".into(), &transaction.into()));
    assert!(changed[0]["duration_ms"].is_u64() && changed[0]["number"].is_i64(), "{}", changed[0]);
    let loud = log.iter().filter(|line| line["subscription"] == tenant.as_str() && line["level"] != "DEBUG");
    assert_eq!(loud.count(), 1, "one line for a cycle that changed something, and none for the others");
}

/// Somebody renames at Mozy what OSA sold: it goes back, and both values are told.
async fn drift_is_an_event(scene: &Scene<'_>, customer: &Customer<'_>) {
    let change = [("id", customer.partner_id().into()), ("name", "Renamed".into())];
    scene.lab.mozy().panel("partner.Update", parts(change)).unwrap();
    let told = async || {
        let events = scene.lab.verb(&["events", &customer.number(), "--output", "json"]).await.unwrap();
        let events = events.json().unwrap();
        let drift = events.as_array().unwrap().iter().find(|event| event["kind"] == "drift").cloned();
        drift.is_some_and(|event| {
            let message = event["message"].as_str().unwrap();
            message.contains("Renamed") && message.contains(&format!("wanted {}", customer.company))
        })
    };
    scene.eventually("drift with both values", true, told).await;
    scene.eventually("its own name", true, async || customer.partner().is_some()).await;
}

/// A wish arrives and is kept, OSA waits, Mozy hears nothing, and whoever asks is told why.
async fn nothing_is_written(scene: &Scene<'_>, customer: &Customer<'_>, name: &str, why: &str) -> u64 {
    let (osa, number) = (scene.lab.osa(), customer.number());
    let mark = customer.mark();
    let task = osa.create_user(&customer.new_user(name, "")).unwrap();
    let told = async || {
        let status = scene.lab.verb(&["status", &number]).await.unwrap();
        status.code == 2 && status.stdout.contains(why)
    };
    scene.eventually(why, true, told).await;
    let plan = scene.lab.verb(&["plan", &number]).await.unwrap();
    let wanted = format!("create user {}", customer.email(name));
    assert!(plan.code == 2 && plan.stdout.contains(&wanted), "{}", plan.stdout);
    let explained = scene.lab.verb(&["explain", &number]).await.unwrap().stdout;
    assert!(explained.contains(why) && explained.contains(&wanted), "{explained}");
    scene.lab.verb(&["refresh", &number]).await.unwrap();
    let record = task.until(|record| record.notes.len() > 1).await;
    assert_eq!(record.state, TaskState::Running, "{:?}", record.error);
    assert!(record.notes.iter().all(|note| note.status == Some(202)), "{:?}", record.notes);
    mark.writes(customer, &[]);
    record.id
}

async fn a_pause_keeps_what_osa_wishes(scene: &Scene<'_>, customer: &Customer<'_>) {
    let (osa, number) = (scene.lab.osa(), customer.number());
    assert_eq!(scene.lab.verb(&["pause", &number]).await.unwrap().code, 0);
    let task = nothing_is_written(scene, customer, "eve", "an operator paused it").await;
    let mark = customer.mark();
    assert_eq!(scene.lab.verb(&["resume", &number]).await.unwrap().code, 0);
    scene.done(osa.task(task)).await;
    mark.writes(customer, &["user.Create"]);
}
