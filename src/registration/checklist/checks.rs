//! The table of checks, in the words that an operator reads. To add one, add an id and a row here, its judgement in
//! `judge`, and name it in `tests/readme/procedure.rs`.

use serde::{Deserialize, Serialize};

use super::{Case, Outcome};
use crate::registration::judge;

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
    /// The publisher domain, which verification needs.
    PublisherDomain,
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
    pub(super) judge: fn(&Case<'_>) -> Outcome,
}

/// The table of checks.
pub static CHECKS: &[Check] = &[
    Check {
        id: CheckId::IdentityRights,
        key: "identity-rights",
        steps: "1",
        title: "Your rights",
        explain: "Creating and repairing need Application.ReadWrite.All and, for a person, the Application \
                  Administrator or Cloud Application Administrator role. Read from the token: Entra may still decide otherwise.",
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
        explain: "The registration's enterprise application in your own tenant. Entra's portal creates it without saying so; without it no token is issued here (AADSTS700016).",
        judge: judge::service_principal,
    },
    Check {
        id: CheckId::RedirectUri,
        key: "redirect-uri",
        steps: "4–6",
        title: "Redirect URI",
        explain: "Entra compares the redirect URI letter by letter, upper and lower case too. With any difference every sign-in fails with AADSTS50011.",
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
        explain: "Implicit grant and hybrid flows: the procedure ticks ID tokens; without it sign-in fails with AADSTS700054.",
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
        id: CheckId::PublisherDomain,
        key: "publisher-domain",
        steps: "9",
        title: "Publisher domain",
        explain: "Consent dialogs name it, and Microsoft verifies a publisher only for a domain of its own, not for one under \
                  onmicrosoft.com. It is set under Branding & properties.",
        judge: judge::publisher_domain,
    },
    Check {
        id: CheckId::PublicClient,
        key: "public-client",
        steps: "10",
        title: "Public client flows",
        explain: "The invitation wizard signs in by device code, which needs Allow public client flows; \
                  without it sign-in fails with AADSTS7000218.",
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
        explain: "When the secret in use expires, sign-in fails for every customer of the device (AADSTS7000222).",
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
        explain: "The portal never shows the secret. Known is only whether it holds one, and which one was last pushed or stated.",
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
        explain: "Checked only where the blueprint asks for it: the documented procedure grants consent in the \
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
