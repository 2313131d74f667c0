//! What a token says: whose it is, for which resource, and which permissions of those asked for it bears.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::directory::Tenant;
use super::super::exchange::{Answer, Request};
use super::super::graph::OPERATOR_ROLE;
use super::super::identity::new_opaque;
use super::super::state::{GRAPH_APP_ID, PORTAL_AUDIENCE, RESOURCE_MANAGER, RefreshToken, State};
use super::super::token::LIFETIME_SECONDS;
use super::field;
use super::refusal::{Refusal, no_randomness, refusal};

/// What the training operator may do by delegation.
const OPERATOR_SCOPES: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "CrossTenantInformation.ReadBasic.All",
    "DelegatedPermissionGrant.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Domain.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "Policy.ReadWrite.ApplicationConfiguration",
    "RoleManagement.Read.Directory",
    "User.Read",
];
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// Graph's names for itself, in this cloud and in the others.
const GRAPH_NAMES: [&str; 5] = [
    GRAPH_APP_ID,
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
];
const RESOURCE_MANAGER_NAMES: [&str; 4] = [
    "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.core.usgovcloudapi.net",
];
/// Addresses of this machine: where a client takes the sandbox's own address for a resource, it means Graph.
const LOCAL: [&str; 6] = [
    "http://127.0.0.1",
    "http://localhost",
    "http://[::1]",
    "https://127.0.0.1",
    "https://localhost",
    "https://[::1]",
];

/// What a token request asks for.
pub(super) struct Wanted {
    pub audience: String,
    /// The resource as the caller wrote it, with the slash before a name; empty where only names were given.
    prefix: String,
    /// Names without the resource; `.default` among them means all.
    pub names: Vec<String>,
}

impl Wanted {
    fn asks(&self, name: &str) -> bool {
        self.names.iter().any(|one| one.eq_ignore_ascii_case(name))
    }
}

/// The resource and names of a scope text; only one resource at a time.
pub(super) fn wanted(state: &State, scope: &str) -> Result<Wanted, Refusal> {
    let mut found: Option<(String, String)> = None;
    let mut names = Vec::new();
    for one in scope.split_whitespace() {
        if OPENID_SCOPES.contains(&one) {
            names.push(one.to_string());
            continue;
        }
        let (prefix, name) = match one.rfind('/') {
            Some(at) => one.split_at(at + 1),
            None => ("", one),
        };
        let of = audience(state, prefix)?;
        if found.as_ref().is_some_and(|(before, _)| *before != of) {
            return Err(refusal(
                400,
                "invalid_request",
                28002,
                "The provided value for the input parameter 'scope' is not valid: it names more than one resource.",
            ));
        }
        found.get_or_insert((of, prefix.to_string()));
        names.push(name.to_string());
    }
    let (audience, prefix) = found.unwrap_or((GRAPH_APP_ID.to_string(), String::new()));
    Ok(Wanted {
        audience,
        prefix,
        names,
    })
}

/// The audience of a resource's tokens, by any of the resource's names.
fn audience(state: &State, resource: &str) -> Result<String, Refusal> {
    let name = resource.trim_end_matches('/');
    let local = |start: &str| {
        name.strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    if name.is_empty() || GRAPH_NAMES.contains(&name) || LOCAL.iter().any(|one| local(one)) {
        return Ok(GRAPH_APP_ID.to_string());
    }
    if RESOURCE_MANAGER_NAMES.contains(&name) {
        return Ok(RESOURCE_MANAGER.to_string());
    }
    if name == PORTAL_AUDIENCE {
        return Ok(PORTAL_AUDIENCE.to_string());
    }
    let id = Uuid::parse_str(name.strip_prefix("api://").unwrap_or(name)).ok();
    let known = state.resources.iter().map(|one| one.app_id);
    let registered = state.tenants.iter().flat_map(|tenant| &tenant.applications);
    let registered = registered.filter(|one| {
        let uris = one.properties["identifierUris"].as_array();
        id == Some(one.app_id) || uris.is_some_and(|uris| uris.contains(&json!(name)))
    });
    known
        .filter(|one| id == Some(*one))
        .chain(registered.map(|one| one.app_id))
        .next()
        .map(|id| id.to_string())
        .ok_or_else(|| {
            refusal(
                400,
                "invalid_resource",
                500_011,
                format!("The resource principal named {name} was not found in the tenant."),
            )
        })
}

/// What the operator may delegate for a resource.
fn delegable(state: &State, audience: &str) -> Vec<String> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect();
    match audience {
        GRAPH_APP_ID => return owned(OPERATOR_SCOPES),
        RESOURCE_MANAGER => return owned(&["user_impersonation"]),
        _ => {}
    }
    let known = state
        .resources
        .iter()
        .filter(|one| one.app_id.to_string() == audience)
        .flat_map(|one| one.scopes.iter().map(|scope| scope.value.clone()));
    let registered = state
        .tenants
        .iter()
        .flat_map(|tenant| &tenant.applications)
        .filter(|one| one.app_id.to_string() == audience)
        .filter_map(|one| one.properties["api"]["oauth2PermissionScopes"].as_array())
        .flatten()
        .filter_map(|scope| Some(scope["value"].as_str()?.to_string()));
    known.chain(registered).collect()
}

