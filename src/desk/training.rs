//! A sandbox's training inventory, read over HTTP like everything else, as a [`Site`].

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use super::event::Trouble;
use super::site::{
    BaseUrl, ClientSettings, Person, PortalAccess, PortalApplication, SignIn, Site, TenantSite,
};
use crate::http::{Client, Request, SystemClock};
use crate::portal::profile::Profile;
use crate::registration::blueprint::Blueprint;
use crate::registration::fleet::{Customer, Device, Fqdn, PortalWay, RedirectUri, Tenant};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inventory {
    login: String,
    graph: String,
    tenants: Vec<InventoryTenant>,
    devices: Vec<InventoryDevice>,
    customers: Vec<InventoryCustomer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InventoryTenant {
    id: Uuid,
    name: String,
    primary_domain: String,
    mpn_id: Option<String>,
    client_id: Uuid,
    client_secret: SecretString,
    portal_scope: String,
    portal_user: String,
    portal_password: SecretString,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InventoryDevice {
    fqdn: String,
    tenant_id: Uuid,
    blueprint: String,
    portal_url: String,
    portal_profile: String,
    #[serde(default)]
    notes: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InventoryCustomer {
    device: String,
    short_name: String,
    full_name: String,
    tenant_id: Option<Uuid>,
    redirect_uri: Option<String>,
}

fn trouble(why: impl Into<String>) -> Trouble {
    Trouble::new(
        "the sandbox's inventory can't be used",
        why,
        "Start a sandbox with `umpdeck sandbox` and give its `url` to --endpoint; if it serves https, give its `ca` to --endpoint-ca.",
    )
}

/// Reads the inventory of the sandbox at `url`, which must be on loopback. `ca` is the file with its certificate
/// authority, where it serves https; portal, sign-in and Graph are asked with it, too.
///
/// # Errors
/// [`Trouble`], when there is no sandbox, or its inventory is not understood.
pub async fn site(
    url: &str,
    ca: Option<&Path>,
    data_dir: PathBuf,
    operator: String,
) -> Result<Site, Trouble> {
    let settings = ClientSettings {
        ca_file: ca.map(Path::to_path_buf),
        ..ClientSettings::default()
    };
    let base = BaseUrl::parse(url).map_err(|why| trouble(why.to_string()))?;
    if !base.is_loopback() {
        return Err(trouble(format!("{} is not on this machine", base.as_str())));
    }
    let client = Client::new(base, &settings, std::sync::Arc::new(SystemClock::new()))
        .map_err(|why| trouble(why.to_string()))?;
    let answer = client
        .send_once(&Request::get("/sandbox/inventory"), None)
        .await
        .map_err(|why| trouble(why.to_string()))?;
    if !answer.is_success() {
        return Err(trouble(format!(
            "the server answers HTTP {}",
            answer.status
        )));
    }
    let inventory: Inventory =
        serde_json::from_value(answer.body).map_err(|why| trouble(why.to_string()))?;
    let profiles = Profile::built_in();
    let host = |text: &str| {
        let base = BaseUrl::parse(text).map_err(|why| trouble(why.to_string()))?;
        if base.is_loopback() {
            Ok(base)
        } else {
            Err(trouble(format!("{text} is not on this machine")))
        }
    };
    let (login, graph) = (host(&inventory.login)?, host(&inventory.graph)?);
    let mut devices = Vec::new();
    for device in inventory.devices {
        let profile = profiles
            .iter()
            .find(|profile| profile.name == device.portal_profile)
            .ok_or_else(|| {
                trouble(format!(
                    "there is no portal profile {}",
                    device.portal_profile
                ))
            })?;
        host(&device.portal_url)?;
        let of_device = inventory
            .customers
            .iter()
            .filter(|one| one.device == device.fqdn);
        let mut customers = Vec::new();
        for customer in of_device {
            let redirect_uri = customer
                .redirect_uri
                .as_deref()
                .map(RedirectUri::parse)
                .transpose();
            customers.push(Customer {
                short_name: crate::text::clean(&customer.short_name),
                full_name: crate::text::clean(&customer.full_name),
                tenant_id: customer.tenant_id,
                redirect_uri: redirect_uri.map_err(|why| trouble(why.to_string()))?,
            });
        }
        let tenant = inventory
            .tenants
            .iter()
            .find(|tenant| tenant.id == device.tenant_id);
        devices.push(Device {
            fqdn: Fqdn::parse(&device.fqdn).map_err(|why| trouble(why.to_string()))?,
            tenant: device.tenant_id,
            blueprint: device.blueprint.into(),
            portal_way: if profile.read.is_some() {
                PortalWay::Http
            } else {
                PortalWay::Handoff
            },
            portal_profile: device.portal_profile.into(),
            portal_url: device.portal_url,
            redirect_uri: None,
            linked_object_id: None,
            mpn_id: tenant.and_then(|tenant| tenant.mpn_id.clone()),
            notes: crate::text::clean(&device.notes),
            customers,
        });
    }
    let tenants = inventory
        .tenants
        .into_iter()
        .map(|one| TenantSite {
            tenant: Tenant {
                id: one.id,
                name: crate::text::clean(&one.name),
                primary_domain: crate::text::clean(&one.primary_domain),
                mpn_id: one.mpn_id,
            },
            read_only: false,
            login: login.clone(),
            graph: graph.clone(),
            // The training operator's own sign-in, so that what only a person may do can be tried.
            sign_in: SignIn::DeviceCode {
                client_id: one.client_id,
            },
            scopes: vec![],
            client: settings.clone(),
            portal: Some(PortalAccess {
                application: Some(PortalApplication {
                    client_id: one.client_id,
                    secret: one.client_secret,
                    resource: one.portal_scope.trim_end_matches("/.default").to_string(),
                }),
                person: Some(Person {
                    user: one.portal_user,
                    password: one.portal_password,
                }),
                client: None,
            }),
        })
        .collect();
    Ok(Site {
        sandbox: true,
        begins_anew: false,
        read_only: false,
        tenants,
        devices,
        blueprints: Blueprint::built_in(),
        profiles,
        invitation: crate::registration::invitation::Template::built_in(),
        data_dir,
        operator,
        syslog: None,
    })
}
