//! Exit codes with their words, and the ways in which a command may end early.

use std::process::ExitCode;

use crate::desk::event::Trouble;
use crate::registration::status::Status;
use crate::sandbox::SandboxError;
use crate::settings::SettingsError;

const UNUSABLE: &str = "the command line can't be used";

/// What each exit code says: help, manual and the page on scripts have it from here. Monitoring systems read the first four so.
pub const CODES: [(&str, &str); 6] = [
    ("0", "everything is in order, or the work is done"),
    (
        "1",
        "somebody has something to do, or a plan was only printed",
    ),
    ("2", "something is broken now"),
    ("3", "it is unknown, or it could not be done"),
    ("64", UNUSABLE),
    ("128+n", "ended by signal n"),
];

/// The table as help and manual print it.
pub fn codes_text() -> String {
    let lines = CODES.map(|(code, words)| format!("  {code:<6} {words}"));
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// The table as the README has it.
pub fn codes_markdown() -> String {
    let lines = CODES.map(|(code, words)| format!("| {code} | {words} |\n"));
    format!("\n| exit code | says |\n| --- | --- |\n{}", lines.concat())
}

/// What the codes mean for commands that look.
pub(super) const OF_STATUS: &str = "Exit codes: 0 all in order; 1 something to do; 2 a secret has expired, sign-in \
fails now; 3 unknown.";
/// For the commands that change something.
pub(super) const OF_CHANGE: &str = "Exit codes: 0 done, or nothing to do; 1 only planned, or a device \
needs a person; 3 something failed.";

/// For the commands that change the settings file.
pub(super) const OF_INVENTORY: &str = "Exit codes: 0 written, or nothing to change; 1 only shown.";

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done; for `status` and `check`: everything is in order.
    Good,
    /// 1: somebody has something to do.
    Work,
    /// 2: sign-in fails now.
    Broken,
    /// 3: it is unknown, or could not be done.
    Unknown,
    /// 64: the command line can't be used.
    Usage,
    /// 128 + n after a signal.
    Of(u8),
}

impl Exit {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Good => 0,
            Exit::Work => 1,
            Exit::Broken => 2,
            Exit::Unknown => 3,
            Exit::Usage => 64,
            Exit::Of(code) => code,
        }
    }

    /// What a set of statuses comes to: the worst decides, and what is not known counts only when nothing is worse.
    pub fn of_statuses(statuses: impl IntoIterator<Item = Status>, all_read: bool) -> Exit {
        let all = statuses.into_iter().map(|status| match status {
            Status::SecretExpired => Exit::Broken,
            Status::NotRegistered
            | Status::Drift
            | Status::NotPushed
            | Status::SecretExpiring
            | Status::ConsentPending => Exit::Work,
            Status::Unreachable => Exit::Unknown,
            Status::Ok => Exit::Good,
        });
        let read = if all_read { Exit::Good } else { Exit::Unknown };
        Exit::worst(all.chain([read]))
    }

    /// The worst of several; what is not known counts only when nothing is worse.
    pub fn worst(all: impl IntoIterator<Item = Exit>) -> Exit {
        all.into_iter()
            .max_by_key(|exit| match exit {
                Exit::Broken => 3,
                Exit::Work => 2,
                Exit::Unknown => 1,
                Exit::Good | Exit::Usage | Exit::Of(_) => 0,
            })
            .unwrap_or(Exit::Unknown)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something failed.
    Trouble(Trouble, Exit),
    /// Nobody reads standard output any more: that is their right.
    ReaderGone,
    /// A signal, by its number.
    Signal(u8),
}

impl Stop {
    /// The command line contradicts itself, or names what can't be used.
    pub fn command_line(why: impl Into<String>, next: &str) -> Stop {
        Stop::usage(Trouble::new(UNUSABLE, why, next))
    }

