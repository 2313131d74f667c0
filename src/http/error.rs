//! How a call can fail before a server's answer can be read, in an operator's words.

use super::retry::Lost;

/// A call without a usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The client could not be made: certificates or proxy settings.
    #[error("the connection can't be set up: {why}")]
    Setup {
        /// What is wrong.
        why: String,
    },
    /// The request itself can't be sent as it is: a defect of whoever made it.
    #[error("the request can't be sent: {why}")]
    BadRequest {
        /// What is wrong with it.
        why: String,
    },
    /// No connection came about, or it broke.
    #[error("{host} can't be reached: {why}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// The system's words.
        why: String,
    },
    /// No answer in time.
    #[error("{host} did not answer in time: {why}")]
    Timeout {
        /// Host and port.
        host: String,
        /// Which time ran out.
        why: String,
    },
    /// The server's certificate was not accepted, or TLS failed otherwise.
    #[error("no secure connection to {host}: {why}")]
    Tls {
        /// Host and port.
        host: String,
        /// TLS's words.
        why: String,
    },
    /// The answer is not JSON.
    #[error("{host} answered {status} with {what} where JSON was expected")]
    NotJson {
        /// Host and port.
        host: String,
        /// HTTP status.
        status: u16,
        /// What came instead: the content type, or where the JSON breaks.
        what: String,
    },
    /// The answer is larger than any that this program asks for.
    #[error("{host} sent more than {limit_mib} MiB in one answer")]
    TooLarge {
        /// Host and port.
        host: String,
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// The server wants the request sent elsewhere, which would carry the token there.
    #[error("{host} redirects ({status}) to {to}, which is not followed")]
    RedirectRefused {
        /// Host and port.
        host: String,
        /// HTTP status.
        status: u16,
        /// Where to, cleaned.
        to: String,
    },
    /// The request may or may not have taken effect.
    #[error("it is not known whether {host} carried the request out: {why}")]
    UnknownOutcome {
        /// Host and port.
        host: String,
        /// What happened instead of an answer.
        why: String,
    },
}

impl HttpError {
    /// What to do about it.
    pub fn next(&self) -> &'static str {
        match self {
            HttpError::Setup { .. } => {
                "Install ca-certificates or set SSL_CERT_FILE; check ca_file and proxy in the settings."
            }
            HttpError::BadRequest { .. } => "This is a defect of umpdeck: report it.",
            HttpError::Unreachable { .. } => {
                "Check this machine's network, DNS, firewall and proxy settings, then try again."
            }
            HttpError::Timeout { .. } => {
                "Try again; if it happens again, check the network and the proxy."
            }
            HttpError::Tls { .. } => {
                "If a proxy inspects TLS here, name its CA with ca_file in the settings; check this machine's time."
            }
            HttpError::NotJson { .. } => {
                "Perhaps a proxy answered instead of the server: check the address and the proxy."
            }
            HttpError::TooLarge { .. } => "Check that the address is the right server's.",
            HttpError::RedirectRefused { .. } => {
                "Check the address in the settings: it must be the server's own."
            }
            HttpError::UnknownOutcome { .. } => {
                "Read the device again before you repeat anything: the request may have been carried out."
            }
        }
    }

    /// Whether the server was not reached at all or not in time, so that trying again later makes sense.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            HttpError::Unreachable { .. }
                | HttpError::Timeout { .. }
                | HttpError::UnknownOutcome { .. }
                | HttpError::NotJson {
                    status: 500..=599,
                    ..
                }
        )
    }

    /// Whether an answer came, from the server or from something before it, that can't be used.
    pub fn is_answer(&self) -> bool {
        matches!(self, HttpError::NotJson { .. } | HttpError::TooLarge { .. })
    }

    /// The error for a request that got no answer and is not repeated.
    pub(super) fn from_lost(host: &str, lost: &Lost) -> HttpError {
        let (host, why) = (host.to_string(), lost.why.clone());
        if lost.timeout {
            HttpError::Timeout { host, why }
        } else {
            HttpError::Unreachable { host, why }
        }
    }
}
