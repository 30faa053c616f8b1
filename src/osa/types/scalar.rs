//! Numbers, switches and texts: `7`, `"7"` and `7.0` are one number; `true`, `"true"` and `1` are one switch.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::patch::Wire;
use crate::domain::{Gb, Secret};

/// What no limit or quota is above, so that sums cannot overflow.
const MOST: u64 = 1_000_000_000;

/// A number of gigabytes or licences, at most 1,000,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Amount(pub u64);

impl Amount {
    /// As gigabytes.
    pub fn gb(self) -> Gb {
        Gb(i64::try_from(self.0).unwrap_or(i64::MAX))
    }

    /// `number` as an amount, or what is allowed.
    pub(super) fn new<E: Error>(number: i64) -> Result<Self, E> {
        let amount = u64::try_from(number).ok().filter(|n| *n <= MOST);
        amount.map(Self).ok_or_else(|| {
            E::invalid_value(Unexpected::Signed(number), &"a whole number from 0 to 1000000000")
        })
    }
}

/// A single value before anybody asks what it means.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar {
    Nothing,
    Switch(bool),
    Number(i64),
    Text(String),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a single value: a text, a whole number, true, false or null")
    }
    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Nothing)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Switch(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        let number = i64::try_from(value);
        number.map(Scalar::Number).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        // Past 2^53 a float no longer says which whole number was meant.
        if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
            return Ok(Scalar::Number(value as i64));
        }
        Err(E::invalid_value(Unexpected::Float(value), &self))
    }
    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }
}

impl Scalar {
    /// A number written as one or as decimal digits; an empty text is none.
    fn number<E: Error>(self) -> Result<Option<i64>, E> {
        match self {
            Self::Nothing => Ok(None),
            Self::Number(number) => Ok(Some(number)),
            Self::Text(text) if text.trim().is_empty() => Ok(None),
            Self::Text(text) => {
                let refused = || E::invalid_value(Unexpected::Str(&text), &"a whole number");
                text.trim().parse().map(Some).map_err(|_| refused())
            }
            Self::Switch(switch) => Err(E::invalid_type(Unexpected::Bool(switch), &"a whole number")),
        }
    }
}

impl Wire for u64 {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let Some(number) = Scalar::deserialize(deserializer)?.number()? else { return Ok(None) };
        let refused = |_| D::Error::invalid_value(Unexpected::Signed(number), &"a number not below zero");
        Self::try_from(number).map(Some).map_err(refused)
    }
}

impl Wire for Amount {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Scalar::deserialize(deserializer)?.number()?.map(Self::new).transpose()
    }
}

impl Wire for bool {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let expected = &"true or false";
        match Scalar::deserialize(deserializer)? {
            Scalar::Nothing => Ok(None),
            Scalar::Switch(switch) => Ok(Some(switch)),
            Scalar::Number(0) => Ok(Some(false)),
            Scalar::Number(1) => Ok(Some(true)),
            Scalar::Number(other) => Err(D::Error::invalid_value(Unexpected::Signed(other), expected)),
            Scalar::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "" => Ok(None),
                "true" | "1" => Ok(Some(true)),
                "false" | "0" => Ok(Some(false)),
                _ => Err(D::Error::invalid_value(Unexpected::Str(&text), expected)),
            },
        }
    }
}

impl Wire for String {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(match Scalar::deserialize(deserializer)? {
            Scalar::Nothing => None,
            Scalar::Switch(switch) => Some(switch.to_string()),
            Scalar::Number(number) => Some(number.to_string()),
            Scalar::Text(text) => Some(text),
        })
    }
}

impl Wire for Secret {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        // The text itself would be quoted in an error about its type, so nothing but text and nothing is looked at.
        let text = String::wire(deserializer).map_err(|_| D::Error::custom("is not a text"))?;
        Ok(text.filter(|text| !text.is_empty()).map(Self::new))
    }
}

impl Wire for Uuid {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let Some(text) = String::wire(deserializer)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let refused = || D::Error::invalid_value(Unexpected::Str(&text), &"an APS id, which is a UUID");
        crate::osa::route::aps_id(&text).ok_or_else(refused).map(Some)
    }
}

/// Reads a text as one of a closed set of words, in any case; an empty one is none.
pub(super) fn word<'de, T: Copy, D: Deserializer<'de>>(
    deserializer: D,
    words: &[(&str, T)],
) -> Result<Option<T>, D::Error> {
    let Some(text) = String::wire(deserializer)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
    found.map(|(_, value)| Some(*value)).ok_or_else(|| {
        let allowed: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        D::Error::invalid_value(Unexpected::Str(&text), &allowed.join(", ").as_str())
    })
}
