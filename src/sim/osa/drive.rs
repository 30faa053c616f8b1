//! A task is driven: the call, the polls until the application is done or failed, and the calls made by mistake.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::call::{Ask, Reply};
use super::event;
use super::faults::{Fault, Side};
use super::operate::Job;
use super::operation::Change;
use super::sim::OsaSim;
use super::task::Phase;

/// How long the first poll comes after the call.
const FIRST_POLL: Duration = Duration::from_secs(1);

/// Drives a task to its end.
pub(super) fn start(sim: &OsaSim, task: u64, job: Arc<Job>) {
    let (sim, stop) = (sim.clone(), sim.stop.clone());
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        let run = Run { sim: &sim, task, job: &job, body: sim.body(&job) };
        let reply = match job.operation.is_event() {
            true => event::deliver(&run).await,
            false => run.converse().await,
        };
        sim.settle(task, &job, reply.failure(), reply.body);
    }));
}

/// A task being run.
pub(super) struct Run<'a> {
    pub sim: &'a OsaSim,
    pub task: u64,
    pub job: &'a Job,
    /// Polls repeat the call to the letter.
    pub body: Option<Value>,
}

impl Run<'_> {
    /// The first call, then polls: 1 s later, then after each timeout.
    async fn converse(&self) -> Reply {
        let mut reply = self.first().await;
        let mut wait = FIRST_POLL;
        while reply.pending().is_some() {
            self.sim.sleep(self.late(wait)).await;
            reply = self.say(Phase::Async).await;
            wait = reply.pending().unwrap_or_default();
        }
        if reply.failure().is_none() {
            self.mistakes().await;
        }
        reply
    }

    async fn first(&self) -> Reply {
        let post = self.job.operation.method == Method::POST;
        let phase = if self.strikes(Fault::PollFirst) { Phase::Async } else { Phase::Sync };
        if post && self.strikes(Fault::ConcurrentPost) {
            return tokio::join!(self.say(phase), self.stray(phase)).0;
        }
        if post && self.strikes(Fault::DuplicatePost) {
            self.stray(phase).await;
        }
        self.say(phase).await
    }

    fn late(&self, wait: Duration) -> Duration {
        match () {
            () if self.strikes(Fault::EarlyPoll) => Duration::ZERO,
            () if self.strikes(Fault::LatePoll) => wait * 3,
            () => wait,
        }
    }

    /// What OSA does by mistake after a task was done, while the resource is still held.
    async fn mistakes(&self) {
        if self.strikes(Fault::StrayPoll) {
            self.sim.sleep(FIRST_POLL).await;
            self.stray(Phase::Async).await;
        }
        let lasting = matches!(self.job.operation.change, Change::Create(_) | Change::Configure(_));
        if lasting && self.strikes(Fault::IdlePut) {
            self.idle_put().await;
        }
    }

    async fn idle_put(&self) {
        let operation = &self.job.operation;
        let path = format!("{}/{}", operation.service(), operation.resource);
        let body = self.sim.resource(operation.resource).map(|resource| resource.view());
        let ask = Ask { method: Method::PUT, path: &path, body, ..self.ask(Phase::Sync) };
        self.note(&self.sim.call(ask).await, Phase::Sync, true);
    }

    /// The call of this task; its answer counts.
    pub async fn say(&self, phase: Phase) -> Reply {
        let reply = self.sim.call(self.ask(phase)).await;
        self.note(&reply, phase, false);
        reply
    }

    /// The call of this task, made by mistake; its answer is only written down.
    pub async fn stray(&self, phase: Phase) {
        let reply = self.sim.call(self.ask(phase)).await;
        self.note(&reply, phase, true);
    }

    pub fn strikes(&self, fault: Fault) -> bool {
        self.sim.faults.strike(Side::ToApp, fault)
    }

    fn ask(&self, phase: Phase) -> Ask<'_> {
        let operation = &self.job.operation;
        Ask {
            instance: &self.job.instance,
            method: operation.method.clone(),
            path: &operation.path,
            body: self.body.clone(),
            secret: operation.is_secret(),
            transaction: self.job.transaction,
            actor: self.job.actor,
            phase,
        }
    }

    fn note(&self, reply: &Reply, phase: Phase, stray: bool) {
        let world = self.sim.world();
        if let Some(slot) = world.tasks.get(&self.task) {
            slot.record.send_modify(|record| record.add(reply.note(phase, stray)));
        }
    }
}

impl OsaSim {
    /// Waits at the pace of this OSA.
    pub(super) async fn sleep(&self, meant: Duration) {
        tokio::time::sleep(self.options.pace(meant)).await;
    }
}
