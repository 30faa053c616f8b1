//! How many subscriptions there are, and what holds of them.

use prometheus::{IntGauge, Result};

use super::Vocabulary;
use super::family::{Family, Registrar};
use super::labels::STATES;

/// Counted from the database now and then, never added up.
pub struct Subscriptions {
    states: Family<IntGauge, 1>,
    conditions: Family<IntGauge, 2>,
}

impl Subscriptions {
    pub(super) fn new(make: &Registrar<'_>, words: &Vocabulary) -> Result<Self> {
        let conditions = [("type", words.condition_types), ("reason", words.condition_reasons)];
        Ok(Subscriptions {
            states: make.family("subscriptions", "Subscriptions.", &[], [("state", STATES)])?,
            conditions: make.family(
                "conditions",
                "Conditions that hold of subscriptions.",
                &[],
                conditions,
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
}
