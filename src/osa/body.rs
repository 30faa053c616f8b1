//! A body is JSON of at most 1 MiB, whatever its content type says; what is wrong with it is named with its place.

use std::error::Error;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::ApsError;

/// Largest body read, in bytes.
pub const LARGEST_BODY: usize = 1024 * 1024;
/// Largest body read and thrown away, so that its sender hears why and not just a broken connection.
const LARGEST_DISCARDED: usize = 64 * LARGEST_BODY;
/// Longest text quoted in an error, in bytes.
const LONGEST_QUOTE: usize = 50;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a body to its end.
///
/// # Errors
/// 400 if it is cut off, 408 if it takes more than 30 seconds, 413 if it is larger than [`LARGEST_BODY`].
pub async fn read(body: Body) -> Result<Vec<u8>, ApsError> {
    let read = tokio::time::timeout(PATIENCE, read_bounded(body));
    read.await.map_err(|_| ApsError::too_slow("the body did not arrive in time"))?
}

async fn read_bounded(body: Body) -> Result<Vec<u8>, ApsError> {
    let mut chunks = body.into_data_stream();
    let (mut bytes, mut arrived) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ApsError::bad_request("the body ended before it was complete"))?;
        arrived += chunk.len();
        if arrived <= LARGEST_BODY {
            bytes.extend_from_slice(&chunk);
        } else if arrived > LARGEST_DISCARDED {
            break;
        }
    }
    if arrived > LARGEST_BODY { Err(ApsError::too_large(LARGEST_BODY)) } else { Ok(bytes) }
}

/// Reads a JSON object, an empty text as `{}`; an error names the property, the line and the column.
///
/// # Errors
/// 400 if it is no JSON object, nested too deeply, not a `T`, or has a NUL character in a text.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApsError> {
    let bytes = match bytes.trim_ascii_start().first() {
        None => b"{}",
        Some(b'{') => bytes,
        Some(_) => return Err(ApsError::bad_request("cannot read the body: it must be a JSON object")),
    };
    refuse_nul(bytes)?;
    let refused =
        |cause: String| ApsError::bad_request(format!("cannot read the body: {}", short_quote(cause)));
    Json::from_bytes(bytes).map(|Json(value)| value).map_err(|rejection| {
        refused(rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string))
    })
}

/// PostgreSQL keeps no NUL in a text, and nobody means one: it is told here, and not by a database that fails.
fn refuse_nul(bytes: &[u8]) -> Result<(), ApsError> {
    const ESCAPED: &[u8] = b"\\u0000";
    if !bytes.windows(ESCAPED.len()).any(|window| window == ESCAPED) {
        return Ok(());
    }
    // What is no JSON is told by who reads it as what it should be.
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return Ok(()) };
    match place_of_nul(&value) {
        None => Ok(()),
        Some(place) => {
            let place = place.trim_start_matches('.');
            Err(ApsError::bad_request(format!("cannot read the body: {place}: has a NUL character in it")))
        }
    }
}

/// Where a text with a NUL stands, as `.property[index].property`. The depth is bounded by the JSON reader.
fn place_of_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(all) => all
            .iter()
            .enumerate()
            .find_map(|(at, value)| place_of_nul(value).map(|rest| format!("[{at}]{rest}"))),
        Value::Object(all) => all.iter().find_map(|(name, value)| match name.contains('\0') {
            true => Some(".a name".to_owned()),
            false => place_of_nul(value).map(|rest| format!(".{name}{rest}")),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Leaves out a long text that was quoted for being in the wrong place: it may hold a private key.
fn short_quote(cause: String) -> String {
    const OPENS: &str = "string \"";
    match (cause.find(OPENS), cause.rfind("\", expected")) {
        (Some(start), Some(end)) if end > start + OPENS.len() + LONGEST_QUOTE => {
            format!("{}{OPENS}…{}", &cause[..start], &cause[end..])
        }
        _ => cause,
    }
}

#[cfg(test)]
mod tests;
