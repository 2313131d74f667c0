//! What the multitenant portal holds, as it was read or stated, and what a proof of the secret gave.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::registration::fleet::{Device, RedirectUri};

/// What the multitenant portal stores for a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalSettings {
    /// Application (client) ID; empty = none.
    pub client_id: String,
    /// Redirect URI; empty = none.
    pub redirect_uri: String,
    /// Whether the portal says that it holds a client secret; `None` = it does not say.
    pub has_client_secret: Option<bool>,
    /// Customer authentication portal URL, where the generation of the page has it.
    pub customer_portal_url: Option<String>,
}

/// What the console knows of the portal from its own doing: the last push, or what an operator stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalRecord {
    /// Pushed by the console, or stated by an operator.
    pub source: RecordSource,
    /// The OS user who did it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The client ID that went to the portal.
    pub client_id: Uuid,
    /// The redirect URI that went to the portal.
    pub redirect_uri: String,
    /// The redirect URIs of the customers that have one of their own, where they were handed off with it.
    #[serde(default)]
    pub customer_redirect_uris: Vec<String>,
    /// The key ID of the secret that went to the portal; `None` = the operator could not say.
    pub key_id: Option<Uuid>,
    /// Whether Entra accepted that secret for that client ID, and when; `None` = not tried.
    pub proof: Option<Proof>,
}

impl PortalRecord {
    /// The customers of a device whose own redirect URI was not in the portal yet when that was stated, by short name.
    /// Nothing of an interface tells of customers' own.
    pub fn unstated<'a>(&self, device: &'a Device) -> Vec<&'a str> {
        if self.source != RecordSource::Stated {
            return vec![];
        }
        let stated = |uri: &RedirectUri| {
            let mut all = self.customer_redirect_uris.iter();
            all.any(|one| one == uri.as_str())
        };
        let own = device.customers.iter();
        own.filter(|one| one.redirect_uri.as_ref().is_some_and(|uri| !stated(uri)))
            .map(|one| one.short_name.as_str())
            .collect()
    }
}

/// Where a [`PortalRecord`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordSource {
    /// Written by the console through an http profile and read back.
    Pushed,
    /// Handed off, then stated by an operator.
    Stated,
}

impl RecordSource {
    /// "pushed" or "stated".
    pub fn word(self) -> &'static str {
        match self {
            RecordSource::Pushed => "pushed",
            RecordSource::Stated => "stated",
        }
    }
}

/// The outcome of a token request with a registration's own client ID and secret.
/// It says that Entra accepts the pair, nothing of what the portal stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// When it was tried.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: ProofOutcome,
}

/// What a proof showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProofOutcome {
    /// Entra issued a token.
    Accepted,
    /// Entra refused the secret; the reason in words.
    Refused(String),
    /// Nothing can be concluded (blocked by Conditional Access, no network); the reason in words.
    Unknown(String),
}
