//! As much of JSON Schema as our document uses: whether a value is what a schema says.

use serde_json::Value;

/// What is wrong with `value`, each with its place; `document` is where references lead.
pub fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    Checker { document }.check(schema, value, "answer", &mut faults);
    faults
}

/// The schema, or whatever else, that a reference leads to.
pub fn resolve<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    match node["$ref"].as_str() {
        None => node,
        Some(reference) => {
            let place = reference.strip_prefix('#').expect("a reference into the document");
            document.pointer(place).unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
    }
}

struct Checker<'a> {
    document: &'a Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        let schema = resolve(self.document, schema);
        if let Some(any) = schema["anyOf"].as_array() {
            let fits = |one: &Value| faults_of(self, one, value).is_empty();
            if !any.iter().any(fits) {
                faults.push(format!("{place} fits none of {any:?}: {value}"));
            }
        }
        if !schema["type"].is_null() && !is(&schema["type"], value) {
            faults.push(format!("{place} is no {}: {value}", schema["type"]));
        }
        if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
            faults.push(format!("{place} is none of {}: {value}", schema["enum"]));
        }
        if let Some(text) = value.as_str() {
            self.format(schema["format"].as_str().unwrap_or_default(), text, place, faults);
        }
        self.members(schema, value, place, faults);
        for (at, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&schema["items"], item, &format!("{place}[{at}]"), faults);
        }
    }

    fn format(&self, format: &str, text: &str, place: &str, faults: &mut Vec<String>) {
        let good = match format {
            "" => true,
            "uuid" => uuid::Uuid::parse_str(text).is_ok(),
            "date-time" => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            other => panic!("the format {other} is not known here"),
        };
        if !good {
            faults.push(format!("{place} is no {format}: {text:?}"));
        }
    }

    fn members(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        let Some(members) = value.as_object() else { return };
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                faults.push(format!("{place} lacks {name}"));
            }
        }
        for (name, member) in members {
            match schema["properties"].get(name) {
                Some(property) => self.check(property, member, &format!("{place}.{name}"), faults),
                None if schema["additionalProperties"] == false => {
                    faults.push(format!("{place} has {name}, which nobody described"));
                }
                None => {}
            }
        }
    }
}

fn faults_of(checker: &Checker<'_>, schema: &Value, value: &Value) -> Vec<String> {
    faults(checker.document, schema, value)
}

/// Whether a value is of a type, or of one of several.
fn is(kind: &Value, value: &Value) -> bool {
    let of = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not known here"),
    };
    match kind.as_array() {
        Some(kinds) => kinds.iter().filter_map(Value::as_str).any(of),
        None => kind.as_str().is_some_and(of),
    }
}

#[test]
fn a_wrong_value_is_noticed() {
    let document = serde_json::json!({"Id": {"type": "string", "format": "uuid"}, "Thing": {
        "type": "object", "required": ["id", "n"], "additionalProperties": false,
        "properties": {"id": {"$ref": "#/Id"}, "n": {"type": ["integer", "null"]}, "k": {"enum": ["a", "b"]}}
    }});
    let faults = |value: Value| faults(&document, &document["Thing"], &value);
    let id = uuid::Uuid::nil();
    assert_eq!(faults(serde_json::json!({"id": id, "n": null, "k": "a"})), Vec::<String>::new());
    for (wrong, told) in [
        (serde_json::json!({"id": id}), "answer lacks n"),
        (serde_json::json!({"id": "x", "n": 1}), "answer.id is no uuid"),
        (serde_json::json!({"id": id, "n": 1.5}), "answer.n is no"),
        (serde_json::json!({"id": id, "n": 1, "k": "c"}), "answer.k is none of"),
        (serde_json::json!({"id": id, "n": 1, "m": 1}), "answer has m"),
        (serde_json::json!([]), "answer is no"),
    ] {
        assert!(faults(wrong.clone()).iter().any(|fault| fault.starts_with(told)), "{wrong}");
    }
}
