//! Microsoft Graph v1.0, the part that registrations need: checks the token, finds the tenant and hands the request to
//! the collection it addresses. Conforms to Microsoft's published description of these paths.

mod application_shape;
mod applications;
mod batch;
mod credentials;
mod deleted;
mod delta;
mod directory_objects;
mod failure;
mod federated;
mod filter;
mod grants;
mod keys;
mod listing;
mod organization;
mod policies;
mod principals;
mod publisher;
mod roles;
mod tenant_relationships;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(super) use application_shape::new_application;
pub(super) use principals::new_principal;
pub(super) use roles::OPERATOR_ROLE;

use super::exchange::{Answer, Request, client_request_id};
use super::faults::LagSays;
use super::refused;
use super::state::{GRAPH_APP_ID, State, Tenant};
use super::token::Claims;
pub(super) use failure::{Failure, challenge};
pub(super) use keys::decoded;
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

/// How a path names one object.
enum Address {
    Id(String),
    AppId(String),
    UniqueName(String),
    RoleTemplateId(String),
}

impl Address {
    fn text(&self) -> &str {
        match self {
            Address::Id(text)
            | Address::AppId(text)
            | Address::UniqueName(text)
            | Address::RoleTemplateId(text) => text,
        }
    }

    fn guid(&self) -> Option<Uuid> {
        Uuid::parse_str(self.text()).ok()
    }
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
        .filter(|(_, one)| {
            one.deleted.is_none() && one.text("signInAudience") != Some("AzureADMyOrg")
        })
        .map(|(tenant, one)| Abroad {
            app_id: one.app_id,
            owner: tenant.id,
            properties: one.properties.clone(),
        })
        .collect()
}

fn route(call: &Call<'_>, tenant: &mut Tenant, path: &str) -> Result<Answer, Failure> {
    let path = path.trim_matches('/');
    let path = path.strip_prefix("myorganization/").unwrap_or(path);
    let segments = plain_keys(segments(path));
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some((first, rest)) = segments.split_first() else {
        return Err(Failure::no_such_segment(""));
    };
    let method = call.request.method.as_str();
    let (collection, address) = addressed(first)?;
    let collection = canonical(collection);
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
        ("directoryRoles", address, rest) => roles::roles(call, tenant, address.as_ref(), rest),
        ("directoryRoleTemplates", None, rest) if method == "GET" => roles::templates(call, rest),
        ("roleManagement", None, ["directory", rest @ ..]) => roles::management(call, tenant, rest),
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

/// A collection's name as it is written in the documentation: paths are read without regard to case.
fn canonical(name: &str) -> &str {
    const NAMES: [&str; 9] = [
        "applications",
        "servicePrincipals",
        "oauth2PermissionGrants",
        "directory",
        "directoryRoles",
        "directoryRoleTemplates",
        "roleManagement",
        "users",
        "directoryObjects",
    ];
    let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name));
    known.copied().unwrap_or(name)
}

/// Parts a path at its slashes, but not at those inside a quoted key.
fn segments(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in path.chars() {
        quoted ^= c == '\'';
        match parts.last_mut() {
            Some(part) if c != '/' || quoted => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Writes a key of what hangs on an object as a segment of its own: `…/owners('x')` is `…/owners/x`.
fn plain_keys(segments: Vec<String>) -> Vec<String> {
    let parted = |(at, segment): (usize, String)| match keyed(&segment) {
        Ok((name, Some(key))) if at > 0 && ["id", "name"].contains(&key.property) => {
            vec![name.to_string(), key.value]
        }
        _ => vec![segment],
    };
    segments.into_iter().enumerate().flat_map(parted).collect()
}

/// `applications(appId='…')` as the collection's name and the key.
fn addressed(segment: &str) -> Result<(&str, Option<Address>), Failure> {
    let (collection, Some(Key { property, value })) = keyed(segment)? else {
        return Ok((segment, None));
    };
    let address = match property {
        "id" => Address::Id(value),
        "appId" => Address::AppId(value),
        "uniqueName" if collection == "applications" => Address::UniqueName(value),
        "roleTemplateId" if collection == "directoryRoles" => Address::RoleTemplateId(value),
        _ => return Err(wrong_key()),
    };
    Ok((collection, Some(address)))
}

fn wrong_key() -> Failure {
    Failure::new(400, "BadRequest", "Invalid key in the request's path.")
}

/// What stands in the brackets of `name(property='value')`; without a property's name it is the id.
struct Key<'a> {
    property: &'a str,
    value: String,
}

/// A segment's name, and its key if it has one.
fn keyed(segment: &str) -> Result<(&str, Option<Key<'_>>), Failure> {
    let Some((name, key)) = segment.split_once('(') else {
        return Ok((segment, None));
    };
    let key = key.strip_suffix(')').ok_or_else(wrong_key)?;
    let (property, value) = match key.split_once('=') {
        Some((property, value)) => (property.trim(), value.trim()),
        None => ("id", key.trim()),
    };
    let value = value
        .strip_prefix('\'')
        .and_then(|value| value.strip_suffix('\''))
        .ok_or_else(wrong_key)?
        .replace("''", "'");
    Ok((name, Some(Key { property, value })))
}
