//! The counters of an order, with the three ways in which OSA may write "unlimited".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::names::Counter;

/// How "unlimited" is written (contract section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlimited {
    /// `{}`
    Absent,
    /// `{"limit": null}`
    Null,
    /// `{"limit": -1}`
    MinusOne,
}

/// The counters that a plan contains, each as it goes over the wire. What is not in the plan is not in here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counters(BTreeMap<Counter, Value>);

impl Counters {
    /// No counter.
    pub fn none() -> Self {
        Self::default()
    }

    /// With this limit on a counter: licences, GB, or 0 and 1 for sync.
    pub fn limit(mut self, counter: Counter, limit: i64) -> Self {
        self.0.insert(counter, json!({"limit": limit}));
        self
    }

    /// With no limit on a counter.
    pub fn unlimited(mut self, counter: Counter, written: Unlimited) -> Self {
        let value = match written {
            Unlimited::Absent => json!({}),
            Unlimited::Null => json!({"limit": null}),
            Unlimited::MinusOne => json!({"limit": -1}),
        };
        self.0.insert(counter, value);
        self
    }

    /// As properties of the tenant.
    pub(super) fn properties(&self) -> Map<String, Value> {
        self.0.iter().map(|(counter, value)| (counter.name().to_owned(), value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlimited_is_written_in_three_ways() {
        let counters = Counters::none()
            .limit(Counter::DesktopQuota, 10)
            .unlimited(Counter::ServerQuota, Unlimited::Absent)
            .unlimited(Counter::DesktopLicenseNum, Unlimited::Null)
            .unlimited(Counter::ServerLicenseNum, Unlimited::MinusOne);
        let written = json!({
            "desktopQuota": {"limit": 10}, "serverQuota": {},
            "desktopLicenseNum": {"limit": null}, "serverLicenseNum": {"limit": -1},
        });
        assert_eq!(Value::Object(counters.properties()), written);
        assert_eq!(serde_json::from_value::<Counters>(written).unwrap(), counters);
    }
}
