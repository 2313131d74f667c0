//! The settings file: tenants, devices, sign-in, refresh, screen; every default stands in this folder.
//! It is read at the top (`main`, the faces) and handed down as plain values; nothing below may know it.

mod editing;
mod entries;
mod error;
mod file;
mod fleet;
mod new_tenant;
mod pieces;
mod secret_source;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::Deserialize;

use crate::private;

pub use editing::{TenantEdit, with_devices, with_tenant_edited, without_tenant};
pub use entries::{
    CustomerEntry, DEFAULT_CLIENT_ID, DEFAULT_GRAPH, DEFAULT_LOGIN, DEFAULT_SCOPES, DeviceEntry,
    PortalApi, PortalApplication, PortalUser, SignIn, TenantEntry,
};
pub use error::SettingsError;
pub use file::SettingsFile;
pub use new_tenant::NewTenant;
pub use secret_source::SecretSource;

use crate::registration::bulk::Bounds;

/// The settings, with every default filled in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The provider's tenants.
    pub tenants: Vec<TenantEntry>,
    /// The devices.
    pub devices: Vec<DeviceEntry>,
    /// Minutes between two refreshes of the whole fleet, 1 to 1440.
    pub refresh_minutes: u32,
    /// From how many days before its end a secret counts as expiring, 1 to 365.
    pub secret_expiring_days: u32,
    /// Client secrets.
    pub secrets: Secrets,
    /// Work on many devices.
    pub bulk: Bulk,
    /// The screen.
    pub screen: Screen,
    /// Keys of the site's own.
    pub keys: Keys,
    /// The clipboard.
    pub clipboard: Clipboard,
    /// The audit trail.
    pub audit: Audit,
    /// A folder with blueprints of the site's own, beside the compiled-in ones.
    pub blueprints_dir: Option<PathBuf>,
    /// A folder with portal profiles of the site's own, beside the compiled-in ones.
    pub portals_dir: Option<PathBuf>,
    /// A file with the invitation's text in place of the built-in one.
    pub invitation: Option<PathBuf>,
    /// What goes to the log.
    pub log_level: LogLevel,
    /// Where these settings come from, for messages.
    #[serde(skip)]
    file: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            tenants: Vec::new(),
            devices: Vec::new(),
            refresh_minutes: 15,
            secret_expiring_days: 60,
            secrets: Secrets::default(),
            bulk: Bulk::default(),
            screen: Screen::default(),
            keys: Keys::default(),
            clipboard: Clipboard::default(),
            audit: Audit::default(),
            blueprints_dir: None,
            portals_dir: None,
            invitation: None,
            log_level: LogLevel::default(),
            file: PathBuf::new(),
        }
    }
}

/// What is done with client secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// Whether a secret's value may leave the console for a person: through the clipboard, or onto the screen.
    pub copy: CopySecrets,
    /// Days after which an earlier secret is due to go, once its replacement was written to the portal, read back and
    /// proven; 0 to 90, 0 = at once.
    pub retire_after_push_days: u32,
    /// The same after a handoff.
    pub retire_after_handoff_days: u32,
}

impl Default for Secrets {
    fn default() -> Self {
        Secrets {
            copy: CopySecrets::default(),
            retire_after_push_days: 0,
            retire_after_handoff_days: 7,
        }
    }
}

/// Whether a secret's value may leave the console for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CopySecrets {
    /// Once the operator has agreed, once a session.
    #[default]
    Ask,
    /// Never: secrets only go to portals that have an interface.
    Never,
}

impl CopySecrets {
    /// The word in the settings file.
    pub fn word(self) -> &'static str {
        match self {
            CopySecrets::Ask => "ask",
            CopySecrets::Never => "never",
        }
    }
}

/// How many devices are worked on at the same time when something is done with many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bulk {
    /// In all, 1 to 32.
    pub at_once: usize,
    /// In one tenant, 1 to 32.
    pub at_once_per_tenant: usize,
}

impl Default for Bulk {
    fn default() -> Self {
        Bulk {
            at_once: 4,
            at_once_per_tenant: 4,
        }
    }
}

