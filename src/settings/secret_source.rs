//! Where a secret of umpdeck's own sign-in comes from: never the settings file itself.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::SettingsError;

/// Where a secret stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In this environment variable.
    Env(String),
    /// In this file, which only its owner may read.
    File(PathBuf),
}

impl SecretSource {
    /// Of two optional keys, exactly one.
    pub(super) fn of(
        env: Option<String>,
        file: Option<PathBuf>,
    ) -> Result<SecretSource, &'static str> {
        match (env, file) {
            (Some(env), None) if !env.is_empty() && !env.contains(['=', '\0']) => {
                Ok(SecretSource::Env(env))
            }
            (Some(_), None) => Err("secret_env is no name of an environment variable"),
            (None, Some(file)) => Ok(SecretSource::File(file)),
            (None, None) => Err("it needs secret_env or secret_file"),
            (Some(_), Some(_)) => Err("secret_env and secret_file exclude each other"),
        }
    }

    pub(super) fn settle(&mut self, folder: &Path) {
        if let SecretSource::File(file) = self {
            *file = folder.join(&file);
        }
    }

    /// Reads the secret; the line's end of a file is no part of it.
    ///
    /// # Errors
    /// [`SettingsError::Secret`] when there is none, or others than its owner may read the file.
    pub fn read(&self) -> Result<SecretString, SettingsError> {
        let text = match self {
            SecretSource::Env(name) => std::env::var(name).map(Zeroizing::new).map_err(|_| {
                self.refused("the variable is not set, or not text; set it and start again")
            })?,
            SecretSource::File(file) => self.read_file(file)?,
        };
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(self.refused("it is empty"));
        }
        Ok(SecretString::from(secret))
    }

    fn read_file(&self, path: &Path) -> Result<Zeroizing<String>, SettingsError> {
        let failed = |why: std::io::Error| self.refused(&why.to_string());
        let mut file = fs::File::open(path).map_err(failed)?;
        self.refuse_others(&file.metadata().map_err(failed)?)?;
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(failed)?;
        Ok(text)
    }

    #[cfg(unix)]
    fn refuse_others(&self, metadata: &fs::Metadata) -> Result<(), SettingsError> {
        use std::os::unix::fs::PermissionsExt;
        match metadata.permissions().mode() & 0o077 {
            0 => Ok(()),
            _ => Err(self.refused("others than its owner may use the file; chmod 600 it")),
        }
    }

    #[cfg(not(unix))]
    fn refuse_others(&self, _metadata: &fs::Metadata) -> Result<(), SettingsError> {
        Ok(())
    }

    fn refused(&self, why: &str) -> SettingsError {
        SettingsError::Secret {
            from: match self {
                SecretSource::Env(name) => format!("the environment variable {name}"),
                SecretSource::File(file) => format!("the file {}", file.display()),
            },
            why: why.to_string(),
        }
    }
}
