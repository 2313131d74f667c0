//! Graph's JSON, read tolerantly: null, missing, false and empty are equal, unknown fields are ignored, names are
//! cleaned. What identifies a thing (ids) must be right, or the whole answer is an error.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use crate::registration::observed::{
    Application, Consented, NamedPermission, PasswordCredential, PermissionKind, ResourceAccess,
    ResourcePrincipal, SecretPolicy, SecretRestriction, SecretRestrictionKind, ServicePrincipal,
    VerifiedPublisher,
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
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A time that can't be read counts as not stated.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
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
            .map(|password| PasswordCredential {
                key_id: password.key_id,
                display_name: clean(&password.display_name),
                start: password.start_date_time,
                end: password.end_date_time,
                hint: password.hint.map(|hint| clean(&hint)),
            })
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

/// An application in the tenant's bin, where it stays for 30 days and still owns its `uniqueName`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedApplication {
    /// `id`, by which it is restored or removed for good.
    pub object_id: Uuid,
    /// `appId`.
    pub app_id: Uuid,
    /// `displayName`.
    pub display_name: String,
    /// `uniqueName`.
    pub unique_name: Option<String>,
    /// `deletedDateTime`.
    pub deleted: Option<Timestamp>,
}

/// Reads a deleted application.
pub fn deleted_application(mut value: Value) -> Result<DeletedApplication, NotUnderstood> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Deleted {
        #[serde(default, deserialize_with = "time")]
        deleted_date_time: Option<Timestamp>,
    }
    let deleted: Deleted = read(serde_json::json!({
        "deletedDateTime": value.get_mut("deletedDateTime").map(Value::take),
    }))?;
    let application = application(value)?;
    Ok(DeletedApplication {
        object_id: application.object_id,
        app_id: application.app_id,
        display_name: application.display_name,
        unique_name: application.unique_name,
        deleted: deleted.deleted_date_time,
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePrincipal {
    id: Uuid,
    app_id: Uuid,
    #[serde(default, deserialize_with = "lenient")]
    display_name: String,
    #[serde(default)]
    account_enabled: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    app_roles: Vec<WireNamed>,
    #[serde(
        default,
        deserialize_with = "lenient",
        rename = "oauth2PermissionScopes"
    )]
    scopes: Vec<WireNamed>,
}

#[derive(Debug, Deserialize)]
struct WireNamed {
    id: Uuid,
    #[serde(default, deserialize_with = "lenient")]
    value: String,
}

/// Reads a service principal with the application ID that it stands for.
pub fn service_principal(value: Value) -> Result<(Uuid, ServicePrincipal), NotUnderstood> {
    let wire: WirePrincipal = read(value)?;
    let principal = ServicePrincipal {
        object_id: wire.id,
        // Graph's default for a principal is enabled.
        enabled: wire.account_enabled.unwrap_or(true),
    };
    Ok((wire.app_id, principal))
}

/// Reads a resource's principal with the names of its permissions.
pub fn resource_principal(value: Value) -> Result<ResourcePrincipal, NotUnderstood> {
    let wire: WirePrincipal = read(value)?;
    let named = |all: Vec<WireNamed>| {
        all.into_iter()
            .filter(|one| !one.value.is_empty())
            .map(|one| NamedPermission {
                id: one.id,
                value: clean(&one.value),
            })
            .collect()
    };
    Ok(ResourcePrincipal {
        app_id: wire.app_id,
        object_id: wire.id,
        display_name: clean(&wire.display_name),
        scopes: named(wire.scopes),
        roles: named(wire.app_roles),
    })
}

/// A delegated grant (`oauth2PermissionGrant`); its id is needed to change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegatedGrant {
    /// `id`, opaque.
    pub id: String,
    /// `resourceId`: the resource principal's object ID.
    pub resource_object_id: Uuid,
    /// Granted for everybody (`AllPrincipals`), not for one user.
    pub for_everybody: bool,
    /// The names in `scope`.
    pub scopes: Vec<String>,
}

impl DelegatedGrant {
    /// The same as one consented permission per name; none when it is one user's.
    pub fn consented(&self) -> impl Iterator<Item = Consented> + '_ {
        let scopes = self.for_everybody.then_some(&self.scopes);
        scopes.into_iter().flatten().map(|scope| Consented {
            resource_object_id: self.resource_object_id,
            kind: PermissionKind::Delegated,
            permission: scope.clone(),
        })
    }
}

/// Reads a delegated grant.
pub fn delegated_grant(value: Value) -> Result<DelegatedGrant, NotUnderstood> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        id: String,
        resource_id: Uuid,
        #[serde(default, deserialize_with = "lenient")]
        consent_type: String,
        #[serde(default, deserialize_with = "lenient")]
        scope: String,
    }
    let wire: Wire = read(value)?;
    Ok(DelegatedGrant {
        id: clean(&wire.id),
        resource_object_id: wire.resource_id,
        for_everybody: wire.consent_type == "AllPrincipals",
        scopes: wire.scope.split_whitespace().map(clean).collect(),
    })
}

