//! Stock: the keys and GB of a group, per type. Provision and Release are deltas; Transfer moves what is free.

use serde::Serialize;

use super::{Event, LicenseType, Scope, World, license::License};
use crate::sim::mozy::{fault::Fault, keystring::Keystring, switches::DeletedGroupResources};

/// The most keys one call may bring.
const MAX_LICENSES: i64 = 1_000_000;

/// The most GB one number may say.
const MAX_GB: i64 = 1_000_000_000;

/// What a group has of one type. Quotas in GB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Stock {
    pub licenses: i64,
    pub licenses_reserved: i64,
    pub licenses_used: i64,
    pub quota: i64,
    pub quota_distributed: i64,
    pub quota_used_bytes: i64,
}

impl Stock {
    /// Keys that nobody has.
    pub fn free_licenses(&self) -> i64 {
        self.licenses - self.licenses_reserved - self.licenses_used
    }

    /// GB that are promised to no key; below zero while a moved key waits for its Transfer.
    pub fn undistributed(&self) -> i64 {
        self.quota - self.quota_distributed
    }

    fn add(&mut self, other: &Stock) {
        self.licenses += other.licenses;
        self.licenses_reserved += other.licenses_reserved;
        self.licenses_used += other.licenses_used;
        self.quota += other.quota;
        self.quota_distributed += other.quota_distributed;
        self.quota_used_bytes += other.quota_used_bytes;
    }
}

/// A group's stock of both types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Stocks {
    pub desktop: Stock,
    pub server: Stock,
}

impl Stocks {
    /// Of one type.
    pub fn of(&self, license_type: LicenseType) -> &Stock {
        match license_type {
            LicenseType::Desktop => &self.desktop,
            LicenseType::Server => &self.server,
        }
    }

    pub(super) fn of_mut(&mut self, license_type: LicenseType) -> &mut Stock {
        match license_type {
            LicenseType::Desktop => &mut self.desktop,
            LicenseType::Server => &mut self.server,
        }
    }
}

/// How much of what: the numbers of Provision, Release and Transfer.
#[derive(Clone, Copy)]
pub(in super::super) struct Amount {
    pub license_type: LicenseType,
    pub licenses: i64,
    pub quota: i64,
}

impl World {
    /// The group a call about stock means: the one named, else the default of the partner named, else of the scope.
    pub(in super::super) fn pool(
        &self,
        scope: Scope,
        partner_id: Option<i64>,
        group_id: Option<i64>,
    ) -> Result<i64, Fault> {
        let Some(group_id) = group_id else {
            return Ok(self.reach_partner(scope, partner_id.unwrap_or(scope.0))?.default_group_id);
        };
        let group = self.reach_group(scope, group_id)?;
        match partner_id.is_none_or(|id| id == group.partner_id) {
            true => Ok(group_id),
            false => Err(Fault::missing("user group of that partner")),
        }
    }

    /// Brings new keys and GB; returns the keys.
    pub(in super::super) fn provision(
        &mut self,
        group_id: i64,
        amount: Amount,
    ) -> Result<Vec<Keystring>, Fault> {
        check_amount(amount)?;
        let keys: Vec<Keystring> = (0..amount.licenses).map(|_| self.take_keystring()).collect();
        for key in &keys {
            self.put_license(License::new(*key, group_id, amount.license_type));
        }
        self.add_quota(group_id, amount.license_type, amount.quota);
        self.tell_stock(group_id, amount, 1);
        Ok(keys)
    }

    /// Takes free keys and undistributed GB away.
    pub(in super::super) fn release(&mut self, group_id: i64, amount: Amount) -> Result<(), Fault> {
        self.check_free(group_id, amount)?;
        for key in self.free_keys(group_id, amount) {
            self.drop_license(key);
        }
        self.add_quota(group_id, amount.license_type, -amount.quota);
        self.tell_stock(group_id, amount, -1);
        Ok(())
    }

