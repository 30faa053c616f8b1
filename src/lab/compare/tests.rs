//! Both simulators are brought to agreement by hand, and every disturbance of either is noticed.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::{Json, Router};
use serde_json::{Value as Any, json};
use uuid::Uuid;

use super::*;
use crate::sim::mozy::{Value, parts};
use crate::sim::osa::{
    Counters, Install, LicenceKind, NewAccount, NewGroup, NewLicence, NewServiceUser, NewUser, Options,
    Order, Refused, SyncSwitch, Task,
};

/// An application that says yes to everything, gives every licence this key and reports this usage.
#[derive(Clone, Default)]
struct Yes {
    key: Arc<Mutex<String>>,
    usage: Arc<Mutex<Any>>,
}

async fn yes(State(yes): State<Yes>, method: Method, uri: Uri) -> (StatusCode, Json<Any>) {
    let answer = match (&method, uri.path()) {
        (&Method::POST, "/mozyProAccountUserLicense") => json!({"keyString": *yes.key.lock().unwrap()}),
        (&Method::GET, _) => yes.usage.lock().unwrap().clone(),
        _ => json!({}),
    };
    (StatusCode::OK, Json(answer))
}

/// One customer on both sides, with one user in a group who has sync and a key.
struct Scene {
    yes: Yes,
    osa: OsaSim,
    mozy: MozySim,
    instance: Uuid,
    tenant: Uuid,
    user: Uuid,
    licence: Uuid,
    partner: i64,
    group: i64,
    mozy_user: i64,
    key: String,
}

async fn done(task: Result<Task, Refused>) -> Uuid {
    let record = task.unwrap().done().await;
    assert!(record.is_done(), "{record:?}");
    record.resource
}

impl Scene {
    async fn set() -> Self {
        let yes = Yes::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(self::yes).with_state(yes.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let osa = OsaSim::start(Options::default()).await.unwrap();
        let install = json!({"endpoint": endpoint, "api_key": "", "root_partner_id": 1, "root_role_id": 1});
        let instance = done(osa.install(serde_json::from_value::<Install>(install).unwrap())).await;
        let mozy = MozySim::default();
        let nil = Uuid::nil();
        let (user, licence, key) = (nil, nil, String::new());
        let mut scene = Self {
            yes,
            osa,
            mozy,
            instance,
            tenant: nil,
            user,
            licence,
            partner: 0,
            group: 0,
            mozy_user: 0,
            key,
        };
        scene.at_osa().await;
        scene.at_mozy();
        scene.licence().await;
        scene.bill(json!({"desktopLicenseNum": 1, "desktopQuota": 23, "syncAvailable": 1})).await;
        scene
    }

    async fn at_osa(&mut self) {
        let osa = &self.osa;
        let account = osa.create_account(&NewAccount::client("Acme", "john@acme.test")).unwrap();
        let counters = Counters::none()
            .limit(Counter::DesktopLicenseNum, 5)
            .limit(Counter::DesktopQuota, 100)
            .limit(Counter::SyncAvailable, 1)
            .limit(Counter::SyncDefaultQuota, 3);
        self.tenant = done(osa.order(&Order { instance: self.instance, account, counters })).await;
        let tenant = self.tenant;
        let group = done(osa.create_group(&NewGroup { tenant, name: "Sales".into() })).await;
        let (login, display_name) = ("Ann@acme.test".to_owned(), "Ann".to_owned());
        let person = NewServiceUser { email: login.clone(), login, display_name };
        let service_user = osa.create_service_user(account, &person).unwrap();
        let new = NewUser { tenant, service_user, group: group.to_string(), enable_sync: Some(true) };
        self.user = done(osa.create_user(&new)).await;
        done(osa.set_enable_disable_sync(tenant, SyncSwitch::Query(true))).await;
    }

    fn at_mozy(&mut self) {
        let number = rows(&self.osa, &self.mozy)[0].number.to_string();
        let root = self.mozy.root_partner_id();
        let role = self.mozy.root_role_id();
        self.partner = self.panel(
            "partner.Create",
            json!({"parent_partner_id": root, "name": "Acme", "root_role": role, "enable_sync": true,
                "default_sync_quota": 3, "root_admin_username": "john@acme.test", "external_id": number}),
        );
        self.group = self.panel(
            "user_group.Create",
            json!({"partner_id": self.partner, "name": "Sales", "external_id": number}),
        );
        for (licenses, quota, group) in [(2, 40, self.group), (3, 60, 0)] {
            let group = if group == 0 { Any::Null } else { json!(group) };
            let amount = json!({"partner_id": self.partner, "user_group_id": group, "license_type": "Desktop",
                "licenses": licenses, "quota": quota});
            self.panel("resource.Provision", amount);
        }
        let user = json!({"user_group_id": self.group, "username": "ann@acme.test", "full_name": "Ann",
            "enable_sync": true});
        self.mozy_user = self.panel("user.Create", user);
        let group = self.group;
        let free = self.mozy.with(|world| {
            let mut keys = world.licenses.values().filter(|key| key.group_id == group);
            keys.next().unwrap().keystring.to_string()
        });
        self.key = free;
        self.panel(
            "resource.UpdateLicenses",
            json!({"keystring": self.key, "assigned_email_address": "ann@acme.test", "quota_desired": 20}),
        );
    }

    async fn licence(&mut self) {
        *self.yes.key.lock().unwrap() = self.key.clone();
        let new = NewLicence { user: self.user, kind: LicenceKind::Desktop, quota: 20 };
        self.licence = done(self.osa.create_licence(&new)).await;
    }

    async fn bill(&self, usage: Any) {
        let usage: serde_json::Map<String, Any> = usage
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, usage)| (name.clone(), json!({"usage": usage})))
            .collect();
        *self.yes.usage.lock().unwrap() = Any::Object(usage);
        self.osa.collect_usage(self.instance).await.unwrap();
    }

    /// An operation of Mozy's with JSON parts.
    fn panel(&self, operation: &str, given: Any) -> i64 {
        let value = |given: &Any| match given {
            Any::Number(number) => Value::from(number.as_i64().unwrap()),
            Any::String(text) => Value::from(text.as_str()),
            Any::Bool(truth) => Value::from(*truth),
            _ => Value::Nil,
        };
        let given = given.as_object().unwrap().iter();
        let given = given.map(|(name, given)| (name.clone().into(), value(given))).collect();
        self.mozy.panel(operation, given).unwrap().int().unwrap_or_default()
    }

    fn differences(&self) -> Vec<String> {
        rows(&self.osa, &self.mozy).into_iter().flat_map(|row| row.differences).collect()
    }

    /// Something is done at Mozy by hand, and this is noticed.
    fn noticed(&self, operation: &str, given: Any, wanted: &str) {
        self.panel(operation, given);
        let found = self.differences();
        assert!(found.iter().any(|difference| difference.contains(wanted)), "{wanted}: {found:?}");
    }
}

