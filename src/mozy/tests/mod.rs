//! The client against real sockets, real TLS and hostile bytes; no part of it is replaced.

mod answers;
mod connections;
mod failures;
mod hooks;
mod properties;
mod requests;
mod secrets;
mod server;
mod tls;
