//! Portal and Entra contradict each other, headless: both plans are shown, the chosen one is carried out.

use crate::support::ground::Ground;
use crate::support::program::{Home, code, text};
use serde_json::{Value, json};

fn run(ground: &Ground, home: &Home, words: &[&str]) -> (i32, String) {
    let output = home.run_at(&ground.url, words);
    let words = text(&output.stdout) + &text(&output.stderr);
    (code(&output), words)
}

/// Makes an application with a device's redirect URI that is nobody's registration.
fn made_by_hand(ground: &Ground, name: &str, device: &str) -> Value {
    let body = json!({
        "displayName": name,
        "signInAudience": "AzureADMultipleOrgs",
        "web": {"redirectUris": [format!("https://{device}/authenticate/OAuth2Callback")]},
    })
    .to_string();
    let made = ground.graph_with("Finebak", "POST", "/v1.0/applications", &body);
    serde_json::from_str(&made).expect("JSON")
}

/// A device whose portal was given this application's client ID.
fn given_to_portal(ground: &Ground, device: &str, application: &Value) {
    let redirect = format!("https://{device}/authenticate/OAuth2Callback");
    ground.type_into_portal(
        device,
        &json!({"ClientId": application["appId"], "RedirectUrl": redirect}),
    );
}

#[test]
fn another_client_id_has_two_plans_too_and_the_portals_registration_becomes_the_devices() {
    let device = "ump-03.finebak.com";
    let (ground, home) = (Ground::start(""), Home::new());
    let before = ground.application(&format!("umpdeck.{device}"));
    let other = made_by_hand(&ground, "Left by a predecessor", device);
    given_to_portal(&ground, device, &other);

    ground.forget_requests();
    let (code, words) = run(&ground, &home, &["portal", "decide", device]);
    assert_eq!(code, 1, "{words}");
    let id = other["id"].as_str().expect("an id");
    for part in [
        other["appId"].as_str().expect("a client ID"),
        before["appId"].as_str().expect("a client ID"),
        "--right entra",
        "write client ID, secret and redirect URI to the portal",
        "--right portal",
        "record it on this machine as the device's registration",
        id,
        "stays in Entra as it is",
        "Nothing was done.",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(ground.changes(), Vec::<String>::new(), "only shown");

    let decide = ["portal", "decide", device, "--right", "portal", "--yes"];
    let (code, words) = run(&ground, &home, &decide);
    assert_eq!(code, 0, "{words}");
    let (_, words) = run(&ground, &home, &["check", device, "--json"]);
    let (document, _) = words.rsplit_once('}').expect("JSON");
    let checked: Value = serde_json::from_str(&format!("{document}}}")).expect("JSON");
    assert_eq!(checked["values"]["clientId"], other["appId"], "{words}");
    // Nothing of either application was changed, and nothing is left to decide.
    assert_eq!(
        ground.application(&format!("umpdeck.{device}"))["id"],
        before["id"]
    );
    let (code, words) = run(&ground, &home, &["portal", "decide", device]);
    assert_eq!(code, 0, "{words}");
    assert!(words.contains("nothing to decide"), "{words}");
}

#[test]
fn a_deleted_application_that_the_portal_still_uses_is_restored_when_the_portal_is_right() {
    let device = "ump-03.finebak.com";
    let (ground, home) = (Ground::start(""), Home::new());
    let other = made_by_hand(&ground, "Deleted too early", device);
    given_to_portal(&ground, device, &other);
    let address = format!(
        "/v1.0/applications/{}",
        other["id"].as_str().expect("an id")
    );
    ground.graph("Finebak", "DELETE", &address);

    let (code, words) = run(&ground, &home, &["portal", "decide", device]);
    assert_eq!(code, 1, "{words}");
    assert!(
        words.contains("restore the deleted application \"Deleted too early\""),
        "{words}"
    );
    let decide = ["portal", "decide", device, "--right", "portal", "--yes"];
    let (code, words) = run(&ground, &home, &decide);
    assert_eq!(code, 0, "{words}");
    let id = other["id"].as_str().expect("an id");
    assert_eq!(
        ground.graph_application("Finebak", id)["appId"],
        other["appId"]
    );
}

#[test]
fn entra_follows_the_portal_when_the_operator_says_so_and_all_is_in_step_afterwards() {
    let device = "ump-03.finebak.com";
    let (ground, home) = (Ground::start(""), Home::new());
    let before = ground.portal(device);
    let other = format!("https://{device}/authenticate/Moved");
    ground.type_into_portal(
        device,
        &json!({"ClientId": before["clientId"], "RedirectUrl": other}),
    );
    let (code, words) = run(&ground, &home, &["portal", "decide", device]);
    assert_eq!(code, 1, "{words}");
    for part in [
        "--right entra",
        "--right portal",
        "write client ID, secret and redirect URI to the portal",
        "web.redirectUris",
        &other,
        "Nothing was done.",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let unique_name = format!("umpdeck.{device}");
    let uris = |ground: &Ground| {
        let application = ground.application(&unique_name);
        let id = application["id"].as_str().expect("an id").to_string();
        ground.graph_application("Finebak", &id)["web"]["redirectUris"].to_string()
    };
    assert!(!uris(&ground).contains("Moved"), "only shown");

    let decide = ["portal", "decide", device, "--right", "portal", "--yes"];
    let (code, words) = run(&ground, &home, &decide);
    assert_eq!(code, 0, "{words}");
    assert!(uris(&ground).contains("Moved"));
    assert!(
        uris(&ground).contains("OAuth2Callback"),
        "nothing is taken away"
    );
    let (_, words) = run(&ground, &home, &["check", device]);
    assert!(
        words.contains(&other) && !words.contains("differs"),
        "{words}"
    );
    let (code, words) = run(&ground, &home, &["portal", "decide", device]);
    assert_eq!(code, 0, "{words}");
    assert!(words.contains("nothing to decide"), "{words}");
}

#[test]
fn a_wrong_redirect_uri_of_entras_is_never_called_right() {
    let device = "ump-west.finebak.com";
    let (ground, home) = (Ground::start(""), Home::new());
    let (code, words) = run(&ground, &home, &["portal", "decide", device]);
    assert_eq!(code, 1, "{words}");
    for part in [
        "a wrong redirect URI can't be pushed to the portal",
        "choose that the portal is right",
        "web.redirectUris",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(!words.contains("add a client secret"), "{words}");
    let entra = ["portal", "decide", device, "--right", "entra", "--yes"];
    let (code, words) = run(&ground, &home, &entra);
    assert_eq!(code, 3, "{words}");
}

#[test]
fn the_portal_follows_entra_where_its_client_id_is_no_application_of_the_tenant() {
    let device = "voice03.contoso-telco.com";
    let (ground, home) = (Ground::start(""), Home::new());
    let (code, words) = run(&ground, &home, &["portal", "decide", device]);
    assert_eq!(code, 1, "{words}");
    assert!(
        words.contains("Entra can't be changed to what the portal has"),
        "{words}"
    );
    assert!(words.contains("deleted ones included"), "{words}");
    let portal = ["portal", "decide", device, "--right", "portal", "--yes"];
    let (code, words) = run(&ground, &home, &portal);
    assert_eq!(code, 3, "{words}");

    let entra = ["portal", "decide", device, "--right", "entra", "--yes"];
    let (code, words) = run(&ground, &home, &entra);
    assert_eq!(code, 0, "{words}");
    let application = ground.application(&format!("umpdeck.{device}"));
    assert_eq!(ground.portal(device)["clientId"], application["appId"]);
}

#[test]
fn a_redirect_uri_that_was_chosen_counts_as_the_devices_own_on_a_registration_that_others_use() {
    let (device, other) = ("ump-03.finebak.com", "ump-eu.finebak.com");
    let (ground, home) = (Ground::start(""), Home::new());
    let before = ground.portal(device);
    let moved = format!("https://{device}/authenticate/Moved");
    ground.type_into_portal(
        device,
        &json!({"ClientId": before["clientId"], "RedirectUrl": moved}),
    );
    let decide = ["portal", "decide", device, "--right", "portal", "--yes"];
    let (code, words) = run(&ground, &home, &decide);
    assert_eq!(code, 0, "{words}");

    // Somebody lets the other device's registration serve this one as well.
    let application = ground.application(&format!("umpdeck.{other}"));
    let id = application["id"].as_str().expect("an id");
    let web = ground.graph_application("Finebak", id)["web"].clone();
    let mut uris = web["redirectUris"].as_array().expect("URIs").clone();
    uris.push(json!(moved));
    let body = json!({"web": {"redirectUris": uris}}).to_string();
    let path = format!("/v1.0/applications/{id}");
    ground.graph_with("Finebak", "PATCH", &path, &body);
    let (_, words) = run(&ground, &home, &["rotate", other]);
    assert!(words.contains("shared with ump-03"), "{words}");
}