#[tokio::test]
async fn agreement_is_seen() {
    let scene = Scene::set().await;
    assert_eq!(scene.differences(), Vec::<String>::new());
    let row = &rows(&scene.osa, &scene.mozy)[0];
    let user = &row.wanted.users["ann@acme.test"];
    assert_eq!((user.group.as_deref(), user.sync, user.keys.len()), (Some("Sales"), Some(3), 1));
}

#[tokio::test]
async fn every_change_at_mozy_is_noticed() {
    let scene = Scene::set().await;
    let (partner, key, user) = (scene.partner, scene.key.as_str(), scene.mozy_user);
    let one = json!({"partner_id": partner, "license_type": "Desktop", "licenses": 1, "quota": 2});
    scene.noticed("resource.Provision", one, "desktop keys: wanted 5, Mozy has 6");
    let resized = json!({"keystring": key, "quota_desired": 19});
    scene.noticed("resource.UpdateLicenses", resized, "GB of key");
    scene.noticed("user.Update", json!({"id": user, "full_name": "Anne"}), "name of ann@acme.test");
    scene.noticed("user.Update", json!({"id": user, "enable_sync": false}), "sync of ann@acme.test");
    let created = json!({"partner_id": partner, "name": "Field"});
    scene.noticed("user_group.Create", created, "group Field: at Mozy, and not wanted");
    let taken = json!({"keystring": key, "assigned_email_address": "bob@acme.test"});
    scene.noticed("resource.UpdateLicenses", taken, "key of nobody");
    scene.noticed("user.Delete", json!({"id": user}), "user ann@acme.test: wanted, and not at Mozy");
    let again = json!({"name": "Acme", "root_role": 1, "root_admin_username": "two@acme.test",
        "external_id": rows(&scene.osa, &scene.mozy)[0].number.to_string()});
    scene.noticed("partner.Create", again, "Mozy has 2 accounts");
}

#[tokio::test]
async fn every_change_at_osa_is_noticed() {
    let scene = Scene::set().await;
    scene.bill(json!({"desktopLicenseNum": 2, "desktopQuota": 23, "syncAvailable": 1})).await;
    assert_eq!(scene.differences(), ["desktopLicenseNum: billed 2, in use at Mozy 1"]);
    done(scene.osa.disable_user(scene.user)).await;
    done(scene.osa.change_licence(scene.licence, 21)).await;
    done(scene.osa.suspend(scene.tenant)).await;
    let found = scene.differences().join("; ");
    for wanted in ["suspended: wanted true", "GB of key", "state: wanted suspended"] {
        assert!(found.contains(wanted), "{wanted}: {found}");
    }
    done(scene.osa.terminate(scene.tenant)).await;
    assert_eq!(scene.differences(), ["state: wanted gone, Mozy has active"]);
}

#[tokio::test]
async fn waiting_for_an_agreement_that_does_not_come_names_what_differs() {
    let scene = Scene::set().await;
    done(scene.osa.touch(scene.tenant)).await;
    let edit = parts([("id", scene.mozy_user.into()), ("full_name", "Anne".into())]);
    scene.mozy.panel("user.Update", edit).unwrap();
    let late = agreement(&scene.osa, &scene.mozy, Duration::from_millis(200), async || Ok(())).await;
    assert!(late.unwrap_err().to_string().contains("name of ann@acme.test: wanted Ann, Mozy has Anne"));
}
