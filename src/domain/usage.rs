//! Usage: the numbers that reach OSA's bill, derived from an observation and never added up.

use super::{Amount, PerKind};
use serde::{Deserialize, Serialize};

/// What one subscription uses. Last known while Mozy cannot be read; never 0 because we could not look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Of each kind.
    pub pools: PerKind<PoolUsage>,
    /// Whether sync is on for the subscription: `syncAvailable`.
    pub sync_on: bool,
    /// GB: `syncDefaultQuota`.
    pub sync_default_quota: i64,
}

/// Usage of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolUsage {
    /// Reserved and used keys: `…LicenseNum`.
    pub assigned: i64,
    /// Used keys only.
    pub activated: i64,
    /// GB promised: `…Quota`.
    pub quota_gb: i64,
    /// Bytes backed up.
    pub used_bytes: i64,
}

/// A counter as OSA writes it: the limit it sold and what is used of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Bought.
    pub limit: Amount,
    /// Used.
    pub usage: i64,
}
