//! Mails that Mozy sends: activation mails with a keystring, and those asked for by template.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Event, Keystring, Scope, World, admin::check_email};
use crate::sim::mozy::fault::Fault;

/// One mail that went out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Mail {
    pub at: DateTime<Utc>,
    pub to: String,
    pub template: String,
    pub language: Option<String>,
    pub keystring: Option<Keystring>,
}

/// What `email.Deliver` asks for.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Letter {
    pub template: String,
    pub user_id: Option<i64>,
    pub admin_id: Option<i64>,
    pub email: Option<String>,
    pub language: Option<String>,
}

impl World {
    /// Sends a mail to the address given, else to the user, else to the admin.
    pub(in super::super) fn deliver(&mut self, scope: Scope, letter: Letter) -> Result<(), Fault> {
        let user = letter.user_id.map(|id| self.reach_user(scope, id)).transpose()?;
        let admin = letter.admin_id.map(|id| self.reach_admin(scope, id)).transpose()?;
        let known = user.map(|user| &user.username).or(admin.map(|admin| &admin.username)).cloned();
        let to = letter.email.clone().or(known).ok_or_else(|| Fault::invalid("nobody to send to"))?;
        check_email(&to)?;
        self.send(to, letter, None);
        Ok(())
    }

    pub(super) fn send(&mut self, to: String, letter: Letter, keystring: Option<Keystring>) {
        let Letter { template, language, .. } = letter;
        self.tell_event(Event::Mailed(Mail { at: self.now, to, template, language, keystring }));
    }
}
