//! Finding the account: by the id we know, else by what it was made with. What carries our number is ours.

use super::{Blind, unclear};
use crate::domain::group::ObservedGroup;
use crate::domain::partner::Partner;
use crate::domain::subscription::Model;
use crate::domain::user::same_login;
use crate::domain::{Desired, MozyGroupId, PartnerId};
use crate::engine::doubts::is_open;
use crate::plan::Call;
use crate::ports::{Case, Vendor, VendorError};
use std::collections::BTreeSet;

/// What was found of it.
pub(super) enum Found {
    There(Partner, Vec<ObservedGroup>),
    Absent,
    AdminTaken,
}

/// The partner of a direct customer or reseller, with the groups that are his own.
pub(super) async fn own_partner<V: Vendor>(
    vendor: &V,
    case: &Case,
    desired: &Desired,
) -> Result<Found, Blind> {
    let partner = match desired.subscription.partner {
        Some(id) => vendor.partner(id).await?.present(),
        None => None,
    };
    let partner = match partner {
        Some(partner) => partner,
        None => match find_partner(vendor, case, desired).await? {
            Ok(partner) => partner,
            Err(absence) => return Ok(absence),
        },
    };
    let home =
        partner.default_group.ok_or_else(|| unclear("the partner was read without its default group"))?;
    let groups = match desired.subscription.model {
        // His other groups are his customers'.
        Model::Reseller(_) => vec![home_group(vendor, desired, &partner, home).await?],
        Model::Direct | Model::Customer(_) => all_groups(vendor, desired, &partner).await?,
    };
    Ok(Found::There(partner, groups))
}

/// A partner we have no id for: by its admin, and ours only if it carries our number. Another admin may have been
/// chosen since it was asked for; while that may have happened, it is looked for by both.
async fn find_partner<V: Vendor>(
    vendor: &V,
    case: &Case,
    desired: &Desired,
) -> Result<Result<Partner, Found>, VendorError> {
    let subscription = &desired.subscription;
    let email = &subscription.admin.email;
    let mut found = vendor.find_partners(email).await?;
    let taken = !found.is_empty();
    for other in asked_for(case, email) {
        found.extend(vendor.find_partners(other).await?);
    }
    let owned = |partner: &Partner| subscription.number.owns(partner.external_id.as_deref());
    let mut ours: Vec<Partner> = found.into_iter().filter(owned).collect();
    ours.dedup_by_key(|partner| partner.id);
    match (ours.pop(), ours.is_empty()) {
        (Some(partner), true) => Ok(Ok(partner)),
        (Some(_), false) => {
            Err(unclear("two partners carry this subscription's number and admin; resolve by hand"))
        }
        // Only a partner that is seen proves it; whether an address that was somebody's may be used again, Mozy says when
        // it is asked to (contract, section 3).
        (None, _) if taken => Ok(Err(Found::AdminTaken)),
        (None, _) => Ok(Err(Found::Absent)),
    }
}

/// The other admins with whom a partner may have been made.
fn asked_for<'c>(case: &'c Case, chosen: &str) -> BTreeSet<&'c str> {
    let open = case.entries.iter().filter(|entry| is_open(entry));
    let admins = open.filter_map(|entry| match &entry.call {
        Call::CreatePartner { admin_email, .. } => Some(admin_email.as_str()),
        _ => None,
    });
    admins.filter(|admin| !same_login(admin, chosen)).collect()
}

async fn all_groups<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    partner: &Partner,
) -> Result<Vec<ObservedGroup>, Blind> {
    let groups = listed_groups(vendor, partner).await?;
    let known = desired.groups.iter().filter_map(|group| group.mozy_id);
    for id in known.chain(desired.subscription.home_group) {
        let listed = groups.iter().any(|group| group.id == id);
        if !listed
            && vendor
                .group(id)
                .await?
                .present()
                .is_some_and(|group| group.partner.is_none_or(|p| p == partner.id))
        {
            return Err(Blind::Torn("a list of groups came back short"));
        }
    }
    Ok(groups)
}

/// The groups of a partner, as far as a list says: one without the default group is none.
pub(in crate::engine) async fn listed_groups<V: Vendor>(
    vendor: &V,
    partner: &Partner,
) -> Result<Vec<ObservedGroup>, Blind> {
    let groups = vendor.groups(partner.id).await?;
    match groups.iter().any(|group| Some(group.id) == partner.default_group) {
        true => Ok(groups),
        false => Err(Blind::Torn("the default group is missing from the list of groups")),
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

/// The group of a reseller's customer.
pub(super) async fn customer_group<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    partner: Option<PartnerId>,
) -> Result<Found, Blind> {
    let Some(partner) = partner else { return Ok(Found::Absent) };
    let Some(partner) = vendor.partner(partner).await?.present() else {
        let cancelled =
            matches!(&desired.subscription.model, Model::Customer(Some(reseller)) if reseller.removed);
        if !desired.subscription.removed && !cancelled {
            return Err(
                unclear("the reseller's partner is not there; his own subscription comes first").into()
            );
        }
        // What is forgotten is never looked at again: one answer alone is no absence.
        return match desired.subscription.home_group {
            Some(id) if vendor.group(id).await?.present().is_some() => {
                Err(unclear("the reseller's partner is not there, but his customer's group is").into())
            }
            _ => Ok(Found::Absent),
        };
    };
    let group = match desired.subscription.home_group {
        Some(id) => vendor.group(id).await?.present(),
        None => None,
    };
    let group = match group {
        Some(group) => Some(group),
        None => find_group(vendor, desired, &partner).await?,
    };
    Ok(group.map_or(Found::Absent, |group| Found::There(partner, vec![group])))
}

/// A group we have no id for, or whose id is of one that is gone: by our number. One that is listed is not gone, whatever
/// was answered to its id.
async fn find_group<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    partner: &Partner,
) -> Result<Option<ObservedGroup>, Blind> {
    let subscription = &desired.subscription;
    let groups = listed_groups(vendor, partner).await?;
    if groups.iter().any(|group| Some(group.id) == subscription.home_group) {
        return Err(Blind::Torn("a group that is listed could not be read"));
    }
    let ours = |group: &ObservedGroup| {
        subscription.number.owns(group.external_id.as_deref()) && partner.default_group != Some(group.id)
    };
    let mut ours: Vec<ObservedGroup> = groups.into_iter().filter(ours).collect();
    let group = ours.pop();
    if ours.is_empty() {
        Ok(group)
    } else {
        Err(unclear("two groups carry this subscription's number; resolve by hand").into())
    }
}
