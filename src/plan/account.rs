//! The account: the partner of a direct customer or reseller, or the group of a reseller's customer.

use super::draft::{Draft, differs};
use super::sync::{keeps_sync, strangers};
use super::{Action, Numbered, Place, Policy, Refusal, Step, Subject, Why};
use crate::domain::observed::Account;
use crate::domain::partner::{Partner, Status};
use crate::domain::subscription::{Model, Subscription};
use crate::domain::{Desired, Gb, LicenceKind, PartnerId, Reason};

/// Whether anything beside the account itself is still to be planned.
#[derive(Debug, PartialEq, Eq)]
pub enum Rest {
    /// Yes.
    Stays,
    /// Only what was wished away.
    Leaves,
    /// No: the account goes, or must not be touched, with all in it.
    Goes,
}

/// The step that creates the account, or why it cannot be.
pub fn create(desired: &Desired, policy: &Policy) -> Result<Step, Refusal> {
    let subscription = &desired.subscription;
    let refuse = |reason, message: String| Err(Refusal { subject: Subject::Account, reason, message });
    let action = match &subscription.model {
        Model::Customer(reseller) => match reseller {
            Some(r) if r.removed => return refuse(Reason::ResellerCancelled, cancelled()),
            Some(r) if r.partner.is_some() => {
                // Under a parent that has sync a new group would inherit it.
                let sync = (!subscription.sync).then_some(false);
                Action::CreateGroup { place: Place::Home, name: subscription.company.clone(), sync }
            }
            _ => return refuse(Reason::ResellerNotProvisioned, waits()),
        },
        Model::Direct | Model::Reseller(_) if policy.admin_taken => {
            return refuse(Reason::AdminEmailInUse, taken(&subscription.admin.email));
        }
        Model::Direct | Model::Reseller(_) => Action::CreatePartner {
            default_sync_quota: subscription.bought.sync_default_quota,
            sync: partner_sync(subscription),
        },
    };
    Ok(Step { subject: Subject::Account, action, why: Why::Missing })
}

/// The account as it is right after it was created, so that what belongs in it can be planned at once.
pub fn imagine(desired: &Desired) -> Account {
    let subscription = &desired.subscription;
    let partner = Partner {
        id: subscription.partner.unwrap_or(PartnerId(0)),
        name: subscription.company.clone(),
        status: Some(Status::Active),
        external_id: Some(subscription.number.to_string()),
        parent: None,
        default_group: None,
        admin: Some(subscription.admin.email.clone()),
        sync: Some(partner_sync(subscription)),
        default_sync_quota: subscription.bought.sync_default_quota,
    };
    Account { partner, groups: Vec::new(), strays: Vec::new() }
}

/// Plans the account itself.
pub fn plan(draft: &mut Draft<'_>) -> Rest {
    let subscription = &draft.desired.subscription;
    match &subscription.model {
        Model::Direct if subscription.removed => delete_partner(draft),
        Model::Reseller(customers) if subscription.removed && customers.remaining == 0 => {
            delete_partner(draft)
        }
        // No backup is lost by somebody else's decision: while customers remain, a removed reseller is suspended.
        Model::Reseller(_) if subscription.removed => {
            status(draft, draft.account.partner.status, true);
            Rest::Goes
        }
        Model::Customer(_) if subscription.removed => {
            delete_home_group(draft);
            Rest::Stays
        }
        Model::Customer(_) if only_leaves(subscription) => {
            draft.refuse(Subject::Account, Reason::ResellerCancelled, cancelled());
            Rest::Leaves
        }
        Model::Customer(reseller) => {
            if reseller.is_some_and(|reseller| reseller.suspended) {
                let message = "the reseller is suspended: the service works again when his subscription does";
                draft.refuse(Subject::Account, Reason::ResellerSuspended, message);
            }
            customer_group(draft);
            Rest::Stays
        }
        Model::Direct | Model::Reseller(_) => {
            partner(draft);
            status(draft, draft.account.partner.status, subscription.suspended);
            Rest::Stays
        }
    }
}

/// Whether nothing is added or changed any more: the reseller has cancelled, and his customer has not been cancelled yet.
pub fn only_leaves(subscription: &Subscription) -> bool {
    let cancelled = matches!(&subscription.model, Model::Customer(Some(reseller)) if reseller.removed);
    cancelled && !subscription.removed
}

/// Whether a partner is to have sync: its own wish, or a customer's, whose group cannot have it without the parent.
pub fn partner_sync(subscription: &Subscription) -> bool {
    let customers = matches!(&subscription.model, Model::Reseller(customers) if customers.want_sync);
    subscription.sync || customers
}

