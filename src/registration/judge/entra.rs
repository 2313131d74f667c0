//! Entra's side: the operator's rights, the application and its service principal.

use super::{drift, met, no_redirect_uri, not_applicable, unread};
use crate::registration::checklist::{Case, Outcome};
use crate::registration::fleet::RedirectUri;
use crate::registration::permissions::permission_lines;
use crate::registration::redirect::{device_redirect_uri, wanted_redirect_uris};
use crate::registration::rights::{NOT_IN_THIS_CLOUD, Right, Verdict};
use crate::text::counted;

const NO_MPN_ID: &str = "no Partner One (MPN) ID is set for this tenant";

pub(in crate::registration) fn identity_rights(case: &Case<'_>) -> Outcome {
    let reading = &case.observed.tenant.identity;
    let Some(identity) = &reading.value else {
        let why = reading.failure.as_ref().map_or_else(
            || "nobody has signed in yet".to_string(),
            |failure| failure.why.clone(),
        );
        return Outcome::Unknown { why, status: None };
    };
    let lacks = |wanted: &str| Outcome::Unmet {
        wanted: wanted.to_string(),
        found: format!("{}: the token lacks it", identity.name),
        status: None,
        reason: format!("the token of {} lacks {wanted}", identity.name),
    };
    let right = Right::ChangeRegistrations;
    let with = format!(
        "{}: {}",
        identity.name,
        right.borne_by(identity).unwrap_or_default()
    );
    match right.of(identity) {
        Verdict::May => met(with),
        // A token may not name roles, nor what its application owns: that is not held against it.
        Verdict::RolesNotTold(_) => met(format!("{with}; its token tells no directory role")),
        Verdict::Perhaps(why) => met(format!("{with}, {why}")),
        Verdict::Lacks(permission) => lacks(permission),
        Verdict::NoRole(roles) => lacks(&format!("the role {}", roles.join(" or "))),
        Verdict::NoMfa => lacks("multi-factor authentication"),
        Verdict::Never(why) => lacks(why),
    }
}

pub(in crate::registration) fn name(case: &Case<'_>) -> Outcome {
    let wanted = "a name";
    let application = application!(case, wanted);
    if application.display_name.trim().is_empty() {
        return drift(wanted, "empty", "the registration has no name");
    }
    // What is done to a shared one is done to all: that is seen before anything is planned.
    let shared = match case.observed.registration.shared_with.len() {
        0 => String::new(),
        others => format!(" (shared with {})", counted(others, "device")),
    };
    met(format!("{}{shared}", application.display_name))
}

pub(in crate::registration) fn audience(case: &Case<'_>) -> Outcome {
    let wanted = audience_words(&case.blueprint.sign_in_audience);
    let application = application!(case, wanted);
    if application.sign_in_audience == case.blueprint.sign_in_audience {
        return met(wanted);
    }
    let found = audience_words(&application.sign_in_audience);
    drift(
        wanted,
        found,
        format!("the account type is \"{found}\": customers' accounts can't sign in"),
    )
}

/// Entra's own words for `signInAudience`.
fn audience_words(audience: &str) -> &str {
    match audience {
        "AzureADMyOrg" => "Single tenant",
        "AzureADMultipleOrgs" => "Multiple Entra ID tenants",
        "AzureADandPersonalMicrosoftAccount" => "Multiple tenants and personal accounts",
        "PersonalMicrosoftAccount" => "Personal accounts only",
        "" => "not set",
        other => other,
    }
}

pub(in crate::registration) fn service_principal(case: &Case<'_>) -> Outcome {
    let wanted = "present, enabled";
    application!(case, wanted);
    let reading = &case.observed.registration.principal;
    match &reading.value {
        Some(Some(principal)) if principal.enabled => met(wanted),
        Some(Some(_)) => drift(
            wanted,
            "disabled",
            "the service principal is disabled: nobody can sign in (AADSTS7000112)",
        ),
        Some(None) => drift(
            wanted,
            "missing",
            "the service principal is missing: no token is issued (AADSTS700016)",
        ),
        None => unread(&reading.failure),
    }
}

/// The redirect URIs that this device wants on its registration: its own, then its customers' own.
fn wanted_uris(case: &Case<'_>) -> Vec<RedirectUri> {
    wanted_redirect_uris(case.blueprint, case.device)
}

