//! An operator adds a device in the console and it is listed at once; what another program writes is taken up too.

use std::fs;

use crate::support::ground::{Home, WIDE};

const SETTINGS: &str = "# ours\n[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\"\nname = \"Finebak\"\n\
    primary_domain = \"finebak.com\"\nlogin = \"http://127.0.0.1:9\"\ngraph = \"http://127.0.0.1:9\"\n\
    sign_in = { way = \"command\", command = [\"true\"] }\n";

#[test]
fn a_device_is_added_written_and_listed_without_a_restart() {
    let home = Home::new();
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("settings.toml");
    fs::write(&file, SETTINGS).expect("written");
    let mut pty = home.start(&["--settings", file.to_str().expect("UTF-8")], WIDE);
    pty.wait_for("No devices yet");
    pty.send("n");
    pty.wait_for("New device");
    pty.send("ump-1.finebak.com");
    pty.wait_for("https://ump-1.finebak.com/tenantui");
    pty.send("\u{e}");
    pty.wait_for("add ump-1.finebak.com");
    assert_eq!(
        fs::read_to_string(&file).expect("settings"),
        SETTINGS,
        "only shown yet"
    );
    pty.send("\r");
    pty.wait_for("Devices 1");
    pty.wait_for("ump-1.finebak.com");
    let added = "\n[[devices]]\nfqdn = \"ump-1.finebak.com\"\n";
    assert_eq!(
        fs::read_to_string(&file).expect("settings"),
        format!("{SETTINGS}{added}")
    );
    // Somebody imports one more meanwhile: the next reading takes it up.
    let more = "\n[[devices]]\nfqdn = \"ump-2.finebak.com\"\n";
    fs::write(&file, format!("{SETTINGS}{added}{more}")).expect("written");
    // What was added is being read at once, and nothing is read twice at the same time.
    pty.wait_for("Never read: the command for the token");
    pty.wait_gone("reading Finebak");
    pty.send("r");
    pty.wait_for("ump-2.finebak.com");
    pty.send("x");
    pty.wait_for("remove ump-1.finebak.com");
    pty.send("\r");
    pty.wait_gone("ump-1.finebak.com");
    assert_eq!(
        fs::read_to_string(&file).expect("settings"),
        format!("{SETTINGS}{more}")
    );
}
