//! How a call to the portal can fail, in an operator's words.

use jiff::Timestamp;

use crate::http::HttpError;
use crate::registration::observed::{Failure, FailureKind};

/// Why a call to the portal failed.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The server was not reached, or not understood.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The portal refused it, by status or inside of an HTTP 200.
    #[error("the portal refuses the request (HTTP {status}): {why}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The portal's words, cleaned.
        why: String,
        /// The portal's request ID.
        request_id: Option<String>,
    },
    /// The portal took user and password and let nobody in.
    #[error("the portal's sign-in form refuses the sign-in (HTTP {status}): {why}")]
    NotLetIn {
        /// HTTP status.
        status: u16,
        /// Why, in words.
        why: String,
    },
    /// The settings have no credentials of the kind that the profile asks for.
    #[error("the settings have no {0} for the portals of this tenant")]
    NoCredentials(&'static str),
    /// The answer lacks what the profile says is there.
    #[error("the portal's answer has no {pointer}, which its profile names")]
    Misunderstood {
        /// The pointer.
        pointer: String,
    },
    /// A task of the portal did not end well.
    #[error("the portal's task {id} ended as \"{state}\"{}", words(.text))]
    TaskFailed {
        /// The task.
        id: String,
        /// Its state.
        state: String,
        /// What the portal says of it.
        text: Option<String>,
    },
    /// The profile has no such call.
    #[error("the portal's profile describes no such call")]
    NoCall,
}

fn words(text: &Option<String>) -> String {
    text.as_ref()
        .map_or_else(String::new, |text| format!(": {text}"))
}

impl PortalError {
    /// What to do.
    pub fn next(&self) -> String {
        match self {
            PortalError::Http(error) => error.next().to_string(),
            PortalError::Refused {
                status: 401 | 403, ..
            }
            | PortalError::NotLetIn { .. } => {
                "Check the portal credentials of this tenant in the settings.".to_string()
            }
            PortalError::NoCredentials(_) => {
                "Add them to the tenant's portal = { … } in the settings file.".to_string()
            }
            PortalError::Refused { status: 404, .. } => {
                "The portal has no such interface: use the profile \"handoff\" for this device."
                    .to_string()
            }
            PortalError::Refused { .. } | PortalError::TaskFailed { .. } => {
                "Correct what the portal names, then push again.".to_string()
            }
            PortalError::Misunderstood { .. } | PortalError::NoCall => {
                "Check the portal profile of this device: `umpdeck portal try` shows what umpdeck understands of the portal's answers."
                    .to_string()
            }
        }
    }

    /// The portal's own ID of the request, where it answered with one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            PortalError::Refused { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// The same as a reading keeps it.
    pub fn failure(&self, at: Timestamp) -> Failure {
        let kind = match self {
            PortalError::Http(error) if error.is_answer() => FailureKind::Answer,
            PortalError::Http(_) => FailureKind::Unreachable,
            PortalError::Refused { status: 401, .. }
            | PortalError::NotLetIn { .. }
            | PortalError::NoCredentials(_) => FailureKind::SignIn,
            PortalError::Refused { status: 403, .. } => FailureKind::NotPermitted,
            PortalError::Refused { .. }
            | PortalError::Misunderstood { .. }
            | PortalError::TaskFailed { .. }
            | PortalError::NoCall => FailureKind::Answer,
        };
        Failure {
            at,
            kind,
            why: self.to_string(),
            next: self.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_place_of_an_answer_is_no_missing_network() {
        let kind = |error: HttpError| PortalError::Http(error).failure(Timestamp::UNIX_EPOCH).kind;
        let host = || "ump.finebak.com".to_string();
        let page = HttpError::NotJson {
            host: host(),
            status: 200,
            what: "text/html".into(),
        };
        assert_eq!(kind(page), FailureKind::Answer);
        let silence = HttpError::Unreachable {
            host: host(),
            why: "refused".into(),
        };
        assert_eq!(kind(silence), FailureKind::Unreachable);
    }
}
