//! Waiting is always for a predicate, and always has a bound.

use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::time::{Instant, sleep};

/// How often a predicate is asked.
const PAUSE: Duration = Duration::from_millis(10);

/// Asks `look` until it has something, for at most `within`; `what` names in the error what was waited for.
pub async fn until<T>(what: &str, within: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if Instant::now() >= deadline {
            return Err(anyhow!("waited {within:?} for {what}"));
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_returns_what_was_found() {
        let mut asked = 0;
        let found = until("the third answer", Duration::from_secs(5), async || {
            asked += 1;
            (asked == 3).then_some(asked)
        });
        assert_eq!(found.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn it_gives_up_and_says_on_what() {
        let error = until("godot", Duration::from_millis(30), async || None::<()>).await.unwrap_err();
        assert_eq!(error.to_string(), "waited 30ms for godot");
    }
}
