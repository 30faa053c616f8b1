//! Amounts: whole gigabytes, limits that may be unlimited, and the two kinds everything is counted in.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// Whole GiB, as every screen of Mozy shows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gb(pub i64);

impl fmt::Display for Gb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} GB", self.0)
    }
}

impl Add for Gb {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Gb {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Gb {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Gb {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self(0), Add::add)
    }
}

/// A bought limit. OSA writes unlimited as an absent limit, `null` or `-1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Amount {
    /// At most so many: licences, or GB.
    Limit(i64),
    /// As many as are asked for.
    Unlimited,
}

impl Default for Amount {
    /// A resource that the plan does not contain is not bought.
    fn default() -> Self {
        Self::Limit(0)
    }
}

impl Amount {
    /// Whether `wanted` fits.
    pub fn holds(self, wanted: i64) -> bool {
        match self {
            Self::Limit(limit) => wanted <= limit,
            Self::Unlimited => true,
        }
    }

    /// The limit as a number, `None` when unlimited.
    pub fn limit(self) -> Option<i64> {
        match self {
            Self::Limit(limit) => Some(limit),
            Self::Unlimited => None,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(limit) => limit.fmt(f),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

/// The two kinds of licence Mozy sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LicenceKind {
    /// Workstations; sync draws from this pool too.
    Desktop,
    /// Servers.
    Server,
}

impl LicenceKind {
    /// Both, in the order they are shown.
    pub const ALL: [Self; 2] = [Self::Desktop, Self::Server];

    /// As the wire, the tables and the logs write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "Desktop",
            Self::Server => "Server",
        }
    }
}

impl fmt::Display for LicenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One value for each kind of licence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerKind<T> {
    /// For Desktop.
    pub desktop: T,
    /// For Server.
    pub server: T,
}

impl<T> PerKind<T> {
    /// The value of one kind.
    pub fn of(&self, kind: LicenceKind) -> &T {
        match kind {
            LicenceKind::Desktop => &self.desktop,
            LicenceKind::Server => &self.server,
        }
    }

    /// The value of one kind, to change it.
    pub fn of_mut(&mut self, kind: LicenceKind) -> &mut T {
        match kind {
            LicenceKind::Desktop => &mut self.desktop,
            LicenceKind::Server => &mut self.server,
        }
    }
}
