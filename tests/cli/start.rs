//! The program's start, through the real binary: settings, keys, wrong command lines, and what is said when something
//! can't be used.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::ground::Ground;
use crate::support::program::{Home, text};
use serde_json::{Value, json};

#[test]
fn version_and_help_are_results() {
    let home = Home::new();
    for (argument, part) in [
        ("--version", env!("CARGO_PKG_VERSION")),
        ("--help", "status"),
    ] {
        let output = home.run(&[argument]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains(part));
        assert_eq!(text(&output.stderr), "");
    }
}

#[test]
fn a_wrong_command_line_ends_with_64_and_says_why() {
    let home = Home::new();
    for (arguments, part) in [
        (&["stauts"][..], "stauts"),
        (
            &["status", "--sandbox", "--endpoint", "http://127.0.0.1:1"][..],
            "one of the two",
        ),
        (
            &["--sandbox", "status", "--endpoint", "http://127.0.0.1:1"][..],
            "one of the two",
        ),
        (&["status", "--endpoint", "rubbish"][..], "endpoint"),
        (&["sandbox", "--fault", "flood=1s"][..], "flood=1s"),
        (&["status", "--log-level", "loud"][..], "trace"),
        (&["--sandbox"][..], "terminal"),
    ] {
        let output = home.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(64),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stderr).contains(part),
            "{}",
            text(&output.stderr)
        );
        assert_eq!(text(&output.stdout), "");
    }
    assert!(home.files().is_empty(), "{:?}", home.files());
}

#[test]
fn what_holds_is_told_with_everything_that_the_settings_file_can_say_but_tenants_and_devices() {
    let home = Home::new();
    let place = home.path().join("own.toml");
    let own = "invitation = \"ours.txt\"\n\
        [secrets]\ncopy = \"never\"\n\
        [screen]\nmouse = false\nthemes_dir = \"themes\"\n\
        [keys]\nrepair = \"f6\"\nrefresh = [\"f5\", \"ctrl-l\"]\n\
        [clipboard]\ncommand = [\"wl-copy\"]\n";
    std::fs::write(&place, own).expect("written");
    let place = place.to_str().expect("UTF-8");
    let told = home.run(&["settings", "--json", "--settings", place]);
    let document: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    let holds = &document["holds"];
    for (name, value) in [
        ("secretsCopy", json!("never")),
        ("mouse", json!(false)),
        (
            "keys",
            json!({"repair": ["f6"], "refresh": ["f5", "ctrl-l"]}),
        ),
        ("clipboardCommand", json!(["wl-copy"])),
    ] {
        assert_eq!(holds[name], value, "{name}: {holds}");
    }
    for (name, end) in [("themesDir", "themes"), ("invitation", "ours.txt")] {
        let named = holds[name].as_str().unwrap_or_default();
        assert!(named.ends_with(end), "{name}: {holds}");
    }
}

#[test]
fn the_settings_file_is_written_once_and_for_its_owner_alone() {
    let home = Home::new();
    let place = text(&home.run(&["settings", "--path"]).stdout);
    let place = std::path::Path::new(place.trim_end());
    assert!(place.starts_with(home.path()), "{}", place.display());
    assert_eq!(home.run(&["settings", "--write"]).status.code(), Some(0));
    let mode = fs::metadata(place).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let printed = home.run(&["settings"]).stdout;
    assert_eq!(fs::read(place).unwrap(), printed);
    fs::write(place, "# mine\n").unwrap();
    let again = home.run(&["settings", "--write"]);
    assert_ne!(again.status.code(), Some(0));
    assert!(
        text(&again.stderr).contains("already"),
        "{}",
        text(&again.stderr)
    );
    assert_eq!(fs::read_to_string(place).unwrap(), "# mine\n");
}

