//! Each operation of the store has a connection, a name and a bound, and is told to the observer.

use super::OPERATIONS;
use super::error::{Fault, StoreError};
use super::pool::Store;
use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::pooled_connection::bb8::PooledConnection;
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncPgConnection, SimpleAsyncConnection, TransactionManager,
};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout_at;

/// Told of every operation: its name, how long it took, and whether the database did its part.
pub type Observer = Arc<dyn Fn(&'static str, Duration, bool) + Send + Sync>;

/// What is done with a connection; says of an asynchronous closure that other threads may go on with it.
pub(super) trait Work<'c, T, E>:
    AsyncFnOnce(&'c mut AsyncPgConnection) -> Result<T, E> + FnOnce(&'c mut AsyncPgConnection) -> Self::Running
{
    /// It, under way.
    type Running: Future<Output = Result<T, E>> + Send;
}

impl<'c, T, E, F, R> Work<'c, T, E> for F
where
    F: AsyncFnOnce(&'c mut AsyncPgConnection) -> Result<T, E> + FnOnce(&'c mut AsyncPgConnection) -> R,
    R: Future<Output = Result<T, E>> + Send,
{
    type Running = R;
}

impl Store {
    /// Does some work on a connection of the pool; in a transaction where only that keeps the connection.
    pub(super) async fn run<T, F>(&self, operation: &'static str, work: F) -> Result<T, StoreError>
    where
        F: AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, StoreError>
            + for<'c> Work<'c, T, StoreError>
            + Send,
        T: Send,
    {
        match self.local {
            Some(_) => self.transact(operation, work).await,
            None => self.bounded(operation, work).await,
        }
    }

    /// Within the bound that every operation has, also when the database has frozen and says nothing at all.
    async fn bounded<T, E, F>(&self, operation: &'static str, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E> + for<'c> Work<'c, T, E> + Send,
        E: Fault + From<StoreError>,
    {
        debug_assert!(OPERATIONS.contains(&operation), "metrics do not know {operation}");
        let started = Instant::now();
        let done = self.connected(operation, work).await;
        if let Some(observer) = &self.observer {
            observer(operation, started.elapsed(), !done.as_ref().err().is_some_and(Fault::is_fault));
        }
        done
    }

    /// Does some work in one transaction, which an error undoes.
    pub(super) async fn transact<T, E, F>(&self, operation: &'static str, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E> + for<'c> Work<'c, T, E> + Send,
        E: Fault + From<StoreError> + From<diesel::result::Error> + Send,
        T: Send,
    {
        let Some(limits) = self.local.clone() else {
            return self.bounded(operation, async move |conn| conn.transaction(work).await).await;
        };
        let limited = async move |conn: &mut AsyncPgConnection| -> Result<T, E> {
            conn.batch_execute(&limits).await?;
            work(conn).await
        };
        self.bounded(operation, async move |conn| conn.transaction(limited).await).await
    }

    /// Does some work that sees the database as it is at one moment, and writes nothing.
    pub(super) async fn view<T, F>(&self, operation: &'static str, work: F) -> Result<T, StoreError>
    where
        F: AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, StoreError>
            + for<'c> Work<'c, T, StoreError>
            + Send,
        T: Send,
    {
        let limits = self.local.clone();
        let limited = async move |conn: &mut AsyncPgConnection| -> Result<T, StoreError> {
            if let Some(limits) = limits {
                conn.batch_execute(&limits).await?;
            }
            work(conn).await
        };
        let viewed = self.bounded(operation, async move |conn| {
            conn.build_transaction().repeatable_read().read_only().run(limited).await
        });
        viewed.await
    }

    async fn connected<T, E, F>(&self, operation: &'static str, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E> + for<'c> Work<'c, T, E> + Send,
        E: From<StoreError>,
    {
        let deadline = Instant::now() + self.bound;
        let mut connection = self.open().await?;
        match timeout_at(deadline.into(), work(&mut connection)).await {
            Ok(done) => done,
            Err(_) => {
                discard(&mut connection);
                Err(StoreError::Silent { operation, within: self.bound }.into())
            }
        }
    }

    /// A connection that is open: those that lay idle while the database was restarted are closed, and the pool does not
    /// look before it gives one away.
    async fn open(&self) -> Result<PooledConnection<'_, AsyncPgConnection>, StoreError> {
        loop {
            let mut connection = self.pool.get().await.map_err(|_| self.last_error.explain())?;
            if !connection.is_broken() {
                return Ok(connection);
            }
        }
    }
}

/// A connection that went silent is not used again: the next one would wait as long, or hear what was meant for the last.
fn discard(connection: &mut AsyncPgConnection) {
    AnsiTransactionManager::transaction_manager_status_mut(connection).set_in_error();
}
