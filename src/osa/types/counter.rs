//! What the plan grants of one resource: nothing said, no limit, or a limit (contract §2).

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::scalar::Amount;
use crate::domain;

/// A counter of the tenant, `{"limit": n, "usage": n}`. Its usage is ours to say, so what arrives there is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counter {
    /// The plan does not contain the resource, or the call says nothing of it.
    #[default]
    Absent,
    /// It has no `limit`, but a `usage`: unlimited, or OSA repeats our usage of what it does not sell.
    Unstated,
    /// `{}`, a `limit` of `null`, or of -1.
    Unlimited,
    /// So many, at most 1,000,000,000.
    Limit(u64),
}

impl Counter {
    /// What a configure says where `sold` holds now: what is not sold does not become unlimited by saying nothing.
    pub fn after(self, sold: domain::Amount) -> Self {
        match self {
            Self::Unstated if !sold.holds(1) => Self::Absent,
            counter => counter,
        }
    }

    /// What was bought of it; `None` if the call says nothing.
    pub fn bought(self) -> Option<domain::Amount> {
        match self {
            Self::Absent => None,
            Self::Unstated | Self::Unlimited => Some(domain::Amount::Unlimited),
            Self::Limit(limit) => Some(domain::Amount::Limit(i64::try_from(limit).unwrap_or(i64::MAX))),
        }
    }
}

impl<'de> Deserialize<'de> for Counter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(expecting = "a counter like {\"limit\": 5}")]
        struct Limits {
            #[serde(default)]
            limit: Limit,
            usage: Option<serde::de::IgnoredAny>,
        }
        let limits = Option::<Limits>::deserialize(deserializer)?;
        Ok(limits.map_or(Self::Absent, |Limits { limit: Limit(limit), usage }| match limit {
            Self::Unstated if usage.is_none() => Self::Unlimited,
            limit => limit,
        }))
    }
}

/// Numbers only: a limit that is written in any other way is not what OSA means, and is billed.
struct Limit(Counter);

impl Default for Limit {
    fn default() -> Self {
        Self(Counter::Unstated)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LimitVisitor)
    }
}

struct LimitVisitor;

impl Visitor<'_> for LimitVisitor {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 to 1000000000, or -1 or null for unlimited")
    }
    fn visit_unit<E>(self) -> Result<Limit, E> {
        Ok(Limit(Counter::Unlimited))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Limit, E> {
        if value == -1 {
            return Ok(Limit(Counter::Unlimited));
        }
        let limit = Amount::new::<E>(value).map(|Amount(limit)| Limit(Counter::Limit(limit)));
        limit.map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Limit, E> {
        self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Limit, E> {
        if value.fract() == 0.0 && value.abs() < 1e15 {
            return self.visit_i64(value as i64);
        }
        Err(E::invalid_value(Unexpected::Float(value), &self))
    }
}
