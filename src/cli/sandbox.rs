//! `umpdeck sandbox`: the training ground alone, until a signal ends it.

use tokio::signal::unix::{SignalKind, signal};

use super::arguments;
use super::exit::{Exit, Stop};
use super::output;
use crate::desk::event::Trouble;
use crate::sandbox::{Sandbox, SandboxOptions};

/// Starts it, says where it is, and waits.
pub(super) async fn run(options: &arguments::SandboxOptions) -> Result<Exit, Stop> {
    // Before the first line: who reads it may send a signal at once.
    let failed = |why: std::io::Error| {
        Trouble::new(
            "the sandbox can't be started",
            why.to_string(),
            "Start it again.",
        )
    };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
    let sandbox = Sandbox::start(SandboxOptions {
        listen: options.listen,
        faults: options.fault.clone(),
        seed: options.seed,
        tls: options.tls,
        capture: options.capture.clone(),
    })
    .await?;
    output::print(&format!("{}\n", sandbox.first_line()))?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    sandbox.stop().await;
    Ok(Exit::Good)
}
