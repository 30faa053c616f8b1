//! Every operation goes over the wire as contract section 3 has it.

use super::app::{App, Say};
use super::*;
use serde_json::json;

type Begin<'a> = &'a dyn Fn(&OsaSim) -> Result<Task, Refused>;

impl Lab {
    /// Runs operations one by one and compares what the application was asked.
    async fn asks(&self, table: &[(Begin<'_>, String)]) {
        for (begin, line) in table {
            self.app.forget();
            done(&begin(&self.osa).unwrap()).await;
            assert_eq!(self.app.lines(), std::slice::from_ref(line));
        }
    }

    fn body(&self) -> Value {
        self.app.seen().pop().unwrap().body
    }
}

#[tokio::test]
async fn the_install_delivers_keys_and_globals_and_nobody_else_sees_them() {
    let (osa, app) = (OsaSim::start(fast()).await.unwrap(), App::plain().await);
    osa.faults().next(Side::ToApp, Fault::IdlePut, 1);
    app.script([Say::status(201).with(json!({"api_key": "s3cret-api-key"}))]);
    done(&osa.install(install_at(app.url())).unwrap()).await;
    let seen = app.seen().remove(0);
    assert_eq!(seen.line(), "POST /mozyPro");
    let own = seen.body["aps"]["x509"]["self"].as_str().unwrap();
    assert!(own.contains("BEGIN CERTIFICATE") && own.contains("PRIVATE KEY"));
    assert_eq!(seen.body["aps"]["x509"]["controller"], osa.controller_certificate());
    assert_eq!(seen.body["api_key"], "s3cret-api-key");
    assert_eq!((&seen.body["orderType"], &seen.body["root_role_id"]), (&json!(false), &json!(2)));
    let told = json!([osa.log(), osa.tasks()]).to_string();
    assert!(!told.contains("PRIVATE KEY") && !told.contains("s3cret"), "{told}");
}

#[tokio::test]
async fn operations_on_a_tenant() {
    let lab = Lab::new().await;
    let (tenant, staff) = (lab.tenant().await, Uuid::new_v4());
    let path = format!("/mozyProAccount/{tenant}");
    let new_group = NewGroup { tenant, name: "Sales".to_owned() };
    lab.asks(&[
        (&|osa| osa.touch(tenant), format!("PUT {path}")),
        (&|osa| osa.set_groupview(tenant, false), format!("PUT {path}")),
        (&|osa| osa.suspend(tenant), format!("PUT {path}/disable")),
        (&|osa| osa.resume(tenant), format!("PUT {path}/enable")),
        (&|osa| osa.manual_retrieve(tenant), format!("GET {path}/manualRetrieve")),
        (&|osa| osa.get_client_url(tenant), format!("GET {path}/getClientUrl")),
        (
            &|osa| osa.check_availability_email(tenant, staff),
            format!("POST {path}/checkAvailabilityEmail?staffGUID={staff}"),
        ),
        (&|osa| osa.create_partner(tenant, staff), format!("POST {path}/createPartner?staffGUID={staff}")),
        (&|osa| osa.link(tenant, "extra", staff), format!("POST {path}/extra")),
        (&|osa| osa.unlink(tenant, "extra", staff), format!("DELETE {path}/extra/{staff}")),
        (&|osa| osa.create_group(&new_group), "POST /mozyProAccountGroup".to_owned()),
    ])
    .await;
    assert!(matches!(lab.osa.link(tenant, "mozyProAccount", tenant), Err(Refused::Invalid(_))));
    assert_eq!(lab.body()["name"], "Sales");
    assert_eq!(lab.body()["mozyProAccount"], json!({"aps": {"id": tenant}}));
}

#[tokio::test]
async fn sync_of_a_subscription_is_switched_in_three_ways() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    let path = format!("POST /mozyProAccount/{tenant}/setEnableDisableSync");
    let switch = |to: SyncSwitch| move |osa: &OsaSim| osa.set_enable_disable_sync(tenant, to);
    lab.asks(&[(&switch(SyncSwitch::Query(true)), format!("{path}?enableSync=true"))]).await;
    lab.asks(&[(&switch(SyncSwitch::Body(false)), path.clone())]).await;
    assert_eq!(lab.body(), json!({"enableSync": false}));
    lab.asks(&[(&switch(SyncSwitch::Toggle), path)]).await;
    assert_eq!(lab.body(), Value::Null);
}

#[tokio::test]
async fn operations_on_a_user() {
    let lab = Lab::new().await;
    let user = lab.user(lab.tenant().await).await;
    let body = lab.body();
    assert_eq!(body["user_group_id"], "");
    assert!(body["user"]["aps"]["id"].is_string() && body["mozyProAccount"]["aps"]["id"].is_string());
    let path = format!("/mozyProAccountUser/{user}");
    lab.asks(&[
        (&|osa| osa.move_user(user, "7"), format!("PUT {path}")),
        (&|osa| osa.set_user_sync(user, true), format!("PUT {path}")),
        (&|osa| osa.set_user_sync_quota(user, 9), format!("PUT {path}")),
        (&|osa| osa.set_user_display_name(user, "Renamed"), format!("PUT {path}")),
    ])
    .await;
    let body = lab.body();
    assert_eq!((&body["user_group_id"], &body["enableSync"]), (&json!("7"), &json!(true)));
    assert_eq!((&body["syncQuota"], &body["displayName"]), (&json!(9), &json!("Renamed")));
    lab.asks(&[
        (&|osa| osa.disable_user(user), format!("POST {path}/disableuser")),
        (&|osa| osa.enable_user(user), format!("POST {path}/enableuser")),
        (&|osa| osa.get_user_url(user), format!("GET {path}/getUserUrl")),
        (&|osa| osa.remove_user(user), format!("DELETE {path}")),
    ])
    .await;
    assert!(lab.osa.resource(user).is_none());
}

#[tokio::test]
async fn operations_on_licences_and_groups() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    let new = NewLicence { user: lab.user(tenant).await, kind: LicenceKind::Server, quota: 5 };
    let licence = done(&lab.osa.create_licence(&new).unwrap()).await.resource;
    assert_eq!((&lab.body()["licenseType"], &lab.body()["quota"]), (&json!("Server"), &json!(5)));
    let path = format!("/mozyProAccountUserLicense/{licence}");
    let new = NewGroup { tenant, name: "Sales".to_owned() };
    let group = done(&lab.osa.create_group(&new).unwrap()).await.resource;
    let group_path = format!("/mozyProAccountGroup/{group}");
    lab.asks(&[
        (&|osa| osa.change_licence(licence, 6), format!("PUT {path}")),
        (&|osa| osa.remove_licence(licence), format!("DELETE {path}")),
        (&|osa| osa.rename_group(group, "Buyers"), format!("PUT {group_path}")),
        (&|osa| osa.delete_group(group), format!("DELETE {group_path}")),
    ])
    .await;
}

