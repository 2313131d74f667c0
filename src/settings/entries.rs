//! The entries of the settings file: tenants with their sign-in, devices with their customers.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use uuid::{Uuid, uuid};
use zeroize::Zeroizing;

use super::error::SettingsError;
use super::secret_source::{SecretSource, read_private};
use crate::inventory::{self, CustomerField, Entry, Field};

/// Microsoft's sign-in host of the global cloud.
pub const DEFAULT_LOGIN: &str = "https://login.microsoftonline.com";
/// Microsoft Graph's host of the global cloud.
pub const DEFAULT_GRAPH: &str = "https://graph.microsoft.com";
/// Microsoft Graph Command Line Tools, Microsoft's own public client; not verified for this use.
pub const DEFAULT_CLIENT_ID: Uuid = uuid!("14d82eec-204b-4c2f-b7e8-296a70dab67e");

/// What the work takes, for a client that has to name it.
pub const DEFAULT_SCOPES: &[&str] = &[
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "User.Read",
];

/// One `[[tenants]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// Directory (tenant) ID.
    pub id: Uuid,
    /// What operators call it.
    pub name: Spanned<String>,
    /// Its primary domain.
    pub primary_domain: String,
    /// The Partner One (MPN) ID of its registrations.
    pub mpn_id: Option<String>,
    /// Nothing is changed in it.
    #[serde(default)]
    pub read_only: bool,
    /// The sign-in host of its cloud, without a path.
    #[serde(default = "default_login")]
    pub login: String,
    /// The Graph host of its cloud, without a path.
    #[serde(default = "default_graph")]
    pub graph: String,
    /// How umpdeck signs in to it.
    #[serde(default)]
    pub sign_in: SignIn,
    /// How umpdeck signs in to its devices' portals, if it is to.
    pub portal: Option<PortalApi>,
    /// The proxy to this tenant and its portals; unless set, what the environment says.
    pub proxy: Option<String>,
    /// A PEM file with certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The line of its name in the file, counted from 1.
    #[serde(skip)]
    pub line: usize,
}

fn default_login() -> String {
    DEFAULT_LOGIN.to_string()
}

fn default_graph() -> String {
    DEFAULT_GRAPH.to_string()
}

impl TenantEntry {
    pub(super) fn settle(&mut self, folder: &Path) {
        match &mut self.sign_in {
            SignIn::ClientSecret { secret, .. } => secret.settle(folder),
            SignIn::Certificate { certificate, .. } => *certificate = folder.join(&certificate),
            SignIn::DeviceCode { .. } | SignIn::Command { .. } => {}
        }
        let from_here = |path: &mut PathBuf| *path = folder.join(&path);
        self.ca_file.iter_mut().for_each(from_here);
        if let Some(portal) = &mut self.portal {
            portal.settle(folder);
        }
    }
}

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
            alone(has_secret, "only sign_in by client-secret has a secret")?;
        }
        if !matches!(fields.way, Way::DeviceCode) {
            let why = "only sign_in by device-code has scopes; the others get what is consented to";
            alone(fields.scopes.is_some(), why)?;
        }
        if !matches!(fields.way, Way::Certificate) {
            let why = "only sign_in by certificate has a certificate";
            alone(fields.certificate.is_some(), why)?;
        }
        if !matches!(fields.way, Way::Command) {
            let why = "only sign_in by command has a command";
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
                    .ok_or("sign_in by client-secret needs a client_id")?,
                secret: SecretSource::of(
                    fields.secret_env,
                    fields.secret_file,
                    fields.secret_command,
                )?,
            }),
            Way::Certificate => Ok(SignIn::Certificate {
                client_id: fields
                    .client_id
                    .ok_or("sign_in by certificate needs a client_id")?,
                certificate: fields.certificate.ok_or(
                    "sign_in by certificate needs certificate = \"…\", a PEM file with the key",
                )?,
            }),
            Way::Command if fields.client_id.is_some() => {
                Err("sign_in by command has no client_id: the command knows its own")
            }
            Way::Command => match fields.command {
                Some(command) if command.first().is_some_and(|word| !word.is_empty()) => {
                    Ok(SignIn::Command { command })
                }
                _ => Err("sign_in by command needs command = [\"program\", \"argument\", …]"),
            },
        }
    }
}

fn is_scope(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    !text.is_empty() && text.chars().all(plain)
}

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
                    return Err("scope is one word, such as api://<guid>/.default");
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
                    "an application has client_id, scope and one of secret_env, secret_file, secret_command",
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
                    |_| "a user has exactly one of password_env, password_file, password_command",
                )?,
            }),
            None if has_password => return Err("a password belongs to a user: name it with user"),
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

/// One `[[devices]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// Its public host name.
    pub fqdn: Spanned<String>,
    /// Its tenant, by name or ID; may be left out where there is only one.
    pub tenant: Option<String>,
    /// Its blueprint; the first one unless set.
    pub blueprint: Option<String>,
    /// Its portal profile; handoff unless set.
    pub portal_profile: Option<String>,
    /// The portal's address; `https://<FQDN>/tenantui` unless set.
    pub portal_url: Option<String>,
    /// A redirect URI that differs from the blueprint's.
    pub redirect_uri: Option<String>,
    /// The object ID of its registration, where that can't be told by unique name or redirect URI.
    pub object_id: Option<Uuid>,
    /// A Partner One (MPN) ID that differs from the tenant's.
    pub mpn_id: Option<String>,
    /// Free text.
    #[serde(default)]
    pub notes: String,
    /// The organisations that it serves.
    #[serde(default)]
    pub customers: Vec<CustomerEntry>,
    /// The line of its FQDN in the file, counted from 1.
    #[serde(skip)]
    pub line: usize,
}

impl DeviceEntry {
    /// The device as it is written down.
    pub fn written(&self) -> Entry {
        let object_id = self.object_id.map(|id| id.to_string());
        let mut entry = Entry::default();
        for (field, text) in [
            (Field::Fqdn, Some(self.fqdn.get_ref())),
            (Field::Tenant, self.tenant.as_ref()),
            (Field::Blueprint, self.blueprint.as_ref()),
            (Field::PortalProfile, self.portal_profile.as_ref()),
            (Field::PortalUrl, self.portal_url.as_ref()),
            (Field::RedirectUri, self.redirect_uri.as_ref()),
            (Field::ObjectId, object_id.as_ref()),
            (Field::MpnId, self.mpn_id.as_ref()),
            (Field::Notes, Some(&self.notes)),
        ] {
            entry.set(field, text.map_or("", String::as_str));
        }
        entry.customers = self.customers.iter().map(CustomerEntry::written).collect();
        entry
    }
}

/// One `[[devices.customers]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerEntry {
    /// Short name: 3–15 letters, digits, underscore.
    pub short_name: String,
    /// Full name.
    #[serde(default)]
    pub full_name: String,
    /// Its own tenant.
    pub tenant_id: Option<Uuid>,
    /// A redirect URI of its own.
    pub redirect_uri: Option<String>,
}

impl CustomerEntry {
    fn written(&self) -> inventory::CustomerEntry {
        let tenant_id = self.tenant_id.map(|id| id.to_string());
        let mut entry = inventory::CustomerEntry::default();
        entry.set(CustomerField::ShortName, &self.short_name);
        entry.set(CustomerField::FullName, &self.full_name);
        entry.set(
            CustomerField::TenantId,
            tenant_id.as_deref().unwrap_or_default(),
        );
        entry.set(
            CustomerField::RedirectUri,
            self.redirect_uri.as_deref().unwrap_or_default(),
        );
        entry
    }
}
