//! Both ways to prove who one is, in both directions, over real TLS.

use std::sync::Arc;

use super::app::App;
use super::caller::{Ask, acting, plain, tls};
use super::*;
use crate::sim::osa::oauth::{Nonces, sign};
use crate::sim::osa::tls::Identity;
use reqwest::Method;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use url::Url;

/// An application with a certificate of its own that asks for the caller's.
async fn secure_app() -> (App, Identity) {
    let identity = Identity::new("application", "127.0.0.1").unwrap();
    let app = App::start(Some(Arc::clone(&identity.server(true).unwrap()))).await;
    (app, identity)
}

fn mutual() -> Options {
    Options { auth: Auth::MutualTls, ..fast() }
}

struct Installed {
    osa: OsaSim,
    app: App,
    tenant: Uuid,
    own: String,
    path: String,
}

async fn installed() -> Installed {
    let (osa, (app, identity)) = (OsaSim::start(mutual()).await.unwrap(), secure_app().await);
    let pinned = Some(identity.certificate_pem().to_owned());
    let install = Install { endpoint_certificate: pinned, ..install_at(app.url()) };
    let instance = done(&osa.install(install).unwrap()).await.resource;
    let own = app.seen()[0].body["aps"]["x509"]["self"].as_str().unwrap().to_owned();
    let account = osa.create_account(&NewAccount::client("Acme", "john@acme.test")).unwrap();
    let order = Order { instance, account, counters: Counters::none() };
    let tenant = done(&osa.order(&order).unwrap()).await.resource;
    Installed { osa, app, tenant, own, path: format!("resources/{account}") }
}

#[tokio::test]
async fn mutual_tls_shows_the_delivered_certificates_both_ways() {
    let lab = installed().await;
    let controller = CertificateDer::from_pem_slice(lab.osa.controller_certificate().as_bytes()).unwrap();
    assert!(lab.app.seen().iter().all(|seen| seen.certificate.as_ref() == Some(&controller)));
    assert!(lab.app.seen()[0].header("APS-Controller-URI").starts_with("https://"));
    let client = tls(lab.osa.controller_certificate(), Some(&lab.own));
    assert_eq!(acting(&client, Some(lab.tenant)).get(&lab.osa, &lab.path).await.0, 200);
}

#[tokio::test]
async fn mutual_tls_refuses_strangers_and_those_who_show_nothing() {
    let lab = installed().await;
    let controller = lab.osa.controller_certificate().to_owned();
    let stranger = Identity::new("stranger", "127.0.0.1").unwrap();
    let client = tls(&controller, Some(&stranger.whole_pem()));
    let (status, error) = acting(&client, Some(lab.tenant)).get(&lab.osa, &lab.path).await;
    assert_eq!((status, &error["error"]), (403, &json!("Forbidden")));
    let nothing = tls(&controller, None);
    let ask = acting(&nothing, Some(lab.tenant));
    assert!(ask.send(&lab.osa, Method::GET, &lab.path, None).await.is_err());
}

#[tokio::test]
async fn mutual_tls_keeps_instances_apart() {
    let lab = installed().await;
    let other = done(&lab.osa.install(install_at(lab.app.url())).unwrap()).await;
    let seen = lab.app.seen().pop().unwrap();
    assert_eq!(seen.body["aps"]["id"], json!(other.resource));
    let own = seen.body["aps"]["x509"]["self"].as_str().unwrap();
    let client = tls(lab.osa.controller_certificate(), Some(own));
    assert_eq!(acting(&client, Some(lab.tenant)).get(&lab.osa, &lab.path).await.0, 403);
    let push = format!("application/mozyProAccount/{}", lab.tenant);
    assert_eq!(acting(&client, None).put(&lab.osa, &push, json!({})).await.0, 403);
}

#[tokio::test]
async fn an_application_with_another_certificate_is_not_talked_to() {
    let (osa, (app, _)) = (OsaSim::start(mutual()).await.unwrap(), secure_app().await);
    let other = Identity::new("other", "127.0.0.1").unwrap();
    let pinned = Some(other.certificate_pem().to_owned());
    let install = Install { endpoint_certificate: pinned, ..install_at(app.url()) };
    failed(&osa.install(install).unwrap()).await;
    assert!(app.seen().is_empty());
}

#[tokio::test]
async fn oauth_signs_what_goes_out_and_verifies_what_comes_in() {
    let key = OAuthKey { key: "mozy".to_owned(), secret: "s3cret&=".to_owned() };
    for tls_too in [false, true] {
        let lab = Lab::with(Options { auth: Auth::OAuth(key.clone()), tls: tls_too, ..fast() }).await;
        let tenant = lab.tenant().await;
        done(&lab.osa.set_enable_disable_sync(tenant, SyncSwitch::Query(true)).unwrap()).await;
        for seen in lab.app.seen() {
            let url = Url::parse(&format!("{}{}", lab.app.url(), seen.path)).unwrap();
            let verified = Nonces::default().verify(&key, &seen.method, &url, seen.header("Authorization"));
            assert_eq!(verified, Ok(()), "{}", seen.path);
        }
        let client = if tls_too { tls(lab.osa.controller_certificate(), None) } else { plain() };
        incoming(&lab, &client, &key, tenant).await;
    }
}

async fn incoming(lab: &Lab, client: &reqwest::Client, key: &OAuthKey, tenant: Uuid) {
    let path = format!("resources/{}/users?implementing(http://a.test/b/1.0),limit(0,5)", lab.account);
    let url = Url::parse(&format!("{}/aps/2/{path}", lab.osa.controller_url())).unwrap();
    let signed = sign(key, "GET", &url);
    let wrong = sign(&OAuthKey { secret: "guess".to_owned(), ..key.clone() }, "GET", &url);
    for (authorization, status) in
        [(Some(signed.clone()), 200), (Some(signed), 401), (Some(wrong), 401), (None, 401)]
    {
        let ask = Ask { client, acting_as: Some(tenant), transaction: None, authorization };
        assert_eq!(ask.get(&lab.osa, &path).await.0, status);
    }
}

#[tokio::test]
async fn without_proof_only_loopback_is_served() {
    let anywhere = "0.0.0.0:0".parse().unwrap();
    assert!(OsaSim::start(Options { controller: anywhere, ..fast() }).await.is_err());
    assert!(OsaSim::start(Options { control: Some(anywhere), ..mutual() }).await.is_err());
}
