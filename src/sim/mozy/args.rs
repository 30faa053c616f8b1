//! The bound arguments of a call: every part in declared order, each of its declared kind.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{fault::Fault, operation::Part, value::Value};

/// The arguments, or the fields of a search.
#[derive(Clone, Copy)]
pub(super) struct Args<'a> {
    parts: &'static [Part],
    values: &'a [Value],
}

impl<'a> Args<'a> {
    /// The values stand where the parts stand.
    pub fn new(parts: &'static [Part], values: &'a [Value]) -> Args<'a> {
        Args { parts, values }
    }

    /// The value of a part; nil when it was not sent.
    fn value(&self, name: &str) -> &'a Value {
        let at = self.parts.iter().position(|part| part.name == name);
        debug_assert!(at.is_some(), "{name} is no part of this operation");
        at.and_then(|at| self.values.get(at)).unwrap_or(&Value::Nil)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.value(name).int()
    }

    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name).text()
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub fn bool(&self, name: &str) -> Option<bool> {
        self.value(name).bool()
    }

    pub fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        match self.value(name) {
            Value::Time(time) => Some(*time),
            _ => None,
        }
    }

    /// A number that must be there.
    pub fn need_int(&self, name: &str) -> Result<i64, Fault> {
        self.int(name).ok_or_else(|| Fault::invalid(format!("{name} is missing")))
    }

    /// A text that must be there.
    pub fn need_text(&self, name: &str) -> Result<&'a str, Fault> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Fault::invalid(format!("{name} is missing")))
    }

    pub fn ints(&self, name: &str) -> Vec<i64> {
        self.value(name).items().into_iter().filter_map(Value::int).collect()
    }

    /// Whether a list of words names this one.
    pub fn asks_for(&self, name: &str, word: &str) -> bool {
        self.value(name).items().into_iter().any(|item| item.text() == Some(word))
    }

    /// `KeyValue[]`; an item without a value sets an empty one.
    pub fn details(&self, name: &str) -> BTreeMap<String, String> {
        let text = |item: &Value, field| item.get(field).and_then(Value::text).unwrap_or_default().to_owned();
        let items = self.value(name).items().into_iter();
        items
            .map(|item| (text(item, "key"), text(item, "value")))
            .filter(|(key, _)| !key.is_empty())
            .collect()
    }

    /// `DefaultQuota[]`, where given.
    pub fn quotas(&self, name: &str) -> Option<BTreeMap<String, i64>> {
        let given = self.value(name);
        let quota = |item: &Value| {
            let kind = item.get("type").and_then(Value::text)?;
            Some((kind.to_owned(), item.get("quota").and_then(Value::int)?))
        };
        (!given.is_nil()).then(|| given.items().into_iter().filter_map(quota).collect())
    }

    /// One field of the search struct, as a number.
    pub fn find_int(&self, field: &str) -> Option<i64> {
        self.value("search").get(field).and_then(Value::int)
    }

    /// One field of the search struct, as text.
    pub fn find_text(&self, field: &str) -> Option<&'a str> {
        self.value("search").get(field).and_then(Value::text)
    }

    /// One field of the search struct, as a truth.
    pub fn find_bool(&self, field: &str) -> Option<bool> {
        self.value("search").get(field).and_then(Value::bool)
    }
}
