//! Who calls OSA, on whose behalf, in which transaction, and what he may see.

use axum::http::{HeaderMap, Method, Uri};
use url::Url;
use uuid::Uuid;

use super::denied::Denied;
use super::listener::Peer;
use super::names::{ACCOUNT, ADMIN_USER, SERVICE_USER, SUBSCRIPTION};
use super::options::Auth;
use super::resource::Resource;
use super::sim::OsaSim;
use super::world::World;

/// A caller who proved who he is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    /// The instance whose certificate he presented; none where certificates are not asked for.
    pub instance: Option<Uuid>,
    /// Impersonation: the resource whose owner he acts for.
    pub acting_as: Option<Uuid>,
}

impl OsaSim {
    /// Proves who calls.
    pub(super) fn caller(
        &self,
        peer: &Peer,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Caller, Denied> {
        let instance = match &self.options.auth {
            Auth::Open => None,
            Auth::MutualTls => Some(self.holder(peer)?),
            Auth::OAuth(key) => {
                let url = self.public_url(uri, headers)?;
                let header = text(headers, "authorization").unwrap_or_default();
                let verified = self.nonces.verify(key, method.as_str(), &url, header);
                verified.map_err(|why| Denied::Early(401, "Unauthorized", why.to_owned()))?;
                None
            }
        };
        self.transaction(headers)?;
        let caller = Caller { instance, acting_as: self.acting_as(headers)? };
        self.world().may_act(&caller)?;
        Ok(caller)
    }

    fn holder(&self, peer: &Peer) -> Result<Uuid, Denied> {
        let world = self.world();
        let presented = peer.certificate.as_ref();
        let holds = |certificate| world.instances.values().find(|i| i.identity.is(certificate)).map(|i| i.id);
        let nobody = "the certificate is not one that an instance was installed with".to_owned();
        presented.and_then(holds).ok_or(Denied::Early(403, "Forbidden", nobody))
    }

    fn public_url(&self, uri: &Uri, headers: &HeaderMap) -> Result<Url, Denied> {
        let scheme = if self.options.speaks_tls() { "https" } else { "http" };
        let host = text(headers, "host").unwrap_or_default();
        let url = Url::parse(&format!("{scheme}://{host}{uri}"));
        url.map_err(|_| Denied::Early(400, "BadRequest", "the host header is not a host".to_owned()))
    }

    /// A transaction may be named only while its task runs.
    fn transaction(&self, headers: &HeaderMap) -> Result<(), Denied> {
        let Some(named) = text(headers, "aps-transaction-id") else { return Ok(()) };
        let known = Uuid::parse_str(named).is_ok_and(|id| self.world().transactions.contains(&id));
        let missing = || Denied::Early(400, "BadRequest", format!("Transaction not found: '{named}'"));
        known.then_some(()).ok_or_else(missing)
    }

    fn acting_as(&self, headers: &HeaderMap) -> Result<Option<Uuid>, Denied> {
        let named = text(headers, "aps-resource-id").map(Uuid::parse_str).transpose();
        named.map_err(|_| Denied::invalid("APS-Resource-ID is not an id"))
    }
}

impl World {
    fn may_act(&self, caller: &Caller) -> Result<(), Denied> {
        let Some(resource) = caller.acting_as else { return Ok(()) };
        let instance = self.instance_of(resource);
        match instance.is_some_and(|owner| caller.instance.is_none_or(|instance| instance == owner)) {
            true => Ok(()),
            false => Err(Denied::forbidden(format!("{resource} is not a resource to act for"))),
        }
    }

    /// A resource that the caller may read: the application's own of his instance, and OSA's where he acts for
    /// their owner. Of the accounts above that owner only the account itself is seen.
    pub fn readable(&self, caller: &Caller, id: Uuid) -> Result<&Resource, Denied> {
        let resource =
            self.resources.get(&id).ok_or_else(|| Denied::not_found(format!("there is no resource {id}")))?;
        let seen = match (resource.service(), self.owner(caller)) {
            (Some(_), _) => self.of_instance(caller, id),
            (None, Some(owner)) if resource.type_id == ACCOUNT => {
                self.above(id, owner) || self.above(owner, id)
            }
            (None, Some(owner)) => self.account_of(id).is_some_and(|account| self.above(owner, account)),
            (None, None) => false,
        };
        let hint = "act for its owner with APS-Resource-ID";
        seen.then_some(resource).ok_or_else(|| Denied::forbidden(format!("{id} may not be read: {hint}")))
    }

    /// Whether a resource belongs to the caller's instance, as far as he proved one.
    pub fn of_instance(&self, caller: &Caller, id: Uuid) -> bool {
        caller.instance.is_none_or(|instance| self.instance_of(id) == Some(instance))
    }

    /// The targets of a relation that the caller may read, oldest first.
    pub fn related(&self, caller: &Caller, id: Uuid, relation: &str) -> Result<Vec<&Resource>, Denied> {
        let base = self.readable(caller, id)?;
        let found = match base.links.get(relation) {
            Some(targets) => self.select(|r| targets.contains(&r.id)),
            None => self.inverse(base, relation)?,
        };
        Ok(found.into_iter().filter(|r| self.readable(caller, r.id).is_ok()).collect())
    }

    fn inverse(&self, base: &Resource, relation: &str) -> Result<Vec<&Resource>, Denied> {
        let known = match (base.type_id == ACCOUNT, relation) {
            (true, "users") => Some((&[ADMIN_USER, SERVICE_USER][..], "account")),
            (true, "subscriptions") => Some((&[SUBSCRIPTION][..], "account")),
            (true, "accounts") => Some((&[ACCOUNT][..], "parent")),
            _ => None,
        };
        let none = || Denied::not_found(format!("{} has no relation '{relation}'", base.id));
        let (types, link) = known.ok_or_else(none)?;
        Ok(self.select(|r| types.contains(&r.type_id) && r.link(link) == Some(base.id)))
    }

    fn owner(&self, caller: &Caller) -> Option<Uuid> {
        self.account_of(caller.acting_as?)
    }
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
