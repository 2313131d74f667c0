//! What the commands that read take: the fleet, a device, its portal and customers, the audit trail.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::audit::{Since, known_head};
use super::super::exit;
use super::{Which, waiting_time};
use crate::desk::audit::AuditHead;

/// Options of `metrics`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_METRICS)]
pub struct MetricsOptions {
    /// Write them to this file, the whole of it or nothing, for a textfile collector
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Only what the store remembers: nothing is read anew
    #[arg(long)]
    pub stored: bool,
}

/// Options of `customers`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} The customers are read by the documented UMP REST API where the settings name \
credentials for it, else they are those of the settings file.", exit::OF_CUSTOMERS))]
pub struct CustomersOptions {
    /// The device: its FQDN, or the first label of it where only one device has it
    pub device: String,
    /// As a table with tabs, for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    pub tsv: bool,
    /// Print the invitation's text for this customer instead
    #[arg(long, value_name = "SHORT-NAME", conflicts_with_all = ["json", "tsv"])]
    pub invitation: Option<String>,
    /// Only what the store remembers: nothing is read anew
    #[arg(long)]
    pub stored: bool,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
}

/// Options of `portal`.
#[derive(Debug, Args)]
pub struct PortalOptions {
    /// What to do.
    #[command(subcommand)]
    pub command: PortalCommand,
}

/// What to do with a portal.
#[derive(Debug, Subcommand)]
pub enum PortalCommand {
    /// Make the reading calls of a device's portal profile and show what was understood; nothing is written
    Try(TryOptions),
    /// Show both plans where the portal holds another client ID or redirect URI than Entra; carry out the one that you choose
    Decide(DecideOptions),
}

/// Options of `portal decide`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_DECIDE)]
pub struct DecideOptions {
    /// The device: its FQDN, or the first label of it where only one device has it
    pub device: String,
    /// Which one is right
    #[arg(long, value_name = "WHICH")]
    pub right: Option<Right>,
    /// Carry the plan out; without it, it is only printed
    #[arg(long, requires = "right")]
    pub yes: bool,
}

/// Which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Right {
    /// The portal is given what Entra has
    Entra,
    /// Entra follows the portal
    Portal,
}

/// Options of `portal try`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} AudioCodes publishes no call that reads or writes the portal's sync-application \
settings: only a site that has such an interface describes one in a profile.", exit::OF_TRY))]
pub struct TryOptions {
    /// The device: its FQDN, or the first label of it where only one device has it
    pub device: String,
    /// List too what each answer holds, for who writes a profile; what may be a secret is not shown
    #[arg(long)]
    pub answer: bool,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
}

/// Options of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_DOCTOR)]
pub struct DoctorOptions {
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
}

/// Options of `audit`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} Each row's hash covers the row before it, so an altered row shows. Whoever can \
write the store can write a whole new trail: only a head that is kept elsewhere (printed at the end of each run; \
[audit] syslog in the settings) shows that.", exit::OF_AUDIT))]
pub struct AuditOptions {
    /// Only this device: its FQDN, or the first label of it where only one device has it
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<String>,
    /// Only from this date on, or from so many days ago; without it, the newest 100 rows
    #[arg(long, value_name = "DATE|DAYS", value_parser = Since::parse)]
    pub since: Option<Since>,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Hold every row against its hash instead
    #[arg(long, conflicts_with_all = ["device", "since"])]
    pub verify: bool,
    /// And the trail against this head, which was kept elsewhere
    #[arg(long, value_name = "HEAD", requires = "verify", value_parser = known_head)]
    pub head: Option<AuditHead>,
}

/// Options of `status`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_STATUS)]
pub struct StatusOptions {
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Only this tenant: name, directory ID or primary domain
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Only what the store remembers: nothing is read anew
    #[arg(long)]
    pub stored: bool,
    /// Go on reading, and say line by line what changes, until it is stopped
    #[arg(long, conflicts_with = "stored")]
    pub watch: bool,
    /// How long to wait between two readings of --watch, such as 30s or 5m
    #[arg(long, value_name = "TIME", default_value = "5m", requires = "watch", value_parser = waiting_time)]
    pub every: std::time::Duration,
}

/// Options of `secrets`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_SECRETS)]
pub struct SecretsOptions {
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Only devices whose secret in use ends within so many days, or has ended
    #[arg(long, value_name = "DAYS")]
    pub due_in: Option<u32>,
    /// Only this tenant: name, directory ID or primary domain
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Only what the store remembers: nothing is read anew
    #[arg(long)]
    pub stored: bool,
}

/// Options of `check`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_STATUS)]
pub struct CheckOptions {
    /// The device: its FQDN, or the first label of it where only one device has it
    pub device: String,
    /// Read consent in the customers' own tenants too, where this identity may sign in
    #[arg(long)]
    pub customers: bool,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_VERIFY)]
pub struct VerifyOptions {
    /// The devices.
    #[command(flatten)]
    pub which: Which,
    /// Take the secret's value on standard input and ask Entra for a token with it; for one device
    #[arg(long, conflicts_with_all = ["all", "filter"])]
    pub secret_stdin: bool,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
}