    /// Moves free keys and undistributed GB.
    pub(in super::super) fn transfer(&mut self, from: i64, to: i64, amount: Amount) -> Result<(), Fault> {
        self.check_free(from, amount)?;
        for key in self.free_keys(from, amount) {
            self.move_license(key, to);
        }
        self.add_quota(from, amount.license_type, -amount.quota);
        self.add_quota(to, amount.license_type, amount.quota);
        Ok(())
    }

    fn free_keys(&self, group_id: i64, amount: Amount) -> Vec<Keystring> {
        let keys = self.index.free_keys.of((group_id, amount.license_type));
        keys.take(usize::try_from(amount.licenses).unwrap_or(0)).collect()
    }

    fn check_free(&self, group_id: i64, amount: Amount) -> Result<(), Fault> {
        check_amount(amount)?;
        let stock = self.stock(group_id, amount.license_type);
        if stock.free_licenses() < amount.licenses {
            return Err(Fault::short(format!("only {} licenses are free", stock.free_licenses())));
        }
        match amount.quota {
            0 => Ok(()),
            quota => self.check_gb(group_id, amount.license_type, quota),
        }
    }

    /// That so many GB more can be promised in a group.
    pub(super) fn check_gb(&self, group_id: i64, license_type: LicenseType, need: i64) -> Result<(), Fault> {
        let left = self.stock(group_id, license_type).undistributed();
        if need <= 0 || need <= left { Ok(()) } else { Err(Fault::short(format!("only {left} GB are left"))) }
    }

    /// What a group has of a type; nothing if there is no such group.
    pub fn stock(&self, group_id: i64, license_type: LicenseType) -> Stock {
        self.groups.get(&group_id).map(|group| *group.stock.of(license_type)).unwrap_or_default()
    }

    /// What all groups of a partner have of a type, without sub-partners.
    pub fn partner_stock(&self, partner_id: i64, license_type: LicenseType) -> Stock {
        let mut sum = Stock::default();
        self.index.groups.of(partner_id).for_each(|group| sum.add(&self.stock(group, license_type)));
        sum
    }

    pub(super) fn add_quota(&mut self, group_id: i64, license_type: LicenseType, gb: i64) {
        if let Some(group) = self.groups.get_mut(&group_id) {
            group.stock.of_mut(license_type).quota += gb;
        }
    }

    fn tell_stock(&mut self, group_id: i64, amount: Amount, sign: i64) {
        let Amount { license_type, licenses, quota } = amount;
        if (licenses, quota) != (0, 0) {
            let (licenses, quota) = (licenses * sign, quota * sign);
            self.tell_event(Event::Stock { group_id, license_type, licenses, quota });
        }
    }

    /// What becomes of the stock of a group that is deleted; keys that somebody has always go to the default group.
    pub(super) fn empty_stock(&mut self, from: i64, default: i64) {
        for license_type in LicenseType::ALL {
            let stock = self.stock(from, license_type);
            let amount =
                Amount { license_type, licenses: stock.free_licenses(), quota: stock.undistributed().max(0) };
            if self.switches.deleted_group_resources == DeletedGroupResources::Released {
                self.free_keys(from, amount).into_iter().for_each(|key| self.drop_license(key));
                self.add_quota(from, license_type, -amount.quota);
                self.tell_stock(from, amount, -1);
            }
            let rest = self.stock(from, license_type).quota;
            self.add_quota(default, license_type, rest);
        }
        for key in self.keys_of(from) {
            self.move_license(key, default);
        }
    }
}

/// Whether a number may be a quota.
pub(super) fn is_gb(quota: i64) -> bool {
    (0..=MAX_GB).contains(&quota)
}

fn check_amount(amount: Amount) -> Result<(), Fault> {
    if (0..=MAX_LICENSES).contains(&amount.licenses) && is_gb(amount.quota) {
        return Ok(());
    }
    Err(Fault::invalid("licenses and quota must be 0 or more, and not beyond reason"))
}
