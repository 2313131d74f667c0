//! Where the portal has no interface, the console leads an operator through its page, field by field.

use crate::support::ground::{Ground, Home, WIDE, checks, choose, eventually, open, wait_for_line};
use crate::support::pty::Pty;
use rustix::process::Signal;
use serde_json::json;

/// Begins the handoff of the device that the fleet's cursor is put on.
#[track_caller]
pub(crate) fn begin(pty: &mut Pty, device: &str) {
    choose(pty, device);
    pty.send("p");
    pty.wait_for("In the portal open");
}

/// The first copy of a session: it asks before anything leaves. Gives what was copied.
#[track_caller]
fn agree(pty: &mut Pty) -> String {
    pty.send("\r");
    pty.wait_for("Session recorders");
    assert!(pty.osc52().is_empty(), "nothing has left yet");
    pty.copied_by("\r")
}

/// Copies the client ID and waits until the field of the secret has one, which is made now. Gives the client ID.
#[track_caller]
pub(crate) fn go_to_the_secret(pty: &mut Pty) -> String {
    let client_id = agree(pty);
    pty.wait_for("your turn");
    pty.wait_for("••••••••••••••••");
    client_id
}

/// What the person does in the portal with what was copied alone, and states then.
#[track_caller]
fn fill_in(ground: &Ground, pty: &mut Pty, device: &str, [client_id, secret, uri]: [&str; 3]) {
    let typed = json!({
        "ClientId": client_id, "ClientSecret": secret, "RedirectUrl": uri
    });
    ground.type_into_portal(device, &typed);
    pty.send("a");
    pty.wait_for("Entra accepts it; that the portal holds it is stated by you");
}

/// States what the portal of the open device holds, which one has to press twice for.
#[track_caller]
fn state(pty: &mut Pty, short: &str) {
    pty.send("S");
    pty.wait_for("S again states");
    pty.send("S");
    pty.wait_for(&format!("{short}: stated what the portal holds"));
}

/// How many secrets were made so far.
fn minted(ground: &Ground) -> usize {
    let requests = ground.requests();
    requests
        .iter()
        .filter(|one| one.contains("/addPassword"))
        .count()
}

#[test]
fn a_new_device_is_walked_to_ok_and_its_secret_is_made_only_when_its_field_is_reached() {
    let device = "sbc-new.northwind-voice.com";
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    choose(&mut pty, device);
    pty.send("c");
    pty.wait_for("Nothing is created yet");
    pty.send("\x0e");
    pty.wait_for("Enter apply");
    pty.send("\r");
    pty.wait_for("sbc-new: done");
    pty.wait_for("The registration has no client secret yet.");

    pty.send("p");
    pty.wait_for("In the portal open");
    pty.wait_for("Enter adds a new one here");
    pty.send("a");
    pty.wait_for("copy the values first");
    assert_eq!(
        minted(&ground),
        0,
        "nothing is made before its field is reached"
    );
    let client_id = go_to_the_secret(&mut pty);
    assert_eq!(minted(&ground), 1);
    let secret = pty.copied_by("\r");
    let redirect_uri = pty.copied_by("\r");
    let application = ground.application(&format!("umpdeck.{device}"));
    assert_eq!(application["appId"], client_id.as_str());
    assert_eq!(
        redirect_uri,
        format!("https://{device}/authenticate/OAuth2Callback")
    );

    let copied = [&client_id, &secret, &redirect_uri].map(String::as_str);
    fill_in(&ground, &mut pty, device, copied);
    pty.wait_for("✔ OK");
    pty.send("\x1b");
    pty.wait_for("› Run: create");
    pty.send("\x1b");
    wait_for_line(&pty, &[device, " OK ", "stated"]);
    let portal = ground.portal(device);
    assert_eq!(application["passwordCredentials"], 1);
    assert_eq!(portal["secretKeyId"], application["keyIds"][0]);
    assert_eq!(portal["clientId"], application["appId"]);
    assert_eq!(minted(&ground), 1);
}

#[test]
fn a_handoff_that_is_left_states_nothing_and_the_next_one_uses_the_same_secret() {
    let device = "sbc-b.northwind-voice.com";
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    begin(&mut pty, device);
    go_to_the_secret(&mut pty);
    let secret = pty.copied_by("\r");
    pty.send("\x1b");
    pty.wait_for("sbc-b: not stated");
    // The secret that nobody stated is not taken for the one in use.
    wait_for_line(&pty, &[device, "Not pushed", "401 d", "no record"]);
    assert_eq!(minted(&ground), 1);
    // Nor is it lost unasked.
    pty.send("q");
    pty.wait_for("the new secret of sbc-b is in no portal yet");

    pty.send("p");
    pty.wait_for("In the portal open");
    pty.copied_by("\r");
    assert_eq!(pty.copied_by("\r"), secret);
    pty.wait_for("your turn");
    assert_eq!(minted(&ground), 1, "no second secret");
}

