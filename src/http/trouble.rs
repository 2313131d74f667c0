//! What a failed exchange says of itself: the system's or TLS's own words, cleaned.

use std::error::Error as _;

use super::connect::{CONNECT_TIMEOUT, TOTAL_TIMEOUT};
use super::retry::Lost;

/// Why no answer came.
pub(super) fn lost(error: &reqwest::Error) -> Lost {
    let timeout = error.is_timeout();
    let why = if timeout && error.is_connect() {
        format!("no connection within {} s", CONNECT_TIMEOUT.as_secs())
    } else if timeout {
        format!("no complete answer within {} s", TOTAL_TIMEOUT.as_secs())
    } else {
        innermost(error)
    };
    Lost { why, timeout }
}

/// The words of the error's deepest cause: what the system said.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let words = match error.source() {
        // reqwest's own top line names the URL, whose query may hold names.
        None => "the request failed".to_string(),
        Some(_) => deepest.to_string(),
    };
    crate::text::clean(&words)
}

/// TLS's own words, when it was TLS that failed to agree.
pub(super) fn tls_trouble(error: &reqwest::Error) -> Option<String> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(tls) = unwrapped(cause).downcast_ref::<rustls::Error>() {
            return Some(crate::text::clean(&tls.to_string()));
        }
        next = cause.source();
    }
    None
}

/// What an IO error was made of: such errors are nested, and `source` leaves out the one that was put in.
fn unwrapped<'a>(
    mut cause: &'a (dyn std::error::Error + 'static),
) -> &'a (dyn std::error::Error + 'static) {
    while let Some(io) = cause.downcast_ref::<std::io::Error>()
        && let Some(inner) = io.get_ref()
    {
        cause = inner;
    }
    cause
}
