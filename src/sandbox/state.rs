//! All that the sandbox remembers while it runs.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::directory::Tenant;
use super::faults::Faults;
use super::fleet::Resource;
use super::token::Signer;

/// Microsoft Graph's application ID, the audience of its tokens.
pub(super) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";
/// The audience of the portal's tokens.
pub(super) const PORTAL_AUDIENCE: &str = "api://6f1b0a5e-2d0c-4c8e-9b1c-5a3f0c7d9e21";

/// The audience of Azure Resource Manager's tokens.
pub(super) const RESOURCE_MANAGER: &str = "https://management.core.windows.net/";

pub(super) struct State {
    /// Names this start, so that a delta token of an earlier one is told apart.
    pub start: Uuid,
    pub faults: Faults,
    /// What the faults' lots are drawn with.
    pub lots: fastrand::Rng,
    /// Tokens, by their `uti`, that a claims challenge was given for.
    pub revoked: HashSet<String>,
    /// Tokens that were asked for with the claims of a challenge.
    pub answers_a_challenge: HashSet<String>,
    pub tenants: Vec<Tenant>,
    pub devices: Vec<Device>,
    pub resources: Vec<Resource>,
    /// The training application, known in every tenant.
    pub training_client_id: Uuid,
    pub device_codes: HashMap<String, DeviceCode>,
    pub refresh_tokens: HashMap<String, RefreshToken>,
    pub signer: Signer,
    /// The cookies of those who signed in to a portal by its form.
    pub portal_sessions: HashSet<String>,
    /// The portals' long actions; their numbers follow from their places.
    pub portal_tasks: Vec<PortalTask>,
    /// The latest requests.
    pub requests: VecDeque<LoggedRequest>,
    /// The requests that are held just now.
    pub held: Vec<HeldRequest>,
    /// How many were ever held.
    pub held_ever: u64,
}

pub(super) struct HeldRequest {
    pub number: u64,
    pub method: String,
    pub path: String,
    pub carried_out: bool,
}

pub(super) struct Device {
    pub fqdn: String,
    /// Its tenant's place in the list.
    pub tenant: usize,
    pub notes: String,
    pub interface: Interface,
    pub portal: PortalContent,
    pub customers: Vec<Customer>,
}

/// How a portal's interface for the sync app's settings is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Interface {
    /// Generation 1, by a token of Entra.
    #[default]
    Tokens,
    /// Generation 1, by anybody.
    Open,
    /// Generation 2, by a form and its cookie.
    Form,
    /// Generation 3, by user and password; writes are tasks.
    Tasks,
}

impl Interface {
    /// The name of the portal profile that speaks it.
    pub fn profile(self) -> &'static str {
        match self {
            Interface::Tokens => "sandbox",
            Interface::Open => "sandbox-open",
            Interface::Form => "sandbox-form",
            Interface::Tasks => "sandbox-tasks",
        }
    }
}

/// A long action of a portal.
pub(super) struct PortalTask {
    /// The device's place in the list.
    pub device: usize,
    pub ends: Timestamp,
    /// What is applied when it ends, or why nothing is.
    pub outcome: Result<PortalContent, &'static str>,
    pub over: bool,
}

#[derive(Default)]
pub(super) struct PortalContent {
    pub client_id: String,
    pub redirect_url: String,
    pub secret: Option<String>,
}

pub(super) struct Customer {
    pub guid: Uuid,
    pub short_name: String,
    pub full_name: String,
    pub tenant_id: Uuid,
    pub redirect_uri: Option<String>,
    pub authenticated: bool,
    pub roles: Option<Vec<String>>,
    pub users: u32,
}

pub(super) struct DeviceCode {
    /// The tenant that was asked; `None` = `organizations`.
    pub tenant: Option<usize>,
    pub client_id: Uuid,
    pub scope: String,
    pub user_code: String,
    pub decision: Decision,
    /// Whether it was asked for with the claims of a challenge.
    pub answers_a_challenge: bool,
    pub expires: Timestamp,
}

/// What became of a device code on its page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Waiting,
    /// Approved from this moment on, by the operator of the tenant at this place.
    Approved(Timestamp, usize),
    Declined,
}

pub(super) struct RefreshToken {
    pub home: usize,
    pub client_id: Uuid,
}

pub(super) struct LoggedRequest {
    pub method: String,
    pub path: String,
    pub status: u16,
}

impl State {
    /// The provider's tenants.
    pub fn providers(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.iter().filter(|tenant| !tenant.of_customer)
    }

    /// Finds a tenant by directory id or primary domain.
    pub fn tenant_index(&self, name: &str) -> Option<usize> {
        self.tenants.iter().position(|tenant| {
            tenant.primary_domain.eq_ignore_ascii_case(name)
                || Uuid::parse_str(name).is_ok_and(|id| id == tenant.id)
        })
    }

    pub fn device_index(&self, fqdn: &str) -> Option<usize> {
        self.devices
            .iter()
            .position(|device| device.fqdn.eq_ignore_ascii_case(fqdn))
    }

    pub fn log(&mut self, method: &str, path: &str, status: u16) {
        const KEPT: usize = 20_000;
        if self.requests.len() == KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(LoggedRequest {
            method: method.to_string(),
            path: path.to_string(),
            status,
        });
    }
}

/// The present, in milliseconds: Graph shows no finer times.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// A moment some days from another, in the past for negative numbers.
pub(super) fn days_from(moment: Timestamp, days: i64) -> Timestamp {
    moment
        .checked_add(jiff::SignedDuration::from_hours(days.saturating_mul(24)))
        .unwrap_or(moment)
}

/// A moment after another by a fault's duration.
pub(super) fn later(moment: Timestamp, by: std::time::Duration) -> Timestamp {
    moment.checked_add(by).unwrap_or(moment)
}
