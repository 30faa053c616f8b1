//! A few months of a provider in a few seconds: customers and a reseller do everything there is to do, each waiting for
//! OSA's task before the next and running it again when it failed, so that the end does not depend on what went wrong.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::{try_join, try_join_all};
use mozyd::lab::Lab;
use mozyd::lab::names::Names;
use mozyd::sim::osa::{
    Counter, Counters, LicenceKind, NewAccount, NewGroup, NewLicence, NewServiceUser, NewStaff, NewUser,
    Order, Refused, SyncSwitch, Task,
};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// What one thing that somebody asks for may take, whatever goes wrong meanwhile.
const ASKED: Duration = Duration::from_secs(100);
/// OSA's operator runs a task that failed again after so long.
const AGAIN: Duration = Duration::from_millis(300);

/// Who plays.
pub struct Play<'a> {
    lab: &'a Lab,
    resellers: Uuid,
    seed: u64,
}

/// Somebody with a subscription.
struct Customer<'a> {
    play: &'a Play<'a>,
    company: String,
    account: Uuid,
    tenant: Uuid,
}

impl<'a> Play<'a> {
    /// Both kinds of instance are installed.
    pub fn new(lab: &'a Lab, resellers: Uuid, seed: u64) -> Self {
        Self { lab, resellers, seed }
    }

    /// All of it.
    pub async fn whole(&self) -> Result<()> {
        let direct = try_join_all((0..2).map(|nth| self.direct(nth)));
        try_join(direct, self.reseller()).await.map(drop)
    }

    /// So many customers order and give somebody a licence, at once.
    pub async fn orders(&self, customers: usize) -> Result<Vec<Uuid>> {
        try_join_all((0..customers).map(|nth| async move {
            let new = |company: &str, email: &str| NewAccount::client(company, email);
            let customer = self.customer(&format!("order-{nth}"), self.lab.instance(), new, (3, 60)).await?;
            let user = customer.user("ann", "").await?;
            customer.licence(user, LicenceKind::Desktop, 10).await?;
            Ok(customer.tenant)
        }))
        .await
    }

    /// A task that failed is run again until it is done.
    async fn insist(&self, what: &str, task: Result<Task, Refused>) -> Result<Uuid> {
        let (begun, mut task) = (Instant::now(), task.with_context(|| format!("asking for {what}"))?);
        loop {
            let left = ASKED.saturating_sub(begun.elapsed());
            let record = timeout(left, task.done()).await.unwrap_or_else(|_| task.record());
            if record.is_done() {
                return Ok(record.resource);
            }
            let why = record.error.as_deref().unwrap_or("it never ended");
            ensure!(
                begun.elapsed() < ASKED,
                "{what} was not done within {ASKED:?}: {why}; {:?}",
                record.infos()
            );
            sleep(AGAIN).await;
            task = self.lab.osa().rerun(record.id).with_context(|| format!("running {what} again: {why}"))?;
        }
    }

