//! A repair, and a following of the portal, change what differs and leave the rest alone.

use super::*;

#[test]
fn repair_of_a_right_registration_does_nothing() {
    for world in [World::right(), World::stated()] {
        let plan = world.plan(repair()).unwrap();
        assert_eq!((plan.steps, plan.left_alone), (vec![], vec![]));
    }
}

#[test]
fn repair_contains_only_what_differs() {
    let world = World::with(|world| {
        world.app().sign_in_audience = "AzureADMyOrg".into();
        world.app().web_redirect_uris = vec![OTHER_URI.into(), URI.to_ascii_lowercase()];
        world.app().required_resource_access.remove(1);
        world.app().spa_redirect_uris = vec![URI.into(), "https://localhost/spa".into()];
    });
    insta::assert_json_snapshot!(world.plan(repair()).unwrap());
}

#[test]
fn customers_that_consented_have_to_consent_again_to_what_a_repair_adds() {
    let anew = |world: &World| {
        let notes = world.plan(repair()).unwrap().notes;
        notes.iter().any(|note| note.contains("consent again"))
    };
    let mut world = World::right();
    world.customers()[0].consent = CustomerConsent::Granted;
    assert!(!anew(&world), "nothing is added");
    world.app().required_resource_access.remove(1);
    assert!(anew(&world));
    for one in world.customers() {
        one.consent = CustomerConsent::Pending;
    }
    assert!(!anew(&world), "nobody consented before");
}

#[test]
fn a_wrong_case_twin_is_replaced_and_other_devices_uris_stay() {
    for twin in [URI.to_ascii_lowercase(), format!("{URI}/")] {
        for shared in [false, true] {
            let mut world = World::right();
            world.app().web_redirect_uris = vec![twin.clone(), OTHER_URI.into()];
            if shared {
                world.facts.shared_with = vec![Fqdn::parse("ump2.finebak.com").unwrap()];
            }
            let plan = world.plan(repair()).unwrap();
            assert_eq!(
                updated(&plan).unwrap().web_redirect_uris.as_deref(),
                Some([OTHER_URI.to_string(), URI.to_string()].as_slice())
            );
            assert_eq!(plan.changes(), 1);
            assert_eq!(plan.notes.iter().any(|n| n.contains("shared")), shared);
        }
    }
}

#[test]
fn on_a_shared_registration_a_twin_on_a_host_that_is_not_the_devices_may_be_anothers() {
    let mut world = World::right();
    world.device.redirect_uri = Some(uri("https://gate.finebak.com/Callback"));
    world.app().web_redirect_uris = vec!["https://gate.finebak.com/callback".into()];
    world.facts.shared_with = vec![Fqdn::parse("ump2.finebak.com").unwrap()];
    let plan = world.plan(repair()).unwrap();
    assert_eq!(
        updated(&plan).unwrap().web_redirect_uris.as_ref().unwrap()[0],
        "https://gate.finebak.com/callback"
    );
}

#[test]
fn two_wanted_uris_that_are_twins_are_both_left_in_place() {
    let slash = format!("{URI}/");
    let mut world = World::right();
    world.device.customers[0].redirect_uri = Some(uri(&slash));
    world.app().web_redirect_uris = vec![slash, OTHER_URI.into(), URI.into()];
    assert_eq!(world.plan(repair()).unwrap().steps, []);
}

#[test]
fn an_extra_permission_is_left_alone_unless_chosen() {
    let mut world = World::right();
    world.app().required_resource_access.push(extra());
    let plan = world.plan(repair()).unwrap();
    assert_eq!(plan.steps, []);
    assert_eq!(plan.left_alone.len(), 1);

    let chosen = Intent::Repair {
        remove_extra: vec![extra()],
    };
    let plan = world.plan(chosen).unwrap();
    assert_eq!(
        updated(&plan).unwrap().required_resource_access.as_ref(),
        Some(&application().required_resource_access)
    );
    assert_eq!(plan.left_alone, Vec::<String>::new());
}

#[test]
fn a_wanted_permission_is_not_taken_away_though_chosen() {
    let world = World::right();
    let wanted = application().required_resource_access;
    let plan = world.plan(Intent::Repair {
        remove_extra: wanted,
    });
    assert_eq!(plan.unwrap().steps, []);
}

#[test]
fn a_disabled_service_principal_is_left_to_who_disabled_it() {
    let mut world = World::right();
    world
        .facts
        .principal
        .value
        .as_mut()
        .unwrap()
        .as_mut()
        .unwrap()
        .enabled = false;
    let plan = world.plan(repair()).unwrap();
    assert_eq!(plan.steps, []);
    assert!(plan.left_alone[0].contains("disabled"));
}

#[test]
fn an_application_that_is_signed_in_does_not_try_to_verify_the_publisher() {
    let mut world = World::right();
    world.app().verified_publisher = None;
    assert_eq!(
        tags(&world.plan(repair()).unwrap()),
        ["verify-publisher", "read-back-registration"]
    );
    world.tenant.identity.value.as_mut().unwrap().delegated = false;
    let plan = world.plan(repair()).unwrap();
    assert_eq!(plan.steps, []);
    assert!(plan.notes[0].contains("sign in as a person"));
}

#[test]
fn following_the_portal_gives_entra_its_redirect_uri_and_takes_nothing_away() {
    let other = "https://livecloud.finebak.com/authenticate/other";
    let mut world = World::right();
    world.portal().redirect_uri = other.into();
    let follow = Intent::Follow {
        redirect_uri: uri(other),
    };
    let plan = world.plan(follow.clone()).unwrap();
    let Action::UpdateApplication { properties } = &plan.steps[0].action else {
        panic!("{:?}", plan.steps);
    };
    let uris = properties.web_redirect_uris.as_ref().unwrap();
    assert_eq!(uris, &[URI.to_string(), other.to_string()]);
    assert!(plan.left_alone.iter().any(|left| left.contains(URI)));
    assert!(plan.notes.iter().any(|note| note.contains(other)));
    // It is there already: then only the device's own redirect URI is another.
    world.app().web_redirect_uris.push(other.into());
    let plan = world.plan(follow).unwrap();
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(plan.steps[0].action, Action::ReadBackRegistration);
}
