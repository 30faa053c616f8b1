//! A path names a service, an id and perhaps an operation; anything else is answered in JSON too (contract §1).

use std::str::FromStr;

use axum::Router;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use uuid::Uuid;

use super::error::ApsError;

/// A service of our package, by the name in its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `mozyPro`: an instance and its globals.
    Application,
    /// `mozyProAccount`: a tenant.
    Tenant,
    /// `mozyProAccountUser`: a user.
    User,
    /// `mozyProAccountUserLicense`: a licence.
    Licence,
    /// `mozyProAccountGroup`: a user group.
    Group,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Application, Self::Tenant, Self::User, Self::Licence, Self::Group];

    /// Its name in a path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Application => "mozyPro",
            Self::Tenant => "mozyProAccount",
            Self::User => "mozyProAccountUser",
            Self::Licence => "mozyProAccountUserLicense",
            Self::Group => "mozyProAccountGroup",
        }
    }
}

impl FromStr for Service {
    type Err = ApsError;

    fn from_str(name: &str) -> Result<Self, ApsError> {
        let found = Self::ALL.into_iter().find(|service| service.name() == name);
        found.ok_or_else(|| ApsError::not_found(format!("there is no service {name:?} here")))
    }
}

/// An id in its only form: 36 characters with hyphens, in either case.
pub fn aps_id(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// The `{service}` of the path.
impl<S: Send + Sync> FromRequestParts<S> for Service {
    type Rejection = ApsError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApsError> {
        segment(parts, state, "service").await?.parse()
    }
}

/// The `{id}` of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResourceId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for ResourceId {
    type Rejection = ApsError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApsError> {
        let text = segment(parts, state, "id").await?;
        let refused = || ApsError::bad_request(format!("the id {text:?} in the path is not a UUID"));
        aps_id(&text).map(Self).ok_or_else(refused)
    }
}

async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<String, ApsError> {
    let path = parts.uri.path().to_owned();
    let nothing = || ApsError::not_found(format!("there is nothing at {path}"));
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| nothing())?;
    let found = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    found.ok_or_else(nothing)
}

/// Answers unknown paths with 404 and known ones with a wrong method with 405, both as APS errors.
pub fn with_fallbacks<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.fallback(unknown_path).method_not_allowed_fallback(unknown_method)
}

async fn unknown_path(uri: Uri) -> ApsError {
    ApsError::not_found(format!("there is nothing at {}", uri.path()))
}

async fn unknown_method(method: Method, uri: Uri) -> ApsError {
    ApsError::unsupported_method(format!("{method} is not supported at {}", uri.path()))
}
