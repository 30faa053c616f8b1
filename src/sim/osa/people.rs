//! Accounts under accounts, their staff and their service users.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::names::{ACCOUNT, ADMIN_USER, SERVICE_USER};
use super::refused::Refused;
use super::resource::{Resource, Status};
use super::sim::OsaSim;

/// What an account is; the one `ADMIN` is the provider and there from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AccountKind {
    /// Sells to clients.
    Reseller,
    /// Buys.
    Client,
}

/// An account to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAccount {
    /// What it is.
    pub kind: AccountKind,
    /// The account above it; the provider's if none.
    #[serde(default)]
    pub parent: Option<Uuid>,
    /// `companyName`.
    pub company_name: String,
    /// `techContact.email`.
    pub email: String,
    /// `techContact.givenName`.
    #[serde(default)]
    pub given_name: String,
    /// `techContact.familyName`.
    #[serde(default)]
    pub family_name: String,
}

impl NewAccount {
    /// A client of the provider.
    pub fn client(company_name: &str, email: &str) -> Self {
        let (given_name, family_name) = ("John".to_owned(), "Doe".to_owned());
        let (company_name, email) = (company_name.to_owned(), email.to_owned());
        Self { kind: AccountKind::Client, parent: None, company_name, email, given_name, family_name }
    }

    /// A reseller of the provider.
    pub fn reseller(company_name: &str, email: &str) -> Self {
        Self { kind: AccountKind::Reseller, ..Self::client(company_name, email) }
    }

    /// The same under another account.
    pub fn under(self, parent: Uuid) -> Self {
        Self { parent: Some(parent), ..self }
    }
}

/// A staff member to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewStaff {
    /// `login`.
    pub login: String,
    /// `email`; it may be missing.
    #[serde(default)]
    pub email: Option<String>,
    /// `fullName`.
    pub full_name: String,
    /// `isAccountAdmin`.
    pub is_account_admin: bool,
}

/// A service user to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewServiceUser {
    /// `login`.
    pub login: String,
    /// `email`.
    pub email: String,
    /// `displayName`.
    pub display_name: String,
}

impl OsaSim {
    /// Makes an account. The application hears nothing of it.
    pub fn create_account(&self, new: &NewAccount) -> Result<Uuid, Refused> {
        let mut world = self.world();
        let parent = new.parent.unwrap_or(world.provider);
        if world.resources.get(&parent).is_none_or(|parent| parent.type_id != ACCOUNT) {
            return Err(Refused::Unknown { what: "the parent account", id: parent });
        }
        let contact = json!({
            "email": new.email, "givenName": new.given_name, "familyName": new.family_name,
        });
        let properties = json!({
            "id": world.number(), "type": new.kind, "companyName": new.company_name, "techContact": contact,
        });
        Ok(world.insert(Resource::new(ACCOUNT, Status::Ready, properties).linked("parent", parent)))
    }

    /// Makes a staff member of an account.
    pub fn create_staff(&self, account: Uuid, new: &NewStaff) -> Result<Uuid, Refused> {
        let mut properties = json!({
            "login": new.login, "fullName": new.full_name, "isAccountAdmin": new.is_account_admin,
        });
        if let Some(email) = &new.email {
            properties["email"] = json!(email);
        }
        self.member(account, ADMIN_USER, properties)
    }

    /// Makes a service user of an account.
    pub fn create_service_user(&self, account: Uuid, new: &NewServiceUser) -> Result<Uuid, Refused> {
        let properties = json!({"login": new.login, "email": new.email, "displayName": new.display_name});
        self.member(account, SERVICE_USER, properties)
    }

    fn member(
        &self,
        account: Uuid,
        type_id: &'static str,
        properties: serde_json::Value,
    ) -> Result<Uuid, Refused> {
        let mut world = self.world();
        if world.resources.get(&account).is_none_or(|account| account.type_id != ACCOUNT) {
            return Err(Refused::Unknown { what: "the account", id: account });
        }
        Ok(world.insert(Resource::new(type_id, Status::Ready, properties).linked("account", account)))
    }
}
