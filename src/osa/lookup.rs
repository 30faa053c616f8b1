//! What a wish needs that its call does not carry is read at OSA, as the owner of the tenant (contract §5, §5b).

use std::time::Duration;

use super::apsc::{Apsc, ApscError, Behalf};
use super::call::Call;
use super::early::Early;
use super::error::{ApsError, printable};
use super::observe::{ACCOUNT, Observer, SERVICE_USER, STAFF, SUBSCRIPTION, USERS, question};
use super::types::{
    Account, AccountKind, AccountUser, LONGEST_NAME, ServiceUser, TechContact, Tenant, TenantKind, is_email,
};
use crate::domain::subscription::Admin;
use crate::domain::{AccountId, Reason, StaffId, SubscriptionId, SubscriptionNumber, UserId};
use crate::ports::desk::{Desk, ModelWish};
use uuid::Uuid;

/// How long one question may take with all its tries; OSA waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who bought a tenant.
#[derive(Debug, Clone)]
pub(super) struct Buyer {
    pub number: SubscriptionNumber,
    pub account: AccountId,
    pub model: ModelWish,
    pub company: String,
    pub admin: Admin,
    pub staff: Option<StaffId>,
}

/// A person, as OSA knows him.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// What he is called at Mozy.
    pub email: Option<String>,
    pub name: String,
}

/// Who bought a tenant: its account, who administers it, and under which model.
pub(super) async fn buyer<D: Desk, P>(
    call: &Call<'_, D, P>,
    id: SubscriptionId,
    tenant: &Tenant,
) -> Result<Buyer, Early> {
    if let Some(known) = call.remembered(&call.shared.buyers, id.0) {
        return Ok(known);
    }
    let (account_id, subscription) =
        (tenant.account.target("account")?, tenant.subscription.target("subscription")?);
    let osa = Asker::new(call, id, id.0)?;
    let (account, number, users) =
        tokio::try_join!(osa.account(account_id), osa.number(subscription), osa.users(account_id))?;
    let (admin, staff) = admin(&account, &users)?;
    let resells = call.instance.keys.reseller.unwrap_or(call.shared.reseller);
    let model = model(&osa, tenant.account_type.value().copied(), &account, resells).await?;
    let company = name([account.company_name.as_deref(), Some(&admin.full_name)], &admin.email);
    let buyer = Buyer { number, account: AccountId(account_id), model, company, admin, staff };
    call.shared.buyers.put(id.0, buyer.clone());
    Ok(buyer)
}

/// What the payload says, where it says more than "customer"; else what the account is.
async fn model<D: Desk, P>(
    osa: &Asker<'_, '_, D, P>,
    said: Option<TenantKind>,
    account: &Account,
    resells: bool,
) -> Result<ModelWish, Early> {
    let parent = account.parent.map(|parent| parent.0);
    match (said, account.kind) {
        (Some(TenantKind::Reseller), _) => Ok(ModelWish::Reseller),
        (Some(TenantKind::ResellersCustomer), _) => {
            let alone = "a reseller's customer was ordered, and his account at OSA has no parent";
            let parent = parent.ok_or_else(|| ApsError::refusal(Reason::ParentGone.as_str(), alone))?;
            Ok(ModelWish::Customer(AccountId(parent)))
        }
        (_, AccountKind::Reseller) if resells => Ok(ModelWish::Reseller),
        (_, AccountKind::Client) if resells => match parent {
            Some(parent) if osa.account(parent).await?.kind == AccountKind::Reseller => {
                Ok(ModelWish::Customer(AccountId(parent)))
            }
            _ => Ok(ModelWish::Direct),
        },
        _ => Ok(ModelWish::Direct),
    }
}

/// The first member of staff who administers the account, else the first, else the technical contact.
fn admin(account: &Account, users: &[AccountUser]) -> Result<(Admin, Option<StaffId>), ApsError> {
    let contact = account.tech_contact.clone().unwrap_or_default();
    let TechContact { given_name, family_name, .. } = contact.clone();
    let contact_name = format!("{} {}", given_name.unwrap_or_default(), family_name.unwrap_or_default());
    let reachable = |user: &&AccountUser| user.address().is_some();
    let first = users.iter().filter(|user| user.is_admin()).find(reachable);
    let first = first.or_else(|| users.iter().filter(|user| user.is_staff()).find(reachable));
    let (email, full_name) = match first {
        Some(user) => (user.address(), user.full_name.as_deref()),
        None => (contact.address(), None),
    };
    let nobody =
        || ApsError::bad_request("account: OSA knows nobody of its staff with an e-mail address; add one");
    let email = email.ok_or_else(nobody)?.to_owned();
    let full_name = name([full_name, Some(&contact_name)], &email);
    let staff = first.and_then(|user| user.aps.id).map(StaffId);
    Ok((Admin { email, full_name }, staff))
}

/// A member of staff who may become root admin.
pub(super) async fn staff<D: Desk, P>(
    call: &Call<'_, D, P>,
    tenant: SubscriptionId,
    staff: StaffId,
) -> Result<Admin, Early> {
    let admin = |person: Person| {
        let nameless =
            || ApsError::bad_request("staffGUID: this member of staff has no e-mail address or login");
        Ok(Admin { email: person.email.ok_or_else(nameless)?, full_name: person.name })
    };
    if let Some(known) = call.remembered(&call.shared.people, staff.0) {
        return admin(known);
    }
    let found = Asker::new(call, tenant, staff.0)?.staff(tenant, staff.0).await?;
    let email = found.address().map(str::to_owned);
    let name = name([found.full_name.as_deref(), None], email.as_deref().unwrap_or_default());
    let person = Person { email, name };
    call.shared.people.put(staff.0, person.clone());
    admin(person)
}

