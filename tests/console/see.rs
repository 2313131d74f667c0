//! An operator sees at a glance how the fleet stands: worst first, with the reason, at once.

use std::time::Duration;

use crate::support::gate::Gate;
use crate::support::ground::{Ground, Home, WIDE, eventually, open, wait_for_the_fleet};
use crate::support::pty::Pty;

/// The statuses, worst first, as they are documented.
const STATUSES: [&str; 8] = [
    "Secret expired",
    "Not registered",
    "Drift",
    "Not pushed",
    "Secret expiring",
    "Consent pending",
    "Unreachable",
    "OK",
];

/// The statuses of the rows, from the top.
fn statuses(pty: &Pty) -> Vec<usize> {
    rows(pty)
        .iter()
        .map(|row| {
            let row = row.trim_start_matches("?");
            let known = STATUSES.iter().position(|one| row.starts_with(one));
            known.unwrap_or_else(|| panic!("a status in {row:?}"))
        })
        .collect()
}

/// What stands behind the FQDN of each device's row, from the top.
fn rows(pty: &Pty) -> Vec<String> {
    let fqdn = |word: &str| {
        let word = word.trim();
        word.ends_with(".com") && word.matches('.').count() == 2
    };
    pty.screen_text()
        .lines()
        .filter_map(|line| {
            let word = line.split_whitespace().find(|word| fqdn(word))?;
            let (_, rest) = line.split_once(word)?;
            Some(rest.trim_start().to_string())
        })
        .collect()
}

#[test]
fn every_status_stands_there_because_of_what_was_read_and_the_worst_come_first() {
    let ground = Ground::start("");
    let home = Home::new();
    let pty = ground.console(&home, WIDE);
    for status in STATUSES {
        pty.wait_for(status);
    }
    pty.wait_gone("Not read yet");
    let shown = statuses(&pty);
    assert_eq!(shown.len(), 30, "{}", pty.screen_text());
    assert!(shown.is_sorted(), "{}", pty.screen_text());
    assert!(pty.screen_text().contains("SANDBOX"));
    // Graph was asked for them: nothing of this comes from the inventory.
    let lists = |one: &String| one.starts_with("GET /v1.0/applications");
    assert!(ground.requests().iter().any(lists));
}

#[test]
fn tab_narrows_the_list_to_one_tenant_after_the_other_and_esc_leads_back() {
    let home = Home::new();
    let mut pty = home.sandbox(WIDE);
    for (tenant, domain, count) in [
        ("Finebak", "finebak.com", 9),
        ("Contoso Telco", "contoso-telco.com", 14),
        ("Northwind Voice", "northwind-voice.com", 5),
    ] {
        pty.send("\t");
        pty.wait_for(&format!("Fleet › {tenant}"));
        pty.wait_for(&format!("Devices {count} ·"));
        let text = pty.screen_text();
        assert_eq!(text.matches(&format!(".{domain}")).count(), count, "{text}");
        assert_eq!(rows(&pty).len(), count, "{text}");
    }
    pty.send("\x1b");
    pty.wait_for("Devices 30 ·");
}

#[test]
fn the_row_under_the_cursor_says_why_and_what_to_do_next() {
    let home = Home::new();
    let mut pty = home.sandbox((80, 24));
    pty.wait_for("The secret in use expired on");
    pty.wait_for("R  rotate the secret");
    pty.send("j");
    pty.wait_for("The tenant has no registration for this device.");
    pty.wait_for("c  create the registration");
    pty.send("/");
    pty.send("ump-west\r");
    pty.wait_for("4 checks differ: Redirect URI, ID tokens (implicit)");
    pty.wait_for("f  repair");
}

#[test]
fn a_customers_name_with_escapes_in_it_is_only_text() {
    let home = Home::new();
    let mut pty = home.sandbox((120, 40));
    open(&mut pty, "voice11.contoso-telco.com");
    pty.send("5");
    pty.wait_for("mallory");
    let text = pty.screen_text();
    let line = text.lines().find(|line| line.contains("mallory"));
    assert!(line.expect("its line").contains("Mallory"), "{text}");
    assert!(text.contains("SANDBOX"), "the screen was not cleared");
    let bytes = String::from_utf8_lossy(&pty.raw_bytes()).into_owned();
    for hostile in ["\x1b]0;", "\x07", "\u{202e}", "\u{202c}"] {
        assert!(!bytes.contains(hostile), "{hostile:?} came through");
    }
    // The console clears the screen when it begins, and never again here.
    let begun = bytes.find("SANDBOX").expect("the header");
    assert!(!bytes[begun..].contains("\x1b[2J"), "a clear came through");
}

#[test]
fn the_facts_of_the_last_visit_stand_there_before_any_network_and_say_their_age() {
    let ground = Ground::start("");
    let gate = Gate::before(&ground);
    let home = Home::new();
    let url = gate.url();
    let mut first = home.start(&["--endpoint", &url], WIDE);
    wait_for_the_fleet(&first);
    first.send("q");
    assert_eq!(first.wait_exit(), 0);

    // As if that had been three hours ago.
    let store = home.store();
    let earlier = i64::try_from(Duration::from_secs(3 * 3_600 + 60).as_millis()).expect("small");
    let changed = store
        .execute(
            "UPDATE fleet SET read_at = read_at - ?1 WHERE read_at IS NOT NULL",
            [earlier],
        )
        .expect("the facts age");
    assert!(changed >= 26, "{changed}");
    drop(store);

    gate.shut();
    let mut second = home.start(&["--endpoint", &url], WIDE);
    second.wait_for("livecloud.finebak.com");
    // Every request of this visit is held, so this can only be what was stored.
    second.wait_until(|screen| {
        let contents = screen.contents();
        let row = |fqdn: &str, status: &str| {
            let line = contents.lines().find(|line| line.contains(fqdn));
            line.is_some_and(|line| line.contains(status) && line.contains(" 3h "))
        };
        row("livecloud.finebak.com", "Secret expired")
            && row("ump-west.finebak.com", "Drift")
            && row("ump-01.finebak.com", "OK")
    });
    second.wait_for("reading 4 tenants");
    second.send("jj");
    second.wait_for("The tenant has no registration for this device.");
    eventually("a request", || gate.held() > 0);

    // A long reading is counted, and its key stops it: what stands there is what was there.
    second.wait_for(" s, r stops");
    second.send("r");
    second.wait_for("reading stopped: the list shows what was read before");
    second.wait_gone("reading 4 tenants");
    second.wait_for("read 3h ago");
    second.send("r");
    second.wait_for("reading 4 tenants");
    second.send("q");
    assert_eq!(second.wait_exit(), 0);
}
