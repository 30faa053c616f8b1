//! A method and a path name a service, an id and a verb: the whole table of what OSA can call (contract §1, §3).

use std::borrow::Cow;

use axum::http::Method;
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

    fn named(name: &str) -> Result<Self, ApsError> {
        let found = Self::ALL.into_iter().find(|service| service.name() == name);
        found.ok_or_else(|| ApsError::not_found(format!("there is no service {name:?} here")))
    }
}

/// An id in its only form: 36 characters with hyphens, in either case.
pub fn aps_id(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident = $name:literal),* $(,)?) => {
        /// What is to be done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Verb { $($(#[$doc])* $verb),* }

        impl Verb {
            /// The names of all verbs.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// As metrics and logs, and where it stands in a path, the wire name it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$verb => $name),* }
            }
        }
    };
}

verbs! {
    /// `POST /{service}`; of the application: install.
    Provision = "provision",
    /// `GET /{service}/{id}`.
    Retrieve = "retrieve",
    /// `PUT /{service}/{id}`.
    Configure = "configure",
    /// `DELETE /{service}/{id}`.
    Unprovision = "unprovision",
    /// A resource was linked to this one.
    Link = "link",
    /// A link was taken away.
    Unlink = "unlink",
    /// Resume a tenant.
    Enable = "enable",
    /// Suspend a tenant.
    Disable = "disable",
    /// Refresh Resources.
    Refresh = "manualRetrieve",
    /// The link of a tenant's admin.
    ClientUrl = "getClientUrl",
    /// Sync on or off for a tenant.
    SwitchSync = "setEnableDisableSync",
    /// Whether an admin's e-mail address is free.
    CheckEmail = "checkAvailabilityEmail",
    /// Another staff member becomes root admin.
    CreatePartner = "createPartner",
    /// Resume a user.
    EnableUser = "enableuser",
    /// Suspend a user.
    DisableUser = "disableuser",
    /// A user's link.
    UserUrl = "getUserUrl",
    /// The service user behind a user changed.
    UserChanged = "onUsrChange",
}

/// The operations of our types' own, by service, with the methods they may be called with.
const CUSTOM: &[(Service, Verb, &[&str])] = &[
    (Service::Tenant, Verb::Enable, &["PUT", "POST"]),
    (Service::Tenant, Verb::Disable, &["PUT", "POST"]),
    (Service::Tenant, Verb::Refresh, &["GET", "POST"]),
    (Service::Tenant, Verb::ClientUrl, &["GET", "POST"]),
    (Service::Tenant, Verb::SwitchSync, &["POST", "PUT"]),
    (Service::Tenant, Verb::CheckEmail, &["POST"]),
    (Service::Tenant, Verb::CreatePartner, &["POST"]),
    (Service::User, Verb::EnableUser, &["POST", "PUT"]),
    (Service::User, Verb::DisableUser, &["POST", "PUT"]),
    (Service::User, Verb::UserUrl, &["GET", "POST"]),
    (Service::User, Verb::UserChanged, &["POST"]),
];

/// A method, and what it does.
type Call = (&'static str, Verb);

const ON_SERVICE: &[Call] = &[("POST", Verb::Provision)];
const ON_RESOURCE: &[Call] =
    &[("GET", Verb::Retrieve), ("PUT", Verb::Configure), ("DELETE", Verb::Unprovision)];
const ON_LINK: &[Call] = &[("POST", Verb::Link), ("DELETE", Verb::Unlink)];

/// Where a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    /// To which service.
    pub service: Service,
    /// About which resource; `None` in a provision, whose body names it.
    pub id: Option<Uuid>,
    /// What is to be done.
    pub verb: Verb,
}

impl Route {
    /// Whether it is a wish, which may be answered with 202.
    pub fn may_wait(self) -> bool {
        let asks = [Verb::Retrieve, Verb::Refresh, Verb::ClientUrl, Verb::CheckEmail, Verb::UserUrl];
        !asks.contains(&self.verb) && (self.service, self.verb) != (Service::Application, Verb::Provision)
    }

    /// Reads a method and a path that may stand behind `prefix`, which is `""` or `/like/this`.
    ///
    /// # Errors
    /// 404 if there is nothing at the path, 405 if it has no such method, 400 if the id is none.
    pub fn read(method: &Method, path: &str, prefix: &str) -> Result<Self, ApsError> {
        let rest = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path);
        let segments: Vec<&str> = rest.trim_matches('/').splitn(5, '/').collect();
        let service = Service::named(segments[0])?;
        let id = segments.get(1).map(|text| named_id(text)).transpose()?;
        let calls: Cow<'static, [Call]> = match segments[1..] {
            [] => ON_SERVICE.into(),
            [_] => ON_RESOURCE.into(),
            [_, name] => on_name(service, name, method).ok_or_else(|| nothing_at(path))?,
            [_, _, _] => ON_LINK.into(),
            _ => return Err(nothing_at(path)),
        };
        let verb = calls.iter().find(|(name, _)| method == name).map(|(_, verb)| *verb);
        verb.map(|verb| Self { service, id, verb }).ok_or_else(|| {
            let methods: Vec<&str> = calls.iter().map(|(name, _)| *name).collect();
            ApsError::unsupported_method(format!("{method} is not supported at {path}"), &methods)
        })
    }
}

