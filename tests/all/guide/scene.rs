//! A scene of the guide: customers of one shared lab, what they do in OSA, and what is then seen on every side.

use std::cell::Cell;
use std::time::Duration;

use mozyd::lab::{Lab, http, wait};
use mozyd::sim::mozy::{LicenseType, Partner, ReadYourWrites};
use mozyd::sim::osa::{
    Counter, Counters, LicenceKind, NewAccount, NewGroup, NewLicence, NewServiceUser, NewStaff, NewUser,
    Order, Refused, Task, TaskRecord,
};
use serde_json::Value;
use uuid::Uuid;

use super::books::Belongings;

/// What may take that long until it is seen; far less as a rule.
const SOON: Duration = Duration::from_secs(30);

/// Desktop keys and GB, server keys and GB.
pub fn plan(desktop: (i64, i64), server: (i64, i64)) -> Counters {
    Counters::none()
        .limit(Counter::DesktopLicenseNum, desktop.0)
        .limit(Counter::DesktopQuota, desktop.1)
        .limit(Counter::ServerLicenseNum, server.0)
        .limit(Counter::ServerQuota, server.1)
}

/// The same with sync, and the GB of a user who has none of his own.
pub fn with_sync(counters: Counters, default: i64) -> Counters {
    counters.limit(Counter::SyncAvailable, 1).limit(Counter::SyncDefaultQuota, default)
}

/// What most customers buy: 5 desktop keys of 100 GB, 2 server keys of 50 GB.
pub fn usual() -> Counters {
    plan((5, 100), (2, 50))
}

/// One scenario's view of a lab.
pub struct Scene<'a> {
    /// The lab, which others play in too.
    pub lab: &'a Lab,
    /// The reseller's instance of the application beside the lab's own.
    pub resellers: Uuid,
    /// What the names of this scenario begin with.
    pub name: &'static str,
    people: Cell<usize>,
}

impl<'a> Scene<'a> {
    /// A scene with nobody in it.
    pub fn new(lab: &'a Lab, resellers: Uuid, name: &'static str) -> Self {
        Self { lab, resellers, name, people: Cell::new(0) }
    }

    /// Somebody with an account and a staff member, who has not ordered yet.
    pub fn someone(&self) -> Customer<'_> {
        let (company, domain) = self.invent();
        self.account(&NewAccount::client(&company, &format!("admin@{domain}")), company, self.lab.instance())
    }

    /// A reseller who has not ordered yet.
    pub fn reseller(&self) -> Customer<'_> {
        let (company, domain) = self.invent();
        self.account(&NewAccount::reseller(&company, &format!("admin@{domain}")), company, self.resellers)
    }

    /// A customer of a reseller, who has not ordered yet.
    pub fn customer_of(&self, reseller: &Customer<'_>) -> Customer<'_> {
        let (company, domain) = self.invent();
        let account = NewAccount::client(&company, &format!("admin@{domain}")).under(reseller.account);
        self.account(&account, company, self.resellers)
    }

    /// Somebody who has ordered.
    pub async fn customer(&self, counters: Counters) -> Customer<'_> {
        let mut customer = self.someone();
        customer.order(counters).await;
        customer
    }

    /// Waits until a task of OSA is done.
    pub async fn done(&self, task: Result<Task, Refused>) -> TaskRecord {
        self.lab.done(task).await.unwrap()
    }

    /// A verb that does what it is told.
    pub async fn verb(&self, arguments: &[&str]) {
        let answer = self.lab.verb(arguments).await.unwrap();
        assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.stderr);
    }

    /// A task that is refused with one of the fixed reasons.
    pub async fn refused(&self, task: Result<Task, Refused>, reason: &str) {
        let record = task.unwrap().done().await;
        assert!(!record.is_done(), "it should have been refused with {reason}");
        assert_eq!(record.answer["error"], reason, "{:?}", record.error);
    }

    /// Waits until Mozy's answers tell what a client just did: some lag behind.
    pub async fn readable(&self) {
        if let ReadYourWrites::AfterMs(lag) = self.lab.mozy().switches().read_your_writes {
            tokio::time::sleep(Duration::from_millis(lag.into())).await;
        }
    }

    /// Waits until `look` returns what is expected.
    pub async fn eventually<T: PartialEq + std::fmt::Debug>(
        &self,
        what: &str,
        expected: T,
        mut look: impl AsyncFnMut() -> T,
    ) {
        let mut seen = None;
        let agreed = wait::until(what, SOON, async || {
            let now = look().await;
            let same = (now == expected).then_some(());
            seen = Some(now);
            same
        });
        if let Err(late) = agreed.await {
            panic!("{late}: expected {expected:?}, seen {seen:?}");
        }
    }

    fn invent(&self) -> (String, String) {
        let nth = self.people.get() + 1;
        self.people.set(nth);
        let company = format!("{}-{nth}", self.name.replace('_', "-"));
        let domain = format!("{company}.test");
        (company, domain)
    }

    fn account(&self, new: &NewAccount, company: String, instance: Uuid) -> Customer<'_> {
        let osa = self.lab.osa();
        let account = osa.create_account(new).unwrap();
        let domain = format!("{company}.test");
        let customer = Customer { scene: self, company, domain, instance, account, tenant: Uuid::nil() };
        customer.staff("admin");
        customer
    }
}

