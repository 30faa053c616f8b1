//! Bad input is told what is wrong with it, and writes nothing.

use std::sync::atomic::Ordering;

use futures_util::future::BoxFuture;

use super::*;
use crate::osa::body::LARGEST_BODY;
use crate::osa::oauth::{Nonce, NonceError, NonceMemory};

#[tokio::test]
async fn senseless_wishes_are_named() {
    let world = World::new().await;
    world.knows(&[Thing::Tenant(SubscriptionId(TENANT)), Thing::User(UserId(USER))]);
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        body
    };
    for (path, body, named) in [
        ("/mozyProAccount", json!({}), "aps.id"),
        ("/mozyProAccount", with(tenant(), "aps", json!(null)), "aps.id"),
        ("/mozyProAccount", with(tenant(), "aps", json!({"id": "17"})), "aps.id"),
        ("/mozyProAccount", with(tenant(), "account", json!(null)), "account"),
        ("/mozyProAccount", with(tenant(), "subscription", json!([])), "subscription"),
        ("/mozyProAccount", with(tenant(), "desktopQuota", json!({"limit": -5})), "desktopQuota.limit"),
        ("/mozyProAccount", with(tenant(), "serverQuota", json!({"limit": "many"})), "serverQuota.limit"),
        ("/mozyProAccount", with(tenant(), "accountType", json!("X")), "accountType"),
        ("/mozyProAccountUser", with(user(), "user", json!(null)), "user"),
        ("/mozyProAccountUser", with(user(), "mozyProAccount", json!({})), "mozyProAccount"),
        ("/mozyProAccountUser", with(user(), "user_group_id", json!("sales")), "user_group_id"),
        (
            "/mozyProAccountUser",
            with(user(), "user_group_id", json!("18446744073709551615")),
            "user_group_id",
        ),
        ("/mozyProAccountUser", with(user(), "syncQuota", json!(-1)), "syncQuota"),
        (
            "/mozyProAccountUserLicense",
            with(licence(), "mozyProAccountUser", json!(null)),
            "mozyProAccountUser",
        ),
        ("/mozyProAccountUserLicense", with(licence(), "quota", json!(-1)), "quota"),
        ("/mozyProAccountUserLicense", with(licence(), "quota", json!(1e18)), "quota"),
        ("/mozyProAccountUserLicense", with(licence(), "quota", json!({})), "quota"),
        ("/mozyProAccountUserLicense", with(licence(), "quota", json!(null)), "quota"),
        ("/mozyProAccountUserLicense", with(licence(), "licenseType", json!("Laptop")), "licenseType"),
        ("/mozyProAccountUserLicense", with(licence(), "licenseType", json!("")), "licenseType"),
        ("/mozyProAccountGroup", with(group(), "name", json!("  ")), "name"),
        ("/mozyProAccountGroup", with(group(), "name", json!("x".repeat(1000))), "name"),
        ("/mozyProAccountGroup", with(group(), "mozyProAccount", json!(null)), "mozyProAccount"),
    ] {
        let heard = world.call("POST", path, body).await;
        assert_eq!(heard.error(), (400, "BadRequest"), "{path} {named}");
        assert!(heard.message().contains(&format!("{named}: ")), "{named}: {}", heard.message());
    }
    for (path, body, named) in [
        (format!("/mozyProAccountUser/{USER}"), json!({"enableSync": "maybe"}), "enableSync"),
        (format!("/mozyProAccountUser/{USER}"), json!({"user": {"name": "\0"}}), "user.name"),
        (format!("/mozyProAccountUser/{USER}"), json!({"displayName": "x".repeat(256)}), "displayName"),
        (format!("/mozyPro/{INSTANCE}"), json!({"ws_prefix": "x".repeat(256)}), "ws_prefix"),
        (format!("/mozyProAccount/{TENANT}/setEnableDisableSync?enableSync=%00"), json!({}), "enableSync"),
        (
            format!("/mozyProAccount/{TENANT}"),
            json!({"syncAvailable": {"limit": 1.5}}),
            "syncAvailable.limit",
        ),
        (format!("/mozyProAccount/{TENANT}/setEnableDisableSync?enableSync=maybe"), json!({}), "enableSync"),
    ] {
        let heard = world.call("PUT", &path, body).await;
        assert_eq!(heard.error(), (400, "BadRequest"), "{path}");
        assert!(heard.message().contains(&format!("{named}: ")), "{named}: {}", heard.message());
    }
    assert!(world.desk.written().is_empty());
    assert_eq!(world.osa.asked(), 0);
}

