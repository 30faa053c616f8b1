//! Who may install, and who is believed afterwards, over real TLS.

use std::net::SocketAddr;

use super::*;
use crate::osa::certificate::Identity;
use crate::osa::listen::Endpoint;
use crate::osa::testing::{TestCertificate, https, serve};
use crate::osa::tls::server_config;

struct Tls {
    desk: Arc<MemoryDesk>,
    served: TestCertificate,
    address: SocketAddr,
}

impl Tls {
    async fn new(installer: Option<&TestCertificate>) -> Self {
        let desk = Arc::new(MemoryDesk::default());
        let settings = Settings {
            controller_certificate: installer.map(pinned),
            serve_default: installer.is_some(),
            ..settings(Auth::MutualTls, &Told::default())
        };
        let (router, _) = endpoint(desk.clone(), Arc::new(Desktop::default()), settings);
        let served = TestCertificate::new();
        let identity = Identity::from_pem(served.both().as_bytes()).unwrap();
        let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = serve(Endpoint::tls(tcp, server_config(identity).unwrap()), router);
        Self { desk, served, address }
    }

    async fn call(&self, shown: Option<&TestCertificate>, method: &str, path: &str, body: &Value) -> Heard {
        let http = https(&self.served, self.address, shown);
        let url = format!("https://osa.invalid:{}{path}", self.address.port());
        let request = http.request(method.parse().unwrap(), url).json(body);
        let request = request.header("aps-instance-id", INSTANCE.to_string());
        hear(request.header("aps-controller-uri", "https://osa.example:6308")).await
    }

    async fn install(&self, shown: Option<&TestCertificate>, delivered: &TestCertificate) -> u16 {
        self.call(shown, "POST", "/mozyPro", &body(delivered)).await.status
    }

    async fn is_served(&self, shown: &TestCertificate) -> bool {
        match self.call(Some(shown), "GET", &format!("/mozyPro/{INSTANCE}"), &json!({})).await.status {
            200 => true,
            403 => false,
            other => panic!("{other}"),
        }
    }
}

fn pinned(certificate: &TestCertificate) -> Pinned {
    Pinned::from_pem(certificate.certificate.as_bytes()).unwrap()
}

fn body(controller: &TestCertificate) -> Value {
    let ours = TestCertificate::new();
    json!({"aps": {"id": INSTANCE, "x509": {"self": ours.both(), "controller": controller.certificate}},
           "orderType": true, "ws_prefix": "", "ws_sufix": "", "api_key": "k3y", "root_partner_id": 12})
}

#[tokio::test]
async fn a_new_instance_is_installed_by_the_holder_of_what_it_delivers_and_stays_his() {
    let (theirs, thief) = (TestCertificate::new(), TestCertificate::new());
    let tls = Tls::new(None).await;
    assert!(!tls.is_served(&theirs).await);
    assert_eq!(tls.install(None, &theirs).await, 403);
    assert_eq!(tls.install(Some(&thief), &theirs).await, 403);
    assert!(tls.desk.written().is_empty());
    assert_eq!(tls.install(Some(&theirs), &theirs).await, 201);
    let written = tls.desk.written();
    assert!(
        written[0].contains("reseller: Some(Some(true)), ws_prefix: Some(None), ws_suffix: Some(None)"),
        "{}",
        written[0]
    );
    assert!(
        written[0].contains("root_partner: Some(Some(12))") && !written[0].contains("k3y"),
        "{}",
        written[0]
    );
    assert_eq!(written[1], "heard from https://osa.example:6308/");
    assert!(tls.is_served(&theirs).await && !tls.is_served(&thief).await);
    assert_eq!(tls.install(Some(&thief), &thief).await, 403, "a known instance is not taken over");
    let renewed = TestCertificate::new();
    assert_eq!(tls.install(Some(&theirs), &renewed).await, 201);
    assert!(tls.is_served(&renewed).await && !tls.is_served(&theirs).await);
}

#[tokio::test]
async fn an_instance_whose_secrets_cannot_be_opened_is_installed_anew_by_its_own() {
    let (theirs, thief) = (TestCertificate::new(), TestCertificate::new());
    let tls = Tls::new(None).await;
    assert_eq!(tls.install(Some(&theirs), &theirs).await, 201);
    tls.desk.key_lost.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(tls.install(Some(&thief), &thief).await, 403);
    assert_eq!(tls.install(Some(&theirs), &theirs).await, 201);
    assert!(tls.is_served(&theirs).await);
}

