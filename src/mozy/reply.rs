//! What a method returned, or the fault it ended in; lists are whole or they are errors.

use super::document::{Document, Malformed, malformed};
use super::element::Element;

/// The body of an answer.
pub(super) enum Answer<'d> {
    /// The method returned.
    Reply(Reply<'d>),
    /// The fault string, or failing that the fault code.
    Fault(String),
}

/// The result of a method, if it returned any.
pub struct Reply<'d>(Option<Element<'d>>);

impl<'d> Answer<'d> {
    /// Finds the body of the envelope, and in it a fault or else the result.
    pub(super) fn of(document: &'d Document<'d>) -> Result<Self, Malformed> {
        let envelope = document.root();
        if envelope.name() != "Envelope" {
            return malformed("it is xml, but not a soap envelope");
        }
        let Some(body) = child(envelope, "Body")? else {
            return malformed("it is a soap envelope without a body");
        };
        if let Some(fault) = child(body, "Fault")? {
            return Ok(Answer::Fault(fault_text(fault)));
        }
        let wrapper = first(body, |element| !element.is_detached())?;
        let Some(wrapper) = wrapper else { return Ok(Answer::Reply(Reply(None))) };
        let result = match child(wrapper, "return")? {
            Some(result) => Some(result),
            None => first(wrapper, |_| true)?,
        };
        Ok(Answer::Reply(Reply(result)))
    }
}

impl<'d> Reply<'d> {
    fn result(&self) -> Result<Element<'d>, Malformed> {
        match self.0 {
            Some(result) if !result.is_nil()? => Ok(result),
            _ => malformed("it returns nothing"),
        }
    }

    /// The id of what was created.
    pub(super) fn id(&self) -> Result<i64, Malformed> {
        self.result()?.number()?.map_or_else(|| malformed("it returns no id"), Ok)
    }

    /// How many rows were changed; none when Mozy does not say.
    pub(super) fn rows(&self) -> Result<Option<i64>, Malformed> {
        self.0.map_or(Ok(None), |result| result.number())
    }

    pub(super) fn flag(&self) -> Result<bool, Malformed> {
        self.result()?.flag()?.map_or_else(|| malformed("it returns neither true nor false"), Ok)
    }

    /// `{size, results[]}`, or an array that is not empty: a page without its size may not stand for "nothing".
    pub(super) fn page<T>(
        &self,
        read: impl Fn(Element<'d>) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let items = self.array(read)?;
        if items.is_empty() && Page::of(self.result()?)?.is_none() {
            return malformed("it returns neither a size nor results");
        }
        Ok(items)
    }

    /// An array, or `{size, results[]}`.
    pub(super) fn array<T>(
        &self,
        read: impl Fn(Element<'d>) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let result = self.result()?;
        match Page::of(result)? {
            Some(page) => page.items(read),
            None => result.items(read),
        }
    }

    /// The same, where nil is an array without items: an answer by which nothing was ever provisioned.
    pub(super) fn array_or_nil<T>(
        &self,
        read: impl Fn(Element<'d>) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        match self.0 {
            Some(result) if result.is_nil()? => Ok(Vec::new()),
            _ => self.array(read),
        }
    }
}

/// `{size, results[]}`
struct Page<'d> {
    size: i64,
    results: Option<Element<'d>>,
}

impl<'d> Page<'d> {
    fn of(result: Element<'d>) -> Result<Option<Self>, Malformed> {
        let Some(size) = child(result, "size")? else { return Ok(None) };
        let Some(size) = size.number()? else { return malformed("it returns results of no known size") };
        Ok(Some(Page { size, results: child(result, "results")? }))
    }

    fn items<T>(self, read: impl Fn(Element<'d>) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let items = self.results.map_or(Ok(Vec::new()), |results| results.items(read))?;
        if i64::try_from(items.len()) == Ok(self.size) {
            return Ok(items);
        }
        malformed(format!("it says that it has {} results and has {}", self.size, items.len()))
    }
}

fn child<'d>(parent: Element<'d>, name: &str) -> Result<Option<Element<'d>>, Malformed> {
    first(parent, |element| element.name() == name)
}

fn first<'d>(
    parent: Element<'d>,
    wanted: impl Fn(&Element<'d>) -> bool,
) -> Result<Option<Element<'d>>, Malformed> {
    for element in parent.children()? {
        let element = element?;
        if wanted(&element) {
            return Ok(Some(element));
        }
    }
    Ok(None)
}

/// A fault is a fault even when its text cannot be read.
fn fault_text(fault: Element<'_>) -> String {
    let said = |name| child(fault, name).ok().flatten().and_then(|element| element.text().ok().flatten());
    let text = said("faultstring").filter(|text| !text.trim().is_empty()).or_else(|| said("faultcode"));
    text.unwrap_or_default()
}
