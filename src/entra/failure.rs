//! How a call to Graph fails: its error bodies with all their oddities, in an operator's words.

use jiff::Timestamp;
use serde_json::Value;

use super::codes::known;
use super::privilege::{lacking, role_to_activate};
use super::signin::SignInError;
use super::signin::error::first_line;
use crate::http::{Answer, HttpError, Method};
use crate::registration::observed::{Failure, FailureKind, Identity};

/// What Graph said when it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphRefusal {
    /// HTTP status.
    pub status: u16,
    /// `error.code`, such as `Request_ResourceNotFound`; may be empty.
    pub code: String,
    /// `error.message`'s first line, cleaned.
    pub message: String,
    /// The codes in `error.details`, such as `InvalidKeyEndDate`.
    pub details: Vec<String>,
    /// `request-id`, for Microsoft's support.
    pub request_id: Option<String>,
    /// Our own GUID of the exchange.
    pub client_request_id: String,
    /// The request's method.
    pub method: Method,
    /// The request's path, without its query.
    pub path: String,
    /// For a 403: the least permission that the request needs, when the token does not bear any that would do.
    pub lacks: Option<&'static str>,
    /// For a 403 of a token that bears the permission: the directory role that a person could activate.
    pub role: Option<String>,
}

/// Why a call to Graph brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// There is no token that Graph takes.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// Graph was not reached, or its answer could not be read.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Graph refused.
    #[error("{}", .0.sentence())]
    Refused(Box<GraphRefusal>),
    /// Graph answered something else than was asked for.
    #[error("Graph's answer to {what} is not understood: {why}")]
    Answer {
        /// What was asked for.
        what: String,
        /// What is wrong with the answer.
        why: String,
    },
    /// A list goes on at another server, which must not get the token.
    #[error("the next page of Graph's list is at an address that is not Graph's; it was not read")]
    ForeignLink,
}

impl GraphError {
    /// The refusal, when Graph refused.
    pub fn refusal(&self) -> Option<&GraphRefusal> {
        match self {
            GraphError::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Graph says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.status == 404)
    }

    /// Whether this can be the delay between Graph's servers that follows a change of our own; the caller decides how
    /// long after its own change it believes that.
    pub fn is_replication(&self) -> bool {
        self.refusal().is_some_and(GraphRefusal::is_replication)
    }

    /// Whether a change may have been carried out although this error came.
    pub fn is_unknown_outcome(&self) -> bool {
        match self {
            GraphError::Http(HttpError::UnknownOutcome { .. }) => true,
            GraphError::Refused(refusal) => {
                refusal.method != Method::Get && refusal.status >= 500 && refusal.status != 503
            }
            _ => false,
        }
    }

    /// What to do about it.
    pub fn next(&self) -> String {
        match self {
            GraphError::SignIn(error) => error.next().to_string(),
            GraphError::Http(error) => error.next().to_string(),
            GraphError::Refused(refusal) => refusal.next(),
            GraphError::Answer { .. } | GraphError::ForeignLink => {
                "Check the Graph address in the settings.".to_string()
            }
        }
    }

    /// The same as a reading keeps it.
    pub fn failure(&self, at: Timestamp) -> Failure {
        let kind = match self {
            GraphError::SignIn(SignInError::Http(error)) | GraphError::Http(error)
                if error.is_answer() =>
            {
                FailureKind::Answer
            }
            GraphError::SignIn(SignInError::Http(_)) | GraphError::Http(_) => {
                FailureKind::Unreachable
            }
            GraphError::SignIn(_) => FailureKind::SignIn,
            GraphError::Refused(refusal) => match refusal.status {
                401 => FailureKind::SignIn,
                403 => FailureKind::NotPermitted,
                429 | 502..=504 => FailureKind::Unreachable,
                _ => FailureKind::Answer,
            },
            GraphError::Answer { .. } | GraphError::ForeignLink => FailureKind::Answer,
        };
        Failure {
            at,
            kind,
            why: self.to_string(),
            next: self.next(),
        }
    }
}

