//! The start of face 1: the same site, handed to the console.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use super::exit::{Exit, Stop};
use super::keeper::{InFile, InMemory};
use super::site::{self, Start};
use super::tenant_book::SettingsBook;
use super::{Global, doctor, in_runtime, own_files};
use crate::console::keys::Keys;
use crate::console::model::FirstRun;
use crate::console::{self, Ending, Options, WriteSettings};
use crate::desk::Desk;
use crate::desk::contact::TenantBook;
use crate::desk::event::Trouble;
use crate::desk::examination::Finding;
use crate::desk::inventory::Keeper;
use crate::desk::sign_in::KeptSignIns;
use crate::settings::{self, CopySecrets};

/// Opens the console and stays until it ends.
pub(super) fn run(global: &Global) -> Result<Exit, Stop> {
    let closed = [
        (
            io::stdin().is_terminal(),
            "standard input is not a terminal",
        ),
        (
            io::stdout().is_terminal(),
            "standard output is not a terminal",
        ),
    ];
    if let Some((_, why)) = closed.iter().find(|(is_terminal, _)| !is_terminal) {
        return Err(Stop::usage(Trouble::new(
            "the console can't be shown",
            *why,
            "Run it in a terminal; `umpdeck status` works without one.",
        )));
    }
    in_runtime(full_screen(global))
}

async fn full_screen(global: &Global) -> Result<Exit, Stop> {
    let sign_ins = KeptSignIns::default();
    loop {
        let ending = match once(global, &sign_ins).await? {
            // A tenant was added to the settings: they are read again, and nobody has to sign in again.
            Ending::Again => continue,
            Ending::ToSandbox => {
                let sandbox = Global {
                    sandbox: true,
                    ..global.clone()
                };
                once(&sandbox, &KeptSignIns::default()).await?
            }
            ending => ending,
        };
        return Ok(Exit::Of(ending.exit_code()));
    }
}

/// Opens the console once.
async fn once(global: &Global, sign_ins: &KeptSignIns) -> Result<Ending, Stop> {
    let Start {
        site,
        settings,
        settings_file,
        log,
        sandbox,
    } = site::start(global).await?;
    let mut findings = vec![Finding::good("umpdeck", env!("UMPDECK_VERSION"))];
    findings.extend(doctor::of_settings(&site, &settings_file, log.parent()));
    let first_run = (!site.sandbox).then(|| FirstRun {
        settings_file: settings_file.display().to_string(),
        exists: settings_file.exists(),
    });
    let place = settings_file.clone();
    let write = move || super::settings::write_starter(&place);
    let book = (!site.sandbox).then(|| {
        let book: Arc<dyn TenantBook> =
            Arc::new(SettingsBook::new(settings_file.clone(), &settings));
        book
    });
    let options = Options {
        own_themes: own_files::themes(settings.screen.themes_dir.as_deref())?,
        theme: global.theme.clone().unwrap_or(settings.screen.theme),
        ascii: global.ascii || settings.screen.ascii,
        clipboard_command: settings.clipboard.command.unwrap_or_default(),
        refresh_minutes: settings.refresh_minutes,
        bulk: settings.bulk.bounds(),
        secrets_may_leave: settings.secrets.copy == CopySecrets::Ask,
        keys: keys(&settings.keys)?,
        mouse: settings.screen.mouse,
        findings,
        first_run,
        write_settings: WriteSettings(Arc::new(write)),
        log,
        book,
        sign_ins: sign_ins.clone(),
    };
    let keeper: Arc<dyn Keeper> = match site.sandbox {
        true => Arc::new(InMemory::of(&site)),
        false => Arc::new(InFile {
            file: settings_file,
        }),
    };
    let (desk, events) = Desk::open(site)?;
    desk.keep_inventory(keeper);
    desk.take_over_sign_ins(sign_ins).await;
    let ending = console::run(desk, events, options).await?;
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    Ok(ending)
}

/// The table of keys with the site's own in it.
///
/// # Errors
/// [`Trouble`] for a key that can't be.
pub(super) fn keys(own: &settings::Keys) -> Result<Keys, Trouble> {
    Keys::with(&own.by_name()).map_err(|why| {
        Trouble::new(
            "the keys of the settings can't be used",
            why.to_string(),
            "Correct [keys] in the settings file and start again.",
        )
    })
}
