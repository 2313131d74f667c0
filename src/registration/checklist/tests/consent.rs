//! The customers' consent, their admin's roles, and consent in the provider's own tenant.

use super::*;

#[test]
fn a_customer_that_cannot_be_read_changes_nothing() {
    let world = World::with(|world| {
        let mut unknown = customer_facts("acme", CustomerConsent::Unknown("no access".into()));
        unknown.admin_roles = Some(vec!["Global Reader".into()]);
        *world.customers() = vec![unknown];
    });
    assert_eq!(
        world.not_met(),
        [CheckId::AdminRoles, CheckId::CustomerConsent]
    );
    assert_eq!(world.verdict().status, Status::Ok);
    assert_eq!(world.checklist().customers_pending, 0);
    // Unknown is not met.
    assert_eq!(world.checklist().count(), (asked_for() - 2, asked_for()));

    let mut never_read = World::right();
    never_read.facts.customers = Reading::default();
    assert_eq!(never_read.verdict().status, Status::Ok);
}

#[test]
fn a_device_without_customers_has_no_consent_to_wait_for() {
    let world = World::with(|world| {
        world.facts.customers = Reading::default();
        world.device.customers.clear();
    });
    let without_customers = asked_for() - 2;
    assert_eq!(
        world.checklist().count(),
        (without_customers, without_customers)
    );
}

#[test]
fn roles_are_any_one_list_and_all_roles_of_that_list() {
    let lacks = |roles: &[&str]| {
        let mut world = World::right();
        let mut customer = customer_facts("acme", CustomerConsent::Pending);
        customer.admin_roles = Some(roles.iter().map(|role| role.to_string()).collect());
        *world.customers() = vec![customer];
        world.not_met().contains(&CheckId::AdminRoles)
    };
    assert!(!lacks(&["Teams Administrator"]));
    assert!(!lacks(&[
        "Skype for Business Administrator",
        "User Administrator",
        "Teams Telephony Administrator"
    ]));
    assert!(lacks(&["Teams Telephony Administrator"]));
    assert!(lacks(&["Skype for Business Administrator"]));
    assert!(lacks(&[]));
}

#[test]
fn provider_consent_is_judged_only_where_the_blueprint_asks() {
    let mut world = World::right();
    world.blueprint.provider_consent = true;
    assert_eq!(world.not_met(), [CheckId::ProviderConsent]);
    let resources = world.tenant.resources.value.clone().unwrap();
    let granted = resources.iter().flat_map(|resource| {
        resource.scopes.iter().map(|scope| Consented {
            grant: None,
            resource_object_id: resource.object_id,
            kind: PermissionKind::Delegated,
            permission: scope.value.clone(),
        })
    });
    world.facts.consent = Reading::of(granted.collect(), now());
    assert_eq!(world.not_met(), []);
    world.facts.consent = Reading::default();
    assert_eq!(outcome(&world, CheckId::ProviderConsent).status(), None);
}
