//! The end of a story, without ids and keys: what there is, how often each thing came and went, what was brought and
//! released, who was mailed. What is free may stand in another group: nobody cares where.

use super::super::world::World;
use crate::sim::mozy::{Ledger, LicenseType, ObjectKind, StockRow};
use std::collections::{BTreeMap, BTreeSet};

/// In lines that can be compared.
pub fn of(world: &World) -> Vec<String> {
    let mut lines = things(world);
    lines.extend(ledger(world));
    let mut mails: BTreeMap<String, usize> = BTreeMap::new();
    world.sim.mails().into_iter().for_each(|mail| *mails.entry(mail.to).or_default() += 1);
    lines.extend(mails.into_iter().map(|(to, count)| format!("{count} mails to {to}")));
    lines.extend(known(world));
    lines.sort();
    lines
}

fn things(world: &World) -> Vec<String> {
    world.sim.with(|sim| {
        let alive = sim.partners.values().filter(|partner| partner.deleted_at.is_none());
        let mut lines = Vec::new();
        for partner in alive {
            let of = &partner.name;
            lines.push(format!(
                "partner {of} {:?} {:?} {:?}",
                partner.status, partner.enable_sync, partner.default_sync_quota
            ));
            for kind in LicenseType::ALL {
                let stock = sim.partner_stock(partner.id, kind);
                lines.push(format!("pool of {of}: {stock:?}"));
            }
            let groups = sim.groups.values().filter(|group| group.partner_id == partner.id);
            lines.extend(groups.map(|g| format!("group {of}/{} {:?} {:?}", g.name, g.status, g.enable_sync)));
            for user in sim.users.values().filter(|user| user.partner_id == partner.id) {
                let group = &sim.groups[&user.group_id].name;
                lines.push(format!(
                    "user {} in {group} {:?} {:?} sync {}",
                    user.username, user.full_name, user.status, user.enable_sync
                ));
            }
        }
        let keys = sim.licenses.values().filter(|key| !key.is_free());
        let alive = |group: i64| {
            let partner = sim.groups.get(&group).and_then(|group| sim.partners.get(&group.partner_id));
            partner.is_some_and(|partner| partner.deleted_at.is_none())
        };
        lines.extend(keys.filter(|key| alive(key.group_id)).map(|key| {
            let gb = key.machine_id.map_or(key.quota_desired, |id| Some(sim.machines[&id].quota));
            format!("key {:?} for {:?} {:?} {gb:?}", key.license_type, key.email, key.state())
        }));
        lines
    })
}

fn ledger(world: &World) -> Vec<String> {
    let ledger = world.sim.ledger();
    let mut lines = Vec::new();
    for kind in [ObjectKind::Partner, ObjectKind::Group, ObjectKind::User, ObjectKind::Admin] {
        let rows = ledger.objects(kind).into_iter();
        lines.extend(
            rows.map(|row| format!("{kind:?} {} made {} and deleted {}", row.name, row.created, row.deleted)),
        );
    }
    let machines = ledger.objects(ObjectKind::Machine);
    let made: u32 = machines.iter().map(|row| row.created).sum();
    let deleted: u32 = machines.iter().map(|row| row.deleted).sum();
    lines.push(format!("machines made {made} and deleted {deleted}"));
    lines.extend(LicenseType::ALL.map(|kind| brought(world, &ledger, kind)));
    lines
}

/// What was provisioned and released in all: a delta done twice and taken back shows here.
fn brought(world: &World, ledger: &Ledger, kind: LicenseType) -> String {
    let groups = ledger.objects(ObjectKind::Group).into_iter().flat_map(|row| row.ids.clone());
    let groups: BTreeSet<i64> =
        groups.chain(world.sim.with(|sim| sim.groups.keys().copied().collect::<Vec<_>>())).collect();
    let rows: Vec<&StockRow> = groups.into_iter().filter_map(|group| ledger.stock(group, kind)).collect();
    let sum = |of: fn(&StockRow) -> i64| rows.iter().map(|row| of(row)).sum::<i64>();
    format!(
        "{kind:?}: {}+{} provisioned, {}+{} released",
        sum(|row| row.licenses_provisioned),
        sum(|row| row.quota_provisioned),
        sum(|row| row.licenses_released),
        sum(|row| row.quota_released)
    )
}

/// What the database knows to be gone, and what it says of the rest.
fn known(world: &World) -> Vec<String> {
    let tables = world.base.lock();
    let mut lines = Vec::new();
    for row in tables.rows.values() {
        let of = &row.desired.subscription;
        lines.push(format!("{}: {} open", of.company, row.open().len()));
        if row.gone.contains(&of.id.0) {
            // All in it went with it.
            lines.push(format!("{} is gone", of.company));
            continue;
        }
        lines.extend(row.gone.iter().map(|id| format!("{id} is gone")));
        let blocked = row.verdicts.values().filter(|verdict| verdict.blocked.is_some());
        lines.extend(blocked.map(|verdict| format!("{:?} blocked: {:?}", verdict.thing, verdict.blocked)));
    }
    lines
}
