//! `/_sim/` does over HTTP what the methods do.

use super::caller::plain;
use super::*;
use serde_json::json;

async fn post(lab: &Lab, action: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/{action}", lab.osa.control_url().unwrap());
    let response = plain().post(url).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn get(lab: &Lab, path: &str) -> Value {
    let url = format!("{}/{path}", lab.osa.control_url().unwrap());
    plain().get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_customer_is_served_from_account_to_bill() {
    let lab = Lab::new().await;
    let account = json!({"kind": "CLIENT", "companyName": "Acme", "email": "a@acme.test"});
    let account = post(&lab, "create-account", account).await.1["id"].clone();
    let staff = json!({"account": account, "login": "john", "fullName": "John", "isAccountAdmin": true});
    assert_eq!(post(&lab, "create-staff", staff).await.0, 200);
    let counters = json!({"desktopQuota": {"limit": 10}, "serverQuota": {"limit": null}});
    let order = json!({"instance": lab.instance, "account": account, "counters": counters});
    let (status, task) = post(&lab, "order?wait=true", order).await;
    assert_eq!((status, &task["state"]), (200, &json!("done")), "{task}");
    let tenant = task["resource"].clone();
    assert_eq!(lab.app.seen().pop().unwrap().body["serverQuota"], json!({"limit": null}));
    let switch = json!({"tenant": tenant, "switch": {"query": true}});
    assert_eq!(post(&lab, "set-enable-disable-sync?wait=true", switch).await.1["state"], "done");
    lab.app.script([app::Say::status(200).with(json!({"desktopQuota": {"usage": 4}}))]);
    let collection = post(&lab, "collect-usage", json!({"instance": lab.instance})).await.1;
    assert_eq!(collection["collected"], 1);
    let tenant = tenant.as_str().unwrap();
    assert_eq!(get(&lab, &format!("bill/{tenant}")).await["usage"]["desktopQuota"], 4);
    assert_eq!(get(&lab, &format!("screen/{tenant}")).await["desktopQuota"], 4);
    assert_eq!(get(&lab, &format!("resources/{tenant}")).await["accountType"], "C");
    let number = task["id"].as_u64().unwrap();
    assert_eq!(get(&lab, &format!("tasks/{number}")).await["resource"], tenant);
    assert_eq!(get(&lab, "tasks").await.as_array().unwrap().len(), 3);
    assert_eq!(get(&lab, "log").await.as_array().unwrap().len(), 3);
    assert!(!get(&lab, "resources").await.to_string().contains("s3cret"));
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let lab = Lab::new().await;
    let (status, refused) = post(&lab, "suspend", json!({"tenant": Uuid::nil()})).await;
    assert_eq!(status, 404);
    assert!(refused["message"].as_str().unwrap().contains("looking for the resource"), "{refused}");
    assert_eq!(post(&lab, "dance", json!({})).await.0, 400);
    assert_eq!(post(&lab, "suspend", json!({"tenant": "x"})).await.0, 400);
    let fault = json!({"side": "toApp", "fault": "forbidden", "times": 1});
    assert_eq!(post(&lab, "fault-next", fault).await, (200, json!({})));
    let order = json!({"instance": lab.instance, "account": lab.account});
    let task = post(&lab, "order?wait=true", order).await.1;
    assert_eq!((&task["state"], &task["notes"][0]["fault"]), (&json!("failed"), &json!("forbidden")));
    let again = post(&lab, "rerun?wait=true", json!({"task": task["id"]})).await.1;
    assert_eq!(again["state"], "done");
    assert_eq!(post(&lab, "rerun", json!({"task": task["id"]})).await.0, 409);
}
