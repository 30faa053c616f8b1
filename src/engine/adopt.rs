//! Adopting: which unmanaged thing at Mozy is what somebody wished for and nothing is bound to yet. Only what fits
//! exactly one wish, and is the only one that fits it, may be adopted; and nothing is without an explicit word (design,
//! rule 3): the operator's verb, or `reconcile.unmanaged`.

use super::bind::bind;
use crate::domain::licence::ObservedLicence;
use crate::domain::observed::Observed;
use crate::domain::user::same_login;
use crate::domain::{Desired, MozyGroupId, MozyUserId};
use crate::plan::matching::{MatchedUser, Matching};
use crate::ports::ledger::Binding;
use crate::ports::report::Unmanaged;

/// Something unmanaged, and what it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What is at Mozy.
    pub unmanaged: Unmanaged,
    /// The wish it is bound to when it is adopted, or for people why it cannot be.
    pub fits: Result<Binding, String>,
}

/// Every unmanaged thing that a look saw.
pub fn candidates(desired: &Desired, observed: &Observed) -> Vec<Candidate> {
    let Observed::Present(account) = observed else { return Vec::new() };
    let matching = Matching::new(desired, account);
    groups(&matching).chain(users(&matching)).chain(licences(&matching)).collect()
}

/// Takes in all that fits, and says so.
pub(super) fn adopt_all(desired: &mut Desired, observed: &Observed) -> (Vec<Binding>, Vec<String>) {
    let fitting = candidates(desired, observed).into_iter();
    let fitting = fitting.filter_map(|one| Some((one.fits.ok()?, told(&one.unmanaged))));
    let (bindings, texts): (Vec<Binding>, Vec<String>) = fitting.unzip();
    bind(desired, &bindings);
    (bindings, texts)
}

/// What is said of something adopted.
pub fn told(Unmanaged { kind, mozy_id, name }: &Unmanaged) -> String {
    format!("adopted {kind} {name} ({mozy_id}) of Mozy")
}

fn groups<'a>(matching: &'a Matching<'_>) -> impl Iterator<Item = Candidate> + use<'a> {
    let (seen, wishes) = (&matching.unmanaged_groups, &matching.groups);
    seen.iter().map(|group| {
        let same = |name: &str| name.trim() == group.name.trim();
        let rivals = seen.iter().filter(|other| same(&other.name)).count();
        let open = wishes.iter().filter(|(want, have)| have.is_none() && !want.removed && same(&want.name));
        let bindings = open.map(|(want, _)| Binding::Group(want.id, Some(MozyGroupId(group.id.0)))).collect();
        candidate("group", group.id.to_string(), &group.name, rivals, bindings)
    })
}

fn users<'a>(matching: &'a Matching<'_>) -> impl Iterator<Item = Candidate> + use<'a> {
    let (seen, wishes) = (&matching.unmanaged_users, &matching.users);
    seen.iter().map(|user| {
        let rivals = seen.iter().filter(|other| same_login(&other.username, &user.username)).count();
        let open = |one: &&MatchedUser<'_>| one.have.is_none() && !one.want.removed;
        let same = |one: &&MatchedUser<'_>| same_login(&one.want.login, &user.username);
        let open = wishes.iter().filter(open).filter(same);
        let bindings = open.map(|one| Binding::User(one.want.id, Some(MozyUserId(user.id.0)))).collect();
        candidate("user", user.id.to_string(), &user.username, rivals, bindings)
    })
}

/// A key is his to whose address it is assigned, if he wished for one of its kind and has none for it.
fn licences<'a>(matching: &'a Matching<'_>) -> impl Iterator<Item = Candidate> + use<'a> {
    let (seen, wishes) = (&matching.unmanaged_licences, &matching.users);
    let alike = |one: &ObservedLicence, other: &ObservedLicence| match (&one.email, &other.email) {
        (Some(one_email), Some(other_email)) => one.kind == other.kind && same_login(one_email, other_email),
        _ => one.key == other.key,
    };
    seen.iter().map(move |key| {
        let rivals = seen.iter().filter(|other| alike(key, other)).count();
        let his = |one: &&MatchedUser<'_>| {
            !one.want.removed && key.email.as_ref().is_some_and(|email| same_login(email, &one.want.login))
        };
        let licences = wishes.iter().filter(his).flat_map(|one| &one.licences);
        let open =
            licences.filter(|(want, have)| have.is_none() && !want.removed && Some(want.kind) == key.kind);
        let bindings = open.map(|(want, _)| Binding::Licence(want.id, Some(key.key.clone()))).collect();
        let name = key.email.clone().unwrap_or_else(|| kind_of(key));
        candidate("licence", key.key.to_string(), &name, rivals, bindings)
    })
}

/// What a key is called that is nobody's.
pub(super) fn kind_of(key: &ObservedLicence) -> String {
    key.kind.map_or_else(|| "key".to_owned(), |kind| kind.to_string())
}

fn candidate(
    kind: &'static str,
    mozy_id: String,
    name: &str,
    rivals: usize,
    mut bindings: Vec<Binding>,
) -> Candidate {
    let fits = match (bindings.pop(), bindings.len(), rivals) {
        (Some(binding), 0, 1) => Ok(binding),
        (None, ..) => Err(format!(
            "OSA wishes for no {kind} {name} that is not at Mozy yet; make it in OSA first, with this name or address"
        )),
        (Some(_), 0, _) => {
            Err(format!("{rivals} {kind}s at Mozy are called {name}; remove or rename all but one there"))
        }
        (Some(_), others, _) => Err(format!(
            "{} wishes of OSA would fit {kind} {name}; it cannot be told which is meant",
            others + 1
        )),
    };
    Candidate { unmanaged: Unmanaged { kind, mozy_id, name: name.to_owned() }, fits }
}
