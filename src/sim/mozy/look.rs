//! Short ways for tests to look at one thing in the world, over the indexes.

use super::{
    sim::MozySim,
    world::{
        Group, License, LicenseFind, LicenseType, Machine, MachineFind, Partner, PartnerFind, Scope, Stock,
        User, UserFind, World,
    },
};

impl MozySim {
    fn across<R>(&self, look: impl FnOnce(&World, Scope) -> R) -> R {
        let house = self.core().house;
        self.with(|world| look(world, house))
    }

    /// The partner, also a deleted one.
    pub fn partner(&self, id: i64) -> Option<Partner> {
        self.with(|world| world.partners.get(&id).cloned())
    }

    /// The first partner of that name that is not deleted.
    pub fn partner_named(&self, name: &str) -> Option<Partner> {
        let find = PartnerFind { name: Some(name.to_owned()), ..PartnerFind::default() };
        self.across(|world, house| {
            let ids = world.find_partners(house, find).unwrap_or_default();
            let mut found = ids.iter().filter_map(|id| world.partners.get(id));
            found.find(|partner| partner.deleted_at.is_none()).cloned()
        })
    }

    /// The group.
    pub fn group(&self, id: i64) -> Option<Group> {
        self.with(|world| world.groups.get(&id).cloned())
    }

    /// The groups of a partner that is not deleted.
    pub fn groups_of(&self, partner_id: i64) -> Vec<Group> {
        self.across(|world, house| {
            let ids = world.find_groups(house, None, Some(partner_id));
            ids.iter().filter_map(|id| world.groups.get(id)).cloned().collect()
        })
    }

    /// The user.
    pub fn user(&self, id: i64) -> Option<User> {
        self.with(|world| world.users.get(&id).cloned())
    }

    /// The first user of that name, whatever its case, whose partner is not deleted.
    pub fn user_named(&self, name: &str) -> Option<User> {
        let find = UserFind { username: Some(name), ..UserFind::default() };
        self.across(|world, house| {
            let id = world.find_users(house, &find).into_iter().next()?;
            world.users.get(&id).cloned()
        })
    }

    /// The licence.
    pub fn license(&self, keystring: &str) -> Option<License> {
        let keystring = keystring.parse().ok()?;
        self.with(|world| world.licenses.get(&keystring).cloned())
    }

    /// The licences assigned to an e-mail, whatever its case.
    pub fn licenses_of(&self, email: &str) -> Vec<License> {
        let find = LicenseFind { email: Some(email), ..LicenseFind::default() };
        self.across(|world, house| {
            let keys = world.find_licenses(house, find);
            keys.iter().filter_map(|key| world.licenses.get(key)).cloned().collect()
        })
    }

    /// The machines of a user.
    pub fn machines_of(&self, user_id: i64) -> Vec<Machine> {
        let find = MachineFind { user_id: Some(user_id), ..MachineFind::default() };
        self.across(|world, house| {
            let ids = world.find_machines(house, &find);
            ids.iter().filter_map(|id| world.machines.get(id)).cloned().collect()
        })
    }

    /// What all groups of a partner have of a type.
    pub fn stock(&self, partner_id: i64, license_type: LicenseType) -> Stock {
        self.with(|world| world.partner_stock(partner_id, license_type))
    }
}
