//! Steps about one key or its machine, which may be activated, or given to somebody else, between our read and our write.

use super::{Answer, Resolved, Resolver, blocked, call};
use crate::domain::{Gb, Keystring, LicenceKind, MachineId, MozyGroupId, MozyUserId, Presence};
use crate::plan::{Action, Call, Place};
use crate::ports::{Vendor, VendorError};

/// So many free keys are looked at before a licence waits for the next look.
const TRIES: usize = 3;

impl<V: Vendor> Resolver<'_, V> {
    pub(super) async fn key(&mut self, action: &Action) -> Answer {
        match action {
            Action::AssignKey { kind, quota, login, place } => {
                self.assign(*kind, *quota, login, *place).await
            }
            Action::ResizeKey { key, .. }
            | Action::ReaddressKey { key, .. }
            | Action::MoveKey { key, .. }
            | Action::ClearKey { key, .. } => self.reserved_key(action, key).await,
            Action::ResizeMachine { machine, quota } => match self.machine_user(*machine) {
                Some(user) => call(Call::ResizeMachine { user, machine: *machine, quota: *quota }),
                None => blocked("whose machine it is is not known"),
            },
            Action::DeleteMachine { machine } => self.delete_machine(*machine).await,
            _ => blocked("not a step about a key"),
        }
    }

    /// A reserved key is overwritten silently, so a free one is read once more: others pick too.
    async fn assign(&mut self, kind: LicenceKind, quota: Gb, login: &str, place: Place) -> Answer {
        let Some(group) = self.place(place).await? else {
            return blocked("the user's group does not exist yet");
        };
        if !self.shows_what_left(group, kind).await? {
            return blocked("the group's stock does not show yet what was taken from it");
        }
        let free = self.vendor.free_keys(group, kind).await?;
        let candidates: Vec<Keystring> = free.into_iter().filter(|key| !self.given.contains(key)).collect();
        for key in candidates.into_iter().take(TRIES) {
            let seen = self.vendor.licence(&key).await?.present();
            if seen.is_some_and(|seen| seen.is_free() && seen.group == group) {
                let number = self.desired.subscription.number;
                return call(Call::AssignKey { key, login: login.to_owned(), quota, number });
            }
        }
        blocked(format!("no free {kind} key is left in the user's group"))
    }

    /// Whether keys that this run took from a group are seen to be gone from it.
    async fn shows_what_left(&self, group: MozyGroupId, kind: LicenceKind) -> Result<bool, VendorError> {
        let (Some(left), Some(partner)) = (self.left.get(&(group, kind)), self.partner_id()) else {
            return Ok(true);
        };
        Ok(self.vendor.stock(partner, group).await?.of(kind).licences <= *left)
    }

    async fn reserved_key(&mut self, action: &Action, key: &Keystring) -> Answer {
        let Presence::Present(seen) = self.vendor.licence(key).await? else { return Ok(Resolved::Already) };
        if seen.machine.is_some() {
            return blocked("the key was activated in the meantime");
        }
        let before = self.index.as_ref().and_then(|index| index.key(key));
        if before.is_none_or(|before| before.email != seen.email) {
            return blocked("the key was given to somebody else in the meantime");
        }
        match action {
            Action::ResizeKey { quota, .. } => call(Call::ResizeKey { key: key.clone(), quota: *quota }),
            Action::MoveKey { place, .. } => match self.place(*place).await? {
                Some(group) if group == seen.group => Ok(Resolved::Already),
                Some(group) => call(Call::MoveKey { key: key.clone(), group }),
                None => blocked("the user's group does not exist yet"),
            },
            Action::ReaddressKey { login, .. } => {
                call(Call::ReaddressKey { key: key.clone(), login: login.clone() })
            }
            _ => call(Call::ClearKey { key: key.clone() }),
        }
    }

    /// The backup goes with the machine, so it is read once more: still this machine, on this key of ours.
    async fn delete_machine(&self, machine: MachineId) -> Answer {
        let Some(licence) = self.index.as_ref().and_then(|index| index.key_of(machine)) else {
            return blocked("the key of the machine is not known");
        };
        let seen = self.vendor.licence(&licence.key).await?.present();
        match (seen.and_then(|seen| seen.machine), self.machine_user(machine)) {
            (Some(now), Some(user)) if now == machine => call(Call::DeleteMachine { user, machine }),
            (None, _) => Ok(Resolved::Already),
            _ => blocked("the key is used by another machine now, or it is not known whose machine it is"),
        }
    }

    fn machine_user(&self, machine: MachineId) -> Option<MozyUserId> {
        self.index.as_ref()?.machine(machine).map(|seen| seen.user)
    }
}
