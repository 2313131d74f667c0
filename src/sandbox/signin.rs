//! Microsoft sign-in's two endpoints: device codes and tokens.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::{Answer, Request};
use super::graph::OPERATOR_ROLE;
use super::identity::new_opaque;
use super::state::{DeviceCode, GRAPH_APP_ID, PORTAL_AUDIENCE, RefreshToken, State, Tenant};
use super::token::LIFETIME_SECONDS;

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
    "RoleManagement.Read.Directory",
    "User.Read",
];
/// What the training application may do by itself.
const TRAINING_ROLES: &[&str] = &[
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Domain.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
];
/// Microsoft's own public clients that anybody may use: Azure CLI and Graph Command Line Tools.
const PUBLIC_CLIENTS: [&str; 2] = [
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e",
];
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const DEVICE_CODE_SECONDS: i64 = 900;
/// The sandbox approves a device code by itself, this long after it was asked for.
const APPROVAL: SignedDuration = SignedDuration::from_millis(300);

/// A refusal in Entra's form.
struct Refusal {
    status: u16,
    error: &'static str,
    code: u32,
    message: String,
}

fn refusal(status: u16, error: &'static str, code: u32, message: impl Into<String>) -> Refusal {
    Refusal {
        status,
        error,
        code,
        message: message.into(),
    }
}

impl Refusal {
    fn answer(self, request: &Request, now: Timestamp) -> Answer {
        let trace = Uuid::new_v4();
        let correlation = super::exchange::client_request_id(request);
        let moment = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let body = json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
                self.code, self.message
            ),
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("{}/error?code={}", request.origin(), self.code),
        });
        Answer::json(self.status, body)
    }
}

/// What a token request asks for.
struct Wanted {
    audience: &'static str,
    /// Names without the resource; `.default` among them means all.
    names: Vec<String>,
}

/// Answers a request to sign-in.
pub(super) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let outcome = match segments.as_slice() {
        [tenant, "oauth2", "v2.0", "devicecode"] if request.method == "POST" => {
            device_code(state, request, tenant, now)
        }
        [tenant, "oauth2", "v2.0", "token"] if request.method == "POST" => {
            token(state, request, tenant, now)
        }
        _ => Err(refusal(
            404,
            "invalid_request",
            90023,
            "The path is not one of the sandbox's sign-in endpoints.",
        )),
    };
    outcome
        .unwrap_or_else(|refused| refused.answer(request, now))
        .with_header("cache-control", "no-store, no-cache")
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter()
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.as_str())
}

fn required<'a>(form: &'a [(String, String)], name: &str) -> Result<&'a str, Refusal> {
    field(form, name).ok_or_else(|| {
        refusal(
            400,
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{name}'."),
        )
    })
}

fn client(form: &[(String, String)]) -> Result<Uuid, Refusal> {
    let text = required(form, "client_id")?;
    Uuid::parse_str(text).map_err(|_| unknown_client(text, "the directory"))
}

fn unknown_client(client: &str, tenant: &str) -> Refusal {
    refusal(
        400,
        "unauthorized_client",
        700_016,
        format!(
            "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."
        ),
    )
}

fn named_tenant(state: &State, name: &str) -> Result<Option<usize>, Refusal> {
    if ["organizations", "common"].contains(&name) {
        return Ok(None);
    }
    state.tenant_index(name).map(Some).ok_or_else(|| {
        refusal(
            400,
            "invalid_request",
            90002,
            format!("Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."),
        )
    })
}

/// Whether this client may ask for tokens without a secret.
fn public_client(state: &State, client: Uuid, tenant: Option<usize>) -> Result<(), Refusal> {
    if client == state.training_client_id || PUBLIC_CLIENTS.contains(&client.to_string().as_str()) {
        return Ok(());
    }
    let application = state
        .tenants
        .iter()
        .enumerate()
        .filter(|(place, _)| tenant.is_none_or(|wanted| wanted == *place))
        .find_map(|(_, tenant)| tenant.application_by_app_id(client));
    match application {
        None => Err(unknown_client(&client.to_string(), "the directory")),
        Some(one) if one.properties.get("isFallbackPublicClient") == Some(&json!(true)) => Ok(()),
        Some(_) => Err(refusal(
            401,
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )),
    }
}

/// The resource and names of a scope text; only one resource at a time.
fn wanted(scope: &str) -> Result<Wanted, Refusal> {
    let mut audience = None;
    let mut names = Vec::new();
    for one in scope.split_whitespace() {
        if OPENID_SCOPES.contains(&one) {
            names.push(one.to_string());
            continue;
        }
        let (resource, name) = one.rsplit_once('/').unwrap_or(("", one));
        let resource = resource.trim_end_matches('/');
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        let of = if resource.is_empty()
            || resource == GRAPH_APP_ID
            || resource == "https://graph.microsoft.com"
            || local.iter().any(|start| resource.starts_with(start))
        {
            GRAPH_APP_ID
        } else if resource == PORTAL_AUDIENCE {
            PORTAL_AUDIENCE
        } else {
            return Err(refusal(
                400,
                "invalid_resource",
                500_011,
                format!("The resource principal named {resource} was not found in the tenant."),
            ));
        };
        if audience.is_some_and(|before| before != of) {
            return Err(refusal(
                400,
                "invalid_request",
                28002,
                "The provided value for the input parameter 'scope' is not valid: it names more than one resource.",
            ));
        }
        audience = Some(of);
        names.push(name.to_string());
    }
    Ok(Wanted {
        audience: audience.unwrap_or(GRAPH_APP_ID),
        names,
    })
}

