//! Our parts of Mozy's budgets: renewed while they are used, given back when not, at once when another daemon joins or
//! Mozy stands otherwise. Mozy that may be down is looked at, and while it is down by each daemon for itself: it may be the
//! way there that is broken.

use super::gate::{BEAT, Budget};
use super::vendors::Vendors;
use crate::metrics::Metrics;
use crate::store::Store;
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

/// A look at a Mozy that is down takes no longer; one that answers so late is not well.
const LOOK: Duration = Duration::from_secs(10);

/// Keeps them for ever. `changed` is notified when another daemon changed something.
pub async fn run(
    (store, daemon): (Store, Uuid),
    vendors: Arc<Vendors>,
    metrics: Arc<Metrics>,
    changed: Arc<Notify>,
) {
    let mut tick = interval(BEAT);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let told = tokio::select! {
            _ = tick.tick() => false,
            () = vendors.suspected.notified() => false,
            () = changed.notified() => true,
        };
        let budgets = vendors.budgets();
        let unused = join_all(budgets.iter().map(|budget| budget.beat(told))).await;
        let unused = budgets.iter().zip(unused).filter(|(_, unused)| *unused);
        leave(&store, daemon, &unused.map(|(budget, _)| Arc::clone(budget)).collect::<Vec<_>>()).await;
        for budget in &budgets {
            look(&vendors, budget).await;
        }
        metrics.mozy.set_paused(budgets.iter().filter(|budget| is_paused(budget)).count() as i64);
    }
}

fn is_paused(budget: &Budget) -> bool {
    budget.is_down() || budget.standing().paused().is_some()
}

/// Gives these back.
pub async fn leave(store: &Store, daemon: Uuid, budgets: &[Arc<Budget>]) {
    if budgets.is_empty() {
        return;
    }
    budgets.iter().for_each(|budget| budget.left());
    let credentials: Vec<_> = budgets.iter().map(|budget| budget.credential()).collect();
    if let Err(error) = store.leave_budgets(daemon, &credentials).await {
        // They run out by themselves.
        tracing::debug!(%error, "parts of budgets could not be given back");
    }
}

/// In a task of its own: meanwhile other budgets are kept.
async fn look(vendors: &Vendors, budget: &Arc<Budget>) {
    let Some(mozy) = vendors.for_probe(budget) else { return };
    if !budget.takes_look() {
        return;
    }
    let budget = Arc::clone(budget);
    tokio::spawn(async move {
        // The budget hears of the answer by itself.
        match timeout(LOOK, mozy.look()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "mozy is not well"),
            // If others were answered meanwhile, it was only the line that was long.
            Err(_) => budget.breaks("it did not answer a look in time").await,
        }
        budget.looked();
    });
}