impl Bulk {
    /// As the work takes them.
    pub fn bounds(self) -> Bounds {
        Bounds {
            at_once: self.at_once,
            per_tenant: self.at_once_per_tenant,
        }
    }
}

/// The screen's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Screen {
    /// The theme's name.
    pub theme: String,
    /// Draw with ASCII alone.
    pub ascii: bool,
    /// A folder with themes of the site's own: each file is a theme of its name.
    pub themes_dir: Option<PathBuf>,
    /// Take the mouse; else the terminal selects with it.
    pub mouse: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Screen {
            theme: "default".to_string(),
            ascii: false,
            themes_dir: None,
            mouse: false,
        }
    }
}

/// `[keys]`: an action's name with the key or the keys that it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Keys(BTreeMap<String, OneOrMore>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a key such as \"f5\", or a list of keys")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Keys {
    /// The keys by the names of their actions, neither looked at yet.
    pub fn by_name(&self) -> BTreeMap<String, Vec<String>> {
        let listed = |keys: &OneOrMore| match keys {
            OneOrMore::One(key) => vec![key.clone()],
            OneOrMore::More(keys) => keys.clone(),
        };
        let all = self.0.iter();
        all.map(|(name, keys)| (name.clone(), listed(keys)))
            .collect()
    }
}

/// The clipboard's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clipboard {
    /// A command that takes the value on its standard input: program and arguments, without a shell.
    pub command: Option<Vec<String>>,
}

/// The audit trail's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// The socket of this machine's syslog, to which the trail's head goes at the end of each run.
    pub syslog: Option<PathBuf>,
}

/// How much goes to the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// And what looks wrong.
    Warn,
    /// And what was done.
    #[default]
    Info,
    /// And how.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The word in the settings file.
    pub fn word(self) -> &'static str {
        match self {
            LogLevel::Off => "off",
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
            LogLevel::Trace => "trace",
        }
    }
}

impl Settings {
    /// Reads the settings file: the one given, or `umpdeck/settings.toml` in the user's configuration folder. Says
    /// which file that is, and whether it was there: without one at the default place, the defaults hold.
    ///
    /// # Errors
    /// [`SettingsError`] with file, line, key and reason; [`SettingsError::Missing`] for a given file that isn't there.
    pub fn load(path: Option<&Path>) -> Result<(Settings, PathBuf, bool), SettingsError> {
        let file = Settings::place(path)?;
        match fs::read_to_string(&file) {
            Ok(text) => {
                if let Ok(metadata) = fs::metadata(&file) {
                    private::check(&file, &metadata, private::Rule::OwnerWrites)?;
                }
                Ok((Settings::parse(&text, &file)?, file, true))
            }
            Err(source) if source.kind() == ErrorKind::NotFound && path.is_some() => {
                Err(SettingsError::Missing { file })
            }
            Err(source) if source.kind() == ErrorKind::NotFound => {
                let settings = Settings {
                    file: file.clone(),
                    ..Settings::default()
                };
                Ok((settings, file, false))
            }
            Err(source) => Err(SettingsError::Unreadable { file, source }),
        }
    }

    /// What is wanted of the settings once the site is built from them: all but tenants and devices.
    pub fn without_fleet(self) -> Settings {
        Settings {
            tenants: Vec::new(),
            devices: Vec::new(),
            ..self
        }
    }

    /// The place of the settings file: the one given, or the usual one, whether there is a file or not.
    ///
    /// # Errors
    /// [`SettingsError::NoHome`] when neither is known.
    pub fn place(path: Option<&Path>) -> Result<PathBuf, SettingsError> {
        match path {
            Some(path) => Ok(path.to_path_buf()),
            None => Ok(project_dirs()?.config_dir().join("settings.toml")),
        }
    }

    /// Understands a settings file's text. `file` is for messages, and relative paths in the text start at its folder.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] with line, key and reason.
    pub fn parse(text: &str, file: &Path) -> Result<Settings, SettingsError> {
        let mut settings = pieces::read(text, file)?;
        settings.file = file.to_path_buf();
        settings.settle();
        settings.check()?;
        Ok(settings)
    }

