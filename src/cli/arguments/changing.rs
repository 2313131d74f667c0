//! What the commands that change something take, and those about the runs that do it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::super::exit;

/// The devices that a command is about.
#[derive(Debug, Args)]
pub struct Which {
    /// The devices: each by its FQDN, or the first label of it where only one device has it
    #[arg(value_name = "DEVICE", required_unless_present_any = ["all", "filter"])]
    pub devices: Vec<String>,
    /// Every device
    #[arg(long, conflicts_with_all = ["devices", "filter"])]
    pub all: bool,
    /// The devices that fit this filter, as in the console: words, !word, status:drift, tenant:name, customer:name, secret<30
    #[arg(long, value_name = "QUERY", conflicts_with = "devices")]
    pub filter: Option<String>,
}

/// Options of the commands that change something.
#[derive(Debug, Args)]
#[command(after_help = format!("{} For several devices, or with --json, there is one combined plan; devices that share \
a registration go one after the other. The first Ctrl-C lets the devices under way come to their end, the second stops \
them after the request in flight.", exit::OF_CHANGE))]
pub struct ChangeOptions {
    /// The devices.
    #[command(flatten)]
    pub which: Which,
    /// How.
    #[command(flatten)]
    pub doing: Doing,
}

/// Whether a plan is carried out, and how it is told.
#[derive(Debug, Args)]
pub struct Doing {
    /// Only print the plan; nothing is asked and nothing is done
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Carry the plan out without asking; without it, a terminal is asked, and scripts only get the plan
    #[arg(long)]
    pub yes: bool,
}

impl Doing {
    /// What a command says that has no `--dry-run`.
    pub fn of(yes: bool, json: bool) -> Doing {
        Doing {
            yes,
            dry_run: false,
            json,
        }
    }
}

/// Options of the commands that bring a secret to a portal.
#[derive(Debug, Args)]
#[command(after_help = format!("{} A secret is never printed. Where the portal's page is filled in by hand, \
--secret-command takes the secret on its standard input and finds UMPDECK_DEVICE, UMPDECK_TENANT_ID, UMPDECK_CLIENT_ID, \
UMPDECK_REDIRECT_URI, UMPDECK_SECRET_ID and UMPDECK_SECRET_END in its environment; when it ends with 0, you state by \
that that the portal holds the values.", exit::OF_CHANGE))]
pub struct DeliveryOptions {
    /// What all changes have.
    #[command(flatten)]
    pub change: ChangeOptions,
    /// For portals that are filled in by hand: a command that takes the secret on its standard input, its words parted
    /// by spaces
    #[arg(long, value_name = "WORDS", value_parser = command_words)]
    pub secret_command: Option<CommandWords>,
}

/// A command, program first, without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandWords(pub Vec<String>);

fn command_words(text: &str) -> Result<CommandWords, String> {
    let words: Vec<String> = text.split_whitespace().map(String::from).collect();
    match words.is_empty() {
        true => Err("it names no program".to_string()),
        false => Ok(CommandWords(words)),
    }
}

impl ChangeOptions {
    /// The one device that is meant, when neither many nor a document are.
    pub fn only(&self) -> Option<&str> {
        match self.which.devices.as_slice() {
            [only] if !self.doing.json => Some(only),
            _ => None,
        }
    }
}

/// What to plan for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Purpose {
    /// Make the registrations that are missing
    Create,
    /// Change what differs from the blueprint in Entra
    Repair,
    /// Put the settings in the portals
    Push,
    /// Renew the secrets
    Rotate,
    /// Remove the earlier secrets that are due to go
    Retire,
}

/// Options of `plan`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_PLAN)]
pub struct PlanOptions {
    /// What to plan for
    pub purpose: Purpose,
    /// The devices.
    #[command(flatten)]
    pub which: Which,
    /// JSON for scripts, and for `umpdeck apply`
    #[arg(long)]
    pub json: bool,
}

/// Options of `apply`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} Nothing in the document is carried out as it stands: the devices are read and planned \
anew, and unless each plan does what the document's does, nothing is done at all.", exit::OF_CHANGE))]
pub struct ApplyOptions {
    /// What `umpdeck plan --json` printed; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How.
    #[command(flatten)]
    pub doing: Doing,
    /// For portals that are filled in by hand: a command that takes the secret on its standard input, its words parted
    /// by spaces
    #[arg(long, value_name = "WORDS", value_parser = command_words)]
    pub secret_command: Option<CommandWords>,
}

/// Options of `adopt`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} It gets the device's unique name when it has none, and is remembered on this machine; \
one in the tenant's bin is restored first. What differs of it from the blueprint is then a repair's business.", exit::OF_CHANGE))]
pub struct AdoptOptions {
    /// The device: its FQDN, or the first label of it where only one device has it
    pub device: String,
    /// The application's object ID, where several were found, or none; without it, the only one that was found
    #[arg(long, value_name = "ID")]
    pub object_id: Option<Uuid>,
    /// How.
    #[command(flatten)]
    pub doing: Doing,
}

/// Options of `consent`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} The documented procedure needs no consent in your own tenant: customers consent in \
theirs. What is consented to already stays.", exit::OF_CHANGE))]
pub struct ConsentOptions {
    /// The device: its FQDN, or the first label of it where only one device has it
    pub device: String,
    /// How.
    #[command(flatten)]
    pub doing: Doing,
}

/// Options of `runs`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RunsOptions {
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Only the earlier secrets that were put down to be removed, with their dates
    #[arg(long)]
    pub due: bool,
    /// What to do; `None` = list.
    #[command(subcommand)]
    pub command: Option<RunsCommand>,
}

/// What to do with a run that died.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// Do what the run was for, on what is found now, and remove what it left behind
    Resume(ResumeOptions),
    /// Close the run, and remove its secrets unless the portal may be using them
    Abandon(RunOptions),
    /// Remove earlier secrets that are due to go, once no portal may be using them
    Retire(RetireOptions),
}

/// Options of `runs retire`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_RETIRE)]
pub struct RetireOptions {
    /// The devices whose secret is due to go: each by its FQDN, or the first label of it where only one device has it
    #[arg(value_name = "DEVICE", required_unless_present = "due")]
    pub devices: Vec<String>,
    /// Every device that has one
    #[arg(long, conflicts_with = "devices")]
    pub due: bool,
    /// This secret of the device, by its key ID, put down to go or not: whoever still uses it can't sign in afterwards
    #[arg(long, value_name = "KEY-ID", conflicts_with = "due")]
    pub secret: Option<Uuid>,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Do it without asking; without it, a terminal is asked, and scripts only get what would be done
    #[arg(long)]
    pub yes: bool,
}

/// Which run.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// The run's six characters, or its whole ID
    pub run: String,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Do it without asking; without it, a terminal is asked, and scripts only get what would be done
    #[arg(long)]
    pub yes: bool,
}

/// Which run to take up, and how.
#[derive(Debug, Args)]
pub struct ResumeOptions {
    /// Which.
    #[command(flatten)]
    pub which: RunOptions,
    /// For portals that are filled in by hand: a command that takes the secret on its standard input, its words parted
    /// by spaces
    #[arg(long, value_name = "WORDS", value_parser = command_words)]
    pub secret_command: Option<CommandWords>,
}
