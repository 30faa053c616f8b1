//! The endpoint over real sockets: OSA on one side with a controller of its own, a desk in memory on the other.

mod desk;
mod input;
mod install;
mod operations;
mod properties;
mod provision;
mod pushes;

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use axum::http::{StatusCode, Uri};
use http::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::domain::snapshot::TenantNumbers;
use crate::domain::subscription::Bought;
use crate::domain::{Reason, Secret, Thing};
use crate::osa::apsc::Timeouts;
use crate::osa::oauth::{Nonces, OAuthKeys};
use crate::osa::testing::{http, serve_plain};
use crate::ports::desk::{InstanceKeys, Progress};
use crate::ports::panel::PanelError;
use desk::MemoryDesk;

const INSTANCE: Uuid = Uuid::from_u128(0xa);
const TENANT: Uuid = Uuid::from_u128(0x10);
const USER: Uuid = Uuid::from_u128(0x20);
const LICENCE: Uuid = Uuid::from_u128(0x30);
const GROUP: Uuid = Uuid::from_u128(0x40);
const ACCOUNT: Uuid = Uuid::from_u128(0x50);
const RESELLER: Uuid = Uuid::from_u128(0x51);
const SUBSCRIPTION: Uuid = Uuid::from_u128(0x60);
const STAFF: Uuid = Uuid::from_u128(0x70);
const SERVICE_USER: Uuid = Uuid::from_u128(0x80);

/// The controller: resources by their path, and what it was asked.
#[derive(Default)]
struct Controller {
    resources: Mutex<HashMap<String, (u16, Value)>>,
    asked: Mutex<Vec<(Method, String, String, Value)>>,
}

impl Controller {
    fn has(&self, path: &str, value: Value) {
        self.answers(path, 200, value);
    }

    fn answers(&self, path: &str, status: u16, value: Value) {
        self.resources.lock().unwrap().insert(format!("/aps/2/{path}"), (status, value));
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    async fn serve(self: Arc<Self>) -> String {
        let router = Router::new().fallback(move |method: Method, uri: Uri, request: Request| async move {
            let acts_for = request.headers().get("aps-resource-id").map_or("", |id| id.to_str().unwrap());
            let acts_for = acts_for.to_owned();
            let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            self.asked.lock().unwrap().push((method, uri.path().to_owned(), acts_for, body));
            let known = self.resources.lock().unwrap().get(uri.path()).cloned();
            let (status, value) = known.unwrap_or((404, json!({"error": "APS::Util::ObjectNotFound"})));
            (StatusCode::from_u16(status).unwrap(), axum::Json(value))
        });
        format!("http://{}", serve_plain(router).await)
    }
}

/// A panel that says what the test wants it to say.
#[derive(Default)]
struct Desktop {
    next: Mutex<VecDeque<Result<String, PanelError>>>,
    emails: Mutex<Vec<String>>,
}

impl Desktop {
    fn will(&self, answer: Result<&str, PanelError>) {
        self.next.lock().unwrap().push_back(answer.map(str::to_owned));
    }

    fn says(&self) -> Result<String, PanelError> {
        self.next.lock().unwrap().pop_front().unwrap()
    }
}

impl Panel for Desktop {
    async fn refresh(&self, _: SubscriptionId) -> Result<(), PanelError> {
        self.says().map(drop)
    }

    async fn admin_link(&self, _: SubscriptionId) -> Result<String, PanelError> {
        self.says()
    }

    async fn user_link(&self, _: UserId) -> Result<String, PanelError> {
        self.says()
    }

