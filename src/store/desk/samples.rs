//! A tenant to decide about, for tests without a database.

use super::tenant;
use crate::domain::subscription::{Admin, Bought};
use crate::domain::{AccountId, InstanceId, SubscriptionId, SubscriptionNumber};
use crate::ports::desk::{ModelWish, TenantWish};
use crate::store::estate::Estate;
use crate::store::reseller::Neighbours;
use crate::store::rows::{Row, UserRow};
use chrono::Utc;
use uuid::Uuid;

/// A direct tenant that was ordered, of the first generation, with nothing in it.
pub(super) fn estate() -> Estate {
    let now = Utc::now();
    let wish = TenantWish {
        id: SubscriptionId(Uuid::from_u128(1)),
        number: SubscriptionNumber(1),
        account: AccountId(Uuid::from_u128(2)),
        model: ModelWish::Direct,
        company: "Acme".into(),
        admin: Admin { email: "root@a.example".into(), full_name: "Root".into() },
        staff: None,
        bought: Bought::default(),
        groups_tab: true,
    };
    let mut tenant = tenant::unborn(InstanceId(Uuid::nil()), &wish, now);
    tenant.revive();
    tenant.set_wish_generation(1);
    let (groups, users, licences) = (Vec::new(), Vec::new(), Vec::new());
    Estate { tenant, neighbours: Neighbours::None, groups, users, licences, now }
}

/// A user of this estate, not made yet.
pub(super) fn user(estate: &Estate) -> UserRow {
    UserRow {
        id: Uuid::from_u128(3),
        subscription_id: estate.tenant.id,
        service_user_id: Uuid::from_u128(4),
        login: "ann@a.example".into(),
        display_name: "Ann".into(),
        group_id: None,
        suspended: false,
        sync: false,
        sync_quota: None,
        generation: 1,
        removed_at: None,
        gone_at: None,
        mozy_id: None,
    }
}
