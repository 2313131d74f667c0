//! `umpdeck consent`: consent in the provider's own tenant.

use clap::Args;

use super::arguments::Doing;
use super::change::carry_through;
use super::choosing::find;
use super::exit::{self, Stop};
use super::reading::{Reading, now};
use super::{Global, Outcome};
use crate::desk::file::DeviceFile;
use crate::registration::plan::Intent;

/// Options of `consent`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} The documented procedure needs no consent in your own tenant: customers consent in \
theirs. What is consented to already stays.", exit::OF_CHANGE))]
pub struct ConsentOptions {
    /// The device: its FQDN, or its first label if only one device has that
    pub device: String,
    /// How.
    #[command(flatten)]
    pub doing: Doing,
}

/// Reads the device, plans, prints the plan, and carries it out when that was asked for.
pub(super) async fn run(global: &Global, options: &ConsentOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let fqdn = find(&reading.desk.fleet(now())?, &options.device)?;
    let desk = reading.desk.clone();
    let consents = |_: &DeviceFile, _| Ok(Intent::Consent);
    let plan = reading.attended(desk.plan_fresh(&fqdn, consents)).await?;
    carry_through(&mut reading, plan, &options.doing).await
}
