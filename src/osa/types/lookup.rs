//! What we read at the controller (contract §5).

use serde::{Deserialize, Deserializer};

use super::patch::{Wire, optional, or_default, required};
use super::scalar::word;
use super::text::LONGEST_EMAIL;
use super::{Aps, Link};

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// The provider.
    Admin,
    /// A reseller.
    Reseller,
    /// A customer.
    Client,
}

impl Wire for AccountKind {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        word(deserializer, &[("ADMIN", Self::Admin), ("RESELLER", Self::Reseller), ("CLIENT", Self::Client)])
    }
}

/// An account.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its number.
    #[serde(deserialize_with = "required")]
    pub id: u64,
    /// What it is.
    #[serde(rename = "type", deserialize_with = "required")]
    pub kind: AccountKind,
    /// The company.
    #[serde(default, deserialize_with = "optional")]
    pub company_name: Option<String>,
    /// Whom to write to.
    #[serde(default)]
    pub tech_contact: Option<TechContact>,
    /// Whose customer it is.
    #[serde(default, deserialize_with = "optional")]
    pub parent: Option<Link>,
}

/// Whom to write to about technical matters.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TechContact {
    /// E-mail address.
    #[serde(deserialize_with = "optional")]
    pub email: Option<String>,
    /// First name.
    #[serde(deserialize_with = "optional")]
    pub given_name: Option<String>,
    /// Last name.
    #[serde(deserialize_with = "optional")]
    pub family_name: Option<String>,
}

impl TechContact {
    /// His e-mail address.
    pub fn address(&self) -> Option<&str> {
        self.email.as_deref().and_then(possible)
    }
}

/// A text that somebody could be called at Mozy.
fn possible(text: &str) -> Option<&str> {
    let text = text.trim();
    ((1..=LONGEST_EMAIL).contains(&text.len()) && !text.contains(char::is_control)).then_some(text)
}

/// Somebody of an account: a member of its staff, or a service user.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AccountUser {
    /// Id and type.
    #[serde(deserialize_with = "or_default")]
    pub aps: Aps,
    /// The login.
    #[serde(deserialize_with = "optional")]
    pub login: Option<String>,
    /// E-mail address; may be missing.
    #[serde(deserialize_with = "optional")]
    pub email: Option<String>,
    /// The name.
    #[serde(deserialize_with = "optional")]
    pub full_name: Option<String>,
    /// Whether he may administer the account; only staff say it.
    #[serde(deserialize_with = "optional")]
    pub is_account_admin: Option<bool>,
}

impl AccountUser {
    /// Whether it is a member of staff and not a service user: by its type, else because only staff say whether they
    /// administer the account.
    pub fn is_staff(&self) -> bool {
        let is = |kind: &str| self.aps.kind.as_deref().is_some_and(|text| text.contains(kind));
        is("/admin-user/") || self.is_account_admin.is_some() && !is("/service-user/")
    }

    /// Whether he may be the root admin at Mozy.
    pub fn is_admin(&self) -> bool {
        self.is_staff() && self.is_account_admin == Some(true)
    }

    /// His e-mail address, else his login; what nobody could be called is neither.
    pub fn address(&self) -> Option<&str> {
        [&self.email, &self.login].into_iter().flatten().find_map(|text| possible(text))
    }
}

/// A subscription.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its number; in decimal it is the partner's `external_id` at Mozy.
    #[serde(deserialize_with = "required")]
    pub subscription_id: u64,
    /// Whether it is suspended.
    #[serde(default, deserialize_with = "optional")]
    pub disabled: Option<bool>,
}

/// A service user, to whom a user of ours belongs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceUser {
    /// Id and type.
    #[serde(deserialize_with = "or_default")]
    pub aps: Aps,
    /// The login.
    #[serde(deserialize_with = "optional")]
    pub login: Option<String>,
    /// E-mail address.
    #[serde(deserialize_with = "optional")]
    pub email: Option<String>,
    /// The name.
    #[serde(deserialize_with = "optional")]
    pub display_name: Option<String>,
}
