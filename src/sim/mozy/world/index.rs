//! Who belongs to whom and who is called what, so that no search reads a whole table.

use std::{collections::BTreeSet, fmt};

use super::{Keystring, LicenseType};

/// A many-to-many index: a sorted set of pairs.
#[derive(Clone)]
pub(super) struct Pairs<K, V>(BTreeSet<(K, V)>);

impl<K, V> Default for Pairs<K, V> {
    fn default() -> Self {
        Pairs(BTreeSet::new())
    }
}

impl<K, V> fmt::Debug for Pairs<K, V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} pairs", self.0.len())
    }
}

impl<K: Ord + Clone, V: Ord + Copy + Default> Pairs<K, V> {
    pub fn add(&mut self, key: K, value: V) {
        self.0.insert((key, value));
    }

    pub fn remove(&mut self, key: K, value: V) {
        self.0.remove(&(key, value));
    }

    /// The values of a key, in order. The default of a value is the least there is.
    pub fn of(&self, key: K) -> impl Iterator<Item = V> + '_ {
        let from = (key.clone(), V::default());
        self.0.range(from..).take_while(move |(k, _)| *k == key).map(|(_, value)| *value)
    }

    pub fn contains(&self, key: K, value: V) -> bool {
        self.0.contains(&(key, value))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Every index. Names are in lower case; deleted things stay in until they are purged.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    pub children: Pairs<i64, i64>,
    pub partner_names: Pairs<String, i64>,
    pub partner_external_ids: Pairs<String, i64>,
    pub admins: Pairs<i64, i64>,
    pub admin_names: Pairs<String, i64>,
    pub groups: Pairs<i64, i64>,
    pub users: Pairs<i64, i64>,
    pub user_names: Pairs<String, i64>,
    pub machines: Pairs<i64, i64>,
    pub keys: Pairs<(i64, LicenseType), Keystring>,
    pub free_keys: Pairs<(i64, LicenseType), Keystring>,
    pub key_emails: Pairs<String, Keystring>,
}
