//! Whatever a configuration says, reading it ends in a value or in problems that name the key, the place and the way out.
//!
//! `PROPTEST_CASES=100000 cargo nextest run config::properties` runs for longer.

use std::path::Path;

use proptest::prelude::*;

use super::*;

const SHIPPED: &str = include_str!("../../deploy/mozyd.toml");

const SMALLEST: &str =
    "[database]\nurl = \"postgres://mozyd@localhost/mozyd\"\n[secrets]\nkey_file = \"key\"\n";

fn parse(text: &str, environment: &Environment) -> Result<Config> {
    Config::parse(Path::new("mozyd.toml"), text, environment)
}

fn keys() -> Vec<String> {
    let source = Source::new(Path::new(""), "", &Environment::default(), &SECTIONS).unwrap();
    read(source).1
}

/// Values of every type, sensible and senseless.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:?}").replace("NaN", "nan")),
        any::<bool>().prop_map(|on| on.to_string()),
        "[ -~äö]{0,20}".prop_map(|text| format!("{text:?}")),
        "[0-9]{0,22}[a-z]{0,4}".prop_map(|text| format!("{text:?}")),
        Just("[]".to_owned()),
        Just("[[1, \"x\"], {}]".to_owned()),
        Just("{ a = 1 }".to_owned()),
        Just("1979-05-27".to_owned()),
        "[ -~]{0,8}",
    ]
}

/// Each problem says where and what; nothing that a line holds beside its value is repeated.
fn explained(problems: &Problems) -> std::result::Result<(), TestCaseError> {
    prop_assert!(!problems.0.is_empty());
    for problem in &problems.0 {
        let text = problem.to_string();
        prop_assert!(text.contains("mozyd.toml") || text.contains("MOZYD_"), "{text}");
        prop_assert!(!text.contains('\n'), "{text}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".{0,200}", lines in prop::collection::vec("[ -~]{0,30}", 0..10)) {
        for text in [text, lines.join("\n")] {
            if let Err(problems) = parse(&text, &Environment::default()) {
                explained(&problems)?;
            }
        }
    }

    #[test]
    fn any_value_of_any_key_is_taken_or_explained(at: prop::sample::Index, value in value()) {
        let keys = keys();
        let key = at.get(&keys);
        let (section, name) = key.split_once('.').unwrap();
        let rest: String = SMALLEST.lines().filter(|line| !line.starts_with(&format!("{name} ="))).map(|line| {
            if line == format!("[{section}]") { format!("{line}\n{name} = {value}\n") } else { format!("{line}\n") }
        }).collect();
        let own = format!("[{section}]");
        let text = if rest.contains(&own) { rest } else { format!("{rest}{own}\n{name} = {value}\n") };
        if let Err(problems) = parse(&text, &Environment::default()) {
            explained(&problems)?;
        }
    }

    #[test]
    fn any_variable_is_taken_or_explained(at: prop::sample::Index, value in "[ -~]{0,24}") {
        let keys = keys();
        let variable = format!("MOZYD_{}", at.get(&keys).replace('.', "__").to_uppercase());
        let environment: Environment = [(variable.as_str(), value.as_str())].into_iter().collect();
        if let Err(problems) = parse(SMALLEST, &environment) {
            explained(&problems)?;
        }
    }

    #[test]
    fn the_shipped_file_cut_or_garbled_anywhere_never_panics(at in 0.0..1.0, with in "[ -~\n]{0,6}") {
        let cut = SHIPPED.char_indices().map(|(at, _)| at).nth((SHIPPED.chars().count() as f64 * at) as usize).unwrap_or(0);
        let (head, tail) = SHIPPED.split_at(cut);
        for text in [head.to_owned(), format!("{head}{with}{tail}")] {
            if let Err(problems) = parse(&text, &Environment::default()) {
                explained(&problems)?;
            }
        }
    }
}
