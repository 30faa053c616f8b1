//! The morning: customers order, make groups and people, hand out licences, and switch sync on.

use anyhow::Result;

use super::cast::{Customer, Licence, Person, Team};
use super::stage::{Stage, each};
use crate::sim::osa::{
    LicenceKind, NewAccount, NewGroup, NewLicence, NewServiceUser, NewStaff, NewUser, Order, SyncSwitch,
};

/// Everybody orders.
pub async fn orders(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    each(cast, async |customer| order(stage, customer).await).await
}

async fn order(stage: Stage<'_>, customer: &mut Customer) -> Result<()> {
    let osa = stage.lab.osa();
    let (name, email) = &customer.admin;
    customer.account = osa.create_account(&NewAccount::client(&customer.company, email))?;
    let staff = NewStaff {
        login: email.clone(),
        email: Some(email.clone()),
        full_name: name.clone(),
        is_account_admin: true,
    };
    osa.create_staff(customer.account, &staff)?;
    let counters = customer.bought.counters();
    let task = osa.order(&Order { instance: stage.lab.instance(), account: customer.account, counters });
    let what = format!("{} orders {}", customer.company, customer.bought.in_words());
    customer.tenant = stage.ask(&what, task).await?.resource;
    Ok(())
}

/// Everybody makes two groups.
pub async fn groups(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    each(cast, async |customer| {
        for Team { name, id } in &mut customer.teams {
            let task =
                stage.lab.osa().create_group(&NewGroup { tenant: customer.tenant, name: name.clone() });
            *id = stage.ask(&format!("{}: group {name}", customer.company), task).await?.resource;
        }
        Ok(())
    })
    .await
}

/// Everybody brings people: the first into the first group, the others into the default group.
pub async fn people(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    each(cast, async |customer| {
        let group = customer.teams[0].id.to_string();
        for (nth, person) in customer.people.iter_mut().enumerate() {
            let new = NewServiceUser {
                login: person.login.clone(),
                email: person.login.clone(),
                display_name: person.name.clone(),
            };
            person.service_user = stage.lab.osa().create_service_user(customer.account, &new)?;
            let task = stage.lab.osa().create_user(&NewUser {
                tenant: customer.tenant,
                service_user: person.service_user,
                group: if nth == 0 { group.clone() } else { String::new() },
                enable_sync: None,
            });
            let what = format!("{}: user {} <{}>", customer.company, person.name, person.login);
            person.id = stage.ask(&what, task).await?.resource;
        }
        Ok(())
    })
    .await
}

/// Everybody is given licences.
pub async fn licences(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    each(cast, async |customer| {
        for Person { login, id: user, licences, .. } in &mut customer.people {
            for Licence { kind, gb, id } in licences {
                let (user, kind, quota) = (*user, *kind, gb.unsigned_abs());
                let task = stage.lab.osa().create_licence(&NewLicence { user, kind, quota });
                let what = format!("{login}: {} licence of {gb} GB", word(kind));
                *id = stage.ask(&what, task).await?.resource;
            }
        }
        Ok(())
    })
    .await
}

/// Who bought sync switches it on, then for the first of his people.
pub async fn sync(stage: Stage<'_>, cast: &mut [Customer]) -> Result<()> {
    each(cast, async |customer| {
        if customer.bought.sync.is_none() {
            return Ok(());
        }
        let task = stage.lab.osa().set_enable_disable_sync(customer.tenant, SyncSwitch::Query(true));
        stage.ask(&format!("{}: sync on", customer.company), task).await?;
        let Person { id, login, .. } = &customer.people[0];
        let task = stage.lab.osa().set_user_sync(*id, true);
        stage.ask(&format!("{login}: sync on"), task).await?;
        Ok(())
    })
    .await
}

/// What a licence is for, in words.
pub fn word(kind: LicenceKind) -> &'static str {
    match kind {
        LicenceKind::Desktop => "desktop",
        LicenceKind::Server => "server",
    }
}
