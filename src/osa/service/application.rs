//! `mozyPro`: an instance is installed, told new globals, and removed (contract §2, §3, §4).

use std::time::SystemTime;

use axum::http::request::Parts;
use serde_json::json;
use uuid::Uuid;

use crate::domain::InstanceId;
use crate::osa::answer::Answer;
use crate::osa::body::parse;
use crate::osa::call::Call;
use crate::osa::certificate::{CertificateError, Identity, Pinned};
use crate::osa::context::CallContext;
use crate::osa::early::Outcome;
use crate::osa::endpoint::{Shared, nothing_there};
use crate::osa::error::ApsError;
use crate::osa::gate::Gate;
use crate::osa::route::Verb;
use crate::osa::types::{Application, Patch, X509};
use crate::ports::desk::{Desk, Install};

/// `POST /mozyPro`. Who may install is judged by what is known of the instance, and by the body if nothing is.
pub(in crate::osa) async fn install<D: Desk, P>(
    shared: &Shared<D, P>,
    parts: &Parts,
    context: &CallContext,
    body: &[u8],
) -> Outcome {
    let application: Application = parse(body)?;
    // The header is the key of everything; the application's own id may be another.
    let own = application.aps.provisioned()?;
    let id = InstanceId(context.instance.unwrap_or(own));
    let install = Install { application: (own != id.0).then_some(own), ..wish(id, application)?.whole() };
    if matches!(shared.gate, Gate::MutualTls) {
        both_certificates(&install)?;
    }
    let trusted = trusted(shared, &install).await?;
    shared.gate.admit(parts, trusted.as_ref(), SystemTime::now()).await?;
    shared.desk.install(install).await?;
    if let Some(uri) = &context.controller {
        shared.desk.heard_from(id, uri.as_str()).await?;
    }
    shared.controllers.forget(id);
    Ok(Answer::Created(json!({})))
}

/// Whose certificate an install must come with: the configured one, else that of the instance as it is, else its own.
async fn trusted<D: Desk, P>(shared: &Shared<D, P>, install: &Install) -> Result<Option<Pinned>, ApsError> {
    if shared.installer.is_some() {
        return Ok(shared.installer.clone());
    }
    if !matches!(shared.gate, Gate::MutualTls) {
        return Ok(None);
    }
    let unproven = || {
        ApsError::forbidden("this instance has no controller certificate yet; set osa.controller_cert_file")
    };
    let certificate = match shared.desk.controller_certificate(install.id).await? {
        Some(known) => Some(known.ok_or_else(unproven)?),
        None => install.controller_certificate.clone(),
    };
    let pinned = certificate.map(|pem| Pinned::from_pem(pem.as_bytes())).transpose();
    pinned.map_err(|error| wrong("aps.x509.controller", error))
}

/// Every other verb, of an instance that may only name itself, by either of its ids.
pub(in crate::osa) async fn answer<D: Desk, P>(call: &Call<'_, D, P>, named: Uuid, verb: Verb) -> Outcome {
    let id = call.instance_id();
    let itself = named == id.0 || call.instance.keys.application == Some(named);
    match verb {
        Verb::Unprovision if !itself => Ok(Answer::Removed),
        _ if !itself => Err(ApsError::not_found(format!("instance {named} is not known here")).into()),
        Verb::Retrieve => Ok(Answer::Found(json!({}))),
        Verb::Configure => configure(call, id).await,
        Verb::Unprovision => {
            call.desk().uninstall(id).await?;
            call.shared.controllers.forget(id);
            Ok(Answer::Removed)
        }
        _ => Err(nothing_there()),
    }
}

async fn configure<D: Desk, P>(call: &Call<'_, D, P>, id: InstanceId) -> Outcome {
    let application: Application = call.body()?;
    let install = Install { installed: call.instance.keys.installed, ..wish(id, application)? };
    call.desk().install(install).await?;
    call.shared.controllers.forget(id);
    Ok(Answer::Found(json!({})))
}

fn wish(id: InstanceId, application: Application) -> Result<Install, ApsError> {
    let Application { aps, reseller, ws_prefix, ws_suffix, api_key, root_partner_id, root_role_id } =
        application;
    let X509 { ours, controller } = aps.x509.unwrap_or(X509 { ours: None, controller: None });
    if let Some(pem) = &ours {
        Identity::from_pem(pem.expose().as_bytes()).map_err(|error| wrong("aps.x509.self", error))?;
    }
    if let Some(pem) = &controller {
        Pinned::from_pem(pem.as_bytes()).map_err(|error| wrong("aps.x509.controller", error))?;
    }
    Ok(Install {
        id,
        application: None,
        installed: false,
        reseller: reseller.said(),
        ws_prefix: name("ws_prefix", &ws_prefix)?,
        ws_suffix: name("ws_sufix", &ws_suffix)?,
        api_key: api_key.into_value(),
        root_partner: number("root_partner_id", root_partner_id)?,
        root_role: number("root_role_id", root_role_id)?,
        identity: ours,
        controller_certificate: controller,
    })
}

fn both_certificates(install: &Install) -> Result<(), ApsError> {
    let missing = |name| Err(ApsError::bad_request(format!("{name}: is missing; an install delivers it")));
    match (&install.identity, &install.controller_certificate) {
        (None, _) => missing("aps.x509.self"),
        (_, None) => missing("aps.x509.controller"),
        _ => Ok(()),
    }
}

fn wrong(name: &str, error: CertificateError) -> ApsError {
    ApsError::bad_request(format!("{name}: {error}"))
}

fn name(property: &str, text: &Patch<String>) -> Result<Option<Option<String>>, ApsError> {
    let name = text.name(property)?;
    Ok((*text != Patch::Keep).then_some(name))
}

fn number(name: &str, number: Patch<u64>) -> Result<Option<Option<i64>>, ApsError> {
    let absurd = |_| ApsError::bad_request(format!("{name}: is absurdly large"));
    number.said().map(|number| number.map(i64::try_from).transpose().map_err(absurd)).transpose()
}
