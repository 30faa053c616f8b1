//! One integration-test binary, so that the crate is linked once.

// All of this is tests, also what is shared between them: a failure says so by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod again;
mod canary;
mod clock;
mod config;
mod deploy;
mod guide;
mod house;
mod lab;
mod many;
mod operator;
mod operators;
mod postgres;
mod programs;
mod store;
mod support;
