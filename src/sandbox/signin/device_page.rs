//! The page that a device code is typed into, and its two answers, for a browser and for scripts.

use jiff::Timestamp;
use serde_json::json;

use super::super::exchange::{Answer, Request};
use super::super::state::{Decision, DeviceCode, State};

/// Answers a request to `/devicelogin…`.
pub(super) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let path = request.path.trim_matches('/');
    let rest: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method.as_str(), rest.as_slice()) {
        ("GET", []) => match request.query("code").filter(|code| !code.is_empty()) {
            None => page(200, &form("")),
            Some(code) => question(state, code, now),
        },
        ("GET", [code]) => question(state, code, now),
        ("POST", []) => {
            let fields = request.form();
            let text = |name: &str| {
                let field = fields.iter().find(|(key, _)| key == name);
                field.map_or("", |(_, value)| value.as_str())
            };
            let (code, declined) = (text("code"), text("decision") == "decline");
            match decide(state, code, declined, text("tenant"), now) {
                Err(why) => page(404, &format!("<p>{why}</p>{}", form(""))),
                Ok(()) if declined => page(200, "<p>You declined. Nothing was signed in.</p>"),
                Ok(()) => page(
                    200,
                    "<p>You have signed in. You may now close this window.</p>",
                ),
            }
        }
        ("POST", [code, action @ ("approve" | "decline")]) => {
            let declined = *action == "decline";
            let tenant = request.query("tenant").unwrap_or_default();
            match decide(state, code, declined, tenant, now) {
                Err(why) => Answer::json(404, json!({ "error": why })),
                Ok(()) => {
                    let status = if declined { "declined" } else { "approved" };
                    Answer::json(200, json!({"user_code": normal(code), "status": status}))
                }
            }
        }
        _ => Answer::json(
            404,
            json!({"error": "GET the page, or POST to /devicelogin/CODE/approve or /devicelogin/CODE/decline."}),
        ),
    }
}

/// Codes are read without regard to case, spaces and dashes.
fn normal(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

fn find<'a>(state: &'a mut State, code: &str, now: Timestamp) -> Option<&'a mut DeviceCode> {
    let code = normal(code);
    state
        .device_codes
        .values_mut()
        .find(|one| one.user_code == code && one.expires > now)
}

/// Notes what was decided; whoever decided it first is right, and an approval that was given already is no mistake.
fn decide(
    state: &mut State,
    code: &str,
    declined: bool,
    tenant: &str,
    now: Timestamp,
) -> Result<(), &'static str> {
    let chosen = state.tenant_index(tenant);
    if !tenant.is_empty() && chosen.is_none() {
        return Err("There is no such tenant here.");
    }
    let known = find(state, code, now)
        .ok_or("That code is not known here: it was mistyped, has expired, or was used already.")?;
    // Asked for at `organizations`, the operator is at home in the first tenant, or in the one that is named.
    let home = known.tenant.or(chosen).unwrap_or(0);
    known.decision = match (declined, known.decision) {
        (true, _) => Decision::Declined,
        (false, Decision::Declined) => return Err("That code was declined already."),
        (false, _) => Decision::Approved(now, home),
    };
    Ok(())
}

fn question(state: &mut State, code: &str, now: Timestamp) -> Answer {
    let Some(known) = find(state, code, now) else {
        let why = "That code is not known here: it was mistyped, has expired, or was used already.";
        return page(404, &format!("<p>{why}</p>{}", form("")));
    };
    let (client, scope, code) = (
        known.client_id.to_string(),
        known.scope.clone(),
        known.user_code.clone(),
    );
    page(
        200,
        &format!(
            "<p>The application <b>{}</b> asks to sign in as the training operator, for: {}</p>\
             <p>Continue only if you started this yourself.</p>\
             <form method=post action=/devicelogin><input type=hidden name=code value=\"{}\">\
             <button name=decision value=approve>Continue</button> \
             <button name=decision value=decline>Cancel</button></form>",
            escaped(&client),
            escaped(&scope),
            escaped(&code)
        ),
    )
}

fn form(code: &str) -> String {
    format!(
        "<form method=get action=/devicelogin><label>Enter the code that your device shows: \
         <input name=code autofocus autocomplete=off value=\"{}\"></label> <button>Next</button></form>",
        escaped(code)
    )
}

fn page(status: u16, content: &str) -> Answer {
    Answer::page(
        status,
        format!(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Sign in (sandbox)</title>\
             <body><h1>Sign in to the umpdeck sandbox</h1>{content}</body></html>"
        ),
    )
    .with_header("cache-control", "no-store")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
