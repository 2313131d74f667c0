//! Sign-in's refusals, in Entra's form: a short error for programs, AADSTS number and words for people.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::super::exchange::{Answer, Request, client_request_id};

/// A refusal in Entra's form.
pub(super) struct Refusal {
    status: u16,
    error: &'static str,
    code: u32,
    message: String,
}

pub(super) fn refusal(
    status: u16,
    error: &'static str,
    code: u32,
    message: impl Into<String>,
) -> Refusal {
    Refusal {
        status,
        error,
        code,
        message: message.into(),
    }
}

impl Refusal {
    pub fn answer(self, request: &Request, now: Timestamp) -> Answer {
        let trace = Uuid::new_v4();
        let correlation = client_request_id(request);
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

pub(super) fn unknown_client(client: &str, tenant: &str) -> Refusal {
    refusal(
        400,
        "unauthorized_client",
        700_016,
        format!(
            "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."
        ),
    )
}

pub(super) fn wrong_secret(client_id: Uuid) -> Refusal {
    refusal(
        401,
        "invalid_client",
        7_000_215,
        format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'."
        ),
    )
}

pub(super) fn no_randomness() -> Refusal {
    refusal(
        503,
        "temporarily_unavailable",
        90033,
        "A transient error occurred. Please try again.",
    )
}
