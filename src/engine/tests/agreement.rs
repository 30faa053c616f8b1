//! What is wished against what the simulator really has, looked at without the engine's own eyes.

use super::base::Row;
use super::world::World;
use crate::domain::partner::Status;
use crate::domain::subscription::{Model, Subscription};
use crate::domain::user::User;
use crate::domain::{Amount, Desired, LicenceKind};
use crate::sim::mozy::{self, LicenseType, MozySim, Stock};

/// Every difference, in words.
pub fn differences(world: &World) -> Vec<String> {
    let tables = world.base.lock();
    let mut found = Vec::new();
    for row in tables.rows.values() {
        let has_customers = tables.rows.values().any(|other| lives_in(other, row));
        subscription(&world.sim, &tables.rows, row, has_customers, &mut found);
    }
    found
}

fn lives_in(customer: &Row, reseller: &Row) -> bool {
    let of = &customer.desired.subscription;
    matches!(of.model, Model::Customer(Some(r)) if r.id == reseller.desired.subscription.id)
        && !customer.gone.contains(&of.id.0)
}

type Rows = std::collections::BTreeMap<crate::domain::SubscriptionId, Row>;

fn subscription(sim: &MozySim, rows: &Rows, row: &Row, has_customers: bool, found: &mut Vec<String>) {
    let wish = &row.desired.subscription;
    let partner = partner_of(sim, rows, wish);
    let home = match &wish.model {
        Model::Customer(_) => partner.as_ref().and_then(|partner| group_of(sim, partner.id, wish)),
        _ => partner.as_ref().and_then(|partner| sim.group(partner.default_group_id)),
    };
    if wish.removed && !(matches!(wish.model, Model::Reseller(_)) && has_customers) {
        if home.is_some() {
            found.push(format!("{} is still there", wish.company));
        }
        return;
    }
    let (Some(partner), Some(home)) = (partner, home) else {
        return found.push(format!("{} is not there", wish.company));
    };
    let mut say = |what: String| found.push(format!("{}: {what}", wish.company));
    account(wish, &partner, &home, rows, &mut say);
    if wish.removed {
        return;
    }
    let groups = match wish.model {
        Model::Direct => sim.groups_of(partner.id),
        _ => vec![home.clone()],
    };
    pools(sim, wish, &groups, &mut say);
    own_groups(&row.desired, &groups, &mut say);
    for user in &row.desired.users {
        one_user(sim, &row.desired, user, &groups, home.id, &mut say);
    }
}

fn partner_of(sim: &MozySim, rows: &Rows, wish: &Subscription) -> Option<mozy::Partner> {
    let of = match &wish.model {
        Model::Customer(reseller) => &rows.get(&reseller.as_ref()?.id)?.desired.subscription,
        _ => wish,
    };
    let number = of.number.to_string();
    sim.with(|world| {
        let mut all = world.partners.values();
        all.find(|p| p.external_id.as_ref() == Some(&number) && p.deleted_at.is_none()).cloned()
    })
}

fn group_of(sim: &MozySim, partner: i64, wish: &Subscription) -> Option<mozy::Group> {
    let number = Some(wish.number.to_string());
    sim.groups_of(partner).into_iter().find(|group| group.external_id == number)
}

fn is_suspended(status: mozy::Status) -> bool {
    status == mozy::Status::Suspended
}

fn account(
    wish: &Subscription,
    partner: &mozy::Partner,
    home: &mozy::Group,
    rows: &Rows,
    say: &mut impl FnMut(String),
) {
    if let Model::Customer(_) = wish.model {
        if home.name != wish.company || is_suspended(home.status) != wish.suspended {
            say(format!("its group is {} and {:?}", home.name, home.status));
        }
        let on = home.enable_sync.unwrap_or(true) && partner.enable_sync == Some(true);
        if on != wish.sync {
            say(format!("sync of its group is {on}"));
        }
        return;
    }
    let suspended = wish.suspended || wish.removed;
    if partner.name != wish.company || is_suspended(partner.status) != suspended {
        say(format!("its partner is {} and {:?}", partner.name, partner.status));
    }
    let customers = rows
        .values()
        .map(|row| &row.desired.subscription)
        .any(|of| matches!(of.model, Model::Customer(Some(r)) if r.id == wish.id) && of.sync && !of.removed);
    if !wish.removed && partner.enable_sync != Some(wish.sync || customers) {
        say(format!("sync of its partner is {:?}", partner.enable_sync));
    }
    let quota = wish.bought.sync_default_quota.map(|quota| quota.0);
    if !wish.removed && quota.is_some() && partner.default_sync_quota != quota {
        say(format!("its default sync quota is {:?}", partner.default_sync_quota));
    }
}

fn type_of(kind: LicenceKind) -> LicenseType {
    match kind {
        LicenceKind::Desktop => LicenseType::Desktop,
        LicenceKind::Server => LicenseType::Server,
    }
}

