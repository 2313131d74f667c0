//! Renders a plan's steps as the requests that carry them out: one function for preview and run alike.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::lookups;
use super::signin::proof;
use crate::http::request::SECRET_BLANK;
use crate::http::{Body, Method, Request, encoded};
use crate::registration::observed::{PermissionKind, ResourceAccess};
use crate::registration::plan::{Action, Properties};

/// What a run knows when a step is rendered; what it does not know yet is a named blank.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The provider's tenant.
    pub tenant: Uuid,
    /// The registration's object ID.
    pub object_id: Option<Uuid>,
    /// The registration's client ID.
    pub app_id: Option<Uuid>,
    /// The object ID of its service principal.
    pub principal_id: Option<Uuid>,
    /// The run's short id, which a new secret's name bears.
    pub run: Option<String>,
    /// Graph's own address, which token requests name as the resource.
    pub graph: String,
}

impl Known {
    fn object_id(&self) -> String {
        self.object_id
            .map_or_else(|| "{object ID}".to_string(), |id| id.to_string())
    }

    fn principal_id(&self) -> String {
        self.principal_id.map_or_else(
            || "{service principal's object ID}".to_string(),
            |id| id.to_string(),
        )
    }

    /// The client ID, or its blank.
    pub fn app_id(&self) -> String {
        self.app_id
            .map_or_else(|| "{client ID}".to_string(), |id| id.to_string())
    }

    /// The name of a secret that this run makes: it bears the run, so that a run that died is recognised.
    pub fn secret_name(&self, name: &str) -> String {
        let run = self.run.as_deref().unwrap_or("{run}");
        format!("{name} {run}")
    }
}

/// The requests of a step to sign-in and Graph, in order; none for steps that are the portal's or the operator's.
pub fn requests(action: &Action, known: &Known) -> Vec<Request> {
    let application = format!("/v1.0/applications/{}", known.object_id());
    match action {
        Action::FindRegistration {
            unique_name,
            redirect_uri,
            name,
        } => vec![
            lookups::application_by_unique_name(unique_name),
            lookups::applications_with_redirect_uri(redirect_uri),
            lookups::applications_named(name),
            lookups::deleted_applications(),
        ],
        Action::CreateApplication {
            unique_name,
            properties,
        } => vec![
            Request::new(Method::Patch, lookups::unique_name_path(unique_name))
                .with_prefer("create-if-missing")
                .with_body(Body::Json(body(properties))),
        ],
        Action::UpdateApplication { properties } => {
            vec![Request::new(Method::Patch, application).with_body(Body::Json(body(properties)))]
        }
        Action::RestoreApplication { .. } => vec![restore(&known.object_id())],
        // Whether the bin has one is only known when it is looked up.
        Action::RestoreServicePrincipal => vec![
            lookups::service_principal(&known.app_id()),
            lookups::deleted_service_principals(),
            restore("{service principal's object ID}"),
        ],
        Action::EnsureServicePrincipal => {
            let path = lookups::service_principal_path(&known.app_id());
            vec![
                Request::new(Method::Patch, path)
                    .with_prefer("create-if-missing")
                    .with_body(Body::Json(json!({"accountEnabled": true}))),
            ]
        }
        Action::GrantScopes {
            resource_object_id,
            grant,
            kept,
            added,
            ..
        } => {
            let all: Vec<&str> = kept.iter().chain(added).map(String::as_str).collect();
            let scope = all.join(" ");
            vec![match grant {
                // A PATCH replaces the whole list.
                Some(id) => Request::new(
                    Method::Patch,
                    format!("/v1.0/oauth2PermissionGrants/{}", encoded(id)),
                )
                .with_body(Body::Json(json!({ "scope": scope }))),
                None => Request::new(Method::Post, "/v1.0/oauth2PermissionGrants").with_body(
                    Body::Json(json!({
                        "clientId": known.principal_id(),
                        "consentType": "AllPrincipals",
                        "principalId": null,
                        "resourceId": resource_object_id,
                        "scope": scope,
                    })),
                ),
            }]
        }
        Action::GrantRole {
            resource_object_id,
            role_id,
            ..
        } => vec![
            Request::new(
                Method::Post,
                format!(
                    "/v1.0/servicePrincipals/{}/appRoleAssignments",
                    known.principal_id()
                ),
            )
            .with_body(Body::Json(json!({
                "principalId": known.principal_id(),
                "resourceId": resource_object_id,
                "appRoleId": role_id,
            }))),
        ],
        Action::VerifyPublisher { mpn_id } => vec![
            Request::new(Method::Post, format!("{application}/setVerifiedPublisher"))
                .with_body(Body::Json(json!({"verifiedPublisherId": mpn_id}))),
        ],
        Action::AddSecret { name, end } => vec![
            Request::new(Method::Post, format!("{application}/addPassword")).with_body(Body::Json(
                json!({"passwordCredential": {
                    "displayName": known.secret_name(name),
                    "endDateTime": end.to_string(),
                }}),
            )),
        ],
        Action::ReadBackRegistration => vec![lookups::application(&known.object_id())],
        Action::RemoveSecret { key_id, .. } => vec![
            Request::new(Method::Post, format!("{application}/removePassword"))
                .with_body(Body::Json(json!({"keyId": key_id}))),
        ],
        // Which ones is only known when they are looked up: a blank here, a RemoveSecret each in the run.
        Action::RemoveLeftovers { .. } => vec![
            lookups::application(&known.object_id()),
            Request::new(Method::Post, format!("{application}/removePassword"))
                .with_body(Body::Json(json!({"keyId": "{key ID}"}))),
        ],
        Action::ProveSecret => vec![proof::request(
            known.tenant,
            &known.app_id(),
            SECRET_BLANK.into(),
            &known.graph,
        )],
        Action::Link { .. }
        | Action::WritePortal { .. }
        | Action::ReadBackPortal { .. }
        | Action::HandOff { .. }
        | Action::RetireLater { .. } => vec![],
    }
}

