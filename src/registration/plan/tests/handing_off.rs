//! A plan for a portal that is filled in by hand.

use super::*;

#[test]
fn a_handoff_adds_the_secret_for_its_field_and_proves_it_after() {
    for intent in [Intent::Rotate, push()] {
        let plan = World::stated().plan(intent).unwrap();
        assert_eq!(
            tags(&plan),
            ["add-secret", "hand-off", "prove-secret", "retire-later"]
        );
        assert!(plan.notes.iter().any(|note| note.contains("handoff")));
    }
}

#[test]
fn a_handoff_of_redirect_uris_alone_leaves_the_secret_as_it_is() {
    let customers_own = |world: &mut World| {
        world.device.customers[0].redirect_uri = Some(uri("https://acme.example.com/a"));
    };
    let mut world = World::stated();
    customers_own(&mut world);
    let plan = world.plan(push()).unwrap();
    assert_eq!(tags(&plan), ["hand-off"]);
    assert!(
        plan.steps[0]
            .action
            .title()
            .contains("the secret there stays")
    );
    assert!(
        !plan
            .notes
            .iter()
            .any(|note| note.contains("secret is added"))
    );
    let judged = world.checklist();
    let item = judged
        .items
        .iter()
        .find(|item| item.check.id == CheckId::PortalRedirectUri)
        .unwrap();
    assert!(
        matches!(&item.outcome, Outcome::Unmet { reason, .. } if reason.contains("redirect URI of acme")),
        "{:?}",
        item.outcome
    );

    // The secret that the page keeps has to be one that is good.
    let spoilt: [fn(&mut World); 3] = [
        |world| world.app().password_credentials[0].end = Some(now()),
        |world| world.record().key_id = None,
        |world| {
            world.record().proof = Some(Proof {
                at: now(),
                outcome: ProofOutcome::Refused("AADSTS7000215".into()),
            });
        },
    ];
    for spoil in spoilt {
        let mut world = World::stated();
        customers_own(&mut world);
        spoil(&mut world);
        let plan = world.plan(push()).unwrap();
        assert_eq!(tags(&plan)[..2], ["add-secret", "hand-off"]);
    }
}
