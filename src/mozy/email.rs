//! E-mails that Mozy sends from its own templates.

use super::client::Request;
use super::document::Malformed;
use super::operation::Operation;
use super::reply::Reply;
use super::value::{Part, long, part, text};

/// `email.Deliver` → whether it was sent.
#[derive(Clone, Copy, Default)]
pub struct Deliver<'a> {
    /// Which one.
    pub template: &'a str,
    /// The user it is about.
    pub user_id: Option<i64>,
    /// The admin it is about.
    pub admin_id: Option<i64>,
    /// To whom.
    pub email: Option<&'a str>,
    /// In which language.
    pub language: Option<&'a str>,
}

impl Request for Deliver<'_> {
    const OPERATION: Operation = Operation::EmailDeliver;
    type Answer = bool;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("template", text(self.template)),
            part("user_id", long(self.user_id)),
            part("admin_id", long(self.admin_id)),
            part("email", text(self.email)),
            part("language", text(self.language)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<bool, Malformed> {
        reply.flag()
    }
}
