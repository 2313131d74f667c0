//! What this terminal can do for the console: for `umpdeck doctor` and the pane of the same name.

use std::time::Duration;

use super::clipboard::{Environment, Way, ways};
use super::geometry::SMALLEST;
use super::theme::{is_utf8_locale, wants_no_colours};
use crate::command;
use crate::desk::examination::Finding;

/// How long tmux may take to tell an option.
const PATIENCE: Duration = Duration::from_secs(2);

/// Examines the terminal. `size`: columns and rows, where there is a terminal at all; `clipboard` with the settings in.
/// Asks tmux, so it may take two seconds: not for the loop.
pub fn examine(
    variable: &dyn Fn(&str) -> Option<String>,
    size: Option<(u16, u16)>,
    clipboard: &Environment,
) -> Vec<Finding> {
    let asked = clipboard.tmux.as_ref().map(|_| {
        let words = ["tmux", "show-options", "-gv", "set-clipboard"].map(String::from);
        command::run(&words, PATIENCE, &command::Cancel::default())
            .map(|printed| printed.trim().to_string())
            .map_err(|error| error.to_string())
    });
    findings(variable, size, clipboard, asked)
}

/// The same with tmux's word for `set-clipboard`; `None` = not in tmux.
fn findings(
    variable: &dyn Fn(&str) -> Option<String>,
    size: Option<(u16, u16)>,
    clipboard: &Environment,
    set_clipboard: Option<Result<String, String>>,
) -> Vec<Finding> {
    let get = |name: &str| variable(name).filter(|value| !value.is_empty());
    vec![
        terminal(get("TERM").as_deref(), size),
        characters(&get),
        colours(&get),
        way_to_clipboard(clipboard, set_clipboard),
    ]
}

fn terminal(term: Option<&str>, size: Option<(u16, u16)>) -> Finding {
    const SUBJECT: &str = "terminal";
    let Some(term) = term.filter(|term| *term != "dumb") else {
        return Finding::bad(
            SUBJECT,
            "TERM is not set, or names a terminal that can't place the cursor",
            "Run: export TERM=xterm-256color, or the name of your terminal.",
        );
    };
    let (columns, rows) = match size {
        None => return Finding::good(SUBJECT, format!("{term}, not a screen here")),
        Some(size) => size,
    };
    let found = format!("{term}, {columns} columns, {rows} rows");
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        let mend = format!(
            "Enlarge it to {} columns and {} rows.",
            SMALLEST.0, SMALLEST.1
        );
        return Finding::bad(SUBJECT, found, mend);
    }
    Finding::good(SUBJECT, found)
}

fn characters(get: &dyn Fn(&str) -> Option<String>) -> Finding {
    const SUBJECT: &str = "characters";
    match is_utf8_locale(get) {
        true => Finding::good(SUBJECT, "UTF-8"),
        false => Finding::unknown(
            SUBJECT,
            "the locale is not UTF-8, so marks are drawn in ASCII",
            "If the terminal shows UTF-8, run: export LANG=C.UTF-8",
        ),
    }
}

fn colours(get: &dyn Fn(&str) -> Option<String>) -> Finding {
    let found = match wants_no_colours(get) {
        true => "none, as NO_COLOR asks",
        false => "the terminal's own sixteen",
    };
    Finding::good("colours", found)
}

fn way_to_clipboard(
    clipboard: &Environment,
    set_clipboard: Option<Result<String, String>>,
) -> Finding {
    const SUBJECT: &str = "clipboard";
    let mut names: Vec<&str> = ways(clipboard).into_iter().map(Way::words).collect();
    names.dedup();
    if names.is_empty() {
        return Finding::bad(
            SUBJECT,
            "off in the settings",
            "Choose another way under [clipboard] in the settings, or show the value as a bare line and select it.",
        );
    }
    let found = names.join(", then ");
    match set_clipboard {
        Some(Ok(word)) if word == "off" => Finding::bad(
            SUBJECT,
            format!(
                "{found}; but tmux passes nothing on to the terminal: its set-clipboard is off"
            ),
            "Run: tmux set -g set-clipboard on",
        ),
        Some(Err(why)) => Finding::unknown(
            SUBJECT,
            format!("{found}; tmux's set-clipboard is unknown: {why}"),
            "Check that TMUX names a tmux server that runs.",
        ),
        Some(Ok(word)) => {
            Finding::good(SUBJECT, format!("{found}; tmux's set-clipboard is {word}"))
        }
        None => Finding::good(SUBJECT, found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::examination::Health;

    fn of(variables: &[(&str, &str)], set_clipboard: Option<&str>) -> Vec<Finding> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(one, _)| *one == name);
            found.map(|(_, value)| value.to_string())
        };
        let clipboard = Environment::from_variables(variable);
        findings(
            &variable,
            Some((80, 24)),
            &clipboard,
            set_clipboard.map(|word| Ok(word.into())),
        )
    }

    fn healths(findings: &[Finding]) -> Vec<Health> {
        findings.iter().map(|one| one.health).collect()
    }

    #[test]
    fn a_usual_terminal_is_in_order() {
        let found = of(&[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")], None);
        assert_eq!(healths(&found), [Health::Good; 4]);
    }

    #[test]
    fn a_dumb_terminal_and_a_tmux_that_keeps_copies_are_told_with_what_mends_them() {
        let found = of(&[("TERM", "dumb"), ("TMUX", "/s,1,0")], Some("off"));
        assert_eq!(
            healths(&found),
            [Health::Bad, Health::Unknown, Health::Good, Health::Bad]
        );
        assert!(found[3].mend.contains("set-clipboard on"), "{found:?}");
        let found = of(&[("TERM", "screen"), ("TMUX", "/s,1,0")], Some("external"));
        assert_eq!(found[3].health, Health::Good, "{found:?}");
    }
}
