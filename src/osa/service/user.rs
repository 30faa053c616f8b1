//! `mozyProAccountUser`: a user is made, moved, renamed, suspended and removed.

use serde_json::{Map, Value, json};

use crate::domain::{GroupId, MozyGroupId, SubscriptionId, Thing, UserId};
use crate::osa::answer::Answer;
use crate::osa::call::Call;
use crate::osa::early::Outcome;
use crate::osa::echo;
use crate::osa::endpoint::nothing_there;
use crate::osa::error::ApsError;
use crate::osa::lookup;
use crate::osa::route::Verb;
use crate::osa::types::{Amount, GroupRef, Patch, User};
use crate::ports::desk::{Desk, GroupChoice, Progress, UserPatch, UserWish};
use crate::ports::panel::Panel;

/// `POST /mozyProAccountUser`. Who he is, is what OSA's service user is.
pub(in crate::osa) async fn provision<D: Desk, P>(call: &Call<'_, D, P>) -> Outcome {
    let user: User = call.body()?;
    let id = UserId(user.aps.provisioned()?);
    let subscription = SubscriptionId(user.tenant.target("mozyProAccount")?);
    let service_user = user.user.target("user")?;
    let group = group(user.group)?.unwrap_or(GroupChoice::Default);
    let person = lookup::person(call, subscription, id, service_user).await?;
    let nameless = || ApsError::bad_request("user: this service user has no e-mail address; give him one");
    let wish = UserWish {
        id,
        subscription,
        service_user,
        login: person.email.ok_or_else(nameless)?,
        display_name: person.name,
        group,
        sync: user.enable_sync.into_value().unwrap_or(false),
        sync_quota: user.sync_quota.into_value().map(Amount::gb),
    };
    let progress = call.desk().add_user(&call.ask, wish).await?;
    told(call, id, call.progress(progress, Thing::User(id), Answer::Created).await?).await
}

/// Every other verb.
pub(in crate::osa) async fn answer<D: Desk, P: Panel>(
    call: &Call<'_, D, P>,
    id: UserId,
    verb: Verb,
) -> Outcome {
    let (desk, ask) = (call.desk(), &call.ask);
    let progress = match verb {
        Verb::Retrieve => return told(call, id, call.retrieve(Thing::User(id)).await?).await,
        Verb::Unprovision => return call.removal(desk.remove_user(ask, id).await?),
        Verb::UserUrl => return link(call, id).await,
        Verb::UserChanged => return changed(call, id).await,
        Verb::Configure => {
            let known = echo::user(&desk.told(id).await?);
            let wish = patch(echo::without(call.body()?, known))?;
            let progress = desk.configure_user(ask, id, wish).await?;
            return told(call, id, call.progress(progress, Thing::User(id), Answer::Found).await?).await;
        }
        Verb::EnableUser => desk.suspend_user(ask, id, false).await?,
        Verb::DisableUser => desk.suspend_user(ask, id, true).await?,
        _ => return Err(nothing_there()),
    };
    // OSA keeps nothing of what an operation of the type's own is answered.
    call.progress(progress, Thing::User(id), Answer::Found).await
}

/// Notes what OSA holds now: what it said, also while it waits for that, and above it what it is answered.
async fn told<D: Desk, P>(call: &Call<'_, D, P>, id: UserId, answer: Answer) -> Outcome {
    let said = call.body::<Map<String, Value>>().unwrap_or_default();
    let answered = match &answer {
        Answer::Created(properties) | Answer::Found(properties) => properties.as_object(),
        Answer::Done | Answer::Removed | Answer::Pending { .. } => None,
    };
    call.desk().tell(id, &echo::held(said.iter().chain(answered.into_iter().flatten()))).await?;
    Ok(answer)
}

async fn link<D: Desk, P: Panel>(call: &Call<'_, D, P>, id: UserId) -> Outcome {
    call.owner(Thing::User(id)).await?;
    Ok(Answer::Found(json!(call.panel().user_link(id).await?)))
}

/// An event is a hint: it is accepted once what it hints at is written, and nobody waits for Mozy. With 202 it is told
/// again, and he is looked up again then.
async fn changed<D: Desk, P>(call: &Call<'_, D, P>, id: UserId) -> Outcome {
    let subscription = call.owner(Thing::User(id)).await?;
    let Some(service_user) = call.desk().service_user(id).await? else { return Ok(Answer::Done) };
    let person = lookup::person_now(call, subscription, id, service_user).await?;
    let display_name = Some(person.name).filter(|name| !name.is_empty());
    let patch = UserPatch { login: person.email, display_name, ..UserPatch::default() };
    Ok(match call.desk().user_changed(&call.ask, id, patch).await? {
        Progress::Done => Answer::Done,
        Progress::Waiting { reason, message } => call.pending(reason, message),
    })
}

fn patch(user: User) -> Result<UserPatch, ApsError> {
    Ok(UserPatch {
        login: user.login.email(),
        display_name: user.display_name.name("displayName")?,
        group: group(user.group)?,
        sync: user.enable_sync.into_value(),
        sync_quota: match user.sync_quota {
            Patch::Keep => None,
            Patch::Clear => Some(None),
            Patch::Set(quota) => Some(Some(quota.gb())),
        },
    })
}

fn group(group: Patch<GroupRef>) -> Result<Option<GroupChoice>, ApsError> {
    let absurd = |_| ApsError::bad_request("user_group_id: is absurdly large");
    Ok(match group {
        Patch::Keep => None,
        Patch::Clear => Some(GroupChoice::Default),
        Patch::Set(GroupRef::Aps(id)) => Some(GroupChoice::Own(GroupId(id))),
        Patch::Set(GroupRef::Mozy(id)) => {
            Some(GroupChoice::Mozy(MozyGroupId(i64::try_from(id).map_err(absurd)?)))
        }
    })
}
