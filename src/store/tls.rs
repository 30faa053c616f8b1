//! The database's address, and how a connection to it is made: in the clear, or with TLS that is always verified.

use super::error::StoreError;
use crate::domain::libpq::without_libpq_words;
use diesel::connection::CacheSize;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::{Either, select};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::pin::pin;
use std::time::Duration;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{MakeTlsConnect, NoTlsStream, TlsStream};
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// Where the database is, and whether it is spoken to with TLS.
pub(super) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

type TlsConnection = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// A connection that somebody has to drive.
pub(super) enum Raw {
    /// In the clear.
    Plain(Client, Box<Connection<Socket, NoTlsStream>>),
    /// With TLS.
    Tls(Client, Box<TlsConnection>),
}

impl Address {
    /// Understands `postgres://…`. `sslmode=require`, `verify-ca` and `verify-full` all mean TLS with a certificate
    /// that is verified, against `sslrootcert` or the system's roots; anything less means none.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let (text, roots) = without_libpq_words(text);
        // The error of tokio-postgres may quote what it does not understand, so the password is kept out of it.
        let mut config: Config = text
            .parse()
            .map_err(|_| StoreError::Address("write it as postgres://user:password@host/database".into()))?;
        config.connect_timeout(CONNECT).application_name("mozyd").keepalives_idle(Duration::from_secs(30));
        let wanted = config.get_ssl_mode() == SslMode::Require;
        let tls = if wanted { Some(MakeRustlsConnect::new(client(roots.as_deref())?)) } else { None };
        if !wanted {
            config.ssl_mode(SslMode::Disable);
        }
        Ok(Self { config, tls })
    }

    /// A connection for diesel, its session set up by these statements; without any, a proxy may give it to others after
    /// each transaction, so nothing is said of the session and no statement stays prepared.
    pub(super) async fn connect(&self, session: Option<&str>) -> Result<AsyncPgConnection, StoreError> {
        let made = match self.raw().await? {
            Raw::Plain(client, connection) => open(client, *connection, session).await,
            Raw::Tls(client, connection) => open(client, *connection, session).await,
        };
        made.map_err(|error| StoreError::Connect(error.to_string()))
    }

    /// A connection for whoever drives it himself.
    pub(super) async fn raw(&self) -> Result<Raw, StoreError> {
        let made = match &self.tls {
            None => self.config.connect(NoTls).await.map(|(client, made)| Raw::Plain(client, Box::new(made))),
            Some(tls) => {
                self.config.connect(tls.clone()).await.map(|(client, made)| Raw::Tls(client, Box::new(made)))
            }
        };
        made.map_err(|error| StoreError::Connect(chain(&error)))
    }
}

/// Diesel sets a session up with prepared statements, so all of it is one transaction.
async fn open<S>(
    client: Client,
    mut connection: Connection<Socket, S>,
    session: Option<&str>,
) -> Result<AsyncPgConnection, Box<dyn std::error::Error + Send + Sync>>
where
    S: TlsStream + Unpin + Send + 'static,
{
    begin(&client, &mut connection).await?;
    let mut made = AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
    made.batch_execute(&format!("{}; COMMIT", session.unwrap_or_default())).await?;
    if session.is_none() {
        made.set_prepared_statement_cache_size(CacheSize::Disabled);
    }
    Ok(made)
}

/// The connection moves only while it is polled.
async fn begin<S: TlsStream + Unpin>(
    client: &Client,
    connection: &mut Connection<Socket, S>,
) -> Result<(), tokio_postgres::Error> {
    let begun = pin!(client.batch_execute("BEGIN"));
    match select(begun, connection).await {
        Either::Left((begun, _)) => begun,
        Either::Right((Err(error), _)) => Err(error),
        Either::Right((Ok(()), begun)) => begun.await,
    }
}

/// tokio-postgres says only "error connecting to server"; what is wrong stands behind it.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

fn client(roots: Option<&str>) -> Result<ClientConfig, StoreError> {
    let mut trusted = RootCertStore::empty();
    let certificates = match roots {
        Some(file) => CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| StoreError::Address(format!("sslrootcert {file} cannot be read: {error}")))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    trusted.add_parsable_certificates(certificates);
    let provider = rustls::crypto::ring::default_provider().into();
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| StoreError::Address(error.to_string()))?;
    Ok(builder.with_root_certificates(trusted).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_names_of_sslmode_mean_verified_tls() {
        for mode in ["require", "verify-ca", "verify-full"] {
            let address =
                Address::parse(&format!("postgres://u:p@h/d?sslmode={mode}&options=-c%20a%3Db")).unwrap();
            assert!(address.tls.is_some(), "{mode}");
            assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
            assert_eq!(address.config.get_options(), Some("-c a=b"));
        }
        for text in ["postgres://u@h/d", "postgres://u@h/d?sslmode=prefer", "postgres://u@h/d?sslmode=allow"]
        {
            assert!(Address::parse(text).unwrap().tls.is_none(), "{text}");
        }
    }

    #[test]
    fn a_wrong_address_does_not_print_the_password() {
        let error = Address::parse("postgres://u:hunter2@h:port/d").err().unwrap().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        let error =
            Address::parse("postgres://u:hunter2@h/d?sslmode=require&sslrootcert=/nowhere").err().unwrap();
        assert!(error.to_string().contains("/nowhere") && !error.to_string().contains("hunter2"), "{error}");
    }
}
