//! Observing: a complete and healthy look at one subscription, or an error. A list that came back short is an error:
//! whatever we know by id is asked for by id before it is called absent (design, rules 1 and 2).

use crate::domain::group::ObservedGroup;
use crate::domain::observed::{Account, GroupContents, Observed, Presence};
use crate::domain::partner::Partner;
use crate::domain::subscription::Model;
use crate::domain::user::ObservedUser;
use crate::domain::{Desired, MozyGroupId, PartnerId};
use crate::ports::{Case, Vendor, VendorError};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{self, StreamExt, TryStreamExt};

mod machines;

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

impl Sight {
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
) -> Result<Sight, VendorError> {
    let found = match &desired.subscription.model {
        Model::Customer(reseller) => {
            let partner = reseller.and_then(|reseller| reseller.partner);
            customer_group(vendor, desired, partner).await?
        }
        Model::Direct | Model::Reseller(_) => own_partner(vendor, desired).await?,
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
    keys_are_complete(vendor, desired, &mut account).await?;
    let fresh = case.machines_read_at.is_some_and(|at| now - at < MACHINES_MAX_AGE);
    let last = case.last.as_ref().filter(|_| fresh);
    machines::read(vendor, desired, last, &case.entries, &mut account).await?;
    Ok(Sight { observed: Observed::Present(Box::new(account)), admin_taken: false, machines_read: !fresh })
}

enum Found {
    There(Partner, Vec<ObservedGroup>),
    Absent,
    AdminTaken,
}

async fn own_partner<V: Vendor>(vendor: &V, desired: &Desired) -> Result<Found, VendorError> {
    let partner = match desired.subscription.partner {
        Some(id) => vendor.partner(id).await?.present(),
        None => None,
    };
    let partner = match partner {
        Some(partner) => partner,
        None => match find_partner(vendor, desired).await? {
            Ok(partner) => partner,
            Err(absence) => return Ok(absence),
        },
    };
    let home =
        partner.default_group.ok_or_else(|| unclear("the partner was read without its default group"))?;
    let groups = match desired.subscription.model {
        // His other groups are his customers'.
        Model::Reseller(_) => vec![home_group(vendor, desired, &partner, home).await?],
        Model::Direct | Model::Customer(_) => all_groups(vendor, desired, partner.id, home).await?,
    };
    Ok(Found::There(partner, groups))
}

/// A partner we have no id for: by its admin, and ours only if it carries our number.
async fn find_partner<V: Vendor>(
    vendor: &V,
    desired: &Desired,
) -> Result<Result<Partner, Found>, VendorError> {
    let subscription = &desired.subscription;
    let email = &subscription.admin.email;
    let found = vendor.find_partners(email).await?;
    let taken = !found.is_empty();
    let mut ours: Vec<Partner> = found
        .into_iter()
        .filter(|partner| subscription.number.owns(partner.external_id.as_deref()))
        .collect();
    match (ours.pop(), ours.is_empty()) {
        (Some(partner), true) => Ok(Ok(partner)),
        (Some(_), false) => {
            Err(unclear("two partners carry this subscription's number and admin; resolve by hand"))
        }
        (None, _) if taken || vendor.admin_exists(email).await? => Ok(Err(Found::AdminTaken)),
        (None, _) => Ok(Err(Found::Absent)),
    }
}

async fn all_groups<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    partner: PartnerId,
    home: MozyGroupId,
) -> Result<Vec<ObservedGroup>, VendorError> {
    let groups = vendor.groups(partner).await?;
    let known = desired.groups.iter().filter_map(|group| group.mozy_id);
    let known = known.chain(desired.subscription.home_group).chain([home]);
    for id in known {
        let listed = groups.iter().any(|group| group.id == id);
        if !listed
            && vendor
                .group(id)
                .await?
                .present()
                .is_some_and(|group| group.partner.is_none_or(|p| p == partner))
        {
            return Err(unclear("a list of groups came back short"));
        }
    }
    if groups.iter().any(|group| group.id == home) {
        Ok(groups)
    } else {
        Err(unclear("the default group is missing from the list of groups"))
    }
}

