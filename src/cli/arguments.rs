//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

use super::audit::{Since, known_head};
use super::devices::DevicesOptions;
use super::exit;
use crate::desk::audit::AuditHead;
use crate::sandbox::Faults;
use crate::settings::{DEFAULT_GRAPH, DEFAULT_LOGIN, LogLevel};

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
    /// Colours of the console: auto, default, high-contrast, light, no-colour
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// How much goes to the log: off, error, warn, info, debug, trace
    #[arg(long, global = true, value_name = "LEVEL", value_parser = log_level)]
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
    /// Add a new secret, put it in the portal, prove it, then remove the one that was in use
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
#[command(
    after_help = "Exit codes: 0 nobody has to do anything, 1 a customer has not consented, or not to everything; 3 they could \
not be read. The customers are read by the documented UMP REST API where the settings name credentials for it, else they \
are those of the settings file."
)]
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
#[command(
    after_help = "Exit codes: 0 done, or nothing to decide; 1 only shown; 3 something failed."
)]
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

/// Options of `man`.
#[derive(Debug, Args)]
pub struct ManOptions {
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
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

fn log_level(text: &str) -> Result<LogLevel, String> {
    let all = [
        LogLevel::Off,
        LogLevel::Error,
        LogLevel::Warn,
        LogLevel::Info,
        LogLevel::Debug,
        LogLevel::Trace,
    ];
    all.into_iter()
        .find(|level| level.word() == text)
        .ok_or_else(|| "it is one of off, error, warn, info, debug, trace".to_string())
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
        for word in ["off", "error", "warn", "info", "debug", "trace"] {
            assert_eq!(log_level(word).map(LogLevel::word), Ok(word));
        }
        assert!(log_level("loud").is_err());
    }
}
