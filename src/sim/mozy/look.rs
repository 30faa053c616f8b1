//! Short ways for tests to look at one thing in the world.

use super::{
    sim::MozySim,
    world::{Group, License, LicenseType, Machine, Partner, Stock, User},
};

impl MozySim {
    /// The partner, also a deleted one.
    pub fn partner(&self, id: i64) -> Option<Partner> {
        self.with(|world| world.partners.get(&id).cloned())
    }

    /// The first partner of that name that is not deleted.
    pub fn partner_named(&self, name: &str) -> Option<Partner> {
        let is_it = |partner: &&Partner| partner.name == name && partner.deleted_at.is_none();
        self.with(|world| world.partners.values().find(is_it).cloned())
    }

    /// The group.
    pub fn group(&self, id: i64) -> Option<Group> {
        self.with(|world| world.groups.get(&id).cloned())
    }

    /// The groups of a partner.
    pub fn groups_of(&self, partner_id: i64) -> Vec<Group> {
        self.with(|world| {
            world.groups.values().filter(|group| group.partner_id == partner_id).cloned().collect()
        })
    }

    /// The user.
    pub fn user(&self, id: i64) -> Option<User> {
        self.with(|world| world.users.get(&id).cloned())
    }

    /// The first user of that name, whatever its case.
    pub fn user_named(&self, name: &str) -> Option<User> {
        let is_it = |user: &&User| user.username.eq_ignore_ascii_case(name);
        self.with(|world| world.users.values().find(is_it).cloned())
    }

    /// The licence.
    pub fn license(&self, keystring: &str) -> Option<License> {
        let keystring = keystring.parse().ok()?;
        self.with(|world| world.licenses.get(&keystring).cloned())
    }

    /// The licences assigned to an e-mail, whatever its case.
    pub fn licenses_of(&self, email: &str) -> Vec<License> {
        self.with(|world| world.licenses.values().filter(|license| license.is_for(email)).cloned().collect())
    }

    /// The machines of a user.
    pub fn machines_of(&self, user_id: i64) -> Vec<Machine> {
        self.with(|world| {
            world.machines.values().filter(|machine| machine.user_id == user_id).cloned().collect()
        })
    }

    /// What all groups of a partner have of a type.
    pub fn stock(&self, partner_id: i64, license_type: LicenseType) -> Stock {
        self.with(|world| world.partner_stock(partner_id, license_type))
    }
}
