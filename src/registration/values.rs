//! The values that operators copy instead of typing them into Notepad: one table for menu, keys, `umpdeck values` and documents.

use super::blueprint::Blueprint;
use super::fleet::Device;
use super::observed::{Application, RegistrationFacts};
use super::redirect::device_redirect_uri;

/// One kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Application (client) ID.
    ClientId,
    /// Object ID of the registration.
    ObjectId,
    /// Directory (tenant) ID.
    TenantId,
    /// Redirect URI.
    RedirectUri,
    /// The client secret's value; only while it exists in memory.
    SecretValue,
    /// The address at which a customer's admin consents.
    ConsentUrl,
    /// The multitenant portal.
    PortalUrl,
}

impl ValueKind {
    /// All kinds, in the order of the menu.
    pub const ALL: [ValueKind; 7] = [
        ValueKind::ClientId,
        ValueKind::SecretValue,
        ValueKind::RedirectUri,
        ValueKind::ObjectId,
        ValueKind::TenantId,
        ValueKind::ConsentUrl,
        ValueKind::PortalUrl,
    ];

    /// Its name for scripts and for the settings' keys.
    pub fn name(self) -> &'static str {
        match self {
            ValueKind::ClientId => "client-id",
            ValueKind::ObjectId => "object-id",
            ValueKind::TenantId => "tenant-id",
            ValueKind::RedirectUri => "redirect-uri",
            ValueKind::SecretValue => "secret",
            ValueKind::ConsentUrl => "consent-url",
            ValueKind::PortalUrl => "portal-url",
        }
    }

    /// The kinds that may be printed, in the order of the menu: all but the secret's value.
    pub fn printable() -> impl Iterator<Item = ValueKind> {
        let all = ValueKind::ALL.into_iter();
        all.filter(|kind| *kind != ValueKind::SecretValue)
    }

    /// Its name on screen, Microsoft's own where there is one.
    pub fn title(self) -> &'static str {
        match self {
            ValueKind::ClientId => "Application (client) ID",
            ValueKind::ObjectId => "Object ID",
            ValueKind::TenantId => "Directory (tenant) ID",
            ValueKind::RedirectUri => "Redirect URI",
            ValueKind::SecretValue => "Client secret value",
            ValueKind::ConsentUrl => "Admin consent URL",
            ValueKind::PortalUrl => "Multitenant portal",
        }
    }
}

/// Why there is no client ID, and nothing that has one in it.
const NO_REGISTRATION: &str = "no registration yet";
/// The same where nobody can say whether there is one.
const NEVER_READ: &str = "the registration was never read";
/// Why there is no redirect URI: neither the inventory nor the blueprint gives one that Entra takes.
pub(super) const NO_REDIRECT_URI: &str = "the device has no valid redirect URI";
/// Why a client secret's value is not there.
pub const SHOWN_ONCE: &str = "shown only once, when it is added";

/// Where a tenant's cloud has its sign-in and Graph; national clouds have their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudHosts {
    /// The sign-in host's address, without a slash at its end: `https://login.microsoftonline.com`.
    pub login: String,
    /// Graph's address, the same way: `https://graph.microsoft.com`.
    pub graph: String,
}

/// The value, or why there is none. A secret's value is never here: who holds it adds it.
///
/// # Errors
/// Why there is none, in a few words for the place where it would stand.
pub fn value(
    kind: ValueKind,
    blueprint: &Blueprint,
    device: &Device,
    facts: &RegistrationFacts,
    hosts: &CloudHosts,
) -> Result<String, &'static str> {
    let application = registration(facts);
    match kind {
        ValueKind::ClientId => application.map(|app| app.app_id.to_string()),
        ValueKind::ObjectId => application.map(|app| app.object_id.to_string()),
        ValueKind::TenantId => Ok(device.tenant.to_string()),
        ValueKind::RedirectUri => redirect_uri(blueprint, device).ok_or(NO_REDIRECT_URI),
        ValueKind::SecretValue => Err(SHOWN_ONCE),
        ValueKind::ConsentUrl => {
            let uri = redirect_uri(blueprint, device).ok_or(NO_REDIRECT_URI)?;
            application.map(|app| consent_url(hosts, "organizations", app, &uri))
        }
        ValueKind::PortalUrl => Ok(device.portal_url.clone()),
    }
}

/// The registration that values are taken from, or why there is none.
pub(super) fn registration(facts: &RegistrationFacts) -> Result<&Application, &'static str> {
    match &facts.application.value {
        Some(found) => found.as_ref().ok_or(NO_REGISTRATION),
        None => Err(NEVER_READ),
    }
}

