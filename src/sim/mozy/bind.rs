//! From the parts as sent to the arguments as declared: by name or strictly by order, each coerced to its kind.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{
    fault::Fault,
    operation::{Kind, Operation, Part, part},
    switches::ArgumentBinding,
    value::{Parts, Value},
};

const KEY_VALUE: [Part; 2] = [part("key", Kind::Text), part("value", Kind::Text)];
const DEFAULT_QUOTA: [Part; 2] = [part("type", Kind::Text), part("quota", Kind::Int)];

/// One value per declared part.
pub(super) fn bind(op: &Operation, sent: Parts, how: ArgumentBinding) -> Result<Vec<Value>, Fault> {
    let mut slots = vec![Value::Nil; op.parts.len()];
    for (at, value) in places(op, sent, how)? {
        slots[at] = coerce(&op.parts[at], &value)?;
    }
    let missing = op.parts.iter().zip(&slots).find(|(part, value)| part.required && value.is_nil());
    match missing {
        Some((part, _)) => Err(Fault::invalid(format!("{} is missing", part.name))),
        None => Ok(slots),
    }
}

fn places(op: &Operation, sent: Parts, how: ArgumentBinding) -> Result<Vec<(usize, Value)>, Fault> {
    if how == ArgumentBinding::ByName {
        let place = |name: &str| op.parts.iter().position(|part| part.name == name);
        return Ok(sent.into_iter().filter_map(|(name, value)| Some((place(&name)?, value))).collect());
    }
    let slots = positions(op, &sent);
    if sent.len() > slots.len() {
        return Err(Fault::invalid(format!(
            "wrong number of arguments ({} for {})",
            sent.len(),
            slots.len()
        )));
    }
    Ok(slots.into_iter().zip(sent.into_iter().map(|(_, value)| value)).collect())
}

/// The declared places in order. A password that is not set has no place, for clients leave it out (section 1).
fn positions(op: &Operation, sent: &Parts) -> Vec<usize> {
    let is_sent = |part: &Part| sent.iter().any(|(name, _)| name == part.name);
    let has_place = |at: &usize| !op.parts[*at].is_secret() || is_sent(&op.parts[*at]);
    (0..op.parts.len()).filter(has_place).collect()
}

/// How the parts sent differ from what section 1 says clients send: all of them, by name, in order.
pub(super) fn deviation(op: &Operation, sent: &Parts) -> Option<String> {
    let expected: Vec<&str> = positions(op, sent).into_iter().map(|at| op.parts[at].name).collect();
    let names: Vec<&str> = sent.iter().map(|(name, _)| name.as_ref()).collect();
    (expected != names).then(|| format!("expected {}, got {}", expected.join(" "), names.join(" ")))
}

fn coerce(part: &Part, value: &Value) -> Result<Value, Fault> {
    let coerced = match (part.kind, value) {
        (_, Value::Nil) => Some(Value::Nil),
        (Kind::Int, value) => integer(value),
        (Kind::Text, Value::Text(text)) => Some(Value::Text(text.clone())),
        (Kind::Text, Value::Int(number)) => Some(Value::Text(number.to_string())),
        (Kind::Text, Value::Bool(truth)) => Some(Value::Text(truth.to_string())),
        (Kind::Bool, value) => truth(value),
        (Kind::Time, value) => time(value),
        (Kind::Ints, value) => Some(list("int", Kind::Int, value)?),
        (Kind::Texts, value) => Some(list("string", Kind::Text, value)?),
        (Kind::KeyValues, value) => Some(list("KeyValue", Kind::Find("KeyValue", &KEY_VALUE), value)?),
        (Kind::DefaultQuotas, value) => {
            Some(list("DefaultQuota", Kind::Find("DefaultQuota", &DEFAULT_QUOTA), value)?)
        }
        (Kind::Find(name, fields), value) => Some(record(name, fields, value)?),
        _ => None,
    };
    coerced.ok_or_else(|| Fault::invalid(format!("{} is not of its type", part.name)))
}

fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Int(number) => Some(Value::Int(*number)),
        Value::Text(text) => text.trim().parse().ok().map(Value::Int),
        _ => None,
    }
}

fn truth(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(truth) => Some(Value::Bool(*truth)),
        Value::Int(number @ (0 | 1)) => Some(Value::Bool(*number == 1)),
        Value::Text(text) => match text.trim() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

/// `xsd:dateTime`; without a zone it is UTC.
fn time(value: &Value) -> Option<Value> {
    match value {
        Value::Time(time) => Some(Value::Time(*time)),
        Value::Text(text) => {
            let zoned = DateTime::parse_from_rfc3339(text.trim()).map(|time| time.with_timezone(&Utc));
            let bare = || text.trim().parse::<NaiveDateTime>().map(|time| time.and_utc());
            zoned.or_else(|_| bare()).ok().map(Value::Time)
        }
        _ => None,
    }
}

fn list(of: &'static str, kind: Kind, value: &Value) -> Result<Value, Fault> {
    let is_empty_text = value.text().is_some_and(|text| text.trim().is_empty());
    if !is_empty_text && !matches!(value, Value::List(..) | Value::Record(..)) {
        return Err(Fault::invalid(format!("an array of {of} is not an array")));
    }
    let item = part(of, kind);
    let items = value.items().into_iter().map(|value| coerce(&item, value));
    Ok(Value::List(of.into(), items.collect::<Result<_, _>>()?))
}

/// A search with the fields it knows; others are ignored, as are all of an empty element.
fn record(name: &'static str, fields: &'static [Part], value: &Value) -> Result<Value, Fault> {
    let known = fields.iter().filter_map(|field| Some((field, value.get(field.name)?)));
    let coerced = known.map(|(field, value)| Ok((field.name.into(), coerce(field, value)?)));
    Ok(Value::Record(name.into(), coerced.collect::<Result<_, Fault>>()?))
}
