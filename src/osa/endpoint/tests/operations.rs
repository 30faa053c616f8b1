//! Every verb does what the contract says, on what is known and on what is not.

use super::*;
use crate::domain::snapshot::Snapshot;
use crate::domain::{Condition, ConditionType, GroupId, LicenceId};
use crate::ports::desk::DeskError;

const KNOWN: [Thing; 4] = [
    Thing::Tenant(SubscriptionId(TENANT)),
    Thing::User(UserId(USER)),
    Thing::Licence(LicenceId(LICENCE)),
    Thing::Group(GroupId(GROUP)),
];

#[tokio::test]
async fn a_wish_reaches_the_desk() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let nothing = json!(null);
    for (method, path, body, status, written) in [
        ("PUT", format!("/mozyProAccount/{TENANT}/disable"), nothing.clone(), 200, "suspend tenant true"),
        ("POST", format!("/mozyProAccount/{TENANT}/enable"), nothing.clone(), 200, "suspend tenant false"),
        (
            "POST",
            format!("/mozyProAccount/{TENANT}/setEnableDisableSync?enableSync=True"),
            nothing.clone(),
            200,
            "sync tenant Some(true)",
        ),
        (
            "PUT",
            format!("/mozyProAccount/{TENANT}/setEnableDisableSync"),
            json!({"enableSync": 0}),
            200,
            "sync tenant Some(false)",
        ),
        (
            "POST",
            format!("/mozyProAccount/{TENANT}/setEnableDisableSync"),
            nothing.clone(),
            200,
            "sync tenant None",
        ),
        (
            "POST",
            format!("/mozyProAccountUser/{USER}/disableuser"),
            nothing.clone(),
            200,
            "suspend user true",
        ),
        (
            "POST",
            format!("/mozyProAccountUser/{USER}/enableuser"),
            nothing.clone(),
            200,
            "suspend user false",
        ),
        (
            "PUT",
            format!("/mozyProAccountUserLicense/{LICENCE}"),
            json!({"quota": 7}),
            200,
            "configure licence Some(Gb(7))",
        ),
        (
            "PUT",
            format!("/mozyProAccountGroup/{GROUP}"),
            json!({"name": "New"}),
            200,
            "rename group Some(\"New\")",
        ),
        (
            "DELETE",
            format!("/mozyProAccountUserLicense/{LICENCE}"),
            nothing.clone(),
            204,
            "remove licence ()",
        ),
        ("DELETE", format!("/mozyProAccountUser/{USER}"), nothing.clone(), 204, "remove user ()"),
        ("DELETE", format!("/mozyProAccountGroup/{GROUP}"), nothing.clone(), 204, "remove group ()"),
        ("DELETE", format!("/mozyProAccount/{TENANT}"), nothing, 204, "remove tenant ()"),
    ] {
        assert_eq!(world.call(method, &path, body).await.status, status, "{path}");
        assert_eq!(world.desk.written().last().unwrap(), written, "{path}");
    }
}

#[tokio::test]
async fn a_configure_changes_what_it_says_and_nothing_else() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let tenant = format!("/mozyProAccount/{TENANT}");
    let body =
        json!({"aps": {"id": TENANT}, "serverQuota": {"limit": -1}, "syncDefaultQuota": {"limit": null}});
    assert_eq!(world.call("PUT", &tenant, body).await.status, 200);
    let written = world.desk.written().pop().unwrap();
    for part in [
        "licences: PerKind { desktop: None, server: None }",
        "quota: PerKind { desktop: None, server: Some(Unlimited) }",
        "sync_available: None, sync_default_quota: Some(None), groups_tab: None",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    let user = format!("/mozyProAccountUser/{USER}");
    for (group, choice) in [
        (json!(""), "Some(Default)".to_owned()),
        (json!(null), "Some(Default)".to_owned()),
        (json!(GROUP), format!("Some(Own(GroupId({GROUP})))")),
        (json!("12"), "Some(Mozy(MozyGroupId(12)))".to_owned()),
    ] {
        world.desk.ledger.lock().unwrap().told.clear();
        assert_eq!(world.call("PUT", &user, json!({"user_group_id": group})).await.status, 200);
        let written = world.desk.written().pop().unwrap();
        assert!(
            written.contains(&format!("login: None, display_name: None, group: {choice}, sync: None")),
            "{written}"
        );
    }
}

