//! The world looks at itself: whatever the calls were, these sums and bonds hold.

use std::collections::BTreeMap;

use super::{Group, KeyState, License, LicenseType, Machine, Stock, User, World};

/// Counted anew, per group and type.
type Pools = BTreeMap<(i64, LicenseType), Stock>;

impl World {
    /// Every broken invariant, in words. An empty list is health.
    pub fn check(&self) -> Vec<String> {
        let mut broken = Vec::new();
        self.check_pools(&mut broken);
        self.check_licenses(&mut broken);
        self.check_machines(&mut broken);
        self.check_users(&mut broken);
        self.check_groups(&mut broken);
        self.check_partners(&mut broken);
        self.check_index(&mut broken);
        broken
    }

    fn check_pools(&self, broken: &mut Vec<String>) {
        let counted = self.count_pools();
        for group in self.groups.values() {
            for license_type in LicenseType::ALL {
                let kept = *group.stock.of(license_type);
                let fresh = counted.get(&(group.id, license_type)).copied().unwrap_or_default();
                if kept != (Stock { quota: kept.quota, ..fresh }) {
                    broken.push(format!("group {} counts {kept:?} but has {fresh:?}", group.id));
                }
                if kept.quota < 0 {
                    broken.push(format!("group {} has {} GB", group.id, kept.quota));
                }
            }
        }
    }

    fn count_pools(&self) -> Pools {
        let mut pools = Pools::new();
        for license in self.licenses.values() {
            let stock = pools.entry((license.group_id, license.license_type)).or_default();
            stock.licenses += 1;
            stock.licenses_reserved += i64::from(license.state() == KeyState::Reserved);
            stock.licenses_used += i64::from(license.state() == KeyState::Used);
            stock.quota_distributed += license.promised();
        }
        for machine in self.machines.values() {
            let stock = pools.entry((machine.group_id, machine.license_type)).or_default();
            stock.quota_distributed += machine.quota;
            stock.quota_used_bytes += machine.used_bytes;
        }
        pools
    }

    fn check_licenses(&self, broken: &mut Vec<String>) {
        let holds = |license: &License| {
            let machine = license.machine_id.map(|id| self.machines.get(&id));
            let is_mutual = machine.is_none_or(|machine| {
                machine.is_some_and(|machine| machine.keystring == Some(license.keystring))
            });
            is_mutual && self.groups.contains_key(&license.group_id)
        };
        let bad = self.licenses.values().filter(|license| !holds(license));
        broken.extend(bad.map(|license| format!("license {} lost its machine or group", license.keystring)));
    }

    fn check_machines(&self, broken: &mut Vec<String>) {
        let holds = |machine: &Machine| {
            let key = machine.keystring.map(|key| self.licenses.get(&key).and_then(|key| key.machine_id));
            let user = self.users.get(&machine.user_id);
            key.unwrap_or(Some(machine.id)) == Some(machine.id)
                && user.is_some_and(|user| user.group_id == machine.group_id)
        };
        let bad = self.machines.values().filter(|machine| !holds(machine));
        broken.extend(bad.map(|machine| format!("machine {} lost its key, user or group", machine.id)));
    }

    fn check_users(&self, broken: &mut Vec<String>) {
        let holds = |user: &User| {
            let machines = self.index.machines.of(user.id).filter_map(|id| self.machines.get(&id));
            let syncs = machines.filter(|machine| machine.is_sync()).count();
            let partner = self.groups.get(&user.group_id).map(|group| group.partner_id);
            syncs == usize::from(user.enable_sync)
                && partner == Some(user.partner_id)
                && (!user.enable_sync || self.group_sync(user.group_id))
        };
        let bad = self.users.values().filter(|user| !holds(user));
        broken.extend(bad.map(|user| format!("user {} has the wrong sync or group", user.id)));
    }

    fn check_groups(&self, broken: &mut Vec<String>) {
        let holds = |group: &Group| {
            self.partners.contains_key(&group.partner_id)
                && (group.enable_sync != Some(true) || self.partner_sync(group.partner_id))
        };
        let bad = self.groups.values().filter(|group| !holds(group));
        broken.extend(bad.map(|group| format!("group {} lost its partner or its sync", group.id)));
    }

    fn check_partners(&self, broken: &mut Vec<String>) {
        for partner in self.partners.values() {
            let group = self.groups.get(&partner.default_group_id).map(|group| group.partner_id);
            let admin = self.admins.get(&partner.root_admin_id).map(|admin| admin.partner_id);
            if (group, admin) != (Some(partner.id), Some(partner.id)) {
                broken.push(format!("partner {} lost its default group or root admin", partner.id));
            }
            if !partner.parent_id.is_none_or(|parent| self.partners.contains_key(&parent)) {
                broken.push(format!("partner {} lost its parent", partner.id));
            }
        }
    }

    fn check_index(&self, broken: &mut Vec<String>) {
        let sizes = [
            ("partner names", self.index.partner_names.len(), self.partners.len()),
            ("admins", self.index.admins.len(), self.admins.len()),
            ("admin names", self.index.admin_names.len(), self.admins.len()),
            ("groups", self.index.groups.len(), self.groups.len()),
            ("users", self.index.users.len(), self.users.len()),
            ("user names", self.index.user_names.len(), self.users.len()),
            ("machines", self.index.machines.len(), self.machines.len()),
            ("keys", self.index.keys.len(), self.licenses.len()),
        ];
        let bad = sizes.into_iter().filter(|(_, indexed, there)| indexed != there);
        broken.extend(bad.map(|(what, indexed, there)| format!("{indexed} {what} indexed, {there} there")));
        let free = self.licenses.values().filter(|license| license.state() == KeyState::Free);
        let is_listed = |license: &License| {
            self.index.free_keys.contains((license.group_id, license.license_type), license.keystring)
        };
        broken.extend(
            free.filter(|key| !is_listed(key)).map(|key| format!("{} is not listed free", key.keystring)),
        );
    }
}