/// The service user behind a user of ours, as he was when OSA asked first.
pub(super) async fn person<D: Desk, P>(
    call: &Call<'_, D, P>,
    tenant: SubscriptionId,
    user: UserId,
    service_user: Uuid,
) -> Result<Person, Early> {
    match call.remembered(&call.shared.people, user.0) {
        Some(known) => Ok(known),
        None => person_now(call, tenant, user, service_user).await,
    }
}

/// The service user behind a user of ours, as he is now.
pub(super) async fn person_now<D: Desk, P>(
    call: &Call<'_, D, P>,
    tenant: SubscriptionId,
    user: UserId,
    service_user: Uuid,
) -> Result<Person, Early> {
    let found = Asker::new(call, tenant, user.0)?.service_user(service_user).await?;
    let login = found.login.unwrap_or_default();
    let addresses = [found.email.as_deref(), Some(&login)].into_iter().flatten();
    let email = addresses.map(str::trim).find(|text| is_email(text)).map(str::to_owned);
    let person = Person { email, name: name([found.display_name.as_deref(), None], &login) };
    call.shared.people.put(user.0, person.clone());
    Ok(person)
}

/// The first of `names` that says something, else `otherwise`; on one line, and not too long for Mozy.
fn name(names: [Option<&str>; 2], otherwise: &str) -> String {
    let said = names.into_iter().flatten().map(str::trim).find(|name| !name.is_empty());
    printable(said.unwrap_or(otherwise), LONGEST_NAME)
}

/// Asks the controller on behalf of a tenant.
struct Asker<'a, 'c, D, P> {
    call: &'a Call<'c, D, P>,
    apsc: Apsc,
    behalf: Behalf,
    /// What it is asked for.
    thing: Uuid,
}

impl<'a, 'c, D: Desk, P> Asker<'a, 'c, D, P> {
    fn new(call: &'a Call<'c, D, P>, tenant: SubscriptionId, thing: Uuid) -> Result<Self, Early> {
        let behalf = Behalf { transaction: call.ask.request.clone(), resource: Some(tenant.0) };
        Ok(Self { call, apsc: call.controller(thing)?, behalf, thing })
    }

    async fn account(&self, id: Uuid) -> Result<Account, Early> {
        self.ask(ACCOUNT, id, self.apsc.account(id, &self.behalf)).await
    }

    async fn number(&self, id: Uuid) -> Result<SubscriptionNumber, Early> {
        let found = self.ask(SUBSCRIPTION, id, self.apsc.subscription(id, &self.behalf)).await?;
        let absurd = || ApsError::bad_request("subscription: its number at OSA is absurdly large");
        Ok(SubscriptionNumber(i64::try_from(found.subscription_id).map_err(|_| absurd())?))
    }

    async fn users(&self, account: Uuid) -> Result<Vec<AccountUser>, Early> {
        self.ask(USERS, account, self.apsc.users(account, &self.behalf)).await
    }

    /// OSA may tell of a member of staff only among those of his account.
    async fn staff(&self, tenant: SubscriptionId, id: Uuid) -> Result<AccountUser, Early> {
        let found = self.try_ask(STAFF, self.apsc.resource(id, &self.behalf)).await?;
        if let Some(found) = found {
            return Ok(found);
        }
        let snapshot = self.call.desk().snapshot(tenant).await?;
        let account = snapshot.map(|snapshot| snapshot.desired.subscription.account.0);
        let users = match account {
            Some(account) => self.users(account).await?,
            None => Vec::new(),
        };
        users.into_iter().find(|user| user.aps.id == Some(id)).ok_or_else(|| unheard_of(STAFF, id))
    }

    async fn service_user(&self, id: Uuid) -> Result<ServiceUser, Early> {
        self.ask(SERVICE_USER, id, self.apsc.service_user(id, &self.behalf)).await
    }

    /// What OSA does not have is refused; for what it cannot tell just now, it is to come again.
    async fn ask<T>(
        &self,
        what: &'static str,
        id: Uuid,
        asked: impl Future<Output = Result<T, ApscError>>,
    ) -> Result<T, Early> {
        self.try_ask(what, asked).await?.ok_or_else(|| unheard_of(what, id))
    }

    /// `None` for what OSA does not have.
    async fn try_ask<T>(
        &self,
        what: &'static str,
        asked: impl Future<Output = Result<T, ApscError>>,
    ) -> Result<Option<T>, Early> {
        let observer: &Observer = self.call.shared.controllers.observer();
        match question(observer, what, PATIENCE, asked).await {
            Ok(found) => Ok(Some(found)),
            Err(ApscError::NotFound) => Ok(None),
            Err(error) => Err(self.call.osa_fails(self.thing, &error)),
        }
    }
}

fn unheard_of(what: &str, id: Uuid) -> Early {
    ApsError::refusal(Reason::ParentGone.as_str(), format!("OSA knows no {what} {id}")).into()
}
