//! `umpdeck keys`: the console's keys, from the one table that the console obeys, the site's own included.

use clap::Args;
use serde_json::{Value, json};

use super::exit::Stop;
use super::output::Look;
use super::reading::now;
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, console, document};
use crate::console::keymap::{Context, readme_table};
use crate::console::keys::Keys;
use crate::settings::Settings;

/// Options of `keys`.
#[derive(Debug, Args)]
pub struct KeysOptions {
    /// Print Markdown
    #[arg(long)]
    pub markdown: bool,
    /// Print JSON, for scripts
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
}

/// The keys of every pane with the names that `[keys]` has for them, as they are in this site; or the compiled-in ones as
/// Markdown for the README.
///
/// # Errors
/// [`Stop`] for settings, or keys in them, that can't be used.
pub(super) fn run(global: &Global, options: &KeysOptions) -> Result<Outcome, Stop> {
    if options.markdown {
        return Ok(Outcome::done(readme_table()));
    }
    let look = Look::of(global, false);
    let (settings, ..) = Settings::load(global.settings.as_deref())?;
    let keys = console::keys(&settings.keys)?;
    if options.json {
        return Ok(Outcome::done(json_text(&keys)));
    }
    let parts = Context::ALL.map(|context| {
        let rows: Vec<Vec<Cell>> = keys
            .help(context)
            .into_iter()
            .map(|row| {
                vec![
                    Cell::plain(format!("  {}", row.keys())),
                    Cell::plain(row.binding.action.name()),
                    Cell::plain(row.binding.help),
                ]
            })
            .collect();
        let columns = [("", Kind::Words), ("", Kind::Words), ("", Kind::Wrapped)];
        let keys = table(&look, &columns, &rows);
        format!("{}\n{keys}", context.title())
    });
    Ok(Outcome::done(parts.join("\n")))
}

fn json_text(keys: &Keys) -> String {
    let panes = Context::ALL.map(|context| {
        let keys: Vec<Value> = keys
            .help(context)
            .into_iter()
            .map(|row| {
                json!({
                    "keys": row.keys(),
                    "action": row.binding.action.name(),
                    "does": row.binding.help,
                })
            })
            .collect();
        json!({"pane": context.title(), "keys": keys})
    });
    let mut all = document::head("umpdeck.keys/1", now(), false);
    all.insert("panes".into(), panes.to_vec().into());
    document::text(all)
}
