//! OSA's habits: the same twice, nothing changed, polls out of order, run again after a failure, unlimited in three ways.

use mozyd::sim::mozy::Value;
use mozyd::sim::osa::{Counter, Counters, Fault, Side, SyncSwitch, Unlimited};
use serde_json::json;

use super::scene::*;

/// Contract, sections 2, 3 and 6 of OSA's.
pub async fn play(scene: &Scene<'_>) {
    struck(scene, &[Fault::ConcurrentPost, Fault::IdlePut, Fault::LatePoll]).await;
    struck(scene, &[Fault::DuplicatePost, Fault::PollFirst, Fault::EarlyPoll, Fault::StrayPoll]).await;
    nothing_changed(scene).await;
    said_back(scene).await;
    run_again(scene).await;
    for written in [Unlimited::Absent, Unlimited::Null, Unlimited::MinusOne] {
        unlimited(scene, written).await;
    }
}

/// Every call is struck, and all is there once.
async fn struck(scene: &Scene<'_>, faults: &[Fault]) {
    let osa = scene.lab.osa();
    faults.iter().for_each(|fault| osa.faults().rate(Side::ToApp, *fault, 1.0));
    let mut customer = scene.someone();
    let mark = customer.mark();
    customer.order(usual()).await;
    let user = customer.user("ann").await;
    let licence = customer.desktop(&user, 10).await;
    let group = customer.group("Sales").await;
    scene.done(osa.change_licence(licence, 20)).await;
    osa.faults().clear();
    for fault in faults {
        assert!(osa.faults().struck(Side::ToApp, *fault) > 0, "{fault:?} never struck");
    }
    assert_eq!((customer.keys(&user), customer.groups()), (vec![("Desktop", 20)], vec!["Sales".to_owned()]));
    let assign = "resource.UpdateLicenses";
    let (make, sell) = ("partner.Create", "resource.Provision");
    mark.writes(&customer, &[make, sell, sell, "user.Create", assign, "user_group.Create", assign]);
    scene.done(osa.delete_group(group)).await;
    customer.bills_desktop(1, 20).await;
    customer.quiet().await;
}

async fn nothing_changed(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let licence = customer.desktop(&user, 10).await;
    let group = customer.group("Sales").await;
    let mark = customer.mark();
    for resource in [customer.tenant, user.id, licence, group] {
        assert_eq!(scene.done(osa.touch(resource)).await.status(), Some(200));
    }
    scene.done(osa.resume(customer.tenant)).await;
    scene.done(osa.enable_user(user.id)).await;
    customer.quiet().await;
    mark.writes(&customer, &[]);
}

/// OSA sends what it was told once, and that has changed since: by an event, and with the subscription.
async fn said_back(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let customer = scene.customer(with_sync(plan((5, 20), (0, 0)), 2)).await;
    let new = customer.new_user("ann", "");
    let user = scene.done(osa.create_user(&new)).await.resource;
    scene.done(osa.set_enable_disable_sync(customer.tenant, SyncSwitch::Query(true))).await;
    scene.done(osa.set_user_sync(user, true)).await;
    let renamed = customer.email("anna");
    let edits = json!({"email": renamed, "login": renamed, "displayName": "Anna"});
    for told in osa.change_service_user(new.service_user, edits.as_object().unwrap()).unwrap() {
        scene.done(Ok(told)).await;
    }
    let mozy = scene.lab.mozy();
    let is_renamed = async || mozy.user_named(&renamed).is_some_and(|user| user.full_name.as_deref() == Some("Anna"));
    scene.eventually("her new name at Mozy", true, is_renamed).await;
    // OSA keeps nothing of what these are answered.
    scene.done(osa.disable_user(user)).await;
    scene.done(osa.enable_user(user)).await;
    scene.done(osa.upgrade(customer.tenant, &with_sync(plan((5, 20), (0, 0)), 4))).await;
    let quota = async || {
        let machines = mozy.machines_of(mozy.user_named(&renamed).unwrap().id);
        machines.iter().find(|machine| machine.is_sync()).map(|machine| machine.quota)
    };
    scene.eventually("the new default", Some(4), quota).await;
    let mark = customer.mark();
    assert_eq!(scene.done(osa.touch(user)).await.status(), Some(200));
    customer.quiet().await;
    mark.writes(&customer, &[]);
    assert_eq!((is_renamed().await, quota().await), (true, Some(4)));
    // What OSA says otherwise than before is a wish as ever.
    scene.done(osa.set_user_display_name(user, "Ann again")).await;
    scene.done(osa.set_user_sync_quota(user, 3)).await;
    assert_eq!(mozy.user_named(&renamed).unwrap().full_name.as_deref(), Some("Ann again"));
    assert_eq!(quota().await, Some(3));
    customer.quiet().await;
}

/// A user's address is taken at Mozy; the task fails, and is done when it is run again.
async fn run_again(scene: &Scene<'_>) {
    let (osa, mozy) = (scene.lab.osa(), scene.lab.mozy());
    let customer = scene.customer(usual()).await;
    let new = customer.new_user("ann", "");
    osa.faults().next(Side::ToApp, Fault::ServerError, 1);
    let task = osa.create_user(&new).unwrap();
    let failed = task.done().await;
    assert!(!failed.is_done(), "told 503 although it was heard");
    let mark = customer.mark();
    let again = osa.rerun(failed.id);
    scene.done(again).await;
    assert!(mozy.user_named(&customer.email("ann")).is_some());
    let told = mark.told(&customer);
    // It may have been made before it was run again.
    assert!(told.is_empty() || told == ["user.Create"], "{told:?}");
    let made = mozy.calls().iter().filter(|call| {
        let is_his = |value: &Value| value.text() == Some(&customer.email("ann"));
        call.operation == "user.Create" && call.parts.iter().any(|(_, value)| is_his(value))
    }).count();
    assert_eq!(made, 1);
    customer.quiet().await;
}

async fn unlimited(scene: &Scene<'_>, written: Unlimited) {
    let counters = Counters::none().limit(Counter::DesktopLicenseNum, 3).unlimited(Counter::DesktopQuota, written);
    let customer = scene.customer(counters).await;
    let mark = customer.mark();
    let user = customer.user("ann").await;
    customer.desktop(&user, 500).await;
    assert_eq!(customer.keys(&user), [("Desktop", 500)]);
    mark.writes(&customer, &["user.Create", "resource.Provision", "resource.UpdateLicenses"]);
    customer.bills_desktop(1, 500).await;
    customer.says("/resources/desktop/quota_gb/bought", serde_json::Value::Null).await;
    customer.quiet().await;
}
