//! A call that was admitted: who asks, what the call carries, and how its work is answered.

use std::sync::Arc;
use std::time::Instant;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::apsc::{Apsc, ApscError};
use super::body::parse;
use super::controllers::Instance;
use super::early::{Early, Outcome};
use super::endpoint::Shared;
use super::error::ApsError;
use super::memory::Memory;
use super::properties;
use super::settings::Retry;
use crate::domain::{InstanceId, Reason, SubscriptionId, Thing};
use crate::ports::desk::{Ask, Desk, DeskError, Progress};

/// An admitted call.
pub(super) struct Call<'a, D, P> {
    pub shared: &'a Shared<D, P>,
    pub instance: Arc<Instance>,
    pub ask: Ask,
    /// As it stands in the URL.
    pub query: String,
    pub body: Vec<u8>,
}

impl<D: Desk, P> Call<'_, D, P> {
    pub fn desk(&self) -> &D {
        &self.shared.desk
    }

    pub fn panel(&self) -> &P {
        &self.shared.panel
    }

    pub fn instance_id(&self) -> InstanceId {
        self.ask.instance
    }

    /// The body.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, ApsError> {
        parse(&self.body)
    }

    /// What the body says, and above it what the query says.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, ApsError> {
        let mut arguments: Map<String, Value> = match self.body.trim_ascii() {
            // Whoever says all in the query may send nothing in many ways.
            b"null" | b"[]" => Map::new(),
            _ => self.body()?,
        };
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            arguments.insert(name.into_owned(), value.into_owned().into());
        }
        parse(Value::Object(arguments).to_string().as_bytes())
    }

    /// Of which tenant a thing is, which must be known.
    pub async fn owner(&self, thing: Thing) -> Result<SubscriptionId, Early> {
        let owner = self.desk().owner(self.instance_id(), thing).await?;
        owner.ok_or_else(|| unknown(thing))
    }

    /// What was found out when OSA asked first; a first call finds it out anew.
    pub fn remembered<T: Clone>(&self, memory: &Memory<T>, id: Uuid) -> Option<T> {
        memory.get(id).filter(|_| self.ask.again)
    }

    /// The way to the controller, to ask what is needed for `thing`.
    pub fn controller(&self, thing: Uuid) -> Result<Apsc, Early> {
        self.shared.controllers.client(&self.instance).map_err(|error| self.osa_fails(thing, &error))
    }

    /// OSA could not tell what we asked about `thing`: nothing is kept, and OSA comes again, but not for ever to hear
    /// that it refuses to tell.
    pub fn osa_fails(&self, thing: Uuid, why: &ApscError) -> Early {
        let Retry { expected, blocked } = self.shared.retry;
        if why.may_last() && self.denied_since(thing).elapsed() > self.shared.patience {
            let message = format!("OSA does not tell what is needed: {why}");
            return ApsError::refusal(Reason::ParentGone.as_str(), message).into();
        }
        let retry = if why.is_passing() { expected } else { blocked };
        Early::Pending(Answer::Pending { retry, info: format!("waiting for OSA: {why}") })
    }

    fn denied_since(&self, thing: Uuid) -> Instant {
        let denied = &self.shared.denied;
        self.remembered(denied, thing).unwrap_or_else(|| {
            let now = Instant::now();
            denied.put(thing, now);
            now
        })
    }

    /// What a retrieve answers.
    pub async fn retrieve(&self, thing: Thing) -> Outcome {
        let properties = properties::read(self.desk(), self.instance_id(), thing).await?;
        properties.map(Answer::Found).ok_or_else(|| unknown(thing))
    }

    /// 202, or when it is done `done` with what there is to say of the thing.
    pub async fn progress(&self, progress: Progress, thing: Thing, done: fn(Value) -> Answer) -> Outcome {
        if let Progress::Waiting { reason, message } = progress {
            return Ok(self.pending(reason, message));
        }
        let properties = properties::read(self.desk(), self.instance_id(), thing).await?;
        Ok(done(properties.unwrap_or_else(|| json!({}))))
    }

    /// 202, or 204 when it is gone.
    pub fn removal(&self, progress: Progress) -> Outcome {
        match progress {
            Progress::Done => Ok(Answer::Removed),
            Progress::Waiting { reason, message } => Ok(self.pending(reason, message)),
        }
    }

    /// 202, and why.
    pub fn pending(&self, reason: Reason, message: String) -> Answer {
        match reason {
            Reason::AsExpected => Answer::Pending { retry: self.shared.retry.expected, info: message },
            reason => {
                Answer::Pending { retry: self.shared.retry.blocked, info: format!("{reason}: {message}") }
            }
        }
    }
}

fn unknown(thing: Thing) -> Early {
    DeskError::NotFound(format!("{} {}", thing.kind(), thing.id())).into()
}
