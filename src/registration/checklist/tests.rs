use std::collections::HashSet;

use uuid::Uuid;

use super::*;
use crate::registration::fixtures::*;
use crate::registration::observed::*;
use crate::registration::status::PortalState;

fn outcome(world: &World, id: CheckId) -> Outcome {
    world.checklist().outcome(id).unwrap().clone()
}

/// Whatever the outcome says, in one line.
/// How many checks the tests' blueprint asks for: all but consent in the provider's tenant.
fn asked_for() -> u16 {
    CHECKS.len() as u16 - 1
}

fn words(world: &World, id: CheckId) -> String {
    format!("{:?}", outcome(world, id))
}

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

#[test]
fn a_person_without_an_administrators_role_is_told_so_and_nothing_else_changes() {
    let person = |roles: Vec<Uuid>| {
        World::with(|world| {
            world
                .tenant
                .identity
                .value
                .as_mut()
                .unwrap()
                .directory_roles = roles;
        })
    };
    let without = person(vec![Uuid::nil()]);
    assert_eq!(without.not_met(), [CheckId::IdentityRights]);
    assert_eq!(outcome(&without, CheckId::IdentityRights).status(), None);
    // A token may not say: that is not held against it.
    assert_eq!(person(vec![]).not_met(), []);
    let mut application = person(vec![Uuid::nil()]);
    application
        .tenant
        .identity
        .value
        .as_mut()
        .unwrap()
        .delegated = false;
    assert_eq!(application.not_met(), []);
}

#[test]
fn a_customers_own_redirect_uri_is_wanted_like_the_devices() {
    let own = "https://acme.finebak.com/authenticate/OAuth2Callback";
    let mut world = World::right();
    world.device.customers[0].redirect_uri = Some(uri(own));
    assert_eq!(world.not_met(), [CheckId::RedirectUri]);
    let said = words(&world, CheckId::RedirectUri);
    assert!(said.contains("acme.finebak.com") && said.contains("missing"));
    world.app().web_redirect_uris.push(own.into());
    assert_eq!(world.not_met(), []);
}

#[test]
fn other_devices_uris_on_a_shared_registration_are_no_fault() {
    let world = World::with(|world| {
        let other = "https://ump2.finebak.com/authenticate/OAuth2Callback";
        world.app().web_redirect_uris.insert(0, other.into());
        world.facts.shared_with =
            vec![crate::registration::fleet::Fqdn::parse("ump2.finebak.com").unwrap()];
    });
    assert_eq!(world.not_met(), []);
}

#[test]
fn a_redirect_uri_that_stands_in_place_of_the_right_one_is_named() {
    for wrong in [
        URI.to_ascii_lowercase(),
        format!("{URI}/"),
        "https://livecloud.finebak.com/authenticate/Callback".into(),
    ] {
        let world = World::with(|world| world.app().web_redirect_uris = vec![wrong.clone()]);
        assert!(
            words(&world, CheckId::RedirectUri).contains(&format!("Entra has {wrong}")),
            "{wrong}"
        );
    }
    let elsewhere = "https://x-livecloud.finebak.com.example.org/";
    let world = World::with(|world| world.app().web_redirect_uris = vec![elsewhere.into()]);
    assert!(!words(&world, CheckId::RedirectUri).contains(elsewhere));
}

#[test]
fn a_device_without_a_valid_redirect_uri_never_meets_the_check() {
    let world = World::with(|world| {
        world.blueprint.redirect_path = "/a b".into();
        world.portal().redirect_uri.clear();
    });
    assert!(matches!(
        outcome(&world, CheckId::RedirectUri),
        Outcome::Unmet { .. }
    ));
    assert!(matches!(
        outcome(&world, CheckId::PortalRedirectUri),
        Outcome::Unmet { .. }
    ));
}

