//! Microsoft sign-in's endpoints, device codes, tokens with three grants, and a tenant's public configuration. It answers as Microsoft documents,
//! refusals included; who signs in is always the training operator.

mod client_certificate;
mod client_secret;
mod discovery;
mod issue;
mod refusal;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::exchange::{Answer, Request};
use super::identity::new_opaque;
use super::state::{DeviceCode, State};
pub(super) use client_certificate::TRAINING_CERTIFICATE;
use client_secret::by_client_secret;
use issue::{delegated, wanted};
use refusal::{Refusal, refusal, unknown_client};

/// Microsoft's own public clients that anybody may use: Azure CLI and Graph Command Line Tools.
const PUBLIC_CLIENTS: [&str; 2] = [
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e",
];
const DEVICE_CODE_SECONDS: i64 = 900;
/// The sandbox approves a device code by itself, this long after it was asked for.
const APPROVAL: SignedDuration = SignedDuration::from_millis(300);

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
        [tenant, "v2.0", ".well-known", "openid-configuration"] if request.method == "GET" => {
            discovery::configuration(state, request, tenant)
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
        known.client_id == client_id
            && (known.tenant == tenant || known.tenant.is_none() || tenant.is_none())
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
    // Asked for at `organizations`, the operator is at home in the first tenant.
    let (home, scope) = (known.tenant.unwrap_or(0), known.scope.clone());
    state.device_codes.remove(code);
    let place = tenant.unwrap_or(home);
    delegated(state, request, client_id, home, place, &scope, now)
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

#[cfg(test)]
mod tests {
    use super::super::faults::Faults;
    use super::super::identity::{guid, training_secret};
    use super::*;
    use serde_json::Value;

    fn ask(device: &str, days: i64) -> Value {
        let now = Timestamp::now();
        let mut state = super::super::seed::state(Faults::default(), now).unwrap();
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &guid(&format!("client {device}")).to_string())
            .append_pair(
                "client_secret",
                &training_secret(&format!("{device} {days}")),
            )
            .append_pair("scope", "https://graph.microsoft.com/.default")
            .finish();
        let request = Request {
            method: "POST".to_string(),
            path: "/finebak.com/oauth2/v2.0/token".to_string(),
            query: Vec::new(),
            headers: Vec::new(),
            body: form.into_bytes(),
        };
        answer(&mut state, &request, now).body.unwrap()
    }

    #[test]
    fn an_expired_secret_is_told_from_a_wrong_one() {
        let expired = ask("livecloud.finebak.com", -3);
        assert_eq!(expired["error_codes"][0], 7_000_222);
        let good = ask("ump-01.finebak.com", 540);
        assert!(good["access_token"].is_string(), "{good}");
        let wrong = ask("ump-01.finebak.com", 1);
        assert_eq!(wrong["error_codes"][0], 7_000_215);
    }
}
