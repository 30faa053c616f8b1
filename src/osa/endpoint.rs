//! The endpoint that OSA calls: one flow for every call, from the gate to the answer (contract §3, §4).
//!
//! [`endpoint`] is the only way in for the floor above:
//!
//! ```text
//! let (router, controllers) = endpoint(desk, panel, Settings { auth: Auth::MutualTls, … });
//! serve(Endpoint::tls(listener, tls), router, most)
//! push(&desk, &controllers, instance, thing)
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::answer::Answer;
use super::body;
use super::call::Call;
use super::certificate::Pinned;
use super::context::{CallContext, Phase, TRANSACTION};
use super::controllers::{Controllers, Instance};
use super::early::{Early, Outcome};
use super::error::ApsError;
use super::gate::Gate;
use super::lookup::{Buyer, Person};
use super::memory::Memory;
use super::oauth::Verifier;
use super::observe::{UNKNOWN, answered};
use super::route::{Route, Service, Verb};
use super::service::{application, group, licence, tenant, user};
use super::settings::{Auth, Retry, Settings};
use crate::domain::{GroupId, InstanceId, LicenceId, SubscriptionId, UserId};
use crate::ports::desk::{Ask, Desk};
use crate::ports::panel::Panel;

/// What all calls share.
pub(super) struct Shared<D, P> {
    pub desk: Arc<D>,
    pub panel: Arc<P>,
    pub gate: Gate,
    pub controllers: Controllers,
    /// Where it is set, only its holder may install.
    pub installer: Option<Pinned>,
    /// Whether an instance that does not say sells through resellers.
    pub reseller: bool,
    pub retry: Retry,
    pub buyers: Memory<Buyer>,
    pub people: Memory<Person>,
    /// Since when an operation waits for what OSA refuses to tell, by the thing that it is about.
    pub denied: Memory<Instant>,
    /// `osa.task_patience`.
    pub patience: Duration,
    prefix: String,
}

/// Makes the endpoint over `desk` and `panel`, and the way back to the controllers that [`super::push`] takes.
///
/// Each request must be served with the `ConnectInfo<Peer>` of its connection; without it everybody is refused.
pub fn endpoint<D, P>(desk: Arc<D>, panel: Arc<P>, settings: Settings) -> (Router, Controllers)
where
    D: Desk + 'static,
    P: Panel + 'static,
{
    let controllers = Controllers::new(&settings);
    let prefix = settings.public_url.as_ref().map(|url| url.prefix().to_owned()).unwrap_or_default();
    let gate = match settings.auth {
        Auth::MutualTls => Gate::MutualTls,
        Auth::OAuth { keys, nonces } => {
            Gate::OAuth(Box::new(Verifier { keys: *keys, public_url: settings.public_url, nonces }))
        }
    };
    let shared = Arc::new(Shared {
        desk,
        panel,
        gate,
        controllers: controllers.clone(),
        installer: settings.controller_certificate,
        reseller: settings.reseller,
        retry: settings.retry,
        buyers: Memory::default(),
        people: Memory::default(),
        denied: Memory::lasting(settings.patience * 2),
        patience: settings.patience,
        prefix,
    });
    let router = Router::new().fallback(move |request: Request| {
        let shared = shared.clone();
        async move { shared.answer(request).await }
    });
    (router, controllers)
}

impl<D: Desk, P: Panel> Shared<D, P> {
    async fn answer(&self, request: Request) -> Response {
        let begun = Instant::now();
        let route = Route::read(request.method(), request.uri().path(), &self.prefix);
        let (service, operation) =
            route.as_ref().map_or((UNKNOWN, UNKNOWN), |route| (route.service.name(), route.verb.name()));
        let transaction = request.headers().get(TRANSACTION).cloned();
        let text = transaction.as_ref().and_then(|text| text.to_str().ok());
        let span = tracing::debug_span!("osa", service, operation, request = text);
        let work = async {
            match route {
                Ok(route) => self.serve(route, request).await.map_err(|early| self.later(route, early)),
                Err(error) => Err(error.into()),
            }
        };
        let mut response = work.instrument(span.clone()).await.into_response();
        if let Some(transaction) = transaction {
            response.headers_mut().insert(TRANSACTION, transaction);
        }
        let (status, duration_ms) = (response.status(), begun.elapsed().as_millis() as u64);
        span.in_scope(|| tracing::debug!(status = status.as_u16(), duration_ms, "OSA was answered"));
        self.controllers.observer()("in", operation, answered(status));
        response
    }

