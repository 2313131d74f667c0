//! Service principals, and what they were granted, as Graph describes them.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::wire::{NotUnderstood, lenient, read};
use crate::registration::observed::{
    Consented, NamedPermission, PermissionKind, ResourcePrincipal, ServicePrincipal,
};
use crate::text::clean;

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
            grant: Some(self.id.clone()),
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
        grant: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_grant_to_one_user_is_no_consent_for_everybody() {
        let id = Uuid::from_u128(7);
        let grant = |kind: &str| {
            let wire = json!({"id": "g", "resourceId": id, "consentType": kind, "scope": "A B"});
            delegated_grant(wire).unwrap().consented().count()
        };
        assert_eq!((grant("AllPrincipals"), grant("Principal")), (2, 0));
        assert!(delegated_grant(json!({"id": "x", "resourceId": "no"})).is_err());
    }
}
