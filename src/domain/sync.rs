//! Sync is three-valued at Mozy: on, off, or inherited from the parent. What is in force is two-valued.

/// GB that Mozy gives a synced user when nobody said anything (contract, section 3, Sync).
pub const MOZY_DEFAULT_SYNC_GB: i64 = 2;

/// Whether sync is in force for a child: parent on, and the child not explicitly off.
pub fn in_force(parent: bool, child: Option<bool>) -> bool {
    parent && child.unwrap_or(true)
}
