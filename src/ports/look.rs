//! A look as it can be made again: what was asked and what came back, so that the same answers need not be understood twice.

use crate::domain::{MozyGroupId, PartnerId};

/// One of the questions that every look at an account consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// One partner.
    Partner(PartnerId),
    /// All groups of a partner.
    Groups(PartnerId),
    /// One group.
    Group(MozyGroupId),
    /// All users of a group.
    Users(MozyGroupId),
    /// All keys of a group.
    Licences(MozyGroupId),
    /// The stock of a group.
    Stock(PartnerId, MozyGroupId),
}

/// What came back, as one number: the same calls with the same answers, byte for byte and in whatever order, make the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Echo {
    /// How many calls there were.
    pub calls: usize,
    /// The sum of a digest of each call with its answer.
    pub sum: u128,
}

impl Echo {
    /// With one more call.
    #[must_use]
    pub fn and(self, digest: u128) -> Self {
        Self { calls: self.calls + 1, sum: self.sum.wrapping_add(digest) }
    }
}

/// A look that found agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Everything that it asked.
    pub questions: Box<[Question]>,
    /// What came back.
    pub echo: Echo,
}
