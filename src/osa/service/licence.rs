//! `mozyProAccountUserLicense`: a user gets a licence, it gets other GB, and it is taken back.

use crate::domain::{LicenceId, Thing, UserId};
use crate::osa::answer::Answer;
use crate::osa::call::Call;
use crate::osa::early::Outcome;
use crate::osa::endpoint::nothing_there;
use crate::osa::error::ApsError;
use crate::osa::route::Verb;
use crate::osa::types::{Amount, Licence};
use crate::ports::desk::{Desk, LicenceWish};

/// `POST /mozyProAccountUserLicense`.
pub(in crate::osa) async fn provision<D: Desk, P>(call: &Call<'_, D, P>) -> Outcome {
    let licence: Licence = call.body()?;
    let id = LicenceId(licence.aps.provisioned()?);
    let user = UserId(licence.user.target("mozyProAccountUser")?);
    let missing = |what: &str| ApsError::bad_request(format!("{what}: is missing; every licence has one"));
    let kind = licence.kind.into_value().ok_or_else(|| missing("licenseType"))?;
    let quota = licence.quota.into_value().ok_or_else(|| missing("quota"))?.gb();
    let wish = LicenceWish { id, user, kind, quota };
    let progress = call.desk().add_licence(&call.ask, wish).await?;
    call.progress(progress, Thing::Licence(id), Answer::Created).await
}

/// Every other verb.
pub(in crate::osa) async fn answer<D: Desk, P>(call: &Call<'_, D, P>, id: LicenceId, verb: Verb) -> Outcome {
    let (desk, ask) = (call.desk(), &call.ask);
    match verb {
        Verb::Retrieve => call.retrieve(Thing::Licence(id)).await,
        Verb::Unprovision => call.removal(desk.remove_licence(ask, id).await?),
        Verb::Configure => {
            let quota = call.body::<Licence>()?.quota.into_value().map(Amount::gb);
            let progress = desk.configure_licence(ask, id, quota).await?;
            call.progress(progress, Thing::Licence(id), Answer::Found).await
        }
        _ => Err(nothing_there()),
    }
}
