//! An operator finds everything without a document, and changes nothing by accident: palette, filter, read-only, keys of
//! one's own, messages, doctor, mouse, the first visit; all through the real binary on a real terminal.

use crate::support::ground::{Ground, Home, WIDE, choose, wait_for_line, wait_for_the_fleet};

/// Writes a settings file into a home and gives its place.
fn settings(home: &Home, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let (_, config) = home.environment().remove(2);
    let folder = std::path::Path::new(&config).join("umpdeck");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("settings.toml");
    std::fs::write(&file, text).expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("its mode");
    file.to_str().expect("a plain path").to_string()
}

#[test]
fn the_palette_opens_a_device_by_a_few_letters_and_does_what_its_words_say() {
    let home = Home::new();
    let mut pty = home.sandbox(WIDE);
    pty.send(":");
    pty.wait_for("What do you want to do?");
    pty.send("umpwest");
    wait_for_line(&pty, &["ump-west.finebak.com", "Drift"]);
    pty.send("\r");
    pty.wait_for("› ump-west.finebak.com");
    pty.send(":");
    pty.send("plan a repair");
    wait_for_line(&pty, &["f", "repair", "Plan a repair"]);
    pty.send("\r");
    pty.wait_for("Plan: repair ump-west.finebak.com");
    pty.send("\x1b");
    pty.wait_gone("Plan: repair");
    pty.send("\x1b");
    pty.wait_for("Devices 30");
}

#[test]
fn a_mistaken_filter_is_corrected_under_its_line_and_completed_by_tab() {
    let home = Home::new();
    let mut pty = home.sandbox((80, 24));
    pty.send("/status:drfit ");
    pty.wait_for("no status has \"drfit\" in it");
    pty.send("\x15status:dri\t");
    pty.wait_for("/ status:drift");
    pty.wait_gone("no status has");
    pty.wait_for("ump-west.finebak.com");
    pty.send("\x15customer:mallory");
    pty.wait_for("Devices 1 of 30");
    pty.wait_for("voice11.contoso-telco.com");
    pty.send("\x1b");
    pty.wait_for("Devices 30");
}

#[test]
fn a_read_only_console_changes_nothing_whatever_is_pressed() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = home.start(&["--endpoint", &ground.url, "--read-only"], WIDE);
    wait_for_the_fleet(&pty);
    pty.wait_for("READ-ONLY");
    choose(&mut pty, "ump-west.finebak.com");
    ground.forget_requests();
    for key in ["f", "p", "R", "c"] {
        pty.send(key);
        pty.wait_for("read-only: umpdeck was started with --read-only");
    }
    pty.send("\r");
    pty.wait_for("FOUND");
    pty.send("SS");
    pty.wait_for("read-only: umpdeck was started with --read-only");
    assert_eq!(ground.changes(), [""; 0]);

    // Headless, the same: planned, and refused when it is to be carried out.
    let line = ["repair", "ump-west", "--yes", "--read-only"];
    let output = home.run_at(&ground.url, &line);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("started with --read-only"), "{said}");
    assert_eq!(ground.changes(), [""; 0]);
}

#[test]
fn keys_of_ones_own_work_and_a_conflict_is_refused_before_the_screen_is_taken() {
    let home = Home::new();
    settings(&home, "[keys]\nrepair = \"f6\"\n");
    let mut pty = home.sandbox(WIDE);
    choose(&mut pty, "ump-west.finebak.com");
    pty.wait_for("F6 repair");
    pty.send("\x1b[17~");
    pty.wait_for("Plan: repair ump-west.finebak.com");
    drop(pty);

    settings(&home, "[keys]\nrepair = \"p\"\n");
    let mut pty = home.start(&["--sandbox"], WIDE);
    pty.wait_for("p would be both repair (repair) and push (push) in the pane Fleet");
    assert_ne!(pty.wait_exit(), 0);
}

#[test]
fn messages_and_doctor_are_a_key_away() {
    let home = Home::new();
    let mut pty = home.sandbox(WIDE);
    choose(&mut pty, "ump-01.finebak.com");
    pty.send("c");
    pty.wait_for("has a registration already");
    pty.send("M");
    pty.wait_for("Messages, the newest first");
    pty.wait_for("just now: ump-01 has a registration already");
    pty.send("\x1b");
    pty.wait_gone("Messages, the newest first");
    pty.send("I");
    pty.wait_for("Doctor");
    pty.wait_for("clipboard: ");
    pty.wait_for("is not damaged");
    pty.wait_for("Finebak: Graph");
    pty.send("\x1b");
    pty.wait_gone("Doctor");
}

