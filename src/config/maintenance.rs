//! `[maintenance]`: when Mozy is only read. OSA's wishes are taken as ever and wait for the end of the window.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use toml::de::DeTable;

use super::reader::Section;
use super::source::{Raw, raw};
use super::value;

/// `[maintenance]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    windows: Vec<Window>,
}

/// One window that comes round.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Window {
    /// When it opens: cron of six fields, in UTC.
    schedule: String,
    /// For how long.
    duration: Duration,
}

impl Maintenance {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Maintenance { windows: section.windows("windows").into_iter().map(Window::from).collect() }
    }

    /// Until when nothing may be written at Mozy, if a window is open.
    pub fn open_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.windows.iter().filter_map(|window| window.open_until(now)).max()
    }

    /// Whether nothing may be written at Mozy now.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.open_until(now).is_some()
    }
}

impl From<(String, Duration)> for Window {
    fn from((schedule, duration): (String, Duration)) -> Self {
        Window { schedule, duration }
    }
}

impl Window {
    /// It opened at its last tick; ticks are whole seconds.
    fn open_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let opened =
            cron(&self.schedule).ok()?.find_previous_occurrence(&now.with_nanosecond(0)?, true).ok()?;
        let until = opened.checked_add_signed(TimeDelta::from_std(self.duration).ok()?)?;
        (now < until).then_some(until)
    }
}

/// A schedule of six fields.
pub(super) fn cron(written: &str) -> Result<Cron, croner::errors::CronError> {
    CronParser::builder().seconds(Seconds::Required).dom_and_dow(true).build().parse(written)
}

const SHAPE: &str = "allowed is a list such as [{ schedule = \"0 0 2 * * SUN\", duration = \"2h\" }]";

/// A list of windows; in the environment it is written as in the file.
pub(super) fn windows(given: &Raw) -> Result<Vec<(String, Duration)>, String> {
    match given {
        Raw::List(all) => all.iter().map(window).collect(),
        Raw::Text(text) => {
            let document = format!("windows = {text}");
            let (table, errors) = DeTable::parse_recoverable(&document);
            let value = table.get_ref().get("windows").filter(|_| errors.is_empty());
            match value.map(|value| raw(value.get_ref())) {
                Some(list @ Raw::List(_)) => windows(&list),
                _ => Err(format!("is no list; {SHAPE}")),
            }
        }
        other => Err(format!("is {}; {SHAPE}", other.kind())),
    }
}

fn window(given: &Raw) -> Result<(String, Duration), String> {
    let Raw::Table(keys) = given else { return Err(format!("holds {}; {SHAPE}", given.kind())) };
    if let Some(other) = keys.keys().find(|key| !["schedule", "duration"].contains(&key.as_str())) {
        return Err(format!("holds a window with {other}; {SHAPE}"));
    }
    let day = Duration::from_secs(86_400);
    let schedule = value::cron(value::text(part(keys, "schedule")?)?);
    let duration = value::duration(part(keys, "duration")?, &(Duration::from_secs(1)..=7 * day));
    Ok((
        schedule.map_err(|problem| format!("holds a window whose schedule {problem}"))?,
        duration.map_err(|problem| format!("holds a window whose duration {problem}"))?,
    ))
}

fn part<'a>(keys: &'a BTreeMap<String, Raw>, name: &str) -> Result<&'a Raw, String> {
    keys.get(name).ok_or_else(|| format!("holds a window without {name}; {SHAPE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn maintenance(list: &str) -> Maintenance {
        let windows = windows(&Raw::Text(list.to_owned())).unwrap();
        Maintenance { windows: windows.into_iter().map(Window::from).collect() }
    }

    fn until(list: &str, now: &str) -> Option<String> {
        let end = maintenance(list).open_until(at(now));
        end.map(|end| end.format("%F %T").to_string())
    }

    #[test]
    fn a_window_is_open_from_its_tick_for_its_duration() {
        const SUNDAYS: &str = "[{ schedule = \"0 0 2 * * SUN\", duration = \"2h\" }]";
        // A Sunday.
        assert_eq!(until(SUNDAYS, "2026-11-22T01:59:59.999Z"), None);
        assert_eq!(until(SUNDAYS, "2026-11-22T02:00:00Z").as_deref(), Some("2026-11-22 04:00:00"));
        assert_eq!(until(SUNDAYS, "2026-11-22T03:59:59.999Z").as_deref(), Some("2026-11-22 04:00:00"));
        assert_eq!(until(SUNDAYS, "2026-11-22T04:00:00Z"), None);
        assert_eq!(until(SUNDAYS, "2026-11-23T03:00:00Z"), None);
        assert_eq!(until("[]", "2026-11-22T03:00:00Z"), None);
    }

    #[test]
    fn windows_reach_over_midnight_and_the_longest_counts() {
        const TWO: &str = "[{ schedule = \"0 0 23 31 12 *\", duration = \"3h\" }, \
                            { schedule = \"0 30 23 * * *\", duration = \"1h\" }]";
        assert_eq!(until(TWO, "2027-01-01T00:10:00.5Z").as_deref(), Some("2027-01-01 02:00:00"));
        assert_eq!(until(TWO, "2027-01-02T00:10:00Z").as_deref(), Some("2027-01-02 00:30:00"));
        assert!(maintenance(TWO).is_open(at("2026-12-31T23:00:00Z")));
    }
}