#[tokio::test]
async fn what_another_daemon_installed_is_believed_at_once() {
    let (before, after) = (TestCertificate::new(), TestCertificate::new());
    let tls = Tls::new(None).await;
    assert_eq!(tls.install(Some(&before), &before).await, 201);
    assert!(tls.is_served(&before).await);
    tls.desk.installs_elsewhere(InstanceId(INSTANCE), &after.certificate);
    assert!(tls.is_served(&after).await);
}

#[tokio::test]
async fn where_an_installer_is_configured_nobody_else_installs_and_the_default_is_his() {
    let (installer, other) = (TestCertificate::new(), TestCertificate::new());
    let tls = Tls::new(Some(&installer)).await;
    assert_eq!(tls.install(Some(&other), &other).await, 403);
    assert!(!tls.is_served(&other).await && tls.is_served(&installer).await);
    assert_eq!(tls.desk.written(), ["heard from https://osa.example:6308/"]);
    assert_eq!(tls.install(Some(&installer), &other).await, 201);
    assert!(tls.is_served(&other).await && !tls.is_served(&installer).await);
}

#[tokio::test]
async fn an_install_is_complete_and_names_its_own_instance() {
    let theirs = TestCertificate::new();
    let tls = Tls::new(None).await;
    for (pointer, value, named) in [
        ("/aps/id", json!(null), "aps.id"),
        ("/aps/x509/self", json!(null), "aps.x509.self"),
        ("/aps/x509/self", json!(theirs.certificate), "aps.x509.self"),
        ("/aps/x509/controller", json!(null), "aps.x509.controller"),
        ("/aps/x509/controller", json!("nothing"), "aps.x509.controller"),
        ("/root_partner_id", json!(u64::MAX), "root_partner_id"),
        ("/ws_prefix", json!("a\nb"), "ws_prefix"),
    ] {
        let mut body = body(&theirs);
        *body.pointer_mut(pointer).unwrap() = value;
        let heard = tls.call(Some(&theirs), "POST", "/mozyPro", &body).await;
        assert_eq!(heard.error(), (400, "BadRequest"), "{pointer}");
        assert!(
            heard.message().contains(named) && !heard.message().contains("-----BEGIN"),
            "{}",
            heard.message()
        );
    }
    assert!(tls.desk.written().is_empty());
}

#[tokio::test]
async fn the_header_is_the_key_and_the_application_may_have_another_id() {
    let theirs = TestCertificate::new();
    let tls = Tls::new(None).await;
    let mut other = body(&theirs);
    other["aps"]["id"] = json!(TENANT);
    assert_eq!(tls.call(Some(&theirs), "POST", "/mozyPro", &other).await.status, 201);
    assert!(tls.is_served(&theirs).await);
    let named = format!("/mozyPro/{TENANT}");
    assert_eq!(tls.call(Some(&theirs), "PUT", &named, &json!({"api_key": "k"})).await.status, 200);
    assert!(tls.desk.written().pop().unwrap().contains(&INSTANCE.to_string()));
    assert_eq!(tls.call(Some(&theirs), "DELETE", &named, &json!({})).await.status, 204);
    assert_eq!(tls.desk.written().pop().unwrap(), format!("uninstall {INSTANCE}"));
    assert_eq!(tls.call(Some(&theirs), "DELETE", &named, &json!({})).await.status, 204, "gone already");
}

#[tokio::test]
async fn globals_change_and_an_instance_goes() {
    let theirs = TestCertificate::new();
    let tls = Tls::new(None).await;
    tls.install(Some(&theirs), &theirs).await;
    let itself = format!("/mozyPro/{INSTANCE}");
    let globals = json!({"api_key": "other", "ws_prefix": "https://m"});
    assert_eq!(tls.call(Some(&theirs), "PUT", &itself, &globals).await.status, 200);
    let written = tls.desk.written().pop().unwrap();
    let only = "installed: true, reseller: None, ws_prefix: Some(Some(\"https://m\")), ws_suffix: None";
    assert!(written.contains(only), "what is not said stays: {written}");
    let another = format!("/mozyPro/{TENANT}");
    assert_eq!(tls.call(Some(&theirs), "PUT", &another, &globals).await.status, 404);
    let before = tls.desk.written();
    assert_eq!(tls.call(Some(&theirs), "DELETE", &another, &json!({})).await.status, 204);
    assert_eq!(tls.desk.written(), before);
    assert_eq!(tls.call(Some(&theirs), "DELETE", &itself, &json!({})).await.status, 204);
    assert_eq!(tls.desk.written().pop().unwrap(), format!("uninstall {INSTANCE}"));
    assert!(!tls.is_served(&theirs).await);
    assert_eq!(tls.call(Some(&theirs), "DELETE", &itself, &json!({})).await.status, 204, "gone already");
}
