//! The documented procedure, line by line, held against what Entra and the portal say now.
//!
//! [`CHECKS`] is the one table of checks: checklist, status, JSON and documents are made from it. To add a check,
//! add an id and a row here, its judgement in `judge`, and name it in `procedure`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::blueprint::Blueprint;
use super::fleet::Device;
use super::judge;
use super::observed::{Application, CustomerConsent, Observed};
use super::permissions::permission_lines;
use super::status::Status;

/// The checks, in the order of the list on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckId {
    /// May the signed-in identity do it?
    IdentityRights,
    /// Display name.
    Name,
    /// Account type (`signInAudience`).
    Audience,
    /// The registration's service principal in the provider's tenant.
    ServicePrincipal,
    /// Redirect URI, letter by letter.
    RedirectUri,
    /// The redirect URI's platform.
    RedirectPlatform,
    /// Implicit grant: access tokens.
    AccessTokens,
    /// Implicit grant: ID tokens.
    IdTokens,
    /// Allow public client flows.
    PublicClient,
    /// Verified publisher.
    Publisher,
    /// API permissions.
    Permissions,
    /// Which client secret is in use.
    SecretInUse,
    /// How long it lasts.
    SecretExpiry,
    /// The portal's client ID.
    PortalClientId,
    /// The portal's client secret.
    PortalSecret,
    /// The portal's redirect URI.
    PortalRedirectUri,
    /// Consent in the provider's own tenant, where the blueprint asks for it.
    ProviderConsent,
    /// Roles of the customers' consenting admins.
    AdminRoles,
    /// The customers' consent.
    CustomerConsent,
}

impl CheckId {
    /// Whether it is about the portal, not about Entra.
    pub fn is_portals(self) -> bool {
        matches!(
            self,
            CheckId::PortalClientId | CheckId::PortalSecret | CheckId::PortalRedirectUri
        )
    }
}

