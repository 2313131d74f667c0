//! The entries of the settings file: tenants with their sign-in, devices with their customers.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use uuid::{Uuid, uuid};

use super::error::line_of;
use super::secret_source::SecretSource;

/// Microsoft's sign-in host of the global cloud.
pub const DEFAULT_LOGIN: &str = "https://login.microsoftonline.com";
/// Microsoft Graph's host of the global cloud.
pub const DEFAULT_GRAPH: &str = "https://graph.microsoft.com";
/// Microsoft Graph Command Line Tools, Microsoft's own public client; not verified for this use.
pub const DEFAULT_CLIENT_ID: Uuid = uuid!("14d82eec-204b-4c2f-b7e8-296a70dab67e");

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
    /// The sign-in host of its cloud, without a path.
    #[serde(default = "default_login")]
    pub login: String,
    /// The Graph host of its cloud, without a path.
    #[serde(default = "default_graph")]
    pub graph: String,
    /// How umpdeck signs in to it.
    #[serde(default)]
    pub sign_in: SignIn,
    /// How umpdeck signs in to its devices' REST API, if it is to.
    pub portal: Option<PortalApi>,
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
    pub(super) fn settle(&mut self, text: &str, folder: &Path) {
        self.line = line_of(text, &self.name.span());
        if let SignIn::ClientSecret { secret, .. } = &mut self.sign_in {
            secret.settle(folder);
        }
        if let Some(portal) = &mut self.portal {
            portal.secret.settle(folder);
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
    },
    /// As an application, with its secret.
    ClientSecret {
        /// The application.
        client_id: Uuid,
        /// Where its secret stands.
        secret: SecretSource,
    },
}

impl Default for SignIn {
    fn default() -> Self {
        SignIn::DeviceCode {
            client_id: DEFAULT_CLIENT_ID,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInFields {
    way: Way,
    client_id: Option<Uuid>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    DeviceCode,
    ClientSecret,
}

impl TryFrom<SignInFields> for SignIn {
    type Error = &'static str;
    fn try_from(fields: SignInFields) -> Result<Self, Self::Error> {
        match fields.way {
            Way::DeviceCode if fields.secret_env.is_some() || fields.secret_file.is_some() => {
                Err("sign_in by device-code has no secret")
            }
            Way::DeviceCode => Ok(SignIn::DeviceCode {
                client_id: fields.client_id.unwrap_or(DEFAULT_CLIENT_ID),
            }),
            Way::ClientSecret => Ok(SignIn::ClientSecret {
                client_id: fields
                    .client_id
                    .ok_or("sign_in by client-secret needs a client_id")?,
                secret: SecretSource::of(fields.secret_env, fields.secret_file)?,
            }),
        }
    }
}

/// How umpdeck signs in to the REST API of a tenant's devices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PortalFields")]
pub struct PortalApi {
    /// The application.
    pub client_id: Uuid,
    /// Where its secret stands.
    pub secret: SecretSource,
    /// The scope to ask for, such as `api://<guid>/.default`.
    pub scope: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PortalFields {
    client_id: Uuid,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    scope: String,
}

impl TryFrom<PortalFields> for PortalApi {
    type Error = &'static str;
    fn try_from(fields: PortalFields) -> Result<Self, Self::Error> {
        if fields.scope.is_empty() || fields.scope.contains(char::is_whitespace) {
            return Err("scope is one word, such as api://<guid>/.default");
        }
        Ok(PortalApi {
            client_id: fields.client_id,
            secret: SecretSource::of(fields.secret_env, fields.secret_file)?,
            scope: fields.scope,
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
    /// Its portal profile.
    #[serde(default = "default_profile")]
    pub portal_profile: String,
    /// The portal's address; `https://<FQDN>/tenantui` unless set.
    pub portal_url: Option<String>,
    /// A redirect URI that differs from the blueprint's.
    pub redirect_uri: Option<String>,
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

fn default_profile() -> String {
    "handoff".to_string()
}

impl DeviceEntry {
    pub(super) fn settle(&mut self, text: &str) {
        self.line = line_of(text, &self.fqdn.span());
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
