//! From an rpc/encoded envelope to the method and its parts. Names of types are not asked.

use std::collections::HashMap;

use super::xml::{self, Node};
use crate::sim::mozy::{
    fault::Fault,
    value::{Parts, Value},
};

/// The most values that one request may unfold to through references.
const MAX_VALUES: usize = 100_000;

/// The deepest chain of references.
const MAX_DEPTH: usize = 32;

/// A request as it came.
#[derive(Debug)]
pub(in super::super) struct Request {
    pub method: String,
    pub api_key: String,
    /// Without the api key.
    pub parts: Parts,
}

/// Reads an envelope. The api key is the first part, or where `by_name` the one that is called so.
pub(in super::super) fn read(body: &[u8], by_name: bool) -> Result<Request, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::invalid("the envelope is not UTF-8"))?;
    let envelope = xml::read(text).map_err(Fault::invalid)?;
    let is_envelope = envelope.name == "Envelope";
    let body = envelope.child("Body").filter(|_| is_envelope);
    let body = body.ok_or_else(|| Fault::invalid("that is no SOAP envelope"))?;
    let call = body.children.first().ok_or_else(|| Fault::invalid("the SOAP body is empty"))?;
    let mut parts = Decoder::new(body).parts(call)?;
    let at = if by_name { parts.iter().position(|(name, _)| name == "api_key") } else { Some(0) };
    let key = at.filter(|at| *at < parts.len()).map(|at| parts.remove(at).1);
    let api_key = key.as_ref().and_then(Value::text).unwrap_or_default().to_owned();
    Ok(Request { method: call.name.clone(), api_key, parts })
}

struct Decoder<'a> {
    targets: HashMap<&'a str, &'a Node>,
    left: usize,
}

impl<'a> Decoder<'a> {
    fn new(body: &'a Node) -> Decoder<'a> {
        let mut targets = HashMap::new();
        let mut todo = vec![body];
        while let Some(node) = todo.pop() {
            targets.extend(node.attribute("id").map(|id| (id, node)));
            todo.extend(&node.children);
        }
        Decoder { targets, left: MAX_VALUES }
    }

    fn parts(&mut self, call: &'a Node) -> Result<Parts, Fault> {
        let value = |child: &'a Node| Ok((child.name.clone().into(), self.value(child, 0)?));
        call.children.iter().map(value).collect()
    }

    fn value(&mut self, node: &'a Node, depth: usize) -> Result<Value, Fault> {
        if depth > MAX_DEPTH || self.left == 0 {
            return Err(Fault::invalid("the envelope unfolds without end"));
        }
        self.left -= 1;
        if let Some(href) = node.attribute("href") {
            let target = self.targets.get(href.trim_start_matches('#')).copied();
            let target = target.ok_or_else(|| Fault::invalid(format!("nothing has the id {href}")))?;
            return self.value(target, depth + 1);
        }
        if node.attribute("nil").is_some_and(|nil| matches!(nil, "true" | "1")) {
            return Ok(Value::Nil);
        }
        let children = node.children.iter();
        let fields = children.map(|child| Ok((child.name.clone().into(), self.value(child, depth + 1)?)));
        let fields = fields.collect::<Result<Parts, Fault>>()?;
        Ok(match (is_array(node), fields.is_empty()) {
            (true, _) => Value::List("anyType".into(), fields.into_iter().map(|(_, value)| value).collect()),
            (false, true) => Value::Text(node.text.clone()),
            (false, false) => Value::Record("Struct".into(), fields),
        })
    }
}

fn is_array(node: &Node) -> bool {
    let is_named = node.attribute("type").is_some_and(|of| of == "Array" || of.ends_with(":Array"));
    is_named || node.attribute("arrayType").is_some()
}
