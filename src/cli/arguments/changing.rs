//! What several commands take that change something: which devices, how, and who takes the secret.

use std::str::FromStr;

use clap::Args;

use super::super::exit;
use crate::desk::query::SYNTAX;

/// The devices that a command is about.
#[derive(Debug, Args)]
pub struct Which {
    /// The devices: each by its FQDN, or its first label if only one device has that
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
a registration are done one after the other. The first Ctrl-C lets the devices under way finish, the second stops \
them after the step under way.", exit::OF_CHANGE))]
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
    /// Only print the plan; nothing is asked and nothing is changed
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Carry the plan out without asking; without --yes, umpdeck asks on a terminal, and a script only gets the plan
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
the command of --secret-command takes the secret on its standard input and has UMPDECK_DEVICE, UMPDECK_TENANT_ID, \
UMPDECK_CLIENT_ID, UMPDECK_REDIRECT_URI, UMPDECK_SECRET_ID and UMPDECK_SECRET_END in its environment. Its exit code 0 \
counts as your statement that the portal holds the values.", exit::OF_CHANGE))]
pub struct DeliveryOptions {
    /// What all changes have.
    #[command(flatten)]
    pub change: ChangeOptions,
    /// For portals that are filled in by hand: a command, its words separated by spaces, that takes the secret on its
    /// standard input
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
