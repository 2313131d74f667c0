//! Graph's JSON, read tolerantly: null, missing, false and empty are equal, unknown fields are ignored, names are
//! cleaned. What identifies a thing (ids) must be right, or the whole answer is an error: [`NotUnderstood`], the only one
//! of all that reads Graph's JSON.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use crate::registration::directory::Deleted;
use crate::registration::observed::{
    Application, PasswordCredential, PermissionKind, ResourceAccess, VerifiedPublisher,
};
use crate::text::clean;

/// Why Graph's JSON is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotUnderstood(pub String);

/// Reads one thing.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, NotUnderstood> {
    serde_json::from_value(value).map_err(|error| NotUnderstood(clean(&error.to_string())))
}

/// Null counts as missing.
pub(super) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A time that can't be read counts as not stated.
pub(super) fn time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default, deserialize_with = "lenient")]
    pub value: Vec<Value>,
    #[serde(rename = "@odata.nextLink", default)]
    pub next_link: Option<String>,
}

/// The fields of an application that are asked for.
pub(super) const APPLICATION_FIELDS: &str = "id,appId,displayName,uniqueName,createdDateTime,signInAudience,\
publisherDomain,passwordCredentials,verifiedPublisher,web,spa,publicClient,isFallbackPublicClient,\
requiredResourceAccess,notes";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireApplication {
    id: Uuid,
    app_id: Uuid,
    #[serde(default, deserialize_with = "lenient")]
    display_name: String,
    #[serde(default)]
    unique_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    sign_in_audience: String,
    #[serde(default, deserialize_with = "lenient")]
    web: WireWeb,
    #[serde(default, deserialize_with = "lenient")]
    spa: WireUris,
    #[serde(default, deserialize_with = "lenient")]
    public_client: WireUris,
    #[serde(default, deserialize_with = "lenient")]
    is_fallback_public_client: bool,
    #[serde(default, deserialize_with = "lenient")]
    required_resource_access: Vec<WireResource>,
    #[serde(default, deserialize_with = "lenient")]
    password_credentials: Vec<WirePassword>,
    #[serde(default, deserialize_with = "lenient")]
    verified_publisher: WirePublisher,
    #[serde(default)]
    publisher_domain: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    notes: String,
    #[serde(default, deserialize_with = "time")]
    created_date_time: Option<Timestamp>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireWeb {
    #[serde(default, deserialize_with = "lenient")]
    redirect_uris: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    implicit_grant_settings: WireImplicit,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireImplicit {
    #[serde(default, deserialize_with = "lenient")]
    enable_access_token_issuance: bool,
    #[serde(default, deserialize_with = "lenient")]
    enable_id_token_issuance: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUris {
    #[serde(default, deserialize_with = "lenient")]
    redirect_uris: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireResource {
    resource_app_id: Uuid,
    #[serde(default, deserialize_with = "lenient")]
    resource_access: Vec<WireAccess>,
}

#[derive(Debug, Deserialize)]
struct WireAccess {
    id: Uuid,
    r#type: WireKind,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum WireKind {
    #[serde(alias = "scope")]
    Scope,
    #[serde(alias = "role")]
    Role,
}

/// A client secret as Graph lists it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePassword {
    key_id: Uuid,
    #[serde(default, deserialize_with = "lenient")]
    display_name: String,
    #[serde(default, deserialize_with = "time")]
    start_date_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    end_date_time: Option<Timestamp>,
    #[serde(default)]
    hint: Option<String>,
}

impl WirePassword {
    fn into_credential(self) -> PasswordCredential {
        PasswordCredential {
            key_id: self.key_id,
            display_name: clean(&self.display_name),
            start: self.start_date_time,
            end: self.end_date_time,
            hint: self.hint.map(|hint| clean(&hint)),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePublisher {
    #[serde(default)]
    verified_publisher_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    display_name: String,
}

/// Reads an application.
pub fn application(value: Value) -> Result<Application, NotUnderstood> {
    let wire: WireApplication = read(value)?;
    let clean_all = |all: Vec<String>| all.iter().map(|one| clean(one)).collect();
    let required_resource_access = wire
        .required_resource_access
        .iter()
        .flat_map(|resource| {
            resource
                .resource_access
                .iter()
                .map(move |access| ResourceAccess {
                    resource_app_id: resource.resource_app_id,
                    id: access.id,
                    kind: match access.r#type {
                        WireKind::Scope => PermissionKind::Delegated,
                        WireKind::Role => PermissionKind::Application,
                    },
                })
        })
        .collect();
    let publisher = wire.verified_publisher;
    Ok(Application {
        object_id: wire.id,
        app_id: wire.app_id,
        display_name: clean(&wire.display_name),
        unique_name: wire
            .unique_name
            .filter(|name| !name.is_empty())
            .map(|name| clean(&name)),
        sign_in_audience: clean(&wire.sign_in_audience),
        web_redirect_uris: clean_all(wire.web.redirect_uris),
        spa_redirect_uris: clean_all(wire.spa.redirect_uris),
        public_client_redirect_uris: clean_all(wire.public_client.redirect_uris),
        enable_access_token_issuance: wire
            .web
            .implicit_grant_settings
            .enable_access_token_issuance,
        enable_id_token_issuance: wire.web.implicit_grant_settings.enable_id_token_issuance,
        is_fallback_public_client: wire.is_fallback_public_client,
        required_resource_access,
        password_credentials: wire
            .password_credentials
            .into_iter()
            .map(WirePassword::into_credential)
            .collect(),
        verified_publisher: publisher
            .verified_publisher_id
            .filter(|id| !id.is_empty())
            .map(|id| VerifiedPublisher {
                id: clean(&id),
                display_name: clean(&publisher.display_name),
            }),
        publisher_domain: wire
            .publisher_domain
            .filter(|domain| !domain.is_empty())
            .map(|domain| clean(&domain)),
        notes: wire.notes.lines().map(clean).collect::<Vec<_>>().join("\n"),
        created: wire.created_date_time,
    })
}

/// A client secret as `addPassword` hands it out: the only time that its value is seen. Debug output does not show it.
#[derive(Debug, Clone)]
pub struct MintedSecret {
    /// The secret as Graph will list it.
    pub credential: PasswordCredential,
    /// `secretText`, which Graph hands out this once.
    pub value: SecretString,
}

/// Reads the answer of `addPassword`; the value is taken out of it before anything else is looked at.
pub fn minted_secret(mut value: Value) -> Result<MintedSecret, NotUnderstood> {
    let text = match value.get_mut("secretText").map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => SecretString::from(text),
        _ => return Err(NotUnderstood("it holds no secretText".to_string())),
    };
    let wire: WirePassword = read(value)?;
    Ok(MintedSecret {
        credential: wire.into_credential(),
        value: text,
    })
}

/// Reads a deleted application.
pub fn deleted_application(mut value: Value) -> Result<Deleted, NotUnderstood> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[serde(default, deserialize_with = "time")]
        deleted_date_time: Option<Timestamp>,
    }
    let deleted: Wire = read(serde_json::json!({
        "deletedDateTime": value.get_mut("deletedDateTime").map(Value::take),
    }))?;
    Ok(Deleted {
        at: deleted
            .deleted_date_time
            .ok_or_else(|| NotUnderstood("it holds no deletedDateTime".to_string()))?,
        application: application(value)?,
    })
}

/// The tenant as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The directory ID.
    pub id: Uuid,
    /// `displayName`.
    pub display_name: String,
    /// The default one of `verifiedDomains`.
    pub primary_domain: Option<String>,
}

/// Reads how an object is called.
pub fn display_name(value: Value) -> Result<String, NotUnderstood> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        display_name: String,
    }
    let wire: Wire = read(value)?;
    Ok(clean(&wire.display_name))
}

