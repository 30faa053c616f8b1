//! How far a wish has come, as the last cycle's verdict tells.

use super::limits::{is_cancelled, is_more, outlasts};
use super::operation::Verb;
use crate::domain::{Reason, Thing};
use crate::ports::desk::Progress;
use crate::store::estate::{Estate, Standing};
use crate::store::reseller::Neighbours;
use crate::store::schema::verdicts;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A verdict as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = verdicts)]
pub(super) struct Said {
    pub generation: i64,
    pub reason: Option<String>,
    pub message: String,
}

impl Said {
    pub async fn find(conn: &AsyncPgConnection, thing: Thing) -> QueryResult<Option<Self>> {
        verdicts::table.find(thing.id()).select(Self::as_select()).first(&mut &*conn).await.optional()
    }
}

/// How far a wish has come; `earlier` tells how it was before it, if that is known.
pub(super) fn of(
    verb: Verb,
    thing: Thing,
    estate: &Estate,
    said: Option<&Said>,
    earlier: impl Fn() -> Option<Estate>,
) -> Progress {
    let Some(standing) = estate.standing(thing) else { return Progress::Done };
    let said = said.filter(|said| said.generation >= standing.generation);
    match said {
        _ if standing.removed && standing.gone => Progress::Done,
        // Nothing more will come of it: nobody waits for that.
        _ if is_cancelled(estate) && outlasts(verb, thing, estate) => Progress::Done,
        Some(Said { reason: None, .. }) if !standing.removed || leaves_customers(thing, standing, estate) => {
            Progress::Done
        }
        // Another address was refused to him; what does not give him that one does not wait for it.
        Some(Said { reason: Some(reason), .. })
            if standing.bound
                && *reason == Reason::UserEmailInUse.as_str()
                && !asks_for_address(verb, thing, estate, &earlier) =>
        {
            Progress::Done
        }
        Some(Said { reason: Some(reason), message, .. }) => {
            let more = || earlier().is_some_and(|earlier| is_more(&earlier.desired(), &estate.desired()));
            blocked(verb, thing, Reason::parse(reason), message, more)
        }
        _ if waits_for_reseller(estate) => waiting(Reason::ResellerNotProvisioned, WAITS),
        _ => waiting(Reason::AsExpected, "being configured"),
    }
}

const WAITS: &str =
    "the reseller has no partner at Mozy yet; this waits until his own subscription is provisioned";

/// A customer who ordered before his reseller has a partner: that is stored, so it is told at once.
fn waits_for_reseller(estate: &Estate) -> bool {
    match estate.neighbours {
        Neighbours::Reseller(reseller) => reseller.is_none_or(|reseller| reseller.partner.is_none()),
        Neighbours::None | Neighbours::Customers(_) => false,
    }
}

/// A reseller's tenant is as good as removed while customers keep his partner there.
fn leaves_customers(thing: Thing, standing: Standing, estate: &Estate) -> bool {
    let remaining = match estate.neighbours {
        Neighbours::Customers(customers) => customers.remaining,
        Neighbours::None | Neighbours::Reseller(_) => 0,
    };
    matches!(thing, Thing::Tenant(_)) && standing.removed && remaining > 0
}

fn blocked(
    verb: Verb,
    thing: Thing,
    reason: Option<Reason>,
    message: &str,
    more: impl Fn() -> bool,
) -> Progress {
    // A reason of another version is no reason to fail.
    let reason = reason.unwrap_or(Reason::AsExpected);
    match (verb, reason) {
        (Verb::Provision, Reason::AdminEmailInUse) if matches!(thing, Thing::Tenant(_)) => Progress::Done,
        // All else of it is done, and what was bought too little is not of this wish.
        (_, Reason::LicensesExceedPurchase | Reason::QuotaExceedsPurchase)
            if verb.is_kept(thing) || !asks_for_room(verb, &more) =>
        {
            Progress::Done
        }
        _ => waiting(reason, message),
    }
}

fn asks_for_room(verb: Verb, more: impl Fn() -> bool) -> bool {
    match verb {
        Verb::Provision | Verb::Unprovision => true,
        Verb::Configure => more(),
        Verb::Suspend | Verb::Resume | Verb::Sync | Verb::Admin => false,
    }
}

