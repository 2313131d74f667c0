//! Where a secret of umpdeck's own sign-in comes from: never the settings file itself.

use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::SettingsError;
use crate::command;
use crate::private;

/// Where a secret stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In this environment variable.
    Env(String),
    /// In this file, which only its owner may read.
    File(PathBuf),
    /// This command prints it: program and arguments, without a shell.
    Command(Vec<String>),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretSource::Env(name) => write!(f, "the environment variable {name}"),
            SecretSource::File(file) => write!(f, "the file {}", file.display()),
            // Not its arguments, which somebody may have put a password into.
            SecretSource::Command(words) => {
                write!(
                    f,
                    "the command {}",
                    words.first().map_or("", String::as_str)
                )
            }
        }
    }
}

impl SecretSource {
    /// Of three optional keys, exactly one.
    pub(super) fn of(
        env: Option<String>,
        file: Option<PathBuf>,
        command: Option<Vec<String>>,
    ) -> Result<SecretSource, &'static str> {
        match (env, file, command) {
            (Some(env), None, None) if !env.is_empty() && !env.contains(['=', '\0']) => {
                Ok(SecretSource::Env(env))
            }
            (Some(_), None, None) => Err("secret_env is not the name of an environment variable"),
            (None, Some(file), None) => Ok(SecretSource::File(file)),
            (None, None, Some(words)) if words.first().is_some_and(|word| !word.is_empty()) => {
                Ok(SecretSource::Command(words))
            }
            (None, None, Some(_)) => Err("secret_command names no program"),
            (None, None, None) => Err("it needs secret_env, secret_file or secret_command"),
            _ => Err("it can have only one of secret_env, secret_file and secret_command"),
        }
    }

    pub(super) fn settle(&mut self, folder: &Path) {
        if let SecretSource::File(file) = self {
            *file = folder.join(&file);
        }
    }

    /// Reads the secret; the line's end of a file or of what a command prints is no part of it. A command may take
    /// [`command::TIME`].
    ///
    /// # Errors
    /// [`SettingsError::Secret`] when there is none, others than its owner may read the file, or the command fails.
    pub fn read(&self) -> Result<SecretString, SettingsError> {
        let text = match self {
            SecretSource::Env(name) => std::env::var(name).map(Zeroizing::new).map_err(|_| {
                self.refused("the variable is not set, or not text; set it and start again")
            })?,
            SecretSource::File(file) => {
                let bytes = read_private(file).map_err(|why| self.refused(&why))?;
                let text = std::str::from_utf8(&bytes);
                Zeroizing::new(
                    text.map_err(|_| self.refused("it is not text"))?
                        .to_string(),
                )
            }
            SecretSource::Command(words) => {
                let printed = command::run(words, command::TIME, &command::Cancel::default());
                printed.map_err(|why| self.refused(&format!("{why}; run it by hand to see why")))?
            }
        };
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(self.refused("it is empty"));
        }
        if secret.contains(char::is_control) {
            return Err(self.refused("it has more than one line, or invisible characters in it"));
        }
        Ok(SecretString::from(secret))
    }

    fn refused(&self, why: &str) -> SettingsError {
        SettingsError::Secret {
            from: self.to_string(),
            why: why.to_string(),
        }
    }
}

/// Reads a file that only its owner may use: a secret's, or one with a private key.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    /// More than any secret or key with its chain of certificates.
    const MOST: u64 = 1024 * 1024;
    let failed = |why: std::io::Error| why.to_string();
    let file = fs::File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    private::check(path, &metadata, private::Rule::OwnerAlone).map_err(|why| why.to_string())?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MOST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
