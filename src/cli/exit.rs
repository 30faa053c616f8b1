//! What the exit code of a verb says; 2 never means a mistyped argument.

use std::process::ExitCode;

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// In agreement, or done.
    Done = 0,
    /// An error.
    Error = 1,
    /// There is a difference.
    Difference = 2,
    /// Held by the guard.
    Held = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
