//! A small WSDL 1.1 per service, made from the table of operations.

use std::fmt::Write;

use axum::{
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_TYPE, HOST},
    },
    response::{IntoResponse, Response},
};

use super::{
    Door,
    types::{ITEMS, STRUCTS},
    write::NAMESPACE,
    xml::escape_into,
};
use crate::sim::mozy::operation::{Kind, Operation, Part, service_operations};

const SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

/// `GET /api/{version}/{service}/service.wsdl`.
pub(super) async fn serve(
    State(door): State<Door>,
    Path((version, service)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(operations) = service_operations(&service) else { return StatusCode::NOT_FOUND.into_response() };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let mut address = String::new();
    escape_into(&mut address, &format!("{}://{host}/api/{version}/{service}/api", door.scheme));
    let body = describe(&service, operations, &address);
    ([(CONTENT_TYPE, "text/xml; charset=utf-8")], body).into_response()
}

fn describe(service: &str, operations: &[Operation], address: &str) -> String {
    let each = |write: fn(&Operation) -> String| operations.iter().map(write).collect::<String>();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions name="{service}" targetNamespace="{NAMESPACE}" xmlns="http://schemas.xmlsoap.org/wsdl/"
 xmlns:typens="{NAMESPACE}" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="{SOAP}"
 xmlns:soapenc="{ENCODING}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">
<types><xsd:schema targetNamespace="{NAMESPACE}">
<xsd:import namespace="{ENCODING}"/>
{types}</xsd:schema></types>
{messages}<portType name="{service}Port">
{ports}</portType>
<binding name="{service}Binding" type="typens:{service}Port">
<soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
{bindings}</binding>
<service name="{service}Service"><port name="{service}Port" binding="typens:{service}Binding">
<soap:address location="{address}"/></port></service>
</definitions>
"#,
        types = types(operations),
        messages = each(messages),
        ports = each(port),
        bindings = each(binding),
    )
}

fn types(operations: &[Operation]) -> String {
    let structs = STRUCTS.iter().map(|(name, fields)| complex(name, fields.iter().copied()));
    let parts = operations.iter().flat_map(|operation| operation.parts);
    let mut finds: Vec<String> = parts.filter_map(find).collect();
    finds.sort();
    finds.dedup();
    structs.chain(ITEMS.iter().map(|item| array(item))).chain(finds).collect()
}

fn complex<'a>(name: &str, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = format!(r#"<xsd:complexType name="{name}"><xsd:all>"#);
    for (field, of) in fields {
        let of = typed(of);
        let _always_fits = write!(out, r#"<xsd:element name="{field}" type="{of}" nillable="true"/>"#);
    }
    out.push_str("</xsd:all></xsd:complexType>\n");
    out
}

fn find(part: &Part) -> Option<String> {
    match part.kind {
        Kind::Find(name, fields) => {
            Some(complex(name, fields.iter().map(|field| (field.name, kind(field.kind)))))
        }
        _ => None,
    }
}

fn array(item: &str) -> String {
    let of = typed(item);
    format!(
        concat!(
            r#"<xsd:complexType name="ArrayOf{}"><xsd:complexContent><xsd:restriction base="soapenc:Array">"#,
            r#"<xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="{}[]"/>"#,
            "</xsd:restriction></xsd:complexContent></xsd:complexType>\n"
        ),
        item, of
    )
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "long",
        Kind::Text => "string",
        Kind::Bool => "boolean",
        Kind::Time => "dateTime",
        Kind::Ints => "long[]",
        Kind::Texts => "string[]",
        Kind::KeyValues => "KeyValue[]",
        Kind::DefaultQuotas => "DefaultQuota[]",
        Kind::Find(name, _) => name,
    }
}

/// The qualified name of a type.
fn typed(of: &str) -> String {
    match (of.strip_suffix("[]"), of) {
        (Some(item), _) => format!("typens:ArrayOf{item}"),
        (None, "long" | "int" | "string" | "boolean" | "dateTime") => format!("xsd:{of}"),
        (None, of) => format!("typens:{of}"),
    }
}

fn messages(operation: &Operation) -> String {
    let (method, returns) = (operation.method, typed(operation.returns));
    let mut out = format!(r#"<message name="{method}"><part name="api_key" type="xsd:string"/>"#);
    for part in operation.parts {
        let of = typed(kind(part.kind));
        let _always_fits = write!(out, r#"<part name="{}" type="{of}"/>"#, part.name);
    }
    let _always_fits = write!(
        out,
        "</message>\n<message name=\"{method}Response\"><part name=\"return\" type=\"{returns}\"/></message>\n"
    );
    out
}

fn port(operation: &Operation) -> String {
    let method = operation.method;
    format!(
        concat!(
            r#"<operation name="{0}"><input message="typens:{0}"/>"#,
            r#"<output message="typens:{0}Response"/></operation>"#,
            "\n"
        ),
        method
    )
}

fn binding(operation: &Operation) -> String {
    let (service, method) = (operation.service, operation.method);
    let body = format!(r#"<soap:body use="encoded" namespace="{NAMESPACE}" encodingStyle="{ENCODING}"/>"#);
    format!(
        concat!(
            r#"<operation name="{0}"><soap:operation soapAction="/{1}/api/{0}"/>"#,
            "<input>{2}</input><output>{2}</output></operation>\n"
        ),
        method, service, body
    )
}
