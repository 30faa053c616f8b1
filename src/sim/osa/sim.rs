//! The handle on a simulated OSA, and its beginning and end.

use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::faults::Faults;
use super::log::{Call, Log};
use super::oauth::Nonces;
use super::options::{Auth, Options};
use super::refused::Refused;
use super::resource::Resource;
use super::task::{Task, TaskRecord};
use super::tls::Identity;
use super::world::World;
use super::{control, door};

/// A simulated OSA. Clones are the same OSA. It runs until `stop`.
#[derive(Clone)]
pub struct OsaSim(Arc<Inner>);

/// What every part of the simulator shares.
pub struct Inner {
    pub(super) options: Options,
    pub(super) controller: Identity,
    pub(super) expired: Identity,
    pub(super) nonces: Nonces,
    pub(super) log: Log,
    pub(super) faults: Faults,
    pub(super) stop: CancellationToken,
    pub(super) open: watch::Sender<bool>,
    world: Mutex<World>,
    address: SocketAddr,
    control: Option<SocketAddr>,
}

impl Deref for OsaSim {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl OsaSim {
    /// Starts OSA: opens the controller's door and `/_sim/`. Must be called inside a tokio runtime.
    pub async fn start(options: Options) -> io::Result<Self> {
        let addresses = [Some(options.controller), options.control];
        let open = matches!(options.auth, Auth::Open) && !options.controller.ip().is_loopback();
        if open || addresses[1].is_some_and(|control| !control.ip().is_loopback()) {
            return Err(io::Error::other(
                "starting osa: without proof of identity only loopback may be used",
            ));
        }
        let door = TcpListener::bind(options.controller).await?;
        let control = match options.control {
            Some(address) => Some(TcpListener::bind(address).await?),
            None => None,
        };
        let sim = Self(Arc::new(Inner::new(options, door.local_addr()?, address_of(&control)?)?));
        door::open(&sim, door)?;
        if let Some(listener) = control {
            control::open(&sim, listener);
        }
        Ok(sim)
    }

    /// Ends every task, call and connection.
    pub fn stop(&self) {
        self.set_door_open(false);
        self.stop.cancel();
    }

    /// What OSA sends as `APS-Controller-URI`, without a trailing slash.
    pub fn controller_url(&self) -> String {
        let scheme = if self.options.speaks_tls() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Where `/_sim/` is served.
    pub fn control_url(&self) -> Option<String> {
        self.control.map(|address| format!("http://{address}/_sim"))
    }

    /// The controller's certificate, PEM: what `aps.x509.controller` carries.
    pub fn controller_certificate(&self) -> &str {
        self.controller.certificate_pem()
    }

    /// The faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Opens or closes the controller's door: while it is closed, connections are refused.
    pub fn set_door_open(&self, open: bool) {
        self.open.send_replace(open);
    }

    /// The calls in both directions, oldest first.
    pub fn log(&self) -> Vec<Call> {
        self.log.calls()
    }

    /// Forgets the calls so far.
    pub fn clear_log(&self) {
        self.log.clear();
    }

    /// A resource as it stands.
    pub fn resource(&self, id: Uuid) -> Option<Resource> {
        self.world().resources.get(&id).cloned()
    }

    /// Every resource, oldest first.
    pub fn resources(&self) -> Vec<Resource> {
        self.world().select(|_| true).into_iter().cloned().collect()
    }

    /// The account of the provider.
    pub fn provider(&self) -> Uuid {
        self.world().provider
    }

    /// Every remembered task, oldest first.
    pub fn tasks(&self) -> Vec<TaskRecord> {
        self.world().tasks.values().map(|slot| slot.record.borrow().clone()).collect()
    }

    /// The handle on a task by its number.
    pub fn task(&self, id: u64) -> Result<Task, Refused> {
        let world = self.world();
        let slot = world.tasks.get(&id).ok_or(Refused::NoTask { task: id })?;
        Ok(Task::new(slot.record.subscribe()))
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn new(options: Options, address: SocketAddr, control: Option<SocketAddr>) -> io::Result<Self> {
        let host = address.ip().to_string();
        Ok(Self {
            controller: Identity::new("APS controller", &host)?,
            expired: Identity::expired("APS controller", &host)?,
            nonces: Nonces::default(),
            log: Log::new(options.remember),
            faults: Faults::new(options.seed),
            stop: CancellationToken::new(),
            open: watch::Sender::new(true),
            world: Mutex::new(World::new()),
            options,
            address,
            control,
        })
    }
}

fn address_of(listener: &Option<TcpListener>) -> io::Result<Option<SocketAddr>> {
    listener.as_ref().map(TcpListener::local_addr).transpose()
}
