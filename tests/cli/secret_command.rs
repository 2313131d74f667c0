//! Portals that are filled in by hand, from scripts: refused, unless a command takes the secret on its standard input.

use std::path::Path;
use std::process::Stdio;

use crate::support::ground::Ground;
use crate::support::program::{Home, PROGRAM, code, text};
use serde_json::Value;

const DEVICE: &str = "sbc-a.northwind-voice.com";

/// A program of the site: a script that runs these lines.
fn script(home: &Home, lines: &str) -> String {
    let place = home.path().join("keep-it");
    std::fs::write(&place, lines).expect("written");
    format!("sh {}", place.display())
}

fn check(home: &Home, ground: &Ground) -> Value {
    let output = home.run_at(&ground.url, &["check", "sbc-a", "--json"]);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn portal_secret(document: &Value) -> String {
    let checks = document["checks"].as_array().expect("checks");
    let check = checks.iter().find(|one| one["key"] == "portal-secret");
    check.expect("the check")["found"].to_string()
}

/// Every file below a home that holds these words.
fn files_with(home: &Home, words: &str, but: &Path) -> Vec<String> {
    let holds = |file: &Path| {
        let bytes = std::fs::read(file).expect("a file");
        bytes
            .windows(words.len())
            .any(|part| part == words.as_bytes())
    };
    let files = home.files().into_iter();
    files
        .filter(|file| file != but && holds(file))
        .map(|file| file.display().to_string())
        .collect()
}

#[test]
fn without_a_command_nothing_is_made_and_the_way_out_is_said() {
    let (home, ground) = (Home::new(), Ground::start(""));
    for words in [["rotate", "sbc-a", "--yes"], ["push", "sbc-a", "--yes"]] {
        let output = home.run_at(&ground.url, &words);
        assert_eq!(code(&output), 3);
        let said = text(&output.stderr);
        assert!(
            said.contains("this needs a person") && said.contains("--secret-command"),
            "{said}"
        );
    }
    assert_eq!(ground.changes(), Vec::<String>::new());
}

#[test]
fn a_command_gets_the_secret_on_its_standard_input_and_nobody_else_sees_it() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let place = home.path().join("vault");
    let command = script(
        &home,
        &format!(
            "umask 077; cat > {0}; env | grep ^UMPDECK_ > {0}.env; tr '\\0' '\\n' < /proc/$PPID/cmdline > {0}.argv\n\
             echo noise; echo noise >&2\n",
            place.display()
        ),
    );
    let output = home.run_at(
        &ground.url,
        &["rotate", "sbc-a", "--yes", "--secret-command", &command],
    );
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(code(&output), 0, "{err}");
    assert!(
        err.contains("the command took it; that the portal holds it is stated, not read"),
        "{err}"
    );
    let secret = std::fs::read_to_string(&place).expect("the secret");
    assert!(secret.len() > 20 && !secret.contains('\n'), "one value");
    let about = std::fs::read_to_string(home.path().join("vault.env")).expect("variables");
    for part in [
        &format!("UMPDECK_DEVICE={DEVICE}"),
        "UMPDECK_REDIRECT_URI=https://sbc-a.northwind-voice.com/",
        "UMPDECK_CLIENT_ID=",
        "UMPDECK_SECRET_ID=",
    ] {
        assert!(about.contains(part), "{part}: {about}");
    }
    for text in [&out, &err, &about] {
        assert!(!text.contains(&secret), "it is printed nowhere");
    }
    assert_eq!(files_with(&home, &secret, &place), Vec::<String>::new());
    // Stated by whom, with what.
    let found = portal_secret(&check(&home, &ground));
    assert!(
        found.contains("stated") && found.contains("tester@") && found.contains("with sh"),
        "{found}"
    );

    // What the vault has can be proven later on.
    let verify = |value: &str| {
        let mut command = home.command(PROGRAM);
        let mut child = command
            .args(["--endpoint", &ground.url, "verify", "sbc-a"])
            .args(["--secret-stdin", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut stdin = child.stdin.take().expect("its input");
        std::io::Write::write_all(&mut stdin, format!("{value}\n").as_bytes()).expect("taken");
        drop(stdin);
        let output = child.wait_with_output().expect("an end");
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (code(&output), document["devices"][0].clone())
    };
    let (exit, device) = verify(&secret);
    assert_eq!((exit, &device["result"]), (0, &"proven".into()), "{device}");
    assert_eq!(device["proof"]["given"], "in-use");
    let wrong = format!("{}wrong", &secret[..4]);
    let (exit, device) = verify(&wrong);
    assert_eq!((exit, &device["result"]), (2, &"broken".into()), "{device}");
    assert!(
        device["why"].as_str().expect("words").contains("7000215"),
        "{device}"
    );
    let (exit, _) = verify(&secret);
    assert_eq!(exit, 0, "the newest proof counts");
}

#[test]
fn a_command_that_can_not_be_started_leaves_no_secret_behind() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let before = check(&home, &ground);
    let output = home.run_at(
        &ground.url,
        &[
            "rotate",
            "sbc-a",
            "--yes",
            "--secret-command",
            "/no/such --put",
        ],
    );
    assert_eq!(code(&output), 3);
    let said = text(&output.stderr);
    assert!(
        said.contains("/no/such can't be started") && said.contains("removed from Entra again"),
        "{said}"
    );
    let changes = ground.changes();
    let count = |what: &str| changes.iter().filter(|one| one.contains(what)).count();
    assert_eq!(
        (count("addPassword"), count("removePassword")),
        (1, 1),
        "{changes:?}"
    );
    let after = check(&home, &ground);
    assert_eq!(after["leftOverSecrets"], before["leftOverSecrets"]);
    assert_eq!(after["device"]["secret"], before["device"]["secret"]);
}

#[test]
fn a_command_that_fails_may_have_delivered_so_its_secret_stays_and_is_told() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let command = script(
        &home,
        "cat > /dev/null; echo 'the vault is sealed' >&2; exit 9\n",
    );
    let output = home.run_at(
        &ground.url,
        &["push", "sbc-a", "--yes", "--secret-command", &command],
    );
    assert_eq!(code(&output), 3);
    let said = text(&output.stderr);
    assert!(
        said.contains("the vault is sealed") && said.contains("may be in the portal"),
        "{said}"
    );
    let document = check(&home, &ground);
    let left = document["leftOverSecrets"].as_array().expect("a list");
    assert_eq!(left.len(), 1, "{document:#}");
    // The next push brings another one, and several devices go the same way.
    let good = script(&home, "cat > /dev/null\n");
    let output = home.run_at(
        &ground.url,
        &["push", "sbc-a", "sbc-b", "--yes", "--secret-command", &good],
    );
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(portal_secret(&check(&home, &ground)).contains("stated"));
}
