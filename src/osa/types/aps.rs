//! The `aps` part that every resource carries: who it is, of which type, and what an install delivers.

use serde::Deserialize;
use uuid::Uuid;

use super::patch::optional;
use crate::domain::Secret;
use crate::osa::error::ApsError;

/// `aps` of a resource.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Aps {
    /// Its id.
    #[serde(default, deserialize_with = "optional")]
    pub id: Option<Uuid>,
    /// Its type, e.g. `http://www.mozy.com/mozyProAPS2/mozyProAccount/1.5`.
    #[serde(rename = "type", default, deserialize_with = "optional")]
    pub kind: Option<String>,
    /// What OSA does with it, e.g. `aps:provisioning`.
    #[serde(default, deserialize_with = "optional")]
    pub status: Option<String>,
    /// Certificates, in an install.
    #[serde(default)]
    pub x509: Option<X509>,
}

/// The certificates of an instance.
#[derive(Debug, Clone, Deserialize)]
pub struct X509 {
    /// Ours: a PEM text with certificate and private key, in either order.
    #[serde(rename = "self", default, deserialize_with = "optional")]
    pub ours: Option<Secret>,
    /// The controller's: a PEM text.
    #[serde(default, deserialize_with = "optional")]
    pub controller: Option<String>,
}

impl Aps {
    /// The id, which everything that is provisioned has.
    ///
    /// # Errors
    /// 400 if it is not there.
    pub fn provisioned(&self) -> Result<Uuid, ApsError> {
        self.id.ok_or_else(|| ApsError::bad_request("aps.id: is missing; every resource has one"))
    }
}
