//! The file and the environment as one flat list of `section.key` values, each knowing where it came from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Origin, Problem, Problems};

/// The variables a configuration may be overridden with.
#[derive(Clone, Debug, Default)]
pub struct Environment(Vec<(String, String)>);

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        Environment(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// The value of one variable.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Environment {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(variables: I) -> Self {
        Environment(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// A value as it was written.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Text(String),
    Integer(String),
    List(Vec<Raw>),
    Table(BTreeMap<String, Raw>),
    /// A kind that no key has, by name.
    Other(&'static str),
}

impl Raw {
    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Raw::Text(_) => "a text",
            Raw::Integer(_) => "a number",
            Raw::List(_) => "a list",
            Raw::Table(_) => "a table",
            Raw::Other(kind) => kind,
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// All values that were given, keyed by `section.key`, and what was wrong with their shape.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) credentials: Option<PathBuf>,
    pub(super) entries: BTreeMap<String, Entry>,
    pub(super) problems: Vec<Problem>,
}

impl Source {
    /// Reads the text of a file and what the environment says; only a text that is no TOML fails at once.
    pub(super) fn new(
        path: &Path,
        text: &str,
        environment: &Environment,
        sections: &[&str],
    ) -> Result<Self, Problems> {
        let mut source = Source {
            path: path.to_owned(),
            credentials: environment.get("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            entries: BTreeMap::new(),
            problems: Vec::new(),
        };
        source.read_file(text, sections)?;
        source.read_environment(environment, sections);
        Ok(source)
    }

    fn read_file(&mut self, text: &str, sections: &[&str]) -> Result<(), Problems> {
        let (document, errors) = DeTable::parse_recoverable(text);
        let problem = |error: &toml::de::Error| {
            let origin = self.line(text, error.span().map_or(0, |span| span.start));
            let twice = error.span().filter(|_| error.message().starts_with("duplicate key"));
            match twice.and_then(|span| text.get(span)) {
                Some(key) => Problem::new("", origin, format!("{key} is given twice")),
                None => Problem::new("", origin, error.message()),
            }
        };
        Problems::none_or((), errors.iter().map(problem).collect())?;
        for (name, value) in document.get_ref() {
            self.read_section(text, name, value, sections);
        }
        Ok(())
    }

    fn read_section(
        &mut self,
        text: &str,
        name: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        sections: &[&str],
    ) {
        let origin = self.line(text, name.span().start);
        let section = name.get_ref();
        let keys = match value.get_ref() {
            DeValue::Table(keys) => keys,
            DeValue::Array(_) if sections.contains(&section.as_ref()) => {
                let message = format!("is a section and no list; write [{section}], once");
                return self.refuse(section, origin, &message);
            }
            _ => return self.refuse(section, origin, "stands in no section; write it below its [section]"),
        };
        if !sections.contains(&section.as_ref()) {
            let message = format!("there is no such section; allowed are {}", sections.join(", "));
            return self.refuse(section, origin, &message);
        }
        for (key, value) in keys {
            let origin = self.line(text, key.span().start);
            let entry = Entry { raw: raw(value.get_ref()), origin };
            self.entries.insert(format!("{section}.{}", key.get_ref()), entry);
        }
    }

    fn read_environment(&mut self, environment: &Environment, sections: &[&str]) {
        for (name, value) in &environment.0 {
            let Some(rest) = name.strip_prefix("MOZYD_") else { continue };
            let origin = Origin::Environment(name.clone());
            let rest = rest.to_lowercase();
            if let Some((section, key)) = rest.split_once("__") {
                let entry = Entry { raw: Raw::Text(value.clone()), origin };
                self.entries.insert(format!("{section}.{key}"), entry);
            } else if sections.iter().any(|section| rest.starts_with(&format!("{section}_"))) {
                self.refuse(&rest, origin, "is no key; between section and key stand two underscores");
            }
        }
    }

    fn refuse(&mut self, key: &str, origin: Origin, message: &str) {
        self.problems.push(Problem::new(key, origin, message));
    }

    fn line(&self, text: &str, offset: usize) -> Origin {
        let before = text.as_bytes().iter().take(offset);
        Origin::Line(self.path.clone(), 1 + before.filter(|byte| **byte == b'\n').count())
    }
}

/// The depth is bounded by the TOML reader.
pub(super) fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Raw::Integer(number.as_str().to_owned()),
        DeValue::Integer(_) => Raw::Other("a number that is not decimal"),
        DeValue::Float(_) => Raw::Other("a fraction"),
        DeValue::Boolean(_) => Raw::Other("true or false"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Array(all) => Raw::List(all.iter().map(|value| raw(value.get_ref())).collect()),
        DeValue::Table(keys) => {
            let pair = |(key, value): (&Spanned<Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
                (key.get_ref().to_string(), raw(value.get_ref()))
            };
            Raw::Table(keys.iter().map(pair).collect())
        }
    }
}
