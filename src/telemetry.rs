//! Logs: set up once, JSON to the journal or compact for people; the level can be changed while running.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use anyhow::Context;
use chrono::{SecondsFormat, Utc};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt, reload};

use crate::config::{Format, Log};

/// Changes the level of a running daemon, as SIGHUP does.
#[derive(Clone, Debug)]
pub struct LogLevel(reload::Handle<EnvFilter, Registry>);

impl LogLevel {
    /// Takes another level; one that makes no sense is an error and the old one stays.
    pub fn set(&self, level: &str) -> anyhow::Result<()> {
        self.0.reload(filter(level)?).context("cannot change the level of the log")
    }
}

/// Sets up the daemon's log, which is its output: to stdout, in the configured shape and level.
pub fn init_daemon(log: &Log) -> anyhow::Result<LogLevel> {
    let terminal = io::stdout().is_terminal();
    let format =
        log.format.unwrap_or_else(|| default_format(terminal, |name| std::env::var_os(name).is_some()));
    let colour = may_colour(&io::stdout());
    let shape = Shape { format, colour, journal: is_journal(&io::stdout()) };
    let (subscriber, level) = subscriber(&log.level, shape, BoxMakeWriter::new(io::stdout))?;
    subscriber.try_init().context("cannot set up the log")?;
    Ok(level)
}

/// Sets up the log of a verb: stdout belongs to its answer, so warnings and errors go to stderr.
pub fn init_verb() -> anyhow::Result<()> {
    let colour = may_colour(&io::stderr());
    let shape = Shape { format: Format::Pretty, colour, journal: false };
    let (subscriber, _) = subscriber("warn", shape, BoxMakeWriter::new(io::stderr))?;
    subscriber.try_init().context("cannot set up the log")
}

/// Whether a stream may be coloured: a terminal whose owner did not set `NO_COLOR`.
pub fn may_colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// JSON under systemd, whether it collects the log or writes it to a file; a shell that was started below a unit inherits
/// the variables, too.
fn default_format(terminal: bool, is_set: impl Fn(&'static str) -> bool) -> Format {
    let systemd = ["JOURNAL_STREAM", "INVOCATION_ID"].into_iter().any(is_set);
    if systemd && !terminal { Format::Json } else { Format::Pretty }
}

/// What a line begins with on a stream: its priority where that is the journal's, else nothing.
pub fn mark(stream: &impl AsFd, level: Level) -> String {
    if is_journal(stream) { format!("<{}>", priority(level)) } else { String::new() }
}

/// Whether a stream is the journal's: systemd names the one that it made, and a child may have another by now.
fn is_journal(stream: &impl AsFd) -> bool {
    let Ok(named) = std::env::var("JOURNAL_STREAM") else { return false };
    let ours = stream.as_fd().try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    ours.is_ok_and(|ours| names(&named, ours.dev(), ours.ino()))
}

fn names(stream: &str, device: u64, inode: u64) -> bool {
    stream == format!("{device}:{inode}")
}

/// How lines look.
#[derive(Clone, Copy)]
struct Shape {
    format: Format,
    colour: bool,
    /// Each begins with its priority, which the journal takes off and files it by.
    journal: bool,
}

fn subscriber(
    level: &str,
    shape: Shape,
    writer: BoxMakeWriter,
) -> anyhow::Result<(impl Subscriber + Send + Sync + 'static, LogLevel)> {
    let (level, handle) = reload::Layer::new(filter(level)?);
    let quiet = filter_fn(is_ours_or_harmless);
    let registry = tracing_subscriber::registry().with(level).with(quiet).with(lines(shape, writer));
    Ok((registry, LogLevel(handle)))
}

fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(level).with_context(|| format!("log.level is {level:?}, which is no level"))
}

/// What libraries say below a warning holds what is on the wire, secrets included, so it is never let through.
fn is_ours_or_harmless(metadata: &Metadata<'_>) -> bool {
    metadata.target().split("::").next() == Some("mozyd") || *metadata.level() <= Level::WARN
}

fn lines<S>(shape: Shape, writer: BoxMakeWriter) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let layer = fmt::layer().with_writer(writer).with_ansi(shape.colour);
    match shape.format {
        Format::Json => {
            layer.event_format(Flat { journal: shape.journal }).fmt_fields(JsonFields::new()).boxed()
        }
        Format::Pretty => layer.compact().boxed(),
    }
}

