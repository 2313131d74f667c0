//! `umpdeck devices` and `umpdeck tenants edit|remove`: what would change is shown, and written when that is asked for.

use std::path::PathBuf;
use std::process::Output;

use crate::support::program::{Home, PROGRAM, text};
use serde_json::Value;

const SETTINGS: &str = "# ours\n[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\"\nname = \"Finebak\"\n\
    primary_domain = \"finebak.com\" # the first\n\n\
    # in rack 4\n[[devices]]\nfqdn = \"ump-1.finebak.com\"\nnotes = \"rack 4\" # left\n";

struct Place {
    home: Home,
    settings: PathBuf,
}

impl Place {
    fn new() -> Place {
        let home = Home::new();
        let settings = home.path().join("settings.toml");
        std::fs::write(&settings, SETTINGS).expect("written");
        Place { home, settings }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let settings = self.settings.to_str().expect("UTF-8");
        self.home
            .run(&[arguments, &["--settings", settings]].concat())
    }

    /// Runs it, sees its exit code, and gives what it printed.
    #[track_caller]
    fn code(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let words = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {words}");
        words
    }

    fn written(&self) -> String {
        std::fs::read_to_string(&self.settings).expect("settings")
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.to_str().expect("UTF-8").to_string()
    }
}

#[test]
fn a_device_is_added_edited_and_removed_only_with_yes_and_remarks_stay() {
    let place = Place::new();
    let add = ["devices", "add", "UMP-2.finebak.com", "--notes", "new"];
    let shown = place.code(&add, 1);
    assert!(
        shown.contains("add UMP-2.finebak.com\n    notes: new\n1 new device\n"),
        "{shown}"
    );
    assert_eq!(place.written(), SETTINGS);
    place.code(&[&add[..], &["--yes"]].concat(), 0);
    assert_eq!(
        place.written(),
        format!("{SETTINGS}\n[[devices]]\nfqdn = \"UMP-2.finebak.com\"\nnotes = \"new\"\n")
    );
    let again = place.code(&add, 64);
    assert!(again.contains("listed already"), "{again}");
    let edit = [
        "devices",
        "edit",
        "ump-1.finebak.com",
        "--notes",
        "rack 5",
        "--yes",
    ];
    let shown = place.code(&edit, 0);
    assert!(shown.contains("notes: rack 4 → rack 5"), "{shown}");
    assert!(
        place.written().contains("notes = \"rack 5\" # left"),
        "{}",
        place.written()
    );
    assert!(place.code(&edit, 0).contains("1 unchanged"));
    // A device is meant here as everywhere: by its first label, where only one has it.
    let by_label = place.code(&["devices", "edit", "ump-1", "--notes", "rack 5"], 0);
    assert!(by_label.contains("1 unchanged"), "{by_label}");
    place.code(
        &[
            "devices",
            "remove",
            "ump-1.finebak.com",
            "ump-2.finebak.com",
            "--yes",
        ],
        0,
    );
    let left = place.written();
    assert!(
        left.contains("# ours") && left.contains("# the first"),
        "{left}"
    );
    assert!(
        !left.contains("rack") && !left.contains("devices"),
        "{left}"
    );
    let listed = place.code(&["devices"], 0);
    assert!(listed.contains("umpdeck devices add"), "{listed}");
}