#[test]
fn the_secret_in_use_is_the_one_on_record_not_the_newest() {
    let newer = Uuid::from_u128(2);
    let expired = World::with(|world| {
        world.app().password_credentials = vec![
            secret(KEY_ID, in_days(-700), in_days(-1)),
            secret(newer, in_days(-1), in_days(700)),
        ];
    });
    assert_eq!(expired.not_met(), [CheckId::SecretExpiry]);
    assert_eq!(
        outcome(&expired, CheckId::SecretExpiry).status(),
        Some(Status::SecretExpired)
    );

    let mut gone = World::right();
    gone.app().password_credentials = vec![secret(newer, in_days(-1), in_days(700))];
    assert_eq!(
        outcome(&gone, CheckId::SecretInUse).status(),
        Some(Status::SecretExpired)
    );
    assert_eq!(
        outcome(&gone, CheckId::PortalSecret).status(),
        Some(Status::Drift)
    );
}

#[test]
fn without_a_record_the_newest_secret_is_assumed_and_marked() {
    let mut world = World::with(|world| {
        world.app().password_credentials = vec![
            secret(Uuid::from_u128(2), in_days(-10), in_days(300)),
            secret(KEY_ID, in_days(-700), in_days(-1)),
        ];
        world.facts.record = None;
    });
    assert_eq!(world.not_met(), []);
    assert!(words(&world, CheckId::SecretInUse).contains("assumed: nothing on record"));
    assert!(words(&world, CheckId::SecretExpiry).contains("assumed"));

    world.facts.record = Some(PortalRecord {
        key_id: None,
        ..record(RecordSource::Stated)
    });
    assert!(words(&world, CheckId::SecretInUse).contains("does not say which"));

    world.facts.record = Some(PortalRecord {
        client_id: Uuid::nil(),
        ..record(RecordSource::Stated)
    });
    assert!(words(&world, CheckId::SecretInUse).contains("another registration"));
}

#[test]
fn no_secret_at_all_is_a_failure_only_where_the_portal_has_settings() {
    let mut world = World::with(|world| {
        world.app().password_credentials.clear();
        world.facts.record = None;
    });
    assert_eq!(
        outcome(&world, CheckId::SecretInUse).status(),
        Some(Status::SecretExpired)
    );
    *world.portal() = PortalSettings::default();
    assert_eq!(
        outcome(&world, CheckId::SecretInUse).status(),
        Some(Status::NotPushed)
    );
}

#[test]
fn a_secret_without_an_end_is_not_taken_for_a_missing_one() {
    let world = World::with(|world| world.app().password_credentials[0].end = None);
    assert_eq!(
        outcome(&world, CheckId::SecretExpiry),
        Outcome::Unknown {
            why: "Entra gives no end date for the secret".into(),
            status: None
        }
    );
}

#[test]
fn what_an_operator_stated_counts_as_met() {
    let world = World::stated();
    assert_eq!(world.not_met(), []);
    assert!(words(&world, CheckId::PortalClientId).contains("stated 2026-10-25 by ana"));
}

#[test]
fn a_statement_turns_to_drift_when_entra_moves_away_from_it() {
    let drifts = |id: CheckId, change: fn(&mut World)| {
        let mut world = World::stated();
        change(&mut world);
        assert_eq!(outcome(&world, id).status(), Some(Status::Drift), "{id:?}");
        assert_eq!(world.verdict().portal, PortalState::Differs);
    };
    drifts(CheckId::PortalClientId, |world| {
        world.app().app_id = Uuid::nil()
    });
    drifts(CheckId::PortalSecret, |world| {
        world.app().app_id = Uuid::nil()
    });
    drifts(CheckId::PortalRedirectUri, |world| {
        world.device.redirect_uri = Some(uri("https://livecloud.finebak.com/other"));
    });
    drifts(CheckId::PortalSecret, |world| {
        world.app().password_credentials[0].key_id = Uuid::nil()
    });
}

#[test]
fn a_portal_that_nobody_read_or_stated_is_not_pushed() {
    for reading in [
        Reading::default(),
        Reading {
            failure: Some(failure(FailureKind::Unreachable)),
            ..Reading::default()
        },
    ] {
        let mut world = World::right();
        world.facts.record = None;
        world.facts.portal = reading;
        for id in [
            CheckId::PortalClientId,
            CheckId::PortalSecret,
            CheckId::PortalRedirectUri,
        ] {
            assert_eq!(
                outcome(&world, id).status(),
                Some(Status::NotPushed),
                "{id:?}"
            );
        }
    }
}

