//! The operator's API, driven from its own document: every path, method and parameter, and every answer by its schema.

use std::time::Duration;

use mozyd::lab::{Options, wait};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::lab;
use super::schema::{faults, resolve};
use crate::guide::scene::{Scene, usual};

const TOKEN: &str = "open-sesame";
const SOON: Duration = Duration::from_secs(30);

/// Somebody who asks.
struct Asker {
    base: String,
    token: &'static str,
    http: Client,
}

impl Asker {
    async fn ask(&self, method: &str, path: &str) -> (u16, Value) {
        let method: Method = method.to_uppercase().parse().unwrap();
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(self.token);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {status} {text}")))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Asks, and compares the answer with what the document says of this status.
    async fn as_described(
        &self,
        document: &Value,
        path: &str,
        method: &str,
        url: &str,
        wanted: u16,
    ) -> Value {
        let (status, answer) = self.ask(method, url).await;
        assert_eq!(status, wanted, "{method} {url}: {answer}");
        let described = &document["paths"][path][method]["responses"][status.to_string()];
        let described = resolve(document, described);
        assert!(!described.is_null(), "{method} {path} does not describe {status}");
        let schema = &described["content"]["application/json"]["schema"];
        assert_eq!(faults(document, schema, &answer), Vec::<String>::new(), "{method} {url}");
        answer
    }
}

#[tokio::test]
async fn every_route_answers_as_the_document_says() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, TOKEN).unwrap();
    let options = Options::default().setting("admin.token_file", token.to_str().unwrap());
    let (_db, lab, resellers) = lab(options).await;
    let scene = Scene::new(&lab, resellers, "api");
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    customer.activate(customer.desktop(&user, 20).await).await;
    customer.group("Sales").await;
    let mut reseller = scene.reseller();
    reseller.order(usual()).await;
    let mut his = scene.customer_of(&reseller);
    his.order(usual()).await;

    let base = format!("http://{}", lab.mozyd().admin());
    let asker = Asker { base: base.clone(), token: TOKEN, http: Client::new() };
    let document = asker.get("/api/v1/openapi.json").await;
    let stranger = Asker { base, token: "guess", http: Client::new() };
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        // Served with the guard.
        if path.starts_with("/api/v1/plans/") {
            continue;
        }
        let id = if path.contains("resellers") { reseller.number() } else { customer.number() };
        let url = path.replace("{id}", &id);
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            asker.as_described(&document, path, method, &url, 200).await;
            stranger.as_described(&document, path, method, &url, 401).await;
            asker.as_described(&document, path, method, &format!("{url}?sort=up"), 400).await;
            if path.contains("{id}") {
                for unknown in ["4711", "nonsense", "%00", &uuid::Uuid::nil().to_string()] {
                    let url = path.replace("{id}", unknown);
                    asker.as_described(&document, path, method, &url, 404).await;
                }
                asker.as_described(&document, path, method, &path.replace("{id}", "%FF"), 400).await;
            }
            for parameter in methods[method]["parameters"].as_array().into_iter().flatten() {
                let parameter = resolve(&document, parameter);
                let name = parameter["name"].as_str().unwrap();
                for value in examples(&document, &parameter["schema"]) {
                    let url = format!("{url}?{name}={value}");
                    asker.as_described(&document, path, method, &url, 200).await;
                    asked += 1;
                }
                asker.as_described(&document, path, method, &format!("{url}?{name}="), 200).await;
                for senseless in ["%00", "-1"] {
                    let url = format!("{url}?{name}={senseless}");
                    let answer = asker.as_described(&document, path, method, &url, 400).await;
                    assert!(answer["error"].as_str().unwrap().starts_with(name), "{answer}");
                    asker.as_described(&document, path, method, &format!("{url}&{name}=1"), 400).await;
                }
            }
        }
    }
    assert!(asked > 20, "the document has lost its parameters: {asked}");
    pages(&asker, &customer.number()).await;
    nothing_but_json(&asker).await;
    let metrics = Client::new().get(format!("{}/metrics", asker.base)).send().await.unwrap();
    assert_eq!(metrics.status(), 200, "the token is of the API only");
    let posted = Client::new().post(format!("{}/metrics", asker.base)).send().await.unwrap();
    assert_eq!(posted.status(), 405);
    assert!(posted.text().await.unwrap().contains("GET"), "it says what is wrong");
    lab.stop().await.unwrap();
}

/// Values that a schema allows: every word of a list, the ends of a range.
fn examples(document: &Value, schema: &Value) -> Vec<String> {
    let schema = resolve(document, schema);
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().flat_map(|one| examples(document, one)).collect();
    }
    match (schema["enum"].as_array(), schema["format"].as_str(), schema["type"].as_str()) {
        (Some(words), ..) => words.iter().map(|word| word.as_str().unwrap().to_owned()).collect(),
        (_, Some("uuid"), _) => vec![uuid::Uuid::nil().to_string(), uuid::Uuid::max().to_string()],
        (.., Some("integer")) => {
            let ends = [&schema["minimum"], &schema["maximum"]];
            ends.into_iter().filter(|end| !end.is_null()).map(Value::to_string).collect()
        }
        other => panic!("no example of {other:?}"),
    }
}

async fn pages(asker: &Asker, number: &str) {
    let all = asker.get("/api/v1/subscriptions").await;
    let ids = |page: &Value| -> Vec<Value> {
        page["subscriptions"].as_array().unwrap().iter().map(|one| one["aps_id"].clone()).collect()
    };
    assert_eq!((ids(&all).len(), &all["after"]), (3, &Value::Null));
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = asker.get(&format!("/api/v1/subscriptions?limit=1{after}")).await;
        assert_eq!(ids(&page).len(), 1);
        paged.extend(ids(&page));
        match page["after"].as_str() {
            Some(last) => after = format!("&after={last}"),
            None => break,
        }
    }
    let full = asker.get("/api/v1/subscriptions?state=&condition=&after=&limit=3").await;
    assert_eq!((ids(&full).len(), &full["after"]), (3, &Value::Null), "there is no other page");
    assert_eq!(paged, ids(&all));
    // What was resumed just now, or changed with a customer's order, is looked at first.
    let ready = async || {
        let filtered = asker.get("/api/v1/subscriptions?state=ready").await;
        (ids(&filtered).len() == 3).then_some(())
    };
    wait::until("all to be ready", SOON, ready).await.unwrap();
    assert_eq!(ids(&asker.get("/api/v1/subscriptions?state=blocked").await), Vec::<Value>::new());
    let events = |query: String| async move {
        asker.get(&format!("/api/v1/subscriptions/{number}/events{query}")).await
    };
    let all = events(String::new()).await;
    let (all, half) = (all.as_array().unwrap(), all.as_array().unwrap().len() / 2);
    assert!(half > 1 && all.iter().any(|event| event["request"].is_string()), "{all:?}");
    let later = events(format!("?after={}", all[half - 1]["id"])).await;
    assert!(later.as_array().unwrap().starts_with(&all[half..]), "there may be more by now: {later}");
    assert_eq!(json!(all[..2]), events("?after=0&limit=2".into()).await);
}

async fn nothing_but_json(asker: &Asker) {
    for (method, path, status) in [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/", 404),
        ("DELETE", "/api/v1/subscriptions", 405),
        ("PUT", "/api/v1/subscriptions/1/pause", 405),
    ] {
        let (answered, answer) = asker.ask(method, path).await;
        assert_eq!((answered, answer["error"].is_string()), (status, true), "{method} {path}: {answer}");
    }
}