#[test]
fn what_can_not_be_is_refused_with_its_field_and_reason() {
    let place = Place::new();
    for (arguments, why) in [
        (&["devices", "add", "10.0.0.1"][..], "fqdn: an IP address"),
        (
            &["devices", "add", "a.finebak.com", "--tenant", "x"],
            "there are: Finebak",
        ),
        (
            &["devices", "edit", "ump-1.finebak.com", "--mpn-id", "x"],
            "mpn_id: a Partner One",
        ),
        (
            &[
                "devices",
                "edit",
                "ump-1.finebak.com",
                "--portal-profile",
                "x",
            ],
            "there are: handoff",
        ),
        (
            &["devices", "remove", "ump-9.finebak.com"],
            "there is no such device",
        ),
        (&["devices", "--sandbox"], "a sandbox's devices are its own"),
        (
            &["tenants", "edit", "nobody", "--name", "x"],
            "there is no such tenant",
        ),
    ] {
        let output = place.run(arguments);
        let words = text(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{arguments:?}: {words}");
        assert!(words.contains(why), "{arguments:?}: {words}");
    }
    assert_eq!(place.written(), SETTINGS);
}

#[test]
fn an_import_shows_every_bad_line_and_writes_nothing_unless_they_are_to_be_skipped() {
    let place = Place::new();
    let csv = place.file(
        "fleet.csv",
        "fqdn,notes\nump-1.finebak.com,moved\n10.0.0.1,x\nump-3.finebak.com,\"'=1+1\"\nump-3.finebak.com,\n",
    );
    let import = ["devices", "import", &csv];
    for arguments in [&import[..], &[&import[..], &["--yes"]].concat()] {
        let shown = place.code(arguments, 3);
        for part in [
            "change ump-1.finebak.com\n    notes: rack 4 → moved\n",
            "add ump-3.finebak.com\n    notes: =1+1\n",
            "line 3, 10.0.0.1: fqdn: an IP address",
            "line 5, ump-3.finebak.com: line 4 names this device already",
            "1 new device, 1 changed, 2 bad lines",
            "Nothing was written: the file has bad lines",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert_eq!(place.written(), SETTINGS);
    }
    place.code(&[&import[..], &["--skip-bad"]].concat(), 1);
    assert_eq!(place.written(), SETTINGS);
    place.code(&[&import[..], &["--skip-bad", "--yes"]].concat(), 0);
    assert!(
        place.written().contains("notes = \"=1+1\""),
        "{}",
        place.written()
    );
}

#[test]
fn what_is_exported_is_imported_as_it_was_in_both_formats() {
    let place = Place::new();
    for (format, content) in [("csv", "'=1"), ("toml", "short_name")] {
        let with_customers = format!(
            "{SETTINGS}[[devices.customers]]\nshort_name = \"zeta\"\nfull_name = \"=1, \\\"2\\\"\"\n\n\
             [[devices.customers]]\nshort_name = \"acme\"\n"
        );
        std::fs::write(&place.settings, &with_customers).expect("written");
        let exported = place.run(&["devices", "export", "--format", format]);
        let exported = text(&exported.stdout);
        assert!(exported.contains(content), "{exported}");
        let file = place.file(&format!("fleet.{format}"), &exported);
        let again = place.code(&["devices", "import", &file], 0);
        assert!(again.contains("1 unchanged"), "{again}");
        let listed = place.run(&["devices", "--json"]).stdout;
        place.code(&["devices", "remove", "ump-1.finebak.com", "--yes"], 0);
        place.code(&["devices", "import", &file, "--yes"], 0);
        let devices = |bytes: &[u8]| -> Value {
            serde_json::from_slice::<Value>(bytes).expect("JSON")["devices"].clone()
        };
        assert_eq!(
            devices(&place.run(&["devices", "--json"]).stdout),
            devices(&listed)
        );
        let anew = place.run(&["devices", "export", "--format", format]);
        assert_eq!(text(&anew.stdout), exported);
    }
}

#[test]
fn an_import_may_come_through_a_pipe() {
    use std::io::Write as _;
    let place = Place::new();
    let mut child = place
        .home
        .command(PROGRAM)
        .args(["devices", "import", "-", "--yes", "--settings"])
        .arg(&place.settings)
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("its input");
    input
        .write_all(b"[[devices]]\nfqdn = \"ump-7.finebak.com\"\n")
        .expect("taken");
    drop(input);
    assert_eq!(
        child.wait_with_output().expect("an end").status.code(),
        Some(0)
    );
    assert!(place.written().contains("ump-7.finebak.com"));
}

#[test]
fn a_settings_file_that_others_may_change_is_not_touched() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let open = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(&place.settings, open).expect("a mode");
    let words = place.code(&["devices", "add", "a.finebak.com", "--yes"], 3);
    assert!(words.contains("chmod 600"), "{words}");
    assert_eq!(place.written(), SETTINGS);
}

#[test]
fn a_tenant_is_edited_with_its_devices_and_removed_when_it_has_none() {
    let place = Place::new();
    place.code(
        &[
            "devices",
            "edit",
            "ump-1.finebak.com",
            "--tenant",
            "Finebak",
            "--yes",
        ],
        0,
    );
    let edit = [
        "tenants",
        "edit",
        "finebak.com",
        "--name",
        "Fine",
        "--secret-env",
        "S",
    ];
    let needs_client = place.run(&edit);
    assert_eq!(needs_client.status.code(), Some(64));
    let id = "22222222-2222-3333-4444-555555555555";
    let edit = [&edit[..], &["--client-id", id]].concat();
    let shown = place.code(&edit, 1);
    assert!(shown.contains("name: Finebak → Fine"), "{shown}");
    assert!(shown.contains(&format!("client-secret as {id}")), "{shown}");
    place.code(&[&edit[..], &["--yes"]].concat(), 0);
    let written = place.written();
    assert!(
        written.contains("tenant = \"Fine\"") && written.contains("# the first"),
        "{written}"
    );
    let refused = place.code(&["tenants", "remove", "Fine", "--yes"], 3);
    assert!(refused.contains("1 device is listed for it"), "{refused}");
    place.code(&["devices", "remove", "ump-1.finebak.com", "--yes"], 0);
    place.code(&["tenants", "remove", "Fine"], 1);
    place.code(&["tenants", "remove", "Fine", "--yes"], 0);
    assert!(!place.written().contains("tenants"), "{}", place.written());
}

#[test]
fn where_umpdeck_only_looks_the_inventory_is_looked_at_too() {
    let place = Place::new();
    let import = place.file("more.csv", "fqdn\nump-3.finebak.com\n");
    let add = ["devices", "add", "ump-2.finebak.com"];
    let edit = ["devices", "edit", "ump-1.finebak.com", "--notes", "x"];
    let writes: [&[&str]; 6] = [
        &add,
        &edit,
        &["devices", "remove", "ump-1.finebak.com"],
        &["devices", "import", &import],
        &["tenants", "edit", "Finebak", "--name", "Other"],
        &["tenants", "remove", "Finebak"],
    ];
    for arguments in writes {
        let said = place.run(&[arguments, &["--yes", "--read-only"]].concat());
        let words = text(&said.stderr);
        assert!(!said.status.success(), "{arguments:?}");
        // A tenant with devices can't be removed anyway; here it is not even tried.
        assert!(
            words.contains("started with --read-only"),
            "{arguments:?}: {words}"
        );
    }
    let added = place.run(&[
        "tenants",
        "add",
        "--tenant",
        "other.com",
        "--yes",
        "--read-only",
    ]);
    assert!(text(&added.stderr).contains("started with --read-only"));
    assert_eq!(place.written(), SETTINGS);

    let looked_at = SETTINGS.replace("# the first\n", "# the first\nread_only = true\n");
    std::fs::write(&place.settings, &looked_at).expect("written");
    for arguments in [&add[..], &edit] {
        let said = place.run(&[arguments, &["--yes"]].concat());
        let words = text(&said.stderr);
        assert!(
            !said.status.success() && words.contains("the settings say read_only"),
            "{arguments:?}: {words}"
        );
    }
    assert_eq!(place.written(), looked_at);
    // What would change may be looked at, and what is said of the tenant itself may be changed.
    place.code(&edit, 1);
    place.code(
        &["tenants", "edit", "Finebak", "--name", "Other", "--yes"],
        0,
    );
    assert!(place.written().contains("read_only = true"));
}

#[test]
fn a_terminal_is_asked_by_the_devices_name_and_only_a_yes_writes() {
    let place = Place::new();
    let home = crate::support::ground::Home::new();
    let settings = place.settings.to_str().expect("UTF-8");
    let ask = |words: &[&str], question: &str, answer: &str| {
        let words = [words, &["--settings", settings]].concat();
        // Wide enough for the file's name in one line.
        let mut pty = home.start(&words, (200, 30));
        pty.wait_for(&format!("{question} {settings}? [y/N]"));
        pty.send(answer);
        let code = pty.wait_exit();
        (code, pty.screen_text())
    };
    let add = ["devices", "add", "ump-2.finebak.com"];
    let remove = ["devices", "remove", "ump-2.finebak.com"];
    let edit = ["devices", "edit", "ump-2.finebak.com", "--notes", "new"];
    let tenant = ["tenants", "edit", "Finebak", "--mpn-id", "4711"];
    let each: [(&[&str], &str, &str); 4] = [
        (
            &add,
            "Add ump-2.finebak.com to",
            "fqdn = \"ump-2.finebak.com\"",
        ),
        (&edit, "Change ump-2.finebak.com in", "notes = \"new\""),
        (
            &remove,
            "Remove ump-2.finebak.com from",
            "notes = \"rack 4\"",
        ),
        (&tenant, "Change Finebak in", "mpn_id = \"4711\""),
    ];
    for (words, question, written) in each {
        let before = place.written();
        for no in ["\r", "n\r"] {
            let (code, screen) = ask(words, question, no);
            assert_eq!(code, 1, "{screen}");
            assert!(screen.contains("Nothing was written."), "{screen}");
        }
        assert_eq!(place.written(), before);
        let (code, screen) = ask(words, question, "y\r");
        assert_eq!(code, 0, "{screen}");
        assert!(place.written().contains(written), "{}", place.written());
    }
    assert!(!place.written().contains("ump-2"), "{}", place.written());
}
