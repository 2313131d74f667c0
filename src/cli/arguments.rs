//! The command line.

use std::path::PathBuf;

mod changing;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use super::adopt::AdoptOptions;
use super::apply::ApplyOptions;
use super::audit::AuditOptions;
use super::check::CheckOptions;
use super::consent::ConsentOptions;
use super::customers::CustomersOptions;
use super::devices::DevicesOptions;
use super::doctor::DoctorOptions;
use super::exit;
use super::keys::KeysOptions;
use super::metrics::MetricsOptions;
use super::plan::PlanOptions;
use super::portal::PortalOptions;
use super::runs::RunsOptions;
use super::sandbox::SandboxOptions;
use super::secrets::SecretsOptions;
use super::settings::SettingsOptions;
use super::shell::ManOptions;
use super::signin::SigninOptions;
use super::status::StatusOptions;
use super::tenants::TenantsOptions;
use super::values::ValuesOptions;
use super::verify::VerifyOptions;
use crate::console::theme::Theme;
use crate::settings::LogLevel;

pub use changing::{ChangeOptions, CommandWords, DeliveryOptions, Doing, Which};

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
    /// Print the values of a device that are copied elsewhere, all of them or one alone, never a secret's
    Values(ValuesOptions),
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
