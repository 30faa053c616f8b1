//! What is ordered reaches the desk with what was looked up at OSA, and is answered as far as it has come.

use super::*;

#[tokio::test]
async fn a_tenant_is_ordered_with_what_osa_knows_of_its_account() {
    let world = World::new().await;
    let heard = world.call("POST", "/mozyProAccount", tenant()).await;
    assert_eq!((heard.status, heard.body), (201, json!({})));
    let written = world.desk.written();
    for part in [
        "SubscriptionNumber(1000042)",
        "model: Direct",
        "company: \"ACME\"",
        "email: \"boss@acme.example\", full_name: \"The Boss\"",
        &format!("staff: Some(StaffId({STAFF}))"),
        "desktop: BoughtPool { licences: Limit(5), quota: Unlimited }",
        "server: BoughtPool { licences: Limit(0), quota: Limit(0) }",
        "sync_available: true, sync_default_quota: None",
        "groups_tab: true",
    ] {
        assert!(written[0].contains(part), "{part}: {}", written[0]);
    }
    assert!(
        world.osa.asked.lock().unwrap().iter().all(|(_, _, acts_for, _)| *acts_for == TENANT.to_string())
    );
    assert_eq!(world.told.lock().unwrap().last(), Some(&("in", "provision", "ok")));
}

#[tokio::test]
async fn a_poll_asks_osa_nothing_and_ends_with_what_was_learned() {
    let world = World::new().await;
    world.desk.will(waiting(Reason::AsExpected, "making the partner"));
    let first = world.call("POST", "/mozyProAccount", tenant()).await;
    assert_eq!((first.status, first.retry, &*first.info), (202, Some(2), "making the partner"));
    let asked = world.osa.asked();
    world.desk.will(waiting(Reason::ResellerNotProvisioned, "order Müller's first"));
    let second = world.poll("POST", "/mozyProAccount", tenant()).await;
    let info = "ResellerNotProvisioned: order M?ller's first";
    assert_eq!((second.status, second.retry, &*second.info), (202, Some(15), info));
    world.knows(&[]);
    world.desk.ledger.lock().unwrap().numbers.get_mut(&SubscriptionId(TENANT)).unwrap().partner =
        Some(crate::domain::PartnerId(77));
    let last = world.poll("POST", "/mozyProAccount", tenant()).await;
    assert_eq!((last.status, &last.body["partnerId"]), (201, &json!(77)));
    assert_eq!(world.osa.asked(), asked);
    let written = world.desk.written();
    assert_eq!(written.len(), 3);
    assert!(written[0].ends_with("again=false") && written[2].ends_with("again=true"));
}

#[tokio::test]
async fn the_model_is_what_the_payload_says_else_what_the_account_is() {
    let customer = format!("model: Customer(AccountId({RESELLER}))");
    for (resells, said, parent, account, model) in [
        (None, None, "RESELLER", "CLIENT", "model: Direct"),
        (Some(false), Some("C"), "RESELLER", "CLIENT", "model: Direct"),
        (None, Some("CR"), "ADMIN", "CLIENT", &*customer),
        (None, Some("R"), "ADMIN", "CLIENT", "model: Reseller"),
        (Some(true), None, "ADMIN", "RESELLER", "model: Reseller"),
        (Some(true), Some("C"), "RESELLER", "CLIENT", &*customer),
        (Some(true), None, "ADMIN", "CLIENT", "model: Direct"),
    ] {
        let world = World::new().await;
        world.installed(resells);
        let parent_link = link(RESELLER);
        world
            .osa
            .has(&format!("resources/{ACCOUNT}"), json!({"id": 1, "type": account, "parent": parent_link}));
        world.osa.has(&format!("resources/{RESELLER}"), json!({"id": 2, "type": parent}));
        let mut body = tenant();
        body["accountType"] = json!(said);
        assert_eq!(world.call("POST", "/mozyProAccount", body).await.status, 201);
        assert!(world.desk.written()[0].contains(model), "{model}: {}", world.desk.written()[0]);
    }
    let world = World::with(|settings| Settings { reseller: true, ..settings }).await;
    world.osa.has(&format!("resources/{ACCOUNT}"), json!({"id": 1, "type": "RESELLER"}));
    world.call("POST", "/mozyProAccount", tenant()).await;
    assert!(world.desk.written()[0].contains("model: Reseller"), "as configured");
    let mut body = tenant();
    body["accountType"] = json!("CR");
    assert_eq!(world.call("POST", "/mozyProAccount", body).await.error(), (409, "ParentGone"));
}

