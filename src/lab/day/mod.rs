//! A provider's first day, as a list of acts. Each shows what OSA asks, what is planned, what Mozy is told and what
//! OSA bills, and ends only when both simulators agree.

mod cast;
mod evening;
mod morning;
mod noon;
mod stage;
mod watch;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::Lab;
use super::names::Names;
use super::screen::Screen;
use cast::Customer;
use stage::Stage;
use watch::Since;

/// One act.
struct Act {
    title: &'static str,
    play: for<'a> fn(Stage<'a>, &'a mut [Customer]) -> LocalBoxFuture<'a, Result<()>>,
}

/// The day.
const ACTS: [Act; 15] = [
    Act { title: "Customers order", play: |stage, cast| morning::orders(stage, cast).boxed_local() },
    Act { title: "They make groups", play: |stage, cast| morning::groups(stage, cast).boxed_local() },
    Act { title: "They bring their people", play: |stage, cast| morning::people(stage, cast).boxed_local() },
    Act { title: "They hand out licences", play: |stage, cast| morning::licences(stage, cast).boxed_local() },
    Act { title: "They switch sync on", play: |stage, cast| morning::sync(stage, cast).boxed_local() },
    Act {
        title: "A user moves to another group",
        play: |stage, cast| noon::moves(stage, cast).boxed_local(),
    },
    Act { title: "An upgrade", play: |stage, cast| noon::upgrade(stage, cast).boxed_local() },
    Act {
        title: "More of one thing, less of another",
        play: |stage, cast| noon::mixed(stage, cast).boxed_local(),
    },
    Act {
        title: "Somebody changes a quota in Mozy's own panel, and it goes back",
        play: |stage, cast| noon::panel(stage, cast).boxed_local(),
    },
    Act {
        title: "A client activates a licence, and usage grows",
        play: |stage, cast| noon::activation(stage, cast).boxed_local(),
    },
    Act { title: "A suspend", play: |stage, cast| evening::suspend(stage, cast).boxed_local() },
    Act { title: "A resume", play: |stage, cast| evening::resume(stage, cast).boxed_local() },
    Act { title: "Removals", play: |stage, cast| evening::removals(stage, cast).boxed_local() },
    Act { title: "A customer leaves", play: |stage, cast| evening::termination(stage, cast).boxed_local() },
    Act { title: "Quiet", play: |stage, cast| evening::quiet(stage, cast).boxed_local() },
];

/// Plays the day with so many customers, their names and numbers drawn from the seed; the first thing that goes
/// wrong ends it.
pub async fn play(lab: &Lab, screen: &Screen, customers: usize, seed: u64) -> Result<()> {
    ensure!(customers > 0, "a day needs a customer");
    let stage = Stage { lab, screen };
    let mut cast = cast::invent(customers, &mut Names::new(seed));
    for (nth, Act { title, play }) in ACTS.iter().enumerate() {
        screen.act(nth + 1, ACTS.len(), title);
        let (begun, since) = (Instant::now(), Since::now(stage, &cast));
        let played = play(stage, &mut cast).await;
        let agreed = match played {
            Ok(()) => stage.agreement().await,
            Err(error) => Err(error),
        };
        // Also of an act that failed: then it is needed most.
        let shown = since.show(stage, &cast).await;
        agreed.and(shown).with_context(|| format!("act {} ({title})", nth + 1))?;
        screen.agreed(begun.elapsed());
    }
    Ok(())
}
