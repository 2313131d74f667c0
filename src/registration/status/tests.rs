use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::registration::fixtures::*;
use crate::registration::observed::*;

fn candidate() -> Candidate {
    Candidate {
        object_id: OBJECT_ID,
        app_id: APP_ID,
        display_name: "UMP Sync livecloud".into(),
        found_by: "name".into(),
        deleted: None,
        application: None,
    }
}

fn set_end(world: &mut World, days: i64) {
    world.app().password_credentials[0].end = Some(in_days(days));
}

/// Brings the right world into a status. A status without an arm does not compile.
fn bring_into(status: Status) -> (World, NextStep) {
    let mut world = World::right();
    let next = match status {
        Status::SecretExpired => {
            set_end(&mut world, 0);
            NextStep::Rotate
        }
        Status::NotRegistered => {
            world = World::unregistered();
            NextStep::Create
        }
        Status::Drift => {
            world.app().is_fallback_public_client = false;
            NextStep::Repair
        }
        Status::NotPushed => {
            *world.portal() = PortalSettings::default();
            NextStep::Push
        }
        Status::SecretExpiring => {
            set_end(&mut world, 59);
            NextStep::Rotate
        }
        Status::ConsentPending => {
            *world.customers() = vec![customer_facts("acme", CustomerConsent::Pending)];
            NextStep::Consent
        }
        Status::Unreachable => {
            world.facts = RegistrationFacts::default();
            NextStep::Refresh
        }
        Status::Ok => NextStep::Nothing,
    };
    (world, next)
}

#[test]
fn every_status_is_reached_with_its_reason_and_what_helps() {
    for status in Status::ALL {
        let (world, next) = bring_into(status);
        let verdict = world.verdict();
        assert_eq!(verdict.status, status, "{verdict:?}");
        assert_eq!(verdict.next, next, "{status:?}");
        assert!(!verdict.reason.is_empty(), "{status:?}");
        assert_eq!(serde_json::to_value(status).unwrap(), status.key());
    }
}

#[test]
fn the_worst_comes_first() {
    let mut sorted = Status::ALL;
    sorted.sort();
    assert_eq!(sorted, Status::ALL);

    // Faults are taken away from the worst on; the next one shows.
    let mut world = World::right();
    set_end(&mut world, -1);
    world.app().sign_in_audience = "AzureADMyOrg".into();
    world.portal().client_id.clear();
    *world.customers() = vec![customer_facts("acme", CustomerConsent::Pending)];
    assert_eq!(world.verdict().status, Status::SecretExpired);
    set_end(&mut world, 30);
    assert_eq!(world.verdict().status, Status::Drift);
    world.app().sign_in_audience = "AzureADMultipleOrgs".into();
    assert_eq!(world.verdict().status, Status::NotPushed);
    world.portal().client_id = APP_ID.to_string();
    assert_eq!(world.verdict().status, Status::SecretExpiring);
    set_end(&mut world, 300);
    assert_eq!(world.verdict().status, Status::ConsentPending);
    world.customers()[0].consent = CustomerConsent::Granted;
    assert_eq!(world.verdict().status, Status::Ok);
}

#[test]
fn several_drifts_are_all_named() {
    let world = World::with(|world| {
        world.app().enable_access_token_issuance = false;
        world.app().enable_id_token_issuance = false;
    });
    assert_eq!(
        world.verdict().reason,
        "2 checks differ: Access tokens (implicit), ID tokens (implicit)"
    );
}

#[test]
fn a_failed_refresh_keeps_the_verdict_and_marks_it_stale() {
    let mut world = World::right();
    let before = world.verdict();
    assert!(!before.stale);
    world
        .facts
        .application
        .take(Err(failure(FailureKind::Unreachable)), in_days(1));
    let after = world.verdict();
    assert_eq!(
        after,
        Verdict {
            stale: true,
            ..before
        }
    );
    assert_eq!(after.read_at, Some(now()));
    // It is still recomputed for today.
    world.now = in_days(701);
    assert_eq!(world.verdict().status, Status::SecretExpired);
}

#[test]
fn a_portal_that_fails_to_answer_keeps_its_last_settings() {
    let mut world = World::right();
    world
        .facts
        .portal
        .take(Err(failure(FailureKind::Unreachable)), in_days(1));
    let verdict = world.verdict();
    assert_eq!(
        (verdict.status, verdict.stale, verdict.portal),
        (Status::Ok, true, PortalState::InStep)
    );
}

#[test]
fn unreachable_is_only_what_was_never_read() {
    let mut world = World::right();
    world.facts.application = Reading {
        failure: Some(failure(FailureKind::Unreachable)),
        ..Reading::default()
    };
    let verdict = world.verdict();
    assert_eq!(verdict.status, Status::Unreachable);
    assert_eq!(verdict.reason, "never read: no answer within 10 s");
    assert_eq!(verdict.read_at, None);
}

#[test]
fn an_application_that_may_be_it_is_adopted_rather_than_made_again() {
    let mut world = World::unregistered();
    world.facts.candidates = vec![candidate()];
    assert_eq!(world.verdict().next, NextStep::Adopt);
}

#[test]
fn a_portal_without_an_interface_is_filled_in_by_hand() {
    let mut world = World::stated();
    world.facts.record = None;
    let verdict = world.verdict();
    assert_eq!(verdict.status, Status::NotPushed);
    assert_eq!(verdict.next, NextStep::HandOff);
}

#[test]
fn only_the_portals_drift_is_pushed_and_only_consent_is_consented() {
    let refuse = |world: &mut World| {
        world.record().proof = Some(Proof {
            at: now(),
            outcome: ProofOutcome::Refused("AADSTS7000215".into()),
        });
    };
    let mut both = World::with(refuse);
    assert_eq!(both.verdict().next, NextStep::Push);
    both.app().display_name.clear();
    assert_eq!(both.verdict().next, NextStep::Repair);
    let consent = World::with(|world| world.blueprint.provider_consent = true);
    assert_eq!(consent.verdict().next, NextStep::Consent);
}

