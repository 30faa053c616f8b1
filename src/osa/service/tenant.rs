//! `mozyProAccount`: a tenant is ordered, configured, suspended, removed, and asked for its usage.

use serde_json::json;

use crate::domain::user::same_login;
use crate::domain::{Reason, StaffId, SubscriptionId, Thing};
use crate::osa::answer::Answer;
use crate::osa::call::Call;
use crate::osa::early::{Early, Outcome};
use crate::osa::endpoint::nothing_there;
use crate::osa::error::ApsError;
use crate::osa::lookup;
use crate::osa::lookup::Buyer;
use crate::osa::route::Verb;
use crate::osa::types::{StaffChoice, SyncSwitch, Tenant};
use crate::ports::desk::{Desk, TenantWish};
use crate::ports::panel::{Panel, PanelError};

/// `POST /mozyProAccount`.
pub(in crate::osa) async fn provision<D: Desk, P>(call: &Call<'_, D, P>) -> Outcome {
    let tenant: Tenant = call.body()?;
    let id = SubscriptionId(tenant.aps.provisioned()?);
    let Buyer { number, account, model, company, admin, staff } = lookup::buyer(call, id, &tenant).await?;
    let (bought, groups_tab) = (tenant.bought(), tenant.patch().groups_tab.unwrap_or(true));
    let wish = TenantWish { id, number, account, model, company, admin, staff, bought, groups_tab };
    let progress = call.desk().order(&call.ask, wish).await?;
    call.progress(progress, Thing::Tenant(id), Answer::Created).await
}

/// Every other verb.
pub(in crate::osa) async fn answer<D: Desk, P: Panel>(
    call: &Call<'_, D, P>,
    id: SubscriptionId,
    verb: Verb,
) -> Outcome {
    let (desk, ask) = (call.desk(), &call.ask);
    let progress = match verb {
        Verb::Retrieve => return call.retrieve(Thing::Tenant(id)).await,
        Verb::Unprovision => return call.removal(desk.remove_tenant(ask, id).await?),
        Verb::Refresh => return refresh(call, id).await,
        Verb::ClientUrl => return client_url(call, id).await,
        Verb::CheckEmail => return check_email(call, id).await,
        Verb::CreatePartner => return create_partner(call, id).await,
        Verb::Configure => desk.configure_tenant(ask, id, call.body::<Tenant>()?.patch()).await?,
        Verb::Enable => desk.suspend_tenant(ask, id, false).await?,
        Verb::Disable => desk.suspend_tenant(ask, id, true).await?,
        Verb::SwitchSync => {
            desk.switch_sync(ask, id, call.arguments::<SyncSwitch>()?.on.into_value()).await?
        }
        _ => return Err(nothing_there()),
    };
    call.progress(progress, Thing::Tenant(id), Answer::Found).await
}

/// Waits for one fresh look; where nothing is at Mozy yet, there is nothing to look at.
async fn refresh<D: Desk, P: Panel>(call: &Call<'_, D, P>, id: SubscriptionId) -> Outcome {
    call.owner(Thing::Tenant(id)).await?;
    match call.panel().refresh(id).await {
        Ok(()) | Err(PanelError::NotProvisioned(_)) => Ok(Answer::Done),
        Err(error) => Err(error.into()),
    }
}

async fn client_url<D: Desk, P: Panel>(call: &Call<'_, D, P>, id: SubscriptionId) -> Outcome {
    call.owner(Thing::Tenant(id)).await?;
    Ok(Answer::Found(json!(call.panel().admin_link(id).await?)))
}

/// Advice: whether the e-mail address of a member of staff, else of the admin, is free at Mozy.
async fn check_email<D: Desk, P: Panel>(call: &Call<'_, D, P>, id: SubscriptionId) -> Outcome {
    let chosen = call.arguments::<StaffChoice>()?.staff.into_value();
    let unknown = || ApsError::not_found(format!("tenant {id} is not known here"));
    let numbers = call.desk().tenant(call.instance_id(), id).await?.ok_or_else(unknown)?;
    let email = match chosen {
        Some(staff) => lookup::staff(call, id, StaffId(staff)).await?.email,
        None => numbers.admin_email.clone(),
    };
    // A partner is refused for what Mozy's look-up may not show.
    if numbers.partner.is_none() && same_login(&email, &numbers.admin_email) && is_taken(call, id).await? {
        return Ok(Answer::Found(json!({"available": false})));
    }
    let available = call.panel().email_available(call.instance_id(), &email).await?;
    Ok(Answer::Found(json!({"available": available})))
}

/// Whether the admin's e-mail address was in use when the partner was to be made.
async fn is_taken<D: Desk, P>(call: &Call<'_, D, P>, id: SubscriptionId) -> Result<bool, Early> {
    let snapshot = call.desk().snapshot(id).await?;
    let conditions = snapshot.map(|snapshot| snapshot.conditions).unwrap_or_default();
    Ok(conditions.iter().any(|condition| condition.reason == Reason::AdminEmailInUse))
}

async fn create_partner<D: Desk, P>(call: &Call<'_, D, P>, id: SubscriptionId) -> Outcome {
    let missing = || ApsError::bad_request("staffGUID: is missing; name a member of staff");
    let staff = StaffId(call.arguments::<StaffChoice>()?.staff.into_value().ok_or_else(missing)?);
    call.owner(Thing::Tenant(id)).await?;
    let admin = lookup::staff(call, id, staff).await?;
    let progress = call.desk().choose_admin(&call.ask, id, staff, admin).await?;
    call.progress(progress, Thing::Tenant(id), Answer::Found).await
}
