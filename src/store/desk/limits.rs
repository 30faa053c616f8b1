//! Room: nobody gets more licences or GB than were bought. What lowers the use is always taken.

use super::operation::Verb;
use super::refuse::{parent_gone, refused};
use super::wish::Wish;
use crate::domain::subscription::Model;
use crate::domain::sync::MOZY_DEFAULT_SYNC_GB;
use crate::domain::{Desired, Gb, LicenceKind, Reason, Thing};
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
        let wanted_gb = wanted_gb + starting(kind, before, after);
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

/// GB that whose sync is switched on needs at first beside his own: Mozy starts him with the default.
fn starting(kind: LicenceKind, before: &Desired, after: &Desired) -> Gb {
    if kind != LicenceKind::Desktop {
        return Gb(0);
    }
    let on = |desired: &Desired, id| {
        let user = desired.users.iter().find(|user| user.id == id && !user.removed);
        user.and_then(|user| desired.sync_quota(user))
    };
    let default = default_sync(after);
    let own = after.users.iter().filter(|user| on(before, user.id).is_none());
    own.filter_map(|user| on(after, user.id)).map(|own| Gb((default.0 - own.0).max(0))).sum()
}

/// With how many GB of sync a user starts; a reseller's customer's with the default of the reseller's partner.
fn default_sync(desired: &Desired) -> Gb {
    let (own, mozys) = (desired.subscription.bought.sync_default_quota, Gb(MOZY_DEFAULT_SYNC_GB));
    match &desired.subscription.model {
        Model::Customer(reseller) => {
            let partners = reseller.and_then(|reseller| reseller.sync_default_quota).unwrap_or(mozys);
            own.map_or(partners, |own| own.max(partners))
        }
        Model::Direct | Model::Reseller(_) => own.unwrap_or(mozys),
    }
}

/// Whether anything can be added to a subscription.
pub(super) fn check_parent(estate: &Estate) -> Result<(), DeskError> {
    if estate.tenant.is_removed() {
        return Err(parent_gone("the subscription"));
    }
    if is_cancelled(estate) { Err(reseller_cancelled()) } else { Ok(()) }
}

/// Under a reseller who has cancelled nothing is changed any more, but limits are kept and what goes may go.
pub(super) fn check_reseller(wish: &Wish<'_>, before: &Estate, after: &Estate) -> Result<(), DeskError> {
    let goes = wish.verb == Verb::Unprovision || before.tenant.is_removed();
    match is_cancelled(before) && !goes && !wish.verb.is_kept(wish.thing) && before != after {
        true => Err(reseller_cancelled()),
        false => Ok(()),
    }
}

/// What was taken is not judged anew; but what is not at Mozy when the reseller cancels will never be there.
pub(super) fn check_taken(wish: &Wish<'_>, estate: &Estate) -> Result<(), DeskError> {
    match is_cancelled(estate) && !outlasts(wish.verb, wish.thing, estate) {
        true => Err(reseller_cancelled()),
        false => Ok(()),
    }
}

/// Whether a wish that was taken stands although the reseller cancels: it is kept, or what it makes is made.
pub(super) fn outlasts(verb: Verb, thing: Thing, estate: &Estate) -> bool {
    let made = || verb == Verb::Provision && estate.standing(thing).is_some_and(|standing| standing.bound);
    verb.is_kept(thing) || made()
}

/// Whether it is of a reseller who has cancelled.
pub(super) fn is_cancelled(estate: &Estate) -> bool {
    matches!(estate.neighbours, Neighbours::Reseller(Some(reseller)) if reseller.removed)
}

/// A reseller who has cancelled takes no more orders.
pub(super) fn reseller_cancelled() -> DeskError {
    refused(
        Reason::ResellerCancelled,
        "the reseller has cancelled: nothing can be added to his customers' subscriptions or changed in them",
    )
}

/// Whether more is wished for than before.
pub(super) fn is_more(before: &Desired, after: &Desired) -> bool {
    LicenceKind::ALL.into_iter().any(|kind| {
        let ((had, had_gb), (wanted, wanted_gb)) = (before.wished(kind), after.wished(kind));
        wanted > had || wanted_gb > had_gb
    })
}
