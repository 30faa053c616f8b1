//! What an event hints at is wished, and nobody waits for it: it begins no operation, and overtakes none.

use super::operation::{self, Verb};
use super::refuse::not_found;
use super::wish::{Seat, Wish};
use super::{Answer, Desk, limits, save, user};
use crate::domain::{Reason, Thing, UserId};
use crate::ports::desk::{Ask, Progress, UserPatch};
use std::time::Duration;

/// Whoever waits for an operation asks again within this.
const POLL: Duration = Duration::from_secs(60);

impl Desk {
    /// Writes who a user is now. While OSA waits for another change of his, that is to end first: its polls would take
    /// back what is written now, and it could not be withdrawn any more.
    pub(super) async fn hear_of_user(&self, ask: &Ask, id: UserId, patch: UserPatch) -> Answer<Progress> {
        let (verb, thing, longest) = (Verb::Configure, Thing::User(id), self.patience + POLL);
        let wish = Wish { ask, verb, thing, patience: self.patience, clock: &self.store.clock };
        let heard = self.store.transact(verb.operation(), async |conn| {
            let before = wish.lock(conn, Seat::Itself).await?.ok_or_else(|| not_found(thing))?;
            if operation::is_any_since(conn, thing, before.now - longest).await? {
                let message = "another change of this user is under way".into();
                return Ok(Progress::Waiting { reason: Reason::AsExpected, message });
            }
            let mut after = before.clone();
            user::configure(&mut after, id, patch)?;
            limits::check_reseller(&wish, &before, &after)?;
            save::save(conn, &before, &mut after, &wish, "event").await?;
            Ok(Progress::Done)
        });
        heard.await
    }
}
