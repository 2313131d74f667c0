//! A device's values for a script, through the real binary.

use crate::support::program::{Home, SandboxProgram, code, text};
use serde_json::Value;
use umpdeck::registration::values::ValueKind;

#[test]
fn one_value_stands_alone_on_a_line_as_the_checklists_document_has_it() {
    let (ground, home) = (Home::new(), Home::new());
    let sandbox = SandboxProgram::start(&ground);
    let checked = home.run_at(sandbox.url(), &["check", "livecloud", "--json"]);
    let checked: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    for (name, field) in [
        ("client-id", "clientId"),
        ("redirect-uri", "redirectUri"),
        ("consent-url", "consentUrl"),
    ] {
        let one = home.run_at(sandbox.url(), &["values", "livecloud", name]);
        let wanted = checked["values"][field].as_str().expect("a value");
        assert_eq!(text(&one.stdout), format!("{wanted}\n"));
        assert_eq!(code(&one), 0, "{}", text(&one.stderr));
    }
    let all = home.run_at(sandbox.url(), &["values", "livecloud", "--stored"]);
    let words = text(&all.stdout);
    for kind in ValueKind::printable() {
        assert!(words.contains(kind.title()), "{words}");
    }
    let client_id = checked["values"]["clientId"].as_str().expect("a value");
    assert!(words.contains(client_id), "{words}");
}

#[test]
fn what_a_device_does_not_have_is_told_and_nothing_is_printed() {
    let (ground, home) = (Home::new(), Home::new());
    let sandbox = SandboxProgram::start(&ground);
    let url = sandbox.url();
    let never_read = home.run_at(url, &["values", "livecloud", "client-id", "--stored"]);
    let unregistered = home.run_at(url, &["values", "voice13", "client-id"]);
    let unreachable = home.run_at(url, &["values", "edge1", "client-id"]);
    for (output, why) in [
        (never_read, "the registration was never read"),
        (unregistered, "no registration yet"),
        (unreachable, "Fabrikam"),
    ] {
        let words = text(&output.stderr);
        assert_eq!((code(&output), text(&output.stdout)), (3, String::new()));
        assert!(words.contains(why), "{words}");
    }
    // What the inventory knows is there without any registration, and that it could not be read is told.
    let known = home.run_at(url, &["values", "edge1", "portal-url"]);
    assert_eq!(code(&known), 3);
    assert!(text(&known.stdout).starts_with("http"), "{known:?}");
    let words = text(&known.stderr);
    assert!(
        words.contains("Fabrikam Carrier could not be read"),
        "{words}"
    );
    let secret = home.run_at(url, &["values", "livecloud", "secret"]);
    assert_eq!((code(&secret), text(&secret.stdout)), (64, String::new()));
}
