//! Shows OSA what changed, without being called back; never a configure of the resource itself (contract §3).

use std::time::Duration;

use super::apsc::ApscError;
use super::controllers::Controllers;
use super::echo;
use super::observe::{PUSH, question};
use super::properties;
use crate::domain::{InstanceId, Thing};
use crate::ports::desk::{Desk, DeskError};

/// How long a push may take in all.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushOutcome {
    /// OSA shows what we know.
    Done,
    /// It is not known here or being removed, so there is nothing to show: the mark is to be dropped.
    Gone,
}

/// Why a push is still owed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// What there is to push cannot be read.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// OSA did not take it.
    #[error(transparent)]
    Controller(#[from] ApscError),
    /// Its instance is neither installed nor served as the default.
    #[error("instance {0} is not served; install it again")]
    UnknownInstance(InstanceId),
}

/// Reads what there is to say of a thing, and pushes it to the controller of its instance.
///
/// # Errors
/// See [`PushError`]; the push is still owed then.
pub async fn push<D: Desk>(
    desk: &D,
    controllers: &Controllers,
    instance: InstanceId,
    thing: Thing,
) -> Result<PushOutcome, PushError> {
    let Some(properties) = properties::learned(desk, instance, thing).await? else {
        return Ok(PushOutcome::Gone);
    };
    let known = match controllers.remembered(instance) {
        Some(known) => Some(known),
        None => controllers.read(desk, instance).await?,
    };
    let known = known.ok_or(PushError::UnknownInstance(instance))?;
    let client = controllers.client(&known)?;
    let pushed = client.push(properties::service(thing), thing.id(), &properties);
    // Also what OSA does not know is owed as long as it is wanted here: OSA never said that it removed it.
    question(controllers.observer(), PUSH, PATIENCE, pushed).await?;
    if let (Thing::User(id), Some(properties)) = (thing, properties.as_object()) {
        desk.tell(id, &echo::held(properties.iter())).await?;
    }
    Ok(PushOutcome::Done)
}
