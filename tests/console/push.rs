//! An operator pushes: sees what the portal has and will have, and the console shows the truth afterwards.

use crate::support::ground::{Ground, Home, WIDE, checks, choose, open, wait_for_line};

#[test]
fn an_empty_portal_is_filled_and_the_checklist_turns_green_without_a_restart() {
    let device = "ump-eu.finebak.com";
    let ground = Ground::start("secret-lag=3s");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    let unique_name = format!("umpdeck.{device}");
    let application = ground.application(&unique_name);
    let client_id = application["appId"].as_str().expect("an id").to_string();
    assert_eq!(ground.portal(device)["clientId"], "");

    open(&mut pty, device);
    pty.wait_for(&format!("Checklist {}", checks(3, 1)));
    wait_for_line(&pty, &["▲", "Portal: client ID"]);
    pty.send("p");
    pty.wait_for("WILL BE");
    wait_for_line(&pty, &["Application (client) ID", "(empty)", &client_id]);
    wait_for_line(&pty, &["Client secret value", "(empty)", "a new one"]);
    let redirect = format!("https://{device}/authenticate/OAuth2Callback");
    wait_for_line(&pty, &["RedirectUrl", "(empty)", &redirect]);
    pty.send("\r");
    // The new secret is not good at once, and that is said.
    pty.wait_for("waiting for Entra to accept the new secret");
    pty.wait_for("Entra accepts it; the portal's settings were read back");
    pty.send("\x1b");
    pty.wait_for(&format!("Checklist {}", checks(0, 1)));
    for line in ["Portal: client ID", "Portal: redirect URI"] {
        wait_for_line(&pty, &["✔", line, "= Entra"]);
    }
    wait_for_line(&pty, &["✔", "Portal: client secret", "pushed"]);
    pty.send("4");
    wait_for_line(&pty, &["Application (client) ID", &client_id, "same"]);
    wait_for_line(&pty, &["RedirectUrl", &redirect, "same"]);
    pty.wait_for("Source: read just now; last pushed just now by");

    let portal = ground.portal(device);
    assert_eq!(portal["clientId"], client_id);
    assert_eq!(portal["redirectUrl"], redirect);
    let after = ground.application(&unique_name);
    let keys = after["keyIds"].as_array().expect("keys");
    let earlier = application["keyIds"].as_array().expect("keys");
    assert!(keys.contains(&portal["secretKeyId"]), "{portal}");
    assert!(!earlier.contains(&portal["secretKeyId"]), "a new one");
}

#[test]
fn a_portal_with_anothers_client_id_is_shown_beside_the_right_one_and_set_right() {
    let device = "voice03.contoso-telco.com";
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    let application = ground.application(&format!("umpdeck.{device}"));
    let right = application["appId"].as_str().expect("an id").to_string();
    let wrong = ground.portal(device)["clientId"].clone();
    let wrong = wrong.as_str().expect("an id");
    assert_ne!(wrong, right);
    choose(&mut pty, device);
    wait_for_line(&pty, &[device, "Drift", "differs"]);
    pty.send("p");
    pty.wait_for("WILL BE");
    wait_for_line(&pty, &["Application (client) ID", wrong, &right]);
    pty.send("\r");
    pty.wait_for("Entra accepts it; the portal's settings were read back");
    pty.send("\x1b");
    wait_for_line(&pty, &[device, "OK", &checks(0, 2), "matches"]);
    assert_eq!(ground.portal(device)["clientId"], right);
}