    async fn email_available(&self, _: InstanceId, email: &str) -> Result<bool, PanelError> {
        self.emails.lock().unwrap().push(email.to_owned());
        self.says().map(|said| said == "free")
    }
}

type Told = Arc<Mutex<Vec<(&'static str, &'static str, &'static str)>>>;

/// An endpoint that believes signatures, and everything around it.
struct World {
    desk: Arc<MemoryDesk>,
    panel: Arc<Desktop>,
    osa: Arc<Controller>,
    told: Told,
    controllers: Controllers,
    controller: String,
    base: String,
    keys: OAuthKeys,
}

/// An answer, as OSA sees it.
struct Heard {
    status: u16,
    retry: Option<u64>,
    info: String,
    transaction: Option<String>,
    body: Value,
}

fn settings(auth: Auth, told: &Told) -> Settings {
    let told = told.clone();
    Settings {
        auth,
        public_url: Some("https://mozyd.example/osa/in".parse().unwrap()),
        serve_default: false,
        controller_certificate: None,
        reseller: false,
        retry: Retry::default(),
        patience: Duration::from_secs(600),
        timeouts: Timeouts::default(),
        observer: Arc::new(move |way, what, how| told.lock().unwrap().push((way, what, how))),
    }
}

impl World {
    /// With an installed instance that does not sell through resellers.
    async fn new() -> Self {
        Self::with(|settings| settings).await
    }

    async fn with(change: impl FnOnce(Settings) -> Settings) -> Self {
        let (desk, panel) = (Arc::<MemoryDesk>::default(), Arc::<Desktop>::default());
        let (osa, told) = (Arc::<Controller>::default(), Told::default());
        let keys = OAuthKeys::new("osa", &Secret::new("s3cret"));
        let auth = Auth::OAuth { keys: Box::new(keys.clone()), nonces: Arc::new(Nonces::default()) };
        let settings = change(settings(auth, &told));
        let (router, controllers) = endpoint(Arc::clone(&desk), Arc::clone(&panel), settings);
        let (base, controller) =
            (format!("http://{}", serve_plain(router).await), Arc::clone(&osa).serve().await);
        let world = Self { desk, panel, osa, told, controllers, controller, base, keys };
        world.installed(None);
        world.customer();
        world
    }

    fn installed(&self, reseller: Option<bool>) {
        let keys = InstanceKeys {
            id: InstanceId(INSTANCE),
            application: None,
            installed: true,
            reseller,
            identity: None,
            controller_certificate: None,
            controller: Some(format!("{}/", self.controller)),
        };
        self.desk.ledger.lock().unwrap().instances.insert(keys.id, keys);
    }

    /// Makes the account at OSA a provider's customer with an admin and a service user.
    fn customer(&self) {
        let account =
            json!({"id": 1, "type": "CLIENT", "companyName": "ACME", "parent": {"aps": {"id": RESELLER}}});
        self.osa.has(&format!("resources/{ACCOUNT}"), account);
        self.osa.has(&format!("resources/{RESELLER}"), json!({"id": 2, "type": "ADMIN"}));
        self.osa.has(&format!("resources/{SUBSCRIPTION}"), json!({"subscriptionId": 1000042}));
        let staff = json!({"aps": {"id": STAFF}, "login": "boss", "email": "boss@acme.example",
                           "fullName": "The Boss", "isAccountAdmin": true});
        self.osa.has(&format!("resources/{STAFF}"), staff.clone());
        let clerk = json!({"login": "clerk@acme.example", "isAccountAdmin": false});
        self.osa.has(&format!("resources/{ACCOUNT}/users"), json!([clerk, staff]));
        let user = json!({"login": "jane", "email": "jane@acme.example", "displayName": "Jane Doe"});
        self.osa.has(&format!("resources/{SERVICE_USER}"), user);
    }

    /// Makes things known to the desk.
    fn knows(&self, things: &[Thing]) {
        let mut ledger = self.desk.ledger.lock().unwrap();
        ledger.owners.extend(things.iter().map(|thing| (*thing, SubscriptionId(TENANT))));
        let numbers = TenantNumbers {
            id: SubscriptionId(TENANT),
            partner: None,
            home_group: None,
            model: "direct".into(),
            company: "ACME".into(),
            admin_email: "boss@acme.example".into(),
            admin_name: "The Boss".into(),
            works: true,
            groups_tab: true,
            bought: Bought::default(),
            usage: None,
        };
        ledger.numbers.insert(numbers.id, numbers);
    }

    fn request(&self, method: &str, path: &str, nonce: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base).parse().unwrap();
        let signature = self.keys.authorization(method, &url, SystemTime::now(), nonce).unwrap();
        self.unsigned(method, path).header(AUTHORIZATION, signature)
    }

    fn unsigned(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        http()
            .request(method.parse().unwrap(), format!("{}{path}", self.base))
            .header("aps-instance-id", INSTANCE.to_string())
            .header("aps-controller-uri", &self.controller)
            .header("aps-transaction-id", "t-1")
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Heard {
        self.send(method, path, body, "sync").await
    }

    async fn poll(&self, method: &str, path: &str, body: Value) -> Heard {
        self.send(method, path, body, "async").await
    }

    async fn send(&self, method: &str, path: &str, body: Value, phase: &str) -> Heard {
        let request =
            self.request(method, path, &Uuid::new_v4().to_string()).header("aps-request-phase", phase);
        let request = if body.is_null() { request } else { request.json(&body) };
        hear(request).await
    }
}

async fn hear(request: reqwest::RequestBuilder) -> Heard {
    let answer = request.send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (retry, info) = (header("aps-retry-timeout"), header("aps-info").unwrap_or_default());
    let transaction = header("aps-transaction-id");
    let status = answer.status().as_u16();
    let body = answer.text().await.unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap() };
    let retry = retry.map(|seconds| seconds.parse().unwrap());
    Heard { status, retry, info, transaction, body }
}

impl Heard {
    /// The status and the fixed name of an error.
    fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }

    fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

fn link(id: Uuid) -> Value {
    json!({"aps": {"id": id}})
}

fn waiting(reason: Reason, message: &str) -> Result<Progress, crate::ports::desk::DeskError> {
    Ok(Progress::Waiting { reason, message: message.into() })
}

fn tenant() -> Value {
    json!({"aps": {"id": TENANT}, "account": link(ACCOUNT), "subscription": link(SUBSCRIPTION),
           "desktopLicenseNum": {"limit": 5}, "desktopQuota": {}, "syncAvailable": {"limit": 1}})
}

fn user() -> Value {
    json!({"aps": {"id": USER}, "user": link(SERVICE_USER), "mozyProAccount": link(TENANT), "enableSync": "1"})
}

fn licence() -> Value {
    json!({"aps": {"id": LICENCE}, "mozyProAccountUser": link(USER), "licenseType": "Server", "quota": "20"})
}

fn group() -> Value {
    json!({"aps": {"id": GROUP}, "mozyProAccount": link(TENANT), "name": " Sales "})
}
