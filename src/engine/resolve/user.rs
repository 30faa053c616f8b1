//! Steps about a user.

use super::{Answer, Resolved, Resolver, blocked, call};
use crate::domain::user::same_login;
use crate::domain::{MozyUserId, Presence, UserId};
use crate::plan::pool::owed;
use crate::plan::{Action, Call, Place};
use crate::ports::Vendor;

impl<V: Vendor> Resolver<'_, V> {
    pub(super) async fn user(&mut self, action: &Action, user: UserId) -> Answer {
        if let Action::CreateUser { login, full_name, place } = action {
            return self.create_user(login, full_name, *place).await;
        }
        let Some(id) = self.user_id(user) else { return blocked("the user does not exist yet") };
        match action {
            Action::UpdateUser { login, full_name } => {
                call(Call::UpdateUser { id, login: login.clone(), full_name: full_name.clone() })
            }
            Action::SetUserStatus(status) => call(Call::SetUserStatus { id, status: *status }),
            Action::SetUserSync(on) => call(Call::SetUserSync { id, on: *on }),
            Action::ResizeSync { machine, quota } => {
                call(Call::ResizeMachine { user: id, machine: *machine, quota: *quota })
            }
            Action::MoveUser { place } => match self.place(*place).await? {
                Some(group) => {
                    let left = self.account.and_then(|account| owed::left_behind(account, id, &self.changed));
                    let (from, leaves) = left.map_or_else(Default::default, |(from, gb)| (Some(from), gb));
                    call(Call::MoveUser { id, group, from, leaves })
                }
                None => blocked("the group to move to does not exist yet"),
            },
            Action::DeleteUser => self.delete_user(user, id).await,
            _ => blocked("not a step about a user"),
        }
    }

    async fn create_user(&mut self, login: &str, full_name: &str, place: Place) -> Answer {
        let Some(group) = self.place(place).await? else {
            return blocked("the user's group does not exist yet");
        };
        let number = self.desired.subscription.number;
        let (login, full_name) = (login.to_owned(), full_name.to_owned());
        call(Call::CreateUser { group, login, full_name, number })
    }

    /// His backups go with him, so he is read once more: he carries our number or our address.
    async fn delete_user(&self, user: UserId, id: MozyUserId) -> Answer {
        let Presence::Present(seen) = self.vendor.user(id).await? else { return Ok(Resolved::Already) };
        let number = self.desired.subscription.number;
        let login = self.desired.users.iter().find(|want| want.id == user).map(|want| &want.login);
        let named = login.is_some_and(|login| same_login(login, &seen.username));
        if number.owns(seen.external_id.as_deref()) || named {
            call(Call::DeleteUser { id })
        } else {
            blocked("the user carries neither our number nor our address; he is not deleted")
        }
    }
}
