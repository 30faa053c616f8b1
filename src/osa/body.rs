//! A body is JSON of at most 1 MiB, whatever its content type says; what is wrong with it is named with its place.

use std::error::Error;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

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
/// 400 if it is no JSON object, nested too deeply, or not a `T`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApsError> {
    let bytes = match bytes.trim_ascii_start().first() {
        None => b"{}",
        Some(b'{') => bytes,
        Some(_) => return Err(ApsError::bad_request("cannot read the body: it must be a JSON object")),
    };
    let refused =
        |cause: String| ApsError::bad_request(format!("cannot read the body: {}", short_quote(cause)));
    Json::from_bytes(bytes).map(|Json(value)| value).map_err(|rejection| {
        refused(rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string))
    })
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
