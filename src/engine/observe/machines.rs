//! Machines: there is one call for each user's, so they are read only when a sum of their group says that something
//! changed. In agreement the number of calls does not grow with users, keys or machines (design, section 4).

use super::owner;
use crate::domain::licence::Machine;
use crate::domain::observed::{Account, GroupContents};
use crate::domain::user::ObservedUser;
use crate::domain::{Desired, Keystring, MachineId, MozyUserId};
use crate::ports::{Vendor, VendorError};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many users' machines are read at the same time.
const USERS_AT_ONCE: usize = 4;

/// Fills in the machines of every user who has one, from the last look where nothing changed.
pub(super) async fn read<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    last: Option<&Account>,
    account: &mut Account,
) -> Result<(), VendorError> {
    let bound: HashMap<Keystring, MozyUserId> = desired
        .users
        .iter()
        .filter_map(|user| Some((user.mozy_id?, &user.licences)))
        .flat_map(|(id, licences)| licences.iter().filter_map(move |l| Some((l.key.clone()?, id))))
        .collect();
    let same_partner = last.is_some_and(|last| {
        (last.partner.sync, last.partner.default_sync_quota)
            == (account.partner.sync, account.partner.default_sync_quota)
    });
    for contents in &mut account.groups {
        let before = last.filter(|_| same_partner).and_then(|last| last.group(contents.group.id));
        let before = before.filter(|before| unchanged(before, contents));
        contents.machines = group(vendor, contents, before, &bound).await?;
    }
    Ok(())
}

/// Whether every figure that a change of a machine would move is as it was.
fn unchanged(before: &GroupContents, now: &GroupContents) -> bool {
    let used = |contents: &GroupContents| -> BTreeMap<Keystring, MachineId> {
        contents.licences.iter().filter_map(|l| Some((l.key.clone(), l.machine?))).collect()
    };
    before.stock == now.stock && before.group.sync == now.group.sync && used(before) == used(now)
}

async fn group<V: Vendor>(
    vendor: &V,
    contents: &GroupContents,
    before: Option<&GroupContents>,
    bound: &HashMap<Keystring, MozyUserId>,
) -> Result<BTreeMap<MozyUserId, Vec<Machine>>, VendorError> {
    let mut machines = BTreeMap::new();
    let mut to_read = Vec::new();
    for user in with_machines(contents, bound) {
        let as_before = before.filter(|before| same_user(before, contents, user));
        match as_before.and_then(|before| before.machines.get(&user)) {
            Some(known) => drop(machines.insert(user, known.clone())),
            None => to_read.push(user),
        }
    }
    let read =
        stream::iter(to_read.into_iter().map(|user| async move { Ok((user, vendor.machines(user).await?)) }))
            .buffered(USERS_AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
    machines.extend(read);
    Ok(machines)
}

fn same_user(before: &GroupContents, now: &GroupContents, id: MozyUserId) -> bool {
    let find = |contents: &GroupContents| -> Option<Option<bool>> {
        contents.users.iter().find(|user| user.id == id).map(|user| user.sync)
    };
    find(before) == find(now)
}

/// Users with an activated key, or with sync, whose pseudo-machine carries its quota.
fn with_machines(contents: &GroupContents, bound: &HashMap<Keystring, MozyUserId>) -> BTreeSet<MozyUserId> {
    let synced =
        contents.users.iter().filter(|user: &&ObservedUser| user.sync == Some(true)).map(|user| user.id);
    let used = contents.licences.iter().filter(|licence| licence.machine.is_some()).filter_map(|licence| {
        let by_key = bound.get(&licence.key).copied();
        by_key.or_else(|| owner(&contents.users, licence.email.as_deref()?).map(|user| user.id))
    });
    synced.chain(used).collect()
}