/// Bought is what is there: exactly, or what is in use where there is no limit or the limit is below it.
fn pools(sim: &MozySim, wish: &Subscription, groups: &[mozy::Group], say: &mut impl FnMut(String)) {
    for kind in LicenceKind::ALL {
        let stocks: Vec<Stock> =
            sim.with(|world| groups.iter().map(|group| world.stock(group.id, type_of(kind))).collect());
        let sum = |of: fn(&Stock) -> i64| stocks.iter().map(of).sum::<i64>();
        let bought = wish.bought.pools.of(kind);
        let used = sum(|stock| stock.licenses_reserved + stock.licenses_used);
        check(bought.licences, sum(|stock| stock.licenses), used, &format!("{kind} licences"), say);
        check(
            bought.quota,
            sum(|stock| stock.quota),
            sum(|stock| stock.quota_distributed),
            &format!("{kind} GB"),
            say,
        );
    }
}

fn check(bought: Amount, have: i64, used: i64, what: &str, say: &mut impl FnMut(String)) {
    let right = match bought {
        Amount::Unlimited => have == used,
        Amount::Limit(limit) => have == limit || (used > limit && have >= used),
    };
    if !right {
        say(format!("{have} {what}, {used} in use, bought {bought}"));
    }
}

fn own_groups(desired: &Desired, groups: &[mozy::Group], say: &mut impl FnMut(String)) {
    for wish in &desired.groups {
        let there = wish.mozy_id.and_then(|id| groups.iter().find(|group| group.id == id.0));
        match there {
            Some(group) if wish.removed => say(format!("group {} is still there", group.name)),
            Some(group) if group.name != wish.name => say(format!("group {} is {}", wish.name, group.name)),
            None if !wish.removed => say(format!("group {} is not there", wish.name)),
            _ => {}
        }
    }
}

fn one_user(
    sim: &MozySim,
    desired: &Desired,
    wish: &User,
    groups: &[mozy::Group],
    home: i64,
    say: &mut impl FnMut(String),
) {
    let there: Vec<mozy::User> = sim.with(|world| {
        let of_ours = |user: &&mozy::User| groups.iter().any(|group| group.id == user.group_id);
        let all = world.users.values().filter(of_ours);
        all.filter(|user| user.username.eq_ignore_ascii_case(&wish.login)).cloned().collect()
    });
    if wish.removed {
        let reborn = desired.users.iter().any(|user| !user.removed && user.login == wish.login);
        if !there.is_empty() && !reborn {
            say(format!("user {} is still there", wish.login));
        }
        return;
    }
    let [user] = &there[..] else {
        return say(format!("user {} is there {} times", wish.login, there.len()));
    };
    let group = wish.group.map_or(Some(home), |id| desired.group(id)?.mozy_id.map(|id| id.0));
    let status = if is_suspended(user.status) { Status::Suspended } else { Status::Active };
    if Some(user.group_id) != group || status != Status::wanted(wish.suspended) {
        say(format!("user {} is in {} and {status:?}", wish.login, user.group_id));
    }
    if user.full_name.as_deref() != Some(&wish.display_name) {
        say(format!("user {} is called {:?}", wish.login, user.full_name));
    }
    belongings(sim, desired, wish, user, groups, say);
}

/// His keys by kind and GB, reserved or used, and his sync.
fn belongings(
    sim: &MozySim,
    desired: &Desired,
    wish: &User,
    user: &mozy::User,
    groups: &[mozy::Group],
    say: &mut impl FnMut(String),
) {
    let machines = sim.machines_of(user.id);
    let sync = machines.iter().find(|machine| machine.is_sync()).map(|machine| machine.quota);
    if sync != desired.sync_quota(wish).map(|quota| quota.0) {
        say(format!("user {} has sync {sync:?}", wish.login));
    }
    let used = machines.iter().filter(|machine| !machine.is_sync());
    let mut have: Vec<(&str, i64)> =
        used.map(|machine| (machine.license_type.as_str(), machine.quota)).collect();
    let reserved = sim.licenses_of(&wish.login);
    let in_ours = |key: &&mozy::License| groups.iter().any(|group| group.id == key.group_id);
    let reserved = reserved.iter().filter(|key| key.machine_id.is_none()).filter(in_ours);
    have.extend(reserved.map(|key| (key.license_type.as_str(), key.quota_desired.unwrap_or(0))));
    let live = wish.licences.iter().filter(|licence| !licence.removed);
    let mut want: Vec<(&str, i64)> = live.map(|licence| (licence.kind.as_str(), licence.quota.0)).collect();
    have.sort_unstable();
    want.sort_unstable();
    if have != want {
        say(format!("user {} has {have:?} and should have {want:?}", wish.login));
    }
}