/// The group that has the stock: still the one that was the default when it was learned, if that is there.
async fn home_group<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    partner: &Partner,
    default: MozyGroupId,
) -> Result<ObservedGroup, VendorError> {
    if let Some(id) = desired.subscription.home_group.filter(|id| *id != default)
        && let Some(group) = vendor.group(id).await?.present()
        && group.partner.is_none_or(|of| of == partner.id)
    {
        return Ok(group);
    }
    known_group(vendor, default).await
}

async fn known_group<V: Vendor>(vendor: &V, id: MozyGroupId) -> Result<ObservedGroup, VendorError> {
    vendor.group(id).await?.present().ok_or_else(|| unclear("the default group cannot be read"))
}

async fn customer_group<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    partner: Option<PartnerId>,
) -> Result<Found, VendorError> {
    let Some(partner) = partner else { return Ok(Found::Absent) };
    let Some(partner) = vendor.partner(partner).await?.present() else {
        let cancelled =
            matches!(&desired.subscription.model, Model::Customer(Some(reseller)) if reseller.removed);
        return if desired.subscription.removed || cancelled {
            Ok(Found::Absent)
        } else {
            Err(unclear("the reseller's partner is not there; his own subscription comes first"))
        };
    };
    let group = match desired.subscription.home_group {
        Some(id) => vendor.group(id).await?.present(),
        None => find_group(vendor, desired, &partner).await?,
    };
    Ok(group.map_or(Found::Absent, |group| Found::There(partner, vec![group])))
}

async fn find_group<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    partner: &Partner,
) -> Result<Option<ObservedGroup>, VendorError> {
    let number = desired.subscription.number;
    let groups = vendor.groups(partner.id).await?;
    let ours = |group: &ObservedGroup| {
        number.owns(group.external_id.as_deref()) && Some(group.id) != partner.default_group
    };
    let mut ours: Vec<ObservedGroup> = groups.into_iter().filter(ours).collect();
    let group = ours.pop();
    if ours.is_empty() {
        Ok(group)
    } else {
        Err(unclear("two groups carry this subscription's number; resolve by hand"))
    }
}

async fn read<V: Vendor>(
    vendor: &V,
    partner: PartnerId,
    group: ObservedGroup,
) -> Result<GroupContents, VendorError> {
    let (users, licences, stock) = futures_util::try_join!(
        vendor.users(group.id),
        vendor.licences(group.id),
        vendor.stock(partner, group.id)
    )?;
    Ok(GroupContents { group, users, licences, stock, machines: Default::default() })
}

/// Users we know by id who are in none of the groups: gone, or moved elsewhere by somebody.
async fn strays<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    groups: &[GroupContents],
) -> Result<Vec<ObservedUser>, VendorError> {
    let listed: std::collections::HashSet<_> =
        groups.iter().flat_map(|g| &g.users).map(|user| user.id).collect();
    let mut strays = Vec::new();
    for id in desired.users.iter().filter_map(|user| user.mozy_id).filter(|id| !listed.contains(id)) {
        if let Presence::Present(user) = vendor.user(id).await? {
            if groups.iter().any(|contents| contents.group.id == user.group) {
                return Err(unclear("a list of users came back short"));
            }
            strays.push(user);
        }
    }
    Ok(strays)
}

/// Keys that are bound to a licence and were not listed are asked for one by one.
async fn keys_are_complete<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    account: &mut Account,
) -> Result<(), VendorError> {
    let listed: std::collections::HashSet<_> = account.licences().map(|l| l.key.clone()).collect();
    let bound =
        desired.users.iter().flat_map(|user| &user.licences).filter_map(|licence| licence.key.as_ref());
    for key in bound.filter(|key| !listed.contains(key)) {
        let Some(found) = vendor.licence(key).await?.present() else { continue };
        let contents = account.groups.iter_mut().find(|contents| contents.group.id == found.group);
        match (contents, found.kind) {
            // Its type is another now, so that no list has it.
            (Some(contents), None) => contents.licences.push(found),
            (Some(_), Some(_)) => return Err(unclear("a list of keys came back short")),
            (None, _) => {}
        }
    }
    Ok(())
}

fn unclear(why: &str) -> VendorError {
    VendorError::Unreachable(why.to_owned())
}
