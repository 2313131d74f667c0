//! What the console costs a slow line, counted in bytes on a real terminal, with a large fleet: never milliseconds.

use std::time::Instant;

use crate::support::fleet;
use crate::support::ground::{Ground, Home, WIDE, eventually, push_held};
use crate::support::pty::Pty;
use crate::support::scale::{LargeSite, frames, own_memory, reason};
use umpdeck::registration::status::Status;

const DEVICES: usize = 10_000;
const TENANTS: usize = 200;
const CUSTOMERS: usize = 50_000;

/// Columns and rows, and the most bytes that a cursor move may cost there.
const SIZES: [((u16, u16), usize); 2] = [((80, 24), 130), ((200, 50), 250)];

/// The most bytes of what follows a resting cursor.
const DETAIL: usize = 2_000;

#[track_caller]
fn frames_of(pty: &Pty) -> Vec<usize> {
    frames(&pty.raw_bytes()).0
}

/// The device under the cursor by its reason, once it is shown.
#[track_caller]
fn wait_for_reason(pty: &Pty, at: usize) {
    pty.wait_for(&reason(at));
}

/// The devices at the top of the list: the worst status, of these the secret that ended first, then by name.
fn order() -> Vec<usize> {
    let mut all: Vec<usize> = (0..DEVICES).collect();
    all.retain(|at| fleet::verdict(*at).status == Status::SecretExpired);
    all.sort_by_key(|at| (fleet::secret_days(*at), *at));
    all
}

#[test]
fn a_cursor_move_costs_few_bytes_and_its_reason_follows_in_one_small_write() {
    let site = LargeSite::new(DEVICES, CUSTOMERS / DEVICES, TENANTS);
    for (size, most) in SIZES {
        let mut pty = site.console(size);
        wait_for_reason(&pty, order()[0]);
        let first = frames_of(&pty);
        // Every tenant has been asked, and none will ever answer.
        pty.wait_for(&format!("reading {TENANTS} tenants"));
        let most_at_first = if size.0 < 100 { 5_000 } else { 12_000 };
        assert!(first[0] <= most_at_first, "{first:?} at {size:?}");
        let (mut cursor, mut apart) = (0, 0);
        let keys = ["j", "j", "k", "j", "j", "j", "k", "\x1b[B", "\x1b[A"];
        for key in keys {
            cursor = match key {
                "j" | "\x1b[B" => cursor + 1,
                _ => cursor - 1,
            };
            let before = frames_of(&pty).len();
            pty.send(key);
            wait_for_reason(&pty, order()[cursor]);
            let came = frames_of(&pty).split_off(before);
            // The move, then the reason; on a machine that stalls between, something else may have come with them.
            if let [at_once, after_rest] = came[..] {
                assert!(at_once <= most, "{came:?} at {size:?}, {key:?}");
                assert!(after_rest <= DETAIL, "{came:?} at {size:?}, {key:?}");
                apart += 1;
            }
            let all: usize = came.iter().sum();
            assert!(all <= most + DETAIL, "{came:?} at {size:?}, {key:?}");
        }
        assert!(apart * 2 > keys.len(), "{apart} of {}", keys.len());
        // A held key: whatever is waiting is taken at once.
        let (before, held) = (frames_of(&pty).len(), 12);
        pty.send(&"j".repeat(held));
        wait_for_reason(&pty, order()[cursor + held]);
        let came: usize = frames_of(&pty).split_off(before).iter().sum();
        assert!(came <= held * most + DETAIL, "{came} bytes for {held} keys");
        // Beyond the page's edge a list scrolls; the screen is never cleared for it.
        pty.send("\x06\x06");
        wait_for_reason_other_than(&pty, order()[cursor + held]);
        let bytes = pty.raw_bytes();
        let clear = b"\x1b[2J";
        let cleared = bytes.windows(clear.len()).filter(|part| part == clear);
        assert_eq!(cleared.count(), 1, "only when the terminal was entered");
        pty.send("\x03");
        assert_eq!(pty.wait_exit(), 0);
        let (_, outside) = frames(&pty.raw_bytes());
        assert!(outside < 120, "{outside} bytes outside of frames");
    }
}

#[track_caller]
fn wait_for_reason_other_than(pty: &Pty, at: usize) {
    let gone = reason(at);
    pty.wait_until(|screen| {
        let contents = screen.contents();
        contents.contains("of the list") && !contents.contains(&gone)
    });
}

#[test]
fn fifty_thousand_customers_of_ten_thousand_devices_stay_within_40_mb() {
    for (customers, most) in [(0, 20_000), (CUSTOMERS, 34_000)] {
        let site = LargeSite::new(DEVICES, customers / DEVICES, TENANTS);
        let mut pty = site.console(WIDE);
        wait_for_reason(&pty, order()[0]);
        // Work that builds other lists: a filter, and the way back.
        pty.send("/provider");
        pty.wait_for("/ provider");
        pty.send("\x1b");
        pty.wait_gone("/ provider");
        wait_for_reason(&pty, order()[0]);
        // What was needed for reading the settings goes back to the system, if not at once.
        let process = pty.pid();
        eventually(&format!("no more than {most} KiB held"), || {
            own_memory(process) <= most
        });
        pty.send("\x03");
        assert_eq!(pty.wait_exit(), 0);
    }
}

#[test]
fn the_seconds_of_a_run_that_waits_are_all_that_is_painted_and_at_most_four_times_a_second() {
    let ground = Ground::start("hold=addPassword");
    let home = Home::new();
    let pty = push_held(&ground, &home);
    // Whatever else there was to tell has been told.
    pty.wait_gone("reading");
    let (before, began) = (frames_of(&pty).len(), Instant::now());
    pty.wait_for_bytes(|bytes| frames(bytes).0.len() >= before + 4);
    let most = 4 * (began.elapsed().as_secs() + 1);
    let mut came = frames_of(&pty).split_off(before);
    assert!(
        came.len() as u64 <= most,
        "{came:?} in {:?}",
        began.elapsed()
    );
    // One of them may be a toast that goes.
    came.sort_unstable();
    assert!(came[came.len() - 2] <= 80, "{came:?}");
    ground.release();
    pty.wait_for("ump-eu: done");
}
