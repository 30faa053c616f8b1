//! Machines: there is one call for each user's, so they are read only when a sum of their group says that something
//! changed. In agreement the number of calls does not grow with users, keys or machines (design, section 4).

use crate::domain::licence::Machine;
use crate::domain::observed::{Account, GroupContents};
use crate::domain::user::ObservedUser;
use crate::domain::{Desired, Keystring, MachineId, MozyUserId};
use crate::plan::Call;
use crate::ports::ledger::Entry;
use crate::ports::{Vendor, VendorError};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How many users' machines are read at the same time.
const USERS_AT_ONCE: usize = 4;

/// Fills in the machines of every user who has one, from the last look where nothing changed.
pub(super) async fn read<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    last: Option<&Account>,
    entries: &[Entry],
    account: &mut Account,
) -> Result<(), VendorError> {
    let touched = touched(entries);
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
        contents.machines = group(vendor, contents, before, &bound, &touched).await?;
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
    touched: &HashSet<MozyUserId>,
) -> Result<BTreeMap<MozyUserId, Vec<Machine>>, VendorError> {
    let mut machines = BTreeMap::new();
    let mut to_read = Vec::new();
    let synced =
        before.map(|before| synced(&before.users)).filter(|before| *before == synced(&contents.users));
    let known: BTreeSet<MachineId> =
        before.into_iter().flat_map(|before| before.machines.values().flatten()).map(|m| m.id).collect();
    for (user, used) in with_machines(contents, bound) {
        // A list without the machine of a key that is used is older than that machine, or was no answer: not known.
        let complete = used.is_subset(&known);
        let as_before = before.filter(|_| complete && synced.is_some() && !touched.contains(&user));
        match as_before.and_then(|before| before.machines.get(&user)) {
            Some(known) => drop(machines.insert(user, known.clone())),
            None => to_read.push(user),
        }
    }
    let read = stream::iter(
        to_read
            .into_iter()
            .map(|user| async move { Ok::<_, VendorError>((user, vendor.machines(user).await?)) }),
    )
    .buffered(USERS_AT_ONCE)
    .try_collect::<Vec<_>>()
    .await?;
    machines.extend(read);
    Ok(machines)
}

/// Two changes of ours may leave the sum as it was, so whomever we wrote about lately is read.
fn touched(entries: &[Entry]) -> HashSet<MozyUserId> {
    let user = |entry: &Entry| match &entry.call {
        Call::ResizeMachine { user, .. } | Call::DeleteMachine { user, .. } => Some(*user),
        Call::SetUserSync { id, .. } | Call::MoveUser { id, .. } => Some(*id),
        _ => None,
    };
    entries.iter().filter_map(user).collect()
}

/// Who has sync.
fn synced(users: &[ObservedUser]) -> BTreeSet<MozyUserId> {
    users.iter().filter(|user| user.sync == Some(true)).map(|user| user.id).collect()
}

/// Users with activated keys, with the machines that these name, or with sync, whose pseudo-machine carries its quota.
fn with_machines(
    contents: &GroupContents,
    bound: &HashMap<Keystring, MozyUserId>,
) -> BTreeMap<MozyUserId, BTreeSet<MachineId>> {
    let by_name: HashMap<String, MozyUserId> =
        contents.users.iter().map(|user| (user.username.trim().to_lowercase(), user.id)).collect();
    let used = contents.licences.iter().filter_map(|licence| {
        let machine = licence.machine?;
        let by_email = || by_name.get(&licence.email.as_deref()?.trim().to_lowercase()).copied();
        Some((bound.get(&licence.key).copied().or_else(by_email)?, machine))
    });
    let mut users: BTreeMap<MozyUserId, BTreeSet<MachineId>> =
        synced(&contents.users).into_iter().map(|user| (user, BTreeSet::new())).collect();
    for (user, machine) in used {
        users.entry(user).or_default().insert(machine);
    }
    users
}
