//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

mod changing;
mod reading;
mod tenants;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use super::devices::DevicesOptions;
use super::exit;
use crate::console::theme::Theme;
use crate::sandbox::Faults;
use crate::settings::LogLevel;

pub use changing::{
    AdoptOptions, ApplyOptions, ChangeOptions, CommandWords, ConsentOptions, DeliveryOptions,
    Doing, PlanOptions, Purpose, ResumeOptions, RetireOptions, RunOptions, RunsCommand,
    RunsOptions, Which,
};
pub use reading::{
    AuditOptions, CheckOptions, CustomersOptions, DecideOptions, DoctorOptions, MetricsOptions,
    PortalCommand, PortalOptions, Right, SecretsOptions, StatusOptions, TryOptions, VerifyOptions,
};
pub use tenants::{
    AddOptions, EditOptions, SigninOptions, TenantsCommand, TenantsOptions, WayOptions,
};

/// A console for the Microsoft Entra registrations of AudioCodes UMP-365 devices; without a command, full screen.
#[derive(Debug, Parser)]
#[command(name = "umpdeck", version = env!("UMPDECK_VERSION"), disable_help_subcommand = true)]
#[command(
    after_help = format!("{}\nTo look around without any tenant: umpdeck --sandbox", exit::codes_text())
)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command; `None` = the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Folder of the store and the log
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Settings file
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Work on a training ground inside this program, which begins anew each time
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// Work on a training ground that `umpdeck sandbox` runs elsewhere on this machine
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint: Option<String>,
    /// Certificate authority of that training ground, where it serves https: the file that its first line names
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "UMPDECK_ENDPOINT_CA",
        hide_env_values = true
    )]
    pub endpoint_ca: Option<PathBuf>,
    /// Only look: nothing is changed anywhere
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Draw with ASCII alone
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Colours of the console.
    #[arg(long, global = true, value_name = "NAME", help = format!("Colours of the console: {}", Theme::names_words()))]
    pub theme: Option<String>,
    /// How much goes to the log
    #[arg(long, global = true, value_name = "LEVEL", value_parser = log_level())]
    pub log_level: Option<LogLevel>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the devices and list them, worst first
    Status(StatusOptions),
    /// Read one device and hold it against the documented procedure, line by line
    Check(CheckOptions),
    /// Make the registration of a device that has none, and put it in the portal
    Create(DeliveryOptions),
    /// Change what differs from the blueprint in Entra, nothing else
    Repair(ChangeOptions),
    /// Take an application that is there already, made by hand or deleted, for a device's registration
    Adopt(AdoptOptions),
    /// Consent in your own tenant, for everybody in it, to what the blueprint wants
    Consent(ConsentOptions),
    /// Put the settings in the portal
    Push(DeliveryOptions),
    /// Add a new secret, put it in the portal and prove it; the earlier one goes when no portal can need it
    Rotate(DeliveryOptions),
    /// Print what would be done and by which requests; with --json, a plan that `apply` takes
    Plan(PlanOptions),
    /// Carry out a plan that `plan --json` printed; refused when it would not be planned so any more
    Apply(ApplyOptions),
    /// Hold what the portal and Entra have against each other, and prove a secret by a token request
    Verify(VerifyOptions),
    /// List the client secrets of all devices: the one in use and until when, and what else is on the registrations
    Secrets(SecretsOptions),
    /// List the runs of this machine; take up or give up those that died under way
    Runs(RunsOptions),
    /// Sign in to the tenants and tell what that identity may do there
    Signin(SigninOptions),
    /// List the devices of the settings file; add, edit or remove some, import or export them
    Devices(DevicesOptions),
    /// List the tenants; add, edit or remove one
    Tenants(TenantsOptions),
    /// Run the training ground alone, for scripts and other clients; its first line is JSON
    Sandbox(SandboxOptions),
    /// Print a commented settings file
    Settings(SettingsOptions),
    /// Print the console's keys
    Keys(KeysOptions),
    /// List the customers behind a device
    Customers(CustomersOptions),
    /// Try the portal profile of a device, or decide what to do where portal and Entra contradict each other
    Portal(PortalOptions),
    /// Examine the terminal, the settings, the store, the tenants and the portals; each line says what mends it
    Doctor(DoctorOptions),
    /// Write the fleet in the text format of Prometheus
    Metrics(MetricsOptions),
    /// List the changes that were made from this machine, by whom; or verify that none of the list was altered
    Audit(AuditOptions),
    /// Print the JSON Schema of everything that is printed with --json
    Schema,
    /// Print what completes the command line in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man(ManOptions),
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct ManOptions {
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Options of `keys`.
#[derive(Debug, Args)]
pub struct KeysOptions {
    /// As Markdown
    #[arg(long)]
    pub markdown: bool,
    /// JSON for scripts
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
}

/// Options of `sandbox`.
#[derive(Debug, Args)]
pub struct SandboxOptions {
    /// Address and port on this machine; port 0 = any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Serve https, with a certificate authority made at the start; the first line's `ca` names its PEM file
    #[arg(long)]
    pub tls: bool,
    /// What is to go wrong, such as lag=2s,429=GET:applications*3 (--help names all)
    #[arg(
        long,
        value_name = "SPEC",
        default_value = "",
        hide_default_value = true,
        value_parser = Faults::parse,
        long_help = Faults::explained()
    )]
    pub fault: Faults,
    /// What faults with a share are drawn from: the same number, the same lots
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub seed: u64,
    /// Append every exchange with Graph to this file, one JSON object a line (the secrets in it are the sandbox's own)
    #[arg(long, value_name = "FILE")]
    pub capture: Option<PathBuf>,
}

/// Options of `settings`.
#[derive(Debug, Args)]
pub struct SettingsOptions {
    /// Write it to its usual place (or to --settings), never over a file that is there
    #[arg(long)]
    pub write: bool,
    /// Print the place of the settings file instead
    #[arg(long, conflicts_with = "write")]
    pub path: bool,
    /// JSON for scripts: the place, and what holds now
    #[arg(long, conflicts_with_all = ["write", "path"])]
    pub json: bool,
}

fn waiting_time(text: &str) -> Result<std::time::Duration, String> {
    let time = text.parse::<jiff::SignedDuration>();
    time.ok()
        .and_then(|time| std::time::Duration::try_from(time).ok())
        .filter(|time| time.as_secs() >= 1)
        .ok_or_else(|| "it is a time of at least one second, such as 30s or 5m".to_string())
}

/// The log levels by their words, which help and completions list.
fn log_level() -> impl TypedValueParser<Value = LogLevel> {
    let words = PossibleValuesParser::new(LogLevel::ALL.map(LogLevel::word));
    words.try_map(|word| {
        let mut all = LogLevel::ALL.into_iter();
        all.find(|level| level.word() == word)
            .ok_or("it is no log level")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn global_options_may_stand_on_either_side_of_a_command() {
        for line in [
            ["umpdeck", "--sandbox", "status"],
            ["umpdeck", "status", "--sandbox"],
        ] {
            assert!(Arguments::try_parse_from(line).unwrap().global.sandbox);
        }
    }

    #[test]
    fn every_log_level_has_its_word() {
        let taken = |word| Arguments::try_parse_from(["umpdeck", "--log-level", word]);
        for level in LogLevel::ALL {
            assert_eq!(taken(level.word()).unwrap().global.log_level, Some(level));
        }
        let refused = taken("loud").unwrap_err().to_string();
        assert!(
            refused.contains("off, error, warn, info, debug, trace"),
            "{refused}"
        );
    }
}
