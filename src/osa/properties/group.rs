//! What we say of a user group.

use serde_json::{Value, json};

use super::known;
use crate::domain::snapshot::Snapshot;
use crate::domain::sync::in_force;
use crate::domain::{GroupId, LicenceKind};

/// What OSA alone wishes for.
pub(super) const WISHED: &[&str] = &["name"];

/// The properties of a group; `None` if it is not in the snapshot or being removed.
pub fn properties(snapshot: &Snapshot, id: GroupId) -> Option<Value> {
    let group = snapshot.desired.group(id).filter(|group| !group.removed)?;
    let account = snapshot.account.as_ref();
    let seen = account.zip(group.mozy_id).and_then(|(account, id)| account.group(id));
    let partner_syncs = account.is_some_and(|account| account.partner.sync.unwrap_or(false));
    let stock = |kind| seen.map(|contents| *contents.stock.of(kind));
    let (desktop, server) = (stock(LicenceKind::Desktop), stock(LicenceKind::Server));
    Some(known(json!({
        "groupId": group.mozy_id,
        "name": group.name,
        "enableSync": seen.map(|contents| in_force(partner_syncs, contents.group.sync)),
        "desktopKeysAssigned": desktop.map(|stock| stock.assigned()),
        "desktopKeysOrdered": desktop.map(|stock| stock.licences),
        "desktopQuotaAssigned": desktop.map(|stock| stock.distributed),
        "desktopQuotaOrdered": desktop.map(|stock| stock.quota),
        "serverKeysAssigned": server.map(|stock| stock.assigned()),
        "serverKeysOrdered": server.map(|stock| stock.licences),
        "serverQuotaAssigned": server.map(|stock| stock.distributed),
        "serverQuotaOrdered": server.map(|stock| stock.quota),
    })))
}