fn partner(draft: &mut Draft<'_>) {
    let (want, have) = (&draft.desired.subscription, &draft.account.partner);
    let (sync, on) = (partner_sync(want), have.sync.unwrap_or(false));
    if want.company.trim() != have.name.trim() {
        let why = differs("name", &have.name, &want.company);
        update(draft, (Some(want.company.clone()), None, None), why);
    }
    let default = want.bought.sync_default_quota.filter(|quota| Some(*quota) != have.default_sync_quota);
    if let Some(quota) = default {
        let seen = have.default_sync_quota.map_or_else(|| "unset".to_owned(), |seen| seen.to_string());
        update(draft, (None, None, Some(quota)), differs("default sync quota", seen, quota));
    }
    draft.number(Subject::Account, Numbered::Partner(have.id), &have.external_id);
    match (on, sync) {
        (false, true) => update(draft, (None, Some(true), None), differs("sync", "off", "on")),
        (true, false) => switch_off(draft),
        _ => {}
    }
    default_group(draft);
}

/// Each field by itself, so that what Mozy refuses or makes its own of holds up nothing else.
fn update(draft: &mut Draft<'_>, field: (Option<String>, Option<bool>, Option<Gb>), why: Why) {
    let (name, sync, default_sync_quota) = field;
    draft.step(Subject::Account, Action::UpdatePartner { name, sync, default_sync_quota }, why);
}

/// Not while Mozy must refuse it.
fn switch_off(draft: &mut Draft<'_>) {
    match strangers(draft, None) {
        Some(names) => draft.refuse(Subject::Account, Reason::VendorRejected, keeps_sync(&names)),
        None => update(draft, (None, Some(false), None), differs("sync", "on", "off")),
    }
}

/// Somebody made another group the default one; ours has our stock in it, and becomes it again.
fn default_group(draft: &mut Draft<'_>) {
    let (home, seen) = (draft.matching.mozy_group(Place::Home), draft.account.partner.default_group);
    if let (Some(home), Some(seen)) = (home, seen)
        && home != seen
    {
        let name = |id| draft.matching.index.group(id).map_or("another one", |group| group.name.as_str());
        let why = differs("default group", name(seen), name(home));
        draft.step(Subject::MozyGroup(home), Action::SetDefaultGroup { group: home }, why);
    }
}

fn customer_group(draft: &mut Draft<'_>) {
    let subscription = &draft.desired.subscription;
    let Some(home) = draft.account.groups.first() else { return };
    let (name, seen) = (subscription.company.clone(), home.group.clone());
    if name.trim() != seen.name.trim() {
        let why = differs("name", &seen.name, &name);
        draft.step(Subject::Account, Action::RenameGroup { place: Place::Home, name }, why);
    }
    draft.number(Subject::Account, Numbered::Group(seen.id), &seen.external_id);
    status(draft, seen.status, subscription.suspended);
}

fn status(draft: &mut Draft<'_>, have: Option<Status>, suspended: bool) {
    let want = Status::wanted(suspended);
    if !want.agrees(have) {
        let why = differs("status", Status::told(have), want.as_str());
        draft.step(Subject::Account, Action::SetAccountStatus(want), why);
    }
}

fn delete_partner(draft: &mut Draft<'_>) -> Rest {
    draft.step(Subject::Account, Action::DeletePartner, Why::Removed);
    Rest::Goes
}

/// A group with users in it cannot be deleted, and its stock would fall to the reseller: both go first. Who is not ours
/// is not deleted with it.
fn delete_home_group(draft: &mut Draft<'_>) {
    let (users, keys) = (&draft.matching.unmanaged_users, &draft.matching.unmanaged_licences);
    if !users.is_empty() || !keys.is_empty() {
        let message = format!(
            "the group {} still has {} users and {} keys that we were never told of; remove them in Mozy's control \
             panel",
            draft.desired.subscription.company,
            users.len(),
            keys.len()
        );
        draft.refuse(Subject::Account, Reason::GroupNotEmpty, message);
        return;
    }
    for kind in LicenceKind::ALL {
        let stock = draft.account.stock(kind);
        let release = Action::Release {
            licences: (stock.licences > 0).then_some(0),
            quota: (stock.quota.0 > 0).then_some(Gb(0)),
        };
        if stock.licences > 0 || stock.quota.0 > 0 {
            let why = Why::Needed("a deleted group's stock would fall to the reseller".into());
            draft.step(Subject::Pool(kind), release, why);
        }
    }
    draft.step(Subject::Account, Action::DeleteGroup { place: Place::Home }, Why::Removed);
}

fn taken(email: &str) -> String {
    format!(
        "the e-mail address {email} of the subscription's staff member is already in use at Mozy; create a staff \
         member with another address and assign it to the service"
    )
}

fn cancelled() -> String {
    "the partner has cancelled the subscription; it has to be cancelled here too".into()
}

fn waits() -> String {
    "the reseller has no partner at Mozy yet; this waits until his own subscription is provisioned".into()
}
