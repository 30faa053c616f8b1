//! Users: whom the keys of a subscription are assigned to, each in one group.

use super::client::Request;
use super::document::Malformed;
use super::element::Element;
use super::operation::Operation;
use super::reply::Reply;
use super::value::{KeyValue, Part, Value, find, flag, key_values, long, part, password, text, texts};
use super::words::{Detail, Status};

/// A user as Mozy tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Unique across Mozy.
    pub id: i64,
    /// The group.
    pub user_group_id: Option<i64>,
    /// The e-mail; its case may differ from what was sent.
    pub username: Option<String>,
    /// The name.
    pub full_name: Option<String>,
    /// Active, suspended or deleted.
    pub status: Option<Status>,
    /// What we set.
    pub external_id: Option<String>,
    /// None: inherited.
    pub enable_sync: Option<bool>,
    /// What [`Get::details`] asked for.
    pub details: Vec<Detail>,
}

impl User {
    fn read(element: Element<'_>) -> Result<Self, Malformed> {
        let (mut id, mut user) = (None, User::default());
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "id" => id = field.number()?,
                "user_group_id" => user.user_group_id = field.number()?,
                "username" => user.username = field.text()?,
                "full_name" => user.full_name = field.text()?,
                "status" => user.status = field.choice(Status::read)?,
                "external_id" => user.external_id = field.text()?,
                "enable_sync" => user.enable_sync = field.flag()?,
                "details" => user.details = field.items(Detail::read)?,
                _ => {}
            }
        }
        user.id = element.require("id", id)?;
        Ok(user)
    }
}

/// Which users, by something else than their id.
#[derive(Clone, Copy, Default)]
pub struct Find<'a> {
    /// All of a group.
    pub user_group_id: Option<i64>,
    /// The one with this e-mail.
    pub username: Option<&'a str>,
}

fn search<'a>(by: Option<Find<'a>>) -> Value<'a> {
    let members = |by: Find<'a>| {
        vec![part("user_group_id", long(by.user_group_id)), part("username", text(by.username))]
    };
    find("ns1:UserFind", by.map(members))
}

/// `user.Create` → the id. The user starts with sync off.
#[derive(Clone, Copy, Default)]
pub struct Create<'a> {
    /// Required.
    pub user_group_id: i64,
    /// Required: an e-mail.
    pub username: &'a str,
    /// None: left out of the envelope.
    pub password: Option<&'a str>,
    /// The name.
    pub full_name: Option<&'a str>,
    /// Of the user.
    pub details: &'a [KeyValue<'a>],
    /// What we want to find again.
    pub external_id: Option<&'a str>,
    /// Whether to synchronise.
    pub enable_sync: Option<bool>,
}

impl Request for Create<'_> {
    const OPERATION: Operation = Operation::UserCreate;
    type Answer = i64;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("user_group_id", long(self.user_group_id)),
            part("username", text(self.username)),
            part("password", password(self.password)),
            part("full_name", text(self.full_name)),
            part("details", key_values(self.details)),
            part("external_id", text(self.external_id)),
            part("enable_sync", flag(self.enable_sync)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<i64, Malformed> {
        reply.id()
    }
}

/// `user.Get`. What matches nothing is a fault.
#[derive(Clone, Copy, Default)]
pub struct Get<'a> {
    /// The user, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find<'a>>,
    /// `login_href` makes a one-time address and tells it in [`User::details`].
    pub details: &'a [&'a str],
}

impl Request for Get<'_> {
    const OPERATION: Operation = Operation::UserGet;
    type Answer = Vec<User>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("id", long(self.id)),
            part("search", search(self.search)),
            part("details", texts(self.details)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Vec<User>, Malformed> {
        reply.page(User::read)
    }
}

/// `user.Update` → rows changed, if Mozy says. None leaves as it is.
#[derive(Clone, Copy, Default)]
pub struct Update<'a> {
    /// The user, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find<'a>>,
    /// Moves the user and the keys, but not the GB of keys that are not activated.
    pub user_group_id: Option<i64>,
    /// A new e-mail.
    pub username: Option<&'a str>,
    /// None: left out of the envelope.
    pub password: Option<&'a str>,
    /// A new name.
    pub full_name: Option<&'a str>,
    /// `("status", "suspended")` suspends, `("status", "active")` resumes.
    pub details: &'a [KeyValue<'a>],
    /// What we want to find again.
    pub external_id: Option<&'a str>,
    /// Faults where the group or the partner has it off.
    pub enable_sync: Option<bool>,
}

impl Request for Update<'_> {
    const OPERATION: Operation = Operation::UserUpdate;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("id", long(self.id)),
            part("search", search(self.search)),
            part("user_group_id", long(self.user_group_id)),
            part("username", text(self.username)),
            part("password", password(self.password)),
            part("full_name", text(self.full_name)),
            part("details", key_values(self.details)),
            part("external_id", text(self.external_id)),
            part("enable_sync", flag(self.enable_sync)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}

/// `user.Delete` → rows changed, if Mozy says. Destroys the user's backups.
#[derive(Clone, Copy)]
pub struct Delete {
    /// The user.
    pub id: i64,
}

impl Request for Delete {
    const OPERATION: Operation = Operation::UserDelete;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("id", long(self.id))]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}
