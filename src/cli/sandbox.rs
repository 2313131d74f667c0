//! `umpdeck sandbox`: the training ground alone, until a signal ends it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::{Exit, Stop};
use super::output;
use crate::desk::event::Trouble;
use crate::sandbox::{self, Faults, Sandbox};

/// Options of `sandbox`.
#[derive(Debug, Args)]
pub struct SandboxOptions {
    /// Address and port on this machine; port 0 = any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Serve https, with a certificate authority that is made at the start; `ca` in the first line names its PEM file
    #[arg(long)]
    pub tls: bool,
    /// What goes wrong, such as lag=2s,429=GET:applications*3 (--help names all)
    #[arg(
        long,
        value_name = "SPEC",
        default_value = "",
        hide_default_value = true,
        value_parser = Faults::parse,
        long_help = Faults::explained()
    )]
    pub fault: Faults,
    /// The seed for faults with a percentage: the same number gives the same faults
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub seed: u64,
    /// Append every exchange with Graph to this file, one JSON object a line (the secrets in it are the sandbox's own)
    #[arg(long, value_name = "FILE")]
    pub capture: Option<PathBuf>,
}

/// Starts it, says where it is, and waits.
pub(super) async fn run(options: &SandboxOptions) -> Result<Exit, Stop> {
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
    let sandbox = Sandbox::start(sandbox::SandboxOptions {
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
