//! Secrets lie sealed: whoever reads the database's files reads none of them.

use mozyd::domain::*;
use mozyd::ports::desk::*;
use mozyd::store::{Desk as StoreDesk, Sealer, Settings, Store};

use super::world::*;

const CANARY: &str = "canary-f3a9c1";

fn install() -> Install {
    Install {
        application: None,
        id: INSTANCE,
        installed: true,
        reseller: Some(Some(false)),
        ws_prefix: Some(Some("https://mozy.example".into())),
        ws_suffix: Some(None),
        api_key: Some(Secret::new(format!("{CANARY}-key"))),
        root_partner: Some(Some(1)),
        root_role: Some(Some(2)),
        identity: Some(Secret::new(format!("{CANARY}-identity"))),
        controller_certificate: Some("-----BEGIN CERTIFICATE-----".into()),
    }
}

fn with_key(world: &World, key: Option<u8>) -> Store {
    let sealer = key.and_then(|byte| Sealer::new(&[byte; 32]));
    Store::connect(Settings { sealer, ..settings(&world.db.url()) }).unwrap()
}

#[tokio::test]
async fn secrets_come_back_and_lie_nowhere_in_the_clear() {
    let world = World::empty().await;
    world.desk.install(install()).await.unwrap();
    let credentials = world.store.credentials(INSTANCE).await.unwrap().unwrap();
    assert_eq!(credentials.api_key.as_ref().unwrap().expose(), format!("{CANARY}-key"));
    assert_eq!((credentials.root_partner, credentials.root_role), (Some(1), Some(2)));
    let keys = world.desk.instance(INSTANCE).await.unwrap().unwrap();
    assert_eq!(keys.identity.unwrap().expose(), format!("{CANARY}-identity"));
    let dump = world
        .sql("SELECT i::text, encode(api_key, 'escape'), encode(identity, 'escape') FROM instances i")
        .await;
    assert!(!dump[0].contains(CANARY) && !dump[0].contains(&hex(CANARY)), "{dump:?}");
    assert!(dump[0].contains("mozy.example"));
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn another_key_or_none_is_told_without_the_secret() {
    let world = World::empty().await;
    world.desk.install(install()).await.unwrap();
    for (key, word) in [(Some(8), "another key"), (None, "secrets.key_file")] {
        let error = with_key(&world, key).credentials(INSTANCE).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(word) && !text.contains(CANARY), "{text}");
    }
    // With another key it is installed anew by whoever may: that is known without any.
    let other = StoreDesk::new(with_key(&world, Some(8)), HOUR);
    assert!(matches!(other.instance(INSTANCE).await, Err(DeskError::Unavailable(_))));
    let known = other.controller_certificate(INSTANCE).await.unwrap();
    assert_eq!(known, Some(install().controller_certificate));
    other.install(install()).await.unwrap();
    assert!(other.instance(INSTANCE).await.unwrap().unwrap().identity.is_some());
    let keyless = StoreDesk::new(with_key(&world, None), HOUR);
    assert!(matches!(keyless.install(install()).await, Err(DeskError::Unavailable(_))));
}

#[tokio::test]
async fn an_install_says_what_holds_now_and_keeps_the_secrets_it_does_not_mention() {
    let world = World::empty().await;
    world.desk.heard_from(INSTANCE, "https://osa.example:6308").await.unwrap();
    assert!(!world.desk.instance(INSTANCE).await.unwrap().unwrap().installed);
    world.desk.install(install()).await.unwrap();
    let again = Install {
        api_key: None,
        identity: None,
        ws_prefix: Some(None),
        root_role: Some(Some(3)),
        ..install()
    };
    world.desk.install(again).await.unwrap();
    let credentials = world.store.credentials(INSTANCE).await.unwrap().unwrap();
    assert!(credentials.api_key.is_some());
    assert_eq!((credentials.ws_prefix, credentials.root_role), (None, Some(3)));
    // Of what a configure does not say nothing changes.
    let one = Install {
        ws_prefix: Some(Some("https://other.example".into())),
        reseller: None,
        root_partner: None,
        ..install()
    };
    world.desk.install(Install { root_role: None, ..one }).await.unwrap();
    let credentials = world.store.credentials(INSTANCE).await.unwrap().unwrap();
    assert_eq!(credentials.ws_prefix.as_deref(), Some("https://other.example"));
    assert_eq!((credentials.root_partner, credentials.root_role), (Some(1), Some(3)));
    let keys = world.desk.instance(INSTANCE).await.unwrap().unwrap();
    assert!(keys.installed && keys.identity.is_some() && keys.reseller == Some(false));
    assert_eq!(keys.controller.as_deref(), Some("https://osa.example:6308"));
    let before = world.sql("SELECT xmin FROM instances").await;
    world.desk.heard_from(INSTANCE, "https://osa.example:6308").await.unwrap();
    assert_eq!(world.sql("SELECT xmin FROM instances").await, before);
}
