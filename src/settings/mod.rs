//! The settings file: tenants, devices, sign-in, refresh, screen; every default stands in this folder.
//! It is read at the top (`main`, the faces) and handed down as plain values; nothing below may know it.

mod editing;
mod entries;
mod error;
mod file;
mod fleet;
mod new_tenant;
mod pieces;
mod portal_sign_in;
mod secret_source;
mod sign_in;
mod starter;
mod tables;

use std::fs;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::Deserialize;

use crate::private;

pub use editing::{TenantEdit, with_devices, with_tenant_edited, without_tenant};
pub use entries::{CustomerEntry, DEFAULT_GRAPH, DEFAULT_LOGIN, DeviceEntry, TenantEntry};
pub use error::SettingsError;
pub use file::SettingsFile;
pub use new_tenant::NewTenant;
pub use portal_sign_in::{PortalApi, PortalApplication, PortalUser};
pub use secret_source::SecretSource;
pub use sign_in::{DEFAULT_CLIENT_ID, SignIn};
pub use tables::{Audit, Bulk, Clipboard, CopySecrets, Keys, LogLevel, Screen, Secrets};

use crate::registration::blueprint::SecretDays;
use tables::{AT_ONCE, RETIRE_AFTER_DAYS, within};

const REFRESH_MINUTES: RangeInclusive<u32> = 1..=24 * 60;
const SECRET_EXPIRING_DAYS: RangeInclusive<u32> = 1..=365;

/// The settings, with every default filled in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The provider's tenants.
    pub tenants: Vec<TenantEntry>,
    /// The devices, as they are written down.
    pub devices: Vec<DeviceEntry>,
    /// Minutes between two refreshes of the whole fleet, at least 1 and at most a day.
    pub refresh_minutes: u32,
    /// From how many days before its end a secret counts as expiring, 1 to 365.
    pub secret_expiring_days: u32,
    /// Client secrets.
    pub secrets: Secrets,
    /// Work on many devices.
    pub bulk: Bulk,
    /// `[screen]`: theme, glyphs, mouse.
    pub screen: Screen,
    /// Keys of the site's own.
    pub keys: Keys,
    /// `[clipboard]`: a command of the site's own.
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
            secret_expiring_days: SecretDays::default().expiring,
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

    /// The periods for secrets, as blueprints take them.
    pub fn secret_days(&self) -> SecretDays {
        SecretDays {
            expiring: self.secret_expiring_days,
            retire_after_push: self.secrets.retire_after_push_days,
            retire_after_handoff: self.secrets.retire_after_handoff_days,
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
        let (secrets, bulk) = (&self.secrets, &self.bulk);
        let days = |days: u32| within(days, &RETIRE_AFTER_DAYS, "days");
        let devices = |count: usize| within(count, &AT_ONCE, "devices");
        let numbers = [
            (
                "refresh_minutes",
                within(self.refresh_minutes, &REFRESH_MINUTES, "minutes"),
            ),
            (
                "secret_expiring_days",
                within(self.secret_expiring_days, &SECRET_EXPIRING_DAYS, "days"),
            ),
            (
                "secrets.retire_after_push_days",
                days(secrets.retire_after_push_days),
            ),
            (
                "secrets.retire_after_handoff_days",
                days(secrets.retire_after_handoff_days),
            ),
            ("bulk.at_once", devices(bulk.at_once)),
            ("bulk.at_once_per_tenant", devices(bulk.at_once_per_tenant)),
        ];
        for (key, kept) in numbers {
            kept.map_err(|why| self.invalid(None, key, why))?;
        }
        if let Some(command) = &self.clipboard.command
            && command.first().is_none_or(|program| program.is_empty())
        {
            return Err(self.invalid(None, "clipboard.command", "it names no program"));
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
