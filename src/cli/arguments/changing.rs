//! What several commands take that change something: which devices, how, and who takes the secret.

use std::str::FromStr;

use clap::Args;

use super::super::exit;
use crate::desk::query::SYNTAX;

/// The devices that a command is about.
#[derive(Debug, Args)]
pub struct Which {
    /// The devices: each by its FQDN, or the first label of it where only one device has it
    #[arg(value_name = "DEVICE", required_unless_present_any = ["all", "filter"])]
    pub devices: Vec<String>,
    /// Every device
    #[arg(long, conflicts_with_all = ["devices", "filter"])]
    pub all: bool,
    /// The devices that fit.
    #[arg(long, value_name = "QUERY", conflicts_with = "devices", help = format!("The devices that fit this filter, as in the console: {SYNTAX}"))]
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
    #[arg(long, value_name = "WORDS")]
    pub secret_command: Option<CommandWords>,
}

/// A command, program first, without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandWords(pub Vec<String>);

impl FromStr for CommandWords {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<CommandWords, &'static str> {
        let words: Vec<String> = text.split_whitespace().map(String::from).collect();
        match words.is_empty() {
            true => Err("it names no program"),
            false => Ok(CommandWords(words)),
        }
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
