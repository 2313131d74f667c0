//! The redirect URIs: the device's own, its customers', and what stands in their place.

use super::*;

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