#[test]
fn a_statement_overtakes_an_older_reading_once_reading_fails() {
    let mut world = World::right();
    *world.portal() = PortalSettings::default();
    world.facts.portal.at = Some(in_days(-40));
    assert_eq!(
        outcome(&world, CheckId::PortalClientId).status(),
        Some(Status::NotPushed)
    );
    world.facts.portal.failure = Some(failure(FailureKind::Unreachable));
    assert_eq!(world.not_met(), []);
    world.facts.portal.at = Some(in_days(-1));
    assert_eq!(
        outcome(&world, CheckId::PortalClientId).status(),
        Some(Status::NotPushed)
    );
}

#[test]
fn proof_counts_only_when_entra_answered() {
    let proven = |outcome: ProofOutcome| {
        World::with(|world| {
            world.record().proof = Some(Proof { at: now(), outcome });
        })
    };
    let refused = proven(ProofOutcome::Refused("AADSTS7000215".into()));
    assert_eq!(refused.not_met(), [CheckId::PortalSecret]);
    assert_eq!(
        proven(ProofOutcome::Unknown("AADSTS53003".into())).not_met(),
        []
    );
}

#[test]
fn a_portal_that_does_not_say_whether_it_holds_a_secret_is_unknown_and_changes_nothing() {
    let world = World::with(|world| {
        world.facts.record = None;
        world.portal().has_client_secret = None;
    });
    assert_eq!(world.not_met(), [CheckId::PortalSecret]);
    assert_eq!(outcome(&world, CheckId::PortalSecret).status(), None);
}

#[test]
fn the_portals_client_id_may_be_in_upper_case() {
    let world =
        World::with(|world| world.portal().client_id = APP_ID.to_string().to_ascii_uppercase());
    assert_eq!(world.not_met(), []);
}

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

#[test]
fn permissions_are_matched_by_the_tenants_own_ids_and_extras_are_only_counted() {
    let mut world = World::right();
    let extra = ResourceAccess {
        resource_app_id: Uuid::nil(),
        id: Uuid::nil(),
        kind: PermissionKind::Application,
    };
    world.app().required_resource_access.push(extra);
    assert_eq!(world.not_met(), []);
    assert!(words(&world, CheckId::Permissions).contains("6 of 6, 1 extra"));
    // The same id as an application permission is another permission.
    world.app().required_resource_access[0].kind = PermissionKind::Application;
    assert_eq!(world.not_met(), [CheckId::Permissions]);
    assert!(words(&world, CheckId::Permissions).contains("missing: Group.ReadWrite.All"));
}

#[test]
fn another_publisher_than_the_wanted_one_is_drift_and_none_wanted_does_not_apply() {
    let other = World::with(|world| world.device.mpn_id = Some("1".into()));
    assert_eq!(other.not_met(), [CheckId::Publisher]);
    let none = World::with(|world| {
        world.device.mpn_id = None;
        world.app().verified_publisher = None;
    });
    assert!(matches!(
        outcome(&none, CheckId::Publisher),
        Outcome::NotApplicable { .. }
    ));
    let without_publisher = asked_for() - 1;
    assert_eq!(
        none.checklist().count(),
        (without_publisher, without_publisher)
    );
    // Nor does its domain, whatever it is.
    let bare = World::with(|world| {
        world.device.mpn_id = None;
        world.app().verified_publisher = None;
        world.app().publisher_domain = None;
    });
    assert!(matches!(
        outcome(&bare, CheckId::PublisherDomain),
        Outcome::NotApplicable { .. }
    ));
}

#[test]
fn a_publisher_domain_that_hinders_verification_is_told_and_changes_no_status() {
    let world = World::with(|world| {
        world.app().verified_publisher = None;
        world.app().publisher_domain = None;
    });
    let told = outcome(&world, CheckId::PublisherDomain);
    assert_eq!(told.status(), None, "advisory");
    assert!(words(&world, CheckId::PublisherDomain).contains("none"));
    // Microsoft has verified it: nobody needs another domain any more.
    let verified = World::with(|world| world.app().publisher_domain = None);
    assert_eq!(verified.not_met(), []);
}
