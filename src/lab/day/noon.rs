//! Noon: a move, an upgrade, a mixed up-and-down, a hand in Mozy's own panel, a client that comes alive.

use anyhow::{Context, Result, ensure};
use uuid::Uuid;

use super::cast::Customer;
use super::stage::Stage;
use crate::sim::mozy::{Activation, parts};

/// The first customer renames a group and moves his first user out of the one into the other.
pub async fn moves(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let (osa, customer) = (stage.lab.osa(), &mut cast[0]);
    let team = &mut customer.teams[1];
    let name = format!("{} North", team.name);
    stage.ask(&format!("rename group {} to {name}", team.name), osa.rename_group(team.id, &name)).await?;
    team.name = name;
    let person = &customer.people[0];
    let task = osa.move_user(person.id, &team.id.to_string());
    stage.ask(&format!("move {} to group {}", person.login, team.name), task).await?;
    Ok(())
}

/// The first customer buys more.
pub async fn upgrade(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let customer = &mut cast[0];
    let (licences, gb) = &mut customer.bought.desktop;
    (*licences, *gb) = (*licences + 5, *gb + 150);
    change_limits(stage, customer, "upgrade").await
}

/// The next customer buys more of one thing and less of another, within one kind too.
pub async fn mixed(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let nth = 1 % cast.len();
    let customer = &mut cast[nth];
    let (licences, gb) = &mut customer.bought.desktop;
    (*licences, *gb) = (*licences + 3, *gb - 10);
    let (licences, gb) = &mut customer.bought.server;
    (*licences, *gb) = (*licences - 1, *gb + 40);
    change_limits(stage, customer, "up and down").await
}

async fn change_limits(stage: Stage<'_>, customer: &Customer, what: &str) -> Result<()> {
    let what = format!("{}: {what} to {}", customer.company, customer.bought.in_words());
    let task = stage.lab.osa().upgrade(customer.tenant, &customer.bought.counters());
    stage.ask(&what, task).await?;
    Ok(())
}

/// Somebody changes a quota in Mozy's own panel, and it goes back.
pub async fn panel(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let (customer, mozy) = (&cast[0], stage.lab.mozy());
    let (person, licence) = (&customer.people[1], customer.people[1].licences[0]);
    let key = keystring(stage, licence.id)?;
    let edit = [("keystring", key.as_str().into()), ("quota_desired", (licence.gb - 1).into())];
    mozy.panel("resource.UpdateLicenses", parts(edit))?;
    let text = format!(
        "in Mozy's own panel the key of {} goes from {} to {} GB",
        person.login,
        licence.gb,
        licence.gb - 1
    );
    stage.meanwhile(&text);
    let plan = stage.lab.verb(&["plan", &customer.tenant.to_string()]).await?;
    ensure!([0, 2].contains(&plan.code), "mozyd plan ended with {}: {}", plan.code, plan.stderr.trim());
    // Below the subscription's name: its steps, then its hash.
    for step in plan.stdout.lines().map(str::trim).skip(1).filter(|line| !line.starts_with("plan ")) {
        stage.meanwhile(&format!("`mozyd plan` says: {step}"));
    }
    stage.agreement().await
}

/// A client activates a licence and backs up; the customer gives it more GB, which is another call now.
pub async fn activation(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    let (customer, mozy) = (&mut cast[0], stage.lab.mozy());
    let login = customer.people[1].login.clone();
    let licence = &mut customer.people[1].licences[0];
    let machine =
        mozy.activate(Activation { keystring: keystring(stage, licence.id)?, ..Activation::default() })?;
    stage.meanwhile(&format!("a client of {login} activates its licence"));
    for gb in [1, licence.gb / 2] {
        mozy.back_up(machine, gb << 30)?;
        stage.meanwhile(&format!("its backup grows to {gb} GB"));
    }
    licence.gb += 5;
    let task = stage.lab.osa().change_licence(licence.id, licence.gb.unsigned_abs());
    stage.ask(&format!("{login}: {} GB for the licence in use", licence.gb), task).await?;
    let task = stage.lab.osa().manual_retrieve(customer.tenant);
    stage.ask(&format!("{}: refresh resources", customer.company), task).await?;
    used(stage, customer).await
}

/// What an operator sees of it.
async fn used(stage: Stage<'_>, customer: &Customer) -> Result<()> {
    let status =
        stage.lab.verb(&["status", &customer.tenant.to_string(), "--output", "json"]).await?.json()?;
    let desktop = &status["resources"]["desktop"];
    let (activated, used) = (&desktop["licenses"]["activated"], &desktop["quota_gb"]["used"]);
    stage
        .meanwhile(&format!("`mozyd status` says: desktop licences activated: {activated}, GB used: {used}"));
    ensure!(activated == 1, "one licence is activated at Mozy");
    Ok(())
}

/// The key that OSA's screens show for a licence.
fn keystring(stage: Stage<'_>, licence: Uuid) -> Result<String> {
    let licence = stage.lab.osa().resource(licence).context("the licence is gone from OSA")?;
    let key = licence.properties.get("keyString").and_then(|key| key.as_str());
    key.map(str::to_owned).context("OSA was never told the licence's key (keyString)")
}
