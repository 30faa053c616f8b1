//! One probe serves all faults that came before it began, and none that came later.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::http::StatusCode;
use futures_util::future::join_all;

use super::server::{Server, fault, found, html, returns, root};
use crate::domain::{MozyUserId, PartnerId, Presence};
use crate::mozy::vendor::Mozy;
use crate::mozy::vendor::probe::Probe;
use crate::ports::{Vendor, VendorError};

const USER: MozyUserId = MozyUserId(1);

fn unreachable(error: &VendorError) -> &str {
    let VendorError::Unreachable(why) = error else { panic!("{error:?}") };
    why
}

#[tokio::test]
async fn faults_that_came_before_it_began_share_it() {
    let server = Server::well(fault("no")).await;
    let (probe, client) = (Probe::new(Some(PartnerId(5))), server.client());
    let fault = Instant::now();
    let outcomes = join_all((0..20).map(|_| probe.since(fault, &client))).await;
    assert_eq!(outcomes, vec![Ok(()); 20]);
    assert_eq!(server.operations(), ["partner.Get"]);
    probe.since(Instant::now(), &client).await.unwrap();
    assert_eq!(server.operations().len(), 2, "a later fault needs a probe of its own");
}

#[tokio::test]
async fn a_probe_under_way_does_not_serve_a_fault_that_came_after_it_began() {
    let server = Server::well(fault("no")).await;
    let (probe, client) = (Probe::new(Some(PartnerId(5))), server.client());
    let held = server.hold.write().await;
    let early = probe.since(Instant::now(), &client);
    let late = async {
        server.received(1).await;
        let fault = Instant::now();
        drop(held);
        probe.since(fault, &client).await
    };
    assert_eq!(tokio::join!(early, late), (Ok(()), Ok(())));
    assert_eq!(server.operations().len(), 2);
}

#[tokio::test]
async fn a_dropped_probe_blocks_nobody() {
    let server = Server::well(fault("no")).await;
    let (probe, client) = (Probe::new(Some(PartnerId(5))), server.client());
    let held = server.hold.write().await;
    tokio::select! {
        _ = probe.since(Instant::now(), &client) => panic!("it was held"),
        () = server.received(1) => {}
    }
    drop(held);
    assert_eq!(probe.since(Instant::now(), &client).await, Ok(()));
}

#[tokio::test]
async fn concurrent_reads_that_find_nothing_share_probes() {
    let server = Server::well(fault("no such user")).await;
    let mozy = server.mozy();
    let held = server.hold.write().await;
    let reads = join_all((1..=20).map(|id| mozy.user(MozyUserId(id))));
    let (outcomes, ()) = tokio::join!(reads, async {
        server.received(20).await;
        drop(held);
    });
    assert!(outcomes.iter().all(|outcome| *outcome == Ok(Presence::Absent)), "{outcomes:?}");
    let probes = server.operations().iter().filter(|operation| *operation == "partner.Get").count();
    assert!((1..20).contains(&probes), "{probes} probes");
}

#[tokio::test]
async fn a_read_that_finds_something_costs_no_probe_and_one_that_does_not_costs_one() {
    let user = "<id>1</id><user_group_id>2</user_group_id><username>a@b</username><status>active</status>";
    let there = Server::well(found(&[user])).await;
    assert!(matches!(there.mozy().user(USER).await, Ok(Presence::Present(_))));
    assert_eq!(there.operations(), ["user.Get"]);
    let gone = Server::well(fault("no")).await;
    assert_eq!(gone.mozy().user(USER).await, Ok(Presence::Absent));
    assert_eq!(gone.operations(), ["user.Get", "partner.Get"]);
}

#[tokio::test]
async fn when_everything_faults_nothing_is_known() {
    let server = Server::start(|_, _| fault("invalid api key")).await;
    let mozy = server.mozy();
    let error = mozy.user(USER).await.unwrap_err();
    assert_eq!(
        unreachable(&error),
        "root partner 5 cannot be read, check its id and the api key: invalid api key"
    );
    unreachable(&mozy.users(crate::domain::MozyGroupId(1)).await.unwrap_err());
    unreachable(&mozy.find_partners("a@b.example").await.unwrap_err());
    unreachable(&mozy.admin_exists("a@b.example").await.unwrap_err());
}

#[tokio::test]
async fn a_root_partner_that_is_not_listed_or_is_deleted_is_not_well() {
    for items in [vec![], vec!["<id>6</id>"], vec!["<id>5</id><status>deleted</status>"]] {
        let page = found(&items);
        let server =
            Server::start(move |name, _| if name == "user.Get" { fault("no") } else { page.clone() }).await;
        unreachable(&server.mozy().user(USER).await.unwrap_err());
    }
}

#[tokio::test]
async fn a_probe_that_fails_tells_its_own_class() {
    let probe_answers =
        |status| Server::start(move |name, _| if name == "user.Get" { fault("no") } else { html(status) });
    let busy = probe_answers(StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(busy.mozy().user(USER).await, Err(VendorError::Throttled { retry_after: None }));
    let closed = probe_answers(StatusCode::FORBIDDEN).await;
    assert!(matches!(closed.mozy().user(USER).await, Err(VendorError::Denied(_))));
    let broken = probe_answers(StatusCode::BAD_GATEWAY).await;
    assert!(matches!(broken.mozy().user(USER).await, Err(VendorError::Unreachable(_))));
}

#[tokio::test]
async fn mozy_may_recover_between_two_reads() {
    let well = Arc::new(AtomicBool::new(false));
    let state = well.clone();
    let server = Server::start(move |name, _| match name {
        "partner.Get" if state.load(Ordering::SeqCst) => root(),
        _ => fault("internal error"),
    });
    let server = server.await;
    let mozy = server.mozy();
    unreachable(&mozy.user(USER).await.unwrap_err());
    well.store(true, Ordering::SeqCst);
    assert_eq!(mozy.user(USER).await, Ok(Presence::Absent));
}

#[tokio::test]
async fn without_a_root_partner_the_keys_own_pools_are_read() {
    let server = Server::start(|name, _| match name {
        "resource.GetResources" => returns(""),
        _ => fault("no"),
    });
    let server = server.await;
    let mozy = Mozy::new(server.client(), None, None);
    assert_eq!(mozy.user(USER).await, Ok(Presence::Absent));
    assert_eq!(server.last(), ("resource.GetResources".into(), String::new()));
    let broken = Server::start(|_, _| fault("bad key")).await;
    let mozy = Mozy::new(broken.client(), None, None);
    let error = mozy.user(USER).await.unwrap_err();
    assert_eq!(unreachable(&error), "the key's own partner cannot be read, check the api key: bad key");
}
