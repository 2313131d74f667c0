//! The form of the training data in `assets/sandbox`. What each field means stands at the head of `fleet.toml`.

use serde::Deserialize;
use uuid::Uuid;

use super::state::Interface;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FleetData {
    pub names: Names,
    pub tenant: Vec<TenantData>,
    pub device: Vec<DeviceData>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    first: Vec<String>,
    second: Vec<String>,
}

impl Names {
    /// The short and full name of the n-th customer; distinct as long as the lists' product reaches.
    pub fn customer(&self, n: usize) -> Option<(String, String)> {
        let first = self.first.get(n.checked_rem(self.first.len())?)?;
        let second = self
            .second
            .get((n / self.first.len()).checked_rem(self.second.len())?)?;
        let head: String = first.chars().take(9).collect();
        let tail: String = second.chars().take(3).collect();
        let short = format!("{head}_{tail}").to_lowercase();
        Some((short, format!("{first} {second}")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantData {
    pub key: String,
    pub name: String,
    pub primary_domain: String,
    pub mpn_id: Option<String>,
    pub secret_policy_days: Option<u32>,
    #[serde(default = "yes")]
    pub portal_interface: bool,
    #[serde(default)]
    pub graph_unavailable: bool,
    /// Display names of applications that have nothing to do with any device.
    #[serde(default)]
    pub noise: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceData {
    pub fqdn: String,
    pub tenant: String,
    #[serde(default = "yes")]
    pub registered: bool,
    #[serde(default)]
    pub by_hand: bool,
    #[serde(default)]
    pub twins: Vec<String>,
    pub deleted_days: Option<i64>,
    pub display_name: Option<String>,
    pub shares: Option<String>,
    pub redirect_path: Option<String>,
    #[serde(default)]
    pub platform: Platform,
    pub audience: Option<String>,
    #[serde(default = "yes")]
    pub access_tokens: bool,
    #[serde(default = "yes")]
    pub id_tokens: bool,
    #[serde(default = "yes")]
    pub public_client: bool,
    #[serde(default = "yes")]
    pub publisher_verified: bool,
    #[serde(default = "yes")]
    pub principal: bool,
    #[serde(default)]
    pub missing: Vec<String>,
    #[serde(default)]
    pub extra: Vec<String>,
    #[serde(default = "a_year")]
    pub secret_days: i64,
    pub older_secret_days: Option<i64>,
    pub policy_days: Option<u32>,
    #[serde(default)]
    pub granted: bool,
    #[serde(default)]
    pub portal: PortalData,
    #[serde(default)]
    pub interface: Interface,
    pub portal_redirect: Option<String>,
    #[serde(default)]
    pub customers: usize,
    #[serde(default)]
    pub pending: usize,
    #[serde(default)]
    pub customer: Vec<CustomerData>,
    #[serde(default)]
    pub notes: String,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Platform {
    #[default]
    Web,
    Spa,
    Public,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PortalData {
    #[default]
    Set,
    Empty,
    OtherClient,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerData {
    pub short_name: String,
    pub full_name: String,
    pub redirect_uri: Option<String>,
    #[serde(default = "yes")]
    pub authenticated: bool,
    pub roles: Option<Vec<String>>,
    pub own_tenant: Option<OwnTenant>,
}

/// What a customer's own tenant has, where the training operator may enter it.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OwnTenant {
    Granted,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourcesData {
    pub resource: Vec<Resource>,
}

/// A resource application with the permissions that can be asked of it.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    pub app_id: Uuid,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub roles: Vec<Role>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct Scope {
    pub value: String,
    pub id: Uuid,
    pub consent: Consent,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Consent {
    User,
    Admin,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub value: String,
    pub id: Uuid,
}

fn yes() -> bool {
    true
}

fn a_year() -> i64 {
    365
}

impl FleetData {
    pub fn compiled_in() -> Result<FleetData, toml::de::Error> {
        toml::from_str(include_str!("../../assets/sandbox/fleet.toml"))
    }
}

impl ResourcesData {
    pub fn compiled_in() -> Result<ResourcesData, toml::de::Error> {
        toml::from_str(include_str!("../../assets/sandbox/resources.toml"))
    }
}