    /// The command line asks for what can't be.
    pub fn usage(trouble: Trouble) -> Stop {
        Stop::Trouble(trouble, Exit::Usage)
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Stop {
        Stop::Trouble(trouble, Exit::Unknown)
    }
}

impl From<SettingsError> for Stop {
    fn from(error: SettingsError) -> Stop {
        of_words(
            "the settings can't be used",
            &error.to_string(),
            "Correct it and start again.",
        )
        .into()
    }
}

impl From<SandboxError> for Stop {
    fn from(error: SandboxError) -> Stop {
        of_words(
            "the sandbox can't be started",
            &error.to_string(),
            "Try again.",
        )
        .into()
    }
}

/// Errors of settings, certificates and places say "why; what to do".
pub(super) fn of_words(what: &str, words: &str, otherwise: &str) -> Trouble {
    match words.rsplit_once("; ") {
        Some((why, next)) => Trouble::new(what, why, crate::text::sentence(next)),
        None => Trouble::new(what, words, otherwise),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::arguments::Arguments;

    #[test]
    fn the_worst_status_decides_and_not_knowing_only_when_nothing_is_worse() {
        let of = |statuses: &[Status], all_read| {
            Exit::of_statuses(statuses.iter().copied(), all_read).code()
        };
        assert_eq!(of(&[Status::Ok], true), 0);
        assert_eq!(of(&[Status::Ok], false), 3);
        assert_eq!(of(&[Status::Ok, Status::Unreachable], true), 3);
        assert_eq!(of(&[Status::Unreachable, Status::ConsentPending], false), 1);
        assert_eq!(of(&[Status::Drift, Status::SecretExpired], false), 2);
        for status in Status::ALL {
            assert_eq!(of(&[status], true) == 0, status == Status::Ok, "{status:?}");
        }
    }

    #[test]
    fn every_way_to_end_has_its_line_in_the_table() {
        let listed = |exit: Exit| {
            CODES
                .iter()
                .any(|(code, _)| *code == exit.code().to_string())
        };
        for exit in [
            Exit::Good,
            Exit::Work,
            Exit::Broken,
            Exit::Unknown,
            Exit::Usage,
        ] {
            assert!(listed(exit), "{exit:?}");
        }
        for (code, words) in CODES {
            assert!(codes_text().contains(&format!("{code:<6} {words}")));
            assert!(codes_markdown().contains(&format!("| {code} | {words} |")));
        }
    }

    /// The codes that a command's help tells, each as it stands there.
    fn told(command: &clap::Command) -> Vec<String> {
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        let Some((_, codes)) = help.split_once("Exit codes: ") else {
            return Vec::new();
        };
        let sentence = codes.split('.').next().unwrap_or_default();
        let first = |part: &str| part.split_whitespace().next().map(str::to_string);
        sentence.split(';').filter_map(first).collect()
    }

    #[test]
    fn a_commands_help_tells_codes_of_the_table_in_its_order() {
        let place = |code: &String| CODES.iter().position(|(listed, _)| listed == code);
        let mut waiting = vec![Arguments::command()];
        let mut tell = 0;
        while let Some(command) = waiting.pop() {
            let codes = told(&command);
            let places: Option<Vec<usize>> = codes.iter().map(place).collect();
            let in_order = places.is_some_and(|places| places.is_sorted_by(|a, b| a < b));
            assert!(in_order, "{}: {codes:?}", command.get_name());
            tell += usize::from(codes.len() > 1);
            waiting.extend(command.get_subcommands().cloned());
        }
        assert!(tell > 20, "only {tell} commands tell their codes");
    }

    #[test]
    fn an_errors_words_become_why_and_what_to_do() {
        let trouble = of_words("w", "a: b; there are c; correct it", "x");
        assert_eq!(trouble.to_string(), "w: a: b; there are c. Correct it.");
        assert_eq!(of_words("w", "a", "Do b.").to_string(), "w: a. Do b.");
    }
}
