//! The tables of the settings file beside its entries: each with its defaults, and the limits of its numbers.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::Deserialize;

use crate::registration::blueprint::SecretDays;
use crate::registration::bulk::Bounds;

pub(super) const RETIRE_AFTER_DAYS: RangeInclusive<u32> = 0..=90;
pub(super) const AT_ONCE: RangeInclusive<usize> = 1..=32;

/// Holds a number against its limits; the error says which ones.
pub(super) fn within<T: PartialOrd + Display>(
    number: T,
    limits: &RangeInclusive<T>,
    unit: &str,
) -> Result<(), String> {
    match limits.contains(&number) {
        true => Ok(()),
        false => Err(format!("give {} {unit}", limits_words(limits))),
    }
}

/// "1 to 32".
pub(super) fn limits_words<T: Display>(limits: &RangeInclusive<T>) -> String {
    format!("{} to {}", limits.start(), limits.end())
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
        let days = SecretDays::default();
        Secrets {
            copy: CopySecrets::default(),
            retire_after_push_days: days.retire_after_push,
            retire_after_handoff_days: days.retire_after_handoff,
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

/// How many devices are worked on at the same time when something is done with many; each 1 to 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bulk {
    /// In all.
    pub at_once: usize,
    /// In one tenant.
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
    /// All of them, from nothing to everything.
    pub const ALL: [LogLevel; 6] = [
        LogLevel::Off,
        LogLevel::Error,
        LogLevel::Warn,
        LogLevel::Info,
        LogLevel::Debug,
        LogLevel::Trace,
    ];

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
