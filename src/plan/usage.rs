//! Usage: observed to counters, by looking at what is there and never by adding up (design, rule 15).

use crate::domain::observed::Account;
use crate::domain::subscription::Model;
use crate::domain::sync::in_force;
use crate::domain::usage::PoolUsage;
use crate::domain::{Desired, LicenceKind, PerKind, Usage};

/// The numbers of one observation.
pub fn usage(desired: &Desired, account: &Account) -> Usage {
    let pool = |kind| {
        let stock = account.stock(kind);
        PoolUsage {
            assigned: stock.assigned(),
            activated: stock.used,
            quota_gb: stock.distributed.0,
            used_bytes: stock.used_bytes,
        }
    };
    Usage {
        pools: PerKind { desktop: pool(LicenceKind::Desktop), server: pool(LicenceKind::Server) },
        sync_on: sync_on(desired, account),
        sync_default_quota: sync_default_quota(desired, account),
    }
}

fn sync_on(desired: &Desired, account: &Account) -> bool {
    let partner = account.partner.sync.unwrap_or(false);
    match desired.subscription.model {
        Model::Direct => partner,
        // His partner may be on for his customers' sake alone.
        Model::Reseller(_) => partner && desired.subscription.sync,
        Model::Customer(_) => {
            desired.subscription.sync
                && account.groups.first().is_some_and(|contents| in_force(partner, contents.group.sync))
        }
    }
}

/// A group has no default of its own at Mozy: there the bought one is what its users get.
fn sync_default_quota(desired: &Desired, account: &Account) -> i64 {
    let quota = match desired.subscription.model {
        Model::Direct | Model::Reseller(_) => account.partner.default_sync_quota,
        Model::Customer(_) => desired.subscription.bought.sync_default_quota,
    };
    quota.map_or(0, |quota| quota.0)
}
