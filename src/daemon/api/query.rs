//! What stands in a path or behind a question mark; what makes no sense there is named, with what is allowed.

use super::trouble::Trouble;
use super::{Api, LARGEST_PAGE};
use crate::domain::status::State;
use crate::domain::{ConditionType, Reason, SubscriptionId};
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use std::collections::BTreeMap;
use std::str::FromStr;

/// The `{id}` of a path.
pub struct Name(pub String);

impl FromRequestParts<Api> for Name {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &Api) -> Result<Self, Trouble> {
        let path: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        let Path(name) =
            path.map_err(|_| Trouble::BadRequest("the id in the path is no text in UTF-8".into()))?;
        Ok(Self(name))
    }
}

/// What stands behind the question mark, each name once.
pub struct Parameters(BTreeMap<String, String>);

impl FromRequestParts<Api> for Parameters {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Trouble> {
        let mut given = BTreeMap::new();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if given.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(Trouble::BadRequest(format!("{name} is given twice")));
            }
        }
        Ok(Self(given))
    }
}

impl Parameters {
    /// Takes a parameter that `read` understands; `allowed` says what it may be. An empty one is not given.
    fn take<T>(
        &mut self,
        name: &str,
        allowed: impl FnOnce() -> String,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Trouble> {
        let given = self.0.remove(name).filter(|given| !given.is_empty());
        let Some(given) = given else { return Ok(None) };
        let senseless = || Trouble::BadRequest(format!("{name} is {given:?}; allowed is {}", allowed()));
        read(&given).map(Some).ok_or_else(senseless)
    }

    /// `limit`: how many at most.
    pub fn limit(&mut self, usual: u32) -> Result<u32, Trouble> {
        let bounds = 1..=LARGEST_PAGE;
        let read = |text: &str| text.parse().ok().filter(|limit| bounds.contains(limit));
        Ok(self.take("limit", || format!("1 to {LARGEST_PAGE}"), read)?.unwrap_or(usual))
    }

    /// `after`: the last of the page before, an APS id of a subscription.
    pub fn after_subscription(&mut self) -> Result<Option<SubscriptionId>, Trouble> {
        let allowed = || "an APS id, as `after` of the page before".to_owned();
        self.take("after", allowed, |text| uuid::Uuid::from_str(text).ok().map(SubscriptionId))
    }

    /// `after`: the last of the page before, the id of an event.
    pub fn after_event(&mut self) -> Result<Option<i64>, Trouble> {
        let allowed = || "the id of the last event of the page before".to_owned();
        self.take("after", allowed, |text| text.parse().ok().filter(|id| *id >= 0))
    }

    /// `state`: one of the states.
    pub fn state(&mut self) -> Result<Option<String>, Trouble> {
        let states: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
        let known = |text: &str| states.contains(&text).then(|| text.to_owned());
        self.take("state", || states.join(", "), known)
    }

    /// `condition`: a type that is not as it should be, or a reason.
    pub fn condition(&mut self) -> Result<Option<String>, Trouble> {
        let kinds = ConditionType::ALL.iter().map(|kind| kind.as_str());
        let names: Vec<&str> = kinds.chain(Reason::ALL.iter().map(|reason| reason.as_str())).collect();
        let known = |text: &str| names.contains(&text).then(|| text.to_owned());
        self.take("condition", || names.join(", "), known)
    }

    /// Whatever is left is not known.
    pub fn nothing_else(self) -> Result<(), Trouble> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(Trouble::BadRequest(format!("there is no parameter {name} here"))),
        }
    }
}

/// That nothing stands behind the question mark.
pub struct Nothing;

impl FromRequestParts<Api> for Nothing {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &Api) -> Result<Self, Trouble> {
        Parameters::from_request_parts(parts, state).await?.nothing_else().map(|()| Self)
    }
}
