//! What is wanted of the estate: exactly what Mozy has, all ids known.

use uuid::Uuid;

use super::estate::{
    EACH_GB, Estate, Kind, admin, aps_id, company, full_name, group, key, login, number, partner, user,
};
use crate::domain::licence::Licence;
use crate::domain::subscription::{Admin, Bought, BoughtPool, Model, Subscription};
use crate::domain::user::User;
use crate::domain::{
    AccountId, Amount, Desired, Gb, InstanceId, Keystring, LicenceId, LicenceKind, MozyGroupId, MozyUserId,
    PartnerId, PerKind, SubscriptionId, SubscriptionNumber, UserId,
};

impl Estate {
    /// What is wanted of a subscription, all ids known.
    pub fn desired(&self, subscription: i64) -> Desired {
        let pool = BoughtPool { licences: Amount::Limit(self.keys()), quota: Amount::Limit(self.quota()) };
        let pools = PerKind { desktop: pool, server: BoughtPool::default() };
        let admin = Admin { email: admin(subscription), full_name: "Admin".into() };
        let itself = Subscription {
            id: SubscriptionId(aps_id(Kind::Tenant, subscription)),
            instance: InstanceId(Uuid::nil()),
            number: SubscriptionNumber(number(subscription)),
            account: AccountId(aps_id(Kind::Account, subscription)),
            generation: 1,
            model: Model::Direct,
            company: company(subscription),
            admin,
            bought: Bought { pools, ..Bought::default() },
            sync: false,
            suspended: false,
            removed: false,
            partner: Some(PartnerId(partner(subscription))),
            home_group: Some(MozyGroupId(group(subscription))),
        };
        let users = self.users_of(subscription).map(wanted_user).collect();
        Desired { subscription: itself, groups: Vec::new(), users }
    }
}

fn wanted_user(n: i64) -> User {
    let licence = Licence {
        id: LicenceId(aps_id(Kind::Licence, n)),
        generation: 1,
        kind: LicenceKind::Desktop,
        quota: Gb(EACH_GB),
        removed: false,
        key: Some(Keystring(key(n))),
        address: Some(login(n)),
    };
    User {
        id: UserId(aps_id(Kind::User, n)),
        generation: 1,
        login: login(n),
        display_name: full_name(n),
        group: None,
        suspended: false,
        sync: false,
        sync_quota: None,
        removed: false,
        mozy_id: Some(MozyUserId(user(n))),
        licences: vec![licence],
    }
}
