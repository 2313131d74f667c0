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

/// A console for the Microsoft Entra registrations of AudioCodes UMP-365 devices; without a command it opens full screen.
#[derive(Debug, Parser)]
#[command(name = "umpdeck", version = env!("UMPDECK_VERSION"), disable_help_subcommand = true)]
#[command(
    after_help = format!("{}\nTo try umpdeck without any tenant: umpdeck --sandbox", exit::codes_text())
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
    /// The folder of the store and the log
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The settings file
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Work on a sandbox inside this program: practice tenants and devices, new at each start
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// Work on the sandbox that `umpdeck sandbox` runs on this machine, at the url that it printed
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint: Option<String>,
    /// PEM file with the certificate authority of that sandbox, if it serves https: its first line names the file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "UMPDECK_ENDPOINT_CA",
        hide_env_values = true
    )]
    pub endpoint_ca: Option<PathBuf>,
    /// Read-only: nothing is changed in Entra, in a portal or in the settings file
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Colours of the console.
    #[arg(long, global = true, value_name = "NAME", help = format!("Colours of the console: {}", Theme::names_words()))]
    pub theme: Option<String>,
    /// How much is written to the log
    #[arg(long, global = true, value_name = "LEVEL", value_parser = log_level())]
    pub log_level: Option<LogLevel>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the devices and list them, worst first
    Status(StatusOptions),
    /// Read one device and compare it with the documented procedure, line by line
    Check(CheckOptions),
    /// Create the registration of a device that has none, and push its settings to the portal
    Create(DeliveryOptions),
    /// Change in Entra only what differs from the blueprint
    Repair(ChangeOptions),
    /// Make an application that exists already, or was deleted, the registration of a device
    Adopt(AdoptOptions),
    /// Consent in your own tenant, for all its users, to the permissions of the blueprint
    Consent(ConsentOptions),
    /// Push client ID, secret and redirect URI to the portal
    Push(DeliveryOptions),
    /// Add a new secret, push it to the portal and prove it; the earlier one is removed, or recorded as due for removal
    Rotate(DeliveryOptions),
    /// Print what would be done, with every request; with --json, a plan for `umpdeck apply`
    Plan(PlanOptions),
    /// Carry out a plan that `umpdeck plan --json` printed, if a new plan would still do the same
    Apply(ApplyOptions),
    /// Print the values of a device for copying, all or one; never the value of a secret
    Values(ValuesOptions),
    /// Compare what the portal and Entra have, and prove a secret by a token request
    Verify(VerifyOptions),
    /// List the client secrets of all devices: the one in use with its end, and the others on the registration
    Secrets(SecretsOptions),
    /// List the runs of this machine; resume or abandon those that were interrupted
    Runs(RunsOptions),
    /// Sign in to the tenants and show what the signed-in identity may do there
    Signin(SigninOptions),
    /// List the devices of the settings file; add, edit, remove, import or export devices
    Devices(DevicesOptions),
    /// List the tenants of the settings file; add, edit or remove a tenant
    Tenants(TenantsOptions),
    /// Run the sandbox by itself, for scripts and other clients; its first line is JSON
    Sandbox(SandboxOptions),
    /// Print a settings file with comments, or write it
    Settings(SettingsOptions),
    /// Print the console's keys
    Keys(KeysOptions),
    /// List the customers of a device and their consent
    Customers(CustomersOptions),
    /// Try the portal profile of a device, or decide which is right where portal and Entra differ
    Portal(PortalOptions),
    /// Examine the terminal, the settings, the store, the tenants and the portals; each line says what to do
    Doctor(DoctorOptions),
    /// Print the devices' metrics in the text format of Prometheus, or write them to a file
    Metrics(MetricsOptions),
    /// List the changes that were made from this machine, and by whom; or verify that the list was not altered
    Audit(AuditOptions),
    /// Print the JSON Schema of all that --json prints
    Schema,
    /// Print the completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write the pages of all commands
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
