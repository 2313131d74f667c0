//! The values that operators copy instead of typing them into Notepad: one table for keys, menu and documents.

use super::blueprint::Blueprint;
use super::fleet::Device;
use super::observed::{Application, RegistrationFacts};
use super::plan::device_redirect_uri;

/// One kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Application (client) ID.
    ClientId,
    /// Object ID of the registration.
    ObjectId,
    /// Directory (tenant) ID.
    TenantId,
    /// Redirect URI.
    RedirectUri,
    /// The client secret's value; only while it exists in memory.
    SecretValue,
    /// The address at which a customer's admin consents.
    ConsentUrl,
    /// The multitenant portal.
    PortalUrl,
}

impl ValueKind {
    /// All kinds, in the order of the menu.
    pub const ALL: [ValueKind; 7] = [
        ValueKind::ClientId,
        ValueKind::SecretValue,
        ValueKind::RedirectUri,
        ValueKind::ObjectId,
        ValueKind::TenantId,
        ValueKind::ConsentUrl,
        ValueKind::PortalUrl,
    ];

    /// Its name on screen, Microsoft's own where there is one.
    pub fn title(self) -> &'static str {
        match self {
            ValueKind::ClientId => "Application (client) ID",
            ValueKind::ObjectId => "Object ID",
            ValueKind::TenantId => "Directory (tenant) ID",
            ValueKind::RedirectUri => "Redirect URI",
            ValueKind::SecretValue => "Client secret value",
            ValueKind::ConsentUrl => "Admin consent URL",
            ValueKind::PortalUrl => "Multitenant portal",
        }
    }

    /// The letter that copies it.
    pub fn key(self) -> char {
        match self {
            ValueKind::ClientId => 'i',
            ValueKind::ObjectId => 'o',
            ValueKind::TenantId => 't',
            ValueKind::RedirectUri => 'u',
            ValueKind::SecretValue => 'x',
            ValueKind::ConsentUrl => 'n',
            ValueKind::PortalUrl => 'm',
        }
    }
}

/// The value, or why there is none. A secret's value is never here: who holds it adds it.
pub fn value(
    kind: ValueKind,
    blueprint: &Blueprint,
    device: &Device,
    facts: &RegistrationFacts,
    login: &str,
) -> Result<String, &'static str> {
    const NO_REGISTRATION: &str = "no registration yet";
    let application = facts.application().ok_or(NO_REGISTRATION);
    match kind {
        ValueKind::ClientId => application.map(|app| app.app_id.to_string()),
        ValueKind::ObjectId => application.map(|app| app.object_id.to_string()),
        ValueKind::TenantId => Ok(device.tenant.to_string()),
        ValueKind::RedirectUri => {
            redirect_uri(blueprint, device).ok_or("the device has no valid redirect URI")
        }
        ValueKind::SecretValue => Err("shown once, when it is made"),
        ValueKind::ConsentUrl => {
            let uri =
                redirect_uri(blueprint, device).ok_or("the device has no valid redirect URI")?;
            application.map(|app| consent_url(login, app, &uri))
        }
        ValueKind::PortalUrl => Ok(device.portal_url.clone()),
    }
}

fn redirect_uri(blueprint: &Blueprint, device: &Device) -> Option<String> {
    device_redirect_uri(blueprint, device)
        .ok()
        .map(|uri| uri.to_string())
}

/// Microsoft's admin consent page for any organisation's admin.
fn consent_url(login: &str, application: &Application, redirect_uri: &str) -> String {
    let login = login.trim_end_matches('/');
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &application.app_id.to_string())
        .append_pair("scope", "https://graph.microsoft.com/.default")
        .append_pair("redirect_uri", redirect_uri)
        .finish();
    format!("{login}/organizations/v2.0/adminconsent?{query}")
}
