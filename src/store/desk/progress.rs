//! How far a wish has come, as the last cycle's verdict tells.

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

/// How far a wish has come.
pub(super) fn of(verb: Verb, thing: Thing, estate: &Estate, said: Option<&Said>) -> Progress {
    let Some(standing) = estate.standing(thing) else { return Progress::Done };
    let said = said.filter(|said| said.generation >= standing.generation);
    match said {
        _ if standing.removed && standing.gone => Progress::Done,
        Some(Said { reason: None, .. }) if !standing.removed || leaves_customers(thing, standing, estate) => {
            Progress::Done
        }
        Some(Said { reason: Some(reason), message, .. }) => {
            blocked(verb, thing, Reason::parse(reason), message)
        }
        _ => waiting(Reason::AsExpected, "being configured"),
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

fn blocked(verb: Verb, thing: Thing, reason: Option<Reason>, message: &str) -> Progress {
    // A reason of another version is no reason to fail.
    let reason = reason.unwrap_or(Reason::AsExpected);
    match (verb, reason) {
        (Verb::Provision, Reason::AdminEmailInUse) if matches!(thing, Thing::Tenant(_)) => Progress::Done,
        (_, Reason::LicensesExceedPurchase | Reason::QuotaExceedsPurchase) if verb.is_kept(thing) => {
            Progress::Done
        }
        _ => waiting(reason, message),
    }
}

fn waiting(reason: Reason, message: &str) -> Progress {
    let message = if message.is_empty() { "being configured" } else { message };
    Progress::Waiting { reason, message: message.into() }
}
