//! What a step of a plan does, in Graph's and the portal's terms, and in words.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::observed::{ResourceAccess, quoted};

/// The properties of an application that a step sets; `None` = left as it is. Lists are whole lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
    /// `uniqueName`, which can be set once and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// `displayName`.
    pub display_name: Option<String>,
    /// `signInAudience`.
    pub sign_in_audience: Option<String>,
    /// `web.redirectUris`.
    pub web_redirect_uris: Option<Vec<String>>,
    /// `spa.redirectUris`.
    pub spa_redirect_uris: Option<Vec<String>>,
    /// `publicClient.redirectUris`.
    pub public_client_redirect_uris: Option<Vec<String>>,
    /// `web.implicitGrantSettings.enableAccessTokenIssuance`.
    pub enable_access_token_issuance: Option<bool>,
    /// `web.implicitGrantSettings.enableIdTokenIssuance`.
    pub enable_id_token_issuance: Option<bool>,
    /// `isFallbackPublicClient`.
    pub is_fallback_public_client: Option<bool>,
    /// `requiredResourceAccess`.
    pub required_resource_access: Option<Vec<ResourceAccess>>,
    /// `notes`.
    pub notes: Option<String>,
}

/// One thing that a run does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    /// Look whether a registration is there already: by unique name, redirect URI, name. Stops the run if so.
    FindRegistration {
        /// `uniqueName`.
        unique_name: String,
        /// Redirect URI.
        redirect_uri: String,
        /// Display name.
        name: String,
    },
    /// Make the application, by upsert on its unique name.
    CreateApplication {
        /// `uniqueName`.
        unique_name: String,
        /// What it is made with.
        properties: Properties,
    },
    /// Set properties of the application.
    UpdateApplication {
        /// What is set.
        properties: Properties,
    },
    /// Take the application out of the tenant's bin.
    RestoreApplication {
        /// Its display name.
        name: String,
    },
    /// Take the service principal out of the bin, with what was granted to it; make one where the bin has none.
    RestoreServicePrincipal,
    /// Remember on this machine by its object ID that the application is the device's registration.
    Link {
        /// Its object ID.
        object_id: Uuid,
    },
    /// Make sure that the service principal is there.
    EnsureServicePrincipal,
    /// Consent for everybody in the provider's tenant to delegated permissions of one resource. There is one grant for
    /// a client and a resource: it is made, or made longer; what it has stays.
    GrantScopes {
        /// The resource's name.
        resource: String,
        /// Its service principal's object ID.
        resource_object_id: Uuid,
        /// The grant that is there already; `None` = it is made.
        grant: Option<String>,
        /// The names that it has.
        kept: Vec<String>,
        /// The names that come to it.
        added: Vec<String>,
    },
    /// Consent in the provider's tenant to an application permission.
    GrantRole {
        /// The resource's name.
        resource: String,
        /// Its service principal's object ID.
        resource_object_id: Uuid,
        /// The app role's id.
        role_id: Uuid,
        /// Its name.
        name: String,
    },
    /// Verify the publisher.
    VerifyPublisher {
        /// Partner One (MPN) ID.
        mpn_id: String,
    },
    /// Add a client secret. Before a [`Action::HandOff`] it waits until the operator reaches the secret's field.
    AddSecret {
        /// Its description; the run's short id is added when it is made.
        name: String,
        /// When it ends.
        end: Timestamp,
    },
    /// Read the application back and compare.
    ReadBackRegistration,
    /// Write the portal's settings.
    WritePortal {
        /// The redirect URI to write.
        redirect_uri: String,
        /// Whether the secret is written too.
        with_secret: bool,
    },
    /// Read the portal's settings back and compare.
    ReadBackPortal {
        /// The redirect URI that must be found.
        redirect_uri: String,
    },
    /// The operator puts the settings in the portal's page by hand and says so.
    HandOff {
        /// The redirect URI to apply.
        redirect_uri: String,
        /// Whether the secret is applied too; else the page keeps the one that was stated.
        #[serde(default = "always")]
        with_secret: bool,
    },
    /// Ask Entra for a token with the registration's own client ID and secret.
    ProveSecret,
    /// Remove a client secret.
    RemoveSecret {
        /// Its key ID.
        key_id: Uuid,
        /// Its description.
        name: String,
        /// Its first letters, where another one is described alike.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
    },
    /// Put an earlier client secret down to be removed by a run of its own, from a day on.
    RetireLater {
        /// Its key ID.
        key_id: Uuid,
        /// Its description.
        name: String,
        /// Its first letters, where another one is described alike.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
        /// From when on it is due.
        due: Timestamp,
    },
    /// Remove every client secret that dead runs added, except the one in use: looked up when it is done, since a
    /// request of a dead run may have arrived late.
    RemoveLeftovers {
        /// The runs' short IDs.
        runs: Vec<String>,
    },
}