/// Takes a thing out of the bin.
pub fn restore(object_id: &str) -> Request {
    let path = format!("/v1.0/directory/deletedItems/{object_id}/restore");
    Request::new(Method::Post, path)
}

/// Only what the step sets: Graph merges complex properties by member and replaces collections whole.
fn body(properties: &Properties) -> Value {
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_string(), value);
        }
    };
    set(
        "uniqueName",
        properties.unique_name.clone().map(Value::from),
    );
    set(
        "displayName",
        properties.display_name.clone().map(Value::from),
    );
    set(
        "signInAudience",
        properties.sign_in_audience.clone().map(Value::from),
    );
    set(
        "isFallbackPublicClient",
        properties.is_fallback_public_client.map(Value::from),
    );
    let mut web = Map::new();
    if let Some(uris) = &properties.web_redirect_uris {
        web.insert("redirectUris".to_string(), json!(uris));
    }
    let mut implicit = Map::new();
    if let Some(on) = properties.enable_access_token_issuance {
        implicit.insert("enableAccessTokenIssuance".to_string(), on.into());
    }
    if let Some(on) = properties.enable_id_token_issuance {
        implicit.insert("enableIdTokenIssuance".to_string(), on.into());
    }
    if !implicit.is_empty() {
        web.insert("implicitGrantSettings".to_string(), Value::Object(implicit));
    }
    set("web", (!web.is_empty()).then_some(Value::Object(web)));
    set(
        "spa",
        properties
            .spa_redirect_uris
            .as_ref()
            .map(|uris| json!({"redirectUris": uris})),
    );
    set(
        "publicClient",
        properties
            .public_client_redirect_uris
            .as_ref()
            .map(|uris| json!({"redirectUris": uris})),
    );
    set(
        "requiredResourceAccess",
        properties
            .required_resource_access
            .as_deref()
            .map(required_resource_access),
    );
    set("notes", properties.notes.clone().map(Value::from));
    Value::Object(body)
}

/// Graph groups permissions by their resource.
fn required_resource_access(all: &[ResourceAccess]) -> Value {
    let mut resources: Vec<(Uuid, Vec<Value>)> = Vec::new();
    for one in all {
        let kind = match one.kind {
            PermissionKind::Delegated => "Scope",
            PermissionKind::Application => "Role",
        };
        let access = json!({"id": one.id, "type": kind});
        match resources
            .iter_mut()
            .find(|(app_id, _)| *app_id == one.resource_app_id)
        {
            Some((_, list)) => list.push(access),
            None => resources.push((one.resource_app_id, vec![access])),
        }
    }
    resources
        .into_iter()
        .map(|(app_id, list)| json!({"resourceAppId": app_id, "resourceAccess": list}))
        .collect()
}
