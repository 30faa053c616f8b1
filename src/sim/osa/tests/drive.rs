//! Tasks: polled as APSC does, kept or taken back, one at a time.

use super::app::Say;
use super::*;
use serde_json::json;

#[tokio::test]
async fn a_task_is_polled_after_a_second_and_then_at_each_timeout() {
    let lab = Lab::with(Options { time_scale: 0.1, max_poll: Duration::from_secs(5), ..fast() }).await;
    lab.app.script([
        Say::later("40", "asking Mozy"),
        Say::later("2", "still asking"),
        Say::later("600", "never waited for"),
    ]);
    let order = lab.order();
    order.until(|record| record.notes.len() == 3).await;
    let seen = lab.app.seen();
    assert_eq!(
        seen.iter().map(|s| s.header("APS-Request-Phase")).collect::<Vec<_>>(),
        ["sync", "async", "async"]
    );
    let waited: Vec<u128> = seen.windows(2).map(|two| (two[1].at - two[0].at).as_millis()).collect();
    // Sooner than the four seconds that 40 come to.
    assert!((100..4000).contains(&waited[0]), "the first poll comes after a second: {waited:?}");
    assert!((200..4000).contains(&waited[1]), "the second comes at the newest timeout: {waited:?}");
    assert_eq!(order.record().infos(), ["asking Mozy", "still asking", "never waited for"]);
    assert_eq!(order.record().state, TaskState::Running);
    lab.osa.stop();
}

#[tokio::test]
async fn polls_repeat_the_call_and_the_answer_is_merged() {
    let lab = Lab::new().await;
    lab.app.script([
        Say::later("1", "wait"),
        Say::status(201).with(json!({"partnerId": "42", "aps": {"id": "x"}})),
    ]);
    let order = lab.order();
    let result = done(&order).await;
    let seen = lab.app.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].line(), "POST /mozyProAccount");
    assert_eq!(seen[0].body, seen[1].body);
    let body = &seen[0].body;
    assert_eq!(body["aps"]["id"], json!(order.resource()));
    assert_eq!(body["aps"]["status"], "aps:provisioning");
    assert_eq!(body["desktopQuota"], json!({"limit": 100}));
    assert!(body.get("serverQuota").is_none(), "only what the plan contains");
    assert_eq!(body["accountType"], "C");
    assert_eq!(body["account"], json!({"aps": {"id": lab.account}}));
    assert_eq!(body["mozyPro"], json!({"aps": {"id": lab.instance}}));
    assert_eq!(seen[0].header("APS-Transaction-ID"), result.transaction.to_string());
    assert_eq!(seen[0].header("APS-Instance-ID"), lab.instance.to_string());
    assert_eq!(seen[0].header("APS-Controller-URI").trim_end_matches('/'), lab.osa.controller_url());
    let tenant = lab.osa.resource(order.resource()).unwrap();
    assert_eq!((tenant.status, &tenant.properties["partnerId"]), (Status::Ready, &json!("42")));
    assert_eq!(tenant.id, order.resource());
    assert_eq!(result.status(), Some(201));
}

#[tokio::test]
async fn a_failed_order_is_taken_back_and_can_be_run_again() {
    let lab = Lab::new().await;
    lab.app.script([Say::later("1", "wait"), Say::status(409).with(json!({"message": "no room"}))]);
    let order = lab.order();
    let result = failed(&order).await;
    assert_eq!(result.error.as_deref(), Some("the application answered 409: no room"));
    assert!(lab.osa.resource(order.resource()).is_none());
    let again = lab.osa.rerun(order.id()).unwrap();
    let result = done(&again).await;
    assert_eq!((result.runs, result.resource), (2, order.resource()));
    assert_eq!(lab.osa.resource(order.resource()).unwrap().status, Status::Ready);
    assert_eq!(lab.osa.rerun(order.id()).unwrap_err(), Refused::NotFailed { task: order.id() });
}

