//! How umpdeck signs in to a tenant: `sign_in` of a `[[tenants]]` entry.

use std::path::PathBuf;

use serde::Deserialize;
use uuid::{Uuid, uuid};
use zeroize::Zeroizing;

use super::error::SettingsError;
use super::secret_source::{SecretSource, read_private};

/// Microsoft Graph Command Line Tools, Microsoft's own public client; not verified for this use.
pub const DEFAULT_CLIENT_ID: Uuid = uuid!("14d82eec-204b-4c2f-b7e8-296a70dab67e");

/// What the work takes, for a client that has to name it.
const DEFAULT_SCOPES: &[&str] = &[
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "User.Read",
];

/// How umpdeck signs in to a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "SignInFields")]
pub enum SignIn {
    /// As the operator, who types a code into a browser anywhere.
    DeviceCode {
        /// The public client that asks.
        client_id: Uuid,
        /// The permissions of Microsoft Graph to ask for by name; empty = all that the client was consented to.
        scopes: Vec<String>,
    },
    /// As an application, with its secret.
    ClientSecret {
        /// The application.
        client_id: Uuid,
        /// Where its secret stands.
        secret: SecretSource,
    },
    /// As an application, with its certificate.
    Certificate {
        /// The application.
        client_id: Uuid,
        /// A PEM file with the certificate and its private key, which only its owner may read.
        certificate: PathBuf,
    },
    /// With a token that a command prints, as `az account get-access-token` does.
    Command {
        /// Program and arguments, without a shell.
        command: Vec<String>,
    },
}

impl SignIn {
    /// By device code, asking for what the client needs to be asked for: Microsoft's own has nothing that it was set up
    /// for, a client of the site's own has.
    pub fn device_code(client_id: Uuid) -> SignIn {
        let named = match client_id == DEFAULT_CLIENT_ID {
            true => DEFAULT_SCOPES,
            false => &[],
        };
        SignIn::DeviceCode {
            client_id,
            scopes: named.iter().map(ToString::to_string).collect(),
        }
    }

    /// The word for it in the settings file.
    pub fn way(&self) -> &'static str {
        match self {
            SignIn::DeviceCode { .. } => "device-code",
            SignIn::ClientSecret { .. } => "client-secret",
            SignIn::Certificate { .. } => "certificate",
            SignIn::Command { .. } => "command",
        }
    }

    /// Reads the file of a [`SignIn::Certificate`]; `None` for the other ways.
    ///
    /// # Errors
    /// [`SettingsError::Secret`] when it can't be read, or others than its owner may.
    pub fn read_certificate(&self) -> Result<Option<Zeroizing<Vec<u8>>>, SettingsError> {
        let SignIn::Certificate { certificate, .. } = self else {
            return Ok(None);
        };
        match read_private(certificate) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(why) => Err(SettingsError::Secret {
                from: format!("the file {}", certificate.display()),
                why,
            }),
        }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        SignIn::device_code(DEFAULT_CLIENT_ID)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInFields {
    way: Way,
    client_id: Option<Uuid>,
    scopes: Option<Vec<String>>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    secret_command: Option<Vec<String>>,
    certificate: Option<PathBuf>,
    command: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    DeviceCode,
    ClientSecret,
    Certificate,
    Command,
}

impl TryFrom<SignInFields> for SignIn {
    type Error = &'static str;
    fn try_from(fields: SignInFields) -> Result<Self, Self::Error> {
        let has_secret = fields.secret_env.is_some()
            || fields.secret_file.is_some()
            || fields.secret_command.is_some();
        let alone = |what: bool, why| if what { Err(why) } else { Ok(()) };
        if !matches!(fields.way, Way::ClientSecret) {
            alone(has_secret, "a secret is only for way = \"client-secret\"")?;
        }
        if !matches!(fields.way, Way::DeviceCode) {
            let why = "scopes are only for way = \"device-code\"; the other ways get what is consented to";
            alone(fields.scopes.is_some(), why)?;
        }
        if !matches!(fields.way, Way::Certificate) {
            let why = "a certificate is only for way = \"certificate\"";
            alone(fields.certificate.is_some(), why)?;
        }
        if !matches!(fields.way, Way::Command) {
            let why = "a command is only for way = \"command\"";
            alone(fields.command.is_some(), why)?;
        }
        match fields.way {
            Way::DeviceCode => {
                let client_id = fields.client_id.unwrap_or(DEFAULT_CLIENT_ID);
                match fields.scopes {
                    None => Ok(SignIn::device_code(client_id)),
                    Some(scopes) if scopes.iter().all(|one| is_scope(one)) => {
                        Ok(SignIn::DeviceCode { client_id, scopes })
                    }
                    Some(_) => Err(
                        "scopes are names such as \"Application.ReadWrite.All\", without an address",
                    ),
                }
            }
            Way::ClientSecret => Ok(SignIn::ClientSecret {
                client_id: fields
                    .client_id
                    .ok_or("way = \"client-secret\" needs a client_id")?,
                secret: SecretSource::of(
                    fields.secret_env,
                    fields.secret_file,
                    fields.secret_command,
                )?,
            }),
            Way::Certificate => Ok(SignIn::Certificate {
                client_id: fields
                    .client_id
                    .ok_or("way = \"certificate\" needs a client_id")?,
                certificate: fields.certificate.ok_or(
                    "way = \"certificate\" needs certificate = \"…\", a PEM file with certificate and key",
                )?,
            }),
            Way::Command if fields.client_id.is_some() => {
                Err("way = \"command\" can't have a client_id: the command has its own")
            }
            Way::Command => match fields.command {
                Some(command) if command.first().is_some_and(|word| !word.is_empty()) => {
                    Ok(SignIn::Command { command })
                }
                _ => Err("way = \"command\" needs command = [\"program\", \"argument\", …]"),
            },
        }
    }
}

fn is_scope(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    !text.is_empty() && text.chars().all(plain)
}
