//! Sync of the subscription: only where it is available. Off takes the users' wishes along; on does not bring them back.

use super::refuse::refused;
use super::tenant::live;
use crate::domain::Reason;
use crate::ports::desk::DeskError;
use crate::store::estate::Estate;

/// Switches sync; `None` toggles, but not if it was `asked` before: a request that came twice toggles once.
pub(super) fn switch(estate: &mut Estate, on: Option<bool>, asked: bool) -> Result<(), DeskError> {
    let tenant = live(estate)?;
    let on = on.unwrap_or(if asked { tenant.sync } else { !tenant.sync });
    if on && !tenant.sync_available {
        return Err(not_available("it was not bought for this subscription"));
    }
    tenant.sync = on;
    follow(estate);
    Ok(())
}

/// Without sync of the subscription nobody in it has sync.
pub(super) fn follow(estate: &mut Estate) {
    if !estate.tenant.sync {
        for user in &mut estate.users {
            user.sync = false;
        }
    }
}

/// Whether a user can have sync.
pub(super) fn check(estate: &Estate, wanted: bool) -> Result<(), DeskError> {
    match estate.tenant.sync {
        false if wanted => Err(not_available("it is switched off for the subscription")),
        _ => Ok(()),
    }
}

fn not_available(why: &str) -> DeskError {
    refused(Reason::SyncNotAvailable, format!("sync is not available: {why}"))
}
