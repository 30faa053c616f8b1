//! `unmanaged` and `doubts`: what is at Mozy without our having been told, and what may have happened there.

use super::context;
use super::style::{Tone, print, printable};
use super::table::Table;
use super::{Arguments, Exit, Output};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Lists what is at Mozy although OSA never told of it.
pub fn unmanaged(arguments: &Arguments) -> Result<Exit> {
    let lines = context::with(&arguments.config, async |context| {
        context.store.unmanaged().await.context("reading what is unmanaged")
    })?;
    let cells = lines.iter().map(|line| {
        [line.mozy_id.clone(), line.kind.clone(), printable(&line.name), line.subscription_id.to_string()]
    });
    let json = lines.iter().map(|line| {
        json!({"id": line.mozy_id, "kind": line.kind, "name": line.name, "aps_id": line.subscription_id, "since": line.since})
    });
    show(arguments.output, &["ID", "KIND", "NAME", "SUBSCRIPTION"], cells, json, "nothing is unmanaged\n")
}

/// Lists the steps that may or may not have happened.
pub fn doubts(arguments: &Arguments) -> Result<Exit> {
    let doubts = context::with(&arguments.config, async |context| {
        context.store.doubts().await.context("reading the doubts")
    })?;
    let why = |why: &str| if why.is_empty() { "nobody holds it any more".to_owned() } else { printable(why) };
    let cells = doubts.iter().map(|doubt| {
        let kind = doubt.step.action.kind().to_owned();
        [doubt.id.to_string(), kind, doubt.since.format("%F %T").to_string(), why(&doubt.why)]
    });
    let json = doubts.iter().map(|doubt| {
        json!({"step": doubt.id, "kind": doubt.step.action.kind(), "aps_id": doubt.subscription, "since": doubt.since,
            "why": why(&doubt.why)})
    });
    show(arguments.output, &["STEP", "KIND", "SINCE", "WHY"], cells, json, "nothing is in doubt\n")
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
