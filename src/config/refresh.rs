//! `[refresh]`: when the usage of all subscriptions is read afresh and pushed.

use super::reader::Section;
use super::value;

/// `[refresh]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// A cron schedule of six fields, in UTC.
    pub schedule: String,
}

impl Refresh {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Refresh { schedule: section.text("schedule", "0 */15 * * * *", value::cron) }
    }
}
