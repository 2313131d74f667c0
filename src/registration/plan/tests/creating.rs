//! A create plans a whole registration, or what is missing of one.

use super::carried_out::{carry_out, entra_drift};
use super::*;

#[test]
fn create_has_every_step_in_order() {
    let world = World::unregistered();
    let plan = world.plan(Intent::Create(world.form())).unwrap();
    insta::assert_json_snapshot!(plan);
}

#[test]
fn what_create_makes_is_right_and_a_second_create_has_nothing_to_do() {
    let mut world = World::unregistered();
    world.device.customers[0].redirect_uri = Some(uri("https://acme.example.com/callback"));
    let intent = Intent::Create(world.form());
    let first = world.plan(intent.clone()).unwrap();
    carry_out(&mut world, &first);
    assert_eq!(entra_drift(&world), []);
    assert_eq!(world.app().password_credentials.len(), 1);
    let second = world.plan(intent).unwrap();
    assert_eq!(second.steps, []);
}

#[test]
fn a_create_finishes_what_an_earlier_one_left_undone() {
    let mut world = World::right();
    world.app().password_credentials.clear();
    world.app().is_fallback_public_client = false;
    world.facts.principal = Reading::of(None, now());
    let plan = world.plan(Intent::Create(world.form())).unwrap();
    assert_eq!(
        tags(&plan),
        [
            "update-application",
            "ensure-service-principal",
            "add-secret",
            "read-back-registration"
        ]
    );
}

#[test]
fn create_for_a_handoff_leaves_the_secret_to_the_handoff() {
    let mut world = World::unregistered();
    world.device.portal_way = PortalWay::Handoff;
    let plan = world.plan(Intent::Create(world.form())).unwrap();
    assert_eq!(
        tags(&plan),
        [
            "find-registration",
            "create-application",
            "ensure-service-principal",
            "verify-publisher",
            "read-back-registration"
        ]
    );
    assert!(plan.notes.iter().any(|note| note.contains("handoff")));
    // Better to know before than half way.
    restrict(&mut world, SecretRestrictionKind::Forbidden);
    assert!(matches!(
        world.plan(Intent::Create(world.form())),
        Err(NoPlan::SecretsForbidden(_))
    ));
}

#[test]
fn create_waits_until_the_operator_has_chosen_among_look_alikes() {
    let mut world = World::unregistered();
    world.facts.candidates = vec![Candidate {
        object_id: OBJECT_ID,
        app_id: APP_ID,
        display_name: "Sync app livecloud".into(),
        found_by: "redirect URI".into(),
        deleted: None,
        application: None,
    }];
    let refused = world.plan(Intent::Create(world.form())).unwrap_err();
    assert!(matches!(refused, NoPlan::Candidates(_)));
    assert!(refused.to_string().contains("Sync app livecloud"));
}

#[test]
fn a_form_that_breaks_a_rule_makes_no_plan() {
    for world in [World::unregistered(), World::right()] {
        let form = world.form();
        for wrong in [
            CreateForm {
                name: " ".into(),
                ..form.clone()
            },
            CreateForm {
                name: "UMP\u{202e}Sync".into(),
                ..form.clone()
            },
            CreateForm {
                secret_name: String::new(),
                ..form.clone()
            },
            CreateForm {
                secret_months: u32::MAX,
                ..form.clone()
            },
            CreateForm {
                notes: "n".repeat(1025),
                ..form.clone()
            },
            CreateForm {
                mpn_id: Some("MPN 1".into()),
                ..form.clone()
            },
        ] {
            let refused = world.plan(Intent::Create(wrong.clone()));
            assert!(matches!(refused, Err(NoPlan::Form(_))), "{wrong:?}");
        }
    }
}

#[test]
fn a_redirect_uri_that_a_customer_states_too_is_sent_once() {
    let mut world = World::unregistered();
    world.device.customers[0].redirect_uri = Some(uri(URI));
    let plan = world.plan(Intent::Create(world.form())).unwrap();
    let made = plan.steps.iter().find_map(|step| match &step.action {
        Action::CreateApplication { properties, .. } => properties.web_redirect_uris.clone(),
        _ => None,
    });
    assert_eq!(made, Some(vec![URI.to_string()]));
}
