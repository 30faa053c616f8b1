//! From an answer or a fault to an rpc/encoded envelope, in the encodings the switches ask for.

use std::{collections::VecDeque, fmt::Write};

use chrono::SecondsFormat;

use super::xml::escape_into;
use crate::sim::mozy::{
    switches::{ArrayNames, ArrayRefs, IntEncoding, Switches},
    value::{Name, Parts, Value},
};

/// The namespace of the operations and types.
pub(super) const NAMESPACE: &str = "urn:ActionWebService";

const HEAD: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/""#,
    r#" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/""#,
    r#" xmlns:xsd="http://www.w3.org/2001/XMLSchema""#,
    r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#,
    r#" xmlns:ns1="urn:ActionWebService"><soapenv:Body>"#
);

const TAIL: &str = "</soapenv:Body></soapenv:Envelope>";

/// The answer of a method; nil is an empty response.
pub(in super::super) fn answer(method: &str, value: &Value, switches: &Switches) -> String {
    let mut writer = Writer { out: String::with_capacity(1024), switches, later: VecDeque::new(), ids: 0 };
    writer.out.push_str(HEAD);
    let style = r#"soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/""#;
    let _always_fits = write!(writer.out, "<ns1:{method}Response {style}>");
    match value {
        Value::Nil => {}
        Value::Record(name, fields) => writer.record("return", "", name, fields),
        value => writer.element("return", value),
    }
    let _always_fits = write!(writer.out, "</ns1:{method}Response>");
    writer.referred();
    writer.out.push_str(TAIL);
    writer.out
}

/// A fault.
pub(super) fn fault(text: &str) -> String {
    let mut out = format!("{HEAD}<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>");
    escape_into(&mut out, text);
    out.push_str("</faultstring></soapenv:Fault>");
    out.push_str(TAIL);
    out
}

struct Writer<'a> {
    out: String,
    switches: &'a Switches,
    /// Structs that stand beside the response, with their ids.
    later: VecDeque<(usize, &'a Name, &'a Parts)>,
    ids: usize,
}

impl<'a> Writer<'a> {
    fn element(&mut self, tag: &str, value: &'a Value) {
        match value {
            Value::Nil => self.write(format_args!(r#"<{tag} xsi:nil="true"/>"#)),
            Value::Bool(truth) => self.simple(tag, "boolean", format_args!("{truth}")),
            Value::Int(number) => self.simple(tag, self.int_type(), format_args!("{number}")),
            Value::Time(time) => {
                let text = time.to_rfc3339_opts(SecondsFormat::Secs, true);
                self.simple(tag, "dateTime", format_args!("{text}"));
            }
            Value::Text(text) => {
                self.write(format_args!(r#"<{tag} xsi:type="xsd:string">"#));
                escape_into(&mut self.out, text);
                self.write(format_args!("</{tag}>"));
            }
            Value::List(of, items) => self.list(tag, of, items),
            Value::Record(name, fields) => match self.switches.array_refs {
                ArrayRefs::Inline => self.record(tag, "", name, fields),
                ArrayRefs::MultiReference => self.refer(tag, name, fields),
            },
        }
    }

    fn write(&mut self, text: std::fmt::Arguments) {
        let _always_fits = self.out.write_fmt(text);
    }

    fn simple(&mut self, tag: &str, of: &str, text: std::fmt::Arguments) {
        self.write(format_args!(r#"<{tag} xsi:type="xsd:{of}">{text}</{tag}>"#));
    }

    fn list(&mut self, tag: &str, of: &str, items: &'a [Value]) {
        let item_type = match of {
            "long" => format!("xsd:{}", self.int_type()),
            of => format!("ns1:{of}"),
        };
        let count = items.len();
        self.write(format_args!(
            r#"<{tag} xsi:type="soapenc:Array" soapenc:arrayType="{item_type}[{count}]">"#
        ));
        let item_tag = match self.switches.array_names {
            ArrayNames::Item => "item",
            ArrayNames::TypeName => item_type.split_once(':').map_or("item", |(_, name)| name),
        };
        items.iter().for_each(|item| self.element(item_tag, item));
        self.write(format_args!("</{tag}>"));
    }

    fn record(&mut self, tag: &str, attributes: &str, name: &str, fields: &'a [(Name, Value)]) {
        self.write(format_args!(r#"<{tag}{attributes} xsi:type="ns1:{name}">"#));
        fields.iter().for_each(|(field, value)| self.element(field, value));
        self.write(format_args!("</{tag}>"));
    }

    fn refer(&mut self, tag: &str, name: &'a Name, fields: &'a Parts) {
        self.ids += 1;
        let id = self.ids;
        self.later.push_back((id, name, fields));
        self.write(format_args!(r##"<{tag} href="#id{id}"/>"##));
    }

    fn referred(&mut self) {
        while let Some((id, name, fields)) = self.later.pop_front() {
            self.record("multiRef", &format!(r#" id="id{id}" soapenc:root="0""#), name, fields);
        }
    }

    fn int_type(&self) -> &'static str {
        match self.switches.int_encoding {
            IntEncoding::Int => "int",
            IntEncoding::Long => "long",
        }
    }
}