#[test]
fn a_site_without_devices_says_what_to_do() {
    let home = Home::new();
    let output = home.run(&["status"]);
    assert_eq!(output.status.code(), Some(3));
    let words = text(&output.stderr);
    assert!(
        words.contains("umpdeck tenants add") && words.contains("--sandbox"),
        "{words}"
    );
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn settings_that_cannot_be_used_are_named_with_their_line() {
    let home = Home::new();
    let file = home.path().join("s.toml");
    let missing = home.run(&["status", "--settings", &file.to_string_lossy()]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(text(&missing.stderr).contains("there is no settings file"));
    fs::write(&file, "refresh_minutes = 5\ncolour = \"\u{1b}[31mred\"\n").unwrap();
    let wrong = home.run(&["status", "--settings", &file.to_string_lossy()]);
    assert_eq!(wrong.status.code(), Some(3));
    let words = text(&wrong.stderr);
    assert!(
        words.contains("line 2") && words.contains("Correct the file"),
        "{words}"
    );
    assert!(!words.contains('\u{1b}'), "{words:?}");
}

#[test]
fn a_damaged_store_is_left_as_it_is() {
    let home = Home::new();
    let dir = home.path().join("data");
    let settings = home.path().join("s.toml");
    fs::write(
        &settings,
        "[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\"\nname = \"Finebak\"\n\
         primary_domain = \"finebak.com\"\n[[devices]]\nfqdn = \"ump.finebak.com\"\n",
    )
    .unwrap();
    let (dir_text, settings_text) = (dir.to_string_lossy(), settings.to_string_lossy());
    let arguments = [
        "status",
        "--stored",
        "--data-dir",
        &dir_text,
        "--settings",
        &settings_text,
    ];
    let good = home.run(&arguments);
    assert_eq!(
        good.status.code(),
        Some(3),
        "never read: {}",
        text(&good.stderr)
    );
    assert!(text(&good.stdout).contains("ump.finebak.com"));
    let store = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.extension()
                .is_some_and(|end| end != "log" && end.len() < 8)
        })
        .expect("a store");
    let mut rubbish = b"this is no store at all\n".repeat(100);
    rubbish.truncate(2048);
    fs::write(&store, &rubbish).unwrap();
    let damaged = home.run(&arguments);
    assert_eq!(damaged.status.code(), Some(3));
    let words = text(&damaged.stderr);
    assert!(
        words.contains("damaged") && words.contains("Move it away"),
        "{words}"
    );
    assert_eq!(fs::read(&store).unwrap(), rubbish);
}

#[test]
fn nothing_in_the_data_folder_may_be_read_by_others() {
    let home = Home::new();
    let dir = home.path().join("data");
    let output = home.run(&[
        "status",
        "--sandbox",
        "--tenant",
        "nobody",
        "--data-dir",
        &dir.to_string_lossy(),
    ]);
    assert_eq!(output.status.code(), Some(64));
    assert!(
        text(&output.stderr).contains("Finebak"),
        "{}",
        text(&output.stderr)
    );
    for file in home.files() {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", file.display());
    }
    assert!(dir.join("umpdeck.log").exists() && dir.join("sandbox").is_dir());
}

#[test]
fn a_server_that_is_no_sandbox_is_told_apart() {
    let home = Home::new();
    let status = |port: u16| {
        let url = format!("http://127.0.0.1:{port}");
        let output = home.run(&["status", "--json", "--endpoint", &url]);
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(text(&output.stdout), "");
        text(&output.stderr)
    };
    // Nobody listens.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let words = status(port);
    assert!(
        words.contains("sandbox's inventory") && words.contains("umpdeck sandbox"),
        "{words}"
    );
    // Takes the connection and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let words = status(silent.local_addr().unwrap().port());
    assert!(words.contains("did not answer within"), "{words}");
    // Answers rubbish.
    let rubbish = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = rubbish.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        let (mut one, _) = rubbish.accept().unwrap();
        let mut request = [0; 1024];
        let _ = std::io::Read::read(&mut one, &mut request);
        let _ = one.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\n\x1b[31mhi",
        );
    });
    let words = status(port);
    serving.join().unwrap();
    assert!(words.contains("sandbox's inventory"), "{words}");
    assert!(!words.contains('\u{1b}'), "{words:?}");
    // Another machine's address is refused before anything is sent.
    let output = home.run(&["status", "--endpoint", "https://example.com"]);
    assert!(text(&output.stderr).contains("not on this machine"));
}

#[test]
fn the_keys_are_those_of_the_console() {
    let home = Home::new();
    let plain = text(&home.run(&["keys"]).stdout);
    let markdown = text(&home.run(&["keys", "--markdown"]).stdout);
    assert_eq!(markdown, umpdeck::console::keymap::readme_table());
    for binding in umpdeck::console::keymap::KEYMAP {
        assert!(plain.contains(binding.help), "{}", binding.help);
    }
}

fn doctor(home: &Home, more: &[&str]) -> (Option<i32>, serde_json::Value) {
    let output = home.run(&[&["doctor", "--json"], more].concat());
    let words = text(&output.stdout);
    let document = serde_json::from_str(&words).unwrap_or_else(|why| panic!("{why}: {words}"));
    (output.status.code(), document)
}

fn finding<'a>(document: &'a serde_json::Value, subject: &str) -> &'a serde_json::Value {
    let all = document["findings"].as_array().expect("findings");
    let found = all.iter().find(|one| one["subject"] == subject);
    found.unwrap_or_else(|| panic!("{subject}: {document:#}"))
}