/// What a journal says of a handoff that was written before one could leave the secret as it is.
fn always() -> bool {
    true
}

impl Action {
    /// Whether it changes nothing anywhere, so that it may be done again at any time.
    pub fn reads_only(&self) -> bool {
        matches!(
            self,
            Action::FindRegistration { .. }
                | Action::ReadBackRegistration
                | Action::ReadBackPortal { .. }
                | Action::ProveSecret
        )
    }

    /// The step's title on screen.
    pub fn title(&self) -> String {
        match self {
            Action::FindRegistration { .. } => "look for an existing registration".into(),
            Action::CreateApplication { .. } => "create the registration".into(),
            Action::UpdateApplication { .. } => "update the registration".into(),
            Action::RestoreApplication { name } => {
                format!("restore the deleted application \"{name}\"")
            }
            Action::RestoreServicePrincipal => {
                "restore the service principal, or create one if none was deleted".into()
            }
            Action::Link { .. } => "record it on this machine as the device's registration".into(),
            Action::EnsureServicePrincipal => "make sure that the service principal exists".into(),
            Action::GrantScopes {
                resource, grant, ..
            } => match grant {
                Some(_) => format!("extend the consent in your tenant to {resource}"),
                None => format!("consent in your tenant to {resource}"),
            },
            Action::GrantRole { resource, name, .. } => {
                format!("consent in your tenant to {name} of {resource}")
            }
            Action::VerifyPublisher { mpn_id } => format!("verify the publisher, MPN {mpn_id}"),
            Action::AddSecret { end, .. } => {
                format!("add a client secret, until {}", crate::text::day(*end))
            }
            Action::ReadBackRegistration => "read the registration back and compare".into(),
            Action::WritePortal {
                with_secret: true, ..
            } => "write client ID, secret and redirect URI to the portal".into(),
            Action::WritePortal {
                with_secret: false, ..
            } => "write client ID and redirect URI to the portal".into(),
            Action::ReadBackPortal { .. } => "read the portal back and compare".into(),
            Action::HandOff {
                with_secret: true, ..
            } => "you apply the values on the portal's page".into(),
            Action::HandOff {
                with_secret: false, ..
            } => "you apply the redirect URIs on the portal's page; the secret there stays".into(),
            Action::ProveSecret => "prove the secret by a token request".into(),
            Action::RemoveSecret { name, hint, .. } => {
                format!(
                    "remove the earlier secret {}",
                    quoted(name, hint.as_deref())
                )
            }
            Action::RetireLater {
                name, hint, due, ..
            } => format!(
                "record that the earlier secret {} is due for removal from {} on",
                quoted(name, hint.as_deref()),
                crate::text::day(*due)
            ),
            Action::RemoveLeftovers { runs } => {
                format!(
                    "remove the secrets that run {} left",
                    runs.join(" and run ")
                )
            }
        }
    }
}

/// One property that a step changes, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Graph's or the portal's name of the field.
    pub field: String,
    /// What is there.
    pub from: String,
    /// What will be there.
    pub to: String,
}
