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
        Err(VendorError::Rejected(why)) => match look(vendor, desired, step, call).await {
            Some(Looked::Ours(made)) => done(&made),
            looked => {
                // Who is nowhere to be seen may be outside our tree: then the fault alone tells, whatever its words.
                let in_use = looked.is_some();
                not(Outcome::Rejected(advice(call, &why, in_use)), refusal(call, in_use))
            }
        },
        Err(error) => not(Outcome::NotDone(error.to_string()), Reason::VendorUnreachable),
    }
}

/// What a look for an address found.
enum Looked {
    /// The one that was to be made.
    Ours(Made),
    /// Somebody else, or nobody that our key can see.
    Another,
}

fn refusal(call: &Call, in_use: bool) -> Reason {
    match call {
        Call::CreatePartner { .. } if in_use => Reason::AdminEmailInUse,
        _ if in_use => Reason::UserEmailInUse,
        _ => Reason::VendorRejected,
    }
}

fn advice(call: &Call, why: &str, in_use: bool) -> String {
    match call {
        Call::CreatePartner { admin_email, .. } if in_use => format!(
            "the e-mail address {admin_email} of the subscription's staff member is already in use at Mozy; create a \
             staff member with another address and assign it to the service (Mozy said: {why})"
        ),
        Call::CreateUser { login, .. } | Call::UpdateUser { login: Some(login), .. } if in_use => format!(
            "the e-mail address {login} is already in use at Mozy; give the user another address (Mozy said: {why})"
        ),
        _ => format!("Mozy refused: {why}"),
    }
}

/// Who has the address that was refused; `None` when it was about none, or nobody could look. Ours is the one that carries
/// our number and that nothing else of ours is bound to: one that was just deleted may still show.
async fn look<V: Vendor>(vendor: &V, desired: &Desired, step: &Step, call: &Call) -> Option<Looked> {
    let ours: Vec<i64> = match call {
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
        Call::UpdateUser { login: Some(login), .. } => {
            vendor.find_users(login).await.ok()?;
            Vec::new()
        }
        _ => return None,
    };
    Some(match ours[..] {
        [one] => Looked::Ours(Made { id: Some(one) }),
        _ => Looked::Another,
    })
}
