//! A few statements for setting up databases, from code that is not asynchronous.

use anyhow::{Context, Result};
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

/// Runs statements over a connection of their own; each is its own transaction.
pub async fn execute(url: &str, statements: &str) -> Result<()> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.context("connecting to PostgreSQL")?;
    let work = async move { client.batch_execute(statements).await };
    let (done, closed) = tokio::join!(work, connection);
    done.with_context(|| format!("running {statements}"))?;
    Ok(closed?)
}

/// The code by which PostgreSQL itself names what is wrong, if it was PostgreSQL.
pub fn state(error: &anyhow::Error) -> Option<&SqlState> {
    error.downcast_ref::<tokio_postgres::Error>()?.code()
}

/// Runs an asynchronous task to its end in a thread of its own, so that the caller may itself be asynchronous.
pub fn block_on<T: Send>(task: impl AsyncFnOnce() -> Result<T> + Send) -> Result<T> {
    let run = || {
        // Migrations need a runtime with several threads.
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(1).enable_all().build().context("starting a runtime")?.block_on(task())
    };
    std::thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
