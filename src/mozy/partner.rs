//! Partners: direct subscriptions and resellers are sub-partners under the configured root partner.

use super::admin::Admin;
use super::client::Request;
use super::document::Malformed;
use super::element::Element;
use super::operation::Operation;
use super::reply::Reply;
use super::value::{KeyValue, Part, Value, find, flag, int, key_values, long, part, password, text, texts};
use super::words::Status;

/// A partner as Mozy tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partner {
    /// Unique across Mozy.
    pub id: i64,
    /// Not unique.
    pub name: Option<String>,
    /// Active, suspended or deleted.
    pub status: Option<Status>,
    /// The OSA subscription it was made for; not unique.
    pub external_id: Option<String>,
    /// Of its web pages.
    pub subdomain: Option<String>,
    /// The partner above.
    pub parent_partner_id: Option<i64>,
    /// The role of its admins.
    pub root_role_id: Option<i64>,
    /// The group that is never deleted.
    pub default_user_group_id: Option<i64>,
    /// Who it belongs to.
    pub root_admin: Option<Admin>,
    /// None: inherited.
    pub enable_sync: Option<bool>,
    /// GB per synced user; none: inherited.
    pub default_sync_quota: Option<i64>,
}

impl Partner {
    pub(super) fn read(element: Element<'_>) -> Result<Self, Malformed> {
        let (mut id, mut partner) = (None, Partner::default());
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "id" => id = field.number()?,
                "name" => partner.name = field.text()?,
                "status" => partner.status = field.choice(Status::read)?,
                "external_id" => partner.external_id = field.text()?,
                "subdomain" => partner.subdomain = field.text()?,
                "parent_partner_id" => partner.parent_partner_id = field.number()?,
                "root_role_id" => partner.root_role_id = field.number()?,
                "default_user_group_id" => partner.default_user_group_id = field.number()?,
                "root_admin" if !field.is_nil()? => partner.root_admin = Some(Admin::read(field)?),
                "enable_sync" => partner.enable_sync = field.flag()?,
                "default_sync_quota" => partner.default_sync_quota = field.number()?,
                _ => {}
            }
        }
        partner.id = element.require("id", id)?;
        Ok(partner)
    }
}

/// Which partner, by something else than its id.
#[derive(Clone, Copy, Default)]
pub struct Find<'a> {
    /// Its id after all.
    pub id: Option<i64>,
    /// Its root admin's e-mail.
    pub root_admin_username: Option<&'a str>,
    /// Its name.
    pub name: Option<&'a str>,
    /// Its external id; this search is not sure.
    pub external_id: Option<&'a str>,
}

fn search<'a>(by: Option<Find<'a>>) -> Value<'a> {
    let members = |by: Find<'a>| {
        vec![
            part("id", long(by.id)),
            part("root_admin_username", text(by.root_admin_username)),
            part("name", text(by.name)),
            part("external_id", text(by.external_id)),
        ]
    };
    find("ns1:PartnerFind", by.map(members))
}

/// `partner.Create` → its id. The fault of a taken e-mail is the truth, no check before can be.
#[derive(Clone, Copy, Default)]
pub struct Create<'a> {
    /// None: the key's own partner.
    pub parent_partner_id: Option<i64>,
    /// Required.
    pub name: &'a str,
    /// `business`, `reseller` or `corp`; none: business.
    pub company_type: Option<&'a str>,
    /// Of its web pages.
    pub subdomain: Option<&'a str>,
    /// The role of its admins.
    pub root_role: Option<i64>,
    /// Required: an e-mail that is unique among all admins of Mozy.
    pub root_admin_username: &'a str,
    /// None: left out of the envelope.
    pub root_admin_password: Option<&'a str>,
    /// The admin's name.
    pub root_admin_full_name: Option<&'a str>,
    /// The OSA subscription.
    pub external_id: Option<&'a str>,
    /// Of the admin.
    pub root_admin_external_id: Option<&'a str>,
    /// Of the partner.
    pub details: &'a [KeyValue<'a>],
    /// Of the admin.
    pub root_admin_details: &'a [KeyValue<'a>],
    /// None: inherit.
    pub enable_sync: Option<bool>,
    /// GB per synced user.
    pub default_sync_quota: Option<u64>,
}

impl Request for Create<'_> {
    const OPERATION: Operation = Operation::PartnerCreate;
    type Answer = i64;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("parent_partner_id", long(self.parent_partner_id)),
            part("name", text(self.name)),
            part("company_type", text(self.company_type)),
            part("subdomain", text(self.subdomain)),
            part("root_role", long(self.root_role)),
            part("root_admin_username", text(self.root_admin_username)),
            part("root_admin_password", password(self.root_admin_password)),
            part("root_admin_full_name", text(self.root_admin_full_name)),
            part("external_id", text(self.external_id)),
            part("root_admin_external_id", text(self.root_admin_external_id)),
            part("details", key_values(self.details)),
            part("root_admin_details", key_values(self.root_admin_details)),
            part("enable_sync", flag(self.enable_sync)),
            part("default_sync_quota", int(self.default_sync_quota)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<i64, Malformed> {
        reply.id()
    }
}

/// `partner.Get`. What matches nothing is a fault.
#[derive(Clone, Copy, Default)]
pub struct Get<'a> {
    /// The partner, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find<'a>>,
    /// Further details to tell.
    pub details: &'a [&'a str],
}

impl Request for Get<'_> {
    const OPERATION: Operation = Operation::PartnerGet;
    type Answer = Vec<Partner>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("id", long(self.id)),
            part("search", search(self.search)),
            part("details", texts(self.details)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Vec<Partner>, Malformed> {
        reply.page(Partner::read)
    }
}

/// `partner.Update` → rows changed, if Mozy says. None leaves as it is.
#[derive(Clone, Copy, Default)]
pub struct Update<'a> {
    /// The partner, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find<'a>>,
    /// A new name.
    pub name: Option<&'a str>,
    /// `business`, `reseller` or `corp`.
    pub company_type: Option<&'a str>,
    /// Of its web pages.
    pub subdomain: Option<&'a str>,
    /// The role of its admins.
    pub root_role: Option<i64>,
    /// The OSA subscription.
    pub external_id: Option<&'a str>,
    /// `("status", "suspended")` suspends, `("status", "active")` resumes.
    pub details: &'a [KeyValue<'a>],
    /// Once set it is inherited no more.
    pub enable_sync: Option<bool>,
    /// GB per synced user.
    pub default_sync_quota: Option<u64>,
}

impl Request for Update<'_> {
    const OPERATION: Operation = Operation::PartnerUpdate;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("id", long(self.id)),
            part("search", search(self.search)),
            part("name", text(self.name)),
            part("company_type", text(self.company_type)),
            part("subdomain", text(self.subdomain)),
            part("root_role", long(self.root_role)),
            part("external_id", text(self.external_id)),
            part("details", key_values(self.details)),
            part("enable_sync", flag(self.enable_sync)),
            part("default_sync_quota", int(self.default_sync_quota)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}

/// `partner.Delete` → rows changed, if Mozy says. Destroys the backups of everybody below.
#[derive(Clone, Copy, Default)]
pub struct Delete<'a> {
    /// The partner, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find<'a>>,
}

impl Request for Delete<'_> {
    const OPERATION: Operation = Operation::PartnerDelete;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("id", long(self.id)), part("search", search(self.search))]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}
