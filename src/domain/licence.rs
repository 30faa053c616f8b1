//! A licence: desired, and observed as a key and, once activated, a machine.

use super::{Gb, Keystring, LicenceId, LicenceKind, MachineId, MozyGroupId, MozyUserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A desired licence (`mozyProAccountUserLicense`) of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// APS id.
    pub id: LicenceId,
    /// The subscription's generation when this wish last changed.
    pub generation: i64,
    /// Desktop or Server.
    pub kind: LicenceKind,
    /// GB.
    pub quota: Gb,
    /// The tombstone.
    pub removed: bool,
    /// Mozy's key, once one was assigned.
    pub key: Option<Keystring>,
    /// The address that key carried when it was last known to be this licence's: a key does not follow a rename.
    pub address: Option<String>,
}

/// What `resource.GetLicenses` said of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedLicence {
    /// The key.
    pub key: Keystring,
    /// Desktop or Server; `None` is another type, and not ours to count. Lists leave such keys out.
    pub kind: Option<LicenceKind>,
    /// The group it belongs to.
    pub group: MozyGroupId,
    /// Present once a client activated it.
    pub machine: Option<MachineId>,
    /// To whom it is assigned; an empty text is told as `None`.
    pub email: Option<String>,
    /// GB promised before activation; afterwards the machine's quota counts.
    pub quota: Option<Gb>,
    /// The subscription number we gave it, if it is ours.
    pub external_id: Option<String>,
}

impl ObservedLicence {
    /// Neither reserved nor used: it can be assigned or released.
    pub fn is_free(&self) -> bool {
        self.machine.is_none() && self.email.is_none()
    }
}

/// What `machine.Get` said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its id.
    pub id: MachineId,
    /// Whose it is.
    pub user: MozyUserId,
    /// The name its owner gave it; `Sync` is the pseudo-machine of sync.
    pub alias: Option<String>,
    /// The key it was activated with; the sync machine has none.
    pub key: Option<Keystring>,
    /// GB.
    pub quota: Gb,
    /// Bytes.
    pub used_bytes: i64,
    /// When it last backed up.
    pub last_backup: Option<DateTime<Utc>>,
}

impl Machine {
    /// Whether this is the pseudo-machine that carries a user's sync quota.
    pub fn is_sync(&self) -> bool {
        self.key.is_none() && self.alias.as_deref().is_some_and(|alias| alias.eq_ignore_ascii_case("sync"))
    }
}
