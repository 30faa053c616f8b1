//! The value tree as JSON and back, for the control surface and the call log.

use chrono::SecondsFormat;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::value::{Parts, Value};

impl From<&Value> for Json {
    fn from(value: &Value) -> Json {
        match value {
            Value::Nil => Json::Null,
            Value::Bool(truth) => Json::Bool(*truth),
            Value::Int(number) => Json::from(*number),
            Value::Text(text) => Json::from(text.as_str()),
            Value::Time(time) => Json::from(time.to_rfc3339_opts(SecondsFormat::Millis, true)),
            Value::List(_, items) => items.iter().map(Json::from).collect(),
            Value::Record(_, fields) => Json::Object(object(fields)),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Json::from(self).serialize(serializer)
    }
}

/// Parts as a JSON object.
pub(super) fn object(parts: &Parts) -> Map<String, Json> {
    parts.iter().map(|(name, value)| (name.to_string(), Json::from(value))).collect()
}

/// A JSON object as parts.
pub(super) fn parts_of(object: Map<String, Json>) -> Parts {
    object.into_iter().map(|(name, value)| (name.into(), value_of(value))).collect()
}

/// JSON as a value; serde_json bounds its depth.
fn value_of(json: Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::Text(number.to_string()), Value::Int),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List("anyType".into(), items.into_iter().map(value_of).collect()),
        Json::Object(fields) => Value::Record("Struct".into(), parts_of(fields)),
    }
}
