//! What operations of our types' own are told, in the query or the body.

use serde::Deserialize;
use uuid::Uuid;

use super::Patch;

/// Of `setEnableDisableSync`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SyncSwitch {
    /// On or off; if it says neither, the call toggles.
    #[serde(rename = "enableSync")]
    pub on: Patch<bool>,
}

/// Of `checkAvailabilityEmail` and `createPartner`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StaffChoice {
    /// The APS id of a staff member.
    #[serde(rename = "staffGUID")]
    pub staff: Patch<Uuid>,
}
