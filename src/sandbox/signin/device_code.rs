//! The device authorization grant: a code is asked for here, approved or declined on its page by whoever plays the operator,
//! and polled for at the token endpoint. Codes that umpdeck itself asks for approve themselves, so that a training needs no
//! second window.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::exchange::{Answer, Request};
use super::super::identity::{new_opaque, new_user_code};
use super::super::state::{Decision, DeviceCode, State};
use super::issue::{Delegation, answers_a_challenge, delegated, wanted};
use super::refusal::{Refusal, refusal};
use super::{client, named_tenant, public_client, required};

const LIFETIME_SECONDS: i64 = 900;
/// How long after it was asked for a code of umpdeck's approves itself.
const APPROVAL: SignedDuration = SignedDuration::from_millis(300);
/// Who asks, by the `User-Agent`.
const OURS: &str = "umpdeck/";

/// Hands out a code.
pub(super) fn start(
    state: &mut State,
    request: &Request,
    tenant: &str,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let form = request.form();
    let tenant = named_tenant(state, tenant)?;
    let client_id = client(request, &form)?;
    public_client(state, client_id, tenant)?;
    let scope = required(&form, "scope")?;
    wanted(state, scope)?;
    let code = new_opaque();
    let user_code = new_user_code();
    let place = format!("{}/devicelogin", request.origin());
    let ours = request
        .header("user-agent")
        .is_some_and(|agent| agent.starts_with(OURS));
    state.device_codes.retain(|_, one| one.expires > now);
    state.device_codes.insert(
        code.clone(),
        DeviceCode {
            tenant,
            client_id,
            scope: scope.to_string(),
            user_code: user_code.clone(),
            decision: match ours {
                // Asked for at `organizations`, the operator is at home in the first tenant.
                true => Decision::Approved(
                    now.checked_add(APPROVAL).unwrap_or(now),
                    tenant.unwrap_or(0),
                ),
                false => Decision::Waiting,
            },
            answers_a_challenge: answers_a_challenge(&form),
            expires: now
                .checked_add(SignedDuration::from_secs(LIFETIME_SECONDS))
                .unwrap_or(now),
        },
    );
    let body = json!({
        "user_code": user_code,
        "device_code": code,
        "verification_uri": place,
        "expires_in": LIFETIME_SECONDS,
        "interval": 1,
        "message": format!("To sign in, use a web browser to open the page {place} and enter the code {user_code} to authenticate."),
    });
    Ok(Answer::json(200, body))
}

/// What the token endpoint says to who polls with a code.
pub(super) fn redeem(
    state: &mut State,
    request: &Request,
    form: &[(String, String)],
    tenant: Option<usize>,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let client_id = client(request, form)?;
    let code = required(form, "device_code").or_else(|missing| {
        // Some clients send it under the name of the authorization code, too.
        required(form, "code").map_err(|_| missing)
    })?;
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
    let home = match known.decision {
        Decision::Approved(from, home) if from <= now => home,
        Decision::Declined => {
            state.device_codes.remove(code);
            return Err(refusal(
                400,
                "authorization_declined",
                70000,
                "The end user has denied the authorization request.",
            ));
        }
        Decision::Waiting | Decision::Approved(..) => {
            return Err(refusal(
                400,
                "authorization_pending",
                70016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            ));
        }
    };
    let delegation = Delegation {
        client_id,
        home,
        place: tenant.unwrap_or(home),
        scope: known.scope.clone(),
        answers_a_challenge: known.answers_a_challenge || answers_a_challenge(form),
    };
    state.device_codes.remove(code);
    delegated(state, request, form, &delegation, now)
}
