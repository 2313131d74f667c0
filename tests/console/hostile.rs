//! Names, notes and errors of servers that want to take the terminal over, and answers that want to exhaust the
//! program: harmless on every way out, from the real binary.

use std::path::PathBuf;
use std::process::Output;

use crate::support::ground::{Ground, Home, WIDE, open, wait_for_the_fleet};
use crate::support::outside::are_here;
use crate::support::program;
use crate::support::server::{Reply, Server, empty, json, token};
use serde_json::json;
use umpdeck::text::is_harmless;

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// Escape sequences, direction overrides, unseen characters, line breaks, a spreadsheet's formula.
const HOSTILE: &str = "=HYPERLINK(\"x\")\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}gnp\u{2066}\u{200b}\u{feff}\u{e0041}\r\nnext\u{2028}line\u{0}";

/// Nothing in it acts on a terminal or hides.
#[track_caller]
fn assert_harmless(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let wrong = text.chars().position(|c| !is_harmless(&c.to_string()));
    let around = wrong.map(|at| {
        text.chars()
            .skip(at.saturating_sub(40))
            .take(80)
            .collect::<String>()
    });
    assert_eq!(around, None, "{place}");
}

/// Everything that a program said and wrote, but its store.
#[track_caller]
fn assert_all_harmless(said: &str, output: &Output, files: Vec<PathBuf>) {
    assert_harmless(&format!("{said}: output"), &output.stdout);
    assert_harmless(&format!("{said}: messages"), &output.stderr);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("panicked"), "{said}: {errors}");
    let most = 200_000;
    assert!(
        output.stdout.len() < most && errors.len() < most,
        "{said}: too much is said"
    );
    for file in files {
        if file.extension().is_some_and(|end| end == "log") {
            assert_harmless(said, &std::fs::read(&file).expect("a log"));
        }
    }
}

/// A home whose one tenant's sign-in and Graph are this server.
fn home_of(server: &Server) -> (program::Home, String) {
    let home = program::Home::new();
    let file = home.path().join("settings.toml");
    let text = format!(
        "[[tenants]]\nid = \"{TENANT}\"\nname = \"Finebak\"\nprimary_domain = \"finebak.com\"\n\
         login = \"{url}\"\ngraph = \"{url}\"\n\
         sign_in = {{ way = \"client-secret\", client_id = \"{TENANT}\", secret_env = \"OWN\" }}\n\
         [[devices]]\nfqdn = \"ump-eu.finebak.com\"\n",
        url = server.url
    );
    std::fs::write(&file, text).expect("a file");
    let settings = file.to_str().expect("a plain path").to_string();
    (home, settings)
}

fn run(home: &program::Home, settings: &str, arguments: &[&str]) -> Output {
    let mut command = home.command(program::PROGRAM);
    let data = home.path().join("data");
    command
        .env("OWN", "hush")
        .args(["--settings", settings, "--log-level", "trace"]);
    command.arg("--data-dir").arg(data).args(arguments);
    command.output().expect("the program runs")
}

fn a_token() -> Reply {
    let claims = json!({"tid": TENANT, "appid": TENANT, "roles": ["Application.ReadWrite.All"], "exp": 4_000_000_000_u64});
    json(
        200,
        json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token(&claims)}),
    )
}

