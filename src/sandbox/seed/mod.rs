//! Turns the training data into the state that a sandbox starts with: tenants first, then each device's registration,
//! portal and customers. Nothing of it is read again later.

mod tenants;

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::directory::{Grant, Tenant};
use super::faults::Faults;
use super::fleet::{CustomerData, OwnTenant, TenantData};
use super::fleet::{DeviceData, FleetData, Names, Platform, PortalData, Resource, ResourcesData};
use super::graph::{new_principal, own_policy};
use super::identity::guid;
use super::state::{Customer, Device, PortalContent, State, days_from};
use super::token::Signer;
use tenants::{blank, push_principal, secret, tenant};

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
/// For how many days a secret was good when it was made, where no policy shortened it.
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
            let policy_days = data.policy_days.or(fleet.tenant[place].secret_policy_days);
            register(&mut tenants[place], data, policy_days, &resources, now)?;
        }
        for name in &data.twins {
            twin(&mut tenants[place], data, name, &resources, now)?;
        }
        let customers = customers(data, &fleet.names, &mut named)?;
        let content = portal_content(&tenants[place], data)?;
        devices.push(Device {
            fqdn: data.fqdn.clone(),
            tenant: place,
            notes: data.notes.clone(),
            interface: data.interface,
            portal: content,
            customers,
        });
    }
    for data in &fleet.device {
        let own = data
            .customer
            .iter()
            .filter_map(|one| Some((one, one.own_tenant?)));
        for (customer, has) in own {
            let tenant = customer_tenant(
                &tenants,
                data,
                customer,
                has,
                &resources,
                training_client_id,
                now,
            );
            tenants.push(tenant);
        }
    }
    Ok(State {
        start: Uuid::new_v4(),
        faults,
        lots: fastrand::Rng::with_seed(0),
        revoked: HashSet::new(),
        answers_a_challenge: HashSet::new(),
        tenants,
        devices,
        resources,
        training_client_id,
        device_codes: HashMap::new(),
        refresh_tokens: HashMap::new(),
        signer,
        portal_sessions: HashSet::new(),
        portal_tasks: Vec::new(),
        requests: VecDeque::new(),
        held: Vec::new(),
        held_ever: 0,
    })
}

fn redirect_uri(data: &DeviceData) -> String {
    let path = data.redirect_path.as_deref().unwrap_or(RIGHT_PATH);
    format!("https://{}{path}", data.fqdn)
}

fn register(
    tenant: &mut Tenant,
    data: &DeviceData,
    policy_days: Option<u32>,
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
    let lifetime = policy_days.map_or(SECRET_DAYS, i64::from);
    let created = days_from(now, (data.secret_days - lifetime).min(-1));
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
        .map(|days| {
            let name = Some(format!("UMP {short}"));
            secret(&data.fqdn, name, days, lifetime, now)
        })
        .collect();
    if let Some(days) = data.policy_days {
        let id = guid(&format!("policy {}", data.fqdn));
        let policy = own_policy(id, &format!("Secrets of {name}"), days);
        tenant.app_policies.push(policy);
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
    application.deleted = data.deleted_days.map(|days| days_from(now, -days));
    if let Some(own) = tenant.principals.last_mut().filter(|_| data.principal) {
        own.deleted = application.deleted;
    }
    tenant.applications.push(application);
    Ok(())
}

/// An application that somebody made by hand for the device, beside others.
fn twin(
    tenant: &mut Tenant,
    data: &DeviceData,
    name: &str,
    resources: &[Resource],
    now: Timestamp,
) -> Result<(), String> {
    let mut application = blank(tenant, name, days_from(now, -60));
    let properties = &mut application.properties;
    properties.insert("displayName".into(), json!(name));
    properties.insert("signInAudience".into(), json!("AzureADMultipleOrgs"));
    properties.insert("isFallbackPublicClient".into(), json!(true));
    properties["web"]["redirectUris"] = json!([redirect_uri(data)]);
    properties.insert("requiredResourceAccess".into(), required(data, resources)?);
    application.secrets.push(secret(name, None, 120, 180, now));
    let id = guid(&format!("principal {name}"));
    let properties = new_principal(id, application.app_id, tenant.id, name);
    push_principal(tenant, id, application.app_id, properties, now);
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
        let principal = tenant.principal_by_app_id(resource.app_id);
        let Some(resource_id) = principal.map(|one| one.object_id) else {
            continue;
        };
        let scopes: Vec<&str> = WANTED
            .iter()
            .filter(|(of, _)| *of == resource.name)
            .map(|(_, name)| *name)
            .collect();
        let serial = tenant.next_serial();
        let grant = Grant {
            id: guid(&format!("grant {client_id} {}", resource.app_id))
                .simple()
                .to_string(),
            client_id,
            consent_type: "AllPrincipals".to_string(),
            principal_id: None,
            resource_id,
            scope: scopes.join(" "),
            changed: serial,
        };
        tenant.grants.push(grant);
    }
}

/// A customer's own tenant, with the service principal of the device's registration where consent was given.
fn customer_tenant(
    providers: &[Tenant],
    device: &DeviceData,
    customer: &CustomerData,
    has: OwnTenant,
    resources: &[Resource],
    training: Uuid,
    now: Timestamp,
) -> Tenant {
    let short_name = &customer.short_name;
    let data = TenantData {
        key: format!("customer {short_name}"),
        name: customer.full_name.clone(),
        primary_domain: format!("{}.example", short_name.replace('_', "-")),
        mpn_id: None,
        secret_policy_days: None,
        portal_interface: false,
        graph_unavailable: false,
        noise: vec![],
    };
    let mut tenant = tenant(&data, resources, training, now);
    tenant.id = guid(&format!("customer tenant {short_name}"));
    tenant.of_customer = true;
    if has == OwnTenant::Granted {
        let app_id = guid(&format!("client {}", device.fqdn));
        let id = guid(&format!("principal {short_name} {}", device.fqdn));
        let home = providers
            .iter()
            .find(|one| one.application_by_app_id(app_id).is_some());
        let home = home.map_or(tenant.id, |one| one.id);
        let properties = new_principal(id, app_id, home, &device.fqdn);
        push_principal(&mut tenant, id, app_id, properties, now);
        grant(&mut tenant, id, resources);
    }
    tenant
}

fn portal_content(tenant: &Tenant, data: &DeviceData) -> Result<PortalContent, String> {
    if data.portal == PortalData::Empty {
        return Ok(PortalContent::default());
    }
    let owner = data.shares.as_ref().unwrap_or(&data.fqdn);
    let client_id = guid(&format!("client {owner}"));
    let mut applications = tenant.applications.iter();
    let application = applications
        .find(|one| one.app_id == client_id)
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
