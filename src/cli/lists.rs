//! `unmanaged`: what is at Mozy without our having been told.

use super::context;
use super::style::{Tone, print};
use super::table::Table;
use super::{Arguments, Exit, Output};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Lists what is at Mozy although OSA never told of it.
pub fn unmanaged(arguments: &Arguments) -> Result<Exit> {
    let lines = context::with(&arguments.config, async |context| {
        context.store.unmanaged().await.context("reading what is unmanaged")
    })?;
    let cells = lines
        .iter()
        .map(|line| [line.mozy_id.clone(), line.kind.clone(), line.number.to_string(), line.name.clone()]);
    let json = lines.iter().map(|line| {
        json!({"id": line.mozy_id, "kind": line.kind, "name": line.name, "aps_id": line.subscription_id,
            "subscription_id": line.number, "since": line.since})
    });
    show(arguments.output, &["ID", "KIND", "SUBSCRIPTION", "NAME"], cells, json, "nothing is unmanaged\n")
}

fn show<const N: usize>(
    output: Output,
    headings: &[&str; N],
    cells: impl ExactSizeIterator<Item = [String; N]>,
    json: impl Iterator<Item = Value>,
    none: &str,
) -> Result<Exit> {
    let empty = cells.len() == 0;
    print(&match output {
        Output::Json => format!("{}\n", Value::Array(json.collect())),
        Output::Text if empty => none.to_owned(),
        Output::Text => {
            let mut table = Table::new(headings);
            cells.for_each(|row| table.row(row.map(|cell| (Tone::Plain, cell))));
            table.render()
        }
    })?;
    Ok(Exit::Done)
}
