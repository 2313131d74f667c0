//! The application object: its properties, what a caller may write to them, and how a change is merged.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::failure::Failure;

/// What a property takes.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Flag,
    Texts,
    /// Redirect URIs of one platform.
    Uris,
    Permissions,
    Part(&'static [(&'static str, Kind)]),
    /// Objects or lists that are stored as they come.
    Free,
    ReadOnly,
}

const WEB: &[(&str, Kind)] = &[
    ("homePageUrl", Kind::Text),
    ("logoutUrl", Kind::Text),
    ("redirectUris", Kind::Uris),
    ("redirectUriSettings", Kind::Free),
    (
        "implicitGrantSettings",
        Kind::Part(&[
            ("enableAccessTokenIssuance", Kind::Flag),
            ("enableIdTokenIssuance", Kind::Flag),
        ]),
    ),
];

const PROPERTIES: &[(&str, Kind)] = &[
    ("id", Kind::ReadOnly),
    ("appId", Kind::ReadOnly),
    ("deletedDateTime", Kind::ReadOnly),
    ("createdDateTime", Kind::ReadOnly),
    ("createdByAppId", Kind::ReadOnly),
    ("publisherDomain", Kind::ReadOnly),
    ("disabledByMicrosoftStatus", Kind::ReadOnly),
    ("certification", Kind::ReadOnly),
    ("applicationTemplateId", Kind::ReadOnly),
    ("isDisabled", Kind::Flag),
    ("displayName", Kind::Text),
    ("description", Kind::Text),
    ("notes", Kind::Text),
    ("uniqueName", Kind::Text),
    ("signInAudience", Kind::Text),
    ("serviceManagementReference", Kind::Text),
    ("groupMembershipClaims", Kind::Text),
    ("samlMetadataUrl", Kind::Text),
    ("defaultRedirectUri", Kind::Text),
    ("tokenEncryptionKeyId", Kind::Text),
    ("nativeAuthenticationApisEnabled", Kind::Text),
    ("isFallbackPublicClient", Kind::Flag),
    ("isDeviceOnlyAuthSupported", Kind::Flag),
    ("oauth2RequirePostResponse", Kind::Flag),
    ("identifierUris", Kind::Texts),
    ("tags", Kind::Texts),
    ("requiredResourceAccess", Kind::Permissions),
    ("web", Kind::Part(WEB)),
    ("spa", Kind::Part(&[("redirectUris", Kind::Uris)])),
    ("publicClient", Kind::Part(&[("redirectUris", Kind::Uris)])),
    (
        "api",
        Kind::Part(&[
            ("acceptMappedClaims", Kind::Flag),
            ("knownClientApplications", Kind::Texts),
            ("requestedAccessTokenVersion", Kind::Free),
            ("oauth2PermissionScopes", Kind::Free),
            ("preAuthorizedApplications", Kind::Free),
        ]),
    ),
    (
        "info",
        Kind::Part(&[
            ("logoUrl", Kind::Text),
            ("marketingUrl", Kind::Text),
            ("privacyStatementUrl", Kind::Text),
            ("supportUrl", Kind::Text),
            ("termsOfServiceUrl", Kind::Text),
        ]),
    ),
    (
        "parentalControlSettings",
        Kind::Part(&[
            ("countriesBlockedForMinors", Kind::Texts),
            ("legalAgeGroupRule", Kind::Text),
        ]),
    ),
    ("addIns", Kind::Free),
    ("appRoles", Kind::Free),
    ("optionalClaims", Kind::Free),
    ("requestSignatureVerification", Kind::Free),
    ("servicePrincipalLockConfiguration", Kind::Free),
    ("keyCredentials", Kind::Free),
];

/// The properties that hold redirect URIs.
const PLATFORMS: [&str; 3] = ["web", "spa", "publicClient"];

/// Whether `$select` may name it.
pub(super) fn is_property(name: &str) -> bool {
    // The last is shown to nobody who does not name it.
    matches!(
        name,
        "passwordCredentials" | "verifiedPublisher" | "authenticationBehaviors"
    ) || PROPERTIES.iter().any(|(known, _)| *known == name)
}

