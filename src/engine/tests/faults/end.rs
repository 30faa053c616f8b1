//! The end of a story, without ids and keys: what there is, how often each thing came and went, what was brought and
//! released, who was mailed, and what OSA's bill says. What is free may stand in another group: nobody cares where.

use super::super::world::World;
use crate::sim::mozy::LicenseType;

/// In lines that can be compared.
pub fn of(world: &World) -> Vec<String> {
    let mut lines = things(world);
    lines.extend(world.sim.history());
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

/// What the database knows to be gone, and what it says of the rest, the bill included.
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
        lines.push(format!("{} is billed {:?}", of.company, row.usage));
        let blocked = row.verdicts.values().filter(|verdict| verdict.blocked.is_some());
        lines.extend(blocked.map(|verdict| format!("{:?} blocked: {:?}", verdict.thing, verdict.blocked)));
    }
    lines
}