#[tokio::test]
async fn a_failed_upgrade_sets_the_limits_back_but_not_the_usage() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    lab.app.script([Say::status(500)]);
    let counters = Counters::none().limit(Counter::DesktopQuota, 500);
    let upgrade = lab.osa.upgrade(tenant, &counters).unwrap();
    failed(&upgrade).await;
    assert_eq!(lab.osa.resource(tenant).unwrap().properties["desktopQuota"]["limit"], 100);
    done(&lab.osa.rerun(upgrade.id()).unwrap()).await;
    assert_eq!(lab.osa.resource(tenant).unwrap().properties["desktopQuota"]["limit"], 500);
}

#[tokio::test]
async fn unlimited_goes_over_the_wire_in_each_of_three_ways() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    for (written, wire) in [
        (Unlimited::Absent, json!({})),
        (Unlimited::Null, json!({"limit": null})),
        (Unlimited::MinusOne, json!({"limit": -1})),
    ] {
        let counters = Counters::none().unlimited(Counter::DesktopQuota, written);
        done(&lab.osa.upgrade(tenant, &counters).unwrap()).await;
        let body = lab.app.seen().pop().unwrap().body;
        assert_eq!(body["desktopQuota"], wire);
        assert_eq!(body["desktopLicenseNum"]["limit"], 10, "the whole resource is put");
        assert_eq!(body["aps"]["status"], "aps:configuring");
    }
}

#[tokio::test]
async fn a_second_operation_on_a_resource_is_refused_while_one_runs() {
    let lab = Lab::new().await;
    lab.app.script([Say::status(201).after(Duration::from_millis(300))]);
    let order = lab.order();
    let tenant = order.resource();
    assert_eq!(lab.osa.suspend(tenant).unwrap_err(), Refused::Busy { resource: tenant, task: order.id() });
    let early = NewGroup { tenant, name: "too early".to_owned() };
    assert!(matches!(lab.osa.create_group(&early), Err(Refused::NotReady { on, .. }) if on == tenant));
    done(&order).await;
    done(&lab.osa.suspend(tenant).unwrap()).await;
    assert!(matches!(lab.osa.suspend(Uuid::new_v4()), Err(Refused::Unknown { .. })));
}

#[tokio::test]
async fn suspending_disables_the_subscription_and_failing_does_not() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    let subscription = lab.osa.resource(tenant).unwrap().link("subscription").unwrap();
    let disabled = || lab.osa.resource(subscription).unwrap().properties["disabled"].clone();
    lab.app.script([Say::status(500)]);
    failed(&lab.osa.suspend(tenant).unwrap()).await;
    assert_eq!(disabled(), false);
    done(&lab.osa.suspend(tenant).unwrap()).await;
    assert_eq!(disabled(), true);
    lab.app.script([Say::status(500)]);
    failed(&lab.osa.suspend(tenant).unwrap()).await;
    assert_eq!(disabled(), true, "as it was");
    done(&lab.osa.resume(tenant).unwrap()).await;
    assert_eq!(disabled(), false);
}

#[tokio::test]
async fn terminating_takes_all_that_hangs_on_the_tenant() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    let user = lab.user(tenant).await;
    let new = NewLicence { user, kind: LicenceKind::Desktop, quota: 5 };
    let licence = done(&lab.osa.create_licence(&new).unwrap()).await.resource;
    lab.app.script([Say::status(503)]);
    failed(&lab.osa.terminate(tenant).unwrap()).await;
    assert_eq!(lab.osa.resource(tenant).unwrap().status, Status::Ready);
    lab.app.forget();
    done(&lab.osa.terminate(tenant).unwrap()).await;
    assert_eq!(lab.app.lines(), [format!("DELETE /mozyProAccount/{tenant}")]);
    for gone in [tenant, user, licence] {
        assert!(lab.osa.resource(gone).is_none());
    }
}

#[tokio::test]
async fn an_application_that_does_not_answer_fails_the_task() {
    let lab = Lab::with(Options { call_timeout: Duration::from_secs(1), ..fast() }).await;
    lab.app.script([Say::status(201).on(&Default::default())]);
    let result = failed(&lab.order()).await;
    assert_eq!(result.status(), None);
    let osa = OsaSim::start(fast()).await.unwrap();
    let nobody = osa.install(install_at("http://127.0.0.1:1".to_owned())).unwrap();
    let error = failed(&nobody).await.error.unwrap();
    assert!(error.contains("refused"), "{error}");
}
