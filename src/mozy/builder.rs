//! An answer becomes a tree only when it is one whole XML document within its bounds.

use std::borrow::Cow;
use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesRef, Event};

use super::document::{Limits, Malformed, Node, malformed};

/// Attributes of one element: more are refused.
const MAX_ATTRIBUTES: usize = 64;

/// The elements, and those that have an id.
type Parsed<'a> = (Vec<Node<'a>>, HashMap<&'a str, u32>);

/// The elements of `body`, the root first, and those that have an id.
pub(super) fn parse<'a>(body: &'a [u8], limits: &Limits) -> Result<Parsed<'a>, Malformed> {
    let Ok(xml) = std::str::from_utf8(body) else { return malformed("it is not utf-8") };
    let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml);
    if xml.len() > limits.bytes {
        return malformed(format!("it is larger than {} bytes", limits.bytes));
    }
    let limits = Limits { nodes: limits.nodes_of(xml.len()), ..*limits };
    let mut builder = Builder { xml, limits, ..Builder::default() };
    let mut reader = Reader::from_str(xml);
    loop {
        let start = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Eof) => return builder.finish(),
            Ok(event) => builder.take(event, start)?,
            Err(error) => {
                return malformed(format!("xml is broken at byte {start}: {}", kind_of(&error)));
            }
        }
    }
}

/// The parser's own words may quote the answer, so only the kind of error is told.
fn kind_of(error: &quick_xml::Error) -> &'static str {
    match error {
        quick_xml::Error::Syntax(_) => "markup that does not end",
        quick_xml::Error::IllFormed(_) => "tags or references that do not match",
        quick_xml::Error::InvalidAttr(_) => "a malformed attribute",
        quick_xml::Error::Escape(_) => "a malformed character reference",
        _ => "not well-formed",
    }
}

#[derive(Default)]
struct Builder<'a> {
    xml: &'a str,
    limits: Limits,
    nodes: Vec<Node<'a>>,
    ids: HashMap<&'a str, u32>,
    /// The open elements, each with the last of its children.
    open: Vec<(u32, Option<u32>)>,
}

impl<'a> Builder<'a> {
    fn take(&mut self, event: Event<'a>, start: u64) -> Result<(), Malformed> {
        match event {
            Event::Start(tag) => {
                let index = self.add(start, tag.len(), tag.name().into_inner().len())?;
                self.open.push((index, None));
                if self.open.len() > self.limits.depth {
                    return malformed(format!("it is nested deeper than {} elements", self.limits.depth));
                }
            }
            Event::Empty(tag) => {
                self.add(start, tag.len(), tag.name().into_inner().len())?;
            }
            Event::End(_) => {
                self.open.pop();
            }
            Event::Text(text) => self.text(text.xml10_content())?,
            Event::CData(text) => self.text(text.xml10_content())?,
            Event::GeneralRef(reference) => self.text(Cow::Owned(character(&reference)?.to_string()))?,
            Event::DocType(_) => return malformed("it has a document type, which is refused"),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    /// Adds the element whose tag begins at `start`, in front of which stands the `<`.
    fn add(&mut self, start: u64, tag_len: usize, name_len: usize) -> Result<u32, Malformed> {
        let from = usize::try_from(start).unwrap_or(usize::MAX).saturating_add(1);
        let Some(tag) = self.xml.get(from..from.saturating_add(tag_len)) else {
            return malformed("a broken tag");
        };
        let index = match u32::try_from(self.nodes.len()) {
            Ok(index) if self.nodes.len() < self.limits.nodes => index,
            _ => return malformed(format!("it has more than {} elements", self.limits.nodes)),
        };
        let mut node = Node { name: local(tag.get(..name_len).unwrap_or(tag)), ..Node::default() };
        self.attributes(tag, name_len, &mut node, index)?;
        self.link(index)?;
        self.nodes.push(node);
        Ok(index)
    }

    fn link(&mut self, index: u32) -> Result<(), Malformed> {
        match self.open.last_mut() {
            Some((parent, last)) => {
                let previous = last.replace(index);
                let before = self.nodes.get_mut(previous.unwrap_or(*parent) as usize);
                if let Some(node) = before {
                    *(if previous.is_some() { &mut node.next } else { &mut node.first }) = Some(index);
                }
                Ok(())
            }
            None if index == 0 => Ok(()),
            None => malformed("it has more than one root element"),
        }
    }

    /// The few attributes that mean something; types and namespaces do not.
    fn attributes(
        &mut self,
        tag: &'a str,
        name_len: usize,
        node: &mut Node<'a>,
        index: u32,
    ) -> Result<(), Malformed> {
        // The parser's own check for duplicates is quadratic.
        for (count, attribute) in Attributes::new(tag, name_len).with_checks(false).enumerate() {
            let (Ok(attribute), true) = (attribute, count < MAX_ATTRIBUTES) else {
                return malformed("an element has a malformed attribute, or too many");
            };
            let Cow::Borrowed(value) = attribute.value else { continue };
            match local(attribute.key.into_inner()) {
                "nil" | "null" => node.nil = matches!(value, "true" | "1"),
                "href" => node.href = Some(value),
                "root" => node.detached = value == "0",
                "id" if self.ids.insert(value, index).is_some() => {
                    return malformed("two elements have the same id");
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Malformed> {
        let Some((open, _)) = self.open.last() else {
            return if text.trim().is_empty() {
                Ok(())
            } else {
                malformed("it has text outside of its root element")
            };
        };
        if let Some(node) = self.nodes.get_mut(*open as usize) {
            if node.text.is_empty() {
                node.text = legal(text)
            } else {
                node.text.to_mut().push_str(&legal(text))
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Parsed<'a>, Malformed> {
        match (self.open.is_empty(), self.nodes.is_empty()) {
            (false, _) => malformed("it is cut off"),
            (_, true) => malformed("it is empty"),
            _ => Ok((self.nodes, self.ids)),
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// One of the five predefined entities or a numbered character. Nothing else can be defined without a DTD.
fn character(reference: &BytesRef<'_>) -> Result<char, Malformed> {
    match (&**reference, reference.resolve_char_ref()) {
        (_, Ok(Some(c))) => Ok(c),
        ("amp", _) => Ok('&'),
        ("lt", _) => Ok('<'),
        ("gt", _) => Ok('>'),
        ("quot", _) => Ok('"'),
        ("apos", _) => Ok('\''),
        _ => malformed("it has an unknown entity"),
    }
}

/// Characters that XML does not allow are shown as replaced: one odd name must not hide a whole account.
fn legal(text: Cow<'_, str>) -> Cow<'_, str> {
    let illegal = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    if text.contains(illegal) { Cow::Owned(text.replace(illegal, "\u{fffd}")) } else { text }
}
