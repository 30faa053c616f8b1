//! The reseller's view: what each of his customers bought and uses.

use super::query::{Name, Nothing};
use super::trouble::Trouble;
use super::{Answer, Api};
use crate::domain::{Amount, LicenceKind};
use crate::store::CustomerShare;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// Every customer of a reseller.
pub async fn list(State(api): State<Api>, Name(name): Name, _: Nothing) -> Answer {
    let id = api.find(&name).await?;
    let shares = api.store.customers(id).await?;
    let shares = shares.ok_or_else(|| Trouble::NotFound(format!("subscription {name} is no reseller's")))?;
    Ok(Json(Value::Array(shares.iter().map(share).collect())))
}

/// One customer as the reseller sees him: quota and keys of each kind, used, total and percent.
fn share(share: &CustomerShare) -> Value {
    let usage = share.usage.unwrap_or_default();
    let kind = |kind: LicenceKind| {
        let (bought, used) = (share.bought.pools.of(kind), usage.pools.of(kind));
        json!({"quota_gb": part(used.quota_gb, bought.quota), "keys": part(used.assigned, bought.licences)})
    };
    json!({
        "aps_id": share.id,
        "subscription_id": share.number,
        "company": share.company,
        "desktop": kind(LicenceKind::Desktop),
        "server": kind(LicenceKind::Server),
    })
}

fn part(used: i64, total: Amount) -> Value {
    let total = total.limit();
    let percent = total.filter(|total| *total > 0).map_or(0.0, |total| used as f64 * 100.0 / total as f64);
    json!({"used": used, "total": total, "percent": (percent * 100.0).round() / 100.0})
}
