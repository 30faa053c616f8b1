//! Judging: what an answer means. A create that was refused may be refused because ours is there already: look once.

use super::bind::bindings;
use crate::domain::{Desired, MozyUserId, Reason};
use crate::plan::{Call, Step, Subject};
use crate::ports::ledger::{Binding, Outcome};
use crate::ports::vendor::Made;
use crate::ports::{Vendor, VendorError};

/// What came of a call.
pub(super) struct Judgement {
    /// For the ledger.
    pub outcome: Outcome,
    /// Ids to keep with it.
    pub bindings: Vec<Binding>,
    /// What to say of it, when it did not go through.
    pub reason: Reason,
}

/// Judges an answer.
pub(super) async fn judge<V: Vendor>(
    vendor: &V,
    desired: &Desired,
    step: &Step,
    call: &Call,
    answer: Result<Made, VendorError>,
) -> Judgement {
    let done = |made: &Made| Judgement {
        outcome: Outcome::Done,
        bindings: bindings(desired, step, call, made),
        reason: Reason::AsExpected,
    };
    let not = |outcome, reason| Judgement { outcome, bindings: Vec::new(), reason };
    match answer {
        Ok(made) => done(&made),
        Err(VendorError::InDoubt(why)) => not(Outcome::InDoubt(why), Reason::AsExpected),
        Err(VendorError::Rejected(why)) => match look_for_ours(vendor, desired, step, call).await {
            Some(made) => done(&made),
            None => not(Outcome::Rejected(advice(call, &why)), refusal(call)),
        },
        Err(error) => not(Outcome::NotDone(error.to_string()), Reason::VendorUnreachable),
    }
}

fn refusal(call: &Call) -> Reason {
    match call {
        Call::CreatePartner { .. } => Reason::AdminEmailInUse,
        Call::CreateUser { .. } | Call::UpdateUser { login: Some(_), .. } => Reason::UserEmailInUse,
        _ => Reason::VendorRejected,
    }
}

fn advice(call: &Call, why: &str) -> String {
    match call {
        Call::CreatePartner { admin_email, .. } => format!(
            "the e-mail address {admin_email} of the subscription's staff member is already in use at Mozy; create a \
             staff member with another address and assign it to the service (Mozy said: {why})"
        ),
        Call::CreateUser { login, .. } | Call::UpdateUser { login: Some(login), .. } => format!(
            "the e-mail address {login} is already in use at Mozy; give the user another address (Mozy said: {why})"
        ),
        _ => format!("Mozy refused: {why}"),
    }
}

/// The one that carries our number, and that nothing else of ours is bound to: one that was just deleted may still show.
async fn look_for_ours<V: Vendor>(vendor: &V, desired: &Desired, step: &Step, call: &Call) -> Option<Made> {
    let found: Vec<i64> = match call {
        Call::CreatePartner { admin_email, number, .. } => {
            let found = vendor.find_partners(admin_email).await.ok()?;
            let ours = found.iter().filter(|partner| number.owns(partner.external_id.as_deref()));
            ours.map(|partner| partner.id.0).collect()
        }
        Call::CreateUser { login, number, group, .. } => {
            let found = vendor.find_users(login).await.ok()?;
            let ours = found.iter().filter(|user| number.owns(user.external_id.as_deref()));
            let of_others = |id: MozyUserId| {
                desired.users.iter().any(|u| u.mozy_id == Some(id) && Subject::User(u.id) != step.subject)
            };
            let ours = ours.filter(|user| user.group == *group && !of_others(user.id));
            ours.map(|user| user.id.0).collect()
        }
        _ => return None,
    };
    match found[..] {
        [one] => Some(Made { id: Some(one) }),
        _ => None,
    }
}
