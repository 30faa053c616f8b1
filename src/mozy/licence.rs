//! Licences: each is a key that is free, reserved for an e-mail, or used by a machine.

use chrono::{DateTime, Utc};

use super::client::Request;
use super::document::Malformed;
use super::element::Element;
use super::operation::Operation;
use super::reply::Reply;
use super::value::{Part, Value, date, find, flag, int, long, part, text};
use super::words::LicenseType;

/// A key as Mozy tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct License {
    /// 20 upper-case letters and digits.
    pub keystring: String,
    /// None: a type that is not ours.
    pub license_type: Option<LicenseType>,
    /// Where it belongs.
    pub user_group_id: Option<i64>,
    /// Set: it is used.
    pub machine_id: Option<i64>,
    /// Not empty: it is reserved or used. In the case it was assigned in.
    pub assigned_email_address: Option<String>,
    /// GB
    pub quota_desired: Option<i64>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// What we set.
    pub external_id: Option<String>,
}

impl License {
    pub(super) fn read(element: Element<'_>) -> Result<Self, Malformed> {
        let mut licence = License::default();
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "keystring" => licence.keystring = field.text()?.unwrap_or_default().trim().to_owned(),
                "license_type" => licence.license_type = field.choice(LicenseType::known)?,
                "user_group_id" => licence.user_group_id = field.number()?,
                "machine_id" => licence.machine_id = field.number()?,
                "assigned_email_address" => licence.assigned_email_address = field.text()?,
                "quota_desired" => licence.quota_desired = field.number()?,
                "expires_at" => licence.expires_at = field.date()?,
                "external_id" => licence.external_id = field.text()?,
                _ => {}
            }
        }
        // A key without its string cannot be counted, assigned or released.
        let named = (!licence.keystring.is_empty()).then_some(());
        element.require("keystring", named)?;
        Ok(licence)
    }
}

/// Which keys.
#[derive(Clone, Copy, Default)]
pub struct Find<'a> {
    /// Only those that are assigned to nobody (`status` is `free`).
    pub free: bool,
    /// Of one type.
    pub license_type: Option<LicenseType>,
    /// Of one group.
    pub user_group_id: Option<i64>,
    /// Of one e-mail.
    pub assigned_email_address: Option<&'a str>,
    /// Not those of the partners below.
    pub no_sub_partners: Option<bool>,
}

fn search<'a>(by: Option<Find<'a>>) -> Value<'a> {
    let members = |by: Find<'a>| {
        vec![
            part("status", text(by.free.then_some("free"))),
            part("license_type", text(by.license_type.map(LicenseType::as_str))),
            part("user_group_id", long(by.user_group_id)),
            part("assigned_email_address", text(by.assigned_email_address)),
            part("no_sub_partners", flag(by.no_sub_partners)),
        ]
    };
    find("ns1:LicenseFind", by.map(members))
}

/// `resource.GetLicenses`. What matches nothing is a fault, or an empty list (a switch of the contract).
#[derive(Clone, Copy, Default)]
pub struct GetLicenses<'a> {
    /// One key, or search.
    pub keystring: Option<&'a str>,
    /// Instead of the key.
    pub search: Option<Find<'a>>,
}

impl Request for GetLicenses<'_> {
    const OPERATION: Operation = Operation::ResourceGetLicenses;
    type Answer = Vec<License>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("keystring", text(self.keystring)), part("search", search(self.search))]
    }

    fn read(reply: &Reply<'_>) -> Result<Vec<License>, Malformed> {
        reply.page(License::read)
    }
}

/// `resource.UpdateLicenses` → rows changed, if Mozy says. None leaves as it is. A reserved key is overwritten
/// silently and a used one refuses, so the key is read just before.
#[derive(Clone, Copy, Default)]
pub struct UpdateLicenses<'a> {
    /// One key, or search.
    pub keystring: Option<&'a str>,
    /// Instead of the key.
    pub search: Option<Find<'a>>,
    /// Reserves the key; `""` frees it.
    pub assigned_email_address: Option<&'a str>,
    /// GB, before activation only.
    pub quota_desired: Option<u64>,
    /// What we want to find again.
    pub external_id: Option<&'a str>,
    /// A new type.
    pub license_type: Option<LicenseType>,
    /// Whether Mozy mails the key.
    pub deliver_emails: Option<bool>,
    /// When it is to end.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it is not to end any more.
    pub clear_expires_at: Option<bool>,
    /// Moves the key, without its GB.
    pub user_group_id: Option<i64>,
}

impl Request for UpdateLicenses<'_> {
    const OPERATION: Operation = Operation::ResourceUpdateLicenses;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("keystring", text(self.keystring)),
            part("search", search(self.search)),
            part("assigned_email_address", text(self.assigned_email_address)),
            part("quota_desired", int(self.quota_desired)),
            part("external_id", text(self.external_id)),
            part("license_type", text(self.license_type.map(LicenseType::as_str))),
            part("deliver_emails", flag(self.deliver_emails)),
            part("expires_at", date(self.expires_at)),
            part("clear_expires_at", flag(self.clear_expires_at)),
            part("user_group_id", long(self.user_group_id)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}
