//! The verbs of the interface are there, and errors read well.

use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> std::result::Result<Arguments, clap::Error> {
    Arguments::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn every_verb_of_the_interface_is_understood() {
    for line in [
        "run",
        "migrate",
        "check-config",
        "status",
        "status 1000001",
        "explain 1000001",
        "plan",
        "plan 1000001",
        "apply --plan 0badcafe",
        "refresh 1000001",
        "refresh --all",
        "pause 1000001",
        "resume 1000001",
        "approve 0badcafe",
        "unmanaged",
        "adopt 17",
        "doubts",
        "resolve 17",
        "forget 1000001 --reason migrated",
        "events",
        "events 1000001",
        "usage audit",
        "completions bash",
        "man",
    ] {
        let arguments = parse(&format!("mozyd {line} --config x.toml --output json")).unwrap();
        assert_eq!((arguments.config.to_str(), arguments.output), (Some("x.toml"), Output::Json), "{line}");
    }
}

#[test]
fn a_verb_that_lacks_its_word_is_refused() {
    for line in [
        "",
        "apply",
        "refresh",
        "refresh --all 1",
        "pause",
        "forget 1",
        "forget --reason x",
        "usage",
        "completions",
    ] {
        assert!(parse(&format!("mozyd {line}")).is_err_and(|error| error.use_stderr()), "{line}");
    }
}

#[test]
fn mistyping_is_an_error_and_help_is_none() {
    assert_eq!(mistyped(&parse("mozyd statsu").unwrap_err()), Exit::Error);
    assert_eq!(mistyped(&parse("mozyd --version").unwrap_err()), Exit::Done);
}

#[test]
fn every_verb_says_what_it_is_for() {
    for verb in Arguments::command().get_subcommands() {
        assert!(verb.get_about().is_some(), "{verb}");
    }
}

#[test]
fn an_error_shows_each_cause_once() {
    let error =
        anyhow::anyhow!("connection refused").context("cannot reach PostgreSQL").context("cannot migrate");
    assert_eq!(message(&error), "cannot migrate: cannot reach PostgreSQL: connection refused");
    let error = anyhow::anyhow!("no\x1b[2J").context("cannot look: no\x1b[2J\nat all");
    assert_eq!(message(&error), "cannot look: no\u{fffd}[2J\n       at all");
}
