//! One corrective call is one request, and what Mozy returns is believed for what it is worth.

use super::{Mozy, classes, group, licence, machine, partner, pool, user};
use crate::domain::partner::Status;
use crate::mozy::KeyValue;
use crate::mozy::client::Request;
use crate::plan::{Call, Numbered};
use crate::ports::VendorError;
use crate::ports::vendor::Made;

pub(super) async fn perform(mozy: &Mozy, call: &Call) -> Result<Made, VendorError> {
    match call {
        Call::CreatePartner { name, reseller, admin_email, admin_name, number, sync, default_sync_quota } => {
            let (admin, sync) = ((&**admin_email, &**admin_name), (*sync, *default_sync_quota));
            partner::create(mozy, name, *reseller, admin, *number, sync).await
        }
        Call::UpdatePartner { id, name, sync, default_sync_quota } => {
            partner::update(mozy, *id, name.as_deref(), *sync, *default_sync_quota).await
        }
        Call::SetPartnerStatus { id, status } => partner::set_status(mozy, *id, *status).await,
        Call::DeletePartner { id } => partner::delete(mozy, *id).await,
        Call::CreateGroup { partner, name, sync, number } => {
            group::create(mozy, *partner, name, *sync, *number).await
        }
        Call::RenameGroup { id, name } => group::rename(mozy, *id, name).await,
        Call::SetGroupStatus { id, status } => group::set_status(mozy, *id, *status).await,
        Call::SetGroupSync { id, on } => group::set_sync(mozy, *id, *on).await,
        Call::SetDefaultGroup { id } => group::set_default(mozy, *id).await,
        Call::SetNumber { of, number } => match of {
            Numbered::Partner(id) => partner::set_number(mozy, *id, *number).await,
            Numbered::Group(id) => group::set_number(mozy, *id, *number).await,
            Numbered::User(id) => user::set_number(mozy, *id, *number).await,
        },
        Call::DeleteGroup { id } => group::delete(mozy, *id).await,
        Call::CreateUser { group, login, full_name, number } => {
            user::create(mozy, *group, login, full_name, *number).await
        }
        Call::UpdateUser { id, login, full_name } => {
            user::update(mozy, *id, login.as_deref(), full_name.as_deref()).await
        }
        Call::SetUserStatus { id, status } => user::set_status(mozy, *id, *status).await,
        Call::SetUserSync { id, on } => user::set_sync(mozy, *id, *on).await,
        Call::MoveUser { id, group, from: _, leaves: _ } => user::move_to(mozy, *id, *group).await,
        Call::DeleteUser { id } => user::delete(mozy, *id).await,
        Call::AssignKey { key, login, quota, number } => {
            licence::assign(mozy, key, login, *quota, *number).await
        }
        Call::ResizeKey { key, quota } => licence::resize(mozy, key, *quota).await,
        Call::ReaddressKey { key, login } => licence::readdress(mozy, key, login).await,
        Call::MoveKey { key, group } => licence::move_to(mozy, key, *group).await,
        Call::ClearKey { key } => licence::clear(mozy, key).await,
        Call::ResizeMachine { machine, quota, user: _ } => machine::resize(mozy, *machine, *quota).await,
        Call::DeleteMachine { machine, user: _ } => machine::delete(mozy, *machine).await,
        Call::Provision(change) => pool::provision(mozy, change).await,
        Call::Release(change) => pool::release(mozy, change).await,
        Call::Transfer { partner, from, to, kind, licences, quota, becomes: _ } => {
            pool::transfer(mozy, *partner, (*from, *to), *kind, *licences, *quota).await
        }
    }
}

impl Mozy {
    /// Makes something, and learns its id.
    pub(super) async fn create<R: Request<Answer = i64>>(&self, request: &R) -> Result<Made, VendorError> {
        let id = self.client.call(request).await.map_err(classes::of_write)?;
        Ok(Made { id: Some(id) })
    }

    /// Changes something that must be there. Not every Mozy says how many rows it changed (contract, section 4).
    pub(super) async fn update<R>(&self, request: &R) -> Result<Made, VendorError>
    where
        R: Request<Answer = Option<i64>>,
    {
        match self.client.call(request).await.map_err(classes::of_write)? {
            Some(0) => {
                Err(VendorError::Rejected(format!("{}: nothing matched, it is not there", R::OPERATION)))
            }
            _ => Ok(Made::default()),
        }
    }

    /// Does something after which no number says more: what a delete did not find is gone already, and it is not
    /// known whether a pool's rows are keys or GB.
    pub(super) async fn done<R: Request>(&self, request: &R) -> Result<Made, VendorError> {
        self.client.call(request).await.map_err(classes::of_write)?;
        Ok(Made::default())
    }
}

/// The details that suspend and resume (contract, section 3, Suspend and resume).
pub(super) fn details(status: Status) -> &'static [KeyValue<'static>] {
    match status {
        Status::Active => &[("status", "active")],
        Status::Suspended => &[("status", "suspended")],
    }
}

/// Keys or GB as they go to Mozy.
///
/// # Errors
/// A number below zero is refused before anything is sent.
pub(super) fn amount(number: i64) -> Result<u64, VendorError> {
    u64::try_from(number).map_err(|_| {
        VendorError::Rejected(format!("{number} keys or GB cannot be asked for, nothing was sent"))
    })
}
