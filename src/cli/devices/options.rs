//! The command line of `umpdeck devices`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::exit;
use crate::inventory::{Entry, Field};

/// Options of `devices`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DevicesOptions {
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What to do; `None` = list them.
    #[command(subcommand)]
    pub command: Option<DevicesCommand>,
}

/// What to do with the devices of the settings file.
#[derive(Debug, Subcommand)]
pub enum DevicesCommand {
    /// Add a device
    Add(EntryOptions),
    /// Change what the settings file says of a device
    Edit(EntryOptions),
    /// Remove devices from the settings file; their registrations, runs and audit rows stay
    Remove(RemoveOptions),
    /// Add and change devices from a CSV or TOML file; devices that are not in the file stay as they are
    Import(ImportOptions),
    /// Print the devices as CSV or TOML, as `import` reads them
    Export {
        /// The format
        #[arg(long, value_name = "FORMAT", default_value = "csv")]
        format: Format,
    },
}

/// Options of `devices add` and `devices edit`.
#[derive(Debug, Args)]
#[command(after_help = format!("An empty text removes a setting from the file, so that its default holds. {}", exit::OF_INVENTORY))]
pub struct EntryOptions {
    /// The device's FQDN
    #[arg(value_name = "FQDN")]
    pub fqdn: String,
    /// Its tenant, by name or ID; needed only if there are several
    #[arg(long, value_name = "NAME|ID")]
    pub tenant: Option<String>,
    /// Its blueprint; by default the first one
    #[arg(long, value_name = "NAME")]
    pub blueprint: Option<String>,
    /// Its portal profile; by default handoff
    #[arg(long, value_name = "NAME")]
    pub portal_profile: Option<String>,
    /// The multitenant portal's URL; by default https://<FQDN>/tenantui
    #[arg(long, value_name = "URL")]
    pub portal_url: Option<String>,
    /// A redirect URI that differs from the blueprint's
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Option<String>,
    /// The object ID of its registration, if several applications may be it
    #[arg(long, value_name = "ID")]
    pub object_id: Option<String>,
    /// A Partner One (MPN) ID that differs from the tenant's
    #[arg(long, value_name = "ID")]
    pub mpn_id: Option<String>,
    /// Free text
    #[arg(long)]
    pub notes: Option<String>,
    /// Write it without asking; without --yes, umpdeck asks on a terminal, and a script only gets what would change
    #[arg(long)]
    pub yes: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

impl EntryOptions {
    /// Writes what is given into a device.
    pub fn write_into(&self, entry: &mut Entry) {
        for (field, text) in [
            (Field::Tenant, &self.tenant),
            (Field::Blueprint, &self.blueprint),
            (Field::PortalProfile, &self.portal_profile),
            (Field::PortalUrl, &self.portal_url),
            (Field::RedirectUri, &self.redirect_uri),
            (Field::ObjectId, &self.object_id),
            (Field::MpnId, &self.mpn_id),
            (Field::Notes, &self.notes),
        ] {
            if let Some(text) = text {
                entry.set(field, text);
            }
        }
    }
}

/// Options of `devices remove`.
#[derive(Debug, Args)]
pub struct RemoveOptions {
    /// The devices' FQDNs
    #[arg(value_name = "FQDN", required = true)]
    pub devices: Vec<String>,
    /// Write it without asking; without --yes, umpdeck asks on a terminal, and a script only gets what would change
    #[arg(long)]
    pub yes: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// Options of `devices import`.
#[derive(Debug, Args)]
#[command(
    after_help = "CSV: the first line has the column heads (`umpdeck devices export` shows them all); only fqdn is needed. A setting whose \
column is missing stays as it is; an empty cell removes the setting. A device with several customers has one line \
for each customer, with the same FQDN. TOML: the [[devices]] blocks of the settings file; a block is the whole device.\n\
Exit codes: 0 written, or nothing to change; 1 only shown; 3 the file has bad lines, and nothing was written."
)]
pub struct ImportOptions {
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The format; by default that of the file's name or content
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Import the good lines and leave out the bad ones
    #[arg(long)]
    pub skip_bad: bool,
    /// Write it without asking; without --yes, umpdeck asks on a terminal, and a script only gets what would change
    #[arg(long)]
    pub yes: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// A file's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values, for spreadsheets
    Csv,
    /// The blocks of the settings file
    Toml,
}
