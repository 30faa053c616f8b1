//! `mozyProAccountGroup`: a user group is made, renamed and removed.

use crate::domain::{GroupId, SubscriptionId, Thing};
use crate::osa::answer::Answer;
use crate::osa::call::Call;
use crate::osa::early::Outcome;
use crate::osa::endpoint::nothing_there;
use crate::osa::error::ApsError;
use crate::osa::route::Verb;
use crate::osa::types::Group;
use crate::ports::desk::{Desk, GroupWish};

/// `POST /mozyProAccountGroup`.
pub(in crate::osa) async fn provision<D: Desk, P>(call: &Call<'_, D, P>) -> Outcome {
    let group: Group = call.body()?;
    let id = GroupId(group.aps.provisioned()?);
    let subscription = SubscriptionId(group.tenant.target("mozyProAccount")?);
    let nameless = || ApsError::bad_request("name: is missing; every group has one");
    let name = group.name.name("name")?.ok_or_else(nameless)?;
    let progress = call.desk().add_group(&call.ask, GroupWish { id, subscription, name }).await?;
    call.progress(progress, Thing::Group(id), Answer::Created).await
}

/// Every other verb.
pub(in crate::osa) async fn answer<D: Desk, P>(call: &Call<'_, D, P>, id: GroupId, verb: Verb) -> Outcome {
    let (desk, ask) = (call.desk(), &call.ask);
    match verb {
        Verb::Retrieve => call.retrieve(Thing::Group(id)).await,
        Verb::Unprovision => call.removal(desk.remove_group(ask, id).await?),
        Verb::Configure => {
            let name = call.body::<Group>()?.name.name("name")?;
            let progress = desk.rename_group(ask, id, name).await?;
            call.progress(progress, Thing::Group(id), Answer::Found).await
        }
        _ => Err(nothing_there()),
    }
}
