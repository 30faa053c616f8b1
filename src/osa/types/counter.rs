//! What the plan grants of one resource: nothing said, no limit, or a limit (contract §2).

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::scalar::Amount;
use crate::domain;

/// A counter of the tenant, `{"limit": n, "usage": n}`. Its usage is ours to say, so what arrives there is ignored.
///
/// `null` says nothing. OSA repeats in a configure what we answered a retrieve with, which is a `usage` and no `limit`:
/// that says nothing either. `{}`, -1 and a `limit` of `null` or -1 say that it is unlimited. An order says what the plan
/// contains: there a counter with a `usage` alone is unlimited as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counter {
    /// The plan does not contain the resource, or the call says nothing of it; `null` as well.
    #[default]
    Absent,
    /// It has no `limit`, but a `usage`.
    Unstated,
    /// `{}`, -1, or a `limit` of `null` or -1.
    Unlimited,
    /// So many, at most 1,000,000,000.
    Limit(u64),
}

impl Counter {
    /// What an order buys of it; `None` if the plan does not contain it.
    pub fn ordered(self) -> Option<domain::Amount> {
        match self {
            Self::Absent => None,
            Self::Unstated | Self::Unlimited => Some(domain::Amount::Unlimited),
            Self::Limit(limit) => Some(domain::Amount::Limit(i64::try_from(limit).unwrap_or(i64::MAX))),
        }
    }

    /// What a configure makes of it; `None` if it says nothing.
    pub fn configured(self) -> Option<domain::Amount> {
        match self {
            Self::Unstated => None,
            said => said.ordered(),
        }
    }
}

impl<'de> Deserialize<'de> for Counter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Limits {
            #[serde(default)]
            limit: Limit,
            usage: Option<serde::de::IgnoredAny>,
        }
        struct CounterVisitor;

        impl<'de> Visitor<'de> for CounterVisitor {
            type Value = Counter;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a counter like {\"limit\": 5}")
            }
            fn visit_unit<E>(self) -> Result<Counter, E> {
                Ok(Counter::Absent)
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Counter, E> {
                match value {
                    -1 => Ok(Counter::Unlimited),
                    value => Err(E::invalid_type(Unexpected::Signed(value), &self)),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Counter, A::Error> {
                let Limits { limit: Limit(limit), usage } =
                    Limits::deserialize(MapAccessDeserializer::new(map))?;
                Ok(if limit == Counter::Unstated && usage.is_none() { Counter::Unlimited } else { limit })
            }
        }

        deserializer.deserialize_any(CounterVisitor)
    }
}

/// A number, also as digits: a limit that is written in any other way is not what OSA means, and is billed.
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
    fn visit_str<E: Error>(self, value: &str) -> Result<Limit, E> {
        match value.trim().parse() {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Str(value), &self)),
        }
    }
}
