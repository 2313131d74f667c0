//! Microsoft Graph v1.0, the part that registrations need: checks the token, finds the tenant and hands the request to
//! the collection it addresses. Conforms to Microsoft's published description of these paths.

mod app_role_assignments;
mod application_shape;
mod applications;
mod batch;
mod built_in_roles;
mod credentials;
mod deleted;
mod delta;
mod directory_objects;
mod directory_roles;
mod failure;
mod federated;
mod filter;
mod grants;
mod keys;
mod listing;
mod organization;
mod path;
mod policies;
mod principal_shape;
mod principals;
mod publisher;
mod role_management;
mod tenant_relationships;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(super) use application_shape::new_application;
pub(super) use built_in_roles::OPERATOR_ROLE;
pub(super) use principal_shape::new_principal;

use super::directory::Tenant;
use super::exchange::{Answer, Request, client_request_id};
use super::faults::LagSays;
use super::refused;
use super::state::{GRAPH_APP_ID, State};
use super::token::Claims;
pub(super) use failure::{Failure, challenge};
pub(super) use keys::decoded;
use path::{Address, addressed, segments};
pub(super) use policies::{DEFAULT_POLICY, default_policy, own_policy};

/// Permissions that let read applications and service principals.
const READ: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
/// Permissions that let change them.
const WRITE: &[&str] = &["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"];

/// What an operation needs besides the tenant itself.
struct Call<'a> {
    request: &'a Request,
    claims: &'a Claims,
    now: Timestamp,
    /// `http://host:port/v1.0`
    base: String,
    start: Uuid,
    replication_lag: Duration,
    secret_lag: Duration,
    /// While replication lags: whether changes meet a conflict, and whether service principals are forbidden.
    lag_says: (bool, bool),
    /// Applications of other tenants that may be used in this one, where a service principal may be asked for.
    abroad: Vec<Abroad>,
}

/// An application of another tenant that is for several of them.
struct Abroad {
    app_id: Uuid,
    owner: Uuid,
    properties: Map<String, Value>,
}

impl Call<'_> {
    fn require(&self, any_of: &[&str]) -> Result<(), Failure> {
        if self.claims.allows(any_of) {
            Ok(())
        } else {
            Err(Failure::denied())
        }
    }

    fn require_by_method(&self, to_read: &[&str], to_write: &[&str]) -> Result<(), Failure> {
        self.require(match self.request.method.as_str() {
            "GET" => to_read,
            _ => to_write,
        })
    }

    /// Whoever creates an object owns it: a person, or an application that may work on its own objects alone.
    fn owners(&self) -> Vec<Uuid> {
        let own_only = !self.claims.allows(&["Application.ReadWrite.All"]);
        let creator = self
            .claims
            .text("oid")
            .and_then(|id| Uuid::parse_str(id).ok());
        let creator = creator.filter(|_| !self.claims.app_only() || own_only);
        creator.into_iter().collect()
    }

    /// The address of this very request, without its query.
    fn own_url(&self) -> String {
        let path = &self.request.path;
        format!(
            "{}{}",
            self.base,
            path.strip_prefix("/v1.0").unwrap_or(path)
        )
    }

    /// `ConsistencyLevel: eventual`.
    fn is_eventual(&self) -> bool {
        self.request
            .header("consistencylevel")
            .is_some_and(|level| level.trim().eq_ignore_ascii_case("eventual"))
    }

    /// Whether the caller may change an object with these owners: some permissions are for own objects alone.
    fn require_owner(&self, owners: &[Uuid]) -> Result<(), Failure> {
        let all = ["Application.ReadWrite.All", "Directory.ReadWrite.All"];
        let caller = self
            .claims
            .text("oid")
            .and_then(|id| Uuid::parse_str(id).ok());
        if self.claims.allows(&all) || caller.is_some_and(|id| owners.contains(&id)) {
            Ok(())
        } else {
            Err(Failure::denied())
        }
    }

    /// `Prefer: create-if-missing`.
    fn creates_if_missing(&self) -> bool {
        self.request.header("prefer").is_some_and(|prefer| {
            prefer
                .split([',', ';'])
                .any(|one| one.trim().eq_ignore_ascii_case("create-if-missing"))
        })
    }

    fn context(&self, of: &str) -> String {
        format!("{}/$metadata#{of}", self.base)
    }
}

/// An id that stands in a body.
fn read_guid(value: &Value) -> Option<Uuid> {
    Uuid::parse_str(value.as_str()?).ok()
}

/// Answers a request to Graph.
pub(super) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let client_id = client_request_id(request);
    let mut answer = authenticated(state, request, now).unwrap_or_else(Failure::answer);
    failure::stamp(&mut answer, Uuid::new_v4(), client_id, now);
    answer
}

