//! The values a request can carry, each knowing the `xsi:type` it is sent with.

use chrono::{DateTime, Utc};

/// A named part of an operation, or a named member of a struct.
pub struct Part<'a> {
    pub(super) name: &'static str,
    pub(super) value: Value<'a>,
}

/// A value as rpc/encoded SOAP knows it.
pub(super) enum Value<'a> {
    /// Not in the envelope at all: only a password that is not to be set (contract, section 1).
    LeftOut,
    /// Unset: "leave as it is". The type is sent all the same.
    Nil(&'static str),
    Text(&'a str),
    /// Text that must never be shown, not even when a fault repeats it.
    Secret(&'a str),
    Int(u64),
    Long(i64),
    Flag(bool),
    Date(DateTime<Utc>),
    Struct(&'static str, Vec<Part<'a>>),
    /// The type of the items, and the items.
    Array(&'static str, Vec<Value<'a>>),
}

pub(super) const STRING: &str = "xsd:string";
pub(super) const INT: &str = "xsd:int";
pub(super) const LONG: &str = "xsd:long";
pub(super) const BOOLEAN: &str = "xsd:boolean";
pub(super) const DATE: &str = "xsd:dateTime";
pub(super) const ARRAY: &str = "soapenc:Array";

/// A key and its value, as `details` are given.
pub type KeyValue<'a> = (&'a str, &'a str);

pub(super) fn part<'a>(name: &'static str, value: Value<'a>) -> Part<'a> {
    Part { name, value }
}

pub(super) fn text<'a>(value: impl Into<Option<&'a str>>) -> Value<'a> {
    value.into().map_or(Value::Nil(STRING), Value::Text)
}

pub(super) fn password(value: Option<&str>) -> Value<'_> {
    value.map_or(Value::LeftOut, Value::Secret)
}

pub(super) fn int<'a>(value: impl Into<Option<u64>>) -> Value<'a> {
    value.into().map_or(Value::Nil(INT), Value::Int)
}

pub(super) fn long<'a>(value: impl Into<Option<i64>>) -> Value<'a> {
    value.into().map_or(Value::Nil(LONG), Value::Long)
}

pub(super) fn flag<'a>(value: impl Into<Option<bool>>) -> Value<'a> {
    value.into().map_or(Value::Nil(BOOLEAN), Value::Flag)
}

pub(super) fn date<'a>(value: Option<DateTime<Utc>>) -> Value<'a> {
    value.map_or(Value::Nil(DATE), Value::Date)
}

/// A find struct: all members in order, or nil as a whole.
pub(super) fn find<'a>(name: &'static str, members: Option<Vec<Part<'a>>>) -> Value<'a> {
    members.map_or(Value::Nil(name), |members| Value::Struct(name, members))
}

/// An array; one without items says nothing and is sent as nil.
fn array<'a>(item: &'static str, items: Vec<Value<'a>>) -> Value<'a> {
    if items.is_empty() { Value::Nil(ARRAY) } else { Value::Array(item, items) }
}

pub(super) fn texts<'a>(items: &[&'a str]) -> Value<'a> {
    array(STRING, items.iter().map(|item| Value::Text(item)).collect())
}

pub(super) fn longs<'a>(items: &[i64]) -> Value<'a> {
    array(LONG, items.iter().map(|item| Value::Long(*item)).collect())
}

pub(super) fn structs<'a>(item: &'static str, items: impl Iterator<Item = Vec<Part<'a>>>) -> Value<'a> {
    array(item, items.map(|members| Value::Struct(item, members)).collect())
}

pub(super) fn key_values<'a>(items: &[KeyValue<'a>]) -> Value<'a> {
    structs(
        "ns1:KeyValue",
        items.iter().map(|(key, value)| vec![part("key", text(*key)), part("value", text(*value))]),
    )
}
