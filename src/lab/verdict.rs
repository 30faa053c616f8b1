//! The verdict on a day: whether both simulators agree, and whether Mozy itself is sound.

use super::Lab;
use super::compare::{self, Row};
use super::screen::Screen;
use crate::cli::style::Tone;

/// What was found at the end.
pub struct Verdict {
    /// Every subscription.
    pub rows: Vec<Row>,
    /// What is wrong beside differences, in words.
    pub faults: Vec<String>,
}

impl Verdict {
    /// As things stand now, from the simulators' own states.
    pub fn of(lab: &Lab) -> Self {
        let mut faults: Vec<String> =
            lab.mozy().check().into_iter().map(|broken| format!("Mozy is broken: {broken}")).collect();
        let deviating = |call: crate::sim::mozy::CallEntry| {
            call.deviation.map(|how| {
                format!("call {} ({}) is not as Mozy's contract says: {how}", call.seq, call.operation)
            })
        };
        faults.extend(lab.mozy().calls().into_iter().find_map(deviating));
        Self { rows: compare::rows(lab.osa(), lab.mozy()), faults }
    }

    /// Whether nothing differs and nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty() && self.rows.iter().all(|row| row.differences.is_empty())
    }

    /// Prints the table and what is wrong.
    pub fn show(&self, screen: &Screen) {
        screen.line(Tone::Plain, "");
        screen.text(|style| compare::table(&self.rows, style));
        self.faults.iter().for_each(|fault| screen.line(Tone::Bad, fault));
    }
}
