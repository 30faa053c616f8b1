//! Admins: an admin's e-mail is unique across Mozy, also outside our tree.

use super::client::Request;
use super::document::Malformed;
use super::element::Element;
use super::operation::Operation;
use super::reply::Reply;
use super::value::{Part, Value, find, long, longs, part, password, text, texts};
use super::words::Detail;

/// An admin as Mozy tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admin {
    /// Unique across Mozy.
    pub id: i64,
    /// The partner administered.
    pub partner_id: Option<i64>,
    /// The admin above.
    pub parent_admin_id: Option<i64>,
    /// The e-mail; its case may differ from what was sent.
    pub username: Option<String>,
    /// The name.
    pub full_name: Option<String>,
    /// What we set.
    pub external_id: Option<String>,
    /// What [`Get::details`] asked for.
    pub details: Vec<Detail>,
}

impl Admin {
    pub(super) fn read(element: Element<'_>) -> Result<Self, Malformed> {
        let (mut id, mut admin) = (None, Admin::default());
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "id" => id = field.number()?,
                "partner_id" => admin.partner_id = field.number()?,
                "parent_admin_id" => admin.parent_admin_id = field.number()?,
                "username" => admin.username = field.text()?,
                "full_name" => admin.full_name = field.text()?,
                "external_id" => admin.external_id = field.text()?,
                "details" => admin.details = field.items(Detail::read)?,
                _ => {}
            }
        }
        admin.id = element.require("id", id)?;
        Ok(admin)
    }
}

/// Which admin, by something else than the id.
#[derive(Clone, Copy, Default)]
pub struct Find<'a> {
    /// The e-mail.
    pub username: Option<&'a str>,
}

fn search(by: Option<Find<'_>>) -> Value<'_> {
    find("ns1:AdminFind", by.map(|by| vec![part("username", text(by.username))]))
}

/// `admin.Create` → the id.
#[derive(Clone, Copy, Default)]
pub struct Create<'a> {
    /// None: the key's root admin.
    pub parent_admin_id: Option<i64>,
    /// Required: an e-mail.
    pub username: &'a str,
    /// None: left out of the envelope.
    pub password: Option<&'a str>,
    /// The name.
    pub full_name: Option<&'a str>,
    /// What we want to find again.
    pub external_id: Option<&'a str>,
    /// Ids of roles.
    pub roles: &'a [i64],
    /// Ids of groups.
    pub user_groups: &'a [i64],
}

impl Request for Create<'_> {
    const OPERATION: Operation = Operation::AdminCreate;
    type Answer = i64;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("parent_admin_id", long(self.parent_admin_id)),
            part("username", text(self.username)),
            part("password", password(self.password)),
            part("full_name", text(self.full_name)),
            part("external_id", text(self.external_id)),
            part("roles", longs(self.roles)),
            part("user_groups", longs(self.user_groups)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<i64, Malformed> {
        reply.id()
    }
}

/// `admin.Get`. What matches nothing is a fault.
#[derive(Clone, Copy, Default)]
pub struct Get<'a> {
    /// The admin, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find<'a>>,
    /// `login_href` makes a one-time address and tells it in [`Admin::details`].
    pub details: &'a [&'a str],
}

impl Request for Get<'_> {
    const OPERATION: Operation = Operation::AdminGet;
    type Answer = Vec<Admin>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("id", long(self.id)),
            part("search", search(self.search)),
            part("details", texts(self.details)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Vec<Admin>, Malformed> {
        reply.page(Admin::read)
    }
}

/// `admin.Delete` → rows changed, if Mozy says.
#[derive(Clone, Copy)]
pub struct Delete {
    /// The admin.
    pub id: i64,
}

impl Request for Delete {
    const OPERATION: Operation = Operation::AdminDelete;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("id", long(self.id))]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}