/// One JSON object a line in which all fields stand side by side, an event's own beside those of what it happened in.
struct Flat {
    journal: bool,
}

/// As syslog numbers it (sd-daemon(3)).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

impl<S, N> FormatEvent<S, N> for Flat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut line = Line::default();
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                line.0.extend(serde_json::from_str::<Map<String, Value>>(fields).unwrap_or_default());
            }
        }
        event.record(&mut line);
        let metadata = event.metadata();
        line.0.insert("timestamp".into(), Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true).into());
        line.0.insert("level".into(), metadata.level().as_str().into());
        line.0.insert("target".into(), metadata.target().into());
        if self.journal {
            write!(writer, "<{}>", priority(*metadata.level()))?;
        }
        writeln!(writer, "{}", Value::Object(line.0))
    }
}

/// The fields of a line.
#[derive(Default)]
struct Line(Map<String, Value>);

impl Line {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn under_systemd_it_is_json_unless_somebody_watches() {
        for variable in ["JOURNAL_STREAM", "INVOCATION_ID"] {
            assert_eq!(default_format(false, |name| name == variable), Format::Json, "{variable}");
            assert_eq!(default_format(true, |name| name == variable), Format::Pretty, "{variable}");
        }
        assert_eq!(default_format(false, |_| false), Format::Pretty);
    }

    /// What is written while `speak` runs, by a log of this level and shape.
    fn written(level: &str, format: Format, speak: impl FnOnce(&LogLevel)) -> String {
        shaped(level, Shape { format, colour: false, journal: false }, speak)
    }

    fn shaped(level: &str, shape: Shape, speak: impl FnOnce(&LogLevel)) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let writer = BoxMakeWriter::new(Mutex::new(File::create(file.path()).unwrap()));
        let (subscriber, level) = subscriber(level, shape, writer).unwrap();
        tracing::subscriber::with_default(subscriber, || speak(&level));
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn json_is_one_object_a_line() {
        let text = written("info", Format::Json, |_| {
            let span = tracing::info_span!("cycle", subscription = 1234, request = tracing::field::Empty);
            span.record("request", "t-1");
            let step = span.in_scope(|| tracing::info_span!("step", step = %7));
            step.in_scope(|| tracing::info!(steps = 3, reason = None::<&str>, "applied"));
        });
        let line: Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!((&line["message"], &line["steps"]), (&"applied".into(), &3.into()));
        assert_eq!((&line["subscription"], &line["request"]), (&1234.into(), &"t-1".into()));
        assert_eq!((&line["step"], &line["level"]), (&"7".into(), &"INFO".into()));
        assert!(line["reason"].is_null() && line["target"] == "mozyd::telemetry::tests", "{line}");
    }

    #[test]
    fn the_journal_is_told_how_bad_a_line_is() {
        let shape = Shape { format: Format::Json, colour: false, journal: true };
        let text = shaped("debug", shape, |_| {
            tracing::error!("one");
            tracing::warn!("two");
            tracing::info!("three");
            tracing::debug!("four");
        });
        let begins: Vec<&str> = text.lines().map(|line| &line[..4]).collect();
        assert_eq!(begins, ["<3>{", "<4>{", "<6>{", "<7>{"]);
    }

    #[test]
    fn only_the_stream_that_systemd_named_is_the_journal() {
        assert!(names("9:4711", 9, 4711) && !names("9:4711", 9, 4712) && !names("", 0, 0));
    }

    #[test]
    fn the_level_can_be_changed_and_nonsense_keeps_the_old_one() {
        let text = written("info", Format::Pretty, |level| {
            tracing::debug!("too early");
            level.set("debug").unwrap();
            assert!(level.set("mozyd=loud").is_err());
            tracing::debug!("in time");
        });
        assert!(!text.contains("too early") && text.contains("in time"), "{text}");
        assert!(!text.contains('\x1b'), "no colour: {text}");
    }

    #[test]
    fn libraries_do_not_tell_what_is_on_the_wire() {
        let text = written("trace", Format::Pretty, |_| {
            tracing::trace!(target: "h2::codec", "authorization: hunter2");
            tracing::debug!(target: "mozydish", "hunter2");
            tracing::info!(target: "h2", "hunter2");
            tracing::warn!(target: "h2", "fine");
            tracing::trace!("ours");
        });
        assert!(!text.contains("hunter2") && text.contains("fine") && text.contains("ours"), "{text}");
    }
}
