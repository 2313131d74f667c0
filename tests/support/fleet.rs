//! A made-up fleet of any size, in the states that real ones are in: most devices are in order.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use umpdeck::console::model::Model;
use umpdeck::desk::event::FleetRow;
use umpdeck::desk::site::{BaseUrl, ClientSettings, Profile, SignIn, Site, Template, TenantSite};
use umpdeck::registration::blueprint::Blueprint;
use umpdeck::registration::checklist::PermissionCount;
use umpdeck::registration::fleet::{Customer, Device, Fqdn, PortalWay, Tenant};
use umpdeck::registration::status::{NextStep, PortalState, Status, Verdict};
use uuid::Uuid;

/// So many tenants share the devices, unless a test says otherwise.
const TENANTS: usize = 200;

/// So many customers each device has, unless a test says otherwise.
const CUSTOMERS: usize = 5;

/// A site of any size.
pub struct Fleet {
    /// Its tenants.
    pub tenants: Vec<Tenant>,
    /// Its devices, in turn one of each tenant.
    pub devices: Vec<Device>,
}

/// So many devices with so many customers each, in so many tenants; the portals are applied by hand.
pub fn site(devices: usize, customers: usize, tenants: usize) -> Fleet {
    let mut all = self::devices(devices, "handoff", PortalWay::Handoff);
    for (at, device) in all.iter_mut().enumerate() {
        device.tenant = tenant_id(at % tenants);
        device.customers = (0..customers)
            .map(|customer| customer_of(at, customer))
            .collect();
    }
    Fleet {
        tenants: tenants_of(tenants),
        devices: all,
    }
}

/// The moment at which everything happens.
pub fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a time")
}

pub fn tenants() -> Vec<Tenant> {
    tenants_of(TENANTS)
}

fn tenants_of(count: usize) -> Vec<Tenant> {
    (0..count)
        .map(|at| Tenant {
            id: tenant_id(at),
            name: format!("Provider {at:02}"),
            primary_domain: format!("provider{at:02}.example.com"),
            mpn_id: Some("6123456".into()),
        })
        .collect()
}

fn tenant_id(at: usize) -> Uuid {
    Uuid::from_u128(0x7e_0000 + at as u128)
}

fn fqdn(at: usize) -> Fqdn {
    let name = format!("ump-{at:05}.provider{:02}.example.com", at % TENANTS);
    Fqdn::parse(&name).expect("an FQDN")
}

/// Devices whose portals are applied by hand (`handoff`) or read through an interface of their own (`sandbox`).
pub fn devices(count: usize, profile: &str, way: PortalWay) -> Vec<Device> {
    (0..count)
        .map(|at| Device {
            fqdn: fqdn(at),
            tenant: tenant_id(at % TENANTS),
            blueprint: "ump-365-sp-8.0".into(),
            portal_profile: profile.into(),
            portal_way: way,
            portal_url: format!("https://{}/tenantui", fqdn(at)),
            redirect_uri: None,
            linked_object_id: None,
            mpn_id: None,
            notes: format!("rack {}", at % 40),
            customers: (0..CUSTOMERS)
                .map(|customer| customer_of(at, customer))
                .collect(),
        })
        .collect()
}

fn customer_of(device: usize, customer: usize) -> Customer {
    Customer {
        short_name: format!("cust{customer}_{device}"),
        full_name: format!("Customer {customer} of device {device}"),
        tenant_id: Some(Uuid::from_u128((device * 8 + customer) as u128)),
        redirect_uri: None,
    }
}

fn status(at: usize) -> Status {
    match at % 40 {
        0 => Status::SecretExpired,
        5 => Status::NotRegistered,
        10 => Status::Drift,
        15 => Status::NotPushed,
        20 => Status::SecretExpiring,
        25 | 30 => Status::ConsentPending,
        35 => Status::Unreachable,
        _ => Status::Ok,
    }
}