#[test]
fn the_doctor_finds_everything_in_order_but_the_sign_in_that_waits_for_a_person() {
    let home = Home::new();
    let (code, document) = doctor(&home, &["--sandbox"]);
    assert_eq!(code, Some(3));
    for subject in ["terminal", "clipboard", "store", "clock", "Finebak: Graph"] {
        assert_eq!(finding(&document, subject)["health"], "good", "{subject}");
    }
    let sign_in = finding(&document, "Finebak: sign-in");
    assert_eq!(sign_in["health"], "unknown");
    assert!(
        sign_in["mend"].as_str().unwrap().contains("umpdeck signin"),
        "{sign_in}"
    );
    let portals = document["findings"].as_array().unwrap().iter();
    let portals = portals.filter(|one| one["subject"].as_str().unwrap().starts_with("portal "));
    assert_eq!(
        portals.count(),
        1,
        "each host once, however many devices it serves"
    );
}

#[test]
fn the_doctor_does_not_call_a_server_well_that_says_it_cannot_serve() {
    let (home, ground) = (Home::new(), Ground::start("503=any"));
    let (code, document) = doctor(&home, &["--endpoint", &ground.url]);
    assert_eq!(code, Some(2), "{document:#}");
    let host = ground.url.trim_start_matches("http://");
    let portal = finding(&document, &format!("portal {host}"));
    assert_eq!(portal["health"], "bad", "{portal}");
    assert!(
        portal["found"].as_str().unwrap().contains("503"),
        "{portal}"
    );
}

#[test]
fn the_doctor_goes_on_where_other_commands_stop() {
    let home = Home::new();
    let settings = home.path().join("settings.toml");
    let file = settings.to_str().unwrap();
    std::fs::write(&settings, "tenants = 5\n").unwrap();
    let (code, document) = doctor(&home, &["--settings", file]);
    assert_eq!(code, Some(2));
    assert_eq!(finding(&document, "terminal")["health"], "good");
    assert_eq!(
        finding(&document, "the settings can't be used")["health"],
        "bad"
    );
    // A port that nobody listens at any more.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    std::fs::write(
        &settings,
        format!(
            "[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\"\nname = \"Finebak\"\n\
             primary_domain = \"finebak.com\"\nlogin = \"http://{closed}\"\ngraph = \"http://{closed}\"\n\
             [[devices]]\nfqdn = \"ump.finebak.com\"\n"
        ),
    )
    .unwrap();
    let (code, document) = doctor(&home, &["--settings", file]);
    assert_eq!(code, Some(2));
    assert_eq!(finding(&document, "store")["health"], "good");
    for subject in ["Finebak: sign-in", "Finebak: Graph"] {
        let found = finding(&document, subject);
        assert_eq!(found["health"], "bad", "{found}");
        assert!(
            found["found"]
                .as_str()
                .unwrap()
                .contains("can't be reached"),
            "{found}"
        );
        assert!(found["mend"].is_string(), "{found}");
    }
    assert_eq!(finding(&document, "clock")["health"], "unknown");
}

#[test]
fn a_terminal_is_asked_and_only_a_yes_carries_a_plan_out() {
    let ground = Ground::start("");
    let home = crate::support::ground::Home::new();
    let changes = || ground.changes().len();
    let ask = |answer: &str| {
        let words = ["--endpoint", ground.url.as_str(), "repair", "voice05"];
        let mut pty = home.start(&words, (100, 30));
        pty.wait_for("Carry it out? [y/N]");
        pty.send(answer);
        let code = pty.wait_exit();
        (code, pty.screen_text())
    };
    for no in ["\r", "n\r", "maybe\r"] {
        let (code, screen) = ask(no);
        assert_eq!(code, 1, "{screen}");
        assert!(screen.contains("Nothing was done."), "{screen}");
    }
    assert_eq!(changes(), 0);
    let (code, screen) = ask("y\r");
    assert_eq!(code, 0, "{screen}");
    assert!(changes() > 0);
}

#[test]
fn a_terminal_sees_a_bar_and_a_file_sees_none() {
    let home = crate::support::ground::Home::new();
    let mut pty = home.start(&["status", "--sandbox"], (100, 40));
    pty.wait_for_bytes(|bytes| String::from_utf8_lossy(bytes).contains("/4 reading"));
    assert_eq!(pty.wait_exit(), 2);
    assert!(
        !pty.screen_text().contains("/4 reading"),
        "it is gone in the end"
    );
    let home = Home::new();
    let output = home.run(&["status", "--sandbox"]);
    assert!(
        !text(&output.stderr).contains("/4"),
        "{}",
        text(&output.stderr)
    );
}
