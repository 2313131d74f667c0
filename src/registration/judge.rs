//! How each check of the table in `checklist` is judged.

use super::checklist::{Case, Outcome};
use super::fleet::RedirectUri;
use super::observed::{CustomerConsent, FailureKind, PortalRecord, RecordSource};
use super::permissions::permission_lines;
use super::secret::{SecretInUse, expiring_from, expiry_words};
use super::status::Status;
use uuid::Uuid;

/// Any of these lets an identity create and repair registrations.
const ENOUGH: [&str; 3] = [
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
];

/// Role template IDs of Global, Application and Cloud Application Administrator: any of them is enough for a person.
const ADMINS: [Uuid; 3] = [
    Uuid::from_u128(0x62e90394_69f5_4237_9190_012177145e10),
    Uuid::from_u128(0x9b895d92_2cd3_44c7_9d02_a6ac2d5ea5c3),
    Uuid::from_u128(0x158c047a_c907_4556_b7ef_446551a6b5f7),
];

fn met(found: impl Into<String>) -> Outcome {
    Outcome::Met {
        found: found.into(),
    }
}

fn unmet(
    wanted: impl Into<String>,
    found: impl Into<String>,
    status: Status,
    reason: impl Into<String>,
) -> Outcome {
    Outcome::Unmet {
        wanted: wanted.into(),
        found: found.into(),
        status: Some(status),
        reason: reason.into(),
    }
}

fn not_applicable(why: impl Into<String>) -> Outcome {
    Outcome::NotApplicable { why: why.into() }
}

fn drift(
    wanted: impl Into<String>,
    found: impl Into<String>,
    reason: impl Into<String>,
) -> Outcome {
    unmet(wanted, found, Status::Drift, reason)
}

/// Leaves a judgement with the outcome that stands for "there is no application to look at".
macro_rules! application {
    ($case:expr, $wanted:expr) => {
        match $case.application($wanted) {
            Ok(application) => application,
            Err(outcome) => return outcome,
        }
    };
}

pub(super) fn identity_rights(case: &Case<'_>) -> Outcome {
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
    let Some(enough) = ENOUGH
        .iter()
        .find(|one| identity.permissions.iter().any(|has| has == *one))
    else {
        return lacks(ENOUGH[0]);
    };
    // A token without any `wids` does not say which roles its person has.
    let roles = &identity.directory_roles;
    if identity.delegated && !roles.is_empty() && !ADMINS.iter().any(|one| roles.contains(one)) {
        return lacks("the role Application Administrator or Cloud Application Administrator");
    }
    met(format!("{}: {enough}", identity.name))
}

pub(super) fn name(case: &Case<'_>) -> Outcome {
    let wanted = "a name";
    let application = application!(case, wanted);
    if application.display_name.trim().is_empty() {
        return drift(wanted, "empty", "the registration has no name");
    }
    met(application.display_name.clone())
}

