//! A request is written as one rpc/encoded SOAP 1.1 envelope that servers binding by name and by order both read.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::operation::Operation;
use super::value::{ARRAY, BOOLEAN, DATE, INT, LONG, Part, STRING, Value};

const OPEN: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/""#,
    r#" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/""#,
    r#" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#,
    r#" soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><soapenv:Body>"#,
);
const CLOSE: &str = "</soapenv:Body></soapenv:Envelope>";

/// The envelope of `operation` with `parts` in their order, `api_key` first among them.
///
/// # Errors
/// Which part holds a character or a number that SOAP cannot carry. The value itself is not repeated.
pub(super) fn write(operation: Operation, namespace: &str, parts: &[Part<'_>]) -> Result<String, String> {
    let method = operation.method();
    let mut xml = String::with_capacity(2048);
    xml.push_str(OPEN);
    // Writing to a String cannot fail, so the results of write! say nothing.
    let _ = write!(xml, r#"<ns1:{method} xmlns:ns1="{}">"#, escape(namespace));
    for part in parts {
        element(&mut xml, part.name, &part.value)?;
    }
    let _ = write!(xml, "</ns1:{method}>");
    xml.push_str(CLOSE);
    Ok(xml)
}

fn element(xml: &mut String, name: &str, value: &Value<'_>) -> Result<(), String> {
    match value {
        Value::LeftOut => {}
        Value::Nil(kind) => {
            let _ = write!(xml, r#"<{name} xsi:type="{kind}" xsi:nil="true"/>"#);
        }
        Value::Text(text) | Value::Secret(text) => leaf(xml, name, STRING, &escaped(name, text)?),
        Value::Int(number) => leaf(xml, name, INT, &int(name, *number)?),
        Value::Long(number) => leaf(xml, name, LONG, &number.to_string()),
        Value::Flag(flag) => leaf(xml, name, BOOLEAN, if *flag { "true" } else { "false" }),
        Value::Date(date) => leaf(xml, name, DATE, &date.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        Value::Struct(kind, members) => structure(xml, name, kind, members)?,
        Value::Array(kind, items) => array(xml, name, kind, items)?,
    }
    Ok(())
}

fn leaf(xml: &mut String, name: &str, kind: &str, content: &str) {
    let _ = write!(xml, r#"<{name} xsi:type="{kind}">{content}</{name}>"#);
}

fn structure(xml: &mut String, name: &str, kind: &str, members: &[Part<'_>]) -> Result<(), String> {
    let _ = write!(xml, r#"<{name} xsi:type="{kind}">"#);
    for member in members {
        element(xml, member.name, &member.value)?;
    }
    let _ = write!(xml, "</{name}>");
    Ok(())
}

fn array(xml: &mut String, name: &str, kind: &str, items: &[Value<'_>]) -> Result<(), String> {
    let count = items.len();
    let _ = write!(xml, r#"<{name} xsi:type="{ARRAY}" soapenc:arrayType="{kind}[{count}]">"#);
    for item in items {
        element(xml, "item", item)?;
    }
    let _ = write!(xml, "</{name}>");
    Ok(())
}

fn int(name: &str, number: u64) -> Result<String, String> {
    match i32::try_from(number) {
        Ok(number) => Ok(number.to_string()),
        Err(_) => Err(format!("{name} {number} is more than an xsd:int holds")),
    }
}

/// XML 1.0 has no way at all to write most control characters, not even as references.
fn escaped<'a>(name: &str, text: &'a str) -> Result<std::borrow::Cow<'a, str>, String> {
    let unknown =
        |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    match text.chars().find(|c| unknown(*c)) {
        Some(c) => {
            Err(format!("{name} holds the character U+{:04X}, which xml cannot carry; remove it", c as u32))
        }
        None => Ok(escape(text)),
    }
}
