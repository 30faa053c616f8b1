//! The gate is passed before each call and told of throttling; the observer hears of every call once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use super::server::{Act, Server, XML, settings, soap};
use crate::mozy::{Client, Closed, Failure, Gate, Observer, Operation, Permit, ResultClass, partner, user};

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Observer for Log {
    fn called(&self, operation: Operation, class: ResultClass, duration: Duration) {
        assert!(duration < Duration::from_secs(10));
        self.0.lock().unwrap().push(format!("{operation} {}", class.as_str()));
    }
}

struct Budget {
    places: Arc<Semaphore>,
    log: Arc<Log>,
}

impl Gate for Budget {
    fn enter(&self, write: bool) -> BoxFuture<'_, Result<Permit, Closed>> {
        Box::pin(async move {
            let place = self.places.clone().acquire_owned().await;
            self.log.0.lock().unwrap().push(format!("enter, write: {write}"));
            place.map(Permit::holding).map_err(|_| Closed::Paused(Duration::from_secs(9)))
        })
    }

    fn heard<'a>(&'a self, failure: Option<&'a Failure>) -> BoxFuture<'a, ()> {
        let free = self.places.available_permits();
        self.log.0.lock().unwrap().push(match failure {
            Some(failure) => format!("heard {failure}, free: {free}"),
            None => format!("heard an answer, free: {free}"),
        });
        Box::pin(std::future::ready(()))
    }
}

fn watched(server: &Server) -> (Client, Arc<Log>, Arc<Semaphore>) {
    let (log, places) = (Arc::new(Log::default()), Arc::new(Semaphore::new(1)));
    let gate = Budget { places: places.clone(), log: log.clone() };
    (Client::new(settings(&server.url), Arc::new(gate), log.clone()).unwrap(), log, places)
}

#[tokio::test]
async fn calls_are_counted_and_let_in_one_by_one() {
    let server =
        Server::http("200 OK", XML, &soap("<DeleteResponse><return>1</return></DeleteResponse>")).await;
    let (client, log, places) = watched(&server);
    let (delete, get) = (user::Delete { id: 1 }, partner::Get::default());
    let (done, unreadable) = tokio::join!(client.call(&delete), client.call(&get));
    assert_eq!(done, Ok(Some(1)));
    assert!(unreadable.is_err());
    let log = log.0.lock().unwrap();
    assert_eq!(log[..3], ["enter, write: true", "heard an answer, free: 0", "user.Delete done"]);
    assert!(log[3] == "enter, write: false" && log[4].ends_with("free: 0"), "{log:?}");
    assert_eq!((log.len(), log[5].as_str()), (6, "partner.Get unreadable"));
    assert_eq!(places.available_permits(), 1);
}

#[tokio::test]
async fn the_gate_hears_of_throttling_before_the_place_is_free_again() {
    let server = Server::http("503 Busy", "Retry-After: 3\r\n", "").await;
    let (client, log, _) = watched(&server);
    client.call(&user::Delete { id: 1 }).await.expect_err("busy");
    let heard = "heard mozy asks for fewer calls, again after 3 s, free: 0";
    assert_eq!(*log.0.lock().unwrap(), ["enter, write: true", heard, "user.Delete throttled"]);
}

#[tokio::test]
async fn nothing_is_sent_through_a_closed_gate() {
    let server = Server::http("503 Busy", "", "").await;
    let (client, log, places) = watched(&server);
    places.close();
    let error = client.call(&user::Delete { id: 1 }).await.expect_err("closed");
    let retry_after = Some(Duration::from_secs(9));
    assert_eq!(error.failure, Failure::Throttled { retry_after, maybe_happened: false });
    // Nobody hears of a call that was not made.
    assert_eq!(*log.0.lock().unwrap(), ["enter, write: true"]);
}

#[tokio::test]
async fn a_call_that_is_given_up_gives_its_place_back() {
    let server = Server::start(Act::Hang(vec![])).await;
    let (client, _, places) = watched(&server);
    let given_up =
        tokio::time::timeout(Duration::from_millis(50), client.call(&user::Delete { id: 1 })).await;
    assert!(given_up.is_err());
    assert_eq!(places.available_permits(), 1);
}