/// A customer, or a reseller.
#[derive(Clone)]
pub struct Customer<'a> {
    scene: &'a Scene<'a>,
    /// His company.
    pub company: String,
    /// What all his addresses end with.
    pub domain: String,
    /// The instance he orders of.
    pub instance: Uuid,
    /// His account.
    pub account: Uuid,
    /// His tenant, once he ordered.
    pub tenant: Uuid,
}

/// A user.
pub struct User {
    /// His resource.
    pub id: Uuid,
    /// His address.
    pub email: String,
}

impl<'a> Customer<'a> {
    /// Orders, and waits until it is provisioned.
    pub async fn order(&mut self, counters: Counters) -> TaskRecord {
        let task = self.orders(counters);
        self.tenant = task.as_ref().unwrap().resource();
        self.scene.done(task).await
    }

    /// Begins to order.
    pub fn orders(&self, counters: Counters) -> Result<Task, Refused> {
        let (instance, account) = (self.instance, self.account);
        self.scene.lab.osa().order(&Order { instance, account, counters })
    }

    /// One more staff member who may be the admin.
    pub fn staff(&self, name: &str) -> Uuid {
        let email = self.email(name);
        let staff = NewStaff {
            login: email.clone(),
            email: Some(email),
            full_name: name.to_owned(),
            is_account_admin: true,
        };
        self.scene.lab.osa().create_staff(self.account, &staff).unwrap()
    }

    /// An address of his.
    pub fn email(&self, name: &str) -> String {
        format!("{name}@{}", self.domain)
    }

    /// A user to be made, in a group named as OSA names it.
    pub fn new_user(&self, name: &str, group: &str) -> NewUser {
        let email = self.email(name);
        let person = NewServiceUser { login: email.clone(), email, display_name: name.to_owned() };
        let service_user = self.scene.lab.osa().create_service_user(self.account, &person).unwrap();
        NewUser { tenant: self.tenant, service_user, group: group.to_owned(), enable_sync: None }
    }

    /// A new user in the default group.
    pub async fn user(&self, name: &str) -> User {
        self.user_in(name, "").await
    }

    /// A new user in a group.
    pub async fn user_in(&self, name: &str, group: &str) -> User {
        let new = self.new_user(name, group);
        let id = self.scene.done(self.scene.lab.osa().create_user(&new)).await.resource;
        User { id, email: self.email(name) }
    }

    /// A new desktop licence.
    pub async fn desktop(&self, user: &User, quota: u64) -> Uuid {
        self.licence(user, LicenceKind::Desktop, quota).await
    }

    /// A new licence.
    pub async fn licence(&self, user: &User, kind: LicenceKind, quota: u64) -> Uuid {
        let new = NewLicence { user: user.id, kind, quota };
        self.scene.done(self.scene.lab.osa().create_licence(&new)).await.resource
    }

    /// A new group.
    pub async fn group(&self, name: &str) -> Uuid {
        let new = NewGroup { tenant: self.tenant, name: name.to_owned() };
        self.scene.done(self.scene.lab.osa().create_group(&new)).await.resource
    }

    /// OSA's number of the subscription.
    pub fn number(&self) -> String {
        let osa = self.scene.lab.osa();
        let subscription = osa.resource(self.tenant).and_then(|tenant| tenant.link("subscription"));
        let number = subscription.and_then(|id| osa.resource(id)?.properties.get("subscriptionId").cloned());
        number.map(|number| number.to_string()).unwrap_or_default()
    }

