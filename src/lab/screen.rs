//! What a person watches: plain lines of at most 100 columns, coloured on a terminal only, readable in a log.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::cli::style::{Style, Tone};
use crate::cli::table::wrap;

/// No line is longer.
const WIDTH: usize = 100;
/// The progress counter's column.
const MARGIN: &str = "        ";
/// The column of who speaks.
const SPEAKER: usize = 14;
/// Of each speaker this many lines are shown an act.
const SHOWN: usize = 16;

/// Who does something, in the order of the house's arrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaker {
    /// What OSA asks of mozyd.
    OsaAsks,
    /// Somebody outside: a customer's client, a person in Mozy's own panel.
    Outside,
    /// What the plan says.
    Plan,
    /// What was called at Mozy.
    Called,
    /// What OSA bills now.
    OsaBills,
    /// What mozyd does otherwise.
    Mozyd,
}

impl Speaker {
    fn as_str(self) -> &'static str {
        match self {
            Speaker::OsaAsks => "OSA asks",
            Speaker::Outside => "meanwhile",
            Speaker::Plan => "mozyd plans",
            Speaker::Called => "Mozy is told",
            Speaker::OsaBills => "OSA bills",
            Speaker::Mozyd => "mozyd",
        }
    }
}

/// Where the lines go. It can be shared: every line is written at once.
pub struct Screen(Mutex<Inner>);

struct Inner {
    outs: Vec<(Box<dyn Write + Send>, Style)>,
    said: BTreeMap<Speaker, usize>,
}

impl Screen {
    /// Lines go to stdout.
    pub fn stdout() -> Self {
        Self::new(Box::new(io::stdout()), Style::of_stdout())
    }

    /// Lines go to a text that can be read later.
    pub fn recorded() -> (Self, Recording) {
        let recording = Recording::default();
        (Self::new(Box::new(recording.clone()), Style::plain()), recording)
    }

    fn new(out: Box<dyn Write + Send>, style: Style) -> Self {
        Self(Mutex::new(Inner { outs: vec![(out, style)], said: BTreeMap::new() }))
    }

    /// Lines go to this file too, without colour.
    pub fn log_to(self, file: File) -> Self {
        self.lock().outs.push((Box::new(file), Style::plain()));
        self
    }

    /// A named fact.
    pub fn fact(&self, name: &str, is: &str) {
        self.put(|style| spoken(name, Tone::Plain, is, style));
    }

    /// A line on its own.
    pub fn line(&self, tone: Tone, text: &str) {
        self.put(|style| {
            wrap(text, WIDTH).iter().map(|line| format!("{}\n", style.paint(tone, line))).collect()
        });
    }

    /// A text that renders itself.
    pub fn text(&self, render: impl Fn(Style) -> String) {
        self.put(render);
    }

    /// An act begins.
    pub fn act(&self, number: usize, of: usize, title: &str) {
        let counter = format!("[{number:>2}/{of}]");
        self.put(|style| {
            format!("\n{} {}\n", style.paint(Tone::Faint, &counter), style.paint(Tone::Bold, title))
        });
    }

    /// Somebody does something; beyond a screenful it is only counted.
    pub fn say(&self, speaker: Speaker, tone: Tone, text: &str) {
        let said = {
            let mut inner = self.lock();
            let said = inner.said.entry(speaker).or_default();
            *said += 1;
            *said
        };
        if said <= SHOWN || tone == Tone::Bad {
            self.put(|style| spoken(speaker.as_str(), tone, text, style));
        }
    }

    /// Says how many lines of a speaker were only counted.
    pub fn rest(&self, speaker: Speaker) {
        let said = self.lock().said.remove(&speaker).unwrap_or_default();
        if said > SHOWN {
            let rest = format!("and {} more", said - SHOWN);
            self.put(|style| spoken("", Tone::Faint, &rest, style));
        }
    }

    /// An act ends.
    pub fn agreed(&self, took: Duration) {
        let text = format!("agreed after {}", seconds(took));
        self.put(|style| spoken("", Tone::Good, &text, style));
    }

    fn put(&self, render: impl Fn(Style) -> String) {
        for (out, style) in &mut self.lock().outs {
            // Nobody reads any more: what is done goes on, and the exit code tells.
            let _ = out.write_all(render(*style).as_bytes()).and_then(|()| out.flush());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spoken(speaker: &str, tone: Tone, text: &str, style: Style) -> String {
    let width = WIDTH - MARGIN.len() - SPEAKER;
    let mut speaker = format!("{speaker:<SPEAKER$}");
    let mut out = String::new();
    for line in wrap(text, width) {
        out.push_str(&format!("{MARGIN}{}{}", style.paint(Tone::Faint, &speaker), style.paint(tone, &line)));
        out.truncate(out.trim_end().len());
        out.push('\n');
        speaker = " ".repeat(SPEAKER);
    }
    out
}

/// A duration for people.
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// A number of things for people.
pub fn count(number: i64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// What was written to a recorded screen.
#[derive(Clone, Debug, Default)]
pub struct Recording(Arc<Mutex<Vec<u8>>>);

impl Recording {
    /// All of it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_reads_well_in_a_log() {
        let (screen, recording) = Screen::recorded();
        screen.act(3, 14, "Customers order");
        screen.say(Speaker::OsaAsks, Tone::Plain, "order for Hansen & Sons: done in 0.8 s");
        let long = "partner.Create ×3, partner.Update ×3, resource.Provision ×6, user_group.Create ×4; and asked 20 times";
        screen.say(Speaker::Called, Tone::Plain, long);
        screen.agreed(Duration::from_millis(1234));
        insta::assert_snapshot!(recording.text().trim_start(), @r"
        [ 3/14] Customers order
                OSA asks      order for Hansen & Sons: done in 0.8 s
                Mozy is told  partner.Create ×3, partner.Update ×3, resource.Provision ×6, user_group.Create
                              ×4; and asked 20 times
                              agreed after 1.2 s
        ");
    }

    #[test]
    fn a_flood_is_counted_and_a_failure_always_shown() {
        let (screen, recording) = Screen::recorded();
        (0..40).for_each(|_| screen.say(Speaker::OsaAsks, Tone::Plain, "ask"));
        screen.say(Speaker::OsaAsks, Tone::Bad, "failed");
        screen.rest(Speaker::OsaAsks);
        let text = recording.text();
        assert_eq!(text.lines().count(), SHOWN + 2, "{text}");
        assert!(text.contains("failed") && text.ends_with("and 25 more\n"), "{text}");
    }

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        let (screen, recording) = Screen::recorded();
        screen.say(Speaker::Outside, Tone::Plain, "Acme\x1b[2J");
        assert!(!recording.text().contains('\x1b'));
    }
}
