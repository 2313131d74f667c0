//! A push writes to the portal what it lacks, and adds a secret only where none is at hand.

use super::*;

#[test]
fn a_push_of_another_secret_puts_the_one_in_use_down_to_go() {
    let other = Uuid::from_u128(0x07e4);
    let mut world = World::right();
    let shared = secret(other, in_days(0), in_days(730));
    world.app().password_credentials.push(shared);
    let intent = Intent::Push {
        secret_in_hand: Some(other),
    };
    let plan = world.plan(intent).unwrap();
    assert_eq!(put_down(&plan), [(KEY_ID, in_days(0))]);
    assert_eq!(tags(&plan).last().unwrap(), "retire-later");
}

#[test]
fn push_adds_a_secret_only_where_none_is_at_hand() {
    let mut world = World::right();
    world.portal().redirect_uri = "https://other.example.com/".into();
    assert_eq!(
        tags(&world.plan(push()).unwrap()),
        ["write-portal", "read-back-portal"],
        "the portal has the secret"
    );

    let in_hand = Intent::Push {
        secret_in_hand: Some(KEY_ID),
    };
    assert_eq!(
        tags(&world.plan(in_hand.clone()).unwrap()),
        ["write-portal", "read-back-portal", "prove-secret"]
    );
    assert_eq!(
        tags(&World::stated().plan(in_hand).unwrap()),
        ["hand-off", "prove-secret"]
    );

    let needs_one: [fn(&mut World); 6] = [
        |world| *world.portal() = PortalSettings::default(),
        |world| world.portal().has_client_secret = Some(false),
        |world| world.app().password_credentials[0].end = Some(now()),
        |world| world.app().password_credentials.clear(),
        |world| world.facts.record = None,
        |world| {
            world.record().proof = Some(Proof {
                at: now(),
                outcome: ProofOutcome::Refused("AADSTS7000215".into()),
            });
        },
    ];
    for (at, change) in needs_one.into_iter().enumerate() {
        let plan = World::with(change).plan(push()).unwrap();
        let [steps @ .., last] = &tags(&plan)[..] else {
            panic!("{plan:?}");
        };
        let known = put_down(&plan).len();
        let steps = if known > 0 { steps } else { &tags(&plan)[..] };
        assert_eq!(
            steps,
            [
                "add-secret",
                "write-portal",
                "read-back-portal",
                "prove-secret"
            ],
            "{at}: {last}"
        );
    }
}

#[test]
fn a_push_says_what_is_not_known_of_the_portal() {
    let mut world = World::right();
    world.facts.portal = Reading::default();
    let plan = world.plan(push()).unwrap();
    let write = plan.steps.iter().find(|step| !step.changes.is_empty());
    assert!(
        write
            .unwrap()
            .changes
            .iter()
            .all(|change| change.from == "(not known)")
    );
}

#[test]
fn without_a_valid_redirect_uri_nothing_goes_to_the_portal() {
    let mut world = World::right();
    world.blueprint.redirect_path = "/a b".into();
    world.device.customers[0].redirect_uri = Some(uri("https://acme.example.com/a"));
    for intent in [push(), Intent::Rotate] {
        assert!(matches!(world.plan(intent), Err(NoPlan::Form(_))));
    }
}