    /// The folder of the store and the log: the one given, or the user's own data folder for umpdeck.
    ///
    /// # Errors
    /// [`SettingsError::NoHome`] when neither is known.
    pub fn data_dir(given: Option<&Path>) -> Result<PathBuf, SettingsError> {
        match given {
            Some(dir) => Ok(dir.to_path_buf()),
            None => Ok(project_dirs()?.data_local_dir().to_path_buf()),
        }
    }

    /// A commented settings file to begin with; it says what holds without it.
    pub fn starter() -> String {
        let defaults = Settings::default();
        include_str!("../../assets/settings.toml")
            .replace("{refresh_minutes}", &defaults.refresh_minutes.to_string())
            .replace(
                "{secret_expiring_days}",
                &defaults.secret_expiring_days.to_string(),
            )
            .replace("{secrets_copy}", defaults.secrets.copy.word())
            .replace(
                "{retire_after_push_days}",
                &defaults.secrets.retire_after_push_days.to_string(),
            )
            .replace(
                "{retire_after_handoff_days}",
                &defaults.secrets.retire_after_handoff_days.to_string(),
            )
            .replace("{at_once}", &defaults.bulk.at_once.to_string())
            .replace(
                "{at_once_per_tenant}",
                &defaults.bulk.at_once_per_tenant.to_string(),
            )
            .replace("{log_level}", defaults.log_level.word())
            .replace("{theme}", &defaults.screen.theme)
            .replace("{ascii}", &defaults.screen.ascii.to_string())
            .replace("{mouse}", &defaults.screen.mouse.to_string())
            .replace("{login}", DEFAULT_LOGIN)
            .replace("{graph}", DEFAULT_GRAPH)
            .replace("{client_id}", &DEFAULT_CLIENT_ID.to_string())
    }

    /// Relative paths start at the file's folder.
    fn settle(&mut self) {
        let folder = self.file.parent().unwrap_or(Path::new("")).to_path_buf();
        let from_here = |path: &mut PathBuf| *path = folder.join(&path);
        self.blueprints_dir.iter_mut().for_each(from_here);
        self.portals_dir.iter_mut().for_each(from_here);
        self.screen.themes_dir.iter_mut().for_each(from_here);
        self.invitation.iter_mut().for_each(from_here);
        self.audit.syslog.iter_mut().for_each(from_here);
        for tenant in &mut self.tenants {
            tenant.settle(&folder);
        }
    }

    fn check(&self) -> Result<(), SettingsError> {
        let wrong = |key: &str, why: &str| Err(self.invalid(None, key, why));
        if !(1..=1440).contains(&self.refresh_minutes) {
            return wrong("refresh_minutes", "1 to 1440 minutes (a day)");
        }
        if !(1..=365).contains(&self.secret_expiring_days) {
            return wrong("secret_expiring_days", "1 to 365 days");
        }
        let after = &self.secrets;
        for (key, days) in [
            (
                "secrets.retire_after_push_days",
                after.retire_after_push_days,
            ),
            (
                "secrets.retire_after_handoff_days",
                after.retire_after_handoff_days,
            ),
        ] {
            if days > 90 {
                return wrong(key, "0 to 90 days");
            }
        }
        for (key, count) in [
            ("bulk.at_once", self.bulk.at_once),
            ("bulk.at_once_per_tenant", self.bulk.at_once_per_tenant),
        ] {
            if !(1..=32).contains(&count) {
                return wrong(key, "1 to 32 devices");
            }
        }
        if let Some(command) = &self.clipboard.command
            && command.first().is_none_or(|program| program.is_empty())
        {
            return wrong("clipboard.command", "it names no program");
        }
        self.check_tenants()
    }

    fn invalid(&self, line: Option<usize>, key: &str, why: impl ToString) -> SettingsError {
        SettingsError::invalid(&self.file, line, key, &why.to_string())
    }
}

fn project_dirs() -> Result<ProjectDirs, SettingsError> {
    ProjectDirs::from("", "", "umpdeck").ok_or(SettingsError::NoHome)
}

#[cfg(test)]
mod tests;
