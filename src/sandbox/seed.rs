//! Turns the training data into the state that a sandbox starts with.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::faults::Faults;
use super::fleet::{
    DeviceData, FleetData, Names, Platform, PortalData, Resource, ResourcesData, TenantData,
};
use super::graph::{new_application, new_principal};
use super::identity::{guid, training_secret};
use super::state::{
    AppPolicy, Application, Customer, Device, Grant, PortalContent, Principal, Secret, State,
    Tenant, days_from,
};
use super::token::Signer;

/// What a right registration asks for: resource and permission names, all delegated.
const WANTED: [(&str, &str); 6] = [
    ("Microsoft Graph", "Group.ReadWrite.All"),
    ("Microsoft Graph", "Directory.AccessAsUser.All"),
    ("Microsoft Graph", "User.Read.All"),
    ("Microsoft Graph", "AppCatalog.ReadWrite.All"),
    ("Microsoft Graph", "offline_access"),
    ("Skype and Teams Tenant Admin API", "user_impersonation"),
];
const RIGHT_PATH: &str = "/authenticate/OAuth2Callback";
/// For how many days a secret was good when it was made.
const SECRET_DAYS: i64 = 730;

/// The state at a start, or what is wrong with the training data.
pub(super) fn state(faults: Faults, now: Timestamp) -> Result<State, String> {
    let fleet = FleetData::compiled_in().map_err(|error| error.to_string())?;
    let resources = ResourcesData::compiled_in()
        .map_err(|error| error.to_string())?
        .resource;
    let signer = Signer::new().map_err(|error| error.to_string())?;
    let training_client_id = guid("training application");
    let mut tenants: Vec<Tenant> = fleet
        .tenant
        .iter()
        .map(|data| tenant(data, &resources, training_client_id, now))
        .collect();
    let mut devices: Vec<Device> = Vec::new();
    let mut named = 0;
    for data in &fleet.device {
        let place = fleet
            .tenant
            .iter()
            .position(|one| one.key == data.tenant)
            .ok_or_else(|| format!("{}: nobody knows the tenant {}", data.fqdn, data.tenant))?;
        if data.registered {
            register(&mut tenants[place], data, &resources, now)?;
        }
        let customers = customers(data, &fleet.names, &mut named)?;
        let content = portal_content(&tenants[place], data)?;
        devices.push(Device {
            fqdn: data.fqdn.clone(),
            tenant: place,
            notes: data.notes.clone(),
            portal: content,
            customers,
        });
    }
    Ok(State {
        faults,
        tenants,
        devices,
        resources,
        training_client_id,
        device_codes: HashMap::new(),
        refresh_tokens: HashMap::new(),
        signer,
        requests: Vec::new(),
    })
}

fn tenant(data: &TenantData, resources: &[Resource], training: Uuid, now: Timestamp) -> Tenant {
    let mut tenant = Tenant {
        id: guid(&format!("tenant {}", data.key)),
        name: data.name.clone(),
        primary_domain: data.primary_domain.clone(),
        mpn_id: data.mpn_id.clone(),
        // One application has one secret, whichever tenant it is used in.
        client_secret: training_secret("training application"),
        created: days_from(now, -2000),
        secret_policy_days: data.secret_policy_days,
        portal_interface: data.portal_interface,
        graph_unavailable: data.graph_unavailable,
        applications: Vec::new(),
        principals: Vec::new(),
        grants: Vec::new(),
        assignments: Vec::new(),
        app_policies: Vec::new(),
        serial: 0,
    };
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
        application.secrets.push(secret(&key, None, 200, now));
        tenant.applications.push(application);
    }
    tenant
}

fn scopes(resource: &Resource) -> Value {
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
                    super::fleet::Consent::Admin => "Admin",
                    super::fleet::Consent::User => "User",
                },
                "userConsentDescription": null,
                "userConsentDisplayName": null,
                "value": scope.value,
            })
        })
        .collect()
}

