//! One integration-test binary, so that the crate is linked once.
