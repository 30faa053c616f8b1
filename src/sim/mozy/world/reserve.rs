//! `UpdateLicenses`: reserving, changing and unassigning keys, all that are found or none.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{KeyState, Letter, License, LicenseType, Scope, World, admin::check_email, resource::is_gb};
use crate::sim::mozy::{fault::Fault, keystring::Keystring};

/// What `UpdateLicenses` changes; nothing where `None`.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct LicensePatch {
    /// `""` unassigns.
    pub email: Option<String>,
    pub quota_desired: Option<i64>,
    pub external_id: Option<String>,
    pub license_type: Option<LicenseType>,
    pub deliver_emails: bool,
    pub expires_at: Option<DateTime<Utc>>,
    pub clear_expires_at: bool,
    pub group_id: Option<i64>,
}

impl World {
    /// Changes these keys, all or none of them.
    pub(in super::super) fn update_licenses(
        &mut self,
        scope: Scope,
        keys: &[Keystring],
        patch: &LicensePatch,
    ) -> Result<(), Fault> {
        let mut changed = Vec::with_capacity(keys.len());
        let mut needs: BTreeMap<(i64, LicenseType), i64> = BTreeMap::new();
        for key in keys {
            let before = self.reach_license(scope, *key)?;
            let after = self.patched(scope, before, patch)?;
            if patch.email.is_some() || patch.quota_desired.is_some() || patch.license_type.is_some() {
                *needs.entry((before.group_id, before.license_type)).or_default() -= before.promised();
                *needs.entry((after.group_id, after.license_type)).or_default() += after.promised();
            }
            changed.push(after);
        }
        for ((group_id, license_type), need) in needs {
            self.check_gb(group_id, license_type, need)?;
        }
        for license in changed {
            self.deliver_key(&license, patch.deliver_emails);
            self.put_license(license);
        }
        Ok(())
    }

    fn patched(&self, scope: Scope, before: &License, patch: &LicensePatch) -> Result<License, Fault> {
        let mut after = before.clone();
        after.quota_desired = patch.quota_desired.or(after.quota_desired);
        after.license_type = patch.license_type.unwrap_or(after.license_type);
        after.group_id = patch.group_id.unwrap_or(after.group_id);
        match patch.email.as_deref() {
            None => {}
            Some("") => after.unassign(),
            Some(email) => {
                check_email(email)?;
                after.email = Some(email.to_owned());
            }
        }
        self.check_change(scope, before, &after)?;
        after.external_id = patch.external_id.clone().or(after.external_id);
        after.expires_at = patch.expires_at.or(after.expires_at.filter(|_| !patch.clear_expires_at));
        Ok(after)
    }

    fn check_change(&self, scope: Scope, before: &License, after: &License) -> Result<(), Fault> {
        let is_same = before == after;
        if before.state() == KeyState::Used && !is_same {
            return Err(Fault::refused("the license is in use; change its machine"));
        }
        if !after.quota_desired.is_none_or(is_gb) {
            return Err(Fault::invalid("quota_desired makes no sense"));
        }
        let partner_of = |group| self.reach_group(scope, group).map(|group| group.partner_id);
        if partner_of(before.group_id)? != partner_of(after.group_id)? {
            return Err(Fault::refused("a license cannot leave its partner"));
        }
        Ok(())
    }

    fn deliver_key(&mut self, license: &License, deliver_emails: bool) {
        let is_reserved = license.state() == KeyState::Reserved;
        if let Some(email) = license.email.clone().filter(|_| deliver_emails && is_reserved) {
            let letter = Letter { template: "activation".to_owned(), ..Letter::default() };
            self.send(email, letter, Some(license.keystring));
        }
    }
}
