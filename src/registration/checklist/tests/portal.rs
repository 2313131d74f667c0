//! What the portal holds: read, stated, or not known.

use super::*;

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