    /// A wish that could not be kept just now is not OSA's task failed: it is to come again with it (contract §3).
    fn later(&self, route: Route, early: Early) -> Early {
        match early {
            Early::Error(error) if error.is_database() && route.may_wait() => {
                Early::Pending(Answer::Pending { retry: self.retry.expected, info: error.to_string() })
            }
            early => early,
        }
    }

    async fn serve(&self, route: Route, request: Request) -> Outcome {
        let (parts, body) = request.into_parts();
        let context = CallContext::read(&parts.headers)?;
        if (route.service, route.verb) == (Service::Application, Verb::Provision) {
            return application::install(self, &parts, &context, &body::read(body).await?).await;
        }
        let missing =
            || ApsError::forbidden("header aps-instance-id: is missing; every call names its instance");
        let id = InstanceId(context.instance.ok_or_else(missing)?);
        let Some(instance) = self.admit(&parts, id).await? else {
            let ended = (route.service, route.verb) == (Service::Application, Verb::Unprovision);
            let unknown = || ApsError::forbidden(format!("instance {id} is not known; install it first"));
            // It is gone already, and OSA was not told or asks again.
            return if ended { Ok(Answer::Removed) } else { Err(unknown().into()) };
        };
        let instance = self.hear(instance, &context).await?;
        let again = context.phase == Phase::Async;
        let call = Call {
            shared: self,
            instance,
            ask: Ask { instance: id, again, request: context.transaction },
            query: parts.uri.query().unwrap_or_default().to_owned(),
            body: body::read(body).await?,
        };
        dispatch(&call, route).await
    }

    /// Lets the controller of an instance in; `None` when nothing is known of it. What is remembered may be out of date,
    /// so nobody is refused for it.
    async fn admit(&self, parts: &Parts, id: InstanceId) -> Result<Option<Arc<Instance>>, Early> {
        let now = SystemTime::now();
        if let Some(known) = self.controllers.remembered(id) {
            match self.gate.admit(parts, known.certificate.as_ref(), now).await {
                Err(_) if self.gate.asks_the_instance() => {}
                admitted => {
                    admitted?;
                    return Ok(Some(known));
                }
            }
        }
        let Some(instance) = self.controllers.read(&*self.desk, id).await? else { return Ok(None) };
        self.gate.admit(parts, instance.certificate.as_ref(), now).await?;
        Ok(Some(instance))
    }

    /// Notes where the controller is, if it is somewhere new.
    async fn hear(&self, instance: Arc<Instance>, context: &CallContext) -> Result<Arc<Instance>, Early> {
        let (id, known) = (instance.keys.id, instance.keys.controller.as_deref());
        let Some(uri) = context.controller.as_ref().filter(|uri| known != Some(uri.as_str())) else {
            let missing =
                || ApsError::bad_request("header aps-controller-uri: is missing; say it once at least");
            known.ok_or_else(missing)?;
            return Ok(instance);
        };
        self.desk.heard_from(id, uri.as_str()).await?;
        Ok(self.controllers.read(&*self.desk, id).await?.unwrap_or(instance))
    }
}

async fn dispatch<D: Desk, P: Panel>(call: &Call<'_, D, P>, route: Route) -> Outcome {
    let Route { service, id, verb } = route;
    // Links say nothing that a property does not say too.
    if matches!(verb, Verb::Link | Verb::Unlink) {
        return Ok(Answer::Done);
    }
    let Some(id) = id else {
        return match service {
            Service::Application => Err(nothing_there()),
            Service::Tenant => tenant::provision(call).await,
            Service::User => user::provision(call).await,
            Service::Licence => licence::provision(call).await,
            Service::Group => group::provision(call).await,
        };
    };
    match service {
        Service::Application => application::answer(call, id, verb).await,
        Service::Tenant => tenant::answer(call, SubscriptionId(id), verb).await,
        Service::User => user::answer(call, UserId(id), verb).await,
        Service::Licence => licence::answer(call, LicenceId(id), verb).await,
        Service::Group => group::answer(call, GroupId(id), verb).await,
    }
}

/// For a verb that another service has.
pub(super) fn nothing_there() -> Early {
    ApsError::not_found("this service has no such operation").into()
}

#[cfg(test)]
mod tests;