fn device_code(
    state: &mut State,
    request: &Request,
    tenant: &str,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let form = request.form();
    let tenant = named_tenant(state, tenant)?;
    let client_id = client(&form)?;
    public_client(state, client_id, tenant)?;
    let scope = required(&form, "scope")?;
    wanted(scope)?;
    let code = new_opaque();
    let user_code = new_opaque()[..9].to_uppercase();
    let place = format!("{}/sandbox/device", request.origin());
    state.device_codes.retain(|_, one| one.expires > now);
    state.device_codes.insert(
        code.clone(),
        DeviceCode {
            tenant,
            client_id,
            scope: scope.to_string(),
            approved_from: now.checked_add(APPROVAL).unwrap_or(now),
            expires: now
                .checked_add(SignedDuration::from_secs(DEVICE_CODE_SECONDS))
                .unwrap_or(now),
        },
    );
    let body = json!({
        "user_code": user_code,
        "device_code": code,
        "verification_uri": place,
        "expires_in": DEVICE_CODE_SECONDS,
        "interval": 1,
        "message": format!("To sign in, use a web browser to open the page {place} and enter the code {user_code} to authenticate."),
    });
    Ok(Answer::json(200, body))
}

fn token(
    state: &mut State,
    request: &Request,
    tenant: &str,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let form = request.form();
    let tenant = named_tenant(state, tenant)?;
    match required(&form, "grant_type")? {
        "urn:ietf:params:oauth:grant-type:device_code" => {
            by_device_code(state, request, &form, tenant, now)
        }
        "client_credentials" => by_client_secret(state, request, &form, tenant, now),
        "refresh_token" => by_refresh_token(state, request, &form, tenant, now),
        other => Err(refusal(
            400,
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{other}'."),
        )),
    }
}

fn by_device_code(
    state: &mut State,
    request: &Request,
    form: &[(String, String)],
    tenant: Option<usize>,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let client_id = client(form)?;
    let code = required(form, "device_code")?;
    let known = state.device_codes.get(code).filter(|known| {
        known.client_id == client_id && (known.tenant == tenant || tenant.is_none())
    });
    let Some(known) = known else {
        return Err(refusal(
            400,
            "bad_verification_code",
            70018,
            "The device code is not known, or was used already.",
        ));
    };
    if now >= known.expires {
        return Err(refusal(
            400,
            "expired_token",
            70019,
            "The verification code expired.",
        ));
    }
    if now < known.approved_from {
        return Err(refusal(
            400,
            "authorization_pending",
            70016,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        ));
    }
    let (home, scope) = (known.tenant.unwrap_or(0), known.scope.clone());
    state.device_codes.remove(code);
    delegated(state, request, client_id, home, home, &scope, now)
}

fn by_refresh_token(
    state: &mut State,
    request: &Request,
    form: &[(String, String)],
    tenant: Option<usize>,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let client_id = client(form)?;
    let token = required(form, "refresh_token")?;
    let known = state
        .refresh_tokens
        .get(token)
        .filter(|known| known.client_id == client_id)
        .ok_or_else(|| {
            refusal(
                400,
                "invalid_grant",
                700_082,
                "The refresh token is not known here, or has expired. Sign in again.",
            )
        })?;
    let home = known.home;
    let scope =
        field(form, "scope").unwrap_or("https://graph.microsoft.com/.default offline_access");
    delegated(
        state,
        request,
        client_id,
        home,
        tenant.unwrap_or(home),
        scope,
        now,
    )
}