#[tokio::test]
async fn repeating_our_usage_changes_nothing() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let usage = json!({"usage": 15});
    let body = json!({"desktopQuota": usage, "serverQuota": null, "syncAvailable": usage,
                      "syncDefaultQuota": usage, "serverLicenseNum": {"limit": null, "usage": 0}});
    assert_eq!(world.call("PUT", &format!("/mozyProAccount/{TENANT}"), body).await.status, 200);
    let written = world.desk.written().pop().unwrap();
    for part in [
        "licences: PerKind { desktop: None, server: Some(Unlimited) }",
        "quota: PerKind { desktop: None, server: None }",
        "sync_available: None, sync_default_quota: None",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_404_and_gone_already() {
    let world = World::new().await;
    for service in
        ["mozyProAccount", "mozyProAccountUser", "mozyProAccountUserLicense", "mozyProAccountGroup"]
    {
        let path = format!("/{service}/{}", Uuid::from_u128(99));
        assert_eq!(world.call("GET", &path, json!(null)).await.error(), (404, "NotFound"), "{path}");
        assert_eq!(world.call("PUT", &path, json!({})).await.error(), (404, "NotFound"), "{path}");
        assert_eq!(world.call("DELETE", &path, json!(null)).await.status, 204, "{path}");
        assert_eq!(world.call("POST", &format!("{path}/anything"), link(USER)).await.status, 200, "a link");
        assert_eq!(world.call("DELETE", &format!("{path}/anything/{USER}"), json!(null)).await.status, 200);
    }
    for (method, path) in [
        ("PUT", format!("/mozyProAccount/{TENANT}/disable")),
        ("GET", format!("/mozyProAccount/{TENANT}/manualRetrieve")),
        ("GET", format!("/mozyProAccount/{TENANT}/getClientUrl")),
        ("POST", format!("/mozyProAccount/{TENANT}/checkAvailabilityEmail")),
        ("POST", format!("/mozyProAccount/{TENANT}/createPartner?staffGUID={STAFF}")),
        ("GET", format!("/mozyProAccountUser/{USER}/getUserUrl")),
        ("POST", format!("/mozyProAccountUser/{USER}/onUsrChange")),
    ] {
        assert_eq!(world.call(method, &path, json!(null)).await.status, 404, "{path}");
    }
    assert!(world.desk.written().is_empty());
}

#[tokio::test]
async fn what_a_person_waits_for_is_answered_at_once_or_refused() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let unreachable = || Err(PanelError::VendorUnreachable("no route".into()));
    let own = || Err(PanelError::NoControlPanel("a reseller's customer has no control panel".into()));
    let not_yet = || Err(PanelError::NotProvisioned("ACME".into()));
    let tenant = |verb: &str| format!("/mozyProAccount/{TENANT}/{verb}");
    let user = format!("/mozyProAccountUser/{USER}/getUserUrl");
    for (method, path, said, status, body) in [
        ("GET", tenant("manualRetrieve"), Ok(""), 200, json!(null)),
        ("POST", tenant("manualRetrieve"), not_yet(), 200, json!(null)),
        ("GET", tenant("manualRetrieve"), unreachable(), 503, json!("VendorUnreachable")),
        ("GET", tenant("getClientUrl"), Ok("https://m/1"), 200, json!("https://m/1")),
        ("GET", tenant("getClientUrl"), own(), 409, json!("NoControlPanel")),
        ("GET", tenant("getClientUrl"), not_yet(), 409, json!("NoControlPanel")),
        ("GET", user, Ok("https://m/2"), 200, json!("https://m/2")),
        ("POST", tenant("checkAvailabilityEmail"), Ok("free"), 200, json!({"available": true})),
        (
            "POST",
            tenant(&format!("checkAvailabilityEmail?staffGUID={STAFF}")),
            Ok("no"),
            200,
            json!({"available": false}),
        ),
    ] {
        world.panel.will(said);
        let heard = world.call(method, &path, json!(null)).await;
        let answered = if status < 300 { &heard.body } else { &heard.body["error"] };
        assert_eq!((heard.status, answered), (status, &body), "{path}");
    }
    assert_eq!(*world.panel.emails.lock().unwrap(), ["boss@acme.example"; 2]);
}

/// What is stored of the tenant, whose admin's address may have been refused.
fn stored(taken: bool) -> Snapshot {
    let condition = Condition {
        kind: ConditionType::Provisioned,
        status: false,
        reason: Reason::AdminEmailInUse,
        message: String::new(),
        since: Default::default(),
    };
    let conditions = if taken { vec![condition] } else { Vec::new() };
    Snapshot { conditions, ..crate::osa::properties::tests::snapshot(None) }
}

