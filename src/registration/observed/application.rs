//! A registration in Entra as it was read: the application, its credentials and permissions, its service principal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A registration, as Graph's `application` describes it; null and missing are already equal here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// `id`: the object ID.
    pub object_id: Uuid,
    /// `appId`: the client ID.
    pub app_id: Uuid,
    /// `displayName`.
    pub display_name: String,
    /// `uniqueName`.
    pub unique_name: Option<String>,
    /// `signInAudience`.
    pub sign_in_audience: String,
    /// `web.redirectUris`.
    pub web_redirect_uris: Vec<String>,
    /// `spa.redirectUris`.
    pub spa_redirect_uris: Vec<String>,
    /// `publicClient.redirectUris`.
    pub public_client_redirect_uris: Vec<String>,
    /// `web.implicitGrantSettings.enableAccessTokenIssuance`.
    pub enable_access_token_issuance: bool,
    /// `web.implicitGrantSettings.enableIdTokenIssuance`.
    pub enable_id_token_issuance: bool,
    /// `isFallbackPublicClient`.
    pub is_fallback_public_client: bool,
    /// `requiredResourceAccess`, flattened.
    pub required_resource_access: Vec<ResourceAccess>,
    /// `passwordCredentials`: the client secrets, never their values.
    pub password_credentials: Vec<PasswordCredential>,
    /// `verifiedPublisher`, when one is set.
    pub verified_publisher: Option<VerifiedPublisher>,
    /// `publisherDomain`.
    pub publisher_domain: Option<String>,
    /// `notes`.
    pub notes: String,
    /// `createdDateTime`.
    pub created: Option<Timestamp>,
}

impl Application {
    /// The publisher domain, where Microsoft verifies publishers for it.
    ///
    /// # Errors
    /// What is there instead.
    pub fn verifiable_domain(&self) -> Result<&str, &str> {
        match self.publisher_domain.as_deref() {
            None => Err("none"),
            Some(domain) if domain.ends_with(".onmicrosoft.com") => Err(domain),
            Some(domain) => Ok(domain),
        }
    }
}

/// One permission that a registration asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResourceAccess {
    /// The resource application.
    pub resource_app_id: Uuid,
    /// The permission's id.
    pub id: Uuid,
    /// Delegated or application.
    pub kind: PermissionKind,
}

/// Graph's `type` of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PermissionKind {
    /// `Scope`: on behalf of a signed-in user.
    Delegated,
    /// `Role`: as the application itself.
    Application,
}

impl PermissionKind {
    /// The word on screen.
    pub fn word(self) -> &'static str {
        match self {
            PermissionKind::Delegated => "delegated",
            PermissionKind::Application => "application",
        }
    }
}

/// A client secret as Graph lists it; the value is not among what it lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordCredential {
    /// `keyId`, the secret's ID (not its value).
    pub key_id: Uuid,
    /// `displayName`.
    pub display_name: String,
    /// `startDateTime`.
    pub start: Option<Timestamp>,
    /// `endDateTime`.
    pub end: Option<Timestamp>,
    /// `hint`: the value's first three characters.
    pub hint: Option<String>,
}

impl PasswordCredential {
    /// Its first letters, where another of `all` bears the same name.
    pub fn hint_among<'a>(
        &self,
        all: impl IntoIterator<Item = &'a PasswordCredential>,
    ) -> Option<String> {
        let alike = |one: &PasswordCredential| {
            one.key_id != self.key_id && one.display_name == self.display_name
        };
        let is_twin = all.into_iter().any(alike);
        self.hint.clone().filter(|_| is_twin)
    }

    /// Its name in quotes, with its first letters where another of `all` bears the same one.
    pub fn named_among<'a>(&self, all: impl IntoIterator<Item = &'a PasswordCredential>) -> String {
        quoted(&self.display_name, self.hint_among(all).as_deref())
    }
}

/// A secret's name in quotes, with its first letters where the name alone does not tell which it is.
pub fn quoted(name: &str, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("\"{name}\" ({hint}…)"),
        None => format!("\"{name}\""),
    }
}

/// The publisher that Microsoft verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedPublisher {
    /// `verifiedPublisherId`: the Partner One (MPN) ID.
    pub id: String,
    /// `displayName`.
    pub display_name: String,
}

/// An application that may be a device's registration, for the operator to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// `id`.
    pub object_id: Uuid,
    /// `appId`.
    pub app_id: Uuid,
    /// `displayName`.
    pub display_name: String,
    /// How it was found: by unique name, by redirect URI, by name, or named by the operator.
    pub found_by: String,
    /// It is in the tenant's bin: when it was deleted. It can be restored for 30 days.
    #[serde(default)]
    pub deleted: Option<Timestamp>,
    /// The application itself; `None` = only listed so far.
    #[serde(default)]
    pub application: Option<Box<Application>>,
}

impl Candidate {
    /// What is known of an application that may be a device's registration.
    pub fn of(application: Application, found_by: &str, deleted: Option<Timestamp>) -> Candidate {
        Candidate {
            object_id: application.object_id,
            app_id: application.app_id,
            display_name: application.display_name.clone(),
            found_by: found_by.to_string(),
            deleted,
            application: Some(Box::new(application)),
        }
    }
}

/// A registration's service principal in the provider's tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePrincipal {
    /// `id`.
    pub object_id: Uuid,
    /// `accountEnabled`.
    pub enabled: bool,
}

/// One permission that is consented to for everybody in a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consented {
    /// The resource principal's object ID (`resourceId`).
    pub resource_object_id: Uuid,
    /// Delegated or application.
    pub kind: PermissionKind,
    /// The scope's name for delegated ones, the app role's id as text for application ones.
    pub permission: String,
    /// The id of the grant that has it among its scopes; `None` for application ones.
    #[serde(default)]
    pub grant: Option<String>,
}
