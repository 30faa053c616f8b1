//! Room: nobody gets more licences or GB than were bought. What lowers the use is always taken.

use super::refuse::{parent_gone, refused};
use crate::domain::{Desired, LicenceKind, Reason};
use crate::ports::desk::DeskError;
use crate::store::estate::Estate;
use crate::store::reseller::Neighbours;
use crate::store::rows::Row;

/// Whether a change fits into what was bought, given what was wished before it.
pub(super) fn check_room(before: &Desired, after: &Desired) -> Result<(), DeskError> {
    for kind in LicenceKind::ALL {
        let pool = after.subscription.bought.pools.of(kind);
        let ((had, had_gb), (wanted, wanted_gb)) = (before.wished(kind), after.wished(kind));
        if wanted > had && !pool.licences.holds(wanted) {
            let message = format!("{wanted} {kind} licences are wanted and {} were bought", pool.licences);
            return Err(refused(Reason::LicensesExceedPurchase, message + ": buy more, or remove one first"));
        }
        if wanted_gb > had_gb && !pool.quota.holds(wanted_gb.0) {
            let message = format!("{wanted_gb} of {kind} quota are wanted and {} GB were bought", pool.quota);
            return Err(refused(
                Reason::QuotaExceedsPurchase,
                message + ": buy more, or lower another's first",
            ));
        }
    }
    Ok(())
}

/// Whether anything can be added to a subscription.
pub(super) fn check_parent(estate: &Estate) -> Result<(), DeskError> {
    if estate.tenant.is_removed() {
        return Err(parent_gone("the subscription"));
    }
    match estate.neighbours {
        Neighbours::Reseller(Some(reseller)) if reseller.removed => Err(reseller_cancelled()),
        _ => Ok(()),
    }
}

/// A reseller who has cancelled takes no more orders.
pub(super) fn reseller_cancelled() -> DeskError {
    refused(
        Reason::ResellerCancelled,
        "the reseller has cancelled: nothing can be added to his customers' subscriptions",
    )
}
