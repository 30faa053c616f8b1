//! What is known of each instance and the client of its controller: read at the desk, and kept for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::apsc::{Access, Apsc, ApscError, Timeouts};
use super::certificate::{Identity, Pinned};
use super::oauth::OAuthKeys;
use super::observe::Observer;
use super::settings::{Auth, Settings};
use crate::domain::InstanceId;
use crate::ports::desk::{Desk, DeskError, InstanceKeys};

/// How old what is known may be: another daemon may have heard otherwise.
const FRESH: Duration = Duration::from_secs(5);
/// Most instances remembered.
const MOST: usize = 1024;

/// The instances and their controllers. Cheap to clone; all clones share what is known.
#[derive(Clone)]
pub struct Controllers(Arc<Shared>);

struct Shared {
    oauth: Option<OAuthKeys>,
    serve_default: bool,
    default_certificate: Option<Pinned>,
    timeouts: Timeouts,
    observer: Observer,
    known: Mutex<HashMap<InstanceId, Arc<Instance>>>,
}

/// What is known of one instance.
pub(super) struct Instance {
    pub keys: InstanceKeys,
    /// The controller's, pinned.
    pub certificate: Option<Pinned>,
    client: Arc<OnceLock<Apsc>>,
    read_at: Instant,
}

impl Controllers {
    /// Nothing is known yet.
    pub fn new(settings: &Settings) -> Self {
        let oauth = match &settings.auth {
            Auth::MutualTls => None,
            Auth::OAuth { keys, .. } => Some((**keys).clone()),
        };
        Self(Arc::new(Shared {
            oauth,
            serve_default: settings.serve_default,
            default_certificate: settings.controller_certificate.clone(),
            timeouts: settings.timeouts,
            observer: settings.observer.clone(),
            known: Mutex::default(),
        }))
    }

    pub(super) fn observer(&self) -> &Observer {
        &self.0.observer
    }

    /// An instance, if it was read a moment ago.
    pub(super) fn remembered(&self, id: InstanceId) -> Option<Arc<Instance>> {
        self.lock().get(&id).filter(|instance| instance.read_at.elapsed() < FRESH).cloned()
    }

    /// An instance as the desk knows it, else the default one if it is served.
    pub(super) async fn read<D: Desk>(
        &self,
        desk: &D,
        id: InstanceId,
    ) -> Result<Option<Arc<Instance>>, DeskError> {
        let keys = desk.instance(id).await?.filter(|keys| keys.installed || self.0.serve_default);
        Ok(match keys {
            Some(keys) => Some(self.remember(keys)),
            None if self.0.serve_default => Some(Arc::new(self.instance(unheard(id), None))),
            None => None,
        })
    }

    /// Reads it anew next time.
    pub(super) fn forget(&self, id: InstanceId) {
        self.lock().remove(&id);
    }

    /// The client of an instance's controller.
    pub(super) fn client(&self, instance: &Instance) -> Result<Apsc, ApscError> {
        if let Some(client) = instance.client.get() {
            return Ok(client.clone());
        }
        let unheard = || ApscError::Unusable("nothing was heard from it yet".into());
        let uri = instance.keys.controller.as_deref().ok_or_else(unheard)?;
        let uri = uri.parse().map_err(|_| ApscError::Unusable("its address is no url".into()))?;
        let identity = instance.keys.identity.as_ref().map(|pem| Identity::from_pem(pem.expose().as_bytes()));
        let access = Access {
            identity: identity.transpose()?,
            controller: instance.certificate.clone(),
            oauth: self.0.oauth.clone(),
        };
        let client = Apsc::new(&uri, Some(instance.keys.id.0), access, self.0.timeouts)?;
        Ok(instance.client.get_or_init(|| client).clone())
    }

    fn remember(&self, keys: InstanceKeys) -> Arc<Instance> {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        // A client keeps connections, so the one there is stays as long as nothing that made it changed.
        let before = known.get(&keys.id).filter(|before| same_access(&before.keys, &keys));
        let client = before.map(|before| before.client.clone());
        let instance = Arc::new(self.instance(keys, client));
        known.insert(instance.keys.id, instance.clone());
        instance
    }

    fn instance(&self, keys: InstanceKeys, client: Option<Arc<OnceLock<Apsc>>>) -> Instance {
        let delivered = keys.controller_certificate.as_deref().map(|pem| Pinned::from_pem(pem.as_bytes()));
        let certificate = match delivered {
            Some(delivered) => delivered
                .inspect_err(|error| tracing::error!(instance = %keys.id, %error, "install it again"))
                .ok(),
            None if keys.installed => None,
            None => self.0.default_certificate.clone(),
        };
        Instance { keys, certificate, client: client.unwrap_or_default(), read_at: Instant::now() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<InstanceId, Arc<Instance>>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the same client serves both.
fn same_access(one: &InstanceKeys, other: &InstanceKeys) -> bool {
    one.installed == other.installed
        && one.identity == other.identity
        && one.controller_certificate == other.controller_certificate
        && one.controller == other.controller
}

/// The default instance under an id that nothing was heard of.
fn unheard(id: InstanceId) -> InstanceKeys {
    InstanceKeys {
        id,
        application: None,
        installed: false,
        reseller: None,
        identity: None,
        controller_certificate: None,
        controller: None,
    }
}
