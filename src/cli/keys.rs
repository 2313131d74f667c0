//! `umpdeck keys`: the console's keys, from the one table that the console obeys.

use super::Outcome;
use super::output::Look;
use super::table::{Cell, Kind, table};
use crate::console::keymap::{self, Context};

/// The keys of every pane, as plain text or as Markdown for the README.
pub(super) fn run(markdown: bool, look: Look) -> Outcome {
    if markdown {
        return Outcome::done(keymap::readme_table());
    }
    let parts = Context::ALL.map(|context| {
        let rows: Vec<Vec<Cell>> = keymap::help(context)
            .into_iter()
            .map(|binding| {
                vec![
                    Cell::plain(format!("  {}", keymap::keys_text(binding))),
                    Cell::plain(binding.help),
                ]
            })
            .collect();
        let keys = table(&look, &[("", Kind::Words), ("", Kind::Wrapped)], &rows);
        format!("{}\n{keys}", context.title())
    });
    Outcome::done(parts.join("\n"))
}
