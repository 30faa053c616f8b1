//! The only place that knows SOAP: Mozy's admin API, dialect 0.1.50.
//!
//! Every operation is a struct named after its method, in the module of its service; [`Client::call`] sends it:
//!
//! ```no_run
//! use std::sync::Arc;
//! use mozyd::mozy::{ApiKey, Client, Dialect, Failure, Limits, Settings, Timeouts, Tls, partner, resource, words};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings {
//!     dialect: Dialect::default(),
//!     key: ApiKey::new(&std::fs::read_to_string("/run/credentials/mozyd.service/api-key")?)?,
//!     tls: Tls::trusting(None)?,
//!     timeouts: Timeouts::default(),
//!     limits: Limits::default(),
//! };
//! // `()` is a gate without a budget and an observer that does not listen.
//! let mozy = Client::new(settings, Arc::new(()), Arc::new(()))?;
//!
//! // Reading: what is not set is sent as nil.
//! let found = mozy.call(&partner::Get { id: Some(7), ..Default::default() }).await?;
//! println!("{:?} has its default group {:?}", found[0].name, found[0].default_user_group_id);
//!
//! // Writing: the class of an error says what may be believed now.
//! let more = resource::Provision {
//!     partner_id: Some(7),
//!     user_group_id: None,
//!     license_type: words::LicenseType::Desktop,
//!     licenses: 5,
//!     quota: 100,
//! };
//! match mozy.call(&more).await {
//!     Ok(()) => println!("provisioned"),
//!     Err(error) if error.certainly_not_done() => println!("nothing changed: {error}"),
//!     Err(error) => println!("look again after the settle time, and do not repeat it: {error}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What came of a call, by where it broke (the reading of a fault's text is nobody's business here):
//!
//! | | a read | a write |
//! |---|---|---|
//! | no connection, or TLS not agreed | [`Failure::Unreachable`] | [`Failure::Unreachable`]: not done |
//! | cut or timed out later | [`Failure::Unreachable`] | [`Failure::MaybeHappened`] |
//! | HTML, broken or oversized XML, a list that is not whole, another status | [`Failure::Unreadable`] | [`Failure::MaybeHappened`] |
//! | HTTP 429, 503 | [`Failure::Throttled`] | the same; with 503 it may have happened |
//! | HTTP 401, 403 | [`Failure::Denied`] | [`Failure::Denied`]: not done |
//! | a fault, with HTTP 200 or 500 | [`Failure::Rejected`] | [`Failure::Rejected`]: not done |
//!
//! How it is built: a [`Request`] gives its parts as `value`s, `envelope` writes them, `transport` makes the one
//! POST, `builder`, `document` and `element` read the answer within [`Limits`], `reply` finds the result in it. Nothing is
//! retried in here, and an answer is either whole or an error. [`Mozy`] is the vendor that the engine knows: it says all of
//! this in our own words.

pub mod admin;
mod builder;
mod client;
mod dialect;
mod document;
mod ear;
mod element;
pub mod email;
mod envelope;
mod error;
pub mod group;
mod hooks;
mod key;
pub mod licence;
pub mod machine;
mod operation;
pub mod partner;
mod reply;
pub mod resource;
mod retry_after;
#[cfg(test)]
mod tests;
mod text;
mod tls;
mod transport;
pub mod user;
mod value;
mod vendor;
pub mod words;

pub use client::{Client, Request, Settings, decode, encode};
pub use dialect::Dialect;
pub use document::{Limits, Malformed};
pub use error::{CallError, Failure, MAX_TEXT, SetupError};
pub use hooks::{Closed, Gate, Observer, Permit, ResultClass};
pub use key::ApiKey;
pub use operation::Operation;
pub use reply::Reply;
pub use tls::Tls;
pub use transport::Timeouts;
pub use value::{KeyValue, Part};
pub use vendor::Mozy;
