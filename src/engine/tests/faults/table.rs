//! How many cells of each kind of step ended as they should under each trouble: a row for each kind, a column for each
//! trouble, numbered, with their names below. A cell in which all went well is its count, else `ok/count`.

use super::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

/// The table.
#[derive(Default)]
pub struct Table {
    /// In the order in which they came.
    troubles: Vec<String>,
    /// By kind and column: how many there were, and how many ended well.
    rows: BTreeMap<String, BTreeMap<usize, (usize, usize)>>,
}

impl Table {
    pub fn count(&mut self, cell: &Cell, ok: bool) {
        let trouble = cell.trouble.to_string();
        let known = self.troubles.iter().position(|other| *other == trouble);
        let column = known.unwrap_or_else(|| {
            self.troubles.push(trouble);
            self.troubles.len() - 1
        });
        let (all, well) = self.rows.entry(cell.kind.clone()).or_default().entry(column).or_default();
        *all += 1;
        *well += usize::from(ok);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:<22}", "")?;
        (1..=self.troubles.len()).try_for_each(|nth| write!(out, "{nth:>5}"))?;
        for (kind, row) in &self.rows {
            write!(out, "\n{kind:<22}")?;
            for column in 0..self.troubles.len() {
                match row.get(&column) {
                    None => write!(out, "{:>5}", "-")?,
                    Some((all, well)) if all == well => write!(out, "{all:>5}")?,
                    Some((all, well)) => write!(out, "{:>5}", format!("{well}/{all}"))?,
                }
            }
        }
        writeln!(out)?;
        for (nth, trouble) in self.troubles.iter().enumerate() {
            writeln!(out, "{:>4} {trouble}", nth + 1)?;
        }
        let cells = || self.rows.values().flat_map(BTreeMap::values);
        let (all, well): (usize, usize) =
            cells().fold((0, 0), |sum, (all, well)| (sum.0 + all, sum.1 + well));
        write!(out, "{all} cells, {well} with the end of the reference")
    }
}

#[test]
fn what_failed_stands_out() {
    let mut table = Table::default();
    for (trouble, ok) in [("line:xml", true), ("line:xml", false), ("killed:Sent", true)] {
        let cell = format!("order/create_user/0/{trouble}/1");
        table.count(&cell.parse().unwrap(), ok);
    }
    let text = table.to_string();
    let row = text.lines().find(|line| line.starts_with("create_user")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["create_user", "1/2", "1"]);
    assert!(text.ends_with("3 cells, 2 with the end of the reference"), "{text}");
}
