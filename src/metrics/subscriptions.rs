//! How many subscriptions there are, and what holds of them.

use prometheus::{IntGauge, Result};

use super::Vocabulary;
use super::family::{Family, Registrar};
use super::labels::STATES;

/// Counted from the database now and then, never added up.
pub struct Subscriptions {
    states: Family<IntGauge, 1>,
    conditions: Family<IntGauge, 2>,
    disagreements: Family<IntGauge, 1>,
}

impl Subscriptions {
    pub(super) fn new(make: &Registrar<'_>, words: &Vocabulary) -> Result<Self> {
        let conditions = [("type", words.condition_types), ("reason", words.condition_reasons)];
        Ok(Subscriptions {
            states: make.family("subscriptions", "Subscriptions.", &[], [("state", STATES)])?,
            conditions: make.family(
                "conditions",
                "Subscriptions by what is said of them and why.",
                &[],
                conditions,
            )?,
            disagreements: make.family(
                "disagreement_age_seconds_max",
                "Since when what was bought and what Mozy runs differ, the longest; paused ones left out.",
                &[],
                [("reason", words.condition_reasons)],
            )?,
        })
    }

    /// Takes the number of subscriptions in each state; a state that is left out has none.
    pub fn set_states<'a>(&self, numbers: impl IntoIterator<Item = (&'a str, i64)>) {
        self.states.replace(numbers.into_iter().map(|(state, number)| ([state], number)));
    }

    /// Takes the number of subscriptions for each type and reason; what is left out has none.
    pub fn set_conditions<'a>(&self, numbers: impl IntoIterator<Item = (&'a str, &'a str, i64)>) {
        self.conditions.replace(numbers.into_iter().map(|(kind, reason, number)| ([kind, reason], number)));
    }

    /// Takes the age, in seconds, of the oldest disagreement for each reason; a reason left out has none.
    pub fn set_disagreements<'a>(&self, ages: impl IntoIterator<Item = (&'a str, i64)>) {
        self.disagreements.replace(ages.into_iter().map(|(reason, seconds)| ([reason], seconds)));
    }
}