#[tokio::test]
async fn a_login_that_is_no_address_is_passed_over() {
    let world = World::new().await;
    world.knows(&[Thing::Tenant(SubscriptionId(TENANT)), Thing::User(UserId(USER))]);
    for login in ["jane".to_owned(), format!("{}@b.c", "a".repeat(253))] {
        world.desk.ledger.lock().unwrap().told.clear();
        let body = json!({"login": login, "displayName": "Jane"});
        assert_eq!(world.call("PUT", &format!("/mozyProAccountUser/{USER}"), body).await.status, 200);
        let written = world.desk.written().pop().unwrap();
        assert!(written.contains("login: None, display_name: Some(\"Jane\")"), "{written}");
    }
}

#[tokio::test]
async fn whoever_says_all_in_the_query_sends_nothing_in_any_way() {
    let world = World::new().await;
    world.knows(&[Thing::Tenant(SubscriptionId(TENANT))]);
    let path = format!("/mozyProAccount/{TENANT}/setEnableDisableSync?enableSync=true");
    for (nonce, body) in [("a", ""), ("b", "[]"), ("c", " null\n"), ("d", "{}")] {
        let heard = hear(world.request("POST", &path, nonce).body(body)).await;
        assert_eq!((heard.status, heard.transaction.as_deref()), (200, Some("t-1")), "{body:?}");
        assert_eq!(world.desk.written().pop().unwrap(), "sync tenant Some(true)");
    }
    let heard = hear(world.request("POST", &path, "e").body("[7]")).await;
    assert_eq!((heard.status, heard.transaction.as_deref()), (400, Some("t-1")));
}

#[tokio::test]
async fn paths_bodies_and_heads_that_are_none() {
    let world = World::new().await;
    assert_eq!(world.call("POST", "/mozyProThing", json!({})).await.error(), (404, "NotFound"));
    assert_eq!(world.call("GET", "/mozyProAccount/17", json!(null)).await.status, 400);
    assert_eq!(world.call("PATCH", &format!("/mozyProAccount/{TENANT}"), json!({})).await.status, 405);
    let wrong = format!("/mozyProAccount/{TENANT}/nothing");
    assert_eq!(world.call("PUT", &wrong, json!({})).await.status, 404);
    for body in ["[]", "null", "{", "<html>", "{\"aps\":7}"] {
        let heard = hear(world.request("POST", "/mozyProAccount", body).body(body)).await;
        assert_eq!(heard.error(), (400, "BadRequest"), "{body}");
    }
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(10 * LARGEST_BODY));
    let heard = hear(world.request("POST", "/mozyProAccount", "large").body(large)).await;
    assert_eq!(heard.error(), (413, "PayloadTooLarge"));
    let phase = world.request("POST", "/mozyProAccount", "phase").header("aps-request-phase", "later");
    assert!(hear(phase).await.message().contains("aps-request-phase"));
    assert!(world.desk.written().is_empty());
    assert!(world.told.lock().unwrap().contains(&("in", "unknown", "rejected")));
}

