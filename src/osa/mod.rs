//! The only place that knows APS: the endpoint OSA calls, and the client that calls OSA back.
//!
//! A call comes in through [`listen`] (plain or [`tls`]) to the [`endpoint`], is named by [`route`], admitted by
//! [`gate`] (a client certificate, or [`oauth`]), read by [`context`] and [`body`] into [`types`], less its `echo`, written
//! at the desk by its `service`, and leaves as an [`answer`] or an [`error`]. What we say of a thing is [`properties`].
//! [`apsc`] is the way back, [`controllers`] keeps one for each instance: `lookup` asks there what a wish needs, and
//! [`push`] shows OSA what changed. [`settings`] is what the floor above decides, [`observe`] what it is told.

pub mod answer;
pub mod apsc;
pub mod audit;
pub mod body;
mod call;
pub mod certificate;
pub mod context;
pub mod controllers;
mod early;
mod echo;
pub mod endpoint;
pub mod error;
pub mod gate;
pub mod listen;
mod lookup;
mod memory;
pub mod oauth;
pub mod observe;
pub mod properties;
pub mod push;
pub mod route;
mod service;
pub mod settings;
pub mod tls;
pub mod types;

#[cfg(test)]
mod testing;
