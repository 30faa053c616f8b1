//! One integration-test binary, so that the crate is linked once.

// The helpers of tests may do what tests may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod config;
