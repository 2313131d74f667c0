//! An operator copies each value with one key, from wherever the terminal is; the secret's value goes nowhere else.

use crate::support::ground::{Ground, Home, WIDE, choose, open, wait_for_line};
use crate::support::pty::Pty;
use base64::Engine as _;
use serde_json::{Value, json};

const DEVICE: &str = "ump-lab.finebak.com";
const UNIQUE_NAME: &str = "umpdeck.ump-lab.finebak.com";

/// Creates the registration, and stays on the result.
#[track_caller]
fn create(pty: &mut Pty) {
    choose(pty, DEVICE);
    pty.send("c");
    pty.wait_for("Nothing is created yet");
    pty.send("\x0e");
    pty.wait_for("Enter apply");
    pty.send("\r");
    pty.wait_for("ump-lab: done");
    pty.wait_for("v shows it");
}

/// What each key is to copy, as the outside has it; the secret is left out.
fn values(ground: &Ground) -> Vec<(&'static str, String)> {
    let application = ground.application(UNIQUE_NAME);
    let text = |value: &Value| value.as_str().expect("a text").to_string();
    let client_id = text(&application["appId"]);
    let redirect_uri = format!("https://{DEVICE}/authenticate/OAuth2Callback");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &client_id)
        .append_pair("scope", &format!("{}/.default", ground.url))
        .append_pair("redirect_uri", &redirect_uri)
        .finish();
    vec![
        ("i", client_id),
        ("u", redirect_uri),
        ("o", text(&application["id"])),
        ("t", text(&ground.tenant("Finebak")["id"])),
        (
            "n",
            format!("{}/organizations/v2.0/adminconsent?{query}", ground.url),
        ),
        ("m", format!("{}/portal/{DEVICE}/tenantui", ground.url)),
    ]
}

#[test]
fn each_value_is_copied_by_its_key_from_the_result_the_device_and_the_menu() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    create(&mut pty);
    let values = values(&ground);
    for (key, value) in &values {
        assert_eq!(pty.copied_by(key), *value, "{key} on the result");
    }
    pty.send("\x1b");
    pty.wait_for("Enter open");
    for (key, value) in &values {
        pty.send("y");
        // A value: the titles are in the toasts too.
        pty.wait_for(&values[1].1);
        assert_eq!(pty.copied_by(key), *value, "{key} in the menu");
        pty.wait_gone("Copy from");
    }
    // The menu's cursor: two down is the redirect URI.
    pty.send("y");
    pty.wait_for(&values[1].1);
    assert_eq!(pty.copied_by("jj\r"), values[1].1);
    pty.send("\r");
    pty.wait_for("FOUND");
    for (key, value) in &values {
        assert_eq!(pty.copied_by(key), *value, "{key} on the device");
    }
}

#[test]
fn the_secrets_value_is_nowhere_but_in_the_clipboard() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = home.start(&["--endpoint", &ground.url, "--log-level", "trace"], WIDE);
    crate::support::ground::wait_for_the_fleet(&pty);
    create(&mut pty);
    pty.wait_for("••••••••••••••••");
    // The first time it asks.
    pty.send("x");
    pty.wait_for("Session recorders");
    assert!(pty.osc52().is_empty(), "nothing has left yet");
    let value = pty.copied_by("\r");
    pty.wait_for("Client secret value: sent, by OSC 52");

    // It is the value: the portal that is given it holds the secret that Entra lists.
    let application = ground.application(UNIQUE_NAME);
    let redirect = format!("https://{DEVICE}/authenticate/OAuth2Callback");
    let typed = json!({
        "ClientId": application["appId"], "ClientSecret": value, "RedirectUrl": redirect
    });
    ground.type_into_portal(DEVICE, &typed);
    assert_eq!(
        ground.portal(DEVICE)["secretKeyId"],
        application["keyIds"][0]
    );

    // From the menu too, and through a push.
    pty.send("y");
    pty.wait_for("in memory, masked");
    assert_eq!(pty.copied_by("x"), value);
    pty.send("p");
    pty.wait_for("the one in memory");
    pty.send("\r");
    pty.wait_for("Entra accepts it; the portal's settings were read back");
    // Until then q would ask whether to leave a run that is under way. The message of the create may still be there.
    wait_for_line(&pty, &[&format!("Push {DEVICE}"), "done"]);
    pty.send("\x1b");
    pty.wait_for("Devices 1 of 30");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);

    let bytes = pty.raw_bytes();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&value);
    let times = |needle: &str, within: &[u8]| {
        let needle = needle.as_bytes();
        within
            .windows(needle.len())
            .filter(|part| *part == needle)
            .count()
    };
    assert_eq!(times(&value, &bytes), 0, "it was on the screen");
    assert_eq!(times(&encoded, &bytes), 2, "two copies");
    let files = home.files();
    let name = |end: &str| {
        files
            .iter()
            .any(|file| file.to_string_lossy().ends_with(end))
    };
    assert!(name(".sqlite") && name(".log"), "{files:?}");
    for file in files {
        let content = std::fs::read(&file).expect("a file");
        for trace in [value.as_str(), encoded.as_str()] {
            assert_eq!(times(trace, &content), 0, "{}", file.display());
        }
        // Written otherwise, a file would still have the better part of it in a row.
        assert_eq!(times(&value[8..32], &content), 0, "{}", file.display());
    }

    // Another process never had it.
    let mut later = ground.console(&home, WIDE);
    open(&mut later, DEVICE);
    later.send("x");
    later.wait_for("Client secret value: shown only once, when it is added");
    assert_eq!(later.osc52(), Vec::<String>::new());
}

#[test]
fn the_bare_line_has_the_whole_value_from_the_first_column_on() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, (80, 24));
    create(&mut pty);
    let values = values(&ground);
    let (consent, client_id) = (&values[4].1, &values[0].1);
    pty.send("b");
    pty.wait_until(|screen| screen.rows(0, 80).any(|row| row.trim_end() == client_id));
    pty.send("\x1b");
    pty.wait_for("v shows it");
    // The sixth value is longer than the screen is wide.
    assert!(consent.len() > 160);
    pty.send("jjjjjb");
    pty.wait_until(|screen| {
        let rows: Vec<String> = screen.rows(0, 80).collect();
        let first = rows.iter().position(|row| row.starts_with("http://"));
        first.is_some_and(|at| rows[at..].concat().starts_with(consent.as_str()))
    });
    assert_eq!(pty.osc52(), Vec::<String>::new(), "nothing was copied");
}
