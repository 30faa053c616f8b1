//! Random wishes, as a customer and his provider could have them: never more than was bought, never for what is gone.

use super::make::*;
use super::mozy::activate_at;
use super::world::World;
use crate::domain::{Amount, Desired, Gb, LicenceKind, SubscriptionId};
use crate::sim::mozy::KeyState;
use proptest::prelude::*;

/// One wish; numbers pick among what there is.
#[derive(Debug, Clone)]
pub enum Wish {
    AddUser {
        group: u8,
        licences: Vec<(bool, i64)>,
    },
    RemoveUser(u8),
    AddLicence {
        user: u8,
        desktop: bool,
        quota: i64,
    },
    RemoveLicence(u8),
    ResizeLicence(u8, i64),
    MoveUser {
        user: u8,
        group: u8,
    },
    RenameUser(u8),
    SuspendUser(u8),
    AddGroup,
    RenameGroup(u8),
    RemoveGroup(u8),
    SwitchSync,
    SyncUser {
        user: u8,
        quota: Option<i64>,
    },
    SyncDefault(i64),
    More {
        desktop: bool,
        licences: i64,
        quota: i64,
    },
    Less {
        desktop: bool,
        licences: i64,
        quota: i64,
    },
    Unlimited(bool),
    SuspendAccount,
    Activate(u8),
    /// Everything so far is done before what follows is wished.
    Run,
}

pub fn wish() -> impl Strategy<Value = Wish> {
    let licences = proptest::collection::vec((any::<bool>(), 0..40_i64), 0..3);
    prop_oneof![
        3 => (any::<u8>(), licences).prop_map(|(group, licences)| Wish::AddUser { group, licences }),
        2 => any::<u8>().prop_map(Wish::RemoveUser),
        2 => (any::<u8>(), any::<bool>(), 0..40_i64)
            .prop_map(|(user, desktop, quota)| Wish::AddLicence { user, desktop, quota }),
        3 => any::<u8>().prop_map(Wish::RemoveLicence),
        2 => (any::<u8>(), 0..60_i64).prop_map(|(at, quota)| Wish::ResizeLicence(at, quota)),
        5 => (any::<u8>(), any::<u8>()).prop_map(|(user, group)| Wish::MoveUser { user, group }),
        1 => any::<u8>().prop_map(Wish::RenameUser),
        1 => any::<u8>().prop_map(Wish::SuspendUser),
        1 => Just(Wish::AddGroup),
        1 => any::<u8>().prop_map(Wish::RenameGroup),
        2 => any::<u8>().prop_map(Wish::RemoveGroup),
        2 => Just(Wish::SwitchSync),
        4 => (any::<u8>(), proptest::option::of(1..25_i64))
            .prop_map(|(user, quota)| Wish::SyncUser { user, quota }),
        1 => (1..20_i64).prop_map(Wish::SyncDefault),
        1 => (any::<bool>(), 0..4_i64, 0..50_i64)
            .prop_map(|(desktop, licences, quota)| Wish::More { desktop, licences, quota }),
        1 => (any::<bool>(), 0..4_i64, 0..50_i64)
            .prop_map(|(desktop, licences, quota)| Wish::Less { desktop, licences, quota }),
        1 => any::<bool>().prop_map(Wish::Unlimited),
        1 => Just(Wish::SuspendAccount),
        3 => any::<u8>().prop_map(Wish::Activate),
        5 => Just(Wish::Run),
    ]
}

fn kind(desktop: bool) -> LicenceKind {
    if desktop { LicenceKind::Desktop } else { LicenceKind::Server }
}

/// Wishes, as the desk takes them: what asks for more than was bought is not taken.
pub fn make(world: &World, id: SubscriptionId, wish: &Wish) {
    match wish {
        Wish::Run => world.run(),
        Wish::Activate(at) => {
            let desired = world.desired(id);
            let live: Vec<_> = desired.users.iter().filter(|user| !user.removed).collect();
            if let Some(user) = pick(&live, *at) {
                activate(world, &user.login);
            }
        }
        _ => world.wish(id, |desired| {
            let before = desired.clone();
            change(desired, wish);
            if !has_room(&before, desired) {
                *desired = before;
            }
        }),
    }
}

/// Keys that are really his and in his group; what a client does not see it does not activate.
fn activate(world: &World, login: &str) {
    let Some(user) = world.sim.user_named(login) else { return };
    let keys = world.sim.licenses_of(login);
    let ready = |state: KeyState, group: i64| state != KeyState::Reserved || group == user.group_id;
    if keys.iter().all(|key| ready(key.state(), key.group_id)) {
        activate_at(&world.sim, login);
        world.sim.advance(chrono::TimeDelta::seconds(5));
    }
}

fn pick<T>(from: &[T], at: u8) -> Option<&T> {
    from.get(usize::from(at).checked_rem(from.len())?)
}

/// The rule of the endpoint, and room for what Mozy gives a newly synced user at first.
fn has_room(before: &Desired, after: &Desired) -> bool {
    LicenceKind::ALL.into_iter().all(|kind| {
        let pool = after.subscription.bought.pools.of(kind);
        let ((had, had_gb), (wants, wants_gb)) = (before.wished(kind), after.wished(kind));
        let starting = if kind == LicenceKind::Desktop { at_first(after) } else { 0 };
        (wants <= had || pool.licences.holds(wants))
            && (wants_gb <= had_gb || pool.quota.holds(wants_gb.0 + starting))
    })
}