#[tokio::test]
async fn somebody_becomes_admin() {
    let users = format!("resources/{ACCOUNT}/users");
    for (staff, contact, email) in [
        (json!([{"login": "x"}, {"login": "a@b", "isAccountAdmin": false}]), json!({}), "a@b"),
        (json!([{"login": "boss", "email": "", "isAccountAdmin": true}]), json!({"email": "t@c"}), "boss"),
        (
            json!([{"aps": {"type": "http://osa.example/staff/2.0"}, "login": "s@a", "isAccountAdmin": true}]),
            json!({"email": "t@c"}),
            "s@a",
        ),
        (json!([]), json!({"email": "t@c", "givenName": "T", "familyName": "C"}), "t@c\", full_name: \"T C"),
    ] {
        let world = World::new().await;
        world.osa.has(&users, staff);
        let account = json!({"id": 1, "type": "CLIENT", "techContact": contact});
        world.osa.has(&format!("resources/{ACCOUNT}"), account);
        assert_eq!(world.call("POST", "/mozyProAccount", tenant()).await.status, 201);
        assert!(
            world.desk.written()[0].contains(&format!("email: \"{email}")),
            "{}",
            world.desk.written()[0]
        );
    }
    let world = World::new().await;
    let unspeakable = ["a\0@b".to_owned(), format!("{}@b.c", "a".repeat(253))];
    let staff = unspeakable.map(|email| json!({"login": email, "email": email, "isAccountAdmin": true}));
    world.osa.has(&users, json!(staff));
    let nobody = world.call("POST", "/mozyProAccount", tenant()).await;
    assert_eq!(nobody.status, 400);
    assert!(nobody.message().starts_with("account: "), "{}", nobody.message());
    assert!(world.desk.written().is_empty());
}

#[tokio::test]
async fn while_osa_cannot_tell_nothing_is_kept_and_it_comes_again() {
    let world = World::new().await;
    let subscription = format!("resources/{SUBSCRIPTION}");
    world.osa.answers(&subscription, 403, json!({"error": "E", "message": "not yet"}));
    let heard = world.call("POST", "/mozyProAccount", tenant()).await;
    assert_eq!((heard.status, heard.retry), (202, Some(15)));
    assert_eq!(heard.info, "waiting for OSA: the controller refused with 403: E: not yet");
    world.osa.resources.lock().unwrap().remove(&format!("/aps/2/{subscription}"));
    let gone = world.poll("POST", "/mozyProAccount", tenant()).await;
    assert_eq!(gone.error(), (409, "ParentGone"));
    assert!(gone.message().contains(&SUBSCRIPTION.to_string()), "{}", gone.message());
    assert!(world.desk.written().is_empty());
    world.customer();
    assert_eq!(world.poll("POST", "/mozyProAccount", tenant()).await.status, 201);
    assert!(world.told.lock().unwrap().contains(&("out", "subscription", "forbidden")));
}

#[tokio::test]
async fn what_osa_refuses_to_tell_is_waited_for_only_so_long() {
    // It is remembered for twice as long, and one question is tried again for three seconds.
    let patience = Duration::from_secs(8);
    let cases = [(403, true), (400, true), (503, false)].map(|(status, ends)| async move {
        let world = World::with(|settings| Settings { patience, ..settings }).await;
        let subscription = format!("resources/{SUBSCRIPTION}");
        world.osa.answers(&subscription, status, json!({"error": "E", "message": "no"}));
        assert_eq!(world.call("POST", "/mozyProAccount", tenant()).await.status, 202);
        tokio::time::sleep(patience).await;
        let ended = world.poll("POST", "/mozyProAccount", tenant()).await;
        assert_eq!(ended.error(), if ends { (409, "ParentGone") } else { (202, "") }, "{status}");
        assert!(!ends || ended.message().contains(&status.to_string()), "{}", ended.message());
        assert_eq!(world.call("POST", "/mozyProAccount", tenant()).await.status, 202, "run again");
        world.customer();
        assert_eq!(world.poll("POST", "/mozyProAccount", tenant()).await.status, 201);
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn users_licences_and_groups_are_made() {
    let world = World::new().await;
    world.knows(&[Thing::Tenant(SubscriptionId(TENANT))]);
    for (path, body) in [
        ("/mozyProAccountUser", user()),
        ("/osa/in/mozyProAccountUserLicense", licence()),
        ("/mozyProAccountGroup", group()),
    ] {
        assert_eq!(world.call("POST", path, body).await.status, 201, "{path}");
    }
    let written = world.desk.written();
    for (at, part) in [
        (0, "login: \"jane@acme.example\", display_name: \"Jane Doe\", group: Default, sync: true"),
        (1, "kind: Server, quota: Gb(20)"),
        (2, "name: \"Sales\""),
    ] {
        assert!(written[at].contains(part), "{part}: {}", written[at]);
    }
    world.osa.has(&format!("resources/{SERVICE_USER}"), json!({"login": "jane"}));
    let nameless = world.call("POST", "/mozyProAccountUser", user()).await;
    assert_eq!((nameless.status, nameless.message().split(':').next()), (400, Some("user")));
}
