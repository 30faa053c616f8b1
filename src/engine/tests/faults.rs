//! The fault matrix: for every kind of step, the process is killed at each of six points around it, and each fault of the
//! line strikes it; the ledger loses its answers; reads are old; keys are taken by others. Whatever happened, the end
//! is that of a run without any of it: the same objects, each made and deleted as often, the same pools, the
//! same mails, the same bill.
//!
//! The normal run takes a part of the cells. All of them, and as many seeds as wanted:
//! `MOZYD_SEEDS=20 cargo test --lib engine::tests::faults::all -- --ignored --nocapture`, which prints a table.
//! A cell that fails prints the command that repeats it alone.

use super::killer::Point;
use crate::plan::Action;
use cell::{Cell, Trouble};
use std::collections::BTreeSet;
use table::Table;

mod cell;
mod end;
mod lies;
mod line;
mod stories;
mod table;

/// The cells of one seed.
fn cells(seed: u64) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (story, kinds) in stories::kinds(seed) {
        for (kind, times) in kinds {
            let nth = (seed as usize) % times;
            let cell = |trouble| Cell { story, kind: kind.to_owned(), nth, trouble, seed };
            cells.extend(Point::ALL.map(|point| cell(Trouble::Killed(point))));
            cells.extend(line::FAULTS.iter().map(|(name, _)| cell(Trouble::Line((*name).to_owned()))));
            cells.extend(
                ["intend", "settle"]
                    .into_iter()
                    .flat_map(|at| [Trouble::lost(at), Trouble::down(at), Trouble::lease(at)].map(&cell)),
            );
        }
    }
    cells
}

#[test]
fn every_kind_of_step_is_in_a_story() {
    let all = stories::kinds(1);
    let reached: BTreeSet<&str> = all.iter().flat_map(|(_, kinds)| kinds.keys().copied()).collect();
    let missing: Vec<&&str> = Action::KINDS.iter().filter(|kind| !reached.contains(**kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// One cell in so many, another part for each kind.
const SHARE: usize = 9;

#[test]
fn a_part_of_the_matrix() {
    let cells = cells(1);
    assert!(cells.len() > 600, "{}", cells.len());
    let mut failed = Vec::new();
    for (at, cell) in cells.iter().enumerate().filter(|(at, _)| at % SHARE == 4) {
        failed.extend(cell.run().err().map(|why| format!("{at}: {why}")));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
#[ignore = "takes a minute: see the module's head"]
fn all() {
    let seeds = std::env::var("MOZYD_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(1);
    let (mut failed, mut table) = (Vec::new(), Table::default());
    for seed in 1..=seeds {
        for cell in cells(seed) {
            let told = cell.run();
            table.count(&cell, told.is_ok());
            if let Err(why) = told {
                eprintln!("{why}");
                failed.push(cell.command());
            }
        }
    }
    println!("{table}");
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

/// Repeats the cell that `MOZYD_CELL` names.
#[test]
#[ignore = "repeats one cell: see the module's head"]
fn one() {
    let cell: Cell = std::env::var("MOZYD_CELL").unwrap().parse().unwrap();
    cell.run().unwrap();
}
