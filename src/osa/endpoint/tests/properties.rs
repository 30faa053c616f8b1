//! Whatever is sent, in whatever order, is answered, and never with a defect of ours; what is refused is explained, and
//! writes nothing.
//!
//! `PROPTEST_CASES=20000 cargo nextest run osa::endpoint::tests::properties` runs for longer.

use std::sync::LazyLock;

use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::*;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// What a field may hold instead of what it should.
fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(json!("\u{0}")),
        Just(json!("x".repeat(5000))),
        Just(json!(TENANT)),
        Just(json!(USER.to_string().to_uppercase())),
        Just(json!("R")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            inner.clone().prop_map(|id| json!({"aps": {"id": id}})),
            inner.prop_map(|limit| json!({"limit": limit})),
        ]
    })
}

const FIELDS: [&str; 18] = [
    "aps",
    "account",
    "subscription",
    "mozyPro",
    "accountType",
    "desktopLicenseNum",
    "desktopQuota",
    "syncAvailable",
    "syncDefaultQuota",
    "groupview",
    "user",
    "mozyProAccount",
    "mozyProAccountUser",
    "user_group_id",
    "enableSync",
    "quota",
    "licenseType",
    "name",
];

/// A sensible body with some fields replaced.
fn body() -> impl Strategy<Value = Value> {
    let whole = prop::sample::select(vec![tenant(), user(), licence(), group(), json!({}), json!(null)]);
    let changes = prop::collection::vec((prop::sample::select(FIELDS.to_vec()), odd()), 0..4);
    (whole, changes).prop_map(|(mut body, changes)| {
        if let Some(fields) = body.as_object_mut() {
            fields.extend(changes.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        body
    })
}

fn path() -> impl Strategy<Value = String> {
    let service = prop::sample::select(vec![
        "mozyPro",
        "mozyProAccount",
        "mozyProAccountUser",
        "mozyProAccountUserLicense",
        "mozyProAccountGroup",
        "mozyProThing",
        "",
    ]);
    let id = prop_oneof![
        4 => prop::sample::select([TENANT, USER, LICENCE, GROUP, ACCOUNT].map(|id| format!("/{id}")).to_vec()),
        2 => Just(String::new()),
        1 => "/[a-zA-Z0-9%-]{0,12}".prop_filter("a percent sign needs its digits", |path| !path.contains('%')),
    ];
    let verb = prop_oneof![
        4 => Just(String::new()),
        4 => prop::sample::select(vec![
            "/disable", "/enable", "/setEnableDisableSync", "/checkAvailabilityEmail", "/createPartner", "/enableuser",
            "/disableuser", "/onUsrChange", "/account", "/user", "/mozyProAccount",
        ]).prop_map(str::to_owned),
        1 => "/[a-zA-Z]{0,8}",
    ];
    let query = prop_oneof![
        3 => Just(String::new()),
        1 => "\\?(enableSync|staffGUID)=[a-z0-9-]{0,10}",
        1 => Just(format!("?staffGUID={STAFF}")),
        1 => Just("?enableSync=false".to_owned()),
    ];
    (service, id, verb, query).prop_map(|(service, id, verb, query)| format!("/{service}{id}{verb}{query}"))
}

/// One call: its method, path, body and phase.
fn call() -> impl Strategy<Value = (&'static str, String, Value, &'static str)> {
    let method = prop::sample::select(vec!["POST", "PUT", "DELETE", "GET"]);
    (method, path(), body(), prop::sample::select(vec!["sync", "async"]))
}

/// Whether the panel is asked, which here says only what a test has put into its mouth.
fn asks_the_panel(path: &str) -> bool {
    ["checkAvailabilityEmail", "manualRetrieve", "getClientUrl", "getUserUrl"]
        .iter()
        .any(|verb| path.contains(verb))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_call_is_answered_and_what_is_refused_writes_nothing(calls in prop::collection::vec(call(), 1..25)) {
        RUNTIME.block_on(async {
            let world = World::new().await;
            for (method, path, body, phase) in calls {
                if asks_the_panel(&path) {
                    world.panel.will(Ok("free"));
                }
                let before = world.desk.written();
                let heard = world.send(method, &path, body.clone(), phase).await;
                let told = format!("{method} {path} {body}: {} {}", heard.status, heard.body);
                prop_assert!(matches!(heard.status, 200..=204 | 400..=409), "{}", told);
                if heard.status >= 400 {
                    prop_assert!(!heard.message().is_empty() && !heard.error().1.is_empty(), "{}", told);
                    prop_assert_eq!(before, world.desk.written(), "{}", told);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn any_bytes_as_a_body_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..600), path in path()) {
        RUNTIME.block_on(async {
            let world = World::new().await;
            if asks_the_panel(&path) {
                world.panel.will(Ok("free"));
            }
            let request = world.request("POST", &path, &Uuid::new_v4().to_string());
            let heard = hear(request.body(bytes)).await;
            prop_assert!(matches!(heard.status, 200..=204 | 400..=409), "{path}: {}", heard.status);
            Ok(())
        })?;
    }
}
