//! How answers look: colour only on a terminal, tables that fit it, and nothing from outside that moves the cursor.

use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

use crate::telemetry::may_colour;

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// As it should be.
    Good,
    /// Somebody should look.
    Warn,
    /// Somebody must act.
    Bad,
    /// Less important.
    Faint,
    /// A heading.
    Bold,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "31",
            Tone::Faint => "2",
            Tone::Bold => "1",
        }
    }
}

/// Whether a stream takes colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub(super) colour: bool,
}

impl Style {
    /// Without colour, as a file takes it.
    pub fn plain() -> Self {
        Style { colour: false }
    }

    /// As stdout takes it: a terminal, and no `NO_COLOR`.
    pub fn of_stdout() -> Self {
        Style { colour: may_colour(&io::stdout()) }
    }

    /// As stderr takes it.
    pub fn of_stderr() -> Self {
        Style { colour: may_colour(&io::stderr()) }
    }

    /// A text in a tone; control characters in it are shown, not obeyed.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let text = printable(text);
        match tone.code() {
            "" => text,
            _ if !self.colour => text,
            code => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// The text with every control character replaced: names come from outside and must not steer a terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// So many of something, in words.
pub fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// Writes an answer to stdout.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// A reader that went away, as `head` does, has seen enough: how the verb ended counts, not that.
pub(super) fn written(done: io::Result<()>) -> Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.context("writing the answer to stdout"),
    }
}