impl GraphRefusal {
    /// Reads an error answer. `identity` is who asked, so that a 403 can say what is missing.
    pub fn read(
        method: Method,
        path: &str,
        answer: &Answer,
        identity: Option<&Identity>,
    ) -> GraphRefusal {
        let path = path.split('?').next().unwrap_or_default();
        let error = answer.body.get("error");
        let text = |name: &str| error.and_then(|error| error.get(name)).map(words);
        // Some doors in front of Graph answer as OAuth does: {"error": "insufficient_claims", …}.
        let bare = error.and_then(Value::as_str).map(str::to_string);
        let code = text("code").or(bare).unwrap_or_default();
        let message = text("message")
            .or_else(|| answer.body.get("error_description").map(words))
            .unwrap_or_default();
        let details = match error.and_then(|error| error.get("details")) {
            Some(Value::Array(all)) => all.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => Vec::new(),
        };
        GraphRefusal {
            status: answer.status,
            code: crate::text::clean(&code),
            message: first_line(&message),
            details: details
                .iter()
                .filter_map(|detail| detail.get("code"))
                .map(|code| crate::text::clean(&words(code)))
                .filter(|code| !code.is_empty())
                .collect(),
            request_id: error
                .and_then(inner_request_id)
                .or_else(|| answer.request_id.clone())
                .map(|id| crate::text::clean(&id)),
            client_request_id: answer.client_request_id.clone(),
            method,
            path: path.to_string(),
            lacks: (answer.status == 403)
                .then(|| lacking(method, path, identity))
                .flatten(),
            role: (answer.status == 403)
                .then(|| role_to_activate(method, path, identity))
                .flatten(),
        }
    }

    /// One sentence: what failed and why.
    pub fn sentence(&self) -> String {
        let why = match known(&self.code) {
            Some((meaning, _)) => meaning.to_string(),
            None if self.status == 403 => match self.lacks {
                Some(permission) => format!("the token lacks {permission}"),
                None if self.role.is_some() => {
                    "the account has no active directory role that allows this".to_string()
                }
                None => "the signed-in identity may not do this".to_string(),
            },
            None if self.status == 429 => "too many requests".to_string(),
            None if self.message.is_empty() => "no reason given".to_string(),
            None => self.message.trim_end_matches('.').to_string(),
        };
        let mut sentence = format!("Graph refused ({}", self.status);
        if !self.code.is_empty() {
            sentence.push(' ');
            sentence.push_str(&self.code);
        }
        sentence.push_str("): ");
        sentence.push_str(&why);
        if why.trim_end_matches('.') != self.message.trim_end_matches('.')
            && !self.message.is_empty()
        {
            sentence.push_str(&format!("; it said: {}", self.message));
        }
        sentence
    }

    /// What to do about it.
    pub fn next(&self) -> String {
        if let Some((_, next)) = known(&self.code) {
            return next.to_string();
        }
        match (self.status, self.lacks) {
            (401, _) => "Sign in again.".to_string(),
            (403, Some(permission)) => {
                format!("Give {permission} to the application that signs in, consent to it, then sign in again.")
            }
            (403, None) => match &self.role {
                Some(activate) => format!("{}.", crate::text::capitalised(activate)),
                None => "Check the directory role: registrations need Application Administrator or Cloud \
                    Application Administrator; consent to application permissions of Microsoft Graph needs Privileged \
                    Role Administrator. A role that you are eligible for is activated in Privileged Identity Management."
                    .to_string(),
            },
            (404, _) => "Read the device again; the object may have been deleted.".to_string(),
            (429 | 502..=504, _) => "Try again in a minute.".to_string(),
            _ => match &self.request_id {
                Some(id) => format!("Read again, then try again; Microsoft's support asks for request-id {id}."),
                None => "Read again, then try again.".to_string(),
            },
        }
    }

    /// See [`GraphError::is_replication`].
    pub fn is_replication(&self) -> bool {
        let says = |words: &str| self.message.contains(words);
        match self.status {
            404 => true,
            400 => {
                says("does not reference a valid application object")
                    || says("does not exist")
                    || says("reference-property objects")
            }
            403 => says("must in the local tenant") || says("must be in the local tenant"),
            // A POST's 409 is a duplicate; a PATCH's, just after the creation, is the same object still on its way.
            409 => {
                self.method == Method::Patch
                    && self.code != "Request_MultipleObjectsWithSameKeyValue"
            }
            _ => false,
        }
    }

    /// The thing is there already (a grant, an assignment, a principal).
    pub fn is_duplicate(&self) -> bool {
        self.code == "Request_MultipleObjectsWithSameKeyValue"
            || (self.method == Method::Post && self.status == 409)
            || (self.status == 400 && self.message.contains("already exists"))
    }
}

