//! Reads one section key by key. A bad value is noted and its default returned, so that all problems are found.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use super::file::FileRef;
use super::maintenance;
use super::problem::{Origin, Problem};
use super::source::{Raw, Source};
use super::value;

/// A word out of a closed list.
pub(super) trait Choice: Copy + 'static {
    /// Every word and what it means.
    const ALL: &'static [(&'static str, Self)];
}

/// All values that were given, and the keys that were asked for.
pub(super) struct Reader {
    source: Source,
    known: Vec<String>,
}

impl Reader {
    pub(super) fn new(source: Source) -> Self {
        Reader { source, known: Vec::new() }
    }

    pub(super) fn section(&mut self, name: &'static str) -> Section<'_> {
        Section { name, reader: self }
    }

    /// Every key there is and what was wrong, after all sections were read: what nobody asked for is unknown.
    pub(super) fn finish(mut self) -> (Vec<String>, Vec<Problem>) {
        for (key, entry) in &self.source.entries {
            if !self.known.contains(key) {
                let message = format!("there is no such key; {}", self.allowed_beside(key));
                self.source.problems.push(Problem::new(key, entry.origin.clone(), message));
            }
        }
        (self.known, self.source.problems)
    }

    fn allowed_beside(&self, key: &str) -> String {
        let section = key.split_once('.').map_or(key, |(section, _)| section);
        let prefix = format!("{section}.");
        let keys: Vec<&str> = self.known.iter().filter_map(|known| known.strip_prefix(&prefix)).collect();
        if keys.is_empty() {
            return format!("nor is there a section {section}");
        }
        format!("allowed in [{section}] are {}", keys.join(", "))
    }
}

/// One section while it is read.
pub(super) struct Section<'a> {
    name: &'static str,
    reader: &'a mut Reader,
}

impl Section<'_> {
    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    /// Whether the key was given.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.reader.source.entries.contains_key(&self.key(key))
    }

    /// Where the key was given, or the file that does not.
    pub(super) fn origin(&self, key: &str) -> Origin {
        let source = &self.reader.source;
        let given = source.entries.get(&self.key(key)).map(|entry| entry.origin.clone());
        given.unwrap_or_else(|| Origin::Absent(source.path.clone()))
    }

    /// Notes that a key is wrong.
    pub(super) fn refuse(&mut self, key: &str, message: impl Into<String>) {
        let problem = Problem::new(self.key(key), self.origin(key), message);
        self.reader.source.problems.push(problem);
    }

    /// Notes a key that is missing; `hint` says what to write.
    pub(super) fn require(&mut self, key: &str, hint: &str) {
        if !self.is_set(key) {
            self.refuse(key, format!("is missing; {hint}"));
        }
    }

    fn read<T>(&mut self, key: &str, parse: impl FnOnce(&Raw) -> Result<T, String>) -> Option<T> {
        let name = self.key(key);
        let parsed = self.reader.source.entries.get(&name).map(|entry| parse(&entry.raw));
        self.reader.known.push(name);
        match parsed? {
            Ok(value) => Some(value),
            Err(message) => {
                self.refuse(key, message);
                None
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn integer<N>(&mut self, key: &str, default: N, allowed: RangeInclusive<N>) -> N
    where
        N: Copy + PartialOrd + Display + std::str::FromStr,
    {
        self.read(key, |raw| value::integer(raw, &allowed)).unwrap_or(default)
    }

    /// A whole number within bounds, or nothing.
    pub(super) fn optional_integer(&mut self, key: &str, allowed: RangeInclusive<i64>) -> Option<i64> {
        self.read(key, |raw| value::integer(raw, &allowed))
    }

    /// A time span such as `30s`, within bounds.
    pub(super) fn duration(
        &mut self,
        key: &str,
        default: Duration,
        allowed: RangeInclusive<Duration>,
    ) -> Duration {
        self.read(key, |raw| value::duration(raw, &allowed)).unwrap_or(default)
    }

    /// A word out of a closed list.
    pub(super) fn choice<C: Choice>(&mut self, key: &str, default: C) -> C {
        self.read(key, value::choice).unwrap_or(default)
    }

    /// A word out of a closed list, or nothing.
    pub(super) fn optional_choice<C: Choice>(&mut self, key: &str) -> Option<C> {
        self.read(key, value::choice)
    }

    /// An address to listen at.
    pub(super) fn address(&mut self, key: &str, default: SocketAddr) -> SocketAddr {
        self.read(key, value::address).unwrap_or(default)
    }

    /// A text that `check` accepts.
    pub(super) fn text(
        &mut self,
        key: &str,
        default: &str,
        check: impl FnOnce(&str) -> Result<String, String>,
    ) -> String {
        let parsed = self.read(key, |raw| check(value::text(raw)?));
        parsed.unwrap_or_else(|| default.to_owned())
    }

    /// A text that `check` accepts, or nothing.
    pub(super) fn optional_text(
        &mut self,
        key: &str,
        check: impl FnOnce(&str) -> Result<String, String>,
    ) -> Option<String> {
        self.read(key, |raw| check(value::text(raw)?))
    }

    /// A list of maintenance windows.
    pub(super) fn windows(&mut self, key: &str) -> Vec<(String, Duration)> {
        self.read(key, maintenance::windows).unwrap_or_default()
    }

    /// The name of a file.
    pub(super) fn file(&mut self, key: &str) -> Option<FileRef> {
        let name = self.read(key, |raw| value::file_name(value::text(raw)?))?;
        let source = &self.reader.source;
        let beside = source.path.parent().unwrap_or(Path::new("")).to_owned();
        let mut folders = vec![beside];
        if !name.contains('/') {
            folders.splice(0..0, source.credentials.clone());
        }
        let candidates = folders.into_iter().map(|folder| folder.join(&name)).collect();
        Some(FileRef::new(self.key(key), self.origin(key), candidates))
    }

    /// The name of a file that there must be; `hint` says what to write.
    pub(super) fn required_file(&mut self, key: &str, hint: &str) -> FileRef {
        self.require(key, hint);
        self.file(key).unwrap_or_else(|| FileRef::new(self.key(key), self.origin(key), Vec::new()))
    }
}
