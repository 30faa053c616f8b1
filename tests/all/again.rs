//! What agreed is asked again and not read anew, with the very same calls; whatever changes is noticed as ever.

use mozyd::lab::{Lab, Options};
use mozyd::sim::mozy::{FaultKind, FaultRule, parts};

use crate::guide::scene::{Customer, Scene, usual};
use crate::operators::{lab, scene};
use crate::support::TestDb;

/// How often a daemon has found that all is as it was, without reading it.
fn agains(lab: &Lab) -> usize {
    let log = std::fs::read_to_string(lab.mozyd().log()).unwrap();
    log.lines().filter(|line| line.contains("all that came back is as it was")).count()
}

async fn comes_again(scene: &Scene<'_>) {
    let before = agains(scene.lab);
    scene.eventually("what agreed to be asked again", true, async || agains(scene.lab) > before + 1).await;
}

/// The operations of the last so many calls, in order of their names.
fn last_calls(lab: &Lab, number: usize) -> Vec<String> {
    let mut calls = lab.mozy().calls();
    let mut last: Vec<_> =
        calls.drain(calls.len() - number..).map(|call| call.operation.to_string()).collect();
    last.sort();
    last
}

/// A lab that looks at everybody once a second, and says so.
async fn attentive() -> (Lab, TestDb) {
    let often = |options: Options| options.setting("reconcile.interval", "1s").setting("mozy.settle", "1s");
    lab(|options| often(options).setting("log.level", "debug")).await
}

async fn settled<'a>(scene: &'a Scene<'a>) -> Customer<'a> {
    let customer = scene.customer(usual()).await;
    let ann = customer.user("ann").await;
    customer.desktop(&ann, 10).await;
    customer
}

#[tokio::test]
async fn what_agreed_is_asked_again_with_the_same_calls() {
    let (lab, _db) = attentive().await;
    let scene = scene(&lab, "again");
    let customer = settled(&scene).await;
    comes_again(&scene).await;
    let calls =
        ["partner.Get", "resource.GetLicenses", "resource.GetResources", "user.Get", "user_group.Get"];
    scene
        .eventually("one look's calls", calls.map(str::to_owned).to_vec(), async || last_calls(&lab, 5))
        .await;
    // What somebody changes in Mozy's panel goes back.
    let ann = customer.email("ann");
    let key = lab.mozy().licenses_of(&ann)[0].keystring.to_string();
    let quota = async || lab.mozy().licenses_of(&ann)[0].quota_desired;
    let less = [("keystring", key.into()), ("quota_desired", 9.into())];
    lab.mozy().panel("resource.UpdateLicenses", parts(less)).unwrap();
    scene.eventually("the quota to be what OSA sold", Some(10), quota).await;
    // What OSA wishes is done.
    let bob = customer.user("bob").await;
    assert!(lab.mozy().user_named(&bob.email).is_some());
    customer.bills_desktop(1, 10).await;
    customer.quiet().await;
    lab.stop().await.unwrap();
}

#[tokio::test]
async fn a_wish_that_comes_while_it_is_asked_again_is_done() {
    let (lab, _db) = attentive().await;
    let scene = scene(&lab, "again");
    let customer = settled(&scene).await;
    for name in ["bob", "cid", "dora"] {
        comes_again(&scene).await;
        lab.mozy().add_fault(FaultRule::always(FaultKind::Latency { ms: 150 })).unwrap();
        customer.user(name).await;
        lab.mozy().clear_faults();
    }
    lab.stop().await.unwrap();
}

#[tokio::test]
async fn mozy_that_does_not_answer_is_told_and_nothing_is_believed() {
    let (lab, _db) = attentive().await;
    let scene = scene(&lab, "again");
    let customer = settled(&scene).await;
    for trouble in [FaultKind::status(502), FaultKind::CutBefore, FaultKind::TruncatedXml] {
        comes_again(&scene).await;
        lab.mozy().add_fault(FaultRule::always(trouble)).unwrap();
        customer.stands("VendorUnreachable").await;
        lab.mozy().clear_faults();
        customer.gone("VendorUnreachable").await;
    }
    customer.quiet().await;
    lab.stop().await.unwrap();
}