/// How many days are left of a device's secret; less than none = it ran out.
pub fn secret_days(at: usize) -> i64 {
    match status(at) {
        Status::SecretExpired => -1 - (at % 9) as i64,
        Status::SecretExpiring => 1 + (at % 28) as i64,
        _ => 40 + (at % 600) as i64,
    }
}

/// How a device is judged: every fifth has something, in turn.
pub fn verdict(at: usize) -> Verdict {
    let ago = |seconds: i64| now() - SignedDuration::from_secs(seconds);
    let (status, days) = (status(at), secret_days(at));
    let registered = !matches!(status, Status::NotRegistered | Status::Unreachable);
    let end = now() + SignedDuration::from_hours(24 * days) + SignedDuration::from_mins(17);
    let (reason, next) = match status {
        Status::SecretExpired => (
            "the secret in use ended some days ago: nobody can sign in",
            NextStep::Rotate,
        ),
        Status::NotRegistered => ("there is no application for this device", NextStep::Create),
        Status::Drift => (
            "3 checks differ: Redirect URI, Delegated permissions, Application permissions",
            NextStep::Repair,
        ),
        Status::NotPushed => ("the portal has no settings yet", NextStep::Push),
        Status::SecretExpiring => ("the secret in use ends soon", NextStep::Rotate),
        Status::ConsentPending => (
            "the admin of Customer 1 has not consented",
            NextStep::Consent,
        ),
        Status::Unreachable => ("never read: no sign-in to this tenant", NextStep::Refresh),
        Status::Ok => ("every check that applies is met", NextStep::Nothing),
    };
    Verdict {
        status,
        reason: reason.into(),
        next,
        checks_met: 12 - u16::from(status != Status::Ok),
        checks_all: 12,
        permissions: registered.then_some(PermissionCount {
            present: 20 - u16::from(status == Status::Drift),
            wanted: 20,
        }),
        secret_end: registered.then_some(end),
        secret_assumed: false,
        portal: match status {
            Status::Ok if at.is_multiple_of(2) => PortalState::Pushed(ago(86_400 * 20)),
            Status::Ok => PortalState::InStep,
            Status::NotPushed => PortalState::Empty,
            _ => PortalState::NotKnown,
        },
        customers: CUSTOMERS as u32,
        customers_pending: u32::from(status == Status::ConsentPending),
        read_at: (status != Status::Unreachable).then(|| ago(130 + (at % 7) as i64)),
        stale: false,
        holds_until: registered.then_some(end),
    }
}

pub fn rows(count: usize) -> Vec<FleetRow> {
    (0..count)
        .map(|at| FleetRow {
            fqdn: fqdn(at),
            tenant: tenant_id(at % TENANTS),
            verdict: Some(verdict(at)),
        })
        .collect()
}

/// The console as it is before the first key.
pub fn model(rows: Vec<FleetRow>, size: (u16, u16)) -> Model {
    Model::new(false, tenants(), rows, size, now())
}

/// A tenant that nobody can sign in to from here: its servers' ports are closed.
pub fn tenant_site(tenant: Tenant) -> TenantSite {
    let closed = || BaseUrl::parse("http://127.0.0.1:9").expect("an address");
    TenantSite {
        tenant,
        read_only: false,
        login: closed(),
        graph: closed(),
        sign_in: SignIn::ClientSecret {
            client_id: Uuid::from_u128(1),
            secret: secrecy::SecretString::from("none"),
        },
        scopes: vec![],
        client: ClientSettings::default(),
        portal: None,
    }
}

/// What a desk over these tenants and devices is opened with: all that is built in, its data in this folder.
pub fn desk_site(folder: &Path, tenants: Vec<TenantSite>, devices: Vec<Device>) -> Site {
    Site {
        sandbox: false,
        begins_anew: false,
        read_only: false,
        tenants,
        devices,
        blueprints: Blueprint::built_in(),
        profiles: Profile::built_in(),
        invitation: Template::built_in(),
        data_dir: folder.to_path_buf(),
        operator: "ops@noc".into(),
        syslog: None,
    }
}
