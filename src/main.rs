//! The daemon and the operator's verbs.

use std::process::ExitCode;

/// A sweep allocates and frees all the time, on several threads. Without huge pages: they add half to what is resident.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Fails only where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    mozyd::cli::main().into()
}
