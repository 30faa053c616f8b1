//! A property of a `PUT` that is not there stays as it is; one that is there, changes, or is emptied.

use serde::{Deserialize, Deserializer};

/// A property as it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// It was not there.
    #[default]
    Keep,
    /// It was there and empty: `null`, and an empty text where a text means nothing.
    Clear,
    /// It was there.
    Set(T),
}

impl<T> Patch<T> {
    /// The value, if one was sent.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The value itself, if one was sent.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// What was said, if anything was: a value, or that there is none.
    pub fn said(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }

    /// What holds afterwards, if `current` held before.
    pub fn over(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// A value in all the forms in which it may be written.
pub(super) trait Wire: Sized {
    /// Reads it; `None` if what is written means that there is none.
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
}

impl<'de, T: Wire> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(T::wire(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// For `#[serde(deserialize_with)]` where present and absent need not be told apart.
pub(super) fn optional<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::wire(deserializer)
}

/// For `#[serde(deserialize_with)]` where `null` is as good as absent.
pub(super) fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// For `#[serde(deserialize_with)]` where there must be a value.
pub(super) fn required<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::wire(deserializer)?.ok_or_else(|| serde::de::Error::custom("is empty; it must have a value"))
}
