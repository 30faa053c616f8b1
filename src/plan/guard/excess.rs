//! By how much a class of change is past which limit.

use super::{Bundle, Class, Counted, Limit, WINDOW, Weight};
use serde::{Deserialize, Serialize};

/// Of what a limit is a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Of the account's users, groups and licences.
    Account,
    /// Of everything in all accounts.
    All,
    /// Of all accounts.
    Accounts,
}

impl Scope {
    /// As tables and answers name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::All => "all",
            Self::Accounts => "accounts",
        }
    }

    /// The scope of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Account, Self::All, Self::Accounts].into_iter().find(|scope| scope.as_str() == name)
    }
}

/// More than a limit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    /// Which limit.
    pub scope: Scope,
    /// So many changes are asked for.
    pub asked: i64,
    /// So many were done lately, or are about to be.
    pub spent: i64,
    /// So many are allowed in all.
    pub limit: i64,
}

impl Excess {
    /// For people.
    pub fn tell(&self, class: Class) -> String {
        let Self { asked, spent, limit, .. } = self;
        let (what, of) = match self.scope {
            Scope::Account => ("changes", "of this account"),
            Scope::All => ("changes", "over all accounts"),
            Scope::Accounts => ("whole accounts", "over all accounts"),
        };
        let (class, within) = (class.as_str(), WINDOW.as_secs());
        format!(
            "{asked} {what} of class {class} are past the limit of {limit} {of} within {within} s ({spent} just before)"
        )
    }
}

/// The first limit that is passed: the account's own, then all there is, then all accounts. What is held already stays
/// held, but whoever goes himself is not kept by what is held of his own.
pub(super) fn judge(bundle: &Bundle, size: Option<i64>, limit: Limit, counted: &Counted) -> Option<Excess> {
    let of = |tally: &super::Tally| tally.get(&bundle.class).copied().unwrap_or_default();
    let (own, all) = (of(&counted.account), of(&counted.all));
    let Weight { things: _, accounts } = bundle.weight;
    let past = |scope, asked: i64, spent: i64, total| {
        let limit = limit.allows(total);
        (asked > 0 && asked + spent > limit).then_some(Excess { scope, asked, spent, limit })
    };
    let total = bundle.weight.total();
    size.and_then(|size| past(Scope::Account, total, own.total(), size))
        .or_else(|| past(Scope::All, total, all.total(), counted.managed.total()))
        .or_else(|| past(Scope::Accounts, accounts, all.accounts, counted.managed.accounts))
        .or_else(|| {
            let kept = counted.held.get(&bundle.class)?;
            (kept.account || size.is_some()).then_some(Excess { asked: total, ..kept.excess })
        })
}
