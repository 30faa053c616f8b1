//! The endpoint that OSA calls: TLS, the way both sides prove who they are, and the handlers over our desk and panel.

use super::panel::ControlPanel;
use super::serve::{self, Connections};
use super::vendors::Vendors;
use crate::config::{Auth as Way, Config, Model};
use crate::metrics::Metrics;
use crate::osa::certificate::{Identity, Pinned};
use crate::osa::controllers::Controllers;
use crate::osa::endpoint;
use crate::osa::listen::Endpoint;
use crate::osa::oauth::{Nonce, NonceError, NonceMemory, OAuthKeys};
use crate::osa::settings::{Auth, Retry, Settings};
use crate::osa::tls;
use crate::store::{Desk, Store};
use anyhow::{Context as _, Result};
use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// A nonce is remembered for longer than its timestamp would be accepted.
const NONCES_KEPT: TimeDelta = TimeDelta::minutes(15);

/// How often old nonces are forgotten.
const FORGET: Duration = Duration::from_secs(60);

/// The endpoint, ready to be served.
pub struct Built {
    router: Router,
    listener: Endpoint,
    /// The way back to OSA.
    pub controllers: Controllers,
    /// Where wishes are written.
    pub desk: Desk,
}

/// Reads the certificates and listens.
pub async fn build(
    config: &Config,
    store: &Store,
    panel: ControlPanel,
    metrics: Arc<Metrics>,
) -> Result<Built> {
    let desk = Desk::new(store.clone(), config.osa.task_patience);
    let tcp = TcpListener::bind(config.osa.listen)
        .await
        .with_context(|| format!("listening on osa.listen {}", config.osa.listen))?;
    let listener = match config.osa.identity()? {
        Some(identity) => {
            let identity =
                Identity::from_parts(identity.certificates.as_bytes(), identity.key.expose().as_bytes())
                    .context("reading osa.tls_cert_file and osa.tls_key_file")?;
            Endpoint::tls(tcp, tls::server_config(identity).context("using osa.tls_cert_file")?)
        }
        None => Endpoint::plain(tcp).context("listening on osa.listen without TLS")?,
    };
    let settings = settings(config, store, panel.vendors.has_default(), metrics)?;
    let (router, controllers) = endpoint::endpoint(Arc::new(desk.clone()), Arc::new(panel), settings);
    Ok(Built { router, listener, controllers, desk })
}

impl Built {
    /// What is served, what it is served on, and the rest.
    pub fn split(
        self,
        connections: Connections,
    ) -> (impl Future<Output = ()> + Send + 'static, Controllers, Desk) {
        let most = serve::most_connections();
        let served = serve::serve(self.listener.at_most(most), self.router, most, connections);
        (served, self.controllers, self.desk)
    }
}

/// The way to the controllers, and where to read of it, for a verb.
///
/// # Errors
/// When the configuration's files cannot be used.
pub fn controllers(config: &Config, store: &Store, vendors: &Vendors) -> Result<(Desk, Controllers)> {
    let settings = settings(config, store, vendors.has_default(), super::metrics()?)?;
    Ok((Desk::new(store.clone(), config.osa.task_patience), Controllers::new(&settings)))
}

fn settings(config: &Config, store: &Store, serve_default: bool, metrics: Arc<Metrics>) -> Result<Settings> {
    let public_url = match config.osa.public_url.as_str() {
        "" => None,
        url => Some(url.parse().context("reading osa.public_url")?),
    };
    let controller = config.osa.controller_certificate()?;
    let controller = controller.map(|pem| Pinned::from_pem(pem.as_bytes())).transpose();
    Ok(Settings {
        auth: auth(config, store)?,
        public_url,
        serve_default,
        controller_certificate: controller.context("reading osa.controller_cert_file")?,
        reseller: config.osa.model == Model::Reseller,
        retry: Retry::default(),
        patience: config.osa.task_patience,
        timeouts: Default::default(),
        observer: Arc::new(move |direction, operation, result| {
            metrics.osa.request(direction, operation, result)
        }),
    })
}

fn auth(config: &Config, store: &Store) -> Result<Auth> {
    Ok(match config.osa.auth {
        Way::MutualTls => Auth::MutualTls,
        Way::Oauth => {
            let secret =
                config.osa.oauth_secret()?.context("osa.auth = oauth needs osa.oauth_secret_file")?;
            let secret = crate::domain::Secret::new(secret.expose().clone());
            let key = config.osa.oauth_key.clone().context("osa.auth = oauth needs osa.oauth_key")?;
            Auth::OAuth {
                keys: Box::new(OAuthKeys::new(key, &secret)),
                nonces: Arc::new(SharedNonces(store.clone())),
            }
        }
    })
}

/// Nonces that all daemons share: one that another has seen is not believed here either.
struct SharedNonces(Store);

impl NonceMemory for SharedNonces {
    fn first_use<'a>(&'a self, nonce: Nonce<'a>, _now: u64) -> BoxFuture<'a, Result<bool, NonceError>> {
        Box::pin(async move {
            let at =
                i64::try_from(nonce.timestamp).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            let at = at.ok_or(NonceError)?;
            let text = format!("{}:{}:{}", nonce.key, nonce.timestamp, nonce.nonce);
            self.0.remember_nonce(&text, at).await.map_err(|error| {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "a nonce could not be remembered; OSA was told to call again");
                NonceError
            })
        })
    }
}

/// Forgets old nonces for ever.
pub async fn forget_nonces(store: Store) {
    let mut tick = tokio::time::interval(FORGET);
    loop {
        tick.tick().await;
        if let Err(error) = store.forget_nonces(Utc::now() - NONCES_KEPT).await {
            tracing::debug!(%error, "old nonces could not be forgotten");
        }
    }
}