#[tokio::test]
async fn the_answer_of_an_operation_of_the_types_own_is_given_but_not_merged() {
    let lab = Lab::new().await;
    let tenant = lab.tenant().await;
    lab.app.script([Say::status(200).with(json!("https://panel.test/one-time"))]);
    let link = lab.osa.get_client_url(tenant).unwrap();
    assert_eq!(done(&link).await.answer, "https://panel.test/one-time");
    lab.app.script([Say::status(200).with(json!({"available": true}))]);
    let check = lab.osa.check_availability_email(tenant, Uuid::new_v4()).unwrap();
    assert_eq!(done(&check).await.answer["available"], true);
    assert!(!lab.osa.resource(tenant).unwrap().properties.contains_key("available"));
}

#[tokio::test]
async fn the_account_type_says_who_sells_to_whom() {
    let lab = Lab::new().await;
    let osa = &lab.osa;
    let reseller = osa.create_account(&NewAccount::reseller("Shop", "shop@shop.test")).unwrap();
    let customer = osa.create_account(&NewAccount::client("Of shop", "c@c.test").under(reseller)).unwrap();
    for (account, kind) in [(lab.account, "C"), (reseller, "R"), (customer, "CR")] {
        let order = Order { instance: lab.instance, account, counters: Counters::none() };
        done(&osa.order(&order).unwrap()).await;
        assert_eq!(lab.body()["accountType"], kind);
    }
    let nobody = Order { instance: lab.instance, account: lab.instance, counters: Counters::none() };
    assert!(matches!(osa.order(&nobody), Err(Refused::Unknown { .. })));
    let nowhere = Order { instance: Uuid::nil(), account: lab.account, counters: Counters::none() };
    assert!(matches!(osa.order(&nowhere), Err(Refused::Unknown { .. })));
}

#[tokio::test]
async fn a_changed_service_user_is_told_until_accepted_or_ten_times() {
    let lab = Lab::new().await;
    let user = lab.user(lab.tenant().await).await;
    let service_user = lab.osa.resource(user).unwrap().link("user").unwrap();
    let change = |name: &str| {
        let tasks = lab.osa.change_service_user(service_user, &map(json!({"displayName": name}))).unwrap();
        <[Task; 1]>::try_from(tasks).unwrap()
    };
    lab.app.forget();
    lab.app.script([Say::later("1", "later"), Say::status(500), Say::status(204)]);
    done(&change("Second")[0]).await;
    assert_eq!(lab.app.lines(), vec![format!("POST /mozyProAccountUser/{user}/onUsrChange"); 3]);
    assert_eq!(lab.body()["source"]["id"], json!(service_user));
    assert_eq!(lab.osa.resource(service_user).unwrap().properties["displayName"], "Second");
    lab.app.forget();
    lab.app.script(vec![Say::status(503); 10]);
    failed(&change("Third")[0]).await;
    assert_eq!(lab.app.lines().len(), 10);
}