/// Whatever Graph answers, the command ends with a sentence.
async fn told_of(name: &str, answer: impl Fn() -> Reply + Send + Sync + 'static) -> String {
    let server = Server::start(move |seen, _| match seen.target.contains("/oauth2/") {
        true => a_token(),
        false => answer(),
    })
    .await;
    let (home, settings) = home_of(&server);
    let mut told = String::new();
    for arguments in [
        &["status"][..],
        &["check", "ump-eu"][..],
        &["status", "--json"][..],
        &["doctor"][..],
    ] {
        let output = run(&home, &settings, arguments);
        let said = format!("{name}, {arguments:?}");
        assert_all_harmless(&said, &output, home.files());
        if arguments[0] != "doctor" {
            assert_eq!(output.status.code(), Some(3), "{said}: {output:?}");
        }
        told.push_str(&String::from_utf8_lossy(&output.stdout));
        told.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_servers_are_shown_harmless_and_short() {
    for length in [1, 15_000] {
        let words = HOSTILE.repeat(length);
        let told = told_of("a refusal", move || {
            json(
                403,
                json!({"error": {"code": words.clone(), "message": words.clone(),
                "innerError": {"request-id": words.clone(), "date": words.clone()}}}),
            )
            .with("request-id", "r1")
        })
        .await;
        assert!(told.contains("could not be read"), "{told:.400}");
    }
    let server = Server::start(|_, _| {
        let words = HOSTILE.repeat(5_000);
        json(400, json!({"error": words.clone(), "error_description": words.clone(), "error_codes": [7000215],
            "trace_id": words.clone(), "correlation_id": words}))
    })
    .await;
    let (home, settings) = home_of(&server);
    for arguments in [&["status"][..], &["doctor"][..], &["signin", "Finebak"][..]] {
        let output = run(&home, &settings, arguments);
        assert_all_harmless(&format!("a sign-in, {arguments:?}"), &output, home.files());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_no_answers_end_in_a_sentence() {
    let raw = |headers: Vec<(&'static str, String)>, body: Vec<u8>| {
        move || Reply::Answer {
            status: 200,
            headers: headers.clone(),
            body: body.clone(),
        }
    };
    let is_json = || ("content-type", "application/json".to_string());
    let deep = ["[".repeat(200_000), "{\"a\":".repeat(200_000)].map(String::into_bytes);
    for body in deep {
        let told = told_of("a deep one", raw(vec![is_json()], body)).await;
        assert!(told.contains("could not be read"), "{told:.400}");
    }
    let html = format!("<title>{HOSTILE}</title>").into_bytes();
    told_of(
        "a proxy's page",
        raw(vec![("content-type", "text/html".into())], html),
    )
    .await;
    let many = format!("{{\"value\":[{}1]}}", "1,".repeat(2_000_000)).into_bytes();
    told_of("a long list", raw(vec![is_json()], many)).await;
    let foreign = || empty(302).with("location", "https://192.0.2.1/steal");
    let told = told_of("a redirect", foreign).await;
    assert!(told.contains("redirect"), "{told:.600}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_unpacks_to_much_more_than_it_is_is_cut_off() {
    if !are_here(&["gzip", "sh"]) {
        return;
    }
    let packed = std::process::Command::new("sh")
        .args(["-c", "head -c 300000000 /dev/zero | tr '\\0' ' ' | gzip -9"])
        .output()
        .expect("gzip")
        .stdout;
    assert!(packed.len() < 1_000_000, "it is small");
    let told = told_of("a bomb", move || Reply::Answer {
        status: 200,
        headers: vec![
            ("content-type", "application/json".into()),
            ("content-encoding", "gzip".into()),
        ],
        body: packed.clone(),
    })
    .await;
    assert!(told.contains("16 MiB"), "{told:.600}");
}

#[test]
fn names_and_notes_of_a_registration_are_harmless_on_every_way_out() {
    let ground = Ground::start("");
    let tenant = ground.tenant("Finebak");
    let applications = ground.graph("Finebak", "GET", "/v1.0/applications");
    let applications: serde_json::Value = serde_json::from_str(&applications).expect("JSON");
    let all = applications["value"].as_array().expect("a list");
    let ours = |app: &&serde_json::Value| {
        let uris = app["web"]["redirectUris"].to_string();
        uris.contains("ump-eu.finebak.com")
    };
    let object_id = all.iter().find(ours).expect("its registration")["id"].clone();
    let path = format!("/v1.0/applications/{}", object_id.as_str().expect("an id"));
    let hostile = json!({
        "displayName": HOSTILE,
        "notes": HOSTILE.repeat(10_000),
        "description": HOSTILE,
        "tags": ["a\u{202e}b"],
    });
    ground.graph_with("Finebak", "PATCH", &path, &hostile.to_string());
    let secret = json!({"passwordCredential": {"displayName": HOSTILE}});
    ground.graph_with(
        "Finebak",
        "POST",
        &format!("{path}/addPassword"),
        &secret.to_string(),
    );
    assert!(tenant.is_object());

    let home = program::Home::new();
    for arguments in [
        &["status"][..],
        &["status", "--json"][..],
        &["check", "ump-eu"][..],
        &["check", "ump-eu", "--json"][..],
        &["repair", "ump-eu"][..],
        &["repair", "ump-eu", "--yes"][..],
        &["metrics"][..],
        &["runs"][..],
        &["audit"][..],
        &["audit", "--json"][..],
    ] {
        let mut line = vec!["--endpoint", &ground.url, "--log-level", "trace"];
        line.extend(arguments);
        let output = home.run(&line);
        assert_all_harmless(&format!("{arguments:?}"), &output, home.files());
    }

    let home = Home::new();
    let mut pty = home.start(&["--endpoint", &ground.url], WIDE);
    wait_for_the_fleet(&pty);
    open(&mut pty, "ump-eu.finebak.com");
    for key in ["2", "3", "4", "5", "6", "1", "j", "\r", "\x1b", "y", "\x1b"] {
        pty.send(key);
        pty.wait_until(|screen| screen.contents().contains("ump-eu"));
    }
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
    let bytes = String::from_utf8_lossy(&pty.raw_bytes()).into_owned();
    for trace in [
        "\x1b]0",
        "owned\x07",
        "\u{202e}",
        "\u{2066}",
        "\u{9b}",
        "\u{200b}",
        "\u{e0041}",
    ] {
        assert!(!bytes.contains(trace), "{trace:?} reached the terminal");
    }
}