/// A text that may also come as `{lang, value}` or a number.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(object) => object.get("value").map(words).unwrap_or_default(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// `request-id` of the innermost `innerError`, whichever way it is spelt.
fn inner_request_id(error: &Value) -> Option<String> {
    let mut found = None;
    let mut level = error;
    // JSON's depth is bounded by its parser.
    while let Some(inner) = level.get("innerError").or_else(|| level.get("innererror")) {
        if let Some(id) = inner.get("request-id").and_then(Value::as_str) {
            found = Some(id.to_string());
        }
        level = inner;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn refused(method: Method, status: u16, body: Value, held: &[&str]) -> GraphRefusal {
        let answer = Answer {
            status,
            body,
            request_id: Some("outer".into()),
            client_request_id: "ours".into(),
            retry_after: None,
            date: None,
            location: None,
            perhaps_done_before: false,
            www_authenticate: None,
        };
        let identity = Identity {
            name: "noc".into(),
            delegated: true,
            permissions: held.iter().map(|one| one.to_string()).collect(),
            directory_roles: vec![],
            mfa: false,
        };
        GraphRefusal::read(
            method,
            "/v1.0/applications?$top=1",
            &answer,
            Some(&identity),
        )
    }

    #[test]
    fn all_shapes_of_an_error_body_are_read() {
        let plain = refused(
            Method::Get,
            404,
            json!({"error": {"code": "Request_ResourceNotFound", "message": "Resource 'x' does not exist.\nmore",
                "innerError": {"innererror": {"request-id": "deep"}}, "details": {"code": "One"}}}),
            &[],
        );
        assert_eq!(plain.message, "Resource 'x' does not exist.");
        assert_eq!(plain.request_id.as_deref(), Some("deep"));
        assert_eq!(plain.details, ["One"]);
        let object = refused(
            Method::Get,
            400,
            json!({"error": {"code": "", "message": {"lang": "en", "value": "No"}}}),
            &[],
        );
        assert_eq!((object.code.as_str(), object.message.as_str()), ("", "No"));
        assert_eq!(object.request_id.as_deref(), Some("outer"));
        let oauth = refused(
            Method::Get,
            403,
            json!({"error": "insufficient_claims"}),
            &[],
        );
        assert_eq!(oauth.code, "insufficient_claims");
    }

    #[test]
    fn a_403_names_the_missing_permission_or_the_role() {
        let body = json!({"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}});
        let lacking = refused(Method::Post, 403, body.clone(), &["Application.Read.All"]);
        assert!(
            lacking
                .sentence()
                .contains("the token lacks Application.ReadWrite.All"),
            "{}",
            lacking.sentence()
        );
        let role = refused(Method::Post, 403, body, &["Application.ReadWrite.All"]);
        assert_eq!(role.lacks, None);
        assert!(role.next().contains("Application Administrator"));
        let failure =
            GraphError::Refused(Box::new(lacking)).failure(Timestamp::from_second(0).unwrap());
        assert_eq!(failure.kind, FailureKind::NotPermitted);
    }

    #[test]
    fn replication_is_told_from_real_refusals() {
        let replication = |method, status, code: &str, message: &str| {
            let body = json!({"error": {"code": code, "message": message}});
            refused(method, status, body, &[]).is_replication()
        };
        let post = Method::Post;
        assert!(replication(post, 404, "Request_ResourceNotFound", "gone"));
        let early =
            "The appId 'x' of the service principal does not reference a valid application object.";
        assert!(replication(post, 400, "Request_BadRequest", early));
        let local = "the backing application of the service principal being created must in the local tenant";
        assert!(replication(post, 403, "Authorization_RequestDenied", local));
        assert!(replication(Method::Patch, 409, "", "conflict"));
        assert!(!replication(
            post,
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            "Permission entry already exists."
        ));
        assert!(!replication(
            post,
            400,
            "Request_BadRequest",
            "Invalid value"
        ));
        assert!(!replication(
            post,
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges"
        ));
    }

    #[test]
    fn a_failed_write_that_may_have_happened_is_called_so() {
        let unknown = |method, status| {
            GraphError::Refused(Box::new(refused(method, status, Value::Null, &[])))
                .is_unknown_outcome()
        };
        assert!(unknown(Method::Post, 500));
        assert!(!unknown(Method::Get, 500));
        assert!(!unknown(Method::Post, 400));
    }

    proptest! {
        #[test]
        fn no_words_of_the_server_reach_the_screen_uncleaned(message in ".{0,60}", code in ".{0,20}") {
            let body = json!({"error": {"code": code, "message": message}});
            let sentence = refused(Method::Get, 400, body, &[]).sentence();
            prop_assert!(!sentence.chars().any(char::is_control));
        }
    }
}