/// An application as Entra makes it when nothing but a name is given.
pub(in crate::sandbox) fn new_application(
    object_id: Uuid,
    app_id: Uuid,
    publisher_domain: &str,
    created: Timestamp,
) -> Map<String, Value> {
    let plain = json!({
        "id": object_id,
        "deletedDateTime": null,
        "appId": app_id,
        "applicationTemplateId": null,
        "disabledByMicrosoftStatus": null,
        "createdDateTime": created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "displayName": null,
        "description": null,
        "groupMembershipClaims": null,
        "identifierUris": [],
        "isDeviceOnlyAuthSupported": null,
        "isFallbackPublicClient": null,
        "notes": null,
        "publisherDomain": publisher_domain,
        "serviceManagementReference": null,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "tokenEncryptionKeyId": null,
        "uniqueName": null,
        "samlMetadataUrl": null,
        "defaultRedirectUri": null,
        "certification": null,
        "optionalClaims": null,
        "requestSignatureVerification": null,
        "servicePrincipalLockConfiguration": null,
    });
    let parts = json!({
        "addIns": [],
        "api": {
            "acceptMappedClaims": null,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": null,
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
        },
        "appRoles": [],
        "info": {
            "logoUrl": null,
            "marketingUrl": null,
            "privacyStatementUrl": null,
            "supportUrl": null,
            "termsOfServiceUrl": null,
        },
        "keyCredentials": [],
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        "publicClient": {"redirectUris": []},
        "requiredResourceAccess": [],
        "verifiedPublisher": unverified(),
        "web": {
            "homePageUrl": null,
            "logoutUrl": null,
            "redirectUris": [],
            "implicitGrantSettings": {"enableAccessTokenIssuance": false, "enableIdTokenIssuance": false},
            "redirectUriSettings": [],
        },
        "spa": {"redirectUris": []},
    });
    [plain, parts]
        .into_iter()
        .filter_map(|value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })
        .flatten()
        .collect()
}

/// `verifiedPublisher` when nobody verified it: there, but empty.
pub(super) fn unverified() -> Value {
    json!({"displayName": null, "verifiedPublisherId": null, "addedDateTime": null})
}

/// Refuses what a caller may not write.
pub(super) fn check(change: &Map<String, Value>) -> Result<(), Failure> {
    for (name, value) in change {
        if name.contains("@odata.") {
            continue;
        }
        if name == "verifiedPublisher" {
            return Err(Failure::new(
                403,
                "Authorization_RequestDenied",
                "verifiedPublisher properties cannot be set during Application creation or update.",
            ));
        }
        if name == "passwordCredentials" {
            if value.as_array().is_some_and(Vec::is_empty) {
                continue;
            }
            return Err(Failure::bad(
                "Property 'passwordCredentials' cannot be written here; use addPassword and removePassword.",
            ));
        }
        let Some((_, kind)) = PROPERTIES.iter().find(|(known, _)| known == name) else {
            return Err(Failure::bad(format!("Invalid property '{name}'.")));
        };
        if matches!(kind, Kind::ReadOnly) {
            return Err(Failure::bad(format!(
                "Property '{name}' is read-only and cannot be set."
            )));
        }
        if !fits(*kind, value) {
            return Err(Failure::invalid_value(name, "Application"));
        }
    }
    if let Some(name) = change.get("displayName")
        && !name
            .as_str()
            .is_some_and(|name| (1..=256).contains(&name.chars().count()))
    {
        return Err(Failure::invalid_value("displayName", "Application"));
    }
    if let Some(audience) = change.get("signInAudience").and_then(Value::as_str)
        && ![
            "AzureADMyOrg",
            "AzureADMultipleOrgs",
            "AzureADandPersonalMicrosoftAccount",
            "PersonalMicrosoftAccount",
        ]
        .contains(&audience)
    {
        return Err(Failure::invalid_value("signInAudience", "Application"));
    }
    if let Some(tags) = change.get("tags").and_then(Value::as_array) {
        let mut seen: Vec<&str> = tags.iter().filter_map(Value::as_str).collect();
        let right =
            |tag: &&str| (1..=256).contains(&tag.len()) && !tag.contains(char::is_whitespace);
        let all = seen.iter().all(right);
        seen.sort_unstable();
        seen.dedup();
        if !all || seen.len() != tags.len() {
            return Err(Failure::invalid_value("tags", "Application"));
        }
    }
    Ok(())
}

