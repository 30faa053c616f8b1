//! `usage audit`: what OSA shows, what we keep and what Mozy has now, side by side.

use super::context::{self, Context};
use super::style::{Tone, print, printable};
use super::table::Table;
use super::{Arguments, Exit, Output};
use crate::daemon::{self, Vendors};
use crate::domain::SubscriptionId;
use crate::osa::audit::{COUNTERS, counted, shown};
use crate::osa::controllers::Controllers;
use crate::store::Desk;
use anyhow::{Context as _, Result};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

/// So many subscriptions are read at once.
const AT_ONCE: usize = 8;

/// One number, as each of the three has it.
struct Line {
    counter: &'static str,
    /// `None` where the plan does not contain it.
    osa: Option<i64>,
    ours: i64,
    mozy: i64,
}

impl Line {
    fn agrees(&self) -> bool {
        self.ours == self.mozy && self.osa.is_none_or(|osa| osa == self.ours)
    }
}

/// One subscription.
struct Row {
    id: SubscriptionId,
    number: i64,
    company: String,
    /// The numbers, or why they could not be read.
    lines: Result<Vec<Line>>,
}

/// Compares all subscriptions.
pub fn audit(arguments: &Arguments) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let vendors = context.vendors()?;
        let (desk, controllers) = daemon::controllers(&context.config, &context.store, &vendors)?;
        let audit = Audit { context: &context, vendors, desk, controllers };
        let ids = context.all().await?;
        let rows = stream::iter(ids).map(|id| audit.row(id)).buffered(AT_ONCE).collect::<Vec<_>>().await;
        let rows: Vec<Row> = rows.into_iter().flatten().collect();
        print(&match arguments.output {
            Output::Json => format!("{}\n", Value::Array(rows.iter().map(answer).collect())),
            Output::Text => text(&rows),
        })?;
        Ok(exit(&rows))
    })
}

struct Audit<'a> {
    context: &'a Context,
    vendors: Vendors,
    desk: Desk,
    controllers: Controllers,
}

impl Audit<'_> {
    /// `None` when it has gone meanwhile.
    async fn row(&self, id: SubscriptionId) -> Option<Row> {
        let subscription = match self.context.store.snapshot(id).await {
            Ok(snapshot) => snapshot?.desired.subscription,
            Err(error) => {
                let lines = Err(anyhow::Error::from(error));
                return Some(Row { id, number: 0, company: String::new(), lines });
            }
        };
        let lines = self.lines(id, subscription.instance).await.transpose()?;
        Some(Row { id, number: subscription.number.0, company: subscription.company, lines })
    }

    async fn lines(
        &self,
        id: SubscriptionId,
        instance: crate::domain::InstanceId,
    ) -> Result<Option<Vec<Line>>> {
        let Context { config, store, .. } = self.context;
        let Some(mozy) = daemon::usage(config, store, &self.vendors, id).await? else { return Ok(None) };
        let osa =
            shown(&self.desk, &self.controllers, instance, id).await.context("reading what OSA shows")?;
        let Some(numbers) = store.numbers(instance, id).await.context("reading our numbers")? else {
            return Ok(None);
        };
        let (ours, mozy) = (counted(&numbers.usage.unwrap_or_default()), counted(&mozy));
        let lines = COUNTERS.iter().enumerate();
        let line = |(at, counter): (usize, &&'static str)| Line {
            counter,
            osa: osa[at],
            ours: ours[at],
            mozy: mozy[at],
        };
        Ok(Some(lines.map(line).collect()))
    }
}

fn exit(rows: &[Row]) -> Exit {
    let differs = |row: &Row| row.lines.as_ref().is_ok_and(|lines| !lines.iter().all(Line::agrees));
    match (rows.iter().any(|row| row.lines.is_err()), rows.iter().any(differs)) {
        (true, _) => Exit::Error,
        (false, true) => Exit::Difference,
        (false, false) => Exit::Done,
    }
}

fn answer(row: &Row) -> Value {
    let mut answer = json!({"aps_id": row.id, "subscription_id": row.number, "company": row.company});
    match &row.lines {
        Err(error) => answer["error"] = json!(format!("{error:#}")),
        Ok(lines) => {
            answer["agrees"] = json!(lines.iter().all(Line::agrees));
            for Line { counter, osa, ours, mozy } in lines {
                answer["numbers"][*counter] = json!({"osa": osa, "ours": ours, "mozy": mozy});
            }
        }
    }
    answer
}

/// What differs, line by line, and what could not be read; then how many do not.
fn text(rows: &[Row]) -> String {
    let mut table = Table::new(&["SUBSCRIPTION", "COMPANY", "NUMBER", "OSA", "OURS", "MOZY"]);
    let (mut agree, mut failed) = (0, String::new());
    for row in rows {
        match &row.lines {
            Err(error) => failed.push_str(&format!("{}: {}\n", row.number, printable(&format!("{error:#}")))),
            Ok(lines) if lines.iter().all(Line::agrees) => agree += 1,
            Ok(lines) => {
                for line in lines.iter().filter(|line| !line.agrees()) {
                    let osa = line.osa.map_or_else(|| "-".to_owned(), |osa| osa.to_string());
                    let (number, company) = (row.number.to_string(), printable(&row.company));
                    let cells = [
                        number,
                        company,
                        line.counter.to_owned(),
                        osa,
                        line.ours.to_string(),
                        line.mozy.to_string(),
                    ];
                    table.row(cells.map(|cell| (Tone::Plain, cell)));
                }
            }
        }
    }
    let differences = if exit(rows) == Exit::Done { String::new() } else { table.render() };
    format!("{differences}{failed}{agree} of {} subscriptions agree\n", rows.len())
}
