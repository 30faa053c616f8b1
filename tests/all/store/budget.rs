//! The budget of a credential over several daemons: parts are never more than the whole, and what Mozy asks of one is
//! asked of all.

use std::time::Duration;

use mozyd::domain::budget::{Share, Standing};
use mozyd::store::Heard;
use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;

use super::world::*;

const KEY: [u8; 32] = [1; 32];
const WHOLE: Share = Share { rate: 20.0, places: 8 };
const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const SHORT: Duration = Duration::from_millis(300);

async fn share(world: &World, daemon: Uuid, busy: u32, lease: Duration) -> Share {
    world.store.share_budget(KEY, daemon, (WHOLE, busy, false), lease).await.unwrap().0
}

async fn standing(world: &World) -> Standing {
    world.store.change_budget(KEY, |standing| standing).await.unwrap()
}

#[tokio::test]
async fn a_newcomer_waits_until_the_others_have_made_room() {
    let world = World::empty().await;
    assert_eq!(share(&world, A, 0, LEASE).await, WHOLE);
    assert_eq!(share(&world, B, 0, LEASE).await, Share { rate: 0.0, places: 0 });
    // Three calls of the first are under way: they keep their places.
    assert_eq!(share(&world, A, 5, LEASE).await, Share { rate: 10.0, places: 4 });
    assert_eq!(share(&world, B, 0, LEASE).await, Share { rate: 10.0, places: 3 });
    assert_eq!(share(&world, A, 2, LEASE).await, Share { rate: 10.0, places: 4 });
    assert_eq!(share(&world, B, 0, LEASE).await, Share { rate: 10.0, places: 4 });
    world.store.leave_budgets(A, &[KEY]).await.unwrap();
    assert_eq!(share(&world, B, 0, LEASE).await, WHOLE);
}

#[tokio::test]
async fn the_part_of_a_daemon_that_died_goes_back() {
    let world = World::empty().await;
    assert_eq!(share(&world, A, 8, LEASE).await, WHOLE);
    assert_eq!(share(&world, B, 0, LEASE).await.places, 0);
    world.sql(&format!("UPDATE budget_shares SET until = clock_timestamp() WHERE daemon = '{A}'")).await;
    assert_eq!(share(&world, B, 0, LEASE).await, WHOLE);
    assert_eq!(world.sql("SELECT count(*) FROM budget_shares").await, ["1"]);
}

#[tokio::test]
async fn daemons_that_ask_at_once_never_hold_more_than_there_is() {
    let world = World::empty().await;
    let sum = "SELECT sum(rate) <= 20.000001 AND sum(places) <= 8 FROM budget_shares \
        WHERE until > clock_timestamp()";
    for round in 0..10 {
        let asked = (1..=5).map(|daemon| share(&world, Uuid::from_u128(daemon), round % 4, LEASE));
        futures_util::future::join_all(asked).await;
        assert_eq!(world.sql(sum).await, ["t"]);
    }
}

#[tokio::test]
async fn what_mozy_asks_of_one_is_asked_of_all() {
    let world = World::empty().await;
    let (tell, mut heard) = mpsc::unbounded_channel();
    let store = world.store.clone();
    let listening =
        tokio::spawn(async move { store.listen(move |what| tell.send(what).unwrap_or_default()).await });
    assert_eq!(heard.recv().await, Some(Heard::Connected));
    let asked = Some(Duration::from_secs(500));
    let after = world.store.change_budget(KEY, |now| now.throttled(asked)).await.unwrap();
    assert_eq!(after.paused(), asked);
    assert_eq!(timeout(LEASE, heard.recv()).await.unwrap(), Some(Heard::Budget));
    let (_, known) = world.store.share_budget(KEY, B, (WHOLE, 0, false), LEASE).await.unwrap();
    assert!(known.paused().unwrap() > Duration::from_secs(400) && known.pace == 0.5, "{known:?}");
    listening.abort();
}

#[tokio::test]
async fn whom_mozy_answered_lately_others_know() {
    let world = World::empty().await;
    let answers = async |to| {
        world.store.share_budget(KEY, to, (WHOLE, 0, true), LEASE).await.unwrap();
    };
    let others = async |than| world.store.others_answered(KEY, than, HOUR).await.unwrap();
    share(&world, A, 0, LEASE).await;
    share(&world, B, 0, LEASE).await;
    assert!(!others(A).await && !others(B).await);
    answers(A).await;
    share(&world, A, 0, LEASE).await;
    assert!(!others(A).await && others(B).await);
    world.sql("UPDATE budget_shares SET answered_at = answered_at - interval '2 hours'").await;
    assert!(!others(B).await);
}

#[tokio::test]
async fn a_clock_stepped_back_pauses_nobody_for_longer_than_mozy_ever_may() {
    let world = World::empty().await;
    share(&world, A, 0, LEASE).await;
    world.sql("UPDATE budgets SET resumes_at = resumes_at + interval '1 h'").await;
    assert_eq!(standing(&world).await.paused(), None, "who never had to wait does not now");
    world
        .sql(
            "UPDATE budgets SET resumes_at = clock_timestamp() + interval '1 h'; \
            UPDATE budget_shares SET until = until + interval '1 h'",
        )
        .await;
    let known = standing(&world).await;
    assert!(known.paused().unwrap() <= Duration::from_secs(600), "{known:?}");
    let kept = "SELECT resumes_at <= clock_timestamp() + interval '10 min' FROM budgets";
    assert_eq!(world.one(kept).await, "t", "it does not begin anew with every look");
    assert_eq!(share(&world, B, 0, SHORT).await.places, 0, "A may be there still");
    tokio::time::sleep(SHORT).await;
    assert_eq!(share(&world, B, 0, SHORT).await, WHOLE);
}
