//! What follows the numbered steps: consent in the provider's tenant, the customers' consent and their admins' roles.

use super::{customer_count, drift, met, not_applicable, unmet, unread};
use crate::registration::checklist::{Case, Outcome};
use crate::registration::observed::CustomerConsent;
use crate::registration::permissions::permission_lines;
use crate::registration::status::Status;

pub(in crate::registration) fn provider_consent(case: &Case<'_>) -> Outcome {
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

pub(in crate::registration) fn admin_roles(case: &Case<'_>) -> Outcome {
    let blueprint = case.blueprint;
    let customers = case.observed.registration.customers();
    let Some(wanted) = blueprint.roles_words() else {
        return not_applicable("the blueprint names no roles");
    };
    if customers.is_empty() {
        return customers_unread(case);
    }
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
                && one
                    .admin_roles
                    .as_ref()
                    .is_some_and(|has| !blueprint.roles_suffice(has))
        })
        .map(|one| one.short_name.as_str())
        .collect();
    if !lacking.is_empty() {
        return unmet(
            wanted,
            format!("missing for {}", lacking.join(", ")),
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
    met(format!(
        "right for the {} that still have to consent",
        waiting.len()
    ))
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

pub(in crate::registration) fn customer_consent(case: &Case<'_>) -> Outcome {
    let customers = case.observed.registration.customers();
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
