//! What changed is shown at OSA, by the controller that was heard from last.

use super::*;
use crate::osa::apsc::ApscError;
use crate::osa::push::{PushError, PushOutcome, push};

const PUSHED: &str = "application/mozyProAccount/00000000-0000-0000-0000-000000000010";

#[tokio::test]
async fn numbers_are_pushed_as_they_are_answered_without_what_osa_alone_wishes_for() {
    let world = World::new().await;
    let thing = Thing::Tenant(SubscriptionId(TENANT));
    let owed = || push(&*world.desk, &world.controllers, InstanceId(INSTANCE), thing);
    assert_eq!(owed().await.unwrap(), PushOutcome::Gone, "it is not known here");
    world.knows(&[thing]);
    let unknown = owed().await.unwrap_err();
    assert!(
        matches!(unknown, PushError::Controller(ApscError::NotFound)),
        "it is wanted here, and owed: {unknown}"
    );
    world.osa.answers(PUSHED, 500, json!({}));
    assert!(matches!(owed().await, Err(PushError::Controller(_))));
    world.osa.has(PUSHED, json!({}));
    assert_eq!(owed().await.unwrap(), PushOutcome::Done);
    let mut answered = world.call("GET", &format!("/mozyProAccount/{TENANT}"), json!(null)).await;
    assert!(answered.body.as_object_mut().unwrap().remove("groupview").is_some());
    let (method, path, _, body) = world.osa.asked.lock().unwrap().last().cloned().unwrap();
    assert_eq!((method, path, body), (Method::PUT, format!("/aps/2/{PUSHED}"), answered.body));
    let told = world.told.lock().unwrap();
    let results: Vec<_> = told.iter().filter(|told| told.1 == "push").map(|told| (told.0, told.2)).collect();
    assert_eq!(results, [("out", "rejected"), ("out", "failed"), ("out", "ok")]);
}

#[tokio::test]
async fn a_controller_that_moved_is_followed_and_noted_once() {
    let world = World::new().await;
    let thing = Thing::Tenant(SubscriptionId(TENANT));
    world.knows(&[thing]);
    let new = Arc::new(Controller::default());
    new.has(PUSHED, json!({}));
    let address = new.clone().serve().await;
    for nonce in ["1", "2"] {
        let request = world.request("GET", &format!("/mozyProAccount/{TENANT}"), nonce).build().unwrap();
        let mut headers = request.headers().clone();
        headers.insert("aps-controller-uri", address.parse().unwrap());
        assert_eq!(hear(http().get(request.url().clone()).headers(headers)).await.status, 200);
    }
    assert_eq!(world.desk.written(), [format!("heard from {address}/")]);
    let pushed = push(&*world.desk, &world.controllers, InstanceId(INSTANCE), thing).await;
    assert_eq!((pushed.unwrap(), new.asked(), world.osa.asked()), (PushOutcome::Done, 1, 0));
}

#[tokio::test]
async fn an_instance_that_is_not_served_is_owed() {
    let world = World::new().await;
    let thing = Thing::Tenant(SubscriptionId(TENANT));
    world.knows(&[thing]);
    let other = InstanceId(Uuid::from_u128(99));
    let pushed = push(&*world.desk, &world.controllers, other, thing).await;
    assert!(matches!(pushed, Err(PushError::UnknownInstance(id)) if id == other));
}
