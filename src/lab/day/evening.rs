//! The evening: a suspend and a resume, removals, a termination, and then quiet.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::cast::Customer;
use super::stage::Stage;
use crate::cli::style::Tone;
use crate::lab::screen::Speaker;
use crate::lab::wait;

/// So many further sweeps must change nothing.
const SWEEPS: usize = 10;
/// What one sweep may take.
const SWEEP: Duration = Duration::from_secs(20);

/// The next customer is suspended; the first suspends one of his users.
pub async fn suspend(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let (osa, customer) = (stage.lab.osa(), &cast[1 % cast.len()]);
    stage.ask(&format!("{}: suspend", customer.company), osa.suspend(customer.tenant)).await?;
    let person = &cast[0].people[0];
    stage.ask(&format!("{}: suspend", person.login), osa.disable_user(person.id)).await?;
    Ok(())
}

/// Both are resumed.
pub async fn resume(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let (osa, customer) = (stage.lab.osa(), &cast[1 % cast.len()]);
    stage.ask(&format!("{}: resume", customer.company), osa.resume(customer.tenant)).await?;
    let person = &cast[0].people[0];
    stage.ask(&format!("{}: activate", person.login), osa.enable_user(person.id)).await?;
    Ok(())
}

/// The first customer removes a licence, a user with all he has, and a group.
pub async fn removals(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let (osa, customer) = (stage.lab.osa(), &mut cast[0]);
    let person = &mut customer.people[0];
    if let Some(licence) = person.licences.pop() {
        let what = format!("{}: remove a licence of {} GB", person.login, licence.gb);
        stage.ask(&what, osa.remove_licence(licence.id)).await?;
    }
    let person = customer.people.remove(0);
    stage.ask(&format!("{}: remove", person.login), osa.remove_user(person.id)).await?;
    let team = &customer.teams[1];
    stage.ask(&format!("delete group {}", team.name), osa.delete_group(team.id)).await?;
    Ok(())
}

/// The last customer leaves.
pub async fn termination(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let customer = &cast[cast.len() - 1];
    let task = stage.lab.osa().terminate(customer.tenant);
    stage.ask(&format!("{}: terminate", customer.company), task).await?;
    Ok(())
}

/// Everything is looked at again and again, and nothing is called that changes Mozy.
pub async fn quiet(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let before = stage.lab.mozy().counters().writes;
    for _ in 0..SWEEPS {
        sweep(stage, cast.len() - 1).await?;
    }
    let calls = stage.lab.mozy().counters().writes - before;
    ensure!(calls == 0, "{calls} calls changed Mozy although everything agreed");
    let text = format!("looked at everything {SWEEPS} times more, and changed nothing");
    stage.screen.say(Speaker::Mozyd, Tone::Plain, &text);
    Ok(())
}

/// SIGUSR1, and then until every subscription had its cycle.
async fn sweep(stage: Stage<'_>, subscriptions: usize) -> Result<()> {
    let mozyd = stage.lab.mozyd();
    let before = mozyd.metric("mozyd_cycles_total", "").await?;
    mozyd.refresh_all()?;
    wait::until("a sweep of all subscriptions", SWEEP, async || {
        let cycles = mozyd.metric("mozyd_cycles_total", "").await.ok()?;
        (cycles >= before + subscriptions as f64).then_some(())
    })
    .await
}