fn named_id(text: &str) -> Result<Uuid, ApsError> {
    aps_id(text).ok_or_else(|| ApsError::bad_request(format!("the id {text:?} in the path is not a UUID")))
}

fn nothing_at(path: &str) -> ApsError {
    ApsError::not_found(format!("there is nothing at {path}"))
}

/// The operation of this name; else it is a relation, if that is how relations are called: OSA alone knows all their
/// names. `None`: there is no such thing.
fn on_name(service: Service, name: &str, method: &Method) -> Option<Cow<'static, [Call]>> {
    let custom = CUSTOM.iter().find(|(of, verb, _)| *of == service && verb.name() == name);
    match custom {
        Some((_, verb, methods)) => Some(methods.iter().map(|name| (*name, *verb)).collect()),
        None => ON_LINK.iter().any(|(name, _)| method == name).then(|| ON_LINK.into()),
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "0A1B2C3D-0000-4000-8000-00000000000F";

    fn read(method: &str, path: &str) -> Result<(Service, Option<Uuid>, Verb), u16> {
        let route = Route::read(&method.parse().unwrap(), &path.replace("ID", ID), "/osa/in");
        route.map(|Route { service, id, verb }| (service, id, verb)).map_err(|error| error.status().as_u16())
    }

    #[test]
    fn every_call_of_the_contract_has_its_verb() {
        let id = aps_id(ID);
        for (method, path, service, id, verb) in [
            ("POST", "/mozyPro", Service::Application, None, Verb::Provision),
            ("POST", "/osa/in/mozyProAccount/", Service::Tenant, None, Verb::Provision),
            ("GET", "/mozyProAccountUser/ID", Service::User, id, Verb::Retrieve),
            ("PUT", "/osa/in/mozyProAccountGroup/ID", Service::Group, id, Verb::Configure),
            ("DELETE", "/mozyProAccountUserLicense/ID", Service::Licence, id, Verb::Unprovision),
            ("PUT", "/mozyProAccount/ID/disable", Service::Tenant, id, Verb::Disable),
            ("POST", "/mozyProAccount/ID/enable", Service::Tenant, id, Verb::Enable),
            ("GET", "/mozyProAccount/ID/manualRetrieve", Service::Tenant, id, Verb::Refresh),
            ("GET", "/mozyProAccount/ID/getClientUrl", Service::Tenant, id, Verb::ClientUrl),
            ("POST", "/mozyProAccount/ID/setEnableDisableSync", Service::Tenant, id, Verb::SwitchSync),
            ("POST", "/mozyProAccount/ID/checkAvailabilityEmail", Service::Tenant, id, Verb::CheckEmail),
            ("POST", "/mozyProAccount/ID/createPartner", Service::Tenant, id, Verb::CreatePartner),
            ("POST", "/mozyProAccountUser/ID/enableuser", Service::User, id, Verb::EnableUser),
            ("POST", "/mozyProAccountUser/ID/disableuser", Service::User, id, Verb::DisableUser),
            ("GET", "/mozyProAccountUser/ID/getUserUrl", Service::User, id, Verb::UserUrl),
            ("POST", "/mozyProAccountUser/ID/onUsrChange", Service::User, id, Verb::UserChanged),
            ("POST", "/mozyProAccount/ID/users", Service::Tenant, id, Verb::Link),
            ("DELETE", "/mozyProAccount/ID/users/ID", Service::Tenant, id, Verb::Unlink),
        ] {
            assert_eq!(read(method, path), Ok((service, id, verb)), "{method} {path}");
        }
    }

    #[test]
    fn what_is_not_there_and_what_is_not_so_called_are_told_apart() {
        for (method, path, status) in [
            ("POST", "/", 404),
            ("POST", "/mozyProThing", 404),
            ("GET", "/mozyProAccount/17", 400),
            ("PUT", "/mozyProAccount/%FF", 400),
            ("GET", "/mozyProAccount/ID/thing", 404),
            ("PUT", "/mozyProAccountGroup/ID/disable", 404),
            ("GET", "/mozyProAccount/ID/a/b/c", 404),
            ("GET", "/mozyProAccount", 405),
            ("PATCH", "/mozyProAccount/ID", 405),
            ("DELETE", "/mozyProAccount/ID/disable", 405),
            ("GET", "/mozyProAccount/ID/createPartner", 405),
            ("PUT", "/mozyProAccount/ID/users/ID", 405),
        ] {
            assert_eq!(read(method, path), Err(status), "{method} {path}");
        }
    }

    #[test]
    fn who_calls_with_another_method_is_told_which_there_are() {
        for (path, allow) in [
            ("/mozyProAccount", "POST"),
            ("/mozyProAccount/ID", "GET, PUT, DELETE"),
            ("/mozyProAccount/ID/disable", "PUT, POST"),
            ("/mozyProAccount/ID/users/ID", "POST, DELETE"),
        ] {
            let error = Route::read(&Method::PATCH, &path.replace("ID", ID), "").unwrap_err();
            assert_eq!(error.into_response().headers()["allow"], allow, "{path}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_paths_never_panic(path in "[/a-zA-Z%{}:-]{0,80}") {
            let _ = Route::read(&Method::POST, &path, "");
        }
    }
}
