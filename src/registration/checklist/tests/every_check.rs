//! What holds of every check: it is there once, and notices its own fault alone.

use std::collections::HashSet;

use super::*;

/// Breaks what one check looks at; answers the checks that can't but fail with it.
/// A check without an arm does not compile.
fn break_it(id: CheckId, world: &mut World) -> &'static [CheckId] {
    match id {
        CheckId::IdentityRights => {
            let identity = world.tenant.identity.value.as_mut().unwrap();
            identity.permissions = vec!["User.Read".into()];
        }
        CheckId::Name => world.app().display_name = " ".into(),
        CheckId::Audience => world.app().sign_in_audience = "AzureADMyOrg".into(),
        CheckId::ServicePrincipal => world.facts.principal = Reading::of(None, now()),
        CheckId::RedirectUri => {
            world.app().web_redirect_uris = vec![URI.to_ascii_lowercase()];
        }
        CheckId::RedirectPlatform => world.app().spa_redirect_uris = vec![URI.into()],
        CheckId::AccessTokens => world.app().enable_access_token_issuance = false,
        CheckId::IdTokens => world.app().enable_id_token_issuance = false,
        CheckId::PublicClient => world.app().is_fallback_public_client = false,
        CheckId::Publisher => world.app().verified_publisher = None,
        CheckId::PublisherDomain => {
            world.app().publisher_domain = Some("finebak.onmicrosoft.com".into());
            world.app().verified_publisher = None;
            return &[CheckId::Publisher];
        }
        CheckId::Permissions => {
            world.app().required_resource_access.pop();
        }
        CheckId::SecretInUse => {
            world.app().password_credentials.clear();
            return &[CheckId::SecretExpiry, CheckId::PortalSecret];
        }
        CheckId::SecretExpiry => world.app().password_credentials[0].end = Some(in_days(-1)),
        CheckId::PortalClientId => world.portal().client_id = Uuid::nil().to_string(),
        CheckId::PortalSecret => world.portal().has_client_secret = Some(false),
        CheckId::PortalRedirectUri => world.portal().redirect_uri = format!("{URI}/"),
        CheckId::ProviderConsent => world.blueprint.provider_consent = true,
        CheckId::AdminRoles => {
            let mut customer = customer_facts("acme", CustomerConsent::Pending);
            customer.admin_roles = Some(vec!["Global Reader".into()]);
            *world.customers() = vec![customer];
            return &[CheckId::CustomerConsent];
        }
        CheckId::CustomerConsent => {
            let mut customer = customer_facts("acme", CustomerConsent::Pending);
            customer.admin_roles = Some(vec![ROLE.into()]);
            *world.customers() = vec![customer];
        }
    }
    &[]
}

#[test]
fn the_table_has_every_check_once() {
    let ids: HashSet<_> = CHECKS.iter().map(|check| check.id).collect();
    let keys: HashSet<_> = CHECKS.iter().map(|check| check.key).collect();
    // The enum's last variant tells how many there are.
    assert_eq!(ids.len(), CheckId::CustomerConsent as usize + 1);
    assert_eq!(ids.len(), CHECKS.len());
    assert_eq!(keys.len(), CHECKS.len());
    for check in CHECKS {
        assert_eq!(
            serde_json::to_value(check.id).unwrap(),
            check.key,
            "one name for scripts and for JSON"
        );
    }
}

#[test]
fn a_right_registration_meets_all_that_applies() {
    let world = World::right();
    assert_eq!(world.not_met(), []);
    assert_eq!(world.checklist().count(), (asked_for(), asked_for()));
    assert_eq!(
        world.checklist().permissions,
        Some(PermissionCount {
            present: 6,
            wanted: 6
        })
    );
}

#[test]
fn each_check_notices_its_own_fault_and_no_other_does() {
    for check in CHECKS {
        let mut world = World::right();
        let with_it = break_it(check.id, &mut world);
        assert!(
            matches!(outcome(&world, check.id), Outcome::Unmet { .. }),
            "{:?}: {:?}",
            check.id,
            outcome(&world, check.id)
        );
        let open: HashSet<_> = world.not_met().into_iter().collect();
        let expected: HashSet<_> = with_it.iter().copied().chain([check.id]).collect();
        assert_eq!(open, expected, "{:?}", check.id);
    }
}

#[test]
fn what_is_not_met_says_what_was_wanted_found_and_why() {
    for check in CHECKS {
        let mut world = World::right();
        break_it(check.id, &mut world);
        let Outcome::Unmet {
            wanted,
            found,
            reason,
            ..
        } = outcome(&world, check.id)
        else {
            panic!("{:?} is not unmet", check.id);
        };
        assert!(
            !wanted.is_empty() && !found.is_empty() && !reason.is_empty() && wanted != found,
            "{:?}: {wanted:?} / {found:?} / {reason:?}",
            check.id
        );
    }
}

#[test]
fn a_blueprint_that_wants_a_switch_off_is_met_by_off_or_unset() {
    let world = World::with(|world| {
        world.blueprint.enable_access_token_issuance = false;
        world.blueprint.is_fallback_public_client = false;
        world.app().enable_access_token_issuance = false;
        world.app().is_fallback_public_client = false;
    });
    assert_eq!(world.not_met(), []);
    let on = World::with(|world| world.blueprint.is_fallback_public_client = false);
    assert_eq!(on.not_met(), [CheckId::PublicClient]);
}

#[test]
fn only_step_one_stays_judged_before_the_first_read() {
    let world = World::with(|world| world.facts = RegistrationFacts::default());
    for item in world.checklist().items {
        let known = matches!(
            item.check.id,
            CheckId::IdentityRights | CheckId::ProviderConsent
        );
        assert_eq!(
            matches!(item.outcome, Outcome::Unknown { .. }),
            !known,
            "{:?}",
            item.check.id
        );
    }
    assert_eq!(world.checklist().count(), (1, asked_for()));
}
