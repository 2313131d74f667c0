//! How to sign in to a tenant, as the command line names it for `umpdeck tenants add` and `edit`.

use std::path::{Path, PathBuf};

use clap::Args;
use uuid::Uuid;

use super::exit::Stop;
use crate::settings::{DEFAULT_CLIENT_ID, SecretSource, SignIn};

/// How to sign in to a tenant.
#[derive(Debug, Args)]
pub struct WayOptions {
    /// The client ID that signs in; by default Microsoft Graph Command Line Tools
    #[arg(long, value_name = "ID")]
    pub client_id: Option<Uuid>,
    /// Sign in as an application: a PEM file with certificate and key
    #[arg(long, value_name = "FILE", requires = "client_id", group = "way")]
    pub certificate: Option<PathBuf>,
    /// Sign in as an application: the environment variable with its secret
    #[arg(long, value_name = "NAME", requires = "client_id", group = "way")]
    pub secret_env: Option<String>,
    /// Sign in as an application: the file with its secret
    #[arg(long, value_name = "FILE", requires = "client_id", group = "way")]
    pub secret_file: Option<PathBuf>,
    /// Sign in as an application: a command that prints its secret, its words separated by spaces
    #[arg(long, value_name = "WORDS", requires = "client_id", group = "way")]
    pub secret_command: Option<String>,
    /// Sign in with the token that a command prints, its words separated by spaces
    #[arg(
        long,
        value_name = "WORDS",
        conflicts_with = "client_id",
        group = "way"
    )]
    pub command: Option<String>,
}

/// How to sign in, where the command line says it.
pub(super) fn named_way(options: &WayOptions) -> Result<Option<SignIn>, Stop> {
    let client_id = options.client_id.unwrap_or(DEFAULT_CLIENT_ID);
    let secret = |secret| Some(SignIn::ClientSecret { client_id, secret });
    if let Some(file) = &options.certificate {
        let certificate = whole(file)?;
        return Ok(Some(SignIn::Certificate {
            client_id,
            certificate,
        }));
    }
    if let Some(name) = &options.secret_env {
        return Ok(secret(SecretSource::Env(name.clone())));
    }
    if let Some(file) = &options.secret_file {
        return Ok(secret(SecretSource::File(whole(file)?)));
    }
    if let Some(words) = &options.secret_command {
        return Ok(secret(SecretSource::Command(parted(words))));
    }
    if let Some(words) = &options.command {
        let command = parted(words);
        return Ok(Some(SignIn::Command { command }));
    }
    Ok(options.client_id.map(SignIn::device_code))
}

/// A command in one text, as program and arguments.
pub(super) fn parted(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_string).collect()
}

/// A path that holds from every folder.
pub(super) fn whole(path: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(path).map_err(|why| {
        let why = format!("{}: {why}", path.display());
        Stop::command_line(why, "Name the file.")
    })
}