#[tokio::test]
async fn who_is_not_the_controller_writes_nothing() {
    let world = World::new().await;
    let unsigned = hear(world.unsigned("POST", "/mozyProAccount").json(&tenant())).await;
    assert_eq!(unsigned.error(), (401, "Unauthorized"));
    let install = json!({"aps": {"id": Uuid::from_u128(77)}, "api_key": "k"});
    let other = Uuid::from_u128(77).to_string();
    let uninvited = http().post(format!("{}/mozyPro", world.base)).header("aps-instance-id", &other);
    assert_eq!(hear(uninvited.json(&install)).await.status, 401);
    let signed = world.request("PUT", "/mozyProAccount", "n").build().unwrap();
    let elsewhere = http().post(signed.url().clone()).headers(signed.headers().clone());
    let heard = hear(elsewhere.json(&tenant())).await;
    assert_eq!(heard.status, 401, "signed for another method");
    let once = world.request("GET", &format!("/mozyProAccount/{TENANT}"), "once");
    let replay = once.try_clone().unwrap();
    assert_eq!(hear(once).await.status, 404);
    assert_eq!(hear(replay).await.status, 401, "a replay");
    assert!(world.desk.written().is_empty());
    assert!(world.told.lock().unwrap().contains(&("in", "provision", "forbidden")));
}

#[tokio::test]
async fn an_instance_that_no_install_brought_is_served_only_as_the_default() {
    for serve_default in [false, true] {
        let world = World::with(|settings| Settings { serve_default, ..settings }).await;
        world.desk.ledger.lock().unwrap().instances.clear();
        let heard = world.call("GET", &format!("/mozyProAccount/{TENANT}"), json!(null)).await;
        assert_eq!(heard.status, if serve_default { 404 } else { 403 });
        let written = world.desk.written();
        assert_eq!(written.len(), usize::from(serve_default), "{written:?}");
        assert!(written.iter().all(|write| write.starts_with("heard from http://127.0.0.1")));
        let nowhere = world.request("GET", &format!("/mozyProAccount/{TENANT}"), "n").build().unwrap();
        let mut headers = nowhere.headers().clone();
        headers.remove("aps-instance-id");
        let nobody = http().get(nowhere.url().clone()).headers(headers);
        assert!(hear(nobody).await.message().contains("aps-instance-id"));
    }
}

/// Remembers every nonce, and may keep the answer to itself: as a database that commits and then is away.
#[derive(Default)]
struct Silent(Nonces, std::sync::atomic::AtomicBool);

impl NonceMemory for Silent {
    fn first_use<'a>(&'a self, nonce: Nonce<'a>, now: u64) -> BoxFuture<'a, Result<bool, NonceError>> {
        let remembered = self.0.first_use(nonce, now);
        let silent = self.1.load(Ordering::Relaxed);
        Box::pin(async move { if silent { remembered.await.and(Err(NonceError)) } else { remembered.await } })
    }
}

#[tokio::test]
async fn a_nonce_that_cannot_be_remembered_is_a_database_that_is_away() {
    let nonces = Arc::new(Silent::default());
    let keys = OAuthKeys::new("osa", &Secret::new("s3cret"));
    let auth = Auth::OAuth { keys: Box::new(keys), nonces: nonces.clone() };
    let world = World::with(|settings| Settings { auth, ..settings }).await;
    world.knows(&[Thing::Tenant(SubscriptionId(TENANT))]);
    let path = format!("/mozyProAccount/{TENANT}");
    // Nothing is known of the instance at first, and then its keys are remembered.
    for _ in 0..2 {
        nonces.1.store(true, Ordering::Relaxed);
        assert_eq!(world.call("PUT", &path, json!({})).await.status, 202, "OSA comes again with its wish");
        assert_eq!(world.call("GET", &path, json!(null)).await.error(), (503, "DatabaseUnavailable"));
        assert!(world.desk.written().is_empty());
        nonces.1.store(false, Ordering::Relaxed);
        assert_eq!(world.call("GET", &path, json!(null)).await.status, 200);
    }
}

#[tokio::test]
async fn a_signature_is_judged_once() {
    let world = World::new().await;
    let path = format!("/mozyProAccount/{TENANT}");
    assert_eq!(hear(world.unsigned("GET", &path)).await.status, 401);
    world.call("GET", &path, json!(null)).await;
    let keys_read = world.desk.keys_read.load(Ordering::Relaxed);
    assert_eq!(hear(world.unsigned("GET", &path)).await.status, 401);
    assert_eq!(
        world.desk.keys_read.load(Ordering::Relaxed),
        keys_read,
        "what is known of an instance changes nothing"
    );
}
