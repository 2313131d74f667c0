//! Who is let in: by a token of Entra, by user and password with each request, or by the cookie of a sign-in form.

use base64::Engine as _;
use jiff::Timestamp;

use super::super::exchange::{Answer, Request};
use super::super::identity::new_opaque;
use super::super::state::{PORTAL_AUDIENCE, State};
use super::{PORTAL_PASSWORD, PORTAL_USER, message};

const COOKIE: &str = "UmpSession";

/// Refuses who bears no token of one of the provider's applications.
pub(super) fn token(
    state: &State,
    place: usize,
    request: &Request,
    now: Timestamp,
) -> Option<Answer> {
    let tenant_id = state.tenants[state.devices[place].tenant].id.to_string();
    let verified = request
        .bearer()
        .ok_or("Authorization is missing.")
        .and_then(|token| {
            state
                .signer
                .verify(token, PORTAL_AUDIENCE, now)
                .map_err(super::super::token::Refusal::words)
        });
    match verified {
        Err(why) => Some(message(401, "Error", why).with_header("www-authenticate", "Bearer")),
        Ok(claims) if !claims.app_only() || claims.text("tid") != Some(tenant_id.as_str()) => {
            Some(message(
                403,
                "Error",
                "The token is not one of this provider's applications.",
            ))
        }
        Ok(_) => None,
    }
}

/// Refuses who does not give user and password.
pub(super) fn password(request: &Request) -> Option<Answer> {
    let given = request.header("authorization").and_then(|text| {
        let (scheme, coded) = text.split_once(' ')?;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(coded.trim())
            .ok()?;
        let pair = String::from_utf8(bytes).ok()?;
        scheme.eq_ignore_ascii_case("basic").then_some(pair)
    });
    let right = format!("{PORTAL_USER}:{PORTAL_PASSWORD}");
    (given.as_deref() != Some(right.as_str())).then(|| {
        message(401, "Error", "User name or password is wrong.")
            .with_header("www-authenticate", "Basic realm=\"UMP\"")
    })
}

/// The sign-in form: as pages do, it sends the visitor on; what matters is the cookie.
pub(super) fn sign_in(state: &mut State, request: &Request) -> Answer {
    let form = request.form();
    let field = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    if (field("UserName"), field("Password")) != (Some(PORTAL_USER), Some(PORTAL_PASSWORD)) {
        return message(200, "Error", "User name or password is wrong.");
    }
    let session = new_opaque();
    state.portal_sessions.insert(session.clone());
    Answer::empty(302)
        .with_header("location", "/tenantui/home")
        .with_header(
            "set-cookie",
            format!("{COOKIE}={session}; Path=/; HttpOnly"),
        )
}

/// Sends who has no session back to the form.
pub(super) fn cookie(state: &State, request: &Request) -> Option<Answer> {
    let cookies = request.header("cookie").unwrap_or_default();
    let session = cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value);
    let known = session.is_some_and(|session| state.portal_sessions.contains(session));
    (!known).then(|| Answer::empty(302).with_header("location", "/tenantui/login"))
}
