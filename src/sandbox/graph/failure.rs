//! Graph's refusals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::exchange::{Answer, Content, Request};

/// A refusal in Graph's form.
pub(in crate::sandbox) struct Failure {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    /// Code, message and target of the one detail that Graph gives, if any.
    pub detail: Option<Box<(&'static str, String, String)>>,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
}

impl Failure {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Failure {
        Failure {
            status,
            code,
            message: message.into(),
            detail: None,
            headers: Vec::new(),
        }
    }

    pub fn bad(message: impl Into<String>) -> Failure {
        Failure::new(400, "Request_BadRequest", message)
    }

    pub fn invalid_value(property: &str, resource: &str) -> Failure {
        let message =
            format!("Invalid value specified for property '{property}' of resource '{resource}'.");
        let mut failure = Failure::bad(message.clone());
        failure.detail = Some(Box::new(("InvalidValue", message, property.to_string())));
        failure
    }

    pub fn conflict(property: &str) -> Failure {
        let message =
            format!("Another object with the same value for property {property} already exists.");
        let mut failure = Failure::bad(message.clone());
        failure.detail = Some(Box::new(("ObjectConflict", message, property.to_string())));
        failure
    }

    /// A policy bounds the lifetime of secrets.
    pub fn lifetime(policy: uuid::Uuid) -> Failure {
        let message = format!(
            "Credential lifetime exceeds the max value allowed as per assigned policy '{policy}'."
        );
        let mut failure = Failure::new(
            400,
            "CredentialInvalidLifetimeAsPerAppPolicy",
            message.clone(),
        );
        failure.detail = Some(Box::new((
            "InvalidKeyEndDate",
            message,
            "EndDate".to_string(),
        )));
        failure
    }

    /// A policy forbids secrets.
    pub fn no_passwords(policy: uuid::Uuid) -> Failure {
        Failure::new(
            400,
            "CredentialTypeNotAllowedAsPerAppPolicy",
            format!("Credential type not allowed as per assigned policy '{policy}'."),
        )
    }

    pub fn not_found(key: &str) -> Failure {
        Failure::new(
            404,
            "Request_ResourceNotFound",
            format!(
                "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    pub fn denied() -> Failure {
        Failure::new(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    pub fn unsupported_query(message: impl Into<String>) -> Failure {
        Failure::new(400, "Request_UnsupportedQuery", message)
    }

    pub fn no_such_segment(segment: &str) -> Failure {
        Failure::new(
            404,
            "ResourceNotFound",
            format!("Resource not found for the segment '{segment}'."),
        )
    }

    pub fn not_implemented(what: &str) -> Failure {
        Failure::new(
            501,
            "NotImplemented",
            format!("The sandbox does not implement {what}."),
        )
    }

    /// The answer, without the ids that the outer layer knows.
    pub fn answer(self) -> Answer {
        let mut error = json!({"code": self.code, "message": self.message});
        if let Some((code, message, target)) = self.detail.map(|detail| *detail) {
            error["details"] = json!([{"code": code, "message": message, "target": target}]);
        }
        let mut answer = Answer::json(self.status, json!({ "error": error }));
        let challenged = self
            .headers
            .iter()
            .any(|(name, _)| *name == "www-authenticate");
        if self.status == 401 && !challenged {
            answer = answer.with_header("www-authenticate", "Bearer realm=\"\"");
        }
        answer.headers.extend(self.headers);
        answer
    }
}

/// The claims challenge of continuous access evaluation: the token was revoked, a new one has to be asked for with these.
pub(in crate::sandbox) fn challenge(request: &Request, now: jiff::Timestamp) -> Failure {
    let claims =
        json!({"access_token": {"nbf": {"essential": true, "value": now.as_second().to_string()}}});
    let mut failure = Failure::new(
        401,
        "InvalidAuthenticationToken",
        "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
    );
    let authenticate = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", client_id=\"{}\", error=\"insufficient_claims\", claims=\"{}\"",
        request.origin(),
        super::super::state::GRAPH_APP_ID,
        STANDARD.encode(claims.to_string()),
    );
    failure.headers.push(("www-authenticate", authenticate));
    failure
}

/// Puts the request's ids where Graph puts them: into the headers, and into an error's `innerError`.
pub(super) fn stamp(
    answer: &mut Answer,
    request_id: uuid::Uuid,
    client_request_id: uuid::Uuid,
    now: jiff::Timestamp,
) {
    answer.headers.push(("request-id", request_id.to_string()));
    answer
        .headers
        .push(("client-request-id", client_request_id.to_string()));
    if let Content::Json(body) = &mut answer.content
        && let Some(error) = body.get_mut("error")
        && error.is_object()
    {
        error["innerError"] = json!({
            "date": now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            "request-id": request_id,
            "client-request-id": client_request_id,
        });
    }
}

/// A JSON object out of a body, or the refusal that Graph gives.
pub(super) fn object(request: &Request) -> Result<serde_json::Map<String, Value>, Failure> {
    use super::super::exchange::BodyError;
    match request.json() {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) | Err(BodyError::NotJson) => Err(Failure::new(
            400,
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        )),
        Err(BodyError::Missing) => Err(Failure::new(
            400,
            "BadRequest",
            "Empty Payload. JSON content expected.",
        )),
    }
}