#[test]
fn what_the_portal_was_given_instead_is_decided_unless_entra_itself_is_wrong() {
    const OTHER: &str = "https://livecloud.finebak.com/authenticate/other";
    let redirect = World::with(|world| world.portal().redirect_uri = OTHER.into());
    let mut client = World::right();
    client.portal().client_id = Uuid::nil().to_string();
    client.app().is_fallback_public_client = false;
    for world in [redirect, client] {
        assert_eq!(world.verdict().next, NextStep::Decide);
        assert_eq!(world.verdict().portal, PortalState::Differs);
    }
    // What was stated long ago is nobody's word against Entra: the new values are handed off.
    let mut stated = World::stated();
    stated.record().redirect_uri = OTHER.into();
    assert_eq!(stated.verdict().next, NextStep::HandOff);
    // The portal has what is wanted; or neither has.
    let without = |world: &mut World| world.app().web_redirect_uris = vec![OTHER.into()];
    let entra = World::with(without);
    let mut both = World::with(without);
    both.portal().redirect_uri = format!("{OTHER}/2");
    for world in [entra, both] {
        assert_eq!(world.verdict().next, NextStep::Repair);
        assert_eq!(world.verdict().portal, PortalState::Differs, "not in step");
    }
}

#[test]
fn the_portals_state_says_where_it_is_known_from() {
    assert_eq!(World::right().verdict().portal, PortalState::InStep);
    assert_eq!(
        World::stated().verdict().portal,
        PortalState::Stated(in_days(-30))
    );
    let mut pushed = World::stated();
    pushed.record().source = RecordSource::Pushed;
    assert_eq!(pushed.verdict().portal, PortalState::Pushed(in_days(-30)));
    let mut nowhere = World::stated();
    nowhere.facts.record = None;
    assert_eq!(nowhere.verdict().portal, PortalState::NoRecord);
    let empty = World::with(|world| *world.portal() = PortalSettings::default());
    assert_eq!(empty.verdict().portal, PortalState::Empty);
    let no_secret = World::with(|world| world.portal().has_client_secret = Some(false));
    assert_eq!(no_secret.verdict().portal, PortalState::Empty);
    assert_eq!(
        World::unregistered().verdict().portal,
        PortalState::NotKnown
    );
}

#[test]
fn a_site_that_can_only_hand_off_reaches_ok() {
    assert_eq!(World::stated().verdict().status, Status::Ok);
}

#[test]
fn an_unknown_check_is_named_though_nothing_is_wrong() {
    let world = World::with(|world| world.facts.principal = Reading::default());
    let verdict = world.verdict();
    assert_eq!(verdict.status, Status::Ok);
    assert_eq!(
        verdict.reason,
        "no check fails; not known: Service principal"
    );
}

#[test]
fn a_secret_turns_at_the_stated_moments_exactly() {
    let mut world = World::right();
    set_end(&mut world, 100);
    let nano = SignedDuration::from_nanos(1);
    for (at, status, until) in [
        (now(), Status::Ok, Some(in_days(40))),
        (in_days(40) - nano, Status::Ok, Some(in_days(40))),
        (in_days(40), Status::SecretExpiring, Some(in_days(100))),
        (
            in_days(100) - nano,
            Status::SecretExpiring,
            Some(in_days(100)),
        ),
        (in_days(100), Status::SecretExpired, None),
    ] {
        world.now = at;
        let verdict = world.verdict();
        assert_eq!(
            (verdict.status, verdict.holds_until),
            (status, until),
            "{at}"
        );
    }
}

proptest! {
    #[test]
    fn a_verdict_holds_until_its_turn_and_not_longer(
        end in -200 * 86_400i64..900 * 86_400,
        fraction in 0i32..1_000_000_000,
        later in 0.0f64..1.0,
        on_record: bool,
    ) {
        let mut world = World::right();
        let end = now() + SignedDuration::new(end, if end < 0 { -fraction } else { fraction });
        world.app().password_credentials[0].end = Some(end);
        if !on_record {
            world.facts.record = None;
        }
        let first = world.verdict();
        let until = first.holds_until.unwrap_or(in_days(2_000));
        prop_assert!(until > now());
        world.now = now() + until.duration_since(now()).mul_f64(later);
        if world.now < until {
            let same = world.verdict();
            prop_assert_eq!((first.status, &first.reason), (same.status, &same.reason));
            prop_assert_eq!(first.holds_until, same.holds_until);
        }
        if first.holds_until.is_some() {
            world.now = until;
            prop_assert_ne!(first.status, world.verdict().status);
        }
    }

    #[test]
    fn what_is_in_use_and_ran_out_is_never_ok(end in -900i64..=0, newer in 1i64..900) {
        let mut world = World::right();
        world.app().password_credentials = vec![
            secret(Uuid::from_u128(9), in_days(-1), in_days(newer)),
            secret(KEY_ID, in_days(-900), in_days(end)),
        ];
        prop_assert_eq!(world.verdict().status, Status::SecretExpired);
    }
}

#[test]
fn a_verdict_survives_being_stored() {
    for status in Status::ALL {
        let verdict = bring_into(status).0.verdict();
        let text = serde_json::to_string(&verdict).unwrap();
        assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
    }
}

#[test]
fn each_urgency_stands_at_its_own_place() {
    for (at, urgency) in Urgency::ALL.into_iter().enumerate() {
        assert_eq!(urgency as usize, at, "{urgency:?}");
    }
}