fn fits(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Text => value.is_null() || value.is_string(),
        Kind::Flag => value.is_null() || value.is_boolean(),
        Kind::Texts => value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string)),
        Kind::Uris => value.as_array().is_some_and(|list| {
            list.len() <= 256
                && list
                    .iter()
                    .all(|uri| uri.as_str().is_some_and(is_redirect_uri))
        }),
        Kind::Permissions => value
            .as_array()
            .is_some_and(|list| list.len() <= 50 && list.iter().all(is_required_access)),
        Kind::Part(members) => value.as_object().is_some_and(|part| {
            part.iter().all(|(name, value)| {
                members
                    .iter()
                    .find(|(known, _)| known == name)
                    .is_some_and(|(_, kind)| fits(*kind, value))
            })
        }),
        Kind::Free => true,
        Kind::ReadOnly => false,
    }
}

fn is_required_access(entry: &Value) -> bool {
    let guid = |value: Option<&Value>| {
        value
            .and_then(Value::as_str)
            .is_some_and(|text| Uuid::parse_str(text).is_ok())
    };
    guid(entry.get("resourceAppId"))
        && entry
            .get("resourceAccess")
            .and_then(Value::as_array)
            .is_some_and(|list| {
                list.iter().all(|one| {
                    guid(one.get("id"))
                        && matches!(
                            one.get("type").and_then(Value::as_str),
                            Some("Scope" | "Role")
                        )
                })
            })
}

fn is_redirect_uri(uri: &str) -> bool {
    if uri.chars().count() > 256
        || uri
            .chars()
            .any(|c| "!$'(),;#*".contains(c) || c.is_whitespace() || c.is_control())
    {
        return false;
    }
    match url::Url::parse(uri) {
        Ok(parsed) => match parsed.scheme() {
            "https" => parsed.has_host(),
            "http" => matches!(parsed.host_str(), Some("localhost" | "127.0.0.1")),
            // Native clients use schemes of their own.
            scheme => scheme.contains('.') || scheme.starts_with("msal"),
        },
        Err(_) => false,
    }
}

/// Merges a checked change: complex properties member by member, collections as a whole.
pub(super) fn merge(
    target: &mut Map<String, Value>,
    change: &Map<String, Value>,
) -> Result<(), Failure> {
    let mut merged = target.clone();
    for (name, value) in change {
        if !name.contains("@odata.") && name != "passwordCredentials" {
            merge_value(merged.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
    stay_while_enabled(target, &merged)?;
    let mut uris: Vec<&str> = PLATFORMS
        .iter()
        .filter_map(|platform| merged.get(*platform)?.get("redirectUris")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let all = uris.len();
    uris.sort_unstable();
    uris.dedup();
    if uris.len() != all {
        return Err(Failure::bad(
            "The same redirect URI may not be repeated, on one platform or on several.",
        ));
    }
    *target = merged;
    Ok(())
}

/// An app role or a scope of an application's own is switched off before it is changed or taken away.
fn stay_while_enabled(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<(), Failure> {
    let offered = |of: &Map<String, Value>| -> Vec<Value> {
        let scopes = of.get("api").map(|api| &api["oauth2PermissionScopes"]);
        [of.get("appRoles"), scopes]
            .into_iter()
            .flatten()
            .filter_map(Value::as_array)
            .flatten()
            .cloned()
            .collect()
    };
    let after = offered(after);
    let lost = offered(before).into_iter().any(|one| {
        let same = after.iter().find(|other| other["id"] == one["id"]);
        one["isEnabled"] == true && same.is_none_or(|other| other["value"] != one["value"])
    });
    match lost {
        true => Err(Failure::new(
            400,
            "CannotDeleteOrUpdateEnabledEntitlement",
            "Permission (scope or role) cannot be deleted or updated unless disabled first.",
        )),
        false => Ok(()),
    }
}

fn merge_value(target: &mut Value, change: &Value) {
    match (target, change) {
        (Value::Object(target), Value::Object(change)) => {
            for (name, value) in change {
                merge_value(target.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (target, change) => *target = change.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_https_or_local() {
        for right in [
            "https://a.example/x",
            "http://localhost:80/",
            "msal123://auth",
        ] {
            assert!(is_redirect_uri(right), "{right}");
        }
        for wrong in [
            "http://a.example/x",
            "https://a.example/(x)",
            "a.example",
            "",
        ] {
            assert!(!is_redirect_uri(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_member_of_a_part_is_refused() {
        let change = json!({"web": {"redirectUri": []}});
        assert!(check(change.as_object().unwrap()).is_err());
    }
}