/// One row of the table of checks.
#[derive(Debug)]
pub struct Check {
    /// Which check.
    pub id: CheckId,
    /// Its name for scripts.
    pub key: &'static str,
    /// The steps of the documented procedure that it stands for; "–" = what follows them.
    pub steps: &'static str,
    /// Its name on screen.
    pub title: &'static str,
    /// Why it matters, in one or two sentences for an operator.
    pub explain: &'static str,
    /// How it is judged.
    judge: fn(&Case<'_>) -> Outcome,
}

/// The table of checks.
pub static CHECKS: [Check; 19] = [
    Check {
        id: CheckId::IdentityRights,
        key: "identity-rights",
        steps: "1",
        title: "Your rights",
        explain: "Creating and repairing need Application.ReadWrite.All and, for a person, the Application \
                  Administrator or Cloud Application Administrator role. Read from the token: advisory.",
        judge: judge::identity_rights,
    },
    Check {
        id: CheckId::Name,
        key: "name",
        steps: "2–3",
        title: "Name",
        explain: "The registration's display name. Consent dialogs show it to every customer's admin.",
        judge: judge::name,
    },
    Check {
        id: CheckId::Audience,
        key: "audience",
        steps: "3",
        title: "Account type",
        explain: "Customers sign in from tenants of their own, so the registration must accept accounts in \
                  any organizational directory.",
        judge: judge::audience,
    },
    Check {
        id: CheckId::ServicePrincipal,
        key: "service-principal",
        steps: "3",
        title: "Service principal",
        explain: "The registration's enterprise application in your own tenant. The portal of Entra makes it \
                  silently; without it no token is issued here (AADSTS700016).",
        judge: judge::service_principal,
    },
    Check {
        id: CheckId::RedirectUri,
        key: "redirect-uri",
        steps: "4–6",
        title: "Redirect URI",
        explain: "Entra compares the redirect URI letter by letter, upper and lower case too. A difference \
                  ends every sign-in in AADSTS50011.",
        judge: judge::redirect_uri,
    },
    Check {
        id: CheckId::RedirectPlatform,
        key: "redirect-platform",
        steps: "4",
        title: "Redirect platform",
        explain: "The redirect URI belongs to the Web platform. On another one Entra refuses the portal's \
                  sign-in although the URI looks right.",
        judge: judge::redirect_platform,
    },
    Check {
        id: CheckId::AccessTokens,
        key: "access-tokens",
        steps: "8",
        title: "Access tokens (implicit)",
        explain: "Implicit grant and hybrid flows: the procedure ticks Access tokens.",
        judge: judge::access_tokens,
    },
    Check {
        id: CheckId::IdTokens,
        key: "id-tokens",
        steps: "8",
        title: "ID tokens (implicit)",
        explain: "Implicit grant and hybrid flows: the procedure ticks ID tokens; without it sign-in ends in \
                  AADSTS700054.",
        judge: judge::id_tokens,
    },
    Check {
        id: CheckId::Publisher,
        key: "publisher",
        steps: "9",
        title: "Publisher (MPN ID)",
        explain: "A verified publisher makes the consent dialog show a trusted application. Microsoft verifies \
                  it by the Partner One (MPN) ID, only for a signed-in person with multi-factor authentication.",
        judge: judge::publisher,
    },
    Check {
        id: CheckId::PublicClient,
        key: "public-client",
        steps: "10",
        title: "Public client flows",
        explain: "The invitation wizard signs in by device code, which needs Allow public client flows; \
                  without it sign-in ends in AADSTS7000218.",
        judge: judge::public_client,
    },
    Check {
        id: CheckId::Permissions,
        key: "permissions",
        steps: "11–12",
        title: "API permissions",
        explain: "What customers are asked to consent to. The permissions view names each one, and where the \
                  blueprint's list comes from.",
        judge: judge::permissions,
    },
    Check {
        id: CheckId::SecretInUse,
        key: "secret-in-use",
        steps: "15–17",
        title: "Client secret in use",
        explain: "The secret of the last push or statement, known by its key ID. Where nothing is on record, \
                  the newest one is assumed.",
        judge: judge::secret_in_use,
    },
    Check {
        id: CheckId::SecretExpiry,
        key: "secret-expiry",
        steps: "16",
        title: "Secret's expiry",
        explain: "When the secret in use runs out, sign-in breaks for every customer of the device \
                  (AADSTS7000222).",
        judge: judge::secret_expiry,
    },
    Check {
        id: CheckId::PortalClientId,
        key: "portal-client-id",
        steps: "18",
        title: "Portal: client ID",
        explain: "The multitenant portal must hold the client ID of this registration.",
        judge: judge::portal_client_id,
    },
    Check {
        id: CheckId::PortalSecret,
        key: "portal-secret",
        steps: "18",
        title: "Portal: client secret",
        explain: "The portal never shows the secret. What is known: that it holds one, and which one was last \
                  pushed or stated.",
        judge: judge::portal_secret,
    },
    Check {
        id: CheckId::PortalRedirectUri,
        key: "portal-redirect-uri",
        steps: "18",
        title: "Portal: redirect URI",
        explain: "The portal must send the same redirect URI that Entra has, letter by letter.",
        judge: judge::portal_redirect_uri,
    },
    Check {
        id: CheckId::ProviderConsent,
        key: "provider-consent",
        steps: "–",
        title: "Consent in your tenant",
        explain: "Judged only where the blueprint asks for it: the documented procedure grants consent in the \
                  customers' tenants, not in the provider's.",
        judge: judge::provider_consent,
    },
    Check {
        id: CheckId::AdminRoles,
        key: "admin-roles",
        steps: "–",
        title: "Consenting admins' roles",
        explain: "The customer's admin needs these roles until the consent is given; the blueprint names them.",
        judge: judge::admin_roles,
    },
    Check {
        id: CheckId::CustomerConsent,
        key: "customer-consent",
        steps: "–",
        title: "Customers' consent",
        explain: "Each customer's admin consents through the invitation wizard. Customers that can't be read \
                  are unknown and change nothing.",
        judge: judge::customer_consent,
    },
];

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As wanted.
    Met {
        /// What was found.
        found: String,
    },
    /// Not as wanted.
    Unmet {
        /// What is wanted.
        wanted: String,
        /// What was found.
        found: String,
        /// The status that it leads to; `None` = advisory.
        status: Option<Status>,
        /// The same in one sentence, for the status line.
        reason: String,
    },
    /// Could not be read.
    Unknown {
        /// Why not.
        why: String,
        /// The status that not knowing leads to; `None` = it changes nothing.
        status: Option<Status>,
    },
    /// Does not apply to this device.
    NotApplicable {
        /// Why not.
        why: String,
    },
}

impl Outcome {
    /// The status that the outcome leads to, when it is not in order.
    pub fn status(&self) -> Option<Status> {
        match self {
            Outcome::Unmet { status, .. } | Outcome::Unknown { status, .. } => *status,
            Outcome::Met { .. } | Outcome::NotApplicable { .. } => None,
        }
    }

