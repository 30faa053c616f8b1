//! What the application reads and writes: seen only on behalf of an owner, in pages, and a push stays here.

use super::app::Say;
use super::caller::{acting, plain};
use super::*;
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;

const STAFF: &str = "implementing(http://aps-standard.org/types/core/admin-user/1.0)";

fn staff(login: &str, email: Option<&str>, admin: bool) -> NewStaff {
    NewStaff {
        login: login.to_owned(),
        email: email.map(str::to_owned),
        full_name: login.to_owned(),
        is_account_admin: admin,
    }
}

#[tokio::test]
async fn accounts_and_subscriptions_are_read_on_behalf_of_the_tenant_only() {
    let lab = Lab::new().await;
    let (tenant, client) = (lab.tenant().await, plain());
    let (nobody, owner) = (acting(&client, None), acting(&client, Some(tenant)));
    let path = format!("resources/{}", lab.account);
    let (status, refusal) = nobody.get(&lab.osa, &path).await;
    assert_eq!(status, 403);
    assert!(refusal["message"].as_str().unwrap().contains("APS-Resource-ID"), "{refusal}");
    let (status, account) = owner.get(&lab.osa, &path).await;
    assert_eq!((status, &account["type"], &account["companyName"]), (200, &json!("CLIENT"), &json!("Acme")));
    assert_eq!(account["techContact"]["email"], "john@acme.test");
    assert!(account["id"].is_u64());
    let parent = account["parent"]["aps"]["id"].as_str().unwrap();
    let (_, parent) = owner.get(&lab.osa, &format!("resources/{parent}")).await;
    assert_eq!((&parent["type"], parent.get("parent")), (&json!("ADMIN"), None));
    let subscription = lab.osa.resource(tenant).unwrap().link("subscription").unwrap();
    let (_, subscription) = owner.get(&lab.osa, &format!("resources/{subscription}")).await;
    assert!(subscription["subscriptionId"].is_u64());
    assert_eq!(subscription["disabled"], false);
}

#[tokio::test]
async fn another_customer_and_the_staff_above_are_not_seen() {
    let lab = Lab::new().await;
    let (tenant, client) = (lab.tenant().await, plain());
    let owner = acting(&client, Some(tenant));
    let other = lab.osa.create_account(&NewAccount::client("Other", "o@o.test")).unwrap();
    lab.osa.create_staff(lab.osa.provider(), &staff("root", None, true)).unwrap();
    assert_eq!(owner.get(&lab.osa, &format!("resources/{other}")).await.0, 403);
    let above = format!("resources/{}/users", lab.osa.provider());
    assert_eq!(owner.get(&lab.osa, &above).await, (200, json!([])));
    assert_eq!(owner.get(&lab.osa, &format!("resources/{}", Uuid::new_v4())).await.0, 404);
    assert_eq!(acting(&client, Some(other)).get(&lab.osa, &format!("resources/{other}")).await.0, 403);
}

#[tokio::test]
async fn staff_are_filtered_selected_and_paged() {
    let lab = Lab::with(Options { page_size: 4, ..fast() }).await;
    let (tenant, client) = (lab.tenant().await, plain());
    lab.user(tenant).await;
    for (login, email, admin) in [("a", None, false), ("b", Some("b@acme.test"), true), ("c", None, true)] {
        lab.osa.create_staff(lab.account, &staff(login, email, admin)).unwrap();
    }
    let owner = acting(&client, Some(tenant));
    let users = format!("resources/{}/users", lab.account);
    let (_, all) = owner.get(&lab.osa, &users).await;
    assert_eq!(all.as_array().unwrap().len(), 4, "service users too");
    let query = format!("{users}?and({STAFF},eq(isAccountAdmin,true)),select(login,email)");
    let (_, admins) = owner.get(&lab.osa, &query).await;
    assert_eq!((&admins[0]["login"], &admins[0]["email"]), (&json!("b"), &json!("b@acme.test")));
    assert_eq!((&admins[1]["login"], admins[1].get("email")), (&json!("c"), None));
    assert!(admins[0].get("isAccountAdmin").is_none() && admins[0]["aps"]["id"].is_string());
    let page = format!("{users}?{STAFF},limit(2,2)");
    let response = owner.send(&lab.osa, Method::GET, &page, None).await.unwrap();
    assert_eq!(response.headers()["Content-Range"], "items 2-2/3");
    assert_eq!(response.json::<Value>().await.unwrap()[0]["login"], "c");
    let (status, error) = owner.get(&lab.osa, &format!("{users}?like(login,*)")).await;
    assert_eq!((status, &error["code"]), (400, &json!(400)));
    let (_, listed) = owner.get(&lab.osa, &format!("resources?{STAFF},limit(0,2)")).await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_push_changes_the_copy_and_calls_nobody_but_a_put_on_resources_comes_back() {
    let lab = Lab::new().await;
    let (tenant, client) = (lab.tenant().await, plain());
    let app = acting(&client, Some(tenant));
    lab.app.forget();
    let usage = |n: i64| json!({"desktopQuota": {"usage": n}});
    let (status, view) = app.put(&lab.osa, &format!("application/mozyProAccount/{tenant}"), usage(40)).await;
    assert_eq!((status, &view["desktopQuota"]), (200, &json!({"limit": 100, "usage": 40})));
    let wrong = format!("application/mozyProAccountUser/{tenant}");
    assert_eq!(app.put(&lab.osa, &wrong, usage(41)).await.0, 404);
    assert!(lab.app.lines().is_empty());
    let word = Arc::default();
    lab.app.script([Say::status(200).on(&word)]);
    let resources = format!("resources/{tenant}");
    assert_eq!(app.put(&lab.osa, &resources, usage(50)).await.0, 200);
    assert_eq!(app.put(&lab.osa, &resources, usage(51)).await.0, 409, "one at a time");
    word.notify_one();
    let echo = lab.osa.task(lab.osa.tasks().last().unwrap().id).unwrap();
    assert_eq!(done(&echo).await.operation, "configure by the application");
    assert_eq!(lab.app.lines(), [format!("PUT /mozyProAccount/{tenant}")]);
    assert_eq!(lab.app.seen()[0].body["desktopQuota"], json!({"limit": 100, "usage": 50}));
    assert_eq!(app.put(&lab.osa, &format!("resources/{}", lab.account), json!({})).await.0, 403);
}

#[tokio::test]
async fn a_transaction_is_known_only_while_its_task_runs() {
    let lab = Lab::new().await;
    let client = plain();
    let word = Arc::default();
    lab.app.script([Say::status(201).on(&word)]);
    let order = lab.order();
    let transaction = order.record().transaction.to_string();
    let mut ask = acting(&client, Some(order.resource()));
    ask.transaction = Some(&transaction);
    let path = format!("resources/{}", lab.account);
    assert_eq!(ask.get(&lab.osa, &path).await.0, 200);
    word.notify_one();
    done(&order).await;
    let (status, error) = ask.get(&lab.osa, &path).await;
    assert_eq!(status, 400);
    assert!(error["message"].as_str().unwrap().contains("Transaction not found"), "{error}");
    ask.transaction = None;
    assert_eq!(ask.get(&lab.osa, &path).await.0, 200);
    let calls: Vec<Call> = lab.osa.log().into_iter().filter(|call| call.side == Side::FromApp).collect();
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [Some(200), Some(400), Some(200)]);
    assert_eq!(calls[0].transaction.as_deref(), Some(transaction.as_str()));
    assert_eq!(calls[0].acting_as, Some(order.resource().to_string()));
}
