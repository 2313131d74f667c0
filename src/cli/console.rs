//! The start of face 1: the same site, handed to the console.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use super::exit::{Exit, Stop};
use super::keeper::{InFile, InMemory};
use super::site::{self, Start};
use super::{Global, in_runtime};
use crate::console::keys::Keys;
use crate::console::{self, Options};
use crate::desk::Desk;
use crate::desk::event::Trouble;
use crate::desk::inventory::Keeper;
use crate::settings::{self, CopySecrets};

/// Opens the console and stays until it ends.
pub(super) fn run(global: &Global) -> Result<Exit, Stop> {
    let closed = [
        (io::stdin().is_terminal(), "standard input is no terminal"),
        (io::stdout().is_terminal(), "standard output is no terminal"),
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
    let Start {
        site,
        settings,
        log,
        sandbox,
        settings_file,
    } = site::start(global).await?;
    let options = Options {
        theme: global.theme.clone().unwrap_or(settings.screen.theme),
        ascii: global.ascii || settings.screen.ascii,
        clipboard_command: settings.clipboard.command.unwrap_or_default(),
        refresh_minutes: settings.refresh_minutes,
        bulk: settings.bulk.bounds(),
        secrets_may_leave: settings.secrets.copy == CopySecrets::Ask,
        keys: keys(&settings.keys)?,
        log,
    };
    let keeper: Arc<dyn Keeper> = match site.sandbox {
        true => Arc::new(InMemory::of(&site)),
        false => Arc::new(InFile {
            file: settings_file,
        }),
    };
    let (desk, events) = Desk::open(site)?;
    desk.keep_inventory(keeper);
    let ending = console::run(desk, events, options).await?;
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    Ok(Exit::Of(ending.exit_code()))
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