/// Whether a wish asks for what Mozy refuses with an address: the name goes there in one call with it.
fn asks_for_address(verb: Verb, thing: Thing, estate: &Estate, earlier: impl Fn() -> Option<Estate>) -> bool {
    match (verb, thing) {
        (Verb::Suspend | Verb::Resume, _) => false,
        (Verb::Configure, Thing::User(id)) => {
            let called = |estate: &Estate| {
                let user = estate.users.iter().find(|user| user.id == id.0);
                user.map(|user| (user.login.clone(), user.display_name.clone()))
            };
            earlier().is_none_or(|earlier| called(&earlier) != called(estate))
        }
        _ => true,
    }
}

fn waiting(reason: Reason, message: &str) -> Progress {
    let message = if message.is_empty() { "being configured" } else { message };
    Progress::Waiting { reason, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::desk::samples;
    use crate::store::rows::UserRow;

    fn said(generation: i64, reason: Option<Reason>) -> Said {
        Said { generation, reason: reason.map(|reason| reason.as_str().into()), message: String::new() }
    }

    fn is_done(verb: Verb, estate: &Estate, said: Option<Said>) -> bool {
        let thing = Thing::Tenant(estate.tenant.subscription());
        of(verb, thing, estate, said.as_ref(), || None) == Progress::Done
    }

    #[test]
    fn only_a_verdict_on_this_wish_counts() {
        let estate = samples::estate();
        assert!(!is_done(Verb::Configure, &estate, None));
        assert!(!is_done(Verb::Configure, &estate, Some(said(0, None))));
        assert!(is_done(Verb::Configure, &estate, Some(said(1, None))));
        assert!(is_done(Verb::Configure, &estate, Some(said(2, None))));
    }

    #[test]
    fn what_stands_in_the_way_is_told_or_forgiven() {
        let estate = samples::estate();
        for (verb, reason, done) in [
            (Verb::Provision, Reason::AdminEmailInUse, true),
            (Verb::Admin, Reason::AdminEmailInUse, false),
            (Verb::Configure, Reason::LicensesExceedPurchase, true),
            (Verb::Resume, Reason::QuotaExceedsPurchase, true),
            (Verb::Sync, Reason::QuotaExceedsPurchase, true),
            (Verb::Admin, Reason::LicensesExceedPurchase, true),
            (Verb::Configure, Reason::VendorUnreachable, false),
        ] {
            assert_eq!(is_done(verb, &estate, Some(said(1, Some(reason)))), done, "{verb:?} {reason}");
        }
    }

    #[test]
    fn a_refused_address_keeps_nobody_from_being_suspended_or_changed_otherwise() {
        let mut estate = samples::estate();
        estate.users.push(samples::user(&estate));
        let told = |estate: &Estate, verb| {
            let user = Thing::User(crate::domain::UserId(estate.users[0].id));
            let said = said(9, Some(Reason::UserEmailInUse));
            of(verb, user, estate, Some(&said), || Some(estate.clone())) == Progress::Done
        };
        estate.users[0].mozy_id = Some(5);
        for verb in [Verb::Suspend, Verb::Resume, Verb::Configure] {
            assert!(told(&estate, verb), "{verb:?}");
        }
        // Mozy is told his name and his address at once.
        for change in
            [|user: &mut UserRow| user.login.push('x'), |user: &mut UserRow| user.display_name.push('x')]
        {
            let mut before = estate.clone();
            change(&mut before.users[0]);
            let user = Thing::User(crate::domain::UserId(estate.users[0].id));
            let said = said(9, Some(Reason::UserEmailInUse));
            let answer = of(Verb::Configure, user, &estate, Some(&said), || Some(before.clone()));
            assert_ne!(answer, Progress::Done);
        }
        estate.users[0].mozy_id = None;
        assert!(!told(&estate, Verb::Suspend), "somebody who could not be made is not suspended");
    }

    #[test]
    fn a_removal_is_done_when_it_is_gone_not_when_something_agrees() {
        let mut estate = samples::estate();
        estate.tenant.removed_at = Some(estate.now);
        assert!(!is_done(Verb::Unprovision, &estate, Some(said(9, None))));
        estate.tenant.gone_at = Some(estate.now);
        assert!(is_done(Verb::Unprovision, &estate, None));
    }
}
