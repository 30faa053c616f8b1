//! A session: one connection of the pool for one named operation, timed and counted.

use super::error::{Fault, StoreError};
use super::pool::Store;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::bb8::PooledConnection;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Told of every operation: its name, how long it took, and whether the database did its part.
pub type Observer = Arc<dyn Fn(&'static str, Duration, bool) + Send + Sync>;

/// A connection in use for one operation.
pub(super) struct Session<'a> {
    connection: PooledConnection<'a, AsyncPgConnection>,
    timer: Timer,
}

struct Timer {
    operation: &'static str,
    started: Instant,
    observer: Option<Observer>,
}

impl Timer {
    fn stop(&self, ok: bool) {
        if let Some(observer) = &self.observer {
            observer(self.operation, self.started.elapsed(), ok);
        }
    }
}

impl Store {
    /// Takes a connection for an operation of this name.
    pub(super) async fn session(&self, operation: &'static str) -> Result<Session<'_>, StoreError> {
        let timer = Timer { operation, started: Instant::now(), observer: self.observer.clone() };
        match self.pool.get().await {
            Ok(connection) => Ok(Session { connection, timer }),
            Err(error) => {
                timer.stop(false);
                Err(error.into())
            }
        }
    }
}

impl Session<'_> {
    /// Ends the operation: gives the connection back and tells the observer how it went.
    pub(super) fn end<T, E: Fault>(self, result: Result<T, impl Into<E>>) -> Result<T, E> {
        let result = result.map_err(Into::into);
        self.timer.stop(!result.as_ref().err().is_some_and(Fault::is_fault));
        result
    }
}

impl Deref for Session<'_> {
    type Target = AsyncPgConnection;
    fn deref(&self) -> &AsyncPgConnection {
        &self.connection
    }
}

impl DerefMut for Session<'_> {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.connection
    }
}
