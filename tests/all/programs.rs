//! The programs of ours are found by those that start them.

use std::path::Path;

use mozyd::lab::proc;

#[test]
fn mozyd_lies_beside_us() {
    assert_eq!(proc::beside_us("mozyd").unwrap(), Path::new(env!("CARGO_BIN_EXE_mozyd")));
}
