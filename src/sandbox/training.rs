//! What only a sandbox has: the inventory with its public credentials, a look inside for tests, the log of requests,
//! and a stand-in for the person who types into a portal's page.

use serde_json::{Value, json};

use super::directory::Tenant;
use super::exchange::{Answer, Request};
use super::faults::Faults;
use super::portal::{PORTAL_PASSWORD, PORTAL_USER, read_settings};
use super::signin::TRAINING_CERTIFICATE;
use super::state::{Device, PORTAL_AUDIENCE, State};

/// Answers a request to `/sandbox/…`.
pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    let path = request.path.trim_end_matches('/');
    match (request.method.as_str(), path) {
        ("GET", "/sandbox/inventory") => Answer::json(200, inventory(state, &request.origin())),
        ("GET", "/sandbox/state") => Answer::json(200, inside(state)),
        ("GET", "/sandbox/requests") => {
            let log = state
                .requests
                .iter()
                .map(|one| json!({"method": one.method, "path": one.path, "status": one.status}));
            Answer::json(200, log.collect())
        }
        ("GET", "/sandbox/secrets") => {
            let values = state.tenants.iter().flat_map(|tenant| &tenant.values);
            Answer::json(200, values.map(|value| json!(value)).collect())
        }
        ("GET", "/sandbox/held") => {
            let held = state.held.iter();
            let held = held.map(
                |one| json!({"method": one.method, "path": one.path, "carriedOut": one.carried_out}),
            );
            Answer::json(200, held.collect())
        }
        ("PUT", "/sandbox/faults") => set_faults(state, request),
        ("DELETE", "/sandbox/requests") => {
            state.requests.clear();
            Answer::empty(204)
        }
        ("POST", path) => match path.strip_prefix("/sandbox/handoff/") {
            Some(fqdn) => handoff(state, request, fqdn),
            None => missing(),
        },
        _ => missing(),
    }
}

/// Other faults from now on, as the command line names them.
fn set_faults(state: &mut State, request: &Request) -> Answer {
    match Faults::parse(&String::from_utf8_lossy(&request.body)) {
        Ok(faults) => {
            state.faults = faults;
            Answer::empty(204)
        }
        Err(why) => Answer::json(400, json!({"error": why.to_string()})),
    }
}

fn missing() -> Answer {
    Answer::json(404, json!({"error": "The sandbox has nothing here."}))
}

fn inventory(state: &State, origin: &str) -> Value {
    let tenants: Vec<Value> = state
        .providers()
        .map(|tenant| {
            json!({
                "id": tenant.id,
                "name": tenant.name,
                "primaryDomain": tenant.primary_domain,
                "mpnId": tenant.mpn_id,
                "clientId": state.training_client_id,
                "clientSecret": tenant.client_secret,
                "portalScope": format!("{PORTAL_AUDIENCE}/.default"),
                "portalUser": PORTAL_USER,
                "portalPassword": PORTAL_PASSWORD,
            })
        })
        .collect();
    let devices: Vec<Value> = state
        .devices
        .iter()
        .map(|device| {
            let tenant = &state.tenants[device.tenant];
            json!({
                "fqdn": device.fqdn,
                "tenantId": tenant.id,
                "blueprint": "consent-2025",
                "portalUrl": format!("{origin}/portal/{}/tenantui", device.fqdn),
                "portalProfile": match tenant.portal_interface {
                    true => device.interface.profile(),
                    false => "handoff",
                },
                "notes": device.notes,
            })
        })
        .collect();
    let customers: Vec<Value> = state
        .devices
        .iter()
        .flat_map(|device| {
            device.customers.iter().map(|customer| {
                json!({
                    "device": device.fqdn,
                    "shortName": customer.short_name,
                    "fullName": customer.full_name,
                    "tenantId": customer.tenant_id,
                    "redirectUri": customer.redirect_uri,
                })
            })
        })
        .collect();
    json!({
        "login": origin,
        "graph": origin,
        // Key and certificate with which the training application can sign in too.
        "clientCertificate": TRAINING_CERTIFICATE,
        "tenants": tenants,
        "devices": devices,
        "customers": customers,
    })
}

fn inside(state: &State) -> Value {
    let tenants: Vec<Value> = state
        .providers()
        .map(|tenant| {
            let applications: Vec<Value> = tenant
                .applications
                .iter()
                .filter(|one| one.is_live())
                .map(|one| {
                    let keys: Vec<_> = one.secrets.iter().map(|secret| secret.key_id).collect();
                    let names: Vec<_> = one
                        .secrets
                        .iter()
                        .map(|secret| &secret.display_name)
                        .collect();
                    json!({
                        "displayName": one.text("displayName"),
                        "uniqueName": one.text("uniqueName"),
                        "appId": one.app_id,
                        "id": one.object_id,
                        "passwordCredentials": keys.len(),
                        "keyIds": keys,
                        "secretNames": names,
                    })
                })
                .collect();
            json!({"id": tenant.id, "name": tenant.name, "applications": applications})
        })
        .collect();
    let devices: Vec<Value> = state
        .devices
        .iter()
        .map(|device| {
            json!({
                "fqdn": device.fqdn,
                "clientId": device.portal.client_id,
                "redirectUrl": device.portal.redirect_url,
                "secretKeyId": key_id(&state.tenants[device.tenant], device),
            })
        })
        .collect();
    json!({"tenants": tenants, "devices": devices})
}

/// The key ID of the tenant's secret whose value the portal stores.
fn key_id(tenant: &Tenant, device: &Device) -> Option<uuid::Uuid> {
    let stored = device.portal.secret.as_ref()?;
    tenant
        .applications
        .iter()
        .flat_map(|one| &one.secrets)
        .find(|secret| secret.value == *stored)
        .map(|secret| secret.key_id)
}

fn handoff(state: &mut State, request: &Request, fqdn: &str) -> Answer {
    let Some(place) = state.device_index(fqdn) else {
        return missing();
    };
    let device = &mut state.devices[place];
    let read = request
        .json()
        .map_err(|_| "the body is no JSON")
        .and_then(|body| read_settings(&body, &device.portal));
    match read {
        Ok(content) => {
            device.portal = content;
            Answer::empty(204)
        }
        Err(why) => Answer::json(400, json!({ "error": why })),
    }
}
