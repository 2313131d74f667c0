//! Which secret is the one in use, and how long it lives.

use super::*;

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
