//! Microsoft sign-in's endpoints: device codes and the page to approve them on, tokens with three grants, a tenant's public
//! configuration and the keys. It answers as Microsoft documents, refusals included; who signs in is always the training operator.

mod client_certificate;
mod client_secret;
mod device_code;
mod device_page;
mod discovery;
mod issue;
mod refusal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::exchange::{Answer, Request};
use super::state::State;
pub(super) use client_certificate::TRAINING_CERTIFICATE;
use client_secret::by_client_secret;
use issue::{Delegation, answers_a_challenge, delegated};
use refusal::{Refusal, refusal, unknown_client};

/// Microsoft's own public clients that anybody may use: Azure CLI and Graph Command Line Tools.
const PUBLIC_CLIENTS: [&str; 2] = [
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e",
];

/// Answers a request to sign-in.
pub(super) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    if request.path.starts_with("/devicelogin") {
        return device_page::answer(state, request, now);
    }
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let outcome = match (request.method.as_str(), segments.as_slice()) {
        ("POST", [tenant, "oauth2", "v2.0", "devicecode"]) => {
            device_code::start(state, request, tenant, now)
        }
        ("POST", [tenant, "oauth2", "v2.0", "token"]) => token(state, request, tenant, now),
        ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
            discovery::configuration(state, request, tenant, true)
        }
        ("GET", [tenant, ".well-known", "openid-configuration"]) => {
            discovery::configuration(state, request, tenant, false)
        }
        ("GET", [tenant, "discovery", "v2.0", "keys"] | [tenant, "discovery", "keys"]) => {
            discovery::keys(state, request, tenant)
        }
        ("GET", [_, "discovery", "instance"]) => discovery::instance(request),
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

/// Who asks: by a field, or by HTTP's own authentication.
fn client(request: &Request, form: &[(String, String)]) -> Result<Uuid, Refusal> {
    let text = match (field(form, "client_id"), basic(request)) {
        (None, Some((client, _))) => client,
        _ => required(form, "client_id")?.to_string(),
    };
    Uuid::parse_str(&text).map_err(|_| unknown_client(&text, "the directory"))
}

/// Client ID and secret as `Authorization: Basic` bears them.
fn basic(request: &Request) -> Option<(String, String)> {
    let (scheme, coded) = request.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    let plain = |text: &str| super::exchange::decode_path(&text.replace('+', " "));
    Some((plain(client), plain(secret)))
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

fn token(
    state: &mut State,
    request: &Request,
    tenant: &str,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let form = request.form();
    let tenant = named_tenant(state, tenant)?;
    match required(&form, "grant_type")? {
        // The short name is what MSAL for JavaScript sends.
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            device_code::redeem(state, request, &form, tenant, now)
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

fn by_refresh_token(
    state: &mut State,
    request: &Request,
    form: &[(String, String)],
    tenant: Option<usize>,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let client_id = client(request, form)?;
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
    let delegation = Delegation {
        client_id,
        home,
        place: tenant.unwrap_or(home),
        scope: scope.to_string(),
        answers_a_challenge: answers_a_challenge(form),
    };
    delegated(state, request, form, &delegation, now)
}

/// A refusal that may be over soon, such as a fault asks for.
pub(super) fn temporary(
    request: &Request,
    status: u16,
    code: u32,
    words: &'static str,
    now: Timestamp,
) -> Answer {
    refusal(status, "temporarily_unavailable", code, words).answer(request, now)
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
            target: String::new(),
            secure: false,
        };
        match answer(&mut state, &request, now).content {
            crate::sandbox::exchange::Content::Json(body) => body,
            _ => panic!("no JSON"),
        }
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