fn authenticated(state: &mut State, request: &Request, now: Timestamp) -> Result<Answer, Failure> {
    let unauthorized = |words: &str| Failure::new(401, "InvalidAuthenticationToken", words);
    let token = request
        .bearer()
        .filter(|token| !token.is_empty())
        .ok_or_else(|| unauthorized("Access token is empty."))?;
    let claims = state
        .signer
        .verify(token, GRAPH_APP_ID, now)
        .map_err(|refusal| unauthorized(refusal.words()))?;
    let index = claims
        .text("tid")
        .and_then(|tid| state.tenant_index(tid))
        .ok_or_else(|| unauthorized("The token's tenant is unknown here."))?;
    let path = request.path.strip_prefix("/v1.0").unwrap_or_default();
    if state.tenants[index].graph_unavailable {
        return Err(Failure::new(
            503,
            "ServiceUnavailable",
            "The service is temporarily unavailable. Please try again later.",
        ));
    }
    if let Some(failure) = refused::by_graph(state, request, &claims, now) {
        return Err(failure);
    }
    if path == "/$batch" {
        return batch::answer(state, request, now);
    }
    let lag_says = match state.faults.lag_says {
        LagSays::Plain => (false, false),
        LagSays::Conflict => (true, false),
        LagSays::Forbidden => (false, true),
        LagSays::Mixed => (state.lots.bool(), state.lots.bool()),
    };
    let call = Call {
        request,
        claims: &claims,
        now,
        base: format!("{}/v1.0", request.origin()),
        start: state.start,
        replication_lag: state.faults.replication_lag,
        secret_lag: state.faults.secret_lag,
        lag_says,
        abroad: abroad(state, index, request),
    };
    if request.method == "GET"
        && let Some(("tenantRelationships", function)) = path.trim_matches('/').split_once('/')
    {
        return tenant_relationships::find(&call, &state.tenants, function);
    }
    route(&call, &mut state.tenants[index], path)
}

fn abroad(state: &State, home: usize, request: &Request) -> Vec<Abroad> {
    if request.method == "GET" || !request.path.contains("/servicePrincipals") {
        return Vec::new();
    }
    let others = state.tenants.iter().enumerate();
    others
        .filter(|(place, _)| *place != home)
        .flat_map(|(_, tenant)| tenant.applications.iter().map(move |one| (tenant, one)))
        .filter(|(_, one)| one.is_live() && one.text("signInAudience") != Some("AzureADMyOrg"))
        .map(|(tenant, one)| Abroad {
            app_id: one.app_id,
            owner: tenant.id,
            properties: one.properties.clone(),
        })
        .collect()
}

fn route(call: &Call<'_>, tenant: &mut Tenant, path: &str) -> Result<Answer, Failure> {
    let segments = segments(path);
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some((first, rest)) = segments.split_first() else {
        return Err(Failure::no_such_segment(""));
    };
    let method = call.request.method.as_str();
    let (collection, address) = addressed(first)?;
    let delta = rest.len() == 1
        && [
            "delta",
            "delta()",
            "microsoft.graph.delta",
            "microsoft.graph.delta()",
        ]
        .contains(&rest[0]);
    match (collection, address, rest) {
        // Documented for the application itself, not for what hangs on it.
        ("applications", Some(Address::UniqueName(_)), [_, ..]) => Err(Failure::not_implemented(
            "addressing more than the application by uniqueName",
        )),
        ("applications", Some(address), rest) => applications::one(call, tenant, &address, rest),
        ("applications", None, [] | ["$count"]) => applications::collection(call, tenant, rest),
        ("applications", None, _) if delta && method == "GET" => applications::delta(call, tenant),
        ("applications", None, [id, rest @ ..]) => {
            applications::one(call, tenant, &Address::Id((*id).to_string()), rest)
        }
        ("servicePrincipals", Some(address), rest) => principals::one(call, tenant, &address, rest),
        ("servicePrincipals", None, [] | ["$count"]) => principals::collection(call, tenant, rest),
        ("servicePrincipals", None, _) if delta && method == "GET" => {
            principals::delta(call, tenant)
        }
        ("servicePrincipals", None, [id, rest @ ..]) => {
            principals::one(call, tenant, &Address::Id((*id).to_string()), rest)
        }
        ("oauth2PermissionGrants", None, [] | ["$count"]) => grants::collection(call, tenant, rest),
        ("oauth2PermissionGrants", None, _) if delta && method == "GET" => {
            grants::delta(call, tenant)
        }
        ("oauth2PermissionGrants", None, [id]) => grants::one(call, tenant, id),
        ("oauth2PermissionGrants", Some(Address::Id(id)), []) => grants::one(call, tenant, &id),
        ("directory", None, ["deletedItems", rest @ ..]) => deleted::answer(call, tenant, rest),
        ("directoryRoles", address, rest) => {
            directory_roles::roles(call, tenant, address.as_ref(), rest)
        }
        ("directoryRoleTemplates", None, rest) if method == "GET" => {
            directory_roles::templates(call, rest)
        }
        ("roleManagement", None, ["directory", rest @ ..]) => {
            role_management::management(call, tenant, rest)
        }
        ("users", None, rest) => directory_objects::users(call, tenant, rest),
        ("directoryObjects", None, rest) => directory_objects::answer(call, tenant, rest),
        ("policies", None, rest) if let Some(answer) = policies::answer(call, tenant, rest) => {
            answer
        }
        (collection, None, rest) if method == "GET" => {
            organization::read(call, tenant, collection, rest)
        }
        _ => Err(Failure::not_implemented("this path or method")),
    }
}
