//! The simulator's own value tree: what a call brings and what an answer carries, before any XML.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

/// A name that is mostly known when the program is built.
pub type Name = Cow<'static, str>;

/// One value of a call or an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `xsi:nil`: not set, "leave as it is".
    Nil,
    /// `xsd:boolean`.
    Bool(bool),
    /// `xsd:int` or `xsd:long`.
    Int(i64),
    /// `xsd:string`; also a number whose type the sender did not say.
    Text(String),
    /// `xsd:dateTime`.
    Time(DateTime<Utc>),
    /// `soapenc:Array`: the type of its items, and the items.
    List(Name, Vec<Value>),
    /// A struct: the name of its type, and its fields in order.
    Record(Name, Vec<(Name, Value)>),
}

/// The parts of one call, in the order they were sent.
pub type Parts = Vec<(Name, Value)>;

/// Makes the parts of a call, for callers of the in-process door.
pub fn parts<const N: usize>(given: [(&'static str, Value); N]) -> Parts {
    given.into_iter().map(|(name, value)| (Name::from(name), value)).collect()
}

impl Value {
    /// A struct of type `name`.
    pub fn record<const N: usize>(name: &'static str, fields: [(&'static str, Value); N]) -> Value {
        Value::Record(name.into(), parts(fields))
    }

    /// An array whose items are of type `of`.
    pub fn list(of: &'static str, items: impl IntoIterator<Item = Value>) -> Value {
        Value::List(of.into(), items.into_iter().collect())
    }

    /// A `KeyValue[]`, as `details` are.
    pub fn details<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
        let pair = |(key, value): (&str, &str)| {
            Value::record("KeyValue", [("key", key.into()), ("value", value.into())])
        };
        Value::list("KeyValue", pairs.into_iter().map(pair))
    }

    /// The field of a struct, by name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Record(_, fields) => fields.iter().find(|(n, _)| n == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The items of an array, or the fields of a struct without their names; nothing for all else.
    pub fn items(&self) -> Vec<&Value> {
        match self {
            Value::List(_, items) => items.iter().collect(),
            Value::Record(_, fields) => fields.iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }

    /// The items of `results` in a `{size, results[]}`.
    pub fn results(&self) -> Vec<&Value> {
        self.get("results").map(Value::items).unwrap_or_default()
    }

    /// The number, if it is one.
    pub fn int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(time: DateTime<Utc>) -> Value {
        Value::Time(time)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(given: Option<T>) -> Value {
        given.map_or(Value::Nil, Into::into)
    }
}
