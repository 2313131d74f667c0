//! Portal profiles at work, through the real binary: each way to sign in, each shape of a write, and what a trial shows.

use crate::support::program::{Home, SandboxProgram, code, text};
use serde_json::{Value, json};

fn run(home: &Home, sandbox: &SandboxProgram, words: &[&str]) -> (i32, String) {
    let output = home.run_at(sandbox.url(), words);
    let words = text(&output.stdout) + &text(&output.stderr);
    (code(&output), words)
}

fn tried(home: &Home, sandbox: &SandboxProgram, device: &str) -> (i32, Value) {
    let output = home.run(&[
        "portal",
        "try",
        device,
        "--json",
        "--endpoint",
        sandbox.url(),
    ]);
    let words = text(&output.stdout);
    let document = serde_json::from_str(&words)
        .unwrap_or_else(|why| panic!("{why}: {words}\n{}", text(&output.stderr)));
    (output.status.code().expect("no signal"), document)
}

fn call<'a>(trial: &'a Value, part: &str) -> &'a Value {
    let calls = trial["calls"].as_array().expect("calls");
    calls
        .iter()
        .find(|one| one["part"] == part)
        .expect("the part")
}

fn place(call: &Value, field: &str) -> Value {
    let places = call["places"].as_array().expect("places");
    let found = places.iter().find(|one| one["field"] == field);
    found.expect("the field")["found"].clone()
}

#[test]
fn a_trial_shows_what_each_profile_understands_of_its_portal() {
    let ground = Home::new();
    let sandbox = SandboxProgram::start(&ground);
    let home = Home::new();
    for (device, profile, path) in [
        ("voice01", "sandbox", "/api/settings/auth-tokens"),
        ("voice11", "sandbox-open", "/api/settings/auth-tokens"),
        ("voice10", "sandbox-form", "/security/authentication-status"),
        (
            "voice09",
            "sandbox-tasks",
            "/api/ump/voice09.contoso-telco.com/system-settings",
        ),
    ] {
        let (code, trial) = tried(&home, &sandbox, device);
        assert_eq!((code, &trial["understood"]), (0, &json!(true)), "{trial:#}");
        assert_eq!(trial["profile"], profile);
        let read = call(&trial, "read");
        let request = read["request"].as_str().expect("a request");
        assert!(
            request.starts_with("GET /portal/") && request.ends_with(path),
            "{request}"
        );
        let redirect = place(read, "redirect_uri");
        let redirect = redirect.as_str().expect("found");
        assert!(
            redirect.starts_with(&format!("https://{device}.")),
            "{redirect}"
        );
        assert_eq!(place(read, "has_client_secret"), "true");
        let customers = call(&trial, "customers");
        assert!(customers["entries"].as_u64().expect("a list") > 0);
        assert!(place(customers, "licence").is_string());
    }
}

#[test]
fn a_handoff_profile_says_plainly_that_there_is_no_published_call_and_still_reads_customers() {
    let ground = Home::new();
    let sandbox = SandboxProgram::start(&ground);
    let home = Home::new();
    let (code, words) = run(&home, &sandbox, &["portal", "try", "sbc-a"]);
    assert_eq!(code, 0, "{words}");
    for part in [
        "AudioCodes publishes no call",
        "GET /portal/sbc-a.northwind-voice.com/tenantui/api/v3/customer?allDetails=false",
        "a list of 3; the first:",
        "/CustomerShortName",
        "Nothing was written.",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let (_, trial) = tried(&home, &sandbox, "sbc-a");
    assert_eq!(trial["way"], "handoff");
    assert_eq!(trial["calls"].as_array().map(Vec::len), Some(1));
}

#[test]
fn settings_are_pushed_through_a_sign_in_form_and_as_a_task() {
    let ground = Home::new();
    let sandbox = SandboxProgram::start(&ground);
    let home = Home::new();
    for (device, said) in [("voice10", "written"), ("voice09", "task 4000 is done")] {
        let (code, words) = run(&home, &sandbox, &["rotate", device, "--yes"]);
        assert_eq!(code, 0, "{words}");
        for part in [said, "the portal holds it", "Entra accepts it"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let (code, words) = run(&home, &sandbox, &["check", device]);
        assert!(code <= 1, "{words}");
        assert!(words.contains("pushed"), "{words}");
    }
    // Who signed in to the portal stands in the trail, the password nowhere.
    let (_, trail) = run(&home, &sandbox, &["audit"]);
    assert!(trail.contains("training-operator"), "{trail}");
    for file in home.files() {
        let bytes = std::fs::read(&file).expect("a file");
        let words = String::from_utf8_lossy(&bytes);
        assert!(!words.contains("training-password"), "{}", file.display());
    }
}