#[test]
fn what_the_portal_holds_can_be_stated_with_one_key_pressed_twice() {
    let device = "sbc-a.northwind-voice.com";
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    ground.forget_requests();
    open(&mut pty, device);
    pty.wait_for(&format!("Checklist {}", checks(5, 2)));
    state(&mut pty, "sbc-a");
    // All but what is only known in the customers' tenants.
    pty.wait_for(&format!("Checklist {}", checks(2, 2)));
    pty.send("\x1b");
    wait_for_line(&pty, &[device, " OK ", "stated"]);
    assert_eq!(ground.changes(), Vec::<String>::new());
    // It is kept: the next console knows it too.
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    let later = ground.console(&home, WIDE);
    wait_for_line(&later, &[device, " OK ", "stated"]);
}

#[test]
fn a_statement_is_in_the_verdict_of_a_reading_that_began_before_it() {
    let device = "sbc-a.northwind-voice.com";
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    ground.faults("hold=oauth2PermissionGrants");
    open(&mut pty, device);
    state(&mut pty, "sbc-a");
    pty.send("\x1b");
    wait_for_line(&pty, &[device, " OK ", "stated"]);
    let reading = "reading Northwind Voice";
    pty.wait_for(reading);
    ground.release();
    pty.wait_gone(reading);
    wait_for_line(&pty, &[device, " OK ", "stated"]);
}

#[test]
fn a_line_that_drops_in_the_middle_of_a_handoff_costs_nothing_but_a_new_secret() {
    let device = "sbc-b.northwind-voice.com";
    // At the same time: each is mostly waiting.
    std::thread::scope(|scope| {
        for kill in [Signal::KILL, Signal::HUP] {
            scope.spawn(move || drop_the_line(device, kill));
        }
    });
}

/// How many fields' copies the store knows of.
fn on_record(home: &Home) -> i64 {
    home.store()
        .query_row("SELECT count(*) FROM copied", [], |row| row.get(0))
        .expect("a count")
}

fn drop_the_line(device: &str, kill: Signal) {
    let ground = Ground::start("");
    let home = Home::new();
    let application = || ground.application(&format!("umpdeck.{device}"));
    let before = application()["passwordCredentials"].clone();
    let mut pty = ground.console(&home, WIDE);
    begin(&mut pty, device);
    go_to_the_secret(&mut pty);
    let lost = pty.copied_by("\r");
    wait_for_line(&pty, &["Client secret value", "copied"]);
    // It is shown at once and written a moment later: the line drops after both.
    eventually("both copies to be on record", || on_record(&home) == 2);
    pty.kill(kill);
    pty.wait_exit();
    assert_eq!(minted(&ground), 1);

    // The run is offered at the start; taken up, it shows what was copied and that the secret's value is gone.
    let mut pty = ground.start_console(&home, WIDE);
    pty.wait_for("interrupted");
    pty.send("\r");
    pty.wait_for("In the portal open");
    wait_for_line(
        &pty,
        &["Application (client) ID", "copied", "in an earlier handoff"],
    );
    wait_for_line(&pty, &["another secret copied", "its value is lost"]);
    assert_eq!(minted(&ground), 1, "only looked at");
    let client_id = go_to_the_secret(&mut pty);
    assert_eq!(minted(&ground), 2, "minted anew");
    let secret = pty.copied_by("\r");
    assert_ne!(secret, lost);
    let redirect_uri = pty.copied_by("\r");
    let copied = [&client_id, &secret, &redirect_uri].map(String::as_str);
    fill_in(&ground, &mut pty, device, copied);
    pty.wait_for("removed 1");
    // What was there before, and the one that the portal holds: the lost one is gone.
    let after = application();
    let count = |value: &serde_json::Value| value.as_u64().expect("a number");
    assert_eq!(
        count(&after["passwordCredentials"]),
        count(&before) + 1,
        "{kill:?}: {after}"
    );
    let held = ground.portal(device)["secretKeyId"].clone();
    let keys = after["keyIds"].as_array().expect("key IDs");
    assert!(keys.contains(&held), "{kill:?}: {after}");
}