    /// As wanted?
    pub fn is_met(&self) -> bool {
        matches!(self, Outcome::Met { .. })
    }

    /// The outcome as one word, for scripts.
    pub fn key(&self) -> &'static str {
        match self {
            Outcome::Met { .. } => "met",
            Outcome::Unmet { .. } => "unmet",
            Outcome::Unknown { .. } => "unknown",
            Outcome::NotApplicable { .. } => "not-applicable",
        }
    }
}

/// One line of a checklist.
#[derive(Debug, Clone)]
pub struct Item {
    /// The check.
    pub check: &'static Check,
    /// What came of it.
    pub outcome: Outcome,
}

/// How many of the wanted permissions are present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionCount {
    /// Present among the wanted ones.
    pub present: u16,
    /// Wanted.
    pub wanted: u16,
}

/// A device's checklist.
#[derive(Debug, Clone)]
pub struct Checklist {
    /// One line a check, in the order of [`CHECKS`].
    pub items: Vec<Item>,
    /// Permissions counted one by one; `None` = no registration to look at.
    pub permissions: Option<PermissionCount>,
    /// Customers known not to have consented.
    pub customers_pending: u32,
}

impl Checklist {
    /// (met, applicable); unknown counts as not met.
    pub fn count(&self) -> (u16, u16) {
        let applies = |item: &&Item| !matches!(item.outcome, Outcome::NotApplicable { .. });
        let all = self.items.iter().filter(applies).count();
        let met = self
            .items
            .iter()
            .filter(|item| item.outcome.is_met())
            .count();
        (met as u16, all as u16)
    }

    /// The outcome of one check.
    pub fn outcome(&self, id: CheckId) -> Option<&Outcome> {
        self.items
            .iter()
            .find(|item| item.check.id == id)
            .map(|item| &item.outcome)
    }
}

/// What a judgement looks at.
pub(super) struct Case<'a> {
    pub blueprint: &'a Blueprint,
    pub device: &'a Device,
    pub observed: Observed<'a>,
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// The application, or what the check's outcome is without one.
    pub fn application(&self, wanted: impl Into<String>) -> Result<&'a Application, Outcome> {
        let reading = &self.observed.registration.application;
        match &reading.value {
            Some(Some(application)) => Ok(application),
            Some(None) => Err(Outcome::Unmet {
                wanted: wanted.into(),
                found: "no registration".to_string(),
                status: Some(Status::NotRegistered),
                reason: match self.observed.registration.candidates.as_slice() {
                    [] => "the tenant has no registration for this device".to_string(),
                    [one] if one.deleted.is_some() => format!(
                        "it has no registration; the deleted \"{}\" (object ID {}) can be restored",
                        one.display_name, one.object_id
                    ),
                    [one] => format!(
                        "the application \"{}\" (object ID {}) may be this device's registration",
                        one.display_name, one.object_id
                    ),
                    several => format!(
                        "{} applications may be this device's registration; one has to be chosen",
                        several.len()
                    ),
                },
            }),
            None => Err(Outcome::Unknown {
                why: reading
                    .failure
                    .as_ref()
                    .map_or_else(|| "not read yet".to_string(), |failure| failure.why.clone()),
                status: Some(Status::Unreachable),
            }),
        }
    }
}

/// Holds a device against its blueprint: one line for each check, each met, unmet (wanted, found), unknown (why) or
/// not applicable.
pub fn checklist(
    blueprint: &Blueprint,
    device: &Device,
    observed: Observed<'_>,
    now: Timestamp,
) -> Checklist {
    let case = Case {
        blueprint,
        device,
        observed,
        now,
    };
    let items = CHECKS
        .iter()
        .map(|check| Item {
            check,
            outcome: (check.judge)(&case),
        })
        .collect();
    let permissions = observed.registration.application().map(|_| {
        let lines = permission_lines(blueprint, observed);
        let wanted = lines.iter().filter(|line| line.wanted);
        PermissionCount {
            present: wanted.clone().filter(|line| line.present).count() as u16,
            wanted: wanted.count() as u16,
        }
    });
    let customers = observed
        .registration
        .customers
        .value
        .as_deref()
        .unwrap_or_default();
    let pending = customers
        .iter()
        .filter(|one| one.consent == CustomerConsent::Pending)
        .count();
    Checklist {
        items,
        permissions,
        customers_pending: pending as u32,
    }
}

#[cfg(test)]
mod tests;