fn at_first(desired: &Desired) -> i64 {
    let default = desired.subscription.bought.sync_default_quota.map_or(2, |quota| quota.0);
    let own =
        |user: &crate::domain::user::User| desired.sync_quota(user).map(|quota| (default - quota.0).max(0));
    desired.users.iter().filter_map(own).sum()
}

fn change(desired: &mut Desired, wish: &Wish) {
    let users: Vec<usize> = live(&desired.users, |user| user.removed);
    let groups: Vec<usize> = live(&desired.groups, |group| group.removed);
    let group_at = |desired: &Desired, at: u8| match usize::from(at) % (groups.len() + 1) {
        0 => None,
        nth => Some(desired.groups[groups[nth - 1]].id),
    };
    let number = desired.users.len() + desired.groups.len();
    match wish {
        Wish::AddUser { group, licences } => {
            let licences: Vec<_> = licences.iter().map(|(desktop, quota)| (kind(*desktop), *quota)).collect();
            let mut user = user_with(&format!("user{number}@acme.test"), &licences);
            user.group = group_at(desired, *group);
            desired.users.push(user);
        }
        Wish::AddGroup => desired.groups.push(group(&format!("Group {number}"))),
        Wish::RenameGroup(at) => {
            if let Some(at) = pick(&groups, *at) {
                desired.groups[*at].name.push('x');
            }
        }
        Wish::RemoveGroup(at) => {
            let Some(at) = pick(&groups, *at) else { return };
            let id = desired.groups[*at].id;
            if !desired.users.iter().any(|user| !user.removed && user.group == Some(id)) {
                desired.groups[*at].removed = true;
            }
        }
        Wish::SwitchSync => desired.switch_sync(!desired.subscription.sync),
        Wish::SyncDefault(quota) => desired.subscription.bought.sync_default_quota = Some(Gb(*quota)),
        Wish::SuspendAccount => desired.subscription.suspended = !desired.subscription.suspended,
        Wish::More { desktop, licences, quota } => limit(desired, kind(*desktop), *licences, *quota),
        Wish::Less { desktop, licences, quota } => limit(desired, kind(*desktop), -*licences, -*quota),
        Wish::Unlimited(desktop) => *desired.pool_mut(kind(*desktop)) = unlimited(),
        Wish::MoveUser { user, group } => {
            let group = group_at(desired, *group);
            if let Some(at) = pick(&users, *user) {
                desired.users[*at].group = group;
            }
        }
        _ => {
            if let Some(at) = pick(&users, which(wish)) {
                of_user(desired, *at, wish);
            }
        }
    }
}

fn live<T>(all: &[T], removed: impl Fn(&T) -> bool) -> Vec<usize> {
    all.iter().enumerate().filter(|(_, one)| !removed(one)).map(|(at, _)| at).collect()
}

fn which(wish: &Wish) -> u8 {
    match wish {
        Wish::RemoveUser(at)
        | Wish::RenameUser(at)
        | Wish::SuspendUser(at)
        | Wish::RemoveLicence(at)
        | Wish::ResizeLicence(at, _)
        | Wish::AddLicence { user: at, .. }
        | Wish::SyncUser { user: at, .. } => *at,
        _ => 0,
    }
}

/// Not below what is wished for: what then does not fit would be a matter of who comes first.
fn limit(desired: &mut Desired, kind: LicenceKind, licences: i64, quota: i64) {
    let (wished, gb) = desired.wished(kind);
    let starting = if kind == LicenceKind::Desktop { at_first(desired) } else { 0 };
    let pool = desired.pool_mut(kind);
    let by = |amount: Amount, change: i64, least: i64| match amount {
        Amount::Limit(limit) => Amount::Limit((limit + change).max(least)),
        Amount::Unlimited => Amount::Limit(least + change.max(0)),
    };
    pool.licences = by(pool.licences, licences, wished);
    pool.quota = by(pool.quota, quota, gb.0 + starting);
}

fn of_user(desired: &mut Desired, at: usize, wish: &Wish) {
    let (login, sync) = (desired.users[at].login.clone(), desired.subscription.sync);
    let user = &mut desired.users[at];
    let licences = live(&user.licences, |licence| licence.removed);
    match wish {
        Wish::RemoveUser(_) => desired.remove_user(&login),
        Wish::RenameUser(_) => user.login = format!("x{login}"),
        Wish::SuspendUser(_) => user.suspended = !user.suspended,
        Wish::AddLicence { desktop, quota, .. } => {
            let name = format!("{} {}", user.id, user.licences.len());
            user.licences.push(licence(&name, kind(*desktop), *quota));
        }
        Wish::RemoveLicence(which) => {
            if let Some(nth) = pick(&licences, *which / 3) {
                user.licences[*nth].removed = true;
            }
        }
        Wish::ResizeLicence(which, quota) => {
            if let Some(nth) = pick(&licences, *which / 3) {
                user.licences[*nth].quota = Gb(*quota);
            }
        }
        Wish::SyncUser { quota, .. } => {
            user.sync = sync && !user.sync;
            user.sync_quota = quota.map(Gb);
        }
        _ => {}
    }
}