    async fn customer(
        &self,
        company: &str,
        instance: Uuid,
        new: impl Fn(&str, &str) -> NewAccount,
        (keys, gb): (i64, i64),
    ) -> Result<Customer<'_>> {
        let (osa, email) = (self.lab.osa(), format!("admin@{company}.test"));
        let account = osa.create_account(&new(company, &email))?;
        let staff = NewStaff {
            login: email.clone(),
            email: Some(email),
            full_name: "The Admin".to_owned(),
            is_account_admin: true,
        };
        osa.create_staff(account, &staff)?;
        let order = osa.order(&Order { instance, account, counters: plan(keys, gb) });
        let tenant = self.insist(&format!("the order of {company}"), order).await?;
        Ok(Customer { play: self, company: company.to_owned(), account, tenant })
    }

    async fn direct(&self, nth: u64) -> Result<()> {
        let mut dice = Names::new(self.seed * 10 + nth);
        let new = |company: &str, email: &str| NewAccount::client(company, email);
        let (keys, gb) = (dice.number(5..=8), dice.number(100..=150));
        let customer = self.customer(&format!("direct-{nth}"), self.lab.instance(), new, (keys, gb)).await?;
        let osa = self.lab.osa();
        let sales = customer.group("Sales").await?;
        let (ann, bob) = try_join(customer.user("ann", &sales.to_string()), customer.user("bob", "")).await?;
        let server = customer.licence(ann, LicenceKind::Server, 20).await?;
        customer.licence(ann, LicenceKind::Desktop, dice.number(10..=15).unsigned_abs()).await?;
        let desktop = customer.licence(bob, LicenceKind::Desktop, 15).await?;
        let sync = osa.set_enable_disable_sync(customer.tenant, SyncSwitch::Query(true));
        customer.asks("sync", sync).await?;
        customer.asks("sync of ann", osa.set_user_sync(ann, true)).await?;
        customer.asks("an upgrade", osa.upgrade(customer.tenant, &plan(keys + 3, gb + 60))).await?;
        customer.asks("another name", osa.rename_group(sales, "Sales North")).await?;
        customer.asks("a bigger licence", osa.change_licence(desktop, 25)).await?;
        customer.asks("bob's suspension", osa.disable_user(bob)).await?;
        customer.asks("a suspension", osa.suspend(customer.tenant)).await?;
        customer.asks("a resumption", osa.resume(customer.tenant)).await?;
        customer.asks("bob's resumption", osa.enable_user(bob)).await?;
        customer.asks("a move", osa.move_user(ann, "")).await?;
        customer.asks("a downgrade", osa.upgrade(customer.tenant, &plan(keys + 1, gb + 30))).await?;
        customer.asks("a licence less", osa.remove_licence(server)).await?;
        customer.asks("bob's end", osa.remove_user(bob)).await?;
        customer.asks("a group less", osa.delete_group(sales)).await?;
        if nth == 1 {
            customer.asks("the end", osa.terminate(customer.tenant)).await?;
        }
        Ok(())
    }

    async fn reseller(&self) -> Result<()> {
        let osa = self.lab.osa();
        let new = |company: &str, email: &str| NewAccount::reseller(company, email);
        let reseller = self.customer("reseller", self.resellers, new, (20, 400)).await?;
        let under = |company: &str, email: &str| NewAccount::client(company, email).under(reseller.account);
        let one = self.customer("under-one", self.resellers, under, (3, 60)).await?;
        let other = self.customer("under-other", self.resellers, under, (2, 40)).await?;
        let ann = one.user("ann", "").await?;
        one.licence(ann, LicenceKind::Desktop, 15).await?;
        let eve = other.user("eve", "").await?;
        other.licence(eve, LicenceKind::Desktop, 5).await?;
        one.asks("an upgrade", osa.upgrade(one.tenant, &plan(5, 90))).await?;
        one.asks("a suspension", osa.suspend(one.tenant)).await?;
        one.asks("a resumption", osa.resume(one.tenant)).await?;
        other.asks("the end", osa.terminate(other.tenant)).await?;
        Ok(())
    }
}

impl Customer<'_> {
    async fn asks(&self, what: &str, task: Result<Task, Refused>) -> Result<Uuid> {
        self.play.insist(&format!("{what} of {}", self.company), task).await
    }

    async fn group(&self, name: &str) -> Result<Uuid> {
        let new = NewGroup { tenant: self.tenant, name: name.to_owned() };
        self.asks(name, self.play.lab.osa().create_group(&new)).await
    }

    async fn user(&self, name: &str, group: &str) -> Result<Uuid> {
        let osa = self.play.lab.osa();
        let email = format!("{name}@{}.test", self.company);
        let person = NewServiceUser { login: email.clone(), email, display_name: name.to_owned() };
        let service_user = osa.create_service_user(self.account, &person)?;
        let new = NewUser { tenant: self.tenant, service_user, group: group.to_owned(), enable_sync: None };
        self.asks(name, osa.create_user(&new)).await
    }

    async fn licence(&self, user: Uuid, kind: LicenceKind, quota: u64) -> Result<Uuid> {
        self.asks("a licence", self.play.lab.osa().create_licence(&NewLicence { user, kind, quota })).await
    }
}

/// Desktop keys and GB, some servers, and sync.
fn plan(keys: i64, gb: i64) -> Counters {
    Counters::none()
        .limit(Counter::DesktopLicenseNum, keys)
        .limit(Counter::DesktopQuota, gb)
        .limit(Counter::ServerLicenseNum, 2)
        .limit(Counter::ServerQuota, 50)
        .limit(Counter::SyncAvailable, 1)
        .limit(Counter::SyncDefaultQuota, 3)
}
