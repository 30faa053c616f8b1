//! The README's table of what customers were promised names the scenarios' files as they are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::ROWS;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_readme_names_every_scenario() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("## What customers were promised").nth(1).expect("the section");
    let section = section.split("\n## ").next().unwrap();
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let told: BTreeSet<(String, String)> = section
        .lines()
        .filter(|line| line.starts_with('|') && line.contains("tests/all/guide/"))
        .map(|line| (cells(line)[1].clone(), cells(line)[3].trim_matches('`').to_owned()))
        .collect();
    let played = ROWS.iter().map(|row| (row.number.to_owned(), format!("tests/all/guide/{}.rs", row.file)));
    assert_eq!(told, played.collect());
    for (_, file) in &told {
        assert!(root().join(file).is_file(), "there is no {file}");
    }
}

#[test]
fn every_row_of_the_guide_has_a_scenario() {
    let numbers: BTreeSet<&str> = ROWS.iter().map(|row| row.number).collect();
    let missing: Vec<String> =
        (1..=22).map(|n: u32| n.to_string()).filter(|n| !numbers.contains(n.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new());
}
