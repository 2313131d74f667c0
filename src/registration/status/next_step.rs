//! What an operator would do next about a device, and the command that does it.

use serde::{Deserialize, Serialize};

use super::Status;
use crate::registration::checklist::{CheckId, Checklist, Outcome};
use crate::registration::fleet::{Device, PortalWay};
use crate::registration::observed::Observed;

/// What would help next; the faces name the key or the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NextStep {
    /// Create the registration.
    Create,
    /// Choose which application it is.
    Adopt,
    /// Repair what differs in Entra.
    Repair,
    /// Put the settings in the portal.
    Push,
    /// Put the settings in the portal by hand: it has no interface that is described.
    HandOff,
    /// Say which is right: the portal was given another client ID or redirect URI than Entra's registration has.
    Decide,
    /// Add a new secret, push it, retire the old one.
    Rotate,
    /// Remind the customer's admin.
    Consent,
    /// Read again.
    Refresh,
    /// Nothing would: all is in order.
    Nothing,
}

impl NextStep {
    /// The command that takes it; `None` where none does.
    pub fn command(self) -> Option<&'static str> {
        match self {
            NextStep::Create => Some("create"),
            NextStep::Adopt => Some("adopt"),
            NextStep::Repair => Some("repair"),
            NextStep::Push => Some("push"),
            NextStep::Rotate => Some("rotate"),
            NextStep::Consent => Some("customers"),
            NextStep::Refresh => Some("check"),
            NextStep::Decide => Some("portal decide"),
            // Where no command takes the secret, that needs a person and the console.
            NextStep::HandOff | NextStep::Nothing => None,
        }
    }

    /// One sentence part: what it does.
    pub fn words(self) -> &'static str {
        match self {
            NextStep::Create => "create the registration",
            NextStep::Adopt => {
                "adopt: choose its registration among the applications that were found"
            }
            NextStep::Repair => "repair: change only what differs",
            NextStep::Push => "push the settings to the portal",
            NextStep::HandOff => "hand off the settings: fill in the portal's page, field by field",
            NextStep::Decide => "decide which is right, the portal or Entra; both plans are shown",
            NextStep::Rotate => "rotate the secret: add a new one, push it, prove it",
            NextStep::Consent => "copy the consent URL and remind the customer's admin to consent",
            NextStep::Refresh => "refresh: read it again",
            NextStep::Nothing => "",
        }
    }
}

/// What would help a device of this status next.
pub(super) fn of(
    status: Status,
    device: &Device,
    checklist: &Checklist,
    observed: Observed<'_>,
) -> NextStep {
    let push = match device.portal_way {
        PortalWay::Http => NextStep::Push,
        PortalWay::Handoff => NextStep::HandOff,
    };
    match status {
        Status::SecretExpired | Status::SecretExpiring => NextStep::Rotate,
        Status::NotRegistered if !observed.registration.candidates.is_empty() => NextStep::Adopt,
        Status::NotRegistered => NextStep::Create,
        Status::Drift => {
            let mut drifted = checklist
                .items
                .iter()
                .filter(|item| item.outcome.status() == Some(Status::Drift))
                .map(|item| item.check.id);
            if portal_contradicts(checklist, observed) {
                NextStep::Decide
            } else if drifted.clone().all(CheckId::is_portals) {
                push
            } else if drifted.all(|id| id == CheckId::ProviderConsent) {
                NextStep::Consent
            } else {
                NextStep::Repair
            }
        }
        Status::NotPushed => push,
        Status::ConsentPending => NextStep::Consent,
        Status::Unreachable => NextStep::Refresh,
        Status::Ok => NextStep::Nothing,
    }
}

/// Whether the portal, as read, was given another client ID or redirect URI than the right ones that Entra has: a push would
/// write over what somebody may have meant. Where Entra's own redirect URI is wrong, a repair comes first.
fn portal_contradicts(checklist: &Checklist, observed: Observed<'_>) -> bool {
    let drifted = |id| checklist.outcome(id).and_then(Outcome::status) == Some(Status::Drift);
    let client_id = drifted(CheckId::PortalClientId);
    let redirect_uri = drifted(CheckId::PortalRedirectUri) && !drifted(CheckId::RedirectUri);
    observed.registration.portal_as_read().is_some() && (client_id || redirect_uri)
}
