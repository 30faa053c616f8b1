//! Wanted beside actual, and the bill beside Mozy's numbers: both from the simulators' own states, never from what
//! mozyd says of itself.

mod actual;
mod picture;
mod table;
mod wanted;
mod wishes;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::time::sleep;

pub use actual::Actual;
pub use picture::{Key, Picture, Pool, Standing, User};
pub use table::table;
pub use wishes::Wishes;

use super::wait;
use crate::sim::mozy::MozySim;
use crate::sim::osa::{Counter, OsaSim, Resource, Usage};

/// How often both sides are looked at: each look asks mozyd for every bill.
const LOOK: Duration = Duration::from_millis(100);

/// One subscription on all sides.
#[derive(Debug)]
pub struct Row {
    /// OSA's number.
    pub number: i64,
    /// The company.
    pub company: String,
    /// What OSA wants.
    pub wanted: Picture,
    /// What Mozy has.
    pub actual: Picture,
    /// What OSA bills, of the counters in the plan.
    pub billed: Usage,
    /// What Mozy's numbers are, of the same counters.
    pub in_use: Usage,
    /// Every difference, in words; none is agreement.
    pub differences: Vec<String>,
}

/// Every subscription that was ever ordered, oldest first.
pub fn rows(osa: &OsaSim, mozy: &MozySim) -> Vec<Row> {
    rows_under(osa, mozy, &Wishes::of(osa))
}

fn rows_under(osa: &OsaSim, mozy: &MozySim, wishes: &Wishes) -> Vec<Row> {
    let wanted = wanted::all(osa, wishes);
    let numbers: BTreeSet<String> = wanted.iter().map(|wanted| wanted.number.to_string()).collect();
    let mut actual = actual::all(mozy, &numbers);
    let row = |wanted: wanted::Wanted| {
        let found = actual.remove(&wanted.number.to_string()).unwrap_or_default();
        row(osa, wanted, found)
    };
    wanted.into_iter().map(row).collect()
}

fn row(osa: &OsaSim, wanted: wanted::Wanted, mut found: Vec<Actual>) -> Row {
    let accounts = found.len();
    let actual = found.drain(..).next().unwrap_or_default();
    let mut differences = wanted.picture.differences(&actual.picture);
    differences.extend(actual.strains.iter().cloned());
    if accounts > 1 {
        differences.push(format!("Mozy has {accounts} accounts for it"));
    }
    let (billed, in_use) = match &wanted.tenant {
        Some(tenant) => (osa.bill(tenant.id).usage, of_plan(tenant, &actual.in_use)),
        None => (Usage::new(), Usage::new()),
    };
    let said = |number: Option<&i64>| number.map_or_else(|| "nothing".to_owned(), i64::to_string);
    for (name, mozys) in in_use.iter().filter(|(name, mozys)| billed.get(*name) != Some(mozys)) {
        differences.push(format!("{name}: billed {}, in use at Mozy {mozys}", said(billed.get(name))));
    }
    let Actual { picture, .. } = actual;
    Row {
        number: wanted.number,
        company: wanted.company,
        wanted: wanted.picture,
        actual: picture,
        billed,
        in_use,
        differences,
    }
}

/// Only what the plan contains is billed.
fn of_plan(tenant: &Resource, usage: &Usage) -> Usage {
    let contained = |name: &str| Counter::named(name).is_some_and(|counter| wanted::has(tenant, counter));
    usage.iter().filter(|(name, _)| contained(name)).map(|(name, number)| (*name, *number)).collect()
}

/// Waits until everything agrees, letting `bill` collect the usage before each look; else the differences.
pub async fn agreement(
    osa: &OsaSim,
    mozy: &MozySim,
    within: Duration,
    bill: impl AsyncFn() -> Result<()>,
) -> Result<()> {
    let wishes = Wishes::of(osa);
    let mut left = Vec::new();
    let agreed = wait::until("OSA and Mozy to agree", within, async || {
        if let Err(error) = bill().await {
            return Some(Err(error));
        }
        left = rows_under(osa, mozy, &wishes).into_iter().flat_map(named).collect();
        if left.is_empty() {
            return Some(Ok(()));
        }
        sleep(LOOK).await;
        None
    });
    match agreed.await {
        Ok(result) => result,
        Err(late) => Err(anyhow!("{late}:\n{}", left.join("\n"))),
    }
}

fn named(row: Row) -> Vec<String> {
    let Row { number, company, differences, .. } = row;
    differences.into_iter().map(|difference| format!("{number} {company}: {difference}")).collect()
}

#[cfg(test)]
mod tests;