fn roles(resource: &Resource) -> Value {
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

fn push_principal(
    tenant: &mut Tenant,
    object_id: Uuid,
    app_id: Uuid,
    properties: Map<String, Value>,
    now: Timestamp,
) {
    let serial = tenant.next_serial();
    tenant.principals.push(Principal {
        object_id,
        app_id,
        serial,
        properties,
        visible_from: now,
    });
}

fn blank(tenant: &mut Tenant, key: &str, created: Timestamp) -> Application {
    let object_id = guid(&format!("object {key}"));
    let app_id = guid(&format!("client {key}"));
    Application {
        object_id,
        app_id,
        serial: tenant.next_serial(),
        properties: new_application(object_id, app_id, &tenant.primary_domain, created),
        secrets: Vec::new(),
        visible_from: created,
        deleted: None,
        policy: None,
    }
}

/// A secret that ends so many days from now.
fn secret(key: &str, display_name: Option<String>, days: i64, now: Timestamp) -> Secret {
    let key = format!("{key} {days}");
    let start = days_from(now, days - SECRET_DAYS);
    Secret {
        key_id: guid(&format!("secret {key}")),
        display_name,
        value: training_secret(&key),
        start,
        end: days_from(now, days),
        usable_from: start,
    }
}

fn redirect_uri(data: &DeviceData) -> String {
    let path = data.redirect_path.as_deref().unwrap_or(RIGHT_PATH);
    format!("https://{}{path}", data.fqdn)
}

fn register(
    tenant: &mut Tenant,
    data: &DeviceData,
    resources: &[Resource],
    now: Timestamp,
) -> Result<(), String> {
    let mut uris = vec![redirect_uri(data)];
    uris.extend(
        data.customer
            .iter()
            .filter_map(|customer| customer.redirect_uri.clone()),
    );
    if let Some(owner) = &data.shares {
        let shared = tenant
            .applications
            .iter_mut()
            .find(|one| one.app_id == guid(&format!("client {owner}")))
            .ok_or_else(|| format!("{}: {owner} must stand before it", data.fqdn))?;
        if let Some(all) = shared.properties["web"]["redirectUris"].as_array_mut() {
            all.extend(uris.into_iter().map(Value::from));
        }
        return Ok(());
    }
    let created = days_from(now, (data.secret_days - SECRET_DAYS).min(-1));
    let mut application = blank(tenant, &data.fqdn, created);
    let short = data.fqdn.split('.').next().unwrap_or_default();
    let name = data
        .display_name
        .clone()
        .unwrap_or_else(|| format!("UMP Sync {short}"));
    let audience = data.audience.as_deref().unwrap_or("AzureADMultipleOrgs");
    let properties = &mut application.properties;
    properties.insert("displayName".into(), json!(name));
    properties.insert("signInAudience".into(), json!(audience));
    properties.insert("isFallbackPublicClient".into(), json!(data.public_client));
    if !data.by_hand {
        properties.insert("uniqueName".into(), json!(format!("umpdeck.{}", data.fqdn)));
        properties.insert("tags".into(), json!(["umpdeck"]));
    }
    let platform = match data.platform {
        Platform::Web => "web",
        Platform::Spa => "spa",
        Platform::Public => "publicClient",
    };
    properties["web"]["implicitGrantSettings"] = json!({
        "enableAccessTokenIssuance": data.access_tokens,
        "enableIdTokenIssuance": data.id_tokens,
    });
    properties[platform]["redirectUris"] = json!(uris);
    properties.insert("requiredResourceAccess".into(), required(data, resources)?);
    if let Some(mpn_id) = tenant.mpn_id.as_ref().filter(|_| data.publisher_verified) {
        let publisher = json!({
            "displayName": tenant.name,
            "verifiedPublisherId": mpn_id,
            "addedDateTime": created.to_string(),
        });
        properties.insert("verifiedPublisher".into(), publisher);
    }
    let older = data.older_secret_days.into_iter();
    application.secrets = older
        .chain([data.secret_days])
        .map(|days| secret(&data.fqdn, Some(format!("UMP {short}")), days, now))
        .collect();
    if let Some(days) = data.policy_days {
        let id = guid(&format!("policy {}", data.fqdn));
        tenant.app_policies.push(AppPolicy {
            id,
            display_name: format!("Secrets of {name}"),
            days,
        });
        application.policy = Some(id);
    }
    if data.principal {
        let id = guid(&format!("principal {}", data.fqdn));
        let properties = new_principal(id, application.app_id, tenant.id, &name);
        push_principal(tenant, id, application.app_id, properties, now);
        if data.granted {
            grant(tenant, id, resources);
        }
    }
    tenant.applications.push(application);
    Ok(())
}

fn required(data: &DeviceData, resources: &[Resource]) -> Result<Value, String> {
    let extra = data
        .extra
        .iter()
        .map(|name| ("Microsoft Graph", name.as_str()));
    let wanted: Vec<(&str, &str)> = WANTED
        .into_iter()
        .filter(|(_, name)| !data.missing.iter().any(|missing| missing == name))
        .chain(extra)
        .collect();
    let mut list = Vec::new();
    for resource in resources {
        let mut access = Vec::new();
        for (_, name) in wanted.iter().filter(|(of, _)| *of == resource.name) {
            let scope = resource
                .scopes
                .iter()
                .find(|scope| scope.value == *name)
                .ok_or_else(|| {
                    format!("{}: {} has no permission {name}", data.fqdn, resource.name)
                })?;
            access.push(json!({"id": scope.id, "type": "Scope"}));
        }
        if !access.is_empty() {
            list.push(json!({"resourceAppId": resource.app_id, "resourceAccess": access}));
        }
    }
    Ok(Value::Array(list))
}

fn grant(tenant: &mut Tenant, client_id: Uuid, resources: &[Resource]) {
    for resource in resources {
        let Some(principal) = tenant.principal_by_app_id(resource.app_id) else {
            continue;
        };
        let scopes: Vec<&str> = WANTED
            .iter()
            .filter(|(of, _)| *of == resource.name)
            .map(|(_, name)| *name)
            .collect();
        let grant = Grant {
            id: guid(&format!("grant {client_id} {}", resource.app_id))
                .simple()
                .to_string(),
            client_id,
            consent_type: "AllPrincipals".to_string(),
            principal_id: None,
            resource_id: principal.object_id,
            scope: scopes.join(" "),
        };
        tenant.grants.push(grant);
    }
}

fn portal_content(tenant: &Tenant, data: &DeviceData) -> Result<PortalContent, String> {
    if data.portal == PortalData::Empty {
        return Ok(PortalContent::default());
    }
    let owner = data.shares.as_ref().unwrap_or(&data.fqdn);
    let application = tenant
        .application_by_app_id(guid(&format!("client {owner}")))
        .ok_or_else(|| {
            format!(
                "{}: its portal is set, but it has no registration",
                data.fqdn
            )
        })?;
    let client_id = match data.portal {
        PortalData::OtherClient => guid(&format!("other client {}", data.fqdn)),
        PortalData::Set | PortalData::Empty => application.app_id,
    };
    let right = format!("https://{}{RIGHT_PATH}", data.fqdn);
    Ok(PortalContent {
        client_id: client_id.to_string(),
        redirect_url: data.portal_redirect.clone().unwrap_or(right),
        secret: application
            .secrets
            .last()
            .map(|secret| secret.value.clone()),
    })
}

fn customers(data: &DeviceData, names: &Names, named: &mut usize) -> Result<Vec<Customer>, String> {
    let mut all = Vec::new();
    for place in 0..data.customers {
        let (short_name, full_name) = names
            .customer(*named)
            .ok_or_else(|| "the lists of customers' names are empty".to_string())?;
        *named += 1;
        let authenticated = place >= data.pending;
        all.push(Customer {
            guid: guid(&format!("customer {short_name}")),
            tenant_id: guid(&format!("customer tenant {short_name}")),
            short_name,
            full_name,
            redirect_uri: None,
            authenticated,
            roles: authenticated.then(|| vec!["Teams Administrator".to_string()]),
            users: 20 + (u32::try_from(*named).unwrap_or(0) * 37) % 400,
        });
    }
    for customer in &data.customer {
        let roles = customer.roles.clone();
        all.push(Customer {
            guid: guid(&format!("customer {}", customer.short_name)),
            tenant_id: guid(&format!("customer tenant {}", customer.short_name)),
            short_name: customer.short_name.clone(),
            full_name: customer.full_name.clone(),
            redirect_uri: customer.redirect_uri.clone(),
            authenticated: customer.authenticated,
            roles: match (roles, customer.authenticated) {
                (None, true) => Some(vec!["Teams Administrator".to_string()]),
                (roles, _) => roles,
            },
            users: 120,
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::super::state::GRAPH_APP_ID;
    use super::*;

    #[test]
    fn the_training_data_holds_together() {
        let state = state(Faults::default(), Timestamp::now()).unwrap();
        let customers: Vec<&Customer> = state
            .devices
            .iter()
            .flat_map(|one| &one.customers)
            .collect();
        assert!(state.devices.len() >= 26);
        assert!(customers.len() >= 60);
        let mut short: Vec<&str> = customers
            .iter()
            .map(|one| one.short_name.as_str())
            .collect();
        for name in &short {
            assert!((3..=15).contains(&name.len()), "{name}");
            assert!(
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
                "{name}"
            );
        }
        short.sort_unstable();
        short.dedup();
        assert_eq!(short.len(), customers.len(), "short names are distinct");
        let graph = Uuid::parse_str(GRAPH_APP_ID).unwrap();
        for tenant in &state.tenants {
            assert!(tenant.principal_by_app_id(graph).is_some());
        }
    }
}