    /// A property that OSA has of a resource, as text.
    pub fn told(&self, resource: Uuid, name: &str) -> String {
        let value = self.scene.lab.osa().resource(resource).and_then(|r| r.properties.get(name).cloned());
        match value {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    /// His partner at Mozy; deleted ones are none.
    pub fn partner(&self) -> Option<Partner> {
        self.scene.lab.mozy().partner_named(&self.company)
    }

    /// His partner's id.
    pub fn partner_id(&self) -> i64 {
        self.partner().expect("a partner at Mozy").id
    }

    /// The names of his groups at Mozy but the default one.
    pub fn groups(&self) -> Vec<String> {
        let partner = self.partner().expect("a partner at Mozy");
        let groups = self.scene.lab.mozy().groups_of(partner.id).into_iter();
        groups.filter(|group| group.id != partner.default_group_id).map(|group| group.name).collect()
    }

    /// Keys and GB of his partner: desktop, server.
    pub fn stock(&self) -> [(i64, i64); 2] {
        let id = self.partner_id();
        LicenseType::ALL.map(|kind| {
            let stock = self.scene.lab.mozy().stock(id, kind);
            (stock.licenses, stock.quota)
        })
    }

    /// The kind and GB of the keys that a user has, smallest first.
    pub fn keys(&self, user: &User) -> Vec<(&'static str, i64)> {
        let mozy = self.scene.lab.mozy();
        let quota_of = |id: i64| mozy.with(|world| world.machines.get(&id).map(|machine| machine.quota));
        let quota = |key: &mozyd::sim::mozy::License| key.machine_id.map_or(key.quota_desired, quota_of);
        let keys = mozy.licenses_of(&user.email);
        let mut keys: Vec<_> =
            keys.iter().map(|key| (key.license_type.as_str(), quota(key).unwrap_or_default())).collect();
        keys.sort_unstable();
        keys
    }

    /// A client activates a licence; its machine.
    pub async fn activate(&self, licence: Uuid) -> i64 {
        let keystring = self.told(licence, "keyString");
        let activation = serde_json::from_value(serde_json::json!({"keystring": keystring})).unwrap();
        let machine = self.scene.lab.mozy().activate(activation).unwrap();
        self.scene.readable().await;
        machine
    }

    /// `mozyd status --output json`.
    pub async fn status(&self) -> Value {
        let tenant = self.tenant.to_string();
        self.scene.lab.verb(&["status", &tenant, "--output", "json"]).await.unwrap().json().unwrap()
    }

    /// Waits until the status says this of the place that the JSON pointer names.
    pub async fn says(&self, pointer: &str, expected: impl Into<Value>) {
        let look = async || self.api().await.pointer(pointer).cloned();
        self.scene.eventually(pointer, Some(expected.into()), look).await;
        // Each is asked at a moment of its own.
        let same = async || self.status().await.pointer(pointer) == self.api().await.pointer(pointer);
        self.scene.eventually("the verb to say what the API says", true, same).await;
    }

    /// Waits until a condition stands with this reason.
    pub async fn stands(&self, reason: &str) {
        self.scene.eventually(reason, true, async || has(&self.api().await, reason)).await;
        assert!(has(&self.status().await, reason), "the verb does not show {reason}");
    }

    /// Waits until no condition has this reason.
    pub async fn gone(&self, reason: &str) {
        self.scene.eventually(reason, false, async || has(&self.api().await, reason)).await;
    }

    async fn api(&self) -> Value {
        let path = format!("/api/v1/subscriptions/{}", self.tenant);
        let answer = http::get(self.scene.lab.mozyd().admin(), &path).await.unwrap();
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// Waits until OSA's bill, collected afresh, has these numbers.
    pub async fn bill(&self, expected: &[(Counter, i64)]) {
        let osa = self.scene.lab.osa();
        let expected: Vec<_> = expected.iter().map(|(counter, n)| (counter.name(), Some(*n))).collect();
        let look = async || {
            osa.collect_usage(self.instance).await.unwrap();
            let bill = osa.bill(self.tenant).usage;
            expected.iter().map(|(name, _)| (*name, bill.get(name).copied())).collect::<Vec<_>>()
        };
        self.scene.eventually("the bill", expected.clone(), look).await;
    }

    /// The bill of desktop keys and GB.
    pub async fn bills_desktop(&self, keys: i64, gb: i64) {
        self.bill(&[(Counter::DesktopLicenseNum, keys), (Counter::DesktopQuota, gb)]).await;
    }

    /// From here on writes are counted.
    pub fn mark(&self) -> Mark<'a> {
        let mozy = self.scene.lab.mozy();
        let (mut belongings, number) = (Belongings::default(), self.number());
        if !number.is_empty() {
            mozy.with(|world| belongings.note(world, &number));
        }
        let seq = mozy.calls().last().map_or(0, |call| call.seq);
        Mark { scene: self.scene, company: self.company.clone(), number, belongings, seq }
    }

    /// Looks at everything twice more, and Mozy is told nothing.
    pub async fn quiet(&self) {
        let mark = self.mark();
        for _ in 0..2 {
            self.scene.done(self.scene.lab.osa().manual_retrieve(self.tenant)).await;
        }
        mark.writes(self, &[]);
    }
}

fn has(status: &Value, reason: &str) -> bool {
    let conditions = status["conditions"].as_array();
    conditions.is_some_and(|all| all.iter().any(|condition| condition["reason"] == reason))
}

/// Where writes are counted from.
pub struct Mark<'a> {
    scene: &'a Scene<'a>,
    company: String,
    number: String,
    belongings: Belongings,
    seq: u64,
}

impl Mark<'_> {
    /// What Mozy was told since of the customer, in order.
    pub fn told(mut self, customer: &Customer<'_>) -> Vec<String> {
        let mozy = self.scene.lab.mozy();
        let number = if self.number.is_empty() { customer.number() } else { self.number };
        if !number.is_empty() {
            mozy.with(|world| self.belongings.note(world, &number));
        }
        self.belongings.writes(&mozy.calls_after(self.seq), &self.company)
    }

    /// Exactly these writes happened since, in this order.
    pub fn writes(self, customer: &Customer<'_>, expected: &[&str]) {
        assert_eq!(self.told(customer), expected, "what Mozy was told of {}", customer.company);
    }
}
