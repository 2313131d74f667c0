//! How a sign-in fails, in an operator's words.

use serde_json::Value;

use super::{aadsts, challenge};
use crate::command::CommandError;
use crate::http::{Answer, HttpError};

/// What Entra said when it refused a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// OAuth's `error`, such as `invalid_client`.
    pub error: String,
    /// The AADSTS number, where there is one.
    pub code: Option<u32>,
    /// `error_description`'s first line, cleaned.
    pub description: String,
    /// Entra's `trace_id` or `correlation_id`, for its support.
    pub trace_id: Option<String>,
    /// Entra wants more than the sign-in proves: what a new sign-in has to send.
    pub claims: Option<String>,
}

impl Refusal {
    /// Reads the error body of a token or device-code request.
    pub fn read(answer: &Answer) -> Refusal {
        let text = |name: &str| answer.body.get(name).and_then(Value::as_str);
        let description = text("error_description").unwrap_or_default();
        let listed = answer
            .body
            .get("error_codes")
            .and_then(|codes| codes.get(0))
            .and_then(Value::as_u64)
            .and_then(|code| u32::try_from(code).ok());
        Refusal {
            error: match text("error") {
                Some(error) => crate::text::clean(error),
                None => format!("HTTP {}", answer.status),
            },
            code: listed.or_else(|| aadsts::code_in(description)),
            // Ids for the support follow, on lines of their own or on the same one.
            description: first_line(description.split(" Trace ID:").next().unwrap_or_default()),
            trace_id: text("trace_id")
                .or_else(|| text("correlation_id"))
                .map(crate::text::clean),
            claims: text("claims").and_then(challenge::checked),
        }
    }

    /// One sentence: the plain meaning where the code is known, Entra's own words otherwise, the number in any case.
    pub fn sentence(&self) -> String {
        let words = match self.code.and_then(aadsts::explain) {
            Some(explanation) => explanation.meaning,
            None => {
                let own = self.description.trim_end_matches('.');
                let own = own.split_once(": ").map_or(own, |(_, rest)| rest);
                if own.is_empty() { &self.error } else { own }
            }
        };
        match self.code {
            Some(code) => format!("{words} (AADSTS{code})"),
            None => format!("{words} ({})", self.error),
        }
    }

    /// What to do about it.
    pub fn next(&self) -> &'static str {
        match self.code.and_then(aadsts::explain) {
            Some(explanation) => explanation.next,
            None if self.claims.is_some() => {
                "Sign in again: the tenant's policy requires more proof of who you are."
            }
            None => "Sign in again; login.microsoftonline.com/error?code=… explains the number.",
        }
    }
}

/// The first line of a server's text, cleaned; what follows is trace ids.
pub(crate) fn first_line(text: &str) -> String {
    crate::text::clean(text.lines().next().unwrap_or_default())
        .trim()
        .to_string()
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Nobody signed in to this tenant yet, or the sign-in ran out.
    #[error("nobody is signed in to this tenant")]
    NotSignedIn,
    /// Entra refused.
    #[error("Entra refused the sign-in: {}", .0.sentence())]
    Refused(Box<Refusal>),
    /// The operator declined on Microsoft's page.
    #[error("the sign-in was declined on Microsoft's page")]
    Declined,
    /// Nobody confirmed the code in its time.
    #[error("the code expired before it was confirmed")]
    Expired,
    /// The operator cancelled.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// Continuous access evaluation or Conditional Access wants a new sign-in although the token has not ended.
    #[error("the tenant's policy requires a new sign-in (Conditional Access)")]
    ClaimsChallenge,
    /// A token was given, and the server refuses it all the same.
    #[error("the server refuses the token that Entra issued: {0}")]
    TokenRefused(String),
    /// The command that gives the token failed.
    #[error("the command for the token: {0}")]
    Command(#[from] CommandError),
    /// The command printed something that is no token for this tenant.
    #[error("the command for the token is not understood: {0}")]
    CommandAnswer(String),
    /// A sign-in that can't be carried over to another tenant.
    #[error("this sign-in can't be used for the other tenant: {0}")]
    NotRedeemable(&'static str),
    /// Entra could not be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Entra answered something that is no token.
    #[error("Entra's answer to the sign-in is not understood: {0}")]
    Answer(String),
}

impl SignInError {
    /// What to do about it.
    pub fn next(&self) -> &'static str {
        match self {
            SignInError::NotSignedIn => "Sign in to the tenant.",
            SignInError::Refused(refusal) => refusal.next(),
            SignInError::Declined => "If that was a mistake, sign in again and accept.",
            SignInError::Expired => "Sign in again, and enter the new code before it expires.",
            SignInError::Cancelled => "Sign in when you are ready.",
            SignInError::ClaimsChallenge => "Sign in again, with multi-factor authentication.",
            SignInError::TokenRefused(_) => {
                "Check that the settings name the Graph address of the tenant's cloud, and this machine's time; sign in again."
            }
            SignInError::Command(_) | SignInError::CommandAnswer(_) => {
                "Run the command by hand and do what it says (Azure CLI: az login --tenant with the tenant's ID)."
            }
            SignInError::NotRedeemable(_) => "Sign in to that tenant separately.",
            SignInError::Http(error) => error.next(),
            SignInError::Answer(_) => "Check the sign-in address in the settings.",
        }
    }
}

impl From<Refusal> for SignInError {
    fn from(refusal: Refusal) -> Self {
        SignInError::Refused(Box::new(refusal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(body: Value) -> Refusal {
        Refusal::read(&Answer {
            status: 400,
            body,
            request_id: None,
            client_request_id: String::new(),
            retry_after: None,
            date: None,
            location: None,
            perhaps_done_before: false,
            www_authenticate: None,
        })
    }

    #[test]
    fn a_known_code_gives_its_plain_words_and_its_number() {
        let refusal = refusal(json!({
            "error": "invalid_client", "error_codes": [7000215], "trace_id": "t",
            "error_description": "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t",
        }));
        assert!(refusal.sentence().contains("(AADSTS7000215)"));
        assert!(refusal.sentence().starts_with("the client secret is wrong"));
        assert!(refusal.next().contains("value"));
    }

    #[test]
    fn an_unknown_code_gives_entras_first_line_without_its_tricks() {
        let refusal = refusal(json!({
            "error": "invalid_grant",
            "error_description": "AADSTS123: Odd\u{1b}[31m\u{202e} thing.\r\nTrace ID: x\r\nCorrelation ID: y",
        }));
        assert_eq!(refusal.code, Some(123));
        let sentence = refusal.sentence();
        assert!(!sentence.contains(['\u{1b}', '\u{202e}', '\n']));
        assert!(!sentence.contains("Trace"), "{sentence}");
    }

    #[test]
    fn a_body_of_any_shape_is_read() {
        for body in [
            Value::Null,
            json!([]),
            json!({"error": {"code": 1}}),
            json!({"error_codes": "x"}),
        ] {
            assert_eq!(refusal(body).error, "HTTP 400");
        }
    }
}
