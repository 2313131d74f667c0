//! `plan` and `apply`: what was agreed to is done, or nothing is.

use std::path::PathBuf;
use std::process::Output;

use crate::support::ground::Ground;
use crate::support::program::{Home, PROGRAM, code, text};
use serde_json::Value;

/// Plans, and keeps the document in a file.
fn planned(home: &Home, ground: &Ground, words: &[&str]) -> (PathBuf, Value) {
    let output = home.run_at(&ground.url, &[words, &["--json"]].concat());
    assert_eq!(code(&output), 1, "{}", text(&output.stderr));
    let place = home.path().join("plan.json");
    std::fs::write(&place, &output.stdout).expect("written");
    (place, serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// The object ID of the application that the document's plan for a device changes.
fn object_id<'a>(document: &'a Value, fqdn: &str) -> &'a str {
    let devices = document["devices"].as_array().expect("devices");
    let device = devices.iter().find(|one| one["fqdn"] == fqdn);
    let target = &device.expect("the device")["plan"]["target"];
    target["object_id"].as_str().expect("an ID")
}

fn apply(home: &Home, ground: &Ground, place: &std::path::Path, more: &[&str]) -> Output {
    let words = ["apply", place.to_str().expect("UTF-8")];
    home.run_at(&ground.url, &[&words, more].concat())
}

#[test]
fn a_plan_shows_every_request_and_makes_none_that_changes_anything() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let words = text(
        &home
            .run_at(&ground.url, &["plan", "create", "ump-lab"])
            .stdout,
    );
    for part in [
        "ump-lab.finebak.com: create",
        "create the registration",
        "PATCH /v1.0/applications(uniqueName='umpdeck.ump-lab.finebak.com')",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    // The command itself goes on to the portal, and says so before anything is agreed to.
    let create = home.run_at(&ground.url, &["create", "ump-lab"]);
    let (plan, told) = (text(&create.stdout), text(&create.stderr));
    assert!(plan.contains("are pushed to the portal"), "{plan}");
    assert!(told.contains("Nothing was done"), "{told}");
    let check = home.run_at(&ground.url, &["check", "ump-west"]);
    let check = text(&check.stdout);
    assert!(check.contains("(umpdeck repair ump-west)"), "{check}");
    let (_, document) = planned(&home, &ground, &["plan", "rotate", "ump-01", "sbc-a"]);
    let [http, by_hand] = [&document["devices"][0], &document["devices"][1]];
    assert_eq!(
        (&http["work"], &by_hand["work"]),
        (&"ready".into(), &"by-hand".into())
    );
    for device in [http, by_hand] {
        let steps = device["steps"].as_array().expect("steps");
        let added = steps[0]["title"].as_str().expect("a title");
        assert!(added.starts_with("add a client secret"), "{added}");
        assert_eq!(steps[0]["repeatable"], false);
        let request = &steps[0]["requests"][0];
        assert!(
            request["path"]
                .as_str()
                .expect("a path")
                .ends_with("/addPassword"),
            "{request}"
        );
    }
    let nothing = home.run_at(&ground.url, &["plan", "repair", "ump-03"]);
    assert_eq!(code(&nothing), 0, "{}", text(&nothing.stdout));
    let cannot = home.run_at(&ground.url, &["plan", "repair", "ump-lab"]);
    assert_eq!(code(&cannot), 3);
    assert!(
        text(&cannot.stderr)
            .contains("has no registration yet; create one, or adopt an application")
    );
    assert_eq!(ground.changes(), Vec::<String>::new());
}

/// What the log says that was asked, decoded: "GET", "/v1.0/…".
fn logged(home: &Home) -> Vec<(String, String)> {
    let files = home.files();
    let log = files.iter().find(|file| file.ends_with("umpdeck.log"));
    let log = std::fs::read_to_string(log.expect("a log")).expect("text");
    let calls = log.lines().filter(|line| line.contains(" call "));
    calls
        .map(|line| {
            let field = |name: &str| {
                let from = line.find(&format!("{name}=")).expect("the field") + name.len() + 1;
                let value = line[from..].split(' ').next().expect("a value");
                decoded(value.trim_matches('"'))
            };
            (field("method"), field("path"))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let form = text.replace('+', "%2B").replace('&', "%26");
    let form = form.replace('=', "%3D");
    let mut pairs = url::form_urlencoded::parse(form.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into())
        .unwrap_or_default()
}

#[test]
fn every_request_that_a_plan_shows_is_sent_letter_by_letter_also_those_that_only_read() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let settings = home.path().join("debug.toml");
    std::fs::write(&settings, "log_level = \"debug\"\n").expect("written");
    let with = ["--settings", settings.to_str().expect("UTF-8")];
    let mut kinds = 0;
    for words in [["plan", "create", "ump-lab"], ["plan", "rotate", "ump-01"]] {
        let (place, document) = planned(&home, &ground, &words);
        let done = apply(&home, &ground, &place, &[&["--yes"], &with[..]].concat());
        assert_eq!(code(&done), 0, "{}", text(&done.stderr));
        let sent = logged(&home);
        let device = format!("umpdeck.{}.finebak.com", words[2]);
        let made = ground.application(&device);
        let id = |name: &str| made[name].as_str().expect("an ID").to_string();
        for step in document["devices"][0]["steps"].as_array().expect("steps") {
            let once = ["/addPassword", "/removePassword", "/setVerifiedPublisher"];
            let shown = step["requests"].to_string();
            let may_repeat = !once.iter().any(|one| shown.contains(one));
            assert_eq!(step["repeatable"], may_repeat, "{step}");
            for request in step["requests"].as_array().expect("requests") {
                let [method, path] =
                    ["method", "path"].map(|one| request[one].as_str().expect("a text"));
                let path = path
                    .replace("{object ID}", &id("id"))
                    .replace("{client ID}", &id("appId"));
                // A portal's address has a path of its own, which its log leaves out.
                let is = |(by, to): &(String, String)| by == method && path.ends_with(to.as_str());
                assert!(sent.iter().any(is), "{method} {path}: {sent:#?}");
                kinds += 1;
            }
        }
    }
    assert!(kinds > 12, "{kinds}");
}

#[test]
fn what_was_planned_is_applied_and_a_second_time_is_refused() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let (place, _) = planned(&home, &ground, &["plan", "rotate", "ump-01"]);
    let dry = apply(&home, &ground, &place, &[]);
    assert_eq!(code(&dry), 1);
    assert!(text(&dry.stderr).contains("--yes to carry it out"));
    assert_eq!(ground.changes(), Vec::<String>::new());
    let done = apply(&home, &ground, &place, &["--yes"]);
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    let changes = ground.changes();
    assert!(
        changes.iter().any(|one| one.contains("addPassword")),
        "{changes:?}"
    );
    let again = apply(&home, &ground, &place, &["--yes"]);
    assert_eq!(code(&again), 3, "{}", text(&again.stdout));
    assert!(
        text(&again.stderr).contains("the client secrets of ump-01.finebak.com have changed since"),
        "{}",
        text(&again.stderr)
    );
    assert_eq!(ground.changes(), changes, "nothing is done twice");
}

