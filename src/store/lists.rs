//! Lists for operators: subscriptions by state and condition, events, unmanaged things.

use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::schema::{events, subscriptions, unmanaged};
use crate::domain::SubscriptionId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// Which subscriptions are asked for, in the order of their APS ids.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state (interface.md, Verbs).
    pub state: Option<String>,
    /// With a condition of this type that does not hold as it should, or of this reason.
    pub condition: Option<String>,
    /// Numbers read before this are not fresh, whatever was said when they were read.
    pub fresh_since: Option<DateTime<Utc>>,
    /// After this one.
    pub after: Option<SubscriptionId>,
    /// At most so many.
    pub limit: u32,
}

/// A subscription in a list.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Line {
    /// APS id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// OSA's number.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// `direct`, `reseller` or `customer`.
    #[diesel(sql_type = Text)]
    pub model: String,
    /// Company.
    #[diesel(sql_type = Text)]
    pub company: String,
    /// Its state in one word.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// When the last cycle that looked with success began.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_success: Option<DateTime<Utc>>,
    /// When it is next due.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub next_due: Option<DateTime<Utc>>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct EventLine {
    /// In order.
    pub id: i64,
    /// To which subscription.
    pub subscription_id: Uuid,
    /// OSA's number of it; what was forgotten has none any more.
    pub number: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// `wish`, `step`, `drift`, `condition` or `operator`.
    pub kind: String,
    /// What, for people.
    pub message: String,
    /// OSA's transaction behind it.
    pub request_id: Option<String>,
}

/// Something at Mozy that we were never told to own.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct UnmanagedLine {
    /// In whose account.
    pub subscription_id: Uuid,
    /// OSA's number of it.
    pub number: i64,
    /// `group`, `user` or `licence`.
    pub kind: String,
    /// Mozy's id, or the key.
    pub mozy_id: String,
    /// For people.
    pub name: String,
    /// When it was first seen.
    pub since: DateTime<Utc>,
}

const LIST: &str = "SELECT s.id, s.number, s.model, s.company, states.state, w.last_success, w.due_at AS next_due \
    FROM subscriptions s JOIN states ON states.subscription_id = s.id \
    LEFT JOIN work w ON w.subscription_id = s.id \
    WHERE ($1 IS NULL OR states.state = $1) AND s.id > $3 \
    AND ($2 IS NULL OR EXISTS (SELECT FROM conditions c WHERE c.subscription_id = s.id AND (c.reason = $2 OR \
        c.type = $2 AND c.status <> (c.type IN ('Provisioned', 'InSync', 'UsageFresh')))) \
        OR $2 = 'UsageFresh' AND w.last_success < $5) \
    ORDER BY s.id LIMIT $4";

/// Events with the numbers of those that they happened to.
macro_rules! event_lines {
    () => {
        events::table
            .left_join(subscriptions::table.on(subscriptions::id.eq(events::subscription_id)))
            .select((
                events::id,
                events::subscription_id,
                subscriptions::number.nullable(),
                events::at,
                events::kind,
                events::message,
                events::request_id,
            ))
    };
}

/// What is left of one that was forgotten: [`Store::forget`] writes it.
const FORGOTTEN: &str = "SELECT DISTINCT subscription_id FROM events \
    WHERE kind = 'operator' AND message LIKE 'subscription ' || $1 || ' of % was forgotten,%'";

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
}

impl Store {
    /// Subscriptions that were forgotten and had this number.
    pub async fn forgotten(&self, number: i64) -> Result<Vec<SubscriptionId>, StoreError> {
        let query = fixed(|sql| sql.bind::<Text, _>(number.to_string()), FORGOTTEN);
        let found: Vec<Owner> = self.run("forgotten", async |conn| Ok(query.load(conn).await?)).await?;
        Ok(found.into_iter().map(|row| SubscriptionId(row.subscription_id)).collect())
    }

    /// Subscriptions by APS id or by OSA's number, which several instances may use, and another tenant after one that is
    /// gone: then he is meant. None when there is none.
    pub async fn find(&self, name: &str) -> Result<Vec<SubscriptionId>, StoreError> {
        let all = subscriptions::table
            .select((subscriptions::id, subscriptions::gone_at.is_null()))
            .order(subscriptions::id);
        let found = self.run("find", async |conn| match (name.parse::<i64>(), Uuid::parse_str(name)) {
            (Ok(number), _) => Ok(all.filter(subscriptions::number.eq(number)).load(conn).await?),
            (_, Ok(id)) => Ok(all.filter(subscriptions::id.eq(id)).load(conn).await?),
            _ => Ok(Vec::new()),
        });
        let (living, gone): (Vec<_>, Vec<(Uuid, bool)>) =
            found.await?.into_iter().partition(|(_, there)| *there);
        let named = if living.is_empty() { gone } else { living };
        Ok(named.into_iter().map(|(id, _)| SubscriptionId(id)).collect())
    }

    /// Subscriptions that are not gone.
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Line>, StoreError> {
        let after = filter.after.map_or(Uuid::nil(), |id| id.0);
        let query = fixed(
            |sql| {
                sql.bind::<Nullable<Text>, _>(filter.state.as_deref())
                    .bind::<Nullable<Text>, _>(filter.condition.as_deref())
                    .bind::<SqlUuid, _>(after)
                    .bind::<BigInt, _>(i64::from(filter.limit))
                    .bind::<Nullable<Timestamptz>, _>(filter.fresh_since)
            },
            LIST,
        );
        self.run("list", async |conn| Ok(query.load(conn).await?)).await
    }

    /// The newest events, of one subscription or of all, the newest last.
    pub async fn events(&self, id: Option<SubscriptionId>, limit: u32) -> Result<Vec<EventLine>, StoreError> {
        let newest = event_lines!().order(events::id.desc()).limit(limit.into());
        let lines = self.run("events", async |conn| match id {
            Some(id) => Ok(newest.filter(events::subscription_id.eq(id.0)).load(conn).await?),
            None => Ok(newest.load(conn).await?),
        });
        let mut lines = lines.await?;
        lines.reverse();
        Ok(lines)
    }

    /// The events of one subscription after one of them, the newest last.
    pub async fn events_after(
        &self,
        id: SubscriptionId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<EventLine>, StoreError> {
        let later = event_lines!()
            .filter(events::subscription_id.eq(id.0))
            .filter(events::id.gt(after))
            .order(events::id)
            .limit(limit.into());
        self.run("events", async |conn| Ok(later.load(conn).await?)).await
    }

    /// All unmanaged things.
    pub async fn unmanaged(&self) -> Result<Vec<UnmanagedLine>, StoreError> {
        let all = unmanaged::table
            .inner_join(subscriptions::table.on(subscriptions::id.eq(unmanaged::subscription_id)))
            .filter(subscriptions::gone_at.is_null())
            .order((subscriptions::number, unmanaged::subscription_id, unmanaged::kind, unmanaged::mozy_id))
            .select((
                unmanaged::subscription_id,
                subscriptions::number,
                unmanaged::kind,
                unmanaged::mozy_id,
                unmanaged::name,
                unmanaged::since,
            ));
        self.run("unmanaged", async |conn| Ok(all.load(conn).await?)).await
    }
}
