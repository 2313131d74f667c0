//! An operator creates a registration: few keys, checked while typing, and never a twin.

use crate::support::ground::{Ground, Home, WIDE, checks, choose, eventually, wait_for_line};
use crate::support::pty::Pty;

const DEVICE: &str = "ump-lab.finebak.com";
const UNIQUE_NAME: &str = "umpdeck.ump-lab.finebak.com";
const CTRL_N: &str = "\x0e";
const CTRL_U: &str = "\x15";
const BACKTAB: &str = "\x1b[Z";

/// Types keys one by one and counts them.
struct Keys<'a> {
    pty: &'a mut Pty,
    count: usize,
}

impl Keys<'_> {
    fn press(&mut self, key: &str) -> &Pty {
        self.count += 1;
        self.pty.send(key);
        self.pty
    }
}

/// From the fleet's filtered list to the plan of a create.
#[track_caller]
fn to_plan(pty: &mut Pty) {
    choose(pty, DEVICE);
    pty.send("c");
    pty.wait_for("Nothing is created yet");
    pty.send(CTRL_N);
    pty.wait_for(&format!("Plan: create {DEVICE}"));
}

/// Creates and pushes from the fleet with the defaults, and comes back to it; returns how many keys that took.
#[track_caller]
fn create_and_push(pty: &mut Pty, seen_waiting: bool) -> usize {
    let mut keys = Keys { pty, count: 0 };
    // The third row: below what has expired and what sorts before it.
    keys.press("j");
    wait_for_line(keys.press("j"), &["▌", DEVICE, "Not registered"]);
    keys.press("c").wait_for("Nothing is created yet");
    keys.press(CTRL_N).wait_for("Enter apply");
    let pty = keys.press("\r");
    if seen_waiting {
        pty.wait_for("waiting for replication");
    }
    pty.wait_for("The portal holds no settings yet.");
    pty.wait_for("ump-lab: done");
    keys.press("p").wait_for("PORTAL NOW");
    let pty = keys.press("\r");
    pty.wait_for("Entra accepts it; the portal's settings were read back");
    pty.wait_for("✔ OK");
    keys.press("\x1b").wait_for("Devices 30");
    let count = keys.count;
    wait_for_line(keys.pty, &[DEVICE, " OK ", &checks(0, 3), "6/6", "matches"]);
    count
}

/// One application, one secret, and the portal holds exactly these.
#[track_caller]
fn assert_one_registration(ground: &Ground) {
    let application = ground.application(UNIQUE_NAME);
    assert_eq!(application["displayName"], "UMP Sync ump-lab");
    assert_eq!(application["passwordCredentials"], 1);
    let portal = ground.portal(DEVICE);
    assert_eq!(portal["clientId"], application["appId"]);
    assert_eq!(portal["secretKeyId"], application["keyIds"][0]);
    assert_eq!(
        portal["redirectUrl"],
        format!("https://{DEVICE}/authenticate/OAuth2Callback")
    );
}

#[test]
fn a_registration_is_created_and_pushed_with_the_defaults_in_at_most_twelve_keys() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    let count = create_and_push(&mut pty, false);
    assert!(count <= 12, "{count} keys");
    assert_one_registration(&ground);
    // The same as Graph shows it.
    let object_id = ground.application(UNIQUE_NAME)["id"].clone();
    let shown = ground.graph_application("Finebak", object_id.as_str().expect("an id"));
    assert_eq!(shown["signInAudience"], "AzureADMultipleOrgs");
    assert_eq!(shown["isFallbackPublicClient"], true);
    let implicit = &shown["web"]["implicitGrantSettings"];
    assert_eq!(implicit["enableAccessTokenIssuance"], true);
    assert_eq!(implicit["enableIdTokenIssuance"], true);
    assert_eq!(
        shown["verifiedPublisher"]["verifiedPublisherId"],
        ground.tenant("Finebak")["mpnId"]
    );

    // A second create is refused before anything is sent.
    ground.forget_requests();
    pty.send("c");
    pty.wait_for("ump-lab has a registration already");
    assert_eq!(ground.changes(), Vec::<String>::new());
    assert_one_registration(&ground);
}

#[test]
fn entras_slowness_is_waited_out_in_sight_and_the_result_is_green() {
    let ground = Ground::start("lag=2s,secret-lag=4s");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    create_and_push(&mut pty, true);
    assert_one_registration(&ground);
}

#[test]
fn a_console_that_has_not_heard_of_the_registration_finds_it_and_makes_no_second() {
    let ground = Ground::start("");
    let (home, elsewhere) = (Home::new(), Home::new());
    let mut late = ground.console(&elsewhere, WIDE);
    to_plan(&mut late);
    let mut pty = ground.console(&home, WIDE);
    create_and_push(&mut pty, false);
    ground.forget_requests();
    late.send("\r");
    late.wait_for("Nothing was created");
    late.wait_for("may be this device's registration already");
    assert_eq!(ground.changes(), Vec::<String>::new());
    assert_one_registration(&ground);
    // Having read it, the late one knows.
    late.send("\x1b");
    late.wait_gone("may be this device's registration already");
    late.send("\x1b");
    wait_for_line(&late, &[DEVICE, " OK "]);
}

