//! Portal and Entra contradict each other, headless: both plans are shown, the chosen one is carried out.

mod support;

use serde_json::json;
use support::ground::Ground;
use support::program::{Home, text};

fn run(ground: &Ground, home: &Home, words: &[&str]) -> (i32, String) {
    let output = home.run(&[words, &["--endpoint", &ground.url]].concat());
    let words = text(&output.stdout) + &text(&output.stderr);
    (output.status.code().expect("no signal"), words)
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
fn the_portal_follows_entra_and_another_registration_is_never_taken_over_unasked() {
    let device = "voice03.contoso-telco.com";
    let (ground, home) = (Ground::start(""), Home::new());
    let (code, words) = run(&ground, &home, &["portal", "decide", device]);
    assert_eq!(code, 1, "{words}");
    assert!(words.contains("Entra can't follow the portal"), "{words}");
    let portal = ["portal", "decide", device, "--right", "portal", "--yes"];
    let (code, words) = run(&ground, &home, &portal);
    assert_eq!(code, 3, "{words}");

    let entra = ["portal", "decide", device, "--right", "entra", "--yes"];
    let (code, words) = run(&ground, &home, &entra);
    assert_eq!(code, 0, "{words}");
    let application = ground.application(&format!("umpdeck.{device}"));
    assert_eq!(ground.portal(device)["clientId"], application["appId"]);
}
