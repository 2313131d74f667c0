//! The service principal object: its properties, what a caller may write to them, and how its application shows in it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{Application, Principal, Tenant};
use super::failure::Failure;
use super::listing::{Kind, Type};
use super::{application_shape, credentials};

pub(super) const TYPE: Type = Type {
    name: "servicePrincipal",
    collection: "servicePrincipals",
    filterable: &[
        ("id", Kind::Key),
        ("appId", Kind::Key),
        ("displayName", Kind::Text),
        ("description", Kind::Text),
        ("accountEnabled", Kind::Key),
        ("appOwnerOrganizationId", Kind::Key),
        ("servicePrincipalType", Kind::Key),
        ("servicePrincipalNames", Kind::List),
        ("alternativeNames", Kind::List),
        ("homepage", Kind::Text),
        ("signInAudience", Kind::Key),
        ("tags", Kind::List),
        ("owners", Kind::Relation),
    ],
    searchable: &["displayName", "description"],
    sortable: &["displayName"],
    expandable: &["owners", "appRoleAssignments", "oauth2PermissionGrants"],
    is_property,
};

/// What a caller may write to a service principal.
const WRITABLE: &[&str] = &[
    "accountEnabled",
    "appRoleAssignmentRequired",
    "description",
    "notes",
    "loginUrl",
    "notificationEmailAddresses",
    "tags",
    "alternativeNames",
    "homepage",
    "logoutUrl",
    "preferredSingleSignOnMode",
    "replyUrls",
    "keyCredentials",
];

fn is_property(name: &str) -> bool {
    new_principal(Uuid::nil(), Uuid::nil(), Uuid::nil(), "").contains_key(name)
}

/// A service principal with nothing of its application's but ids and name.
pub(in crate::sandbox) fn new_principal(
    object_id: Uuid,
    app_id: Uuid,
    owner_tenant: Uuid,
    name: &str,
) -> Map<String, Value> {
    let value = json!({
        "id": object_id,
        "deletedDateTime": null,
        "accountEnabled": true,
        "alternativeNames": [],
        "appDescription": null,
        "appDisplayName": name,
        "appId": app_id,
        "applicationTemplateId": null,
        "appOwnerOrganizationId": owner_tenant,
        "appRoleAssignmentRequired": false,
        "description": null,
        "disabledByMicrosoftStatus": null,
        "displayName": name,
        "homepage": null,
        "loginUrl": null,
        "logoutUrl": null,
        "notes": null,
        "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": null,
        "preferredTokenSigningKeyThumbprint": null,
        "replyUrls": [],
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "tags": [],
        "tokenEncryptionKeyId": null,
        "samlSingleSignOnSettings": null,
        "addIns": [],
        "appRoles": [],
        "info": {
            "logoUrl": null,
            "marketingUrl": null,
            "privacyStatementUrl": null,
            "supportUrl": null,
            "termsOfServiceUrl": null,
        },
        "keyCredentials": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "resourceSpecificApplicationPermissions": [],
        "verifiedPublisher": application_shape::unverified(),
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Whether all that a change names may be written.
pub(super) fn check(body: &Map<String, Value>) -> Result<(), Failure> {
    match body.keys().find(|name| {
        !WRITABLE.contains(&name.as_str()) && *name != "appId" && !name.contains("@odata.")
    }) {
        Some(name) => Err(Failure::bad(format!(
            "Invalid property '{name}', or one that cannot be set here."
        ))),
        None => Ok(()),
    }
}

/// Writes what may be written; the rest of a change is passed over.
pub(super) fn write(properties: &mut Map<String, Value>, body: &Map<String, Value>) {
    for (name, value) in body {
        if WRITABLE.contains(&name.as_str()) {
            properties.insert(name.clone(), value.clone());
        }
    }
}

/// The principal as Graph shows it: what its application says, it says too.
pub(super) fn rendered(tenant: &Tenant, principal: &Principal) -> Value {
    let mut shown = principal.properties.clone();
    shown.insert(
        "deletedDateTime".into(),
        json!(principal.deleted.as_ref().map(Timestamp::to_string)),
    );
    let secrets = principal.secrets.iter();
    let secrets = secrets.map(|secret| credentials::rendered(secret, None));
    shown.insert("passwordCredentials".into(), secrets.collect());
    if let Some(application) = tenant.application_by_app_id(principal.app_id) {
        let property = |name: &str| property_of(application, name);
        shown.insert("displayName".into(), property("displayName"));
        shown.insert("appDisplayName".into(), property("displayName"));
        shown.insert("appDescription".into(), property("description"));
        shown.insert("signInAudience".into(), property("signInAudience"));
        shown.insert("verifiedPublisher".into(), property("verifiedPublisher"));
        let uris = application
            .properties
            .get("web")
            .and_then(|web| web.get("redirectUris"))
            .cloned()
            .unwrap_or_else(|| json!([]));
        shown.insert("replyUrls".into(), uris);
        // What the application exposes, its principal offers.
        if let Some(scopes) = application.properties["api"].get("oauth2PermissionScopes") {
            shown.insert("oauth2PermissionScopes".into(), scopes.clone());
        }
        shown.insert("appRoles".into(), property("appRoles"));
        let own = json!(principal.app_id);
        let names = application.properties["identifierUris"].as_array();
        let names = names.into_iter().flatten().cloned().chain([own]);
        shown.insert("servicePrincipalNames".into(), names.collect());
    }
    Value::Object(shown)
}

fn property_of(application: &Application, name: &str) -> Value {
    application
        .properties
        .get(name)
        .cloned()
        .unwrap_or(Value::Null)
}