#[tokio::test]
async fn an_address_that_the_partner_was_refused_for_is_not_available() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let path = format!("/mozyProAccount/{TENANT}/checkAvailabilityEmail");
    for (taken, available) in [(true, false), (false, true)] {
        world.desk.ledger.lock().unwrap().snapshots.insert(SubscriptionId(TENANT), stored(taken));
        world.panel.will(Ok("free"));
        let heard = world.call("POST", &path, json!(null)).await;
        assert_eq!(heard.body, json!({"available": available}), "{taken}");
        world.panel.next.lock().unwrap().clear();
    }
    world.osa.has(&format!("resources/{STAFF}"), json!({"email": "new@acme.example", "fullName": "New"}));
    world.desk.ledger.lock().unwrap().snapshots.insert(SubscriptionId(TENANT), stored(true));
    world.panel.will(Ok("free"));
    let other = world.call("POST", &path, json!({"staffGUID": STAFF})).await;
    assert_eq!(other.body, json!({"available": true}), "another address");
}

#[tokio::test]
async fn staff_that_osa_tells_of_only_in_the_account_is_found_there() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let mut stored = stored(false);
    stored.desired.subscription.account = crate::domain::AccountId(ACCOUNT);
    world.desk.ledger.lock().unwrap().snapshots.insert(SubscriptionId(TENANT), stored);
    world.osa.resources.lock().unwrap().remove(&format!("/aps/2/resources/{STAFF}"));
    let path = format!("/mozyProAccount/{TENANT}/createPartner?staffGUID={STAFF}");
    assert_eq!(world.call("POST", &path, json!(null)).await.status, 200);
    assert!(world.desk.written().pop().unwrap().contains("boss@acme.example"));
}

#[tokio::test]
async fn another_member_of_staff_becomes_admin() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let path = format!("/mozyProAccount/{TENANT}/createPartner");
    let missing = world.call("POST", &path, json!(null)).await;
    assert_eq!((missing.status, missing.message().split(':').next()), (400, Some("staffGUID")));
    let unknown = world.call("POST", &format!("{path}?staffGUID={USER}"), json!(null)).await;
    assert_eq!(unknown.error(), (409, "ParentGone"));
    world.desk.will(waiting(Reason::AsExpected, "making the partner"));
    assert_eq!(world.call("POST", &path, json!({"staffGUID": STAFF})).await.status, 202);
    let asked = world.osa.asked();
    assert_eq!(world.poll("POST", &path, json!({"staffGUID": STAFF})).await.status, 200);
    assert_eq!(world.osa.asked(), asked, "a poll asks nothing");
    let written = world.desk.written().pop().unwrap();
    assert!(written.contains("email: \"boss@acme.example\", full_name: \"The Boss\""), "{written}");
    world.osa.has(&format!("resources/{STAFF}"), json!({"email": "new@acme.example", "fullName": "New"}));
    world.call("POST", &path, json!({"staffGUID": STAFF})).await;
    assert!(world.desk.written().pop().unwrap().contains("new@acme.example"), "a first call asks anew");
}

#[tokio::test]
async fn an_event_is_a_hint() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let path = format!("/mozyProAccountUser/{USER}/onUsrChange");
    assert_eq!(world.call("POST", &path, json!({"event": "x"})).await.status, 200, "nobody behind him");
    world.desk.ledger.lock().unwrap().service_users.insert(UserId(USER), SERVICE_USER);
    assert_eq!(world.call("POST", &path, json!({})).await.status, 200);
    let written = world.desk.written().pop().unwrap();
    assert!(
        written.starts_with("event user")
            && written.contains("login: Some(\"jane@acme.example\"), display_name: Some(\"Jane Doe\")"),
        "{written}"
    );
    world.desk.will(waiting(Reason::AsExpected, "another change of this user is under way"));
    assert_eq!(world.call("POST", &path, json!({})).await.status, 202, "and is told again when that is over");
    world.osa.answers(&format!("resources/{SERVICE_USER}"), 403, json!({}));
    assert_eq!(world.call("POST", &path, json!({})).await.status, 202, "asks for another delivery");
}

#[tokio::test]
async fn what_the_desk_refuses_is_told_and_a_lost_database_is_no_answer() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let path = format!("/mozyProAccountGroup/{GROUP}");
    let message = "the group has 3 users".to_owned();
    world.desk.will(Err(DeskError::Refused { reason: Reason::GroupNotEmpty, message }));
    let refused = world.call("DELETE", &path, json!(null)).await;
    assert_eq!((refused.error(), refused.message()), ((409, "GroupNotEmpty"), "the group has 3 users"));
    world.desk.will(Err(DeskError::Unavailable("password=s3cret".into())));
    let lost = world.call("DELETE", &path, json!(null)).await;
    assert_eq!(lost.status, 202, "OSA comes again with its wish");
    assert!(!lost.body.to_string().contains("s3cret"));
    let told: Vec<_> = world.told.lock().unwrap().iter().map(|(_, _, how)| *how).collect();
    assert_eq!(told, ["rejected", "accepted"]);
}

