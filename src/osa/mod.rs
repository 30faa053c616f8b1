//! The only place that knows APS: the endpoint OSA calls, and the client that calls OSA back.
//!
//! A call comes in through [`listen`] (plain or [`tls`]), is admitted by [`gate`] (a client certificate, or
//! [`oauth`]), is read by [`context`], [`route`], [`body`] into [`types`], and leaves as an [`answer`] or an
//! [`error`]. [`apsc`] is the way back: what we ask the controller, and the usage we push to it.

pub mod answer;
pub mod apsc;
pub mod body;
pub mod certificate;
pub mod context;
pub mod error;
pub mod gate;
pub mod listen;
pub mod oauth;
pub mod route;
pub mod secret;
pub mod tls;
pub mod types;

#[cfg(test)]
mod testing;