#[test]
fn the_mouse_selects_and_opens_only_while_it_is_taken_and_is_given_back() {
    let home = Home::new();
    let mut pty = home.sandbox(WIDE);
    choose(&mut pty, "ump-01.finebak.com");
    pty.send("\x1b");
    pty.wait_for("Devices 30");
    let row = |pty: &crate::support::pty::Pty, name: &str| {
        let text = pty.screen_text();
        let found = text.lines().position(|line| line.contains(name));
        found.expect("its row") + 1
    };
    let took = |pty: &crate::support::pty::Pty| {
        String::from_utf8_lossy(&pty.raw_bytes()).contains("\x1b[?1000h")
    };
    assert!(!took(&pty), "the mouse is the terminal's at first");
    pty.send("W");
    pty.wait_for("hold Shift to select text");
    assert!(took(&pty));
    let click = format!("\x1b[<0;40;{}M", row(&pty, "ump-west.finebak.com"));
    pty.send(&click);
    pty.wait_for("4 checks differ");
    pty.send(&click);
    pty.wait_for("› ump-west.finebak.com");
    pty.send("\x1bq");
    assert_eq!(pty.wait_exit(), 0);
    let bytes = String::from_utf8_lossy(&pty.raw_bytes()).into_owned();
    let (taken, given_back) = (bytes.rfind("\x1b[?1000h"), bytes.rfind("\x1b[?1000l"));
    assert!(given_back > taken, "{taken:?} {given_back:?}");
}

#[test]
fn the_first_visit_offers_a_settings_file_and_the_training_ground() {
    let home = Home::new();
    let mut pty = home.start(&[], (80, 24));
    pty.wait_for("No devices yet.");
    pty.wait_for("w writes a settings file with comments");
    pty.send("w");
    pty.wait_for("is written");
    let written = home
        .files()
        .into_iter()
        .any(|file| file.ends_with("settings.toml"));
    assert!(written);
    pty.send("T");
    wait_for_the_fleet(&pty);
    pty.wait_for("SANDBOX");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    assert!(pty.is_cooked());
}

#[test]
fn a_theme_of_the_sites_own_is_a_file_by_its_name() {
    let home = Home::new();
    let place = settings(
        &home,
        "[screen]\ntheme = \"noc\"\nthemes_dir = \"themes\"\n",
    );
    let folder = std::path::Path::new(&place).with_file_name("themes");
    std::fs::create_dir(&folder).expect("a folder");
    let theme = include_str!("../../assets/themes/default.toml").replace("\"red\"", "\"magenta\"");
    std::fs::write(folder.join("noc.toml"), theme).expect("a file");
    let pty = home.sandbox(WIDE);
    let magenta = |screen: &vt100::Screen| {
        let places = (0..50).flat_map(|row| (0..180).map(move |column| (row, column)));
        places
            .filter_map(|(row, column)| screen.cell(row, column))
            .any(|cell| cell.contents() == "✖" && cell.fgcolor() == vt100::Color::Idx(5))
    };
    pty.wait_until(magenta);
}

#[test]
fn three_panes_two_panes_or_one_by_the_width_and_the_checklist_follows_the_cursor() {
    let home = Home::new();
    let mut pty = home.sandbox((200, 50));
    pty.wait_for("Tenants");
    wait_for_line(&pty, &["Devices 30", "livecloud.finebak.com", "/"]);
    pty.wait_for("FOUND (wanted)");
    pty.send("/ump-west\r");
    wait_for_line(&pty, &["Devices 1 of 30", "ump-west.finebak.com"]);
    pty.resize(120, 36);
    pty.wait_gone("FOUND (wanted)");
    pty.wait_for("Tenants");
    pty.resize(80, 24);
    pty.wait_gone("Tenants");
    pty.send("\r");
    pty.wait_for("› ump-west.finebak.com");
    // The breadcrumb is the way back.
    pty.send("\x1b");
    wait_for_line(&pty, &["Devices 1 of 30"]);
}

#[test]
fn leaving_asks_while_a_run_is_under_way() {
    let ground = Ground::start("hold=addPassword");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    choose(&mut pty, "ump-02.finebak.com");
    pty.send("R");
    pty.wait_for("Plan: rotate");
    pty.send("\r");
    pty.wait_for("under way for");
    pty.send("\x1b");
    pty.wait_for("Enter open");
    pty.send("q");
    pty.wait_for("a run on ump-02 is under way; q again leaves");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}
