//! `[log]`: how much is said, and in which shape.

use super::reader::{Choice, Section};
use super::value;

/// The shape of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

impl Choice for Format {
    const ALL: &'static [(&'static str, Self)] = &[("json", Format::Json), ("pretty", Format::Pretty)];
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The shape; none means JSON under systemd, else pretty.
    pub format: Option<Format>,
    /// A level, or a list such as `info,mozyd::engine=debug`.
    pub level: String,
}

impl Log {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Log {
            format: section.optional_choice("format"),
            level: section.text("level", "info", value::log_level),
        }
    }
}
