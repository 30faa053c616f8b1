//! The daemon and the operator's verbs.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Fails only where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    mozyd::cli::main().into()
}
