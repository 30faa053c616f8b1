//! The way back to OSA: what we look up at the APS controller, and the usage we push to it (contract §3 to §5).

mod error;
mod exchange;
mod paging;
mod tls;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

pub use error::ApscError;

use super::certificate::{Identity, Pinned};
use super::context::is_controller;
use super::oauth::OAuthKeys;
use super::route::Service;
use super::types::{Account, AccountUser, ServiceUser, Subscription};
use exchange::Answered;

/// How long tries are begun for one question; the last one may still take [`Timeouts::total`].
const RETRIES_FOR: Duration = Duration::from_secs(3);
/// Idle connections are dropped well before the controller drops them.
const IDLE: Duration = Duration::from_secs(5);

/// How we prove who we are to a controller, and it to us.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// `aps.x509.self`: shown in the TLS handshake.
    pub identity: Option<Identity>,
    /// `aps.x509.controller`: believed alone; without it the system's certificate authorities are.
    pub controller: Option<Pinned>,
    /// Signs each request.
    pub oauth: Option<OAuthKeys>,
}

/// How long one try may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// In all.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(30) }
    }
}

/// For whom we ask, and in which transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Behalf {
    /// `APS-Transaction-ID`, as it came in; left out by itself once it is over.
    pub transaction: Option<String>,
    /// `APS-Resource-ID`: act as the owner of this resource.
    pub resource: Option<Uuid>,
}

/// The client of one instance's controller. Cheap to clone; keep it, since it keeps connections.
#[derive(Clone)]
pub struct Apsc {
    http: reqwest::Client,
    base: Url,
    instance: Option<Uuid>,
    oauth: Option<OAuthKeys>,
}

impl Apsc {
    /// For the controller at `uri`, which is its `APS-Controller-URI`, with or without a slash at its end.
    ///
    /// # Errors
    /// [`ApscError::Unusable`] if the address is not HTTPS (HTTP on a loopback address), or key and certificate do
    /// not fit.
    pub fn new(
        uri: &Url,
        instance: Option<Uuid>,
        access: Access,
        timeouts: Timeouts,
    ) -> Result<Self, ApscError> {
        if !is_controller(uri) {
            return Err(ApscError::Unusable(
                "its address must be https (http on a loopback address only)".into(),
            ));
        }
        let mut base = uri.clone();
        base.set_path(&format!("{}/aps/2/", uri.path().trim_end_matches('/')));
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(access.identity, access.controller)?)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(Self { http, base, instance, oauth: access.oauth })
    }

    /// Any resource, read as a `T`.
    ///
    /// # Errors
    /// See [`ApscError`]; what passes is tried again for about three seconds.
    pub async fn resource<T: DeserializeOwned>(&self, id: Uuid, behalf: &Behalf) -> Result<T, ApscError> {
        self.read(&self.url(&format!("resources/{id}"))?, behalf).await.map(|(value, _)| value)
    }

    /// An account.
    ///
    /// # Errors
    /// As [`Self::resource`].
    pub async fn account(&self, id: Uuid, behalf: &Behalf) -> Result<Account, ApscError> {
        self.resource(id, behalf).await
    }

    /// A subscription.
    ///
    /// # Errors
    /// As [`Self::resource`].
    pub async fn subscription(&self, id: Uuid, behalf: &Behalf) -> Result<Subscription, ApscError> {
        self.resource(id, behalf).await
    }

    /// A service user.
    ///
    /// # Errors
    /// As [`Self::resource`].
    pub async fn service_user(&self, id: Uuid, behalf: &Behalf) -> Result<ServiceUser, ApscError> {
        self.resource(id, behalf).await
    }

    /// The staff and the service users of an account, all pages of them.
    ///
    /// # Errors
    /// As [`Self::resource`]; [`ApscError::Unreadable`] if the list ends before its announced length.
    pub async fn users(&self, account: Uuid, behalf: &Behalf) -> Result<Vec<AccountUser>, ApscError> {
        let list = self.url(&format!("resources/{account}/users"))?;
        let mut users = Vec::new();
        while users.len() < paging::LONGEST_LIST {
            let (mut page, answered): (Vec<AccountUser>, _) =
                self.read(&paging::page(&list, users.len()), behalf).await?;
            let ended = page.is_empty();
            users.append(&mut page);
            match paging::total(&answered.headers) {
                Some(total) if users.len() < total && ended => break,
                Some(total) if users.len() < total => {}
                _ => return Ok(users),
            }
        }
        Err(ApscError::Unreadable("the list of users ends too soon, or never".into()))
    }

    /// Shows `properties` of our resource on OSA's screens, without being called back. Tried once: what is owed is
    /// remembered elsewhere.
    ///
    /// # Errors
    /// See [`ApscError`].
    pub async fn push(&self, service: Service, id: Uuid, properties: &Value) -> Result<(), ApscError> {
        let url = self.url(&format!("application/{}/{id}", service.name()))?;
        self.exchange(Method::PUT, &url, &Behalf::default(), Some(properties)).await.map(|_| ())
    }

    async fn read<T: DeserializeOwned>(
        &self,
        url: &Url,
        behalf: &Behalf,
    ) -> Result<(T, Answered), ApscError> {
        let begun = Instant::now();
        let backoff = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(200))
            .with_max_times(3);
        let ask = || self.exchange(Method::GET, url, behalf, None);
        let passing = |error: &ApscError| error.is_passing() && begun.elapsed() < RETRIES_FOR;
        let answered = ask.retry(backoff).when(passing).await?;
        let value = serde_json::from_slice(&answered.body);
        value.map(|value| (value, answered)).map_err(ApscError::from)
    }

    fn url(&self, path: &str) -> Result<Url, ApscError> {
        self.base.join(path).map_err(|_| ApscError::Unusable("its address makes no url".into()))
    }
}

impl fmt::Debug for Apsc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apsc").field("instance", &self.instance).finish_non_exhaustive()
    }
}
