//! Graph's error codes whose own words say too little, in plain words, with what to do.

/// What a code means, and what to do; `None` when Graph's own words do.
pub(super) fn known(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "PermissionScopeNotGranted" => (
            "the token lacks a permission that this needs",
            "Give the permission to the application that signs in, consent to it, then sign in again.",
        ),
        "Directory_QuotaExceeded" => (
            "the creator's quota of directory objects is used up (250, deleted ones included)",
            "Delete applications permanently under Deleted applications, or sign in with an administrator's account.",
        ),
        "CredentialInvalidLifetimeAsPerAppPolicy" => (
            "the tenant's policy allows client secrets only a shorter lifetime",
            "Read the tenant again, then plan again: the lifetime follows the policy.",
        ),
        "CredentialTypeNotAllowedAsPerAppPolicy" => (
            "the tenant's policy forbids client secrets",
            "Ask an administrator to exempt this application from the policy.",
        ),
        "ServiceTreeValueMissing" => (
            "this tenant requires a service management reference on each application",
            "Ask the tenant's administrator to set it in Entra; umpdeck can't.",
        ),
        "MPNAccountNotFoundOrNoAccess" | "MPNGlobalAccountNotFound" | "MPNAccountInvalid" => (
            "the Partner One (MPN) ID is not found, or not the partner's global account",
            "Check the ID in Partner Center: it must be the global account's, and your account must have a role there.",
        ),
        "MPNAccountNotVetted" => (
            "the partner account has not completed verification",
            "Complete the verification in Partner Center.",
        ),
        "NoPublisherIdOnAssociatedMPNAccount" | "MPNIdDoesNotMatchAssociatedMPNAccount" => (
            "the Partner One (MPN) ID is not that of the partner account that this tenant is associated with",
            "Associate the tenant in Partner Center, or set the ID of that partner account.",
        ),
        "MPNIdWasNotProvided" => (
            "no Partner One (MPN) ID was sent",
            "Set mpn_id of the tenant in the inventory.",
        ),
        "ApplicationNotFound" | "ApplicationObjectisInvalid" => (
            "the application is not found by its object ID",
            "Read again, then plan again.",
        ),
        "NoPublisherDomainOnApplication" | "PublisherDomainMismatch" => (
            "the registration's publisher domain is not set, or not the one verified in Partner Center",
            "Set the publisher domain under Branding & properties; onmicrosoft.com can't be verified.",
        ),
        "B2CTenantNotAllowed" | "EmailVerifiedTenantNotAllowed" | "MSANotSupported" => (
            "this kind of tenant or account can't verify a publisher",
            "Use a work account of a managed tenant.",
        ),
        "NotAuthorizedToVerifyPublisher" => (
            "the signed-in user may not verify a publisher",
            "Use an Application Administrator who is also Partner Admin or Account Admin in Partner Center.",
        ),
        "InteractionRequired" => (
            "the sign-in has no multi-factor authentication",
            "Sign in again with multi-factor authentication.",
        ),
        "UserUnableToAddPublisher" | "UnableToAddPublisher" => (
            "Microsoft judges the request risky",
            "Try again tomorrow, or with another administrator.",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_refusal_to_verify_a_publisher_has_plain_words_and_what_to_do() {
        for code in [
            "MPNAccountNotFoundOrNoAccess",
            "MPNGlobalAccountNotFound",
            "MPNAccountInvalid",
            "MPNAccountNotVetted",
            "NoPublisherIdOnAssociatedMPNAccount",
            "MPNIdDoesNotMatchAssociatedMPNAccount",
            "MPNIdWasNotProvided",
            "ApplicationNotFound",
            "ApplicationObjectisInvalid",
            "B2CTenantNotAllowed",
            "EmailVerifiedTenantNotAllowed",
            "NoPublisherDomainOnApplication",
            "PublisherDomainMismatch",
            "NotAuthorizedToVerifyPublisher",
            "MSANotSupported",
            "InteractionRequired",
            "UserUnableToAddPublisher",
            "UnableToAddPublisher",
        ] {
            let (meaning, next) = known(code).unwrap_or_else(|| panic!("{code}"));
            assert!(next.ends_with('.') && !meaning.contains(code), "{code}");
        }
    }
}
