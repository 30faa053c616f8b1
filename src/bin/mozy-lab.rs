//! The lab: a Mozy, an OSA, a PostgreSQL and a mozyd on one machine.

use std::cell::Cell;
use std::process::ExitCode;

use clap::Parser;
use mozyd::lab::show::{self, Arguments};
use tokio::signal::unix::{SignalKind, signal};

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    // Fails only where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let printed = error.print();
            return ExitCode::from(u8::from(error.use_stderr() || printed.is_err()));
        }
    };
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(play(&arguments)),
        Err(error) => failed(&error.into()),
    }
}

/// Plays until it is over or somebody has seen enough; either way everything that was started ends with it.
async fn play(arguments: &Arguments) -> ExitCode {
    let good = Cell::new(None);
    tokio::select! {
        played = show::run(arguments, &good) => match played {
            Ok(()) => verdict(good.get()),
            Err(error) => failed(&error),
        },
        ended = interrupt() => match ended {
            Ok(()) => verdict(good.get()),
            Err(error) => failed(&error.into()),
        },
    }
}

async fn interrupt() -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminated.recv() => Ok(()),
    }
}

fn verdict(good: Option<bool>) -> ExitCode {
    good.map_or(ExitCode::from(INTERRUPTED), |good| ExitCode::from(u8::from(!good)))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
