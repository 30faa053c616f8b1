//! The schema: brought up to date by one daemon at a time, in one transaction, so it is never half there.

use super::error::StoreError;
use super::pool::Store;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::result::DatabaseErrorInformation;
use diesel::{Connection, QueryableByName, sql_types};
use diesel_async::RunQueryDsl;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
/// Names the advisory lock: "mozyd" in bytes.
const LOCK: &str = "SET LOCAL lock_timeout = '5min'; SELECT pg_advisory_xact_lock(x'6d6f7a7964'::bigint)";

type Blocking = AsyncConnectionWrapper<diesel_async::AsyncPgConnection>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = sql_types::Text)]
    version: String,
}

impl Store {
    /// Brings the schema up to date and tells which migrations that took. Several daemons may ask at once.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.in_transaction(|connection| {
            let done = connection.run_pending_migrations(MIGRATIONS)?;
            Ok(done.iter().map(ToString::to_string).collect())
        })
        .await
    }

    /// Takes back the newest migration, and what it kept with it.
    pub async fn revert(&self) -> Result<String, StoreError> {
        self.in_transaction(|connection| Ok(connection.revert_last_migration(MIGRATIONS)?.to_string())).await
    }

    /// Migrations that are still to be made, by name.
    pub async fn pending(&self) -> Result<Vec<String>, StoreError> {
        let query = diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
        let applied = self.run("pending", async |conn| match query.load::<Version>(conn).await {
            Err(error) if is_missing_table(&error) => Ok(Vec::new()),
            other => Ok(other?),
        });
        let applied = applied.await?;
        let all = names()?;
        let missing =
            all.into_iter().filter(|(version, _)| !applied.iter().any(|row| row.version == *version));
        Ok(missing.map(|(_, name)| name).collect())
    }

    /// Migrations are synchronous in diesel, so they run beside the runtime, whatever its kind.
    async fn in_transaction<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Blocking) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = self.address.connect(None).await?;
        let blocking = tokio::task::spawn_blocking(move || {
            let mut connection = Blocking::from(connection);
            connection.transaction::<T, Undo, _>(|connection| {
                connection.batch_execute(LOCK)?;
                work(connection).map_err(Undo)
            })
        });
        let done = blocking.await.map_err(|error| StoreError::Migrate(error.to_string()))?;
        done.map_err(|Undo(error)| StoreError::Migrate(error.to_string()))
    }
}

struct Undo(Failure);

impl From<diesel::result::Error> for Undo {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.into())
    }
}

fn is_missing_table(error: &diesel::result::Error) -> bool {
    let of_the_table =
        |info: &dyn DatabaseErrorInformation| info.message().contains("__diesel_schema_migrations");
    matches!(error, diesel::result::Error::DatabaseError(_, info) if of_the_table(&**info))
}

fn names() -> Result<Vec<(String, String)>, StoreError> {
    let all = MigrationSource::<Pg>::migrations(&MIGRATIONS);
    let all: Vec<Box<dyn Migration<Pg>>> = all.map_err(|error| StoreError::Migrate(error.to_string()))?;
    Ok(all.iter().map(|one| (one.name().version().to_string(), one.name().to_string())).collect())
}
