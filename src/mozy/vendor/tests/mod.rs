//! The vendor against a server with hand-written envelopes.

mod absence;
mod calls;
mod classes;
mod probe;
mod reads;
mod server;
