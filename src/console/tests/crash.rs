//! The crash report: what the panic hook writes, when the worst that can be said in a panic is said while a secret is
//! held, shown and copied.

use std::process::Command;

use super::fixtures::*;
use crate::console::terminal::install_panic_hook;
use crate::desk::event::RunEvent;

const DEVICE: &str = "ump-hand.finebak.com";
/// Set for the process that is to panic: the place of its crash log.
const LOG: &str = "CRASH_PROBE_LOG";

/// Not a test, but the process that the test lets panic: the hook is for a whole process.
#[test]
#[ignore = "run by the other test"]
fn probe() {
    let Some(log) = std::env::var_os(LOG) else {
        return;
    };
    let mut console = Console::over(vec![by_hand(DEVICE)]);
    console.drive("p");
    let mut effects = console.drive("enter");
    console.step_done(DEVICE, 0, "added");
    console.hold_secret(DEVICE);
    console.run_event(DEVICE, RunEvent::YourTurn { step: 1 });
    effects.extend(console.press("enter"));
    assert_eq!(copies(&effects).last().expect("a copy").1, SECRET);
    console.press("k v");
    assert!(
        console.shows(SECRET),
        "it is on the screen:\n{}",
        console.text()
    );
    console.press("b");
    assert!(console.shows(SECRET), "and on a line of its own");
    install_panic_hook(log.into());
    // A report is cut off after some thousand letters: each part of the state has one of its own, and overlaps the next.
    let state: Vec<char> = format!("{effects:?} {:?}", console.model).chars().collect();
    for begin in (0..state.len()).step_by(2_000) {
        let part: String = state.iter().skip(begin).take(3_000).collect();
        std::panic::catch_unwind(|| panic!("on request, with {part}")).expect_err("a panic");
    }
    panic!("the last one");
}

#[test]
fn no_secret_is_in_a_crash_report_whatever_the_panic_says_of_the_consoles_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("crash.log");
    let module = module_path!().split_once("::").expect("in this crate").1;
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "--nocapture"])
        .arg(format!("{module}::probe"))
        .env(LOG, &log)
        .env("RUST_BACKTRACE", "full")
        .output()
        .expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!output.status.success(), "{said}");
    let report = std::fs::read_to_string(&log).unwrap_or_else(|why| panic!("{why}: {said}"));
    // It has the state in it, the handoff's fields too.
    for part in ["panicked in thread", "on request", "Copy {", DEVICE] {
        assert!(report.contains(part), "{part} in {report}");
    }
    assert!(said.contains("The details are in "), "{said}");
    for (what, text) in [("the report", &report), ("its words", &said)] {
        // Written in pieces, it would still have the better part of it in a row.
        for trace in [SECRET, &SECRET[..12], &SECRET[14..]] {
            assert!(!text.contains(trace), "{trace} in {what}: {text}");
        }
    }
}
