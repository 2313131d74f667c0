//! A failure as an operator sees it, and how the errors of the floors below become one: in one way, whoever asked.

use std::fmt::Display;

use crate::entra::failure::GraphError;
use crate::entra::signin::SignInError;
use crate::http::HttpError;
use crate::portal::error::PortalError;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::Failure;
use crate::store::StoreError;

/// A failure as an operator sees it: what failed, why, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}. {next}")]
pub struct Trouble {
    /// What failed.
    pub what: String,
    /// Why, in the server's words where it said something.
    pub why: String,
    /// What to do.
    pub next: String,
}

impl Trouble {
    /// No device is listed by this name.
    pub fn no_such_device(meant: &str) -> Trouble {
        Trouble::new(
            "there is no such device",
            meant,
            "`umpdeck status` lists the devices; `umpdeck devices add` adds one.",
        )
    }

    /// A device could not be read, for this reason.
    pub fn not_read(device: &Fqdn, failure: &Failure) -> Trouble {
        let what = format!("{device} could not be read");
        Trouble::new(what, &failure.why, &failure.next)
    }

    /// Puts the three parts together.
    pub fn new(
        what: impl Into<String>,
        why: impl Into<String>,
        next: impl Into<String>,
    ) -> Trouble {
        let strip = |text: String| text.trim().trim_end_matches('.').to_string();
        Trouble {
            what: strip(what.into()),
            why: strip(why.into()),
            next: next.into(),
        }
    }

    /// What failed for a reason that one of the floors below gives, in its words, with what it says to do.
    pub(super) fn of(what: impl Into<String>, error: &impl Advised) -> Trouble {
        Trouble::new(what, error.to_string(), error.next())
    }
}

/// An error that says what to do about it.
pub(super) trait Advised: Display {
    /// What to do.
    fn next(&self) -> String;
}

impl Advised for GraphError {
    fn next(&self) -> String {
        GraphError::next(self)
    }
}

impl Advised for PortalError {
    fn next(&self) -> String {
        PortalError::next(self)
    }
}

impl Advised for SignInError {
    fn next(&self) -> String {
        SignInError::next(self).to_string()
    }
}

impl Advised for StoreError {
    fn next(&self) -> String {
        StoreError::next(self).to_string()
    }
}

impl Advised for HttpError {
    fn next(&self) -> String {
        HttpError::next(self).to_string()
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::of("the store on this machine", &error)
    }
}
