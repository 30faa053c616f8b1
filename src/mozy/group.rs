//! User groups: a reseller's customer is one inside his partner, and every partner has a default one.

use super::client::Request;
use super::document::Malformed;
use super::element::Element;
use super::operation::Operation;
use super::reply::Reply;
use super::value::{KeyValue, Part, Value, find, flag, int, key_values, long, part, structs, text};
use super::words::{LicenseType, Status};

/// A user group as Mozy tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserGroup {
    /// Unique across Mozy.
    pub id: i64,
    /// The partner it belongs to.
    pub partner_id: Option<i64>,
    /// Not unique.
    pub name: Option<String>,
    /// Active, suspended or deleted.
    pub status: Option<Status>,
    /// The OSA subscription of a reseller's customer.
    pub external_id: Option<String>,
    /// Of the types we know.
    pub default_quotas: Vec<DefaultQuota>,
    /// None: inherited.
    pub enable_sync: Option<bool>,
}

/// What a new licence of a group gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultQuota {
    /// For which type.
    pub license_type: LicenseType,
    /// GB
    pub quota: u64,
}

impl UserGroup {
    fn read(element: Element<'_>) -> Result<Self, Malformed> {
        let (mut id, mut group) = (None, UserGroup::default());
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "id" => id = field.number()?,
                "partner_id" => group.partner_id = field.number()?,
                "name" => group.name = field.text()?,
                "status" => group.status = field.choice(Status::read)?,
                "external_id" => group.external_id = field.text()?,
                "default_quotas" => group.default_quotas = quotas(field)?,
                "enable_sync" => group.enable_sync = field.flag()?,
                _ => {}
            }
        }
        group.id = element.require("id", id)?;
        Ok(group)
    }
}

fn quotas(element: Element<'_>) -> Result<Vec<DefaultQuota>, Malformed> {
    Ok(element.items(DefaultQuota::read)?.into_iter().flatten().collect())
}

impl DefaultQuota {
    /// None for a type that we do not know, or without a quota.
    fn read(element: Element<'_>) -> Result<Option<Self>, Malformed> {
        let (mut license_type, mut quota) = (None, None);
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "type" => license_type = field.choice(LicenseType::known)?,
                "quota" => quota = field.number()?.and_then(|gb| u64::try_from(gb).ok()),
                _ => {}
            }
        }
        Ok(license_type.zip(quota).map(|(license_type, quota)| DefaultQuota { license_type, quota }))
    }
}

fn default_quotas<'a>(quotas: &[DefaultQuota]) -> Value<'a> {
    let members =
        |q: &DefaultQuota| vec![part("type", text(q.license_type.as_str())), part("quota", int(q.quota))];
    structs("ns1:DefaultQuota", quotas.iter().map(members))
}

/// Which groups: all of one partner.
#[derive(Clone, Copy, Default)]
pub struct Find {
    /// The partner.
    pub partner_id: Option<i64>,
}

fn search<'a>(by: Option<Find>) -> Value<'a> {
    find("ns1:UserGroupFind", by.map(|by| vec![part("partner_id", long(by.partner_id))]))
}

/// `user_group.Create` → its id.
#[derive(Clone, Copy, Default)]
pub struct Create<'a> {
    /// Required by the contract; none means the key's own partner.
    pub partner_id: Option<i64>,
    /// Required.
    pub name: &'a str,
    /// What new licences get.
    pub default_quotas: &'a [DefaultQuota],
    /// Whether it becomes the partner's default group.
    pub default_for_partner: Option<bool>,
    /// The OSA subscription.
    pub external_id: Option<&'a str>,
    /// None: inherit.
    pub enable_sync: Option<bool>,
}

impl Request for Create<'_> {
    const OPERATION: Operation = Operation::UserGroupCreate;
    type Answer = i64;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("partner_id", long(self.partner_id)),
            part("name", text(self.name)),
            part("default_quotas", default_quotas(self.default_quotas)),
            part("default_for_partner", flag(self.default_for_partner)),
            part("external_id", text(self.external_id)),
            part("enable_sync", flag(self.enable_sync)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<i64, Malformed> {
        reply.id()
    }
}

/// `user_group.Get`. What matches nothing is a fault.
#[derive(Clone, Copy, Default)]
pub struct Get {
    /// The group, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find>,
}

impl Request for Get {
    const OPERATION: Operation = Operation::UserGroupGet;
    type Answer = Vec<UserGroup>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("id", long(self.id)), part("search", search(self.search))]
    }

    fn read(reply: &Reply<'_>) -> Result<Vec<UserGroup>, Malformed> {
        reply.page(UserGroup::read)
    }
}

/// `user_group.Update` → rows changed, if Mozy says. None leaves as it is.
#[derive(Clone, Copy, Default)]
pub struct Update<'a> {
    /// The group, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find>,
    /// A new name.
    pub name: Option<&'a str>,
    /// What new licences get; empty leaves as it is.
    pub default_quotas: &'a [DefaultQuota],
    /// Whether it becomes the partner's default group.
    pub default_for_partner: Option<bool>,
    /// The OSA subscription.
    pub external_id: Option<&'a str>,
    /// `("status", "suspended")` suspends, `("status", "active")` resumes.
    pub details: &'a [KeyValue<'a>],
    /// Once set it is inherited no more.
    pub enable_sync: Option<bool>,
}

impl Request for Update<'_> {
    const OPERATION: Operation = Operation::UserGroupUpdate;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("id", long(self.id)),
            part("search", search(self.search)),
            part("name", text(self.name)),
            part("default_quotas", default_quotas(self.default_quotas)),
            part("default_for_partner", flag(self.default_for_partner)),
            part("external_id", text(self.external_id)),
            part("details", key_values(self.details)),
            part("enable_sync", flag(self.enable_sync)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}

/// `user_group.Delete` → rows changed, if Mozy says. Faults while users are in it, and for the last group.
#[derive(Clone, Copy, Default)]
pub struct Delete {
    /// The group, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find>,
}

impl Request for Delete {
    const OPERATION: Operation = Operation::UserGroupDelete;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("id", long(self.id)), part("search", search(self.search))]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}
