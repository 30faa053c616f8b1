//! An element of an answer, seen through its references; every way of reading it is bounded.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::document::{Document, Malformed, Node, malformed};
use super::text::shorten;

/// A reference to a reference to a … ends here, and so does every cycle.
const MAX_HOPS: usize = 16;

/// An element and the document it belongs to.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    /// The element as it stands in its parent, which gives it its name.
    index: u32,
}

impl<'d> Element<'d> {
    pub(super) fn new<'a: 'd>(document: &'d Document<'a>, index: u32) -> Self {
        Element { document, index }
    }

    /// The name without its prefix.
    pub(super) fn name(&self) -> &'d str {
        self.document.node(self.index).map_or("", |node| node.name)
    }

    /// In a SOAP body only to be referred to.
    pub(super) fn is_detached(&self) -> bool {
        self.document.node(self.index).is_some_and(|node| node.detached)
    }

    /// The node that holds the content, however many references away.
    fn content(&self) -> Result<&'d Node<'d>, Malformed> {
        let mut index = self.index;
        for _ in 0..MAX_HOPS {
            let Some(node) = self.document.node(index) else { break };
            let Some(href) = node.href else { return Ok(node) };
            let target = href.strip_prefix('#').and_then(|id| self.document.by_id(id));
            let Some(target) = target else { return self.wrong("refers to something that is not there") };
            index = target;
        }
        self.wrong("refers to itself")
    }

    /// Whether it says "no value".
    pub(super) fn is_nil(&self) -> Result<bool, Malformed> {
        Ok(self.content()?.nil)
    }

    /// The children, whatever their names.
    pub(super) fn children(&self) -> Result<Children<'d>, Malformed> {
        let node = self.content()?;
        if node.first.is_none() && !node.nil && !node.text.trim().is_empty() {
            return self.wrong("is text where a structure is expected");
        }
        Ok(Children { document: self.document, next: if node.nil { None } else { node.first } })
    }

    /// The text; none when nil.
    pub(super) fn text(&self) -> Result<Option<String>, Malformed> {
        Ok(self.text_ref()?.map(str::to_owned))
    }

    fn text_ref(&self) -> Result<Option<&'d str>, Malformed> {
        let node = self.content()?;
        if node.first.is_some() && !node.nil {
            return self.wrong("is a structure where text is expected");
        }
        self.document.pay(node.text.len())?;
        Ok(if node.nil { None } else { Some(&node.text) })
    }

    /// What stands there without surrounding space; none when nil or empty.
    fn word(&self) -> Result<Option<&'d str>, Malformed> {
        Ok(self.text_ref()?.map(str::trim).filter(|word| !word.is_empty()))
    }

    /// A whole number of either size; none when nil or empty.
    pub(super) fn number(&self) -> Result<Option<i64>, Malformed> {
        match self.word()?.map(i64::from_str) {
            None => Ok(None),
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => self.wrong("is not a whole number of 64 bits"),
        }
    }

    /// A truth value; none when nil or empty.
    pub(super) fn flag(&self) -> Result<Option<bool>, Malformed> {
        match self.word()? {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => self.wrong("is neither true nor false"),
        }
    }

    /// A point in time, UTC unless it says otherwise. Dates are only ever shown, so one that cannot be read is none.
    pub(super) fn date(&self) -> Result<Option<DateTime<Utc>>, Malformed> {
        let Some(word) = self.word()? else { return Ok(None) };
        let zoned = DateTime::parse_from_rfc3339(word).map(|date| date.to_utc());
        let local = || NaiveDateTime::parse_from_str(word, "%Y-%m-%dT%H:%M:%S%.f").map(|date| date.and_utc());
        Ok(zoned.or_else(|_| local()).ok())
    }

    /// A word of an open list, of which we know some; none when nil or not known to us.
    pub(super) fn choice<T>(&self, known: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Malformed> {
        Ok(self.word()?.and_then(known))
    }

    /// The items of an array; none of them when nil.
    pub(super) fn items<T>(
        &self,
        read: impl Fn(Element<'d>) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        self.children()?.map(|item| read(item?)).collect()
    }

    /// What this struct cannot be without.
    pub(super) fn require<T>(&self, field: &str, value: Option<T>) -> Result<T, Malformed> {
        value.map_or_else(|| self.wrong(&format!("has no {field}")), Ok)
    }

    fn wrong<T>(&self, problem: &str) -> Result<T, Malformed> {
        malformed(format!("element {:?} {problem}", shorten(self.name(), 60)))
    }
}

/// The children of an element.
pub(super) struct Children<'d> {
    document: &'d Document<'d>,
    next: Option<u32>,
}

impl<'d> Iterator for Children<'d> {
    type Item = Result<Element<'d>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next?;
        if let Err(exhausted) = self.document.pay(1) {
            self.next = None;
            return Some(Err(exhausted));
        }
        self.next = self.document.node(index)?.next;
        Some(Ok(Element { document: self.document, index }))
    }
}
