//! A tenant before any device: its resource principals and the applications that have nothing to do with devices.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{Application, RoleAssignment, Secret, Tenant};
use super::super::fleet::{Consent, Resource, TenantData};
use super::super::graph::{OPERATOR_ROLE, default_policy, new_application, new_principal};
use super::super::identity::{guid, training_secret};
use super::super::state::days_from;

pub(super) fn tenant(
    data: &TenantData,
    resources: &[Resource],
    training: Uuid,
    now: Timestamp,
) -> Tenant {
    let mut tenant = Tenant {
        id: guid(&format!("tenant {}", data.key)),
        name: data.name.clone(),
        primary_domain: data.primary_domain.clone(),
        mpn_id: data.mpn_id.clone(),
        // One application has one secret, whichever tenant it is used in.
        client_secret: training_secret("training application"),
        created: days_from(now, -2000),
        default_policy: default_policy(data.secret_policy_days),
        portal_interface: data.portal_interface,
        graph_unavailable: data.graph_unavailable,
        of_customer: false,
        applications: Vec::new(),
        principals: Vec::new(),
        grants: Vec::new(),
        assignments: Vec::new(),
        app_policies: Vec::new(),
        role_assignments: Vec::new(),
        active_roles: Vec::new(),
        purged: Vec::new(),
        values: Vec::new(),
        serial: 0,
    };
    let operator = tenant.operator().0;
    tenant.role_assignments.push(RoleAssignment {
        id: guid(&format!("role assignment {}", data.key))
            .simple()
            .to_string(),
        principal_id: operator,
        role: OPERATOR_ROLE.to_string(),
    });
    // Microsoft's own tenant owns the resource applications.
    let microsoft = guid("tenant microsoft");
    for resource in resources {
        let id = guid(&format!("principal {} {}", data.key, resource.app_id));
        let mut properties = new_principal(id, resource.app_id, microsoft, &resource.name);
        properties.insert("oauth2PermissionScopes".into(), scopes(resource));
        properties.insert("appRoles".into(), roles(resource));
        push_principal(&mut tenant, id, resource.app_id, properties, now);
    }
    let id = guid(&format!("principal {} training", data.key));
    let properties = new_principal(id, training, guid("tenant training"), "umpdeck (training)");
    push_principal(&mut tenant, id, training, properties, now);
    for name in &data.noise {
        let key = format!("noise {} {name}", data.key);
        let mut application = blank(&mut tenant, &key, days_from(now, -900));
        let host = name.to_lowercase().replace(' ', "-");
        application
            .properties
            .insert("displayName".into(), json!(name));
        application.properties["web"]["redirectUris"] =
            json!([format!("https://{host}.{}/signin", data.primary_domain)]);
        application.secrets.push(secret(&key, None, 200, 730, now));
        tenant.applications.push(application);
    }
    tenant
}

pub(super) fn scopes(resource: &Resource) -> Value {
    resource
        .scopes
        .iter()
        .map(|scope| {
            json!({
                "adminConsentDescription": scope.value,
                "adminConsentDisplayName": scope.value,
                "id": scope.id,
                "isEnabled": true,
                "type": match scope.consent {
                    Consent::Admin => "Admin",
                    Consent::User => "User",
                },
                "userConsentDescription": null,
                "userConsentDisplayName": null,
                "value": scope.value,
            })
        })
        .collect()
}

pub(super) fn roles(resource: &Resource) -> Value {
    resource
        .roles
        .iter()
        .map(|role| {
            json!({
                "allowedMemberTypes": ["Application"],
                "description": role.value,
                "displayName": role.value,
                "id": role.id,
                "isEnabled": true,
                "origin": "Application",
                "value": role.value,
            })
        })
        .collect()
}

pub(super) fn push_principal(
    tenant: &mut Tenant,
    object_id: Uuid,
    app_id: Uuid,
    properties: Map<String, Value>,
    now: Timestamp,
) {
    let made = tenant.new_object(object_id, app_id, properties, now);
    tenant.principals.push(made);
}

pub(super) fn blank(tenant: &mut Tenant, key: &str, created: Timestamp) -> Application {
    let object_id = guid(&format!("object {key}"));
    let app_id = guid(&format!("client {key}"));
    let properties = new_application(object_id, app_id, &tenant.primary_domain, created);
    let object = tenant.new_object(object_id, app_id, properties, created);
    Application::from(object)
}

/// A secret that ends so many days from now, and was good for so many.
pub(super) fn secret(
    key: &str,
    display_name: Option<String>,
    days: i64,
    lifetime: i64,
    now: Timestamp,
) -> Secret {
    let key = format!("{key} {days}");
    let start = days_from(now, days - lifetime);
    Secret {
        key_id: guid(&format!("secret {key}")),
        display_name,
        value: training_secret(&key),
        start,
        // Not to the second, so that its days read the same for as long as a visit lasts.
        end: days_from(now, days) - jiff::SignedDuration::from_hours(if days < 0 { 1 } else { 0 }),
        usable_from: start,
    }
}
