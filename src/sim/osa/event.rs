//! Events: the application hears of a change elsewhere at least once, possibly never (contract section 3).

use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::call::Reply;
use super::drive::Run;
use super::faults::Fault;
use super::names::{SERVICE_USER, Service};
use super::operation::{Change, Operation};
use super::refused::Refused;
use super::resource::Status;
use super::sim::OsaSim;
use super::task::{Phase, Task};

/// An event that fails this often is dropped.
const FAILURES: u32 = 10;

/// The pause after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

impl OsaSim {
    /// Changes a service user (`login`, `email`, `displayName`) and tells every user of the application that
    /// is linked to him: `POST /mozyProAccountUser/{id}/onUsrChange`. One task per delivery.
    pub fn change_service_user(
        &self,
        service_user: Uuid,
        edits: &Map<String, Value>,
    ) -> Result<Vec<Task>, Refused> {
        let mut world = self.world();
        let kind = world.resources.get(&service_user).map(|resource| resource.type_id);
        if kind != Some(SERVICE_USER) {
            return Err(Refused::Unknown { what: "the service user", id: service_user });
        }
        world.edit(service_user, Status::Ready, |resource| {
            resource.set(edits);
        });
        let told: Vec<Uuid> =
            world.select(|r| r.link("user") == Some(service_user)).iter().map(|user| user.id).collect();
        drop(world);
        told.into_iter().map(|user| self.begin(news(user, service_user))).collect()
    }
}

fn news(user: Uuid, source: Uuid) -> Operation {
    let body = json!({
        "event": "http://aps-standard.org/core/events/changed",
        "time": Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        "source": {"id": source, "type": SERVICE_USER},
    });
    Operation::custom("event", Service::MozyProAccountUser, user, Method::POST, "onUsrChange")
        .with_body(body)
        .changing(Change::Event)
}

/// 200 and 204 accept, 202 asks for it again, anything else is tried ten times and dropped.
pub(super) async fn deliver(run: &Run<'_>) -> Reply {
    if run.strikes(Fault::LostEvent) {
        return Reply { error: Some("the event was lost".to_owned()), ..Reply::default() };
    }
    if run.strikes(Fault::RepeatedEvent) {
        run.stray(Phase::Sync).await;
    }
    let (mut failures, mut phase) = (0, Phase::Sync);
    loop {
        let reply = run.say(phase).await;
        failures += u32::from(reply.failure().is_some());
        let wait = match (reply.pending(), reply.failure()) {
            (Some(wait), _) => wait,
            (None, Some(_)) if failures < FAILURES => AFTER_FAILURE,
            _ => return reply,
        };
        run.sim.sleep(wait).await;
        phase = Phase::Async;
    }
}
