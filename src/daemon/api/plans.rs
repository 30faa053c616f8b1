//! Plans that the guard holds: listed, and released by their hash.

use super::query::{Name, Nothing};
use super::trouble::Trouble;
use super::{Answer, Api, BY};
use crate::daemon::look::APPROVAL;
use crate::store::HeldLine;
use axum::Json;
use axum::extract::State;
use serde_json::Value;

/// All that are held now, the oldest first.
pub async fn held(State(api): State<Api>, _: Nothing) -> Answer {
    let held = api.store.held(None).await?;
    Ok(Json(Value::Array(held.iter().map(HeldLine::json).collect())))
}

/// Releases exactly that plan, once and for a while.
pub async fn approve(State(api): State<Api>, Name(hash): Name, _: Nothing) -> Answer {
    let approved = api.store.approve(&hash, APPROVAL, BY).await?;
    let not_held =
        || Trouble::NotFound(format!("no plan {hash} is held now; GET /api/v1/plans/held tells what is"));
    let approved = approved.ok_or_else(not_held)?;
    Ok(Json(approved.json(&hash)))
}
