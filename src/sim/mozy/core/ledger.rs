//! The ledger: how often each object came and went, and what each group was given, over the whole run.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::sim::mozy::world::{Deed, Event, LicenseType, ObjectKind};

/// One object, by its natural name: a partner's or group's name, an e-mail, a machine's keystring.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ObjectRow {
    pub kind: ObjectKind,
    pub name: String,
    pub created: u32,
    pub deleted: u32,
    pub ids: Vec<i64>,
}

/// What Provision brought to and Release took from a group. Quotas in GB.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct StockRow {
    pub group_id: i64,
    pub license_type: LicenseType,
    pub licenses_provisioned: i64,
    pub licenses_released: i64,
    pub quota_provisioned: i64,
    pub quota_released: i64,
}

/// How often something of one name came and went, and which ids it had.
#[derive(Clone, Debug, Default)]
struct Tally {
    created: u32,
    deleted: u32,
    ids: Vec<i64>,
}

/// Everything that was created, released or deleted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    #[serde(serialize_with = "object_rows")]
    objects: BTreeMap<(ObjectKind, String), Tally>,
    #[serde(serialize_with = "rows")]
    stock: BTreeMap<(i64, LicenseType), StockRow>,
    /// Bytes of backups destroyed, per machine.
    pub backups_lost: BTreeMap<i64, i64>,
}

fn rows<K, V: Serialize, S: Serializer>(map: &BTreeMap<K, V>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.values())
}

fn object_rows<S: Serializer>(
    map: &BTreeMap<(ObjectKind, String), Tally>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.iter().map(row))
}

fn row(((kind, name), tally): (&(ObjectKind, String), &Tally)) -> ObjectRow {
    let Tally { created, deleted, ids } = tally.clone();
    ObjectRow { kind: *kind, name: name.clone(), created, deleted, ids }
}

impl Ledger {
    /// The objects of a kind that came or went.
    pub fn objects(&self, kind: ObjectKind) -> Vec<ObjectRow> {
        self.objects.iter().filter(|((of, _), _)| *of == kind).map(row).collect()
    }

    /// How often an object of that name came and went.
    pub fn object(&self, kind: ObjectKind, name: &str) -> Option<ObjectRow> {
        self.objects.get_key_value(&(kind, name.to_owned())).map(row)
    }

    /// What a group was given and lost.
    pub fn stock(&self, group_id: i64, license_type: LicenseType) -> Option<&StockRow> {
        self.stock.get(&(group_id, license_type))
    }

    /// Everything that came and went in lines without ids, by which two runs of one story are compared. Machines, whose
    /// names are chance, are only counted; so is what was brought and released: a delta done twice and taken back shows.
    pub fn lines(&self) -> Vec<String> {
        let (machines, named): (Vec<_>, Vec<_>) =
            self.objects.iter().partition(|((kind, _), _)| *kind == ObjectKind::Machine);
        let named = named.into_iter().map(|((kind, name), tally)| {
            format!("{kind:?} {name} made {} and deleted {}", tally.created, tally.deleted)
        });
        let sum = |of: fn(&Tally) -> u32| machines.iter().map(|(_, tally)| of(tally)).sum::<u32>();
        let machines = format!(
            "machines made {} and deleted {}",
            sum(|tally| tally.created),
            sum(|tally| tally.deleted)
        );
        named.chain([machines]).chain(LicenseType::ALL.map(|kind| self.stock_line(kind))).collect()
    }

    fn stock_line(&self, kind: LicenseType) -> String {
        let rows = || self.stock.values().filter(|row| row.license_type == kind);
        let sum = |of: fn(&StockRow) -> i64| rows().map(of).sum::<i64>();
        format!(
            "{kind:?}: {}+{} provisioned, {}+{} released",
            sum(|row| row.licenses_provisioned),
            sum(|row| row.quota_provisioned),
            sum(|row| row.licenses_released),
            sum(|row| row.quota_released)
        )
    }

    pub(super) fn absorb(&mut self, event: Event) {
        match event {
            Event::Object { kind, deed, id, name } => self.count_object(kind, deed, id, name),
            Event::Stock { group_id, license_type, licenses, quota } => {
                self.count_stock(group_id, license_type, licenses, quota);
            }
            Event::BackupLost { machine_id, bytes } => {
                self.backups_lost.insert(machine_id, bytes);
            }
            Event::Mailed(_) => {}
        }
    }

    fn count_object(&mut self, kind: ObjectKind, deed: Deed, id: i64, name: String) {
        let row = self.objects.entry((kind, name)).or_default();
        match deed {
            Deed::Created => {
                row.created += 1;
                row.ids.push(id);
            }
            Deed::Deleted => row.deleted += 1,
        }
    }

    fn count_stock(&mut self, group_id: i64, license_type: LicenseType, licenses: i64, quota: i64) {
        let row = self.stock.entry((group_id, license_type)).or_insert(StockRow {
            group_id,
            license_type,
            licenses_provisioned: 0,
            licenses_released: 0,
            quota_provisioned: 0,
            quota_released: 0,
        });
        row.licenses_provisioned += licenses.max(0);
        row.licenses_released += (-licenses).max(0);
        row.quota_provisioned += quota.max(0);
        row.quota_released += (-quota).max(0);
    }
}
