//! The pool of connections, each set up so that no statement and no forgotten transaction lasts for ever.

use super::clock::Clock;
use super::error::StoreError;
use super::run::Observer;
use super::seal::Sealer;
use super::tls::Address;
use crate::plan::guard::Weight;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::bb8::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a connection may be waited for; a database that is restarted is back by then.
const PATIENCE: Duration = Duration::from_secs(3);

/// How to reach the database, and how hard to lean on it.
#[derive(Clone)]
pub struct Settings {
    /// `database.url`: `postgres://…`, with `sslmode` and `sslrootcert` as libpq knows them.
    pub url: String,
    /// `database.pool_size`.
    pub size: u32,
    /// Whether a proxy gives each transaction another connection, as PgBouncer does.
    pub transaction_pooling: bool,
    /// No statement runs longer, migrations apart.
    pub statement_timeout: Duration,
    /// Seals secrets; without one, secrets can be neither written nor read.
    pub sealer: Option<Sealer>,
    /// Told of every operation.
    pub observer: Option<Observer>,
}

/// Everything mozyd keeps. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) pool: Pool<AsyncPgConnection>,
    pub(super) address: Arc<Address>,
    pub(super) sealer: Option<Sealer>,
    pub(super) observer: Option<Observer>,
    pub(super) last_error: LastError,
    /// What an operation may take in all.
    pub(super) bound: Duration,
    /// The limits of statements, said in each transaction where what is said of a session does not last.
    pub(super) local: Option<Arc<str>>,
    /// Claims asked for so far; see `claim`.
    pub(super) claims: Arc<AtomicU64>,
    /// What is known of the database's clock.
    pub(super) clock: Arc<Clock>,
    /// Everything managed, and when it was counted.
    pub(super) managed: Arc<Mutex<Option<(Instant, Weight)>>>,
}

impl Store {
    /// Makes a pool; connections are made as they are needed, so this succeeds while the database is still away.
    /// Call it within a runtime, which keeps the connections moving.
    pub fn connect(settings: Settings) -> Result<Self, StoreError> {
        let address = Arc::new(Address::parse(&settings.url)?);
        let last_error = LastError::default();
        let limits = |scope| limits(scope, settings.statement_timeout);
        let (local, setup) = match settings.transaction_pooling {
            true => (Some(limits("LOCAL").into()), None),
            false => (None, Some(limits("SESSION"))),
        };
        let manager = manager(address.clone(), setup, last_error.clone());
        let pool = Pool::builder()
            .max_size(settings.size.max(1))
            .connection_timeout(PATIENCE)
            // A closed connection is noticed without asking the server; see `is_broken`.
            .test_on_check_out(false)
            .build_unchecked(manager);
        let bound = PATIENCE + settings.statement_timeout * 2;
        Ok(Self {
            bound,
            local,
            last_error,
            pool,
            address,
            sealer: settings.sealer,
            observer: settings.observer,
            claims: Arc::default(),
            clock: Arc::default(),
            managed: Arc::default(),
        })
    }

    /// The same store for somebody who gives up sooner: no operation takes longer than this, or than a connection may be
    /// waited for.
    pub fn within(&self, bound: Duration) -> Self {
        Self { bound, ..self.clone() }
    }
}

/// Why the last attempt to connect failed. The pool itself only says that it took too long.
#[derive(Debug, Clone, Default)]
pub(super) struct LastError(Arc<Mutex<Option<String>>>);

impl LastError {
    fn note(&self, made: &ConnectionResult<AsyncPgConnection>) {
        if let Ok(mut last) = self.0.lock() {
            *last = made.as_ref().err().map(ToString::to_string);
        }
    }

    /// What to say of a connection that was not to be had.
    pub(super) fn explain(&self) -> StoreError {
        let last = self.0.lock().ok().and_then(|last| last.clone());
        StoreError::Connect(last.unwrap_or_else(|| {
            "all connections are in use: the database answers slowly, or database.pool_size is too small"
                .into()
        }))
    }
}

fn manager(
    address: Arc<Address>,
    setup: Option<String>,
    last_error: LastError,
) -> AsyncDieselConnectionManager<AsyncPgConnection> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| {
        let (address, setup, last_error) = (address.clone(), setup.clone(), last_error.clone());
        async move {
            let made = set_up(&address, setup.as_deref()).await;
            last_error.note(&made);
            made
        }
        .boxed()
    });
    // The address is in the set-up; what is given here would only be printed.
    AsyncDieselConnectionManager::new_with_config("", config)
}

async fn set_up(address: &Address, setup: Option<&str>) -> ConnectionResult<AsyncPgConnection> {
    address.connect(setup).await.map_err(|error| match error {
        StoreError::Connect(why) => ConnectionError::BadConnection(why),
        other => ConnectionError::BadConnection(other.to_string()),
    })
}

/// A transaction in which nobody says anything for so long belongs to a frozen daemon; others wait for its locks.
const FROZEN: Duration = Duration::from_secs(5);

/// Milliseconds.
fn limits(scope: &str, statement_timeout: Duration) -> String {
    let (statement, idle) = (statement_timeout.as_millis(), FROZEN.as_millis());
    format!(
        "SET {scope} statement_timeout = {statement}; SET {scope} idle_in_transaction_session_timeout = {idle}"
    )
}
