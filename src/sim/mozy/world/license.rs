//! Licences: one keystring each, free, then reserved for an e-mail, then used by a machine.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Scope, World, index::Pairs};
use crate::sim::mozy::{fault::Fault, keystring::Keystring};

/// What a licence is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum LicenseType {
    #[default]
    Desktop,
    Server,
}

impl LicenseType {
    /// Both.
    pub const ALL: [LicenseType; 2] = [LicenseType::Desktop, LicenseType::Server];

    /// As Mozy writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            LicenseType::Desktop => "Desktop",
            LicenseType::Server => "Server",
        }
    }

    /// From what Mozy's clients write.
    pub(in super::super) fn parse(text: &str) -> Result<LicenseType, Fault> {
        let found = LicenseType::ALL.into_iter().find(|of| of.as_str() == text);
        found.ok_or_else(|| Fault::invalid("there is no such license_type"))
    }
}

/// Where a licence is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum KeyState {
    Free,
    Reserved,
    Used,
}

/// A licence. `quota_desired` in GB; of a used key it is what was wished before activation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct License {
    pub keystring: Keystring,
    pub group_id: i64,
    pub license_type: LicenseType,
    pub machine_id: Option<i64>,
    pub email: Option<String>,
    pub quota_desired: Option<i64>,
    pub expires_at: Option<DateTime<Utc>>,
    pub external_id: Option<String>,
}

impl License {
    pub(super) fn new(keystring: Keystring, group_id: i64, license_type: LicenseType) -> License {
        License {
            keystring,
            group_id,
            license_type,
            machine_id: None,
            email: None,
            quota_desired: None,
            expires_at: None,
            external_id: None,
        }
    }

    /// Used with a machine, reserved with an e-mail, else free.
    pub fn state(&self) -> KeyState {
        match (self.machine_id, &self.email) {
            (Some(_), _) => KeyState::Used,
            (None, Some(_)) => KeyState::Reserved,
            (None, None) => KeyState::Free,
        }
    }

    /// GB promised to a reserved key; a used key's GB are its machine's.
    pub(super) fn promised(&self) -> i64 {
        match self.state() {
            KeyState::Reserved => self.quota_desired.unwrap_or(0),
            KeyState::Free | KeyState::Used => 0,
        }
    }

    /// Nobody's again.
    pub(super) fn unassign(&mut self) {
        self.email = None;
        self.quota_desired = None;
    }

    /// Whether nobody has it.
    pub fn is_free(&self) -> bool {
        self.state() == KeyState::Free
    }

    /// Whether it is assigned to that e-mail, whatever its case.
    pub fn is_for(&self, email: &str) -> bool {
        self.email.as_ref().is_some_and(|assigned| assigned.to_lowercase() == email.to_lowercase())
    }
}

/// What licences are searched by; all that is given must fit.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct LicenseFind<'a> {
    pub keystring: Option<&'a str>,
    pub is_free: bool,
    pub license_type: Option<&'a str>,
    pub group_id: Option<i64>,
    /// `""` finds those without one.
    pub email: Option<&'a str>,
    pub no_sub_partners: bool,
}

impl World {
    /// Puts a licence in place of what it was before, and counts it.
    pub(super) fn put_license(&mut self, license: License) {
        if let Some(before) = self.licenses.remove(&license.keystring) {
            self.count_license(&before, -1);
        }
        self.count_license(&license, 1);
        self.licenses.insert(license.keystring, license);
    }

    pub(super) fn drop_license(&mut self, keystring: Keystring) {
        if let Some(license) = self.licenses.remove(&keystring) {
            self.count_license(&license, -1);
        }
    }

    pub(super) fn move_license(&mut self, keystring: Keystring, group_id: i64) {
        if let Some(license) = self.licenses.get(&keystring).cloned() {
            self.put_license(License { group_id, ..license });
        }
    }

    fn count_license(&mut self, license: &License, sign: i64) {
        let state = license.state();
        let place = (license.group_id, license.license_type);
        let put = if sign > 0 { Pairs::add } else { Pairs::remove };
        put(&mut self.index.keys, place, license.keystring);
        if state == KeyState::Free {
            put(&mut self.index.free_keys, place, license.keystring);
        }
        if let Some(email) = &license.email {
            let put = if sign > 0 { Pairs::add } else { Pairs::remove };
            put(&mut self.index.key_emails, email.to_lowercase(), license.keystring);
        }
        if let Some(group) = self.groups.get_mut(&license.group_id) {
            let stock = group.stock.of_mut(license.license_type);
            stock.licenses += sign;
            stock.licenses_reserved += sign * i64::from(state == KeyState::Reserved);
            stock.licenses_used += sign * i64::from(state == KeyState::Used);
            stock.quota_distributed += sign * license.promised();
        }
    }

    /// The licences that fit, in order of their keystrings within a group.
    pub(in super::super) fn find_licenses(&self, scope: Scope, find: LicenseFind) -> Vec<Keystring> {
        let candidates = self.license_candidates(scope, find);
        let fits = |key: &Keystring| {
            self.reach_license(scope, *key).is_ok_and(|license| self.license_fits(scope, license, find))
        };
        candidates.into_iter().filter(fits).collect()
    }

    fn license_candidates(&self, scope: Scope, find: LicenseFind) -> Vec<Keystring> {
        if let Some(text) = find.keystring {
            return text.parse().ok().into_iter().collect();
        }
        if let Some(email) = find.email.filter(|email| !email.is_empty()) {
            return self.index.key_emails.of(email.to_lowercase()).collect();
        }
        let keys = if find.is_free { &self.index.free_keys } else { &self.index.keys };
        let groups = match find.group_id {
            Some(group_id) => vec![group_id],
            None => self.find_groups(scope, None, find.no_sub_partners.then_some(scope.0)),
        };
        let of_group = |group: i64| LicenseType::ALL.into_iter().flat_map(move |of| keys.of((group, of)));
        groups.into_iter().flat_map(of_group).collect()
    }

    fn license_fits(&self, scope: Scope, license: &License, find: LicenseFind) -> bool {
        let is_own = || self.groups.get(&license.group_id).is_some_and(|group| group.partner_id == scope.0);
        let has_email = |email: &str| match email {
            "" => license.email.is_none(),
            email => license.is_for(email),
        };
        (!find.is_free || license.state() == KeyState::Free)
            && find.license_type.is_none_or(|of| of == license.license_type.as_str())
            && find.group_id.is_none_or(|group| group == license.group_id)
            && find.email.is_none_or(has_email)
            && (!find.no_sub_partners || find.group_id.is_some() || is_own())
    }
}
