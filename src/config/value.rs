//! What a single value may be; each refusal says what is allowed and none repeats what may be a secret.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use url::{Host, Url};

use super::reader::Choice;
use super::source::Raw;
use crate::domain::libpq::without_libpq_words;

type Parsed<T> = Result<T, String>;

pub(super) fn text(raw: &Raw) -> Parsed<&str> {
    match raw {
        Raw::Text(text) if text.trim().is_empty() => Err("is empty; leave the key out instead".to_owned()),
        Raw::Text(text) => Ok(text.trim()),
        other => Err(format!("is {}; allowed is a text in quotes", other.kind())),
    }
}

/// A number; from the environment it comes as text, in the file quotes are forgiven too.
pub(super) fn integer<N>(raw: &Raw, allowed: &RangeInclusive<N>) -> Parsed<N>
where
    N: PartialOrd + Display + std::str::FromStr,
{
    let (Raw::Integer(digits) | Raw::Text(digits)) = raw else {
        return Err(format!("is no whole number; {}", bounds(allowed.start(), allowed.end())));
    };
    let number = digits.trim().parse().ok().filter(|number| allowed.contains(number));
    number.ok_or_else(|| format!("is {digits:?}; {}", bounds(allowed.start(), allowed.end())))
}

pub(super) fn duration(raw: &Raw, allowed: &RangeInclusive<Duration>) -> Parsed<Duration> {
    let limits =
        bounds(humantime::format_duration(*allowed.start()), humantime::format_duration(*allowed.end()));
    if let Raw::Integer(number) = raw {
        return Err(format!("is {number} without a unit; write for example \"{number}s\"; {limits}"));
    }
    let written = text(raw)?;
    let parsed = humantime::parse_duration(written).ok().filter(|span| allowed.contains(span));
    parsed.ok_or_else(|| format!("is {written:?}; {limits}"))
}

fn bounds(least: impl Display, most: impl Display) -> String {
    format!("allowed are {least} to {most}")
}

pub(super) fn choice<C: Choice>(raw: &Raw) -> Parsed<C> {
    let written = text(raw)?;
    let found = C::ALL.iter().find(|(word, _)| *word == written).map(|(_, value)| *value);
    let words = || C::ALL.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("is {written:?}; allowed are {}", words()))
}

pub(super) fn address(raw: &Raw) -> Parsed<SocketAddr> {
    let written = text(raw)?;
    written
        .parse()
        .map_err(|_| format!("is {written:?}; allowed is an address and a port, as 127.0.0.1:6308"))
}

/// An `https://` address, or `http://` on this machine; without the slash at its end.
pub(super) fn web_address(written: &str) -> Parsed<String> {
    let url = Url::parse(written).map_err(|_| "is no web address; allowed is https://HOST[:PORT][/PATH]")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("carries a user or a password; leave them out".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("carries a query or a fragment; leave them out".to_owned());
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if url.host().is_some_and(|host| is_loopback(&host)) => Ok(()),
        "http" => Err("is plain http; allowed is https, and http for loopback addresses only"),
        _ => Err("is neither https nor http; allowed is https, and http for loopback addresses only"),
    }?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => IpAddr::from(*ip).is_loopback(),
        Host::Ipv6(ip) => IpAddr::from(*ip).is_loopback(),
    }
}

/// The address of a database; what is wrong with it is not repeated, since it holds a password.
pub(super) fn database_url(written: &str) -> Parsed<String> {
    let scheme = ["postgres://", "postgresql://"].iter().any(|scheme| written.starts_with(scheme));
    let (spoken, _) = without_libpq_words(written);
    if scheme && spoken.parse::<tokio_postgres::Config>().is_ok() {
        return Ok(written.to_owned());
    }
    Err("is no database address; allowed is postgres://USER@HOST/DATABASE".to_owned())
}

/// A part of a web address or a namespace: neither spaces nor control characters.
pub(super) fn word(written: &str) -> Parsed<String> {
    if written.len() > 200 || written.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(
            "is too long or holds spaces; allowed are up to 200 characters without a space".to_owned()
        );
    }
    Ok(written.to_owned())
}

/// The end of a web address, such as `/api`.
pub(super) fn suffix(written: &str) -> Parsed<String> {
    if !written.starts_with('/') {
        return Err(format!("is {written:?}; allowed is a path that starts with /"));
    }
    word(written)
}

/// The name of a file. What looks like the secret itself is refused unseen: a later message would print it.
pub(super) fn file_name(written: &str) -> Parsed<String> {
    let looks_like_a_key = written.len() == 64 && written.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if looks_like_a_key || written.contains(char::is_control) {
        return Err("looks like a secret; allowed is the name of a file that holds it".to_owned());
    }
    Ok(written.to_owned())
}

/// A schedule of six fields that is due at least once.
pub(super) fn cron(written: &str) -> Parsed<String> {
    let fields = written.split_whitespace().count();
    if fields == 5 {
        return Err(format!("has 5 fields; put `0 ` before it for the seconds: \"0 {written}\""));
    }
    if fields != 6 {
        return Err(format!("has {fields} fields; allowed are 6: second minute hour day month weekday"));
    }
    let schedule = super::maintenance::cron(written).map_err(|error| format!("is no schedule: {error}"))?;
    match schedule.find_next_occurrence(&chrono::Utc::now(), false) {
        Ok(_) => Ok(written.to_owned()),
        Err(_) => Err("is never due; allowed is a schedule that comes round".to_owned()),
    }
}

/// A level, or a list such as `info,mozyd::engine=debug`. A bare word must be a level: the filter itself would
/// take `inof` for the name of a module and fall silent.
pub(super) fn log_level(written: &str) -> Parsed<String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let known = |part: &str| part.contains('=') || LEVELS.contains(&part.trim());
    if written.split(',').all(known) && tracing_subscriber::EnvFilter::try_new(written).is_ok() {
        return Ok(written.to_owned());
    }
    Err(format!(
        "is {written:?}; allowed are {}, or a list such as info,mozyd::engine=debug",
        LEVELS.join(", ")
    ))
}
