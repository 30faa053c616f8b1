//! An answer is a tree whose texts are not copied, and reading it costs no more than its bounds allow.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

use super::builder;
use super::element::Element;

/// What an answer may cost. Whatever is larger is no answer.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a whole body.
    pub bytes: usize,
    /// Elements within elements.
    pub depth: usize,
    /// Elements in all. Enough for a partner of 100,000 keys; a smaller body may have fewer.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 64 << 20, depth: 64, nodes: 1_200_000 }
    }
}

/// An element takes this many bytes of an answer at least, with its tags and all: one made of nothing but tags would cost
/// many times its size in memory.
const SHORTEST: usize = 12;

/// So many elements a small answer may have, however short they are.
const FEW: usize = 1024;

impl Limits {
    /// How many elements a body of so many bytes may have.
    pub(super) fn nodes_of(&self, bytes: usize) -> usize {
        self.nodes.min(bytes / SHORTEST + FEW)
    }
}

/// What is wrong with an answer, in our words: texts of the answer are not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub(super) String);

pub(super) fn malformed<T>(problem: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(problem.into()))
}

/// A parsed answer. Multi-references are followed when they are read, never unfolded in memory.
pub(super) struct Document<'a> {
    nodes: Vec<Node<'a>>,
    ids: HashMap<&'a str, u32>,
    /// What reading may still cost: shared parts that are read over and over must not multiply.
    budget: Cell<usize>,
}

/// An element. Its children are a chain of `next`.
#[derive(Default)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) text: Cow<'a, str>,
    pub(super) href: Option<&'a str>,
    pub(super) first: Option<u32>,
    pub(super) next: Option<u32>,
    pub(super) nil: bool,
    /// Marked with `root="0"`: in the body only to be referred to.
    pub(super) detached: bool,
}

impl<'a> Document<'a> {
    /// Reads `body`, or says why it is no document.
    pub(super) fn parse(body: &'a [u8], limits: &Limits) -> Result<Self, Malformed> {
        let (nodes, ids) = builder::parse(body, limits)?;
        let budget = Cell::new(limits.bytes.saturating_add(limits.nodes.saturating_mul(4)));
        Ok(Document { nodes, ids, budget })
    }

    pub(super) fn root(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    pub(super) fn node(&self, index: u32) -> Option<&Node<'a>> {
        self.nodes.get(index as usize)
    }

    pub(super) fn by_id(&self, id: &str) -> Option<u32> {
        self.ids.get(id).copied()
    }

    /// Pays for reading; a document that shares nothing never runs out.
    pub(super) fn pay(&self, cost: usize) -> Result<(), Malformed> {
        match self.budget.get().checked_sub(cost) {
            Some(left) => {
                self.budget.set(left);
                Ok(())
            }
            None => malformed("its references multiply it beyond all bounds"),
        }
    }
}