pub(in crate::registration) fn redirect_uri(case: &Case<'_>) -> Outcome {
    let wanted = wanted_uris(case);
    let text = wanted
        .iter()
        .map(RedirectUri::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let application = application!(case, text.clone());
    if let Err(why) = device_redirect_uri(case.blueprint, case.device) {
        return no_redirect_uri(&why);
    }
    let missing: Vec<_> = wanted
        .iter()
        .filter(|uri| {
            !application
                .web_redirect_uris
                .iter()
                .any(|has| has == uri.as_str())
        })
        .collect();
    let Some(first) = missing.first() else {
        return met(text);
    };
    // What stands in its place: the same in other letters, or another address on the same host.
    let mut others = application
        .web_redirect_uris
        .iter()
        .filter(|has| !wanted.iter().any(|uri| uri.as_str() == *has));
    let near = others.clone().find(|has| first.is_twin_of(has));
    let same_host = others.find(|has| has.starts_with(first.origin()));
    match near.or(same_host) {
        Some(near) => drift(
            first.as_str(),
            near.clone(),
            format!("sign-in fails with AADSTS50011: Entra has {near}, wanted is {first}"),
        ),
        None => drift(
            first.as_str(),
            "missing",
            format!("sign-in fails with AADSTS50011: the redirect URI {first} is missing"),
        ),
    }
}

pub(in crate::registration) fn redirect_platform(case: &Case<'_>) -> Outcome {
    let application = application!(case, "Web");
    let elsewhere = |uris: &[String]| {
        wanted_uris(case)
            .iter()
            .any(|uri| uris.iter().any(|has| has == uri.as_str()))
    };
    let found = if elsewhere(&application.spa_redirect_uris) {
        "Single-page application"
    } else if elsewhere(&application.public_client_redirect_uris) {
        "Mobile and desktop"
    } else {
        return met("Web");
    };
    drift(
        "Web",
        found,
        format!("the redirect URI stands on the platform \"{found}\", not on Web"),
    )
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn switch(wanted: bool, found: bool, reason: &str) -> Outcome {
    if wanted == found {
        met(on_off(found))
    } else {
        drift(
            on_off(wanted),
            on_off(found),
            format!("{reason} {}", on_off(found)),
        )
    }
}

pub(in crate::registration) fn access_tokens(case: &Case<'_>) -> Outcome {
    let wanted = case.blueprint.enable_access_token_issuance;
    let application = application!(case, on_off(wanted));
    switch(
        wanted,
        application.enable_access_token_issuance,
        "access tokens (implicit grant) are",
    )
}

pub(in crate::registration) fn id_tokens(case: &Case<'_>) -> Outcome {
    let wanted = case.blueprint.enable_id_token_issuance;
    let application = application!(case, on_off(wanted));
    switch(
        wanted,
        application.enable_id_token_issuance,
        "ID tokens (implicit grant) are",
    )
}

pub(in crate::registration) fn public_client(case: &Case<'_>) -> Outcome {
    let wanted = case.blueprint.is_fallback_public_client;
    let application = application!(case, on_off(wanted));
    switch(
        wanted,
        application.is_fallback_public_client,
        "public client flows are",
    )
}

pub(in crate::registration) fn publisher(case: &Case<'_>) -> Outcome {
    let mpn = case.device.mpn_id.as_deref();
    let wanted = mpn.map_or_else(
        || "verified".to_string(),
        |mpn| format!("verified, MPN {mpn}"),
    );
    let application = application!(case, wanted.clone());
    if case.observed.tenant.national_cloud {
        return not_applicable(NOT_IN_THIS_CLOUD);
    }
    match (&application.verified_publisher, mpn) {
        (Some(publisher), Some(mpn)) if publisher.id != mpn => drift(
            wanted,
            format!("verified, MPN {}", publisher.id),
            format!(
                "the publisher is verified with another MPN ID, {}",
                publisher.id
            ),
        ),
        (Some(publisher), _) => met(format!(
            "verified: {}, MPN {}",
            publisher.display_name, publisher.id
        )),
        (None, Some(_)) => drift(
            wanted,
            "not verified",
            "the publisher is not verified: customers' consent dialogs warn of an unverified application",
        ),
        (None, None) => not_applicable(NO_MPN_ID),
    }
}

pub(in crate::registration) fn publisher_domain(case: &Case<'_>) -> Outcome {
    let wanted = "a verified domain of your own";
    let application = application!(case, wanted);
    match (application.verifiable_domain(), &case.device.mpn_id) {
        (Ok(domain), _) => met(domain),
        (Err(domain), _) if application.verified_publisher.is_some() => met(domain),
        (Err(_), _) if case.observed.tenant.national_cloud => not_applicable(NOT_IN_THIS_CLOUD),
        (Err(_), None) => not_applicable(NO_MPN_ID),
        (Err(domain), Some(_)) => Outcome::Unmet {
            wanted: wanted.to_string(),
            found: domain.to_string(),
            status: None,
            reason: format!(
                "the publisher can't be verified while the publisher domain is {domain}"
            ),
        },
    }
}

pub(in crate::registration) fn permissions(case: &Case<'_>) -> Outcome {
    let wanted = case.blueprint.permissions.len();
    application!(case, format!("{wanted} of {wanted}"));
    let lines = permission_lines(case.blueprint, case.observed);
    let missing: Vec<_> = lines
        .iter()
        .filter(|line| line.wanted && !line.present)
        .map(|line| line.value.as_str())
        .collect();
    let extra = match lines.iter().filter(|line| line.extra()).count() {
        0 => String::new(),
        extra => format!(", {extra} extra"),
    };
    if missing.is_empty() {
        return met(format!("{wanted} of {wanted}{extra}"));
    }
    let missing = missing.join(", ");
    drift(
        format!("{wanted} of {wanted}"),
        format!(
            "{} of {wanted}{extra}; missing: {missing}",
            lines.iter().filter(|l| l.wanted && l.present).count()
        ),
        format!("permissions are missing: {missing}"),
    )
}