#[tokio::test]
async fn usage_is_answered_from_one_row_and_reads_no_keys_each_time() {
    let world = World::new().await;
    world.knows(&KNOWN);
    for _ in 0..10 {
        let heard = world.call("GET", &format!("/mozyProAccount/{TENANT}"), json!(null)).await;
        assert_eq!((heard.status, &heard.body["desktopQuota"]), (200, &json!({"usage": 0})));
    }
    assert_eq!(world.desk.keys_read.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(world.osa.asked(), 0);
    assert!(world.desk.written().is_empty());
}

/// OSA sends all that it holds: what it was told once may be old by now, and nobody wished for it.
#[tokio::test]
async fn what_osa_only_says_back_is_no_wish() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let user = format!("/mozyProAccountUser/{USER}");
    let put = async |body: Value| {
        assert_eq!(world.call("PUT", &user, body).await.status, 200);
        world.desk.written().pop().unwrap()
    };
    let all = json!({"login": "a@b.c", "displayName": "A", "user_group_id": "9", "enableSync": true, "syncQuota": 2});
    let first = put(all.clone()).await;
    assert!(first.contains("sync: Some(true), sync_quota: Some(Some(Gb(2)))"), "{first}");
    let nothing = "login: None, display_name: None, group: None, sync: None, sync_quota: None";
    let again = put(all.clone()).await;
    assert!(again.contains(nothing), "{again}");
    let one =
        put(json!({"login": "a@b.c", "displayName": "B", "user_group_id": "9", "enableSync": true})).await;
    assert!(one.contains("login: None, display_name: Some(\"B\"), group: None, sync: None"), "{one}");
    let back = put(all).await;
    assert!(back.contains("display_name: Some(\"A\")"), "{back}");
    let none = put(json!({"syncQuota": null})).await;
    assert!(none.contains("sync_quota: Some(None)"), "{none}");
    let some = put(json!({"syncQuota": 2})).await;
    assert!(some.contains("sync_quota: Some(Some(Gb(2)))"), "it was taken back in between: {some}");
}

/// OSA holds what it said last, also while it waits for that.
#[tokio::test]
async fn what_takes_back_a_wish_that_is_waited_for_is_a_wish() {
    let world = World::new().await;
    world.knows(&KNOWN);
    let user = format!("/mozyProAccountUser/{USER}");
    let all = |group: &str| json!({"displayName": "Ann", "user_group_id": group});
    let put = async |body: Value, status| {
        assert_eq!(world.call("PUT", &user, body).await.status, status);
        world.desk.written().pop().unwrap()
    };
    put(all(""), 200).await;
    world.desk.will(waiting(Reason::AsExpected, "moving him"));
    assert!(put(all("9"), 202).await.contains("display_name: None, group: Some(Mozy(MozyGroupId(9)))"));
    world.desk.will(waiting(Reason::AsExpected, "moving him"));
    assert_eq!(world.poll("PUT", &user, all("9")).await.status, 202);
    assert!(world.desk.written().pop().unwrap().contains("group: None"), "a poll asks how far it has come");
    assert!(put(all(""), 200).await.contains("display_name: None, group: Some(Default)"));
}

/// What a retrieve is answered OSA holds; what an operation of the type's own is answered, it does not.
#[tokio::test]
async fn what_osa_read_here_it_may_wish_otherwise() {
    let world = World::new().await;
    let (mut snapshot, id) = (crate::osa::properties::tests::snapshot(None), UserId(USER));
    snapshot.desired.users.truncate(1);
    (snapshot.desired.users[0].id, snapshot.desired.users[0].display_name) = (id, "Anna".into());
    world.knows(&KNOWN);
    world.desk.ledger.lock().unwrap().snapshots.insert(SubscriptionId(TENANT), snapshot);
    let user = format!("/mozyProAccountUser/{USER}");
    // Renamed by an event since.
    world.desk.ledger.lock().unwrap().told.entry(id).or_default().insert("displayName".into(), json!("Ann"));
    for (method, path, wished) in
        [("POST", format!("{user}/enableuser"), "None"), ("GET", user.clone(), "Some(\"Ann\")")]
    {
        assert_eq!(world.call(method, &path, json!(null)).await.status, 200);
        assert_eq!(world.call("PUT", &user, json!({"displayName": "Ann"})).await.status, 200);
        let written = world.desk.written().pop().unwrap();
        assert!(written.contains(&format!("display_name: {wished}")), "{method}: {written}");
        world
            .desk
            .ledger
            .lock()
            .unwrap()
            .told
            .entry(id)
            .or_default()
            .insert("displayName".into(), json!("Ann"));
    }
}
