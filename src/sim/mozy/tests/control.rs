//! The control surface, each of its places.

use serde_json::{Value as Json, json};

use super::wire::Wired;

impl Wired {
    async fn send(&self, method: &str, path: &str, body: Json) -> (u16, Json) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, self.url(&format!("/_sim/{path}")));
        let request = if body.is_null() { request } else { request.json(&body) };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    async fn look(&self, path: &str) -> Json {
        self.send("GET", path, Json::Null).await.1
    }

    async fn by_hand(&self, operation: &str, parts: Json) -> Json {
        let (status, answer) =
            self.send("POST", "panel", json!({"operation": operation, "parts": parts})).await;
        assert_eq!(status, 200, "{answer}");
        answer["return"].clone()
    }
}

#[tokio::test]
async fn switches_are_merged() {
    let wired = Wired::new().await;
    assert_eq!(wired.look("switches").await["bad_key"], "fault");
    let (_, set) = wired.send("PUT", "switches", json!({"read_your_writes": {"after_ms": 20}})).await;
    assert_eq!((&set["read_your_writes"]["after_ms"], &set["bad_key"]), (&json!(20), &json!("fault")));
    wired.send("PUT", "switches", json!({"bad_key": "http401"})).await;
    assert_eq!(wired.look("switches").await["read_your_writes"]["after_ms"], 20);
    assert_eq!(wired.send("PUT", "switches", json!({"no_such": 1})).await.0, 400);
}

#[tokio::test]
async fn fault_rules_come_and_go() {
    let wired = Wired::new().await;
    let rule =
        json!({"operation": "partner.Get", "kind": {"status": {"code": 503}}, "remaining": 1, "seed": 3});
    let (status, rules) = wired.send("POST", "faults", rule).await;
    assert_eq!((status, rules[0]["probability"].clone()), (200, json!(1.0)));
    assert_eq!(wired.soap("partner", "Get", "").await.0, 503);
    assert_eq!(wired.soap("partner", "Get", "").await.0, 200);
    assert_eq!(wired.look("faults").await[0]["remaining"], 0);
    assert_eq!(
        wired.send("POST", "faults", json!({"operation": "no.Such", "kind": "cut_before"})).await.0,
        400
    );
    wired.send("DELETE", "faults", Json::Null).await;
    assert_eq!(wired.look("faults").await, json!([]));
}

#[tokio::test]
async fn the_panel_edits_anything_and_clients_back_up() {
    let wired = Wired::new().await;
    let admin = json!({"name": "far", "root_admin_username": "f@far.example"});
    let partner = wired.by_hand("partner.Create", admin).await;
    let word =
        json!({"id": partner, "details": [{"key": "status", "value": "suspended"}], "default_sync_quota": 4});
    wired.by_hand("partner.Update", word).await;
    let group = wired.by_hand("user_group.Create", json!({"partner_id": partner, "name": "g"})).await;
    let user =
        wired.by_hand("user.Create", json!({"user_group_id": group, "username": "u@far.example"})).await;
    let stock = json!({"user_group_id": group, "license_type": "Server", "licenses": 1, "quota": 9});
    let keys = wired.by_hand("resource.Provision", stock).await;
    let key = &keys["results"][0]["keystring"];
    wired
        .by_hand(
            "resource.UpdateLicenses",
            json!({"keystring": key, "assigned_email_address": "u@far.example", "quota_desired": 9}),
        )
        .await;
    let (_, machine) = wired.send("POST", "activate", json!({"keystring": key, "alias": "laptop"})).await;
    let machine = &machine["machine_id"];
    wired.send("POST", "usage", json!({"machine_id": machine, "bytes": 123})).await;
    let shown = wired.by_hand("machine.Get", json!({"search": {"user_id": user}})).await;
    assert_eq!(
        (&shown["results"][0]["quota_used_bytes"], &shown["results"][0]["alias"]),
        (&json!(123), &json!("laptop"))
    );
    let state = wired.look("state").await;
    assert_eq!(state["world"]["partners"][partner.to_string()]["status"], "suspended");
    assert_eq!(wired.send("POST", "activate", json!({"keystring": key})).await.0, 400);
    assert_eq!(wired.send("POST", "panel", json!({"operation": "no.Such"})).await.0, 400);
    assert_eq!(wired.look("check").await, json!([]));
}

#[tokio::test]
async fn calls_ledger_mails_counters_keys_and_clock() {
    let wired = Wired::new().await;
    wired.create("acme").await;
    wired.soap("partner", "Get", "").await;
    let calls = wired.look("calls?after=1").await;
    assert_eq!((calls[0]["seq"].clone(), calls[0]["operation"].clone()), (json!(2), json!("partner.Get")));
    let mail = json!({"template": "hello", "email": "x@x.example"});
    wired.by_hand("email.Deliver", mail).await;
    assert_eq!(wired.look("mails").await[0]["to"], "x@x.example");
    let objects = wired.look("ledger").await["objects"].clone();
    assert!(objects.as_array().unwrap().iter().any(|row| row["name"] == "acme" && row["created"] == 1));
    let counters = wired.look("counters").await;
    assert_eq!((counters["writes"].clone(), counters["pending"].clone()), (json!(1), json!(0)));
    let partner = wired.rig.sim.partner_named("acme").unwrap().id;
    let (_, made) = wired.send("POST", "keys", json!({"partner_id": partner})).await;
    assert_eq!(made["api_key"].as_str().unwrap().len(), 64);
    assert_eq!(wired.send("POST", "keys", json!({"partner_id": 1})).await.0, 400);
    let before = wired.rig.sim.with(|world| world.now);
    wired.send("POST", "clock", json!({"advance_ms": 90_000})).await;
    assert_eq!(wired.rig.sim.with(|world| world.now) - before, chrono::TimeDelta::seconds(90));
    wired.send("DELETE", "calls", Json::Null).await;
    assert_eq!(wired.look("calls").await, json!([]));
}
