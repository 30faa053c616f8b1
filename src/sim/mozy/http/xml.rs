//! XML as a small tree, bounded in depth; no document types, no entities of anybody's own.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

/// The deepest element that is read.
const MAX_DEPTH: usize = 32;

/// An element by its local name; attributes too.
#[derive(Debug, Default)]
pub(in super::super) struct Node {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    /// The value of an attribute by its local name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// The root element, or what is wrong.
pub(in super::super) fn read(xml: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<Node> = vec![Node::default()];
    loop {
        match reader.read_event().map_err(|error| format!("reading the envelope: {error}"))? {
            Event::Start(start) if open.len() <= MAX_DEPTH => open.push(node(&start)?),
            Event::Start(_) => return Err("the envelope is nested too deep".to_owned()),
            Event::Empty(start) => add(&mut open, node(&start)?),
            Event::End(_) => {
                let closed = open.pop().unwrap_or_default();
                add(&mut open, closed);
            }
            Event::Text(text) => write(&mut open, &text.xml10_content()),
            Event::CData(text) => write(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| error.to_string())?;
                match (character, resolve_predefined_entity(&reference)) {
                    (Some(character), _) => write(&mut open, character.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => write(&mut open, text),
                    (None, None) => return Err("the envelope has an unknown entity".to_owned()),
                }
            }
            Event::DocType(_) => return Err("the envelope has a document type".to_owned()),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    let is_whole = open.len() == 1;
    let root = open.pop().and_then(|mut top| top.children.pop());
    root.filter(|_| is_whole).ok_or_else(|| "the envelope ends too early".to_owned())
}

fn add(open: &mut [Node], node: Node) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(node);
    }
}

fn write(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

fn node(start: &BytesStart) -> Result<Node, String> {
    let mut node = Node { name: local(start.name().as_ref()).to_owned(), ..Node::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("reading an attribute: {error}"))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| format!("reading an attribute: {error}"))?;
        node.attributes.push((local(attribute.key.as_ref()).to_owned(), value.into_owned()));
    }
    Ok(node)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Appends text so that XML readers accept it: escaped, without characters XML does not know.
pub(super) fn escape_into(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(character),
            character if character < ' ' || matches!(character, '\u{fffe}' | '\u{ffff}') => {}
            character => out.push(character),
        }
    }
}
