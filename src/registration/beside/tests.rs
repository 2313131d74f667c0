//! Which lines stand beside each other, and which side departs.

use super::*;
use crate::registration::fixtures::*;

fn tokens_page() -> PortalPage {
    page(&[
        (Holds::ClientId, "ID"),
        (Holds::ClientSecret, "Secret"),
        (Holds::RedirectUri, "Redirect"),
    ])
}

fn of(world: &World) -> Vec<Beside> {
    settings(
        &tokens_page(),
        &world.blueprint,
        &world.device,
        &world.facts,
    )
}

#[test]
fn a_portal_in_step_differs_nowhere() {
    for world in [World::right(), World::stated()] {
        let lines = of(&world);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| !line.differs()), "{lines:?}");
        assert!(!contradicts(&lines, &tokens_page()));
    }
}

#[test]
fn another_client_id_or_redirect_uri_is_a_contradiction_and_an_empty_portal_is_none() {
    let client = World::with(|world| world.portal().client_id = "other".into());
    let redirect = World::with(|world| world.portal().redirect_uri.push('x'));
    for world in [client, redirect] {
        let lines = of(&world);
        assert!(contradicts(&lines, &tokens_page()));
        let portal = world.facts.portal.value.as_ref().unwrap();
        let other = portal.client_id == "other";
        assert_eq!(of_another(&lines, &tokens_page()), other);
    }
    let empty = World::with(|world| {
        world.portal().client_id.clear();
        world.portal().redirect_uri.clear();
    });
    let lines = of(&empty);
    assert!(lines[0].differs() && !contradicts(&lines, &tokens_page()));
}

#[test]
fn the_side_that_is_not_as_wanted_is_named() {
    const OTHER: &str = "https://livecloud.finebak.com/authenticate/other";
    let of_redirect = |change: fn(&mut World)| of(&World::with(change))[2].departs;
    let portal = of_redirect(|world| world.portal().redirect_uri = OTHER.into());
    let entra = of_redirect(|world| world.app().web_redirect_uris = vec![OTHER.into()]);
    let both = of_redirect(|world| {
        world.portal().redirect_uri = OTHER.into();
        world.app().web_redirect_uris = vec![format!("{OTHER}/2")];
    });
    let alike = of_redirect(|world| {
        world.portal().redirect_uri = OTHER.into();
        world.app().web_redirect_uris = vec![OTHER.into()];
    });
    let all = [portal, entra, both, alike];
    let wanted = [
        Departs::Portal,
        Departs::Entra,
        Departs::Both,
        Departs::Neither,
    ];
    assert_eq!(all, wanted);
}

#[test]
fn days_are_counted_by_one_rule_and_a_portals_own_count_stands_only_without_a_date() {
    let mut world = World::right();
    world.app().password_credentials[0].end = Some(in_days(-3));
    let of = |expiry: Option<&str>| {
        let told = Microsoft365 {
            secret_expiry: expiry.map(str::to_string),
            days_left: Some(-4),
            ..Microsoft365::default()
        };
        account(&told, &world.blueprint, &world.facts, now()).remove(0)
    };
    let dated = of(Some("2026-11-21"));
    assert_eq!(dated.portal.as_deref(), Some("2026-11-21"));
    let entra = dated.entra.as_deref();
    assert_eq!(entra, Some("expired on 2026-11-21 (3 days ago)"));
    let bare = of(None).portal.unwrap();
    assert_eq!(bare, "ended 4 days before it was read");
}

#[test]
fn a_customers_own_redirect_uri_that_entra_lacks_differs() {
    let mut world = World::right();
    let own = "https://acme.example.com/a";
    world.device.customers[0].redirect_uri = Some(uri(own));
    assert!(of(&world)[3].differs());
    world.app().web_redirect_uris.push(own.into());
    let lines = of(&world);
    assert_eq!(lines[3].label, "Redirect of acme");
    assert!(!lines[3].differs() && lines[3].portal.is_none());
}

#[test]
fn the_account_is_held_against_entras_own_facts() {
    let world = World::right();
    let end = in_days(700).strftime("%Y-%m-%d").to_string();
    let right = Microsoft365 {
        application_id: Some(APP_ID.to_string()),
        secret_expiry: Some(end),
        days_left: Some(700),
        roles: Some(vec![ROLE.into()]),
        last_status: Some("Success".into()),
        ..Microsoft365::default()
    };
    let lines = |one: &Microsoft365| account(one, &world.blueprint, &world.facts, now());
    assert!(lines(&right).iter().all(|line| !line.differs()));
    assert_eq!(lines(&right).len(), 4);
    let wrong = Microsoft365 {
        application_id: Some("another".into()),
        secret_expiry: Some("2020-01-01".into()),
        roles: Some(vec![]),
        last_status: Some("Failed: AADSTS7000222".into()),
        ..right
    };
    assert!(lines(&wrong).iter().all(Beside::differs));
}