/// Whether a token is asked for with the claims of a challenge, not just with what the client is able to do.
pub(super) fn answers_a_challenge(form: &[(String, String)]) -> bool {
    field(form, "claims")
        .and_then(|text| serde_json::from_str::<Value>(text).ok())
        .is_some_and(|claims| !claims["access_token"]["nbf"].is_null())
}

pub(super) fn common_claims(
    request: &Request,
    tenant: &Tenant,
    client_id: Uuid,
    audience: &str,
    now: Timestamp,
) -> Value {
    let second = now.as_second();
    json!({
        "aud": audience,
        "iss": format!("{}/{}/v2.0", request.origin(), tenant.id),
        "iat": second,
        "nbf": second,
        "exp": second + LIFETIME_SECONDS,
        "appid": client_id,
        "azp": client_id,
        "tid": tenant.id,
        "uti": URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes()),
        "ver": "1.0",
    })
}

/// Signs an access token, and remembers whether it answers a challenge.
pub(super) fn signed(
    state: &mut State,
    claims: &Value,
    answers_a_challenge: bool,
) -> Result<String, Refusal> {
    if answers_a_challenge && let Some(token) = claims["uti"].as_str() {
        state.answers_a_challenge.insert(token.to_string());
    }
    state.signer.sign(claims).ok_or_else(no_randomness)
}

/// For whom the operator works, and where.
pub(super) struct Delegation {
    pub client_id: Uuid,
    /// The operator's own tenant.
    pub home: usize,
    /// The tenant that is worked in.
    pub place: usize,
    pub scope: String,
    pub answers_a_challenge: bool,
}

/// Tokens for the operator, whose home is one tenant, to work in this or another one.
pub(super) fn delegated(
    state: &mut State,
    request: &Request,
    form: &[(String, String)],
    of: &Delegation,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let asked = wanted(state, &of.scope)?;
    let granted: Vec<String> = delegable(state, &asked.audience)
        .into_iter()
        .filter(|name| asked.asks(".default") || asked.asks(name))
        .collect();
    let openid: Vec<&str> = ["openid", "profile", "email"]
        .into_iter()
        .filter(|name| asked.asks(name))
        .collect();
    if granted.is_empty() && (openid.is_empty() || asked.audience != GRAPH_APP_ID) {
        return Err(refusal(
            400,
            "invalid_grant",
            65001,
            format!(
                "The user or administrator has not consented to use the application with ID '{}' for this resource. Send an interactive authorization request for this user and resource.",
                of.client_id
            ),
        ));
    }
    let tenant = &state.tenants[of.place];
    let home = &state.tenants[of.home];
    let (object_id, upn) = home.operator();
    let home_id = home.id;
    let mut claims = common_claims(request, tenant, of.client_id, &asked.audience, now);
    let person = json!({
        "oid": object_id,
        "sub": object_id,
        "name": "NOC Operator",
        "upn": upn,
        "unique_name": upn,
        "preferred_username": upn,
        "wids": [OPERATOR_ROLE],
        "amr": ["pwd", "mfa"],
    });
    if let (Value::Object(claims), Value::Object(person)) = (&mut claims, person) {
        claims.extend(person);
    }
    let mut identity = claims.clone();
    claims["idtyp"] = json!("user");
    let names = granted.iter().map(String::as_str);
    let scopes: Vec<&str> = names.chain(openid.iter().copied()).collect();
    claims["scp"] = json!(scopes.join(" "));
    let token = signed(state, &claims, of.answers_a_challenge)?;
    // Named as they were asked for, so that clients find the token again in their caches.
    let all = asked.asks(".default").then_some(".default");
    let mut named: Vec<String> = granted
        .iter()
        .map(String::as_str)
        .chain(all)
        .map(|name| format!("{}{name}", asked.prefix))
        .collect();
    named.extend(openid.iter().map(|name| (*name).to_string()));
    let mut body = json!({
        "token_type": "Bearer",
        "scope": named.join(" "),
        "expires_in": LIFETIME_SECONDS - 1,
        "ext_expires_in": LIFETIME_SECONDS - 1,
        "access_token": token,
    });
    if asked.asks("openid") {
        identity["aud"] = json!(of.client_id);
        identity["ver"] = json!("2.0");
        if let Value::Object(identity) = &mut identity {
            // An access token's alone.
            for name in ["appid", "azp", "amr", "upn", "unique_name"] {
                identity.remove(name);
            }
        }
        body["id_token"] = json!(state.signer.sign(&identity).ok_or_else(no_randomness)?);
    }
    if field(form, "client_info").is_some() {
        let info = json!({"uid": object_id, "utid": home_id});
        body["client_info"] = json!(URL_SAFE_NO_PAD.encode(info.to_string()));
    }
    if asked.asks("offline_access") {
        let refresh = new_opaque();
        body["refresh_token"] = json!(refresh);
        let kept = RefreshToken {
            home: of.home,
            client_id: of.client_id,
        };
        state.refresh_tokens.insert(refresh, kept);
    }
    Ok(Answer::json(200, body))
}