#[test]
fn two_consoles_that_both_found_nothing_make_one_registration_with_one_secret() {
    // Both look, both are told that there is none, and only then both go on.
    let ground = Ground::start("");
    let (home, elsewhere) = (Home::new(), Home::new());
    let mut one = ground.console(&home, WIDE);
    let mut other = ground.console(&elsewhere, WIDE);
    to_plan(&mut one);
    to_plan(&mut other);
    ground.forget_requests();
    ground.faults("hold=GET:applications");
    one.send("\r");
    other.send("\r");
    eventually("both to have looked", || {
        let looked = ground.requests();
        let looks = looked.iter().filter(|one| one.contains(UNIQUE_NAME));
        looks.filter(|one| one.ends_with(" 404")).count() == 2
    });
    ground.release();
    for pty in [&one, &other] {
        pty.wait_until(|screen| {
            let contents = screen.contents();
            contents.contains("ump-lab: done") || contents.contains("ump-lab: a step failed")
        });
    }
    let application = ground.application(UNIQUE_NAME);
    assert_eq!(application["passwordCredentials"], 1, "{application}");
    let failed = [&one, &other]
        .iter()
        .filter(|pty| pty.screen_text().contains("Nothing was created"))
        .count();
    assert_eq!(failed, 1, "{}\n{}", one.screen_text(), other.screen_text());
}

#[test]
fn two_consoles_of_one_operator_do_not_work_on_one_registration_at_once() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut one = ground.console(&home, WIDE);
    let mut other = ground.console(&home, WIDE);
    to_plan(&mut one);
    to_plan(&mut other);
    ground.forget_requests();
    ground.faults("hold=GET:applications");
    one.send("\r");
    one.wait_for("Run: create");
    other.send("\r");
    other.wait_for("has a run on ump-lab.finebak.com open since");
    ground.release();
    one.wait_for("ump-lab: done");
    assert_eq!(ground.application(UNIQUE_NAME)["passwordCredentials"], 1);
}

#[test]
fn a_registration_of_the_forms_own_name_that_is_there_already_holds_the_create_back() {
    let (ground, home) = (Ground::start(""), Home::new());
    let by_hand = "{\"displayName\": \"Sync of the lab\"}";
    ground.graph_with("Finebak", "POST", "/v1.0/applications", by_hand);
    let mut pty = ground.console(&home, WIDE);
    choose(&mut pty, DEVICE);
    pty.send("c");
    pty.wait_for("Nothing is created yet");
    pty.send(CTRL_U);
    pty.send("Sync of the lab");
    pty.wait_for("Sync of the lab");
    pty.send(CTRL_N);
    pty.wait_for(&format!("Plan: create {DEVICE}"));
    pty.send("\r");
    pty.wait_for("may be this device's registration already");
    assert_eq!(ground.applications(UNIQUE_NAME).len(), 0);
}

#[test]
fn a_wrong_field_is_said_while_typing_and_holds_the_plan_back() {
    let home = Home::new();
    let mut pty = home.sandbox((80, 24));
    choose(&mut pty, DEVICE);
    pty.send("c");
    pty.wait_for("Nothing is created yet");

    // Down to the months.
    pty.send("\t\t\t\t");
    pty.send(CTRL_U);
    pty.send("25");
    pty.wait_for("1 to 24 months");
    pty.send(CTRL_N);
    // The form still has the keyboard: what is typed now mends it.
    pty.send("\x7f");
    pty.wait_gone("1 to 24 months");
    assert!(!pty.screen_text().contains("Plan: create"));

    // Back up to the redirect URI.
    for wrong in [
        "http://ump-lab.finebak.com/authenticate/OAuth2Callback",
        "https://ump-lab.finebak.com/*",
        "no address at all",
    ] {
        pty.send(&format!("{BACKTAB}{BACKTAB}{BACKTAB}{CTRL_U}"));
        pty.send(wrong);
        pty.wait_until(|screen| {
            let contents = screen.contents();
            let mut lines = contents.lines().skip_while(|line| !line.contains(wrong));
            lines.nth(1).is_some_and(|line| line.contains('▲'))
        });
        pty.send(CTRL_N);
        // Down again: the months are 2, so that the next field to be reached is theirs.
        pty.send("\t\t\t");
        pty.wait_until(|screen| {
            let contents = screen.contents();
            let mut lines = contents.lines();
            lines.any(|line| line.contains('▌') && line.contains("Secret months"))
        });
        assert!(!pty.screen_text().contains("Plan: create"));
    }
    pty.send(&format!("{BACKTAB}{BACKTAB}{BACKTAB}{CTRL_U}"));
    pty.paste("https://ump-lab.finebak.com/authenticate/OAuth2Callback");
    pty.wait_until(|screen| {
        let contents = screen.contents();
        !contents.contains('▲')
            && contents.contains("https://ump-lab.finebak.com/authenticate/OAuth2Callback")
    });
    pty.send(CTRL_N);
    pty.wait_for("Plan: create ump-lab.finebak.com");
}
