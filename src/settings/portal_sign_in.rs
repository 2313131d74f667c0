//! How umpdeck signs in to the portals of a tenant's devices: `portal` of a `[[tenants]]` entry.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use uuid::Uuid;

use super::secret_source::SecretSource;

/// How umpdeck signs in to the portals of a tenant's devices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PortalFields")]
pub struct PortalApi {
    /// As an application, with a token of Entra: the REST API that AudioCodes documents.
    pub application: Option<PortalApplication>,
    /// As a user of the portal, where a profile's sign-in asks for that.
    pub person: Option<PortalUser>,
    /// The proxy to the portals, where it differs from the tenant's.
    pub proxy: Option<String>,
    /// Certificates that are trusted for the portals, where they differ from the tenant's.
    pub ca_file: Option<PathBuf>,
}

/// An application that the portals let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalApplication {
    /// The application.
    pub client_id: Uuid,
    /// Where its secret stands.
    pub secret: SecretSource,
    /// The scope to ask for, such as `api://<guid>/.default`.
    pub scope: String,
}

/// A user of the portals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalUser {
    /// User name.
    pub user: String,
    /// Where the password stands.
    pub password: SecretSource,
}

impl PortalApi {
    pub(super) fn settle(&mut self, folder: &Path) {
        let application = self.application.iter_mut().map(|one| &mut one.secret);
        let person = self.person.iter_mut().map(|one| &mut one.password);
        application
            .chain(person)
            .for_each(|source| source.settle(folder));
        let from_here = |path: &mut PathBuf| *path = folder.join(&path);
        self.ca_file.iter_mut().for_each(from_here);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PortalFields {
    client_id: Option<Uuid>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    secret_command: Option<Vec<String>>,
    scope: Option<String>,
    user: Option<String>,
    password_env: Option<String>,
    password_file: Option<PathBuf>,
    password_command: Option<Vec<String>>,
    proxy: Option<String>,
    ca_file: Option<PathBuf>,
}

impl TryFrom<PortalFields> for PortalApi {
    type Error = &'static str;
    fn try_from(fields: PortalFields) -> Result<Self, Self::Error> {
        let has_secret = fields.secret_env.is_some()
            || fields.secret_file.is_some()
            || fields.secret_command.is_some();
        let has_password = fields.password_env.is_some()
            || fields.password_file.is_some()
            || fields.password_command.is_some();
        let application = match (fields.client_id, fields.scope) {
            (Some(client_id), Some(scope)) => {
                if scope.is_empty() || scope.contains(char::is_whitespace) {
                    return Err("scope must be one word, such as api://<guid>/.default");
                }
                Some(PortalApplication {
                    client_id,
                    secret: SecretSource::of(
                        fields.secret_env,
                        fields.secret_file,
                        fields.secret_command,
                    )?,
                    scope,
                })
            }
            (None, None) if !has_secret => None,
            _ => {
                return Err(
                    "an application needs client_id, scope and one of secret_env, secret_file, secret_command",
                );
            }
        };
        let person = match fields.user {
            Some(user) => Some(PortalUser {
                user,
                password: SecretSource::of(
                    fields.password_env,
                    fields.password_file,
                    fields.password_command,
                )
                .map_err(
                    |_| "a user needs exactly one of password_env, password_file, password_command",
                )?,
            }),
            None if has_password => return Err("a password needs its user: add user"),
            None => None,
        };
        if application.is_none() && person.is_none() {
            return Err("it names neither an application (client_id, scope, secret_…) nor a user");
        }
        Ok(PortalApi {
            application,
            person,
            proxy: fields.proxy,
            ca_file: fields.ca_file,
        })
    }
}
