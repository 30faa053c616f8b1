//! A fault means "not found" only while Mozy is well: our own root partner could be read after the fault came.

use std::time::Instant;

use tokio::sync::Mutex;

use super::classes;
use crate::domain::PartnerId;
use crate::mozy::client::Client;
use crate::mozy::error::{CallError, Failure};
use crate::mozy::words::Status;
use crate::mozy::{partner, resource};
use crate::ports::VendorError;

/// One probe at a time, which serves every fault that came before it began.
pub(super) struct Probe {
    root: Option<PartnerId>,
    last: Mutex<Option<Last>>,
}

struct Last {
    began: Instant,
    outcome: Result<(), VendorError>,
}

impl Probe {
    pub(super) fn new(root: Option<PartnerId>) -> Self {
        Self { root, last: Mutex::new(None) }
    }

    /// Whether Mozy was well at some time after `fault`.
    ///
    /// # Errors
    /// Why the root partner could not be read.
    pub(super) async fn since(&self, fault: Instant, client: &Client) -> Result<(), VendorError> {
        let mut last = self.last.lock().await;
        if let Some(Last { began, outcome }) = &*last
            && *began >= fault
        {
            return outcome.clone();
        }
        let began = Instant::now();
        let outcome = self.look(client).await;
        *last = Some(Last { began, outcome: outcome.clone() });
        outcome
    }

    async fn look(&self, client: &Client) -> Result<(), VendorError> {
        let Some(id) = self.root else { return look_at_own(client).await };
        let get = partner::Get { id: Some(id.0), ..Default::default() };
        let cannot = format!("root partner {id} cannot be read, check its id and the api key");
        let found = client.call(&get).await.map_err(|error| unwell(error, &cannot))?;
        let there = found.iter().any(|found| found.id == id.0 && found.status != Some(Status::Deleted));
        there
            .then_some(())
            .ok_or_else(|| VendorError::Unreachable(format!("{cannot}: mozy does not list it")))
    }
}

/// Without a root partner's id, the pools of the key's own partner are what can be read without naming anything.
async fn look_at_own(client: &Client) -> Result<(), VendorError> {
    let cannot = "the key's own partner cannot be read, check the api key";
    let pools = client.call(&resource::GetResources::default()).await;
    pools.map(drop).map_err(|error| unwell(error, cannot))
}

fn unwell(error: CallError, cannot: &str) -> VendorError {
    match error.failure {
        Failure::Rejected { fault } => VendorError::Unreachable(format!("{cannot}: {fault}")),
        _ => classes::of_read(error),
    }
}