/// Reads the organization.
pub fn organization(value: Value) -> Result<Organization, NotUnderstood> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        id: Uuid,
        #[serde(default, deserialize_with = "lenient")]
        display_name: String,
        #[serde(default, deserialize_with = "lenient")]
        verified_domains: Vec<Domain>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Domain {
        #[serde(default, deserialize_with = "lenient")]
        name: String,
        #[serde(default, deserialize_with = "lenient")]
        is_default: bool,
    }
    let wire: Wire = read(value)?;
    Ok(Organization {
        id: wire.id,
        display_name: clean(&wire.display_name),
        primary_domain: wire
            .verified_domains
            .iter()
            .find(|domain| domain.is_default)
            .map(|domain| clean(&domain.name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    const ID: &str = "11111111-1111-1111-1111-111111111111";

    #[test]
    fn null_missing_false_and_empty_read_the_same() {
        let bare = application(json!({"id": ID, "appId": ID})).unwrap();
        let nulls = application(json!({
            "id": ID, "appId": ID, "displayName": null, "uniqueName": null, "signInAudience": null,
            "web": {"redirectUris": null, "implicitGrantSettings": {"enableAccessTokenIssuance": null}},
            "spa": null, "publicClient": {"redirectUris": []}, "isFallbackPublicClient": null,
            "requiredResourceAccess": null, "passwordCredentials": [], "publisherDomain": null, "notes": null,
            "verifiedPublisher": {"displayName": null, "verifiedPublisherId": null, "addedDateTime": null},
        }))
        .unwrap();
        let falses = application(json!({
            "id": ID, "appId": ID, "web": {"implicitGrantSettings": null}, "isFallbackPublicClient": false,
            "uniqueName": "", "somethingNew": {"a": 1},
        }))
        .unwrap();
        assert_eq!(bare, nulls);
        assert_eq!(bare, falses);
    }

    #[test]
    fn permissions_are_flattened_and_secrets_keep_their_times() {
        let read = application(json!({
            "id": ID, "appId": ID, "displayName": "UMP\u{1b}[31m",
            "requiredResourceAccess": [{"resourceAppId": ID, "resourceAccess": [
                {"id": ID, "type": "Scope"}, {"id": ID, "type": "Role"}]}],
            "passwordCredentials": [{"keyId": ID, "displayName": null, "hint": "abc",
                "startDateTime": "2026-11-24T00:00:00Z", "endDateTime": "2028-11-24T00:00:00.1234567Z"}],
        }))
        .unwrap();
        assert!(!read.display_name.contains('\u{1b}'));
        assert_eq!(read.required_resource_access.len(), 2);
        assert_eq!(
            read.required_resource_access[1].kind,
            PermissionKind::Application
        );
        assert!(read.password_credentials[0].end > read.password_credentials[0].start);
    }

    #[test]
    fn a_minted_secret_is_taken_out_and_never_shown() {
        let minted =
            minted_secret(json!({"keyId": ID, "secretText": "hush~1", "hint": "hus"})).unwrap();
        assert_eq!(minted.value.expose_secret(), "hush~1");
        assert!(!format!("{minted:?}").contains("hush"));
        let broken = minted_secret(json!({"keyId": 1, "secretText": "hush~1"})).unwrap_err();
        assert!(!broken.to_string().contains("hush"));
        assert!(minted_secret(json!({"keyId": ID, "secretText": null})).is_err());
    }

    #[test]
    fn a_thing_without_its_id_is_an_error() {
        assert!(application(json!({"appId": ID})).is_err());
        assert!(application(json!([])).is_err());
    }
}