fn by_client_secret(
    state: &State,
    request: &Request,
    form: &[(String, String)],
    tenant: Option<usize>,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let tenant = tenant.map(|place| &state.tenants[place]).ok_or_else(|| {
        refusal(
            400,
            "invalid_request",
            9_001_023,
            "The grant type is not supported over the /common or /organizations endpoints. Use a tenant-specific endpoint.",
        )
    })?;
    let client_id = client(form)?;
    let asked = wanted(required(form, "scope")?)?;
    if asked.names != [".default"] {
        return Err(refusal(
            400,
            "invalid_scope",
            1_002_012,
            "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
        ));
    }
    let secret = field(form, "client_secret").ok_or_else(|| {
        refusal(
            401,
            "invalid_client",
            7_000_216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        )
    })?;
    let training = client_id == state.training_client_id;
    if training {
        if secret != tenant.client_secret {
            return Err(wrong_secret(client_id));
        }
    } else {
        check_secret(tenant, client_id, secret, now)?;
    }
    if asked.audience == PORTAL_AUDIENCE && !training {
        return Err(refusal(
            400,
            "invalid_grant",
            501_051,
            format!(
                "Application '{client_id}' is not assigned to a role for the application '{PORTAL_AUDIENCE}'."
            ),
        ));
    }
    let object_id = tenant
        .principal_by_app_id(client_id)
        .map(|principal| principal.object_id);
    let mut claims = common_claims(request, tenant, client_id, asked.audience, now);
    claims["oid"] = json!(object_id);
    claims["sub"] = json!(object_id);
    claims["idtyp"] = json!("app");
    if training && asked.audience == GRAPH_APP_ID {
        claims["roles"] = json!(TRAINING_ROLES);
    }
    let token = state.signer.sign(&claims).ok_or_else(no_randomness)?;
    Ok(Answer::json(
        200,
        json!({
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS - 1,
            "ext_expires_in": LIFETIME_SECONDS - 1,
            "access_token": token,
        }),
    ))
}

fn check_secret(
    tenant: &Tenant,
    client_id: Uuid,
    value: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let application = tenant
        .application_by_app_id(client_id)
        .filter(|one| one.visible_from <= now)
        .ok_or_else(|| unknown_client(&client_id.to_string(), &tenant.name))?;
    let secret = application
        .secrets
        .iter()
        .find(|secret| secret.value == value && secret.usable_from <= now)
        .ok_or_else(|| wrong_secret(client_id))?;
    if secret.end <= now {
        return Err(refusal(
            401,
            "invalid_client",
            7_000_222,
            format!(
                "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new keys for your app."
            ),
        ));
    }
    tenant
        .principal_by_app_id(client_id)
        .filter(|principal| principal.visible_from <= now)
        .map(|_| ())
        .ok_or_else(|| {
            refusal(
                400,
                "unauthorized_client",
                7_000_229,
                format!("The client application {client_id} is missing service principal in the tenant {}.", tenant.id),
            )
        })
}

fn wrong_secret(client_id: Uuid) -> Refusal {
    refusal(
        401,
        "invalid_client",
        7_000_215,
        format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'."
        ),
    )
}

fn no_randomness() -> Refusal {
    refusal(
        503,
        "temporarily_unavailable",
        90033,
        "A transient error occurred. Please try again.",
    )
}

fn common_claims(
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
        "tid": tenant.id,
        "ver": "1.0",
    })
}

/// Tokens for the operator, whose home is one tenant, to work in this or another one.
fn delegated(
    state: &mut State,
    request: &Request,
    client_id: Uuid,
    home: usize,
    place: usize,
    scope: &str,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let asked = wanted(scope)?;
    if asked.audience != GRAPH_APP_ID {
        return Err(refusal(
            400,
            "invalid_grant",
            65001,
            "The user or administrator has not consented to use the application for this resource.",
        ));
    }
    let asks = |name: &str| asked.names.iter().any(|one| one == name);
    let granted: Vec<&str> = OPERATOR_SCOPES
        .iter()
        .copied()
        .filter(|name| asks(".default") || asks(name))
        .chain(
            ["openid", "profile", "email"]
                .into_iter()
                .filter(|name| asks(name)),
        )
        .collect();
    let tenant = &state.tenants[place];
    let (object_id, upn) = state.tenants[home].operator();
    let mut claims = common_claims(request, tenant, client_id, asked.audience, now);
    claims["oid"] = json!(object_id);
    claims["sub"] = json!(object_id);
    claims["idtyp"] = json!("user");
    claims["name"] = json!("NOC Operator");
    claims["upn"] = json!(upn);
    claims["preferred_username"] = json!(upn);
    claims["wids"] = json!([OPERATOR_ROLE]);
    claims["amr"] = json!(["pwd", "mfa"]);
    let mut identity = claims.clone();
    claims["scp"] = json!(granted.join(" "));
    let token = state.signer.sign(&claims).ok_or_else(no_randomness)?;
    let mut body = json!({
        "token_type": "Bearer",
        "scope": granted
            .iter()
            .map(|name| match OPENID_SCOPES.contains(name) {
                true => (*name).to_string(),
                false => format!("https://graph.microsoft.com/{name}"),
            })
            .collect::<Vec<_>>()
            .join(" "),
        "expires_in": LIFETIME_SECONDS - 1,
        "ext_expires_in": LIFETIME_SECONDS - 1,
        "access_token": token,
    });
    if asks("openid") {
        identity["aud"] = json!(client_id);
        body["id_token"] = json!(state.signer.sign(&identity).ok_or_else(no_randomness)?);
    }
    if asks("offline_access") {
        let refresh = new_opaque();
        body["refresh_token"] = json!(refresh);
        state
            .refresh_tokens
            .insert(refresh, RefreshToken { home, client_id });
    }
    Ok(Answer::json(200, body))
}