#[test]
fn one_device_that_changed_meanwhile_holds_all_of_them_back() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let (place, document) = planned(&home, &ground, &["plan", "repair", "ump-west", "voice05"]);
    let object_id = object_id(&document, "voice05.contoso-telco.com");
    let path = format!("/v1.0/applications/{object_id}");
    let meanwhile = r#"{"isFallbackPublicClient": false}"#;
    ground.graph_with("Contoso Telco", "PATCH", &path, meanwhile);
    ground.forget_requests();
    let refused = apply(&home, &ground, &place, &["--yes"]);
    let said = text(&refused.stderr);
    assert_eq!(code(&refused), 3, "{said}");
    let why = "a new plan for voice05.contoso-telco.com would do something else";
    assert!(said.contains(why), "{said}");
    assert!(!said.contains("ump-west"), "that one holds: {said}");
    assert_eq!(ground.changes(), Vec::<String>::new(), "nor is it repaired");
}

#[test]
fn a_plan_holds_beside_what_it_is_not_about_and_what_is_done_already_is_left_out() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let (place, document) = planned(&home, &ground, &["plan", "repair", "ump-west", "voice05"]);
    let other = Home::new();
    let elsewhere = other.run_at(&ground.url, &["rotate", "voice05", "--yes"]);
    assert_eq!(code(&elsewhere), 0, "{}", text(&elsewhere.stderr));
    // A secret more changes nothing of a repair: the plan holds.
    let holds = apply(&home, &ground, &place, &[]);
    assert_eq!(code(&holds), 1, "{}", text(&holds.stderr));
    let object_id = object_id(&document, "ump-west.finebak.com");
    let elsewhere = other.run_at(&ground.url, &["repair", "ump-west", "--yes"]);
    assert_eq!(code(&elsewhere), 0, "{}", text(&elsewhere.stderr));
    ground.forget_requests();
    // It is as it was to be: only the other device is left to do.
    let rest = apply(&home, &ground, &place, &["--yes"]);
    assert_eq!(code(&rest), 0, "{}", text(&rest.stderr));
    let changes = ground.changes();
    assert!(!changes.is_empty(), "voice05 was repaired");
    assert!(
        changes.iter().all(|one| !one.contains(object_id)),
        "{changes:?}"
    );
}

#[test]
fn a_document_that_was_altered_or_is_another_is_refused() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let (place, document) = planned(&home, &ground, &["plan", "repair", "voice05"]);
    let write = |document: &Value| std::fs::write(&place, document.to_string()).expect("written");
    let mut altered = document.clone();
    let steps = &mut altered["devices"][0]["plan"]["steps"];
    steps.as_array_mut().expect("steps").remove(0);
    write(&altered);
    let output = apply(&home, &ground, &place, &["--yes"]);
    assert_eq!(code(&output), 3, "{}", text(&output.stderr));
    let mut real = document.clone();
    real["sandbox"] = false.into();
    let mut intent = document.clone();
    intent["intent"] = "retire-everything".into();
    let mut schema = document.clone();
    schema["schema"] = "umpdeck.status/1".into();
    let mut other = document.clone();
    other["devices"][0]["fqdn"] = "ump-01.finebak.com".into();
    for wrong in [&real, &intent, &schema, &other, &Value::Null] {
        write(wrong);
        let output = apply(&home, &ground, &place, &["--yes"]);
        assert_eq!(code(&output), 64, "{}", text(&output.stderr));
        assert!(text(&output.stderr).starts_with("the plan can't be applied"));
    }
    assert_eq!(ground.changes(), Vec::<String>::new());
    // The right one comes from standard input too.
    let mut command = home.command(PROGRAM);
    let mut child = command
        .args(["--endpoint", &ground.url, "apply", "-", "--yes"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("its input");
    std::io::Write::write_all(&mut stdin, document.to_string().as_bytes()).expect("taken");
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(!ground.changes().is_empty());
}
