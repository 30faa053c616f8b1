//! What the guard holds, for operators.

use super::doc::Doc;
use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::schema::{held, subscriptions};
use crate::domain::SubscriptionId;
use crate::plan::guard::{Excess, Kept, Scope};
use crate::plan::render::MARK;
use crate::plan::{Class, Step, Subject};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A plan that the guard holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLine {
    /// What an operator approves.
    pub hash: String,
    /// Of which subscription.
    pub subscription_id: Uuid,
    /// OSA's number of it.
    pub number: i64,
    /// `delete`, `suspend`, `downgrade` or `update`.
    pub class: String,
    /// The steps in words.
    pub texts: Vec<String>,
    /// Which limit it is past: of the `account`, over `all`, or of all `accounts`.
    pub scope: String,
    /// How many changes it is.
    pub asked: i64,
    /// How many had been done, or were removed in OSA, just before.
    pub spent: i64,
    /// How many are allowed.
    pub limit: i64,
    /// Since when exactly this is held.
    pub since: DateTime<Utc>,
}

type Row = (String, Uuid, i64, String, Doc<Vec<String>>, String, i64, i64, i64, DateTime<Utc>);

fn line((hash, subscription_id, number, class, texts, scope, asked, spent, limit, since): Row) -> HeldLine {
    let texts = texts.0;
    HeldLine { hash, subscription_id, number, class, texts, scope, asked, spent, limit, since }
}

#[derive(QueryableByName)]
struct Marked {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl HeldLine {
    /// For programs (interface.md, HTTP).
    pub fn json(&self) -> Value {
        let Self { hash, subscription_id, number, class, scope, asked, spent, limit, since, texts } = self;
        json!({"hash": hash, "subscription": subscription_id, "subscription_id": number, "class": class,
            "steps": texts, "limit": limit, "scope": scope, "asked": asked, "spent": spent, "since": since})
    }
}

impl Store {
    /// Whose plan a hash may be: those whose mark it begins with.
    pub async fn marked(&self, hash: &str) -> Result<Vec<SubscriptionId>, StoreError> {
        let query = fixed(
            |sql| sql.bind::<Text, _>(hash).bind::<Integer, _>(MARK as i32),
            "SELECT id FROM subscriptions WHERE gone_at IS NULL \
                AND left(encode(sha256(convert_to(id::text, 'UTF8')), 'hex'), $2) = left($1, $2) ORDER BY id",
        );
        let rows: Vec<Marked> = self.run("marked", async |conn| Ok(query.load(conn).await?)).await?;
        Ok(rows.into_iter().map(|row| SubscriptionId(row.id)).collect())
    }

    /// What the guard holds, of one subscription or of all, the oldest first.
    pub async fn held(&self, of: Option<SubscriptionId>) -> Result<Vec<HeldLine>, StoreError> {
        let mut lines = held::table
            .inner_join(subscriptions::table.on(subscriptions::id.eq(held::subscription_id)))
            .order((held::since, held::subscription_id, held::class))
            .select((
                held::hash,
                held::subscription_id,
                subscriptions::number,
                held::class,
                held::texts,
                held::scope,
                held::asked,
                held::spent,
                held::allowed,
                held::since,
            ))
            .into_boxed();
        if let Some(id) = of {
            lines = lines.filter(held::subscription_id.eq(id.0));
        }
        let rows: Vec<Row> = self.run("held", async |conn| Ok(lines.load(conn).await?)).await?;
        Ok(rows.into_iter().map(line).collect())
    }
}

/// What is held of a subscription, and why.
pub(super) async fn kept(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<BTreeMap<Class, Kept>> {
    type Row = (String, String, i64, i64, i64, Doc<Vec<Step>>);
    let rows = held::table.filter(held::subscription_id.eq(id.0));
    let columns = (held::class, held::scope, held::asked, held::spent, held::allowed, held::steps);
    let rows: Vec<Row> = rows.select(columns).load(&mut &*conn).await?;
    let kept = |(class, scope, asked, spent, limit, steps): Row| {
        let excess = Excess { scope: Scope::parse(&scope)?, asked, spent, limit };
        let account = steps.0.iter().any(|step| step.subject == Subject::Account);
        Some((Class::parse(&class)?, Kept { excess, account }))
    };
    Ok(rows.into_iter().filter_map(kept).collect())
}
