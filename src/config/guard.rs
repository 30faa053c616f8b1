//! `[guard]`: how much of a class of change may run without an operator's word.

use super::reader::Section;

/// The larger of a share and a number is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Percent of what there is, 0 to 100.
    pub percent: u32,
    /// A number that is allowed however few there are.
    pub min: u32,
}

/// `[guard]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Removals at Mozy.
    pub delete: Limit,
    /// Suspends.
    pub suspend: Limit,
    /// Fewer licences or gigabytes.
    pub downgrade: Limit,
    /// Any other change.
    pub update: Limit,
}

impl Guard {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Guard {
            delete: limit(section, ["delete_percent", "delete_min"], 5, 10),
            suspend: limit(section, ["suspend_percent", "suspend_min"], 10, 20),
            downgrade: limit(section, ["downgrade_percent", "downgrade_min"], 20, 50),
            update: limit(section, ["update_percent", "update_min"], 50, 200),
        }
    }
}

fn limit(section: &mut Section<'_>, keys: [&str; 2], percent: u32, min: u32) -> Limit {
    let [percent_key, min_key] = keys;
    Limit {
        percent: section.integer(percent_key, percent, 0..=100),
        min: section.integer(min_key, min, 0..=1_000_000_000),
    }
}
