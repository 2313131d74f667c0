//! What the commands about tenants and their sign-in take.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::super::exit;
use crate::settings::{DEFAULT_GRAPH, DEFAULT_LOGIN};

/// Options of `signin`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} What an identity may do follows from its token alone and is advisory.", exit::OF_SIGNIN))]
pub struct SigninOptions {
    /// Only this tenant: name, directory ID or primary domain
    #[arg(value_name = "TENANT")]
    pub tenant: Option<String>,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
}

/// Options of `tenants`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TenantsOptions {
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// What to do; `None` = list them.
    #[command(subcommand)]
    pub command: Option<TenantsCommand>,
}

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub enum TenantsCommand {
    /// Sign in to a tenant for the first time and write it into the settings file; asks for what is not given
    Add(Box<AddOptions>),
    /// Change what the settings file says of a tenant
    Edit(Box<EditOptions>),
    /// Take a tenant without devices out of the settings file
    Remove {
        /// The tenant: name, directory ID or primary domain
        #[arg(value_name = "TENANT")]
        tenant: String,
        /// JSON for scripts
        #[arg(long)]
        json: bool,
        /// Write it without asking; without it, a terminal is asked, and scripts only see what would change
        #[arg(long)]
        yes: bool,
    },
}

/// How to sign in to a tenant.
#[derive(Debug, Args)]
pub struct WayOptions {
    /// The client ID that signs in; Microsoft Graph Command Line Tools unless given
    #[arg(long, value_name = "ID")]
    pub client_id: Option<Uuid>,
    /// Sign in as an application: a PEM file with certificate and key
    #[arg(long, value_name = "FILE", requires = "client_id", group = "way")]
    pub certificate: Option<PathBuf>,
    /// Sign in as an application: the environment variable with its secret
    #[arg(long, value_name = "NAME", requires = "client_id", group = "way")]
    pub secret_env: Option<String>,
    /// Sign in as an application: the file with its secret
    #[arg(long, value_name = "FILE", requires = "client_id", group = "way")]
    pub secret_file: Option<PathBuf>,
    /// Sign in as an application: a command that prints its secret, its words parted by spaces
    #[arg(long, value_name = "WORDS", requires = "client_id", group = "way")]
    pub secret_command: Option<String>,
    /// Sign in with the token that a command prints, its words parted by spaces
    #[arg(
        long,
        value_name = "WORDS",
        conflicts_with = "client_id",
        group = "way"
    )]
    pub command: Option<String>,
}

/// Options of `tenants edit`.
#[derive(Debug, Args)]
#[command(after_help = format!("An empty text takes a setting out of the file. {}", exit::OF_INVENTORY))]
pub struct EditOptions {
    /// The tenant: name, directory ID or primary domain
    #[arg(value_name = "TENANT")]
    pub tenant: String,
    /// What to call it
    #[arg(long)]
    pub name: Option<String>,
    /// Its primary domain
    #[arg(long)]
    pub domain: Option<String>,
    /// The Partner One (MPN) ID of its registrations
    #[arg(long, value_name = "ID")]
    pub mpn_id: Option<String>,
    /// The proxy to it
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How to sign in.
    #[command(flatten)]
    pub way: WayOptions,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Write it without asking; without it, a terminal is asked, and scripts only see what would change
    #[arg(long)]
    pub yes: bool,
}

/// Options of `tenants add`.
#[derive(Debug, Args)]
pub struct AddOptions {
    /// The tenant: directory ID or any of its domains
    #[arg(long, value_name = "ID|DOMAIN")]
    pub tenant: Option<String>,
    /// What to call it; its own name unless given
    #[arg(long)]
    pub name: Option<String>,
    /// Its primary domain; what it says itself unless given
    #[arg(long)]
    pub domain: Option<String>,
    /// How to sign in.
    #[command(flatten)]
    pub way: WayOptions,
    /// The sign-in host of its cloud
    #[arg(long, value_name = "URL", default_value = DEFAULT_LOGIN)]
    pub login: String,
    /// The Graph host of its cloud
    #[arg(long, value_name = "URL", default_value = DEFAULT_GRAPH)]
    pub graph: String,
    /// The proxy to it
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// JSON for scripts
    #[arg(long)]
    pub json: bool,
    /// Ask nothing: what is not given is what a question would propose
    #[arg(long)]
    pub yes: bool,
}
