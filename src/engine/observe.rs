//! Observing: a complete and healthy look at one subscription, or an error. A list that came back short is an error:
//! whatever we know by id is asked for by id before it is called absent (design, rules 1 and 2).

use crate::domain::group::ObservedGroup;
use crate::domain::observed::{Account, GroupContents, Observed, Presence};
use crate::domain::subscription::Model;
use crate::domain::user::ObservedUser;
use crate::domain::{Desired, Keystring, LicenceKind, PartnerId};
use crate::engine::doubts::is_open;
use crate::ports::{Case, Vendor, VendorError};
use account::{Found, customer_group, own_partner};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeSet;

mod account;
mod machines;

pub(super) use account::listed_groups;

/// How many groups are read at the same time.
const GROUPS_AT_ONCE: usize = 4;

/// Machines are read again after so long, even if no sum says that anything changed.
const MACHINES_MAX_AGE: TimeDelta = TimeDelta::hours(6);

/// What one look saw.
#[derive(Debug, Clone)]
pub struct Sight {
    /// The account, or its absence.
    pub observed: Observed,
    /// There is no account, and the root admin's address is somebody else's.
    pub admin_taken: bool,
    /// Whether the machines of all users were read.
    pub machines_read: bool,
}

/// Why a look tells nothing.
#[derive(Debug)]
pub enum Blind {
    /// Something could not be read.
    Vendor(VendorError),
    /// What was read contradicts itself. Soon after a write it may only be of two moments.
    Torn(&'static str),
}

impl From<VendorError> for Blind {
    fn from(error: VendorError) -> Self {
        Self::Vendor(error)
    }
}

impl Blind {
    /// As an error of Mozy's, where it is no matter of moments.
    pub(super) fn error(self) -> VendorError {
        match self {
            Self::Vendor(error) => error,
            Self::Torn(why) => unclear(why),
        }
    }
}

impl Sight {
    /// Whether every group's stock counts exactly the keys that its list has: then the numbers are of one moment.
    pub fn adds_up(&self) -> bool {
        let groups = self.observed.account().into_iter().flat_map(|account| &account.groups);
        let exactly =
            |group: &GroupContents, kind| group.stock.of(kind).counts_exactly(kind, &group.licences);
        groups.into_iter().all(|group| LicenceKind::ALL.into_iter().all(|kind| exactly(group, kind)))
    }

    fn absent(admin_taken: bool) -> Self {
        Self { observed: Observed::Absent, admin_taken, machines_read: false }
    }
}

/// Looks at everything that concerns one subscription.
///
/// # Errors
/// Whenever anything could not be read, or what was read contradicts itself: then nothing is known.
pub async fn observe<V: Vendor>(
    vendor: &V,
    case: &Case,
    desired: &Desired,
    now: DateTime<Utc>,
) -> Result<Sight, Blind> {
    let found = match &desired.subscription.model {
        Model::Customer(reseller) => {
            let partner = reseller.and_then(|reseller| reseller.partner);
            customer_group(vendor, desired, partner).await?
        }
        Model::Direct | Model::Reseller(_) => own_partner(vendor, case, desired).await?,
    };
    let Found::There(partner, groups) = found else {
        return Ok(Sight::absent(matches!(found, Found::AdminTaken)));
    };
    let contents: Vec<GroupContents> =
        stream::iter(groups.into_iter().map(|group| read(vendor, partner.id, group)))
            .buffered(GROUPS_AT_ONCE)
            .try_collect()
            .await?;
    let strays = strays(vendor, desired, &contents).await?;
    let mut account = Account { partner, groups: contents, strays };
    keys_are_complete(vendor, case, desired, &mut account).await?;
    let fresh = case.machines_read_at.is_some_and(|at| now - at < MACHINES_MAX_AGE);
    let last = case.last.as_ref().filter(|_| fresh);
    machines::read(vendor, desired, last, &case.entries, &mut account).await?;
    Ok(Sight { observed: Observed::Present(Box::new(account)), admin_taken: false, machines_read: !fresh })
}

async fn read<V: Vendor>(
    vendor: &V,
    partner: PartnerId,
    group: ObservedGroup,
) -> Result<GroupContents, Blind> {
    let (users, licences, stock) = futures_util::try_join!(
        vendor.users(group.id),
        vendor.licences(group.id),
        vendor.stock(partner, group.id)
    )?;
    if LicenceKind::ALL.into_iter().any(|kind| !stock.of(kind).counts(kind, &licences)) {
        return Err(Blind::Torn("a group has more keys than its resources tell of"));
    }
    Ok(GroupContents { group, users, licences, stock, machines: Default::default() })
}

/// Users we know by id who are in none of the groups: gone, or moved elsewhere by somebody.
async fn strays<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    groups: &[GroupContents],
) -> Result<Vec<ObservedUser>, Blind> {
    let listed: std::collections::HashSet<_> =
        groups.iter().flat_map(|g| &g.users).map(|user| user.id).collect();
    let mut strays = Vec::new();
    for id in desired.users.iter().filter_map(|user| user.mozy_id).filter(|id| !listed.contains(id)) {
        if let Presence::Present(user) = vendor.user(id).await? {
            if groups.iter().any(|contents| contents.group.id == user.group) {
                return Err(Blind::Torn("a list of users came back short"));
            }
            strays.push(user);
        }
    }
    Ok(strays)
}

/// Keys that are bound to a licence, or may have been given out, and were not listed are asked for one by one.
async fn keys_are_complete<V: Vendor>(
    vendor: &V,
    case: &Case,
    desired: &Desired,
    account: &mut Account,
) -> Result<(), Blind> {
    let listed: std::collections::HashSet<_> = account.licences().map(|l| l.key.clone()).collect();
    let bound =
        desired.users.iter().flat_map(|user| &user.licences).filter_map(|licence| licence.key.as_ref());
    let in_doubt = case.entries.iter().filter(|entry| is_open(entry)).filter_map(|entry| entry.call.key());
    let keys: BTreeSet<&Keystring> = bound.chain(in_doubt).filter(|key| !listed.contains(key)).collect();
    for key in keys {
        let Some(found) = vendor.licence(key).await?.present() else { continue };
        let contents = account.groups.iter_mut().find(|contents| contents.group.id == found.group);
        match (contents, found.kind) {
            // Its type is another now, so that no list has it.
            (Some(contents), None) => contents.licences.push(found),
            (Some(_), Some(_)) => return Err(Blind::Torn("a list of keys came back short")),
            (None, _) => {}
        }
    }
    Ok(())
}

fn unclear(why: &str) -> VendorError {
    VendorError::Unreachable(why.to_owned())
}
