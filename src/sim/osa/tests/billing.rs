//! The bill comes from retrieve only; pushes and answers alter what screens show.

use super::app::Say;
use super::caller::{acting, plain};
use super::*;
use serde_json::json;

fn usage(quota: i64) -> Say {
    Say::status(200).with(json!({"desktopQuota": {"usage": quota}, "desktopLicenseNum": {"usage": 3}}))
}

#[tokio::test]
async fn a_push_alters_the_screen_and_a_retrieve_the_bill() {
    let lab = Lab::new().await;
    let (tenant, client) = (lab.tenant().await, plain());
    let path = format!("application/mozyProAccount/{tenant}");
    let pushed = json!({"desktopQuota": {"usage": 40}});
    assert_eq!(acting(&client, Some(tenant)).put(&lab.osa, &path, pushed).await.0, 200);
    assert_eq!(lab.osa.screen(tenant)["desktopQuota"], 40);
    assert_eq!(lab.osa.bill(tenant), Bill::default());
    lab.app.script([Say::status(200).with(json!({"desktopQuota": {"usage": 41}}))]);
    done(&lab.osa.touch(tenant).unwrap()).await;
    assert_eq!((lab.osa.screen(tenant)["desktopQuota"], lab.osa.bill(tenant).collected), (41, 0));
    lab.app.forget();
    lab.app.script([usage(42)]);
    let collection = lab.osa.collect_usage(lab.instance).await.unwrap();
    assert_eq!((collection.collected, collection.failed.len()), (1, 0));
    assert_eq!(lab.app.lines(), [format!("GET /mozyProAccount/{tenant}")]);
    assert_eq!(lab.osa.bill(tenant).usage, Usage::from([("desktopLicenseNum", 3), ("desktopQuota", 42)]));
    assert_eq!(lab.osa.screen(tenant), lab.osa.bill(tenant).usage);
    assert_eq!(lab.osa.resource(tenant).unwrap().properties["desktopQuota"]["limit"], 100);
}

#[tokio::test]
async fn a_failed_or_senseless_retrieve_leaves_the_bill_and_says_so() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    lab.app.script([usage(42)]);
    lab.osa.collect_usage(lab.instance).await.unwrap();
    for bad in [
        Say::status(503),
        Say::later("1", "later"),
        Say::status(200).with(json!([])),
        Say::status(200).with(json!({"desktopQuota": {"usage": -1}})),
        Say::status(200).with(json!({"desktopQuota": {"usage": "7"}})),
    ] {
        lab.app.script([bad]);
        let collection = lab.osa.collect_usage(lab.instance).await.unwrap();
        assert_eq!((collection.collected, collection.failed.len()), (0, 1), "{collection:?}");
    }
    let bill = lab.osa.bill(tenant);
    assert_eq!((bill.usage["desktopQuota"], bill.collected, bill.changes.len()), (42, 1, 1));
}

#[tokio::test]
async fn only_what_is_bought_is_counted_and_the_last_bill_outlives_the_tenant() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    lab.app
        .script([Say::status(200).with(json!({"desktopQuota": {"usage": 1}, "serverQuota": {"usage": 0}}))]);
    lab.osa.collect_usage(lab.instance).await.unwrap();
    assert_eq!(lab.osa.bill(tenant).usage, Usage::from([("desktopQuota", 1)]));
    assert!(!lab.osa.resource(tenant).unwrap().properties.contains_key("serverQuota"));
    done(&lab.osa.terminate(tenant).unwrap()).await;
    assert_eq!(lab.osa.collect_usage(lab.instance).await.unwrap().collected, 0);
    assert_eq!(lab.osa.bill(tenant).usage["desktopQuota"], 1);
    assert!(lab.osa.collect_usage(Uuid::new_v4()).await.is_err());
}