pub(super) fn audience(case: &Case<'_>) -> Outcome {
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

pub(super) fn service_principal(case: &Case<'_>) -> Outcome {
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

fn unread(failure: &Option<super::observed::Failure>) -> Outcome {
    let why = match failure {
        Some(failure) => failure.why.clone(),
        None => "not read yet".to_string(),
    };
    Outcome::Unknown { why, status: None }
}

/// The redirect URIs that this device wants on its registration: its own, then its customers' own.
pub(super) fn wanted_uris(case: &Case<'_>) -> Vec<RedirectUri> {
    super::plan::wanted_redirect_uris(case.blueprint, case.device)
}

pub(super) fn redirect_uri(case: &Case<'_>) -> Outcome {
    let wanted = wanted_uris(case);
    let text = wanted
        .iter()
        .map(RedirectUri::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let application = application!(case, text.clone());
    if let Err(why) = super::plan::device_redirect_uri(case.blueprint, case.device) {
        return drift(
            "a redirect URI",
            "none",
            format!("the device has no valid redirect URI: {why}"),
        );
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
            format!("Entra has {near}, wanted is {first}: sign-in ends in AADSTS50011"),
        ),
        None => drift(
            first.as_str(),
            "missing",
            format!("the redirect URI {first} is missing: sign-in ends in AADSTS50011"),
        ),
    }
}

pub(super) fn redirect_platform(case: &Case<'_>) -> Outcome {
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

pub(super) fn access_tokens(case: &Case<'_>) -> Outcome {
    let wanted = case.blueprint.enable_access_token_issuance;
    let application = application!(case, on_off(wanted));
    switch(
        wanted,
        application.enable_access_token_issuance,
        "access tokens (implicit grant) are",
    )
}

pub(super) fn id_tokens(case: &Case<'_>) -> Outcome {
    let wanted = case.blueprint.enable_id_token_issuance;
    let application = application!(case, on_off(wanted));
    switch(
        wanted,
        application.enable_id_token_issuance,
        "ID tokens (implicit grant) are",
    )
}

pub(super) fn public_client(case: &Case<'_>) -> Outcome {
    let wanted = case.blueprint.is_fallback_public_client;
    let application = application!(case, on_off(wanted));
    switch(
        wanted,
        application.is_fallback_public_client,
        "public client flows are",
    )
}

pub(super) fn publisher(case: &Case<'_>) -> Outcome {
    let mpn = case.device.mpn_id.as_deref();
    let wanted = mpn.map_or_else(
        || "verified".to_string(),
        |mpn| format!("verified, MPN {mpn}"),
    );
    let application = application!(case, wanted.clone());
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
        (None, None) => not_applicable("no Partner One (MPN) ID is set for this tenant"),
    }
}

pub(super) fn permissions(case: &Case<'_>) -> Outcome {
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

/// "pushed 2026-10-02 by ana" / "stated 2026-10-02 by ana".
fn record_words(record: &PortalRecord) -> String {
    let how = match record.source {
        RecordSource::Pushed => "pushed",
        RecordSource::Stated => "stated",
    };
    format!("{how} {} by {}", record.at.strftime("%Y-%m-%d"), record.by)
}

pub(super) fn secret_in_use(case: &Case<'_>) -> Outcome {
    let wanted = "a client secret";
    application!(case, wanted);
    let facts = case.observed.registration;
    match (SecretInUse::of(facts), &facts.record) {
        (SecretInUse::Known(secret), Some(record)) => {
            met(format!("{}, {}", secret.display_name, record_words(record)))
        }
        (SecretInUse::Gone, Some(record)) => unmet(
            "the secret on record",
            format!("{}, gone from Entra", record_words(record)),
            Status::SecretExpired,
            format!(
                "the secret {} is no longer in Entra: token sign-in fails (AADSTS7000215)",
                record_words(record)
            ),
        ),
        (SecretInUse::Known(secret) | SecretInUse::Assumed(secret), record) => {
            let why = match record {
                None => "nothing on record",
                Some(_) if facts.record_of_application().is_none() => {
                    "the record is of another registration"
                }
                Some(_) => "the record does not say which",
            };
            met(format!("{} (assumed: {why})", secret.display_name))
        }
        (SecretInUse::None | SecretInUse::Gone, _) if portal_has_client(case) => unmet(
            wanted,
            "none",
            Status::SecretExpired,
            "the registration has no client secret, so whatever the portal holds fails (AADSTS7000215)",
        ),
        (SecretInUse::None | SecretInUse::Gone, _) => unmet(
            wanted,
            "none",
            Status::NotPushed,
            "the registration has no client secret yet",
        ),
    }
}

fn portal_has_client(case: &Case<'_>) -> bool {
    let facts = case.observed.registration;
    match facts.portal_as_read() {
        Some(portal) => !portal.client_id.is_empty(),
        None => facts.record.is_some(),
    }
}

pub(super) fn secret_expiry(case: &Case<'_>) -> Outcome {
    let days = case.blueprint.secret_expiring_days;
    let wanted = format!("more than {days} days left");
    application!(case, wanted.clone());
    let secret = SecretInUse::of(case.observed.registration);
    let Some(credential) = secret.credential() else {
        let status = secret_in_use(case).status();
        return Outcome::Unmet {
            wanted,
            found: "no secret".to_string(),
            status,
            reason: "there is no client secret that could last".to_string(),
        };
    };
    let Some(end) = credential.end else {
        return Outcome::Unknown {
            why: "Entra gives no end date for the secret".to_string(),
            status: None,
        };
    };
    let words = expiry_words(end, case.now);
    let assumed = if matches!(secret, SecretInUse::Assumed(_)) {
        " (assumed the one in use)"
    } else {
        ""
    };
    if end <= case.now {
        let date = end.strftime("%Y-%m-%d");
        let customers = match customer_count(case) {
            0 => String::new(),
            1 => " for 1 customer".to_string(),
            many => format!(" for {many} customers"),
        };
        return unmet(
            wanted,
            format!("{words}{assumed}"),
            Status::SecretExpired,
            format!(
                "the secret in use ran out on {date}{assumed}; token sign-in fails{customers} (AADSTS7000222)"
            ),
        );
    }
    if case.now >= expiring_from(end, days) {
        let date = end.strftime("%Y-%m-%d");
        return unmet(
            wanted,
            format!("{words}{assumed}"),
            Status::SecretExpiring,
            format!("the secret in use runs out on {date}{assumed}"),
        );
    }
    met(format!("{words}{assumed}"))
}

fn customer_count(case: &Case<'_>) -> usize {
    case.observed
        .registration
        .customers
        .value
        .as_ref()
        .map_or(case.device.customers.len(), Vec::len)
}

/// Judges one portal value: read, or on record, or nowhere.
fn portal_value(
    case: &Case<'_>,
    what: &str,
    wanted: &str,
    read: impl Fn(&super::observed::PortalSettings) -> String,
    recorded: impl Fn(&PortalRecord) -> String,
) -> Outcome {
    let facts = case.observed.registration;
    if let Some(portal) = facts.portal_as_read() {
        let found = read(portal);
        if found == wanted {
            return met("= Entra");
        }
        if found.is_empty() {
            return unmet(
                wanted,
                "empty",
                Status::NotPushed,
                "the portal holds no settings yet",
            );
        }
        return drift(
            wanted,
            found.clone(),
            format!("the portal's {what} is {found}, Entra's is {wanted}"),
        );
    }
    if let Some(record) = &facts.record {
        let found = recorded(record);
        if found == wanted {
            return met(format!("= Entra, {}", record_words(record)));
        }
        return drift(
            wanted,
            format!("{found}, {}", record_words(record)),
            format!(
                "the portal's {what} was {}, and is no longer Entra's",
                record_words(record)
            ),
        );
    }
    match &facts.portal.failure {
        Some(failure) if failure.kind != FailureKind::Answer => Outcome::Unknown {
            why: format!("the portal could not be read: {}", failure.why),
            status: Some(Status::NotPushed),
        },
        _ => unmet(
            wanted,
            "no record",
            Status::NotPushed,
            "nobody has pushed or stated what the portal holds",
        ),
    }
}

pub(super) fn portal_client_id(case: &Case<'_>) -> Outcome {
    let application = application!(case, "the registration's client ID");
    let wanted = application.app_id.to_string();
    portal_value(
        case,
        "client ID",
        &wanted,
        |portal| portal.client_id.to_ascii_lowercase(),
        |record| record.client_id.to_string(),
    )
}

pub(super) fn portal_redirect_uri(case: &Case<'_>) -> Outcome {
    let wanted = wanted_uris(case)
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    application!(case, wanted.clone());
    portal_value(
        case,
        "redirect URI",
        &wanted,
        |portal| portal.redirect_uri.clone(),
        |record| record.redirect_uri.clone(),
    )
}

pub(super) fn portal_secret(case: &Case<'_>) -> Outcome {
    let wanted = "the secret in use";
    application!(case, wanted);
    let facts = case.observed.registration;
    let read = facts.portal_as_read();
    let holds_one = read.and_then(|portal| portal.has_client_secret);
    if holds_one == Some(false) {
        return unmet(
            wanted,
            "empty",
            Status::NotPushed,
            "the portal holds no client secret",
        );
    }
    match (facts.record_of_application(), read) {
        (Some(record), _) if SecretInUse::of(facts) == SecretInUse::Gone => drift(
            wanted,
            format!("{}, gone from Entra", record_words(record)),
            format!("the secret {} is no longer in Entra", record_words(record)),
        ),
        (Some(record), _) => match &record.proof {
            Some(proof) => match &proof.outcome {
                super::observed::ProofOutcome::Accepted => met(format!(
                    "{}; Entra accepted it {}",
                    record_words(record),
                    proof.at.strftime("%Y-%m-%d")
                )),
                super::observed::ProofOutcome::Refused(why) => drift(
                    wanted,
                    format!("{}; Entra refused it", record_words(record)),
                    format!("Entra refused the secret that went to the portal: {why}"),
                ),
                super::observed::ProofOutcome::Unknown(why) => {
                    met(format!("{}; not proven: {why}", record_words(record)))
                }
            },
            None => met(record_words(record)),
        },
        (None, Some(_)) if holds_one == Some(true) => {
            met("the portal holds one, it does not show which")
        }
        (None, Some(_)) => Outcome::Unknown {
            why: "the portal does not say whether it holds one, and nothing is on record"
                .to_string(),
            status: None,
        },
        (None, None) if let Some(record) = &facts.record => drift(
            wanted,
            format!("{}, of another registration", record_words(record)),
            format!(
                "the secret {} belongs to another registration",
                record_words(record)
            ),
        ),
        (None, None) => unmet(
            wanted,
            "no record",
            Status::NotPushed,
            "nobody has pushed or stated what the portal holds",
        ),
    }
}

pub(super) fn provider_consent(case: &Case<'_>) -> Outcome {
    if !case.blueprint.provider_consent {
        return not_applicable("the blueprint does not ask for it");
    }
    application!(case, "all permissions");
    let lines = permission_lines(case.blueprint, case.observed);
    let wanted: Vec<_> = lines.iter().filter(|line| line.wanted).collect();
    if wanted.iter().any(|line| line.consented.is_none()) {
        return unread(&case.observed.registration.consent.failure);
    }
    let missing: Vec<_> = wanted
        .iter()
        .filter(|line| line.consented == Some(false))
        .map(|line| line.value.as_str())
        .collect();
    if missing.is_empty() {
        met("all permissions")
    } else {
        let missing = missing.join(", ");
        drift(
            "all permissions",
            format!("missing: {missing}"),
            format!("not consented in your tenant: {missing}"),
        )
    }
}

pub(super) fn admin_roles(case: &Case<'_>) -> Outcome {
    let any_of = &case.blueprint.admin_roles;
    let customers = case
        .observed
        .registration
        .customers
        .value
        .as_deref()
        .unwrap_or_default();
    if any_of.is_empty() {
        return not_applicable("the blueprint names no roles");
    }
    if customers.is_empty() {
        return customers_unread(case);
    }
    let wanted = any_of
        .iter()
        .map(|all| all.join(" + "))
        .collect::<Vec<_>>()
        .join(", or ");
    let waiting: Vec<_> = customers
        .iter()
        .filter(|one| one.consent != CustomerConsent::Granted)
        .collect();
    if waiting.is_empty() {
        return met("not needed any more: every customer has consented");
    }
    // Of a customer whose consent is not known, nothing is held against the device.
    let lacking: Vec<_> = waiting
        .iter()
        .filter(|one| {
            one.consent == CustomerConsent::Pending
                && one.admin_roles.as_ref().is_some_and(|has| {
                    !any_of
                        .iter()
                        .any(|all| all.iter().all(|role| has.contains(role)))
                })
        })
        .map(|one| one.short_name.as_str())
        .collect();
    if !lacking.is_empty() {
        return unmet(
            wanted,
            format!("lacking for {}", lacking.join(", ")),
            Status::ConsentPending,
            format!("the consenting admin lacks roles: {}", lacking.join(", ")),
        );
    }
    let unknown = waiting
        .iter()
        .filter(|one| one.consent != CustomerConsent::Pending || one.admin_roles.is_none())
        .count();
    if unknown > 0 {
        return Outcome::Unknown {
            why: format!("not known for {unknown} of {} customers", customers.len()),
            status: None,
        };
    }
    met(format!("right for {} still to consent", waiting.len()))
}

fn customers_unread(case: &Case<'_>) -> Outcome {
    match (
        &case.observed.registration.customers.failure,
        customer_count(case),
    ) {
        (_, 0) => not_applicable("no customers"),
        (Some(failure), _) => Outcome::Unknown {
            why: failure.why.clone(),
            status: None,
        },
        (None, _) => Outcome::Unknown {
            why: "the customers' tenants are not read".to_string(),
            status: None,
        },
    }
}

pub(super) fn customer_consent(case: &Case<'_>) -> Outcome {
    let customers = case
        .observed
        .registration
        .customers
        .value
        .as_deref()
        .unwrap_or_default();
    if customers.is_empty() {
        return customers_unread(case);
    }
    let all = customers.len();
    let pending: Vec<_> = customers
        .iter()
        .filter(|one| one.consent == CustomerConsent::Pending)
        .map(|one| one.short_name.as_str())
        .collect();
    let granted = customers
        .iter()
        .filter(|one| one.consent == CustomerConsent::Granted)
        .count();
    if !pending.is_empty() {
        return unmet(
            format!("{all} of {all}"),
            format!("{granted} of {all}; pending: {}", pending.join(", ")),
            Status::ConsentPending,
            format!("not consented yet: {}", pending.join(", ")),
        );
    }
    if granted < all {
        let unknown = all - granted;
        return Outcome::Unknown {
            why: format!("not known for {unknown} of {all} customers"),
            status: None,
        };
    }
    met(format!("{all} of {all}"))
}
