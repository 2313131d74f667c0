//! The documented procedure and where each of its steps is found here: a check, a plan step, a copy.

use super::checklist::CheckId;
use super::values::ValueKind;

/// Where a step of the procedure is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoveredBy {
    /// A line of the checklist.
    Check(CheckId),
    /// A step of a plan, by its action's name in JSON.
    Plan(&'static str),
    /// A value to copy.
    Copy(ValueKind),
}

/// One line of the procedure "Deploy Synchronization Application".
#[derive(Debug)]
pub struct ProcedureStep {
    /// First and last step number; `None` = what follows the numbered steps.
    pub steps: Option<(u8, u8)>,
    /// What is done by hand.
    pub by_hand: &'static str,
    /// Where it is found here.
    pub covered_by: &'static [CoveredBy],
}

/// The procedure, in its own order.
pub static PROCEDURE: [ProcedureStep; 13] = [
    ProcedureStep {
        steps: Some((1, 1)),
        by_hand: "Open App registrations in the provider's tenant with admin permissions",
        covered_by: &[CoveredBy::Check(CheckId::IdentityRights)],
    },
    ProcedureStep {
        steps: Some((2, 3)),
        by_hand: "New registration: name, accounts in any organizational directory",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Plan("ensure-service-principal"),
            CoveredBy::Check(CheckId::Name),
            CoveredBy::Check(CheckId::Audience),
            CoveredBy::Check(CheckId::ServicePrincipal),
        ],
    },
    ProcedureStep {
        steps: Some((4, 6)),
        by_hand: "Authentication: add the redirect URI on the Web platform",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Check(CheckId::RedirectUri),
            CoveredBy::Check(CheckId::RedirectPlatform),
        ],
    },
    ProcedureStep {
        steps: Some((7, 7)),
        by_hand: "Copy the redirect URI to Notepad",
        covered_by: &[CoveredBy::Copy(ValueKind::RedirectUri)],
    },
    ProcedureStep {
        steps: Some((8, 8)),
        by_hand: "Implicit grant: tick access tokens and ID tokens",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Check(CheckId::AccessTokens),
            CoveredBy::Check(CheckId::IdTokens),
        ],
    },
    ProcedureStep {
        steps: Some((9, 9)),
        by_hand: "Verify the MPN ID",
        covered_by: &[
            CoveredBy::Plan("verify-publisher"),
            CoveredBy::Check(CheckId::Publisher),
        ],
    },
    ProcedureStep {
        steps: Some((10, 10)),
        by_hand: "Advanced settings: allow public client flows",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Check(CheckId::PublicClient),
        ],
    },
    ProcedureStep {
        steps: Some((11, 12)),
        by_hand: "API permissions: set those shown in the figures",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Check(CheckId::Permissions),
        ],
    },
    ProcedureStep {
        steps: Some((13, 14)),
        by_hand: "Copy the application (client) ID to Notepad",
        covered_by: &[CoveredBy::Copy(ValueKind::ClientId)],
    },
    ProcedureStep {
        steps: Some((15, 17)),
        by_hand: "New client secret, 24 months; copy its value",
        covered_by: &[
            CoveredBy::Plan("add-secret"),
            CoveredBy::Copy(ValueKind::SecretValue),
            CoveredBy::Check(CheckId::SecretInUse),
            CoveredBy::Check(CheckId::SecretExpiry),
        ],
    },
    ProcedureStep {
        steps: Some((18, 18)),
        by_hand: "Portal: paste client ID, client secret value and redirect URI",
        covered_by: &[
            CoveredBy::Plan("write-portal"),
            CoveredBy::Plan("hand-off"),
            CoveredBy::Check(CheckId::PortalClientId),
            CoveredBy::Check(CheckId::PortalSecret),
            CoveredBy::Check(CheckId::PortalRedirectUri),
        ],
    },
    ProcedureStep {
        steps: None,
        by_hand: "Grant roles to the customer's admin who will consent",
        covered_by: &[CoveredBy::Check(CheckId::AdminRoles)],
    },
    ProcedureStep {
        steps: None,
        by_hand: "Send the invitation; the customer consents",
        covered_by: &[
            CoveredBy::Copy(ValueKind::ConsentUrl),
            CoveredBy::Check(CheckId::CustomerConsent),
            CoveredBy::Check(CheckId::ProviderConsent),
        ],
    },
];