fn redirect_uri(blueprint: &Blueprint, device: &Device) -> Option<String> {
    device_redirect_uri(blueprint, device)
        .ok()
        .map(|uri| uri.to_string())
}

/// Microsoft's admin consent page: of one tenant, or for any organisation's admin (`organizations`).
pub(super) fn consent_url(
    hosts: &CloudHosts,
    tenant: &str,
    application: &Application,
    redirect_uri: &str,
) -> String {
    let CloudHosts { login, graph } = hosts;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &application.app_id.to_string())
        .append_pair("scope", &format!("{graph}/.default"))
        .append_pair("redirect_uri", redirect_uri)
        .finish();
    format!("{login}/{tenant}/v2.0/adminconsent?{query}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::registration::fixtures::*;

    fn of(world: &World, kind: ValueKind) -> Result<String, &'static str> {
        let hosts = global_cloud();
        value(kind, &world.blueprint, &world.device, &world.facts, &hosts)
    }

    #[test]
    fn every_kind_has_a_title_and_a_name_of_its_own() {
        let titles: HashSet<_> = ValueKind::ALL.iter().map(|kind| kind.title()).collect();
        let names: HashSet<_> = ValueKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(titles.len(), ValueKind::ALL.len());
        assert_eq!(names.len(), ValueKind::ALL.len());
    }

    #[test]
    fn all_but_the_secret_can_be_copied_from_a_registration() {
        for kind in ValueKind::ALL {
            let value = of(&World::right(), kind);
            assert_eq!(value.is_ok(), kind != ValueKind::SecretValue, "{kind:?}");
        }
    }

    #[test]
    fn without_a_registration_only_what_the_inventory_knows_is_there() {
        let world = World::unregistered();
        assert_eq!(of(&world, ValueKind::RedirectUri).as_deref(), Ok(URI));
        for kind in [
            ValueKind::ClientId,
            ValueKind::ObjectId,
            ValueKind::ConsentUrl,
        ] {
            assert_eq!(of(&world, kind), Err("no registration yet"));
        }
        let mut never_read = world;
        never_read.facts = RegistrationFacts::default();
        let client_id = of(&never_read, ValueKind::ClientId);
        assert_eq!(client_id, Err("the registration was never read"));
    }

    #[test]
    fn the_consent_url_carries_the_redirect_uri_unharmed() {
        let mut world = World::right();
        let awkward = "https://livecloud.finebak.com/a%20b/?x=1&state=2+3";
        world.device.redirect_uri = Some(uri(awkward));
        let text = of(&world, ValueKind::ConsentUrl).unwrap();
        assert!(text.starts_with("https://login.microsoftonline.com/organizations/v2.0/"));
        assert!(text.ends_with(
            "&redirect_uri=https%3A%2F%2Flivecloud.finebak.com%2Fa%2520b%2F%3Fx%3D1%26state%3D2%2B3"
        ));
        let parsed = url::Url::parse(&text).unwrap();
        let query: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
        let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
        assert_eq!(
            query,
            [
                pair("client_id", &APP_ID.to_string()),
                pair("scope", "https://graph.microsoft.com/.default"),
                pair("redirect_uri", awkward),
            ]
        );
    }

    #[test]
    fn the_consent_url_asks_for_graph_of_the_tenants_own_cloud() {
        let world = World::right();
        let hosts = CloudHosts {
            login: "https://login.microsoftonline.us".into(),
            graph: "https://graph.microsoft.us".into(),
        };
        let consent = ValueKind::ConsentUrl;
        let text = value(
            consent,
            &world.blueprint,
            &world.device,
            &world.facts,
            &hosts,
        );
        let parsed = url::Url::parse(&text.unwrap()).unwrap();
        assert_eq!(parsed.host_str(), Some("login.microsoftonline.us"));
        let mut query = parsed.query_pairs();
        let scope = query.find(|(name, _)| name == "scope").unwrap().1;
        assert_eq!(scope, "https://graph.microsoft.us/.default");
    }

    #[test]
    fn a_customers_redirect_uri_never_stands_in_for_the_devices() {
        let mut world = World::right();
        world.blueprint.redirect_path = "/a b".into();
        world.device.customers[0].redirect_uri = Some(uri("https://acme.example.com/a"));
        assert!(of(&world, ValueKind::RedirectUri).is_err());
    }
}
