//! `umpdeck settings`: the commented settings file, and its place.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use clap::Args;
use serde_json::json;

use super::exit::Stop;
use super::reading::now;
use super::{Global, Outcome, document};
use crate::desk::event::Trouble;
use crate::settings::Settings;

/// Options of `settings`.
#[derive(Debug, Args)]
pub struct SettingsOptions {
    /// Write it to its usual place (or to --settings); an existing file is not overwritten
    #[arg(long)]
    pub write: bool,
    /// Print only the place of the settings file
    #[arg(long, conflicts_with = "write")]
    pub path: bool,
    /// Print JSON, for scripts: the place, and what holds now
    #[arg(long, conflicts_with_all = ["write", "path"])]
    pub json: bool,
}

/// Prints the starter, its place, or writes it there.
pub(super) fn run(global: &Global, options: &SettingsOptions) -> Result<Outcome, Stop> {
    if options.json {
        return json_text(global);
    }
    let starter = Settings::starter();
    if !options.write && !options.path {
        return Ok(Outcome::done(starter));
    }
    let place = Settings::place(global.settings.as_deref())?;
    if options.path {
        return Ok(Outcome::done(format!("{}\n", place.display())));
    }
    Ok(Outcome::done(format!("{}\n", write_starter(&place)?)))
}

/// Writes the starter to a place where there is no file yet; says so in a sentence.
///
/// # Errors
/// [`Trouble`] when it can't be; then nothing was touched.
pub(super) fn write_starter(place: &Path) -> Result<String, Trouble> {
    write(place, &Settings::starter()).map_err(|error| {
        let (why, next) = match error.kind() {
            ErrorKind::AlreadyExists => (
                format!("the file {} exists already", place.display()),
                "It was not changed. Edit that file, or move it away first.",
            ),
            _ => (
                format!("{}: {error}", place.display()),
                "Correct the folder's owner and permissions, or name another place with --settings.",
            ),
        };
        Trouble::new("the settings file is not written", why, next)
    })?;
    Ok(format!(
        "{} is written. Now add your tenant with `umpdeck tenants add`, or list tenants and devices in the file.",
        place.display()
    ))
}

/// Where the settings stand, and what holds by them; of tenants and devices only how many there are.
fn json_text(global: &Global) -> Result<Outcome, Stop> {
    let (settings, file, exists) = Settings::load(global.settings.as_deref())?;
    let data_dir = Settings::data_dir(global.data_dir.as_deref())?;
    let mut all = document::head("umpdeck.settings/1", now(), false);
    let holds = json!({
        "refreshMinutes": settings.refresh_minutes,
        "secretExpiringDays": settings.secret_expiring_days,
        "retireAfterPushDays": settings.secrets.retire_after_push_days,
        "retireAfterHandoffDays": settings.secrets.retire_after_handoff_days,
        "logLevel": settings.log_level.word(),
        "secretsCopy": settings.secrets.copy.word(),
        "theme": settings.screen.theme,
        "themesDir": settings.screen.themes_dir,
        "ascii": settings.screen.ascii,
        "mouse": settings.screen.mouse,
        "keys": settings.keys.by_name(),
        "clipboardCommand": settings.clipboard.command,
        "bulkAtOnce": settings.bulk.at_once,
        "bulkAtOncePerTenant": settings.bulk.at_once_per_tenant,
        "blueprintsDir": settings.blueprints_dir,
        "portalsDir": settings.portals_dir,
        "invitation": settings.invitation,
        "syslog": settings.audit.syslog,
        "tenants": settings.tenants.len(),
        "devices": settings.devices.len(),
    });
    all.insert("file".into(), json!(file));
    all.insert("exists".into(), exists.into());
    all.insert("dataDir".into(), json!(data_dir));
    all.insert("holds".into(), holds);
    Ok(Outcome::done(document::text(all)))
}

fn write(place: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = place.parent().filter(|folder| *folder != Path::new("")) {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(place)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