/// Reads an app-role assignment.
pub fn app_role_assignment(value: Value) -> Result<Consented, NotUnderstood> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        resource_id: Uuid,
        app_role_id: Uuid,
    }
    let wire: Wire = read(value)?;
    Ok(Consented {
        resource_object_id: wire.resource_id,
        kind: PermissionKind::Application,
        permission: wire.app_role_id.to_string(),
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

/// Reads what a policy says of client secrets: the tenant's default (`applicationRestrictions`) or one application's
/// (`restrictions`). A lifetime that can't be read is an error: no limit would be a lie.
pub fn secret_policy(value: Value) -> Result<SecretPolicy, NotUnderstood> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[serde(default, deserialize_with = "lenient")]
        display_name: String,
        #[serde(default, deserialize_with = "lenient")]
        is_enabled: bool,
        #[serde(default, alias = "restrictions", deserialize_with = "lenient")]
        application_restrictions: Restrictions,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Restrictions {
        #[serde(default, deserialize_with = "lenient")]
        password_credentials: Vec<Restriction>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Restriction {
        #[serde(default, deserialize_with = "lenient")]
        restriction_type: String,
        #[serde(default)]
        state: Option<String>,
        #[serde(default)]
        max_lifetime: Option<String>,
        #[serde(default, deserialize_with = "time")]
        restrict_for_apps_created_after_date_time: Option<Timestamp>,
    }
    let wire: Wire = read(value)?;
    let mut policy = SecretPolicy::default();
    if !wire.is_enabled {
        return Ok(policy);
    }
    let name = match clean(&wire.display_name) {
        name if name.is_empty() => "application management policy".to_string(),
        name => name,
    };
    for restriction in wire.application_restrictions.password_credentials {
        if restriction.state.as_deref() == Some("disabled") {
            continue;
        }
        let kind = match restriction.restriction_type.as_str() {
            "passwordAddition" => SecretRestrictionKind::Forbidden,
            "passwordLifetime" => match restriction.max_lifetime {
                Some(text) => SecretRestrictionKind::MaxLifetimeSeconds(
                    duration_seconds(&text)
                        .ok_or_else(|| NotUnderstood(format!("maxLifetime {:?}", clean(&text))))?,
                ),
                None => continue,
            },
            _ => continue,
        };
        policy.restrictions.push(SecretRestriction {
            policy: name.clone(),
            kind,
            apps_created_after: restriction.restrict_for_apps_created_after_date_time,
        });
    }
    Ok(policy)
}

/// Seconds of an ISO 8601 duration; a day is 24 hours, a month 30 days, a year 365 days. `None` when it is none, or
/// is negative.
fn duration_seconds(text: &str) -> Option<i64> {
    const DAY: i64 = 24 * 3600;
    let span: jiff::Span = text.trim().parse().ok()?;
    if span.is_negative() {
        return None;
    }
    [
        (i64::from(span.get_years()), 365 * DAY),
        (i64::from(span.get_months()), 30 * DAY),
        (i64::from(span.get_weeks()), 7 * DAY),
        (i64::from(span.get_days()), DAY),
        (i64::from(span.get_hours()), 3600),
        (span.get_minutes(), 60),
        (span.get_seconds(), 1),
    ]
    .into_iter()
    .try_fold(0i64, |sum, (count, unit)| {
        sum.checked_add(count.checked_mul(unit)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
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
    fn a_thing_without_its_id_is_an_error() {
        assert!(application(json!({"appId": ID})).is_err());
        assert!(application(json!([])).is_err());
        assert!(delegated_grant(json!({"id": "x", "resourceId": "no"})).is_err());
    }

    #[test]
    fn a_policy_counts_only_what_is_enabled() {
        let policy = |enabled: bool| {
            secret_policy(json!({
                "displayName": "Default app management", "isEnabled": enabled,
                "applicationRestrictions": {"passwordCredentials": [
                    {"restrictionType": "passwordAddition", "state": "disabled"},
                    {"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": "P180D",
                     "restrictForAppsCreatedAfterDateTime": "2024-01-01T00:00:00Z"},
                    {"restrictionType": "symmetricKeyLifetime", "maxLifetime": "P1D"},
                ]},
            }))
            .unwrap()
            .restrictions
        };
        assert!(policy(false).is_empty());
        let on = policy(true);
        assert_eq!(on.len(), 1);
        assert_eq!(
            on[0].kind,
            SecretRestrictionKind::MaxLifetimeSeconds(180 * 86_400)
        );
        assert_eq!(on[0].policy, "Default app management");
        assert!(on[0].apps_created_after.is_some());
    }

    #[test]
    fn a_lifetime_that_cannot_be_read_is_no_missing_limit() {
        let broken = json!({"isEnabled": true, "restrictions": {"passwordCredentials": [
            {"restrictionType": "passwordLifetime", "maxLifetime": "half a year"}]}});
        assert!(secret_policy(broken).is_err());
    }

    #[test]
    fn iso_durations_become_seconds() {
        assert_eq!(duration_seconds("P180D"), Some(15_552_000));
        assert_eq!(duration_seconds("P4DT12H30M5S"), Some(390_605));
        assert_eq!(duration_seconds("PT0S"), Some(0));
        assert_eq!(duration_seconds("P1Y"), Some(31_536_000));
        for wrong in ["", "180", "P", "-P1D"] {
            assert_eq!(duration_seconds(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_duration_panics(text in "-?P[0-9YMWDTHS.]{0,30}") {
            let _ = duration_seconds(&text);
        }
    }
}
