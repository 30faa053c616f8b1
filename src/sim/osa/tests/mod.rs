//! The simulator against a scripted application, over real sockets.

mod app;
mod auth;
mod billing;
mod caller;
mod control;
mod door;
mod drive;
mod faults;
mod operations;

use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::*;
use app::App;

/// An OSA that polls fast, an application that it was installed at, and an account.
struct Lab {
    osa: OsaSim,
    app: App,
    instance: Uuid,
    account: Uuid,
}

fn fast() -> Options {
    let (max_poll, call_timeout) = (Duration::from_millis(20), Duration::from_secs(5));
    Options { max_poll, call_timeout, hang: Duration::from_millis(300), ..Options::default() }
}

fn install_at(endpoint: String) -> Install {
    Install {
        endpoint,
        endpoint_certificate: None,
        reseller: false,
        api_key: "s3cret-api-key".to_owned(),
        root_partner_id: "1".into(),
        root_role_id: 2.into(),
        ws_prefix: String::new(),
        ws_sufix: String::new(),
    }
}

impl Lab {
    async fn new() -> Self {
        Self::with(fast()).await
    }

    async fn with(options: Options) -> Self {
        let (osa, app) = (OsaSim::start(options).await.unwrap(), App::plain().await);
        let install = osa.install(install_at(app.url())).unwrap();
        assert!(install.done().await.is_done(), "{:?}", install.record());
        let account = osa.create_account(&NewAccount::client("Acme", "john@acme.test")).unwrap();
        app.forget();
        osa.clear_log();
        Self { osa, app, instance: install.resource(), account }
    }

    fn order(&self) -> Task {
        let counters =
            Counters::none().limit(Counter::DesktopQuota, 100).limit(Counter::DesktopLicenseNum, 10);
        self.osa.order(&Order { instance: self.instance, account: self.account, counters }).unwrap()
    }

    async fn tenant(&self) -> Uuid {
        done(&self.order()).await.resource
    }

    async fn user(&self, tenant: Uuid) -> Uuid {
        let new = NewServiceUser {
            login: "first".to_owned(),
            email: "first@acme.test".to_owned(),
            display_name: "First".to_owned(),
        };
        let service_user = self.osa.create_service_user(self.account, &new).unwrap();
        let new = NewUser { tenant, service_user, group: String::new(), enable_sync: None };
        done(&self.osa.create_user(&new).unwrap()).await.resource
    }
}

/// Waits for a task that must be done well.
async fn done(task: &Task) -> TaskResult {
    let ended =
        tokio::time::timeout(Duration::from_secs(20), task.done()).await.expect("the task never ends");
    assert!(ended.is_done(), "{ended:?}");
    ended
}

/// Waits for a task that must fail.
async fn failed(task: &Task) -> TaskResult {
    let ended =
        tokio::time::timeout(Duration::from_secs(20), task.done()).await.expect("the task never ends");
    assert_eq!(ended.state, TaskState::Failed, "{ended:?}");
    ended
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}
