//! However an operator leaves, or is torn away: the terminal is as it was, the exit code tells, nothing stays behind.

use std::time::{Duration, Instant};

use crate::support::gate::Gate;
use crate::support::ground::{
    Ground, Home, WIDE, choose, eventually, push_held, wait_for_line, wait_for_the_fleet,
};
use crate::support::pty::Pty;
use rustix::process::Signal;

/// Nothing that leaving waits for may take longer: far more than it needs, far less than a server's patience.
const PROMPT: Duration = Duration::from_secs(15);

/// Processes of the session that the terminal was for.
fn session(leader: u32) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").expect("/proc");
    processes
        .flatten()
        .filter_map(|one| std::fs::read_to_string(one.path().join("stat")).ok())
        // State, parent, group and session follow the name, which is in parentheses.
        .filter(|stat| {
            let rest = stat.rsplit(')').next().unwrap_or_default();
            rest.split_whitespace().nth(3) == Some(leader.to_string().as_str())
        })
        .collect()
}

/// Ends the console in some way, and checks all that is promised of every way.
#[track_caller]
fn leaves(size: (u16, u16), end: impl Fn(&mut Pty), code: i32) {
    let home = Home::new();
    let mut pty = home.sandbox(size);
    let modes = pty.modes();
    assert!(modes.alternate_screen && !modes.cursor_visible && !pty.is_cooked());
    let leader = pty.pid();
    assert_eq!(session(leader).len(), 1, "the session is found");
    let begun = Instant::now();
    end(&mut pty);
    assert_eq!(pty.wait_exit(), code);
    assert!(begun.elapsed() < PROMPT, "{:?}", begun.elapsed());
    pty.assert_shell_has_its_terminal();
    assert_eq!(session(leader), Vec::<String>::new());
}

#[test]
fn q_leaves() {
    leaves((80, 24), |pty| pty.send("q"), 0);
}

#[test]
fn ctrl_c_leaves_when_nothing_runs() {
    leaves((80, 24), |pty| pty.send("\x03"), 0);
    // From deeper down as well.
    let below = |pty: &mut Pty| {
        pty.send("\r");
        pty.wait_for("FOUND");
        pty.send("?");
        pty.wait_for("Esc back");
        pty.send("\x03");
    };
    leaves((80, 24), below, 0);
}

#[test]
fn the_signals_that_end_programs_end_it_with_their_numbers() {
    leaves((80, 24), |pty| pty.kill(Signal::TERM), 143);
    leaves((80, 24), |pty| pty.kill(Signal::HUP), 129);
}

#[test]
fn a_lost_terminal_ends_it() {
    let home = Home::new();
    let mut pty = home.sandbox((80, 24));
    let leader = pty.pid();
    pty.close_master();
    assert_eq!(pty.wait_exit(), 129);
    assert_eq!(session(leader), Vec::<String>::new());
}

#[test]
fn servers_that_never_answer_do_not_hold_it() {
    let ground = Ground::start("");
    let gate = Gate::before(&ground);
    gate.shut();
    let home = Home::new();
    let mut pty = home.start(&["--endpoint", &gate.url()], (80, 24));
    pty.wait_for("Not read yet");
    eventually("a request that is held", || gate.held() > 0);
    let begun = Instant::now();
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    assert!(begun.elapsed() < PROMPT, "{:?}", begun.elapsed());
    pty.assert_shell_has_its_terminal();
}

#[test]
fn a_signal_in_the_middle_of_a_run_gives_the_terminal_back_and_the_run_is_on_record() {
    let ground = Ground::start("hold=addPassword");
    let home = Home::new();
    let mut pty = push_held(&ground, &home);
    let begun = Instant::now();
    pty.kill(Signal::HUP);
    assert_eq!(pty.wait_exit(), 129);
    assert!(begun.elapsed() < PROMPT, "{:?}", begun.elapsed());
    pty.assert_shell_has_its_terminal();
    ground.release();

    let mut later = ground.console(&home, WIDE);
    // The run that the signal cut off is offered first thing.
    later.wait_for("ump-eu.finebak.com");
    later.wait_for("Enter resume");
    later.send("\x1b");
    later.wait_gone("Enter resume");
    choose(&mut later, "ump-eu.finebak.com");
    later.send("\r");
    later.wait_for("FOUND");
    later.send("6");
    wait_for_line(&later, &[" push ", "interrupted"]);
}

#[test]
fn ctrl_c_stops_a_run_after_the_step_under_way_and_stays() {
    let ground = Ground::start("hold=addPassword");
    let home = Home::new();
    let mut pty = push_held(&ground, &home);
    pty.send("\x03");
    pty.wait_for("stopping after the step under way");
    ground.release();
    pty.wait_for("ump-eu: stopped");
    assert!(pty.modes().alternate_screen);
    let portal = ground.portal("ump-eu.finebak.com");
    assert_eq!(portal["clientId"], "", "the next step was not begun");
    pty.send("\x03");
    pty.wait_for("the new secret of ump-eu is in no portal yet; Ctrl-C again leaves");
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
    pty.assert_shell_has_its_terminal();
}

#[test]
fn ctrl_z_suspends_and_what_was_there_comes_back() {
    let home = Home::new();
    let mut pty = home.sandbox((80, 24));
    for _ in 0..2 {
        pty.send("\x1a");
        pty.wait_stopped();
        // What it wrote before it stopped may still be under way to the terminal.
        pty.wait_until(|screen| !screen.alternate_screen() && !screen.hide_cursor());
        pty.assert_shell_has_its_terminal();
        assert!(!pty.screen_text().contains("livecloud"));
        pty.kill(Signal::CONT);
        pty.wait_for("livecloud.finebak.com");
        pty.wait_for("? help");
        assert!(pty.modes().alternate_screen && !pty.is_cooked());
    }
    pty.send("\r");
    pty.wait_for("FOUND");
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn what_happened_while_the_console_was_stopped_is_shown_when_it_comes_back() {
    let ground = Ground::start("hold=addPassword");
    let home = Home::new();
    let mut pty = push_held(&ground, &home);
    // The key after Ctrl-Z is read before the stop and done after it.
    pty.send("\x1aM");
    pty.wait_stopped();
    ground.release();
    pty.kill(Signal::CONT);
    pty.wait_for("Messages");
    pty.send("\x1b");
    pty.wait_for("push ump-eu: done");
    assert!(pty.modes().alternate_screen && !pty.is_cooked());
    // Asked for from outside, as the shell's `kill -TSTP` does.
    for _ in 0..2 {
        pty.kill(Signal::TSTP);
        pty.wait_stopped();
        pty.kill(Signal::CONT);
        pty.wait_until(|screen| screen.alternate_screen());
    }
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn another_size_is_drawn_anew_and_a_terminal_that_is_too_small_says_so() {
    let home = Home::new();
    let mut pty = home.sandbox((80, 24));
    assert!(!pty.screen_text().contains("Tenants"));
    pty.resize(160, 40);
    pty.wait_for("Tenants");
    pty.wait_for("CUST   AGE");
    pty.resize(39, 24);
    pty.wait_for("umpdeck needs 40x8, not 39x24");
    pty.resize(80, 7);
    pty.wait_for("umpdeck needs 40x8, not 80x7");
    assert!(!pty.screen_text().contains("livecloud"));
    pty.resize(1, 1);
    pty.wait_for("u");
    pty.resize(40, 8);
    pty.wait_for("livecloud");
    pty.resize(80, 24);
    pty.wait_for("? help");
    pty.wait_gone("umpdeck needs");
    assert!(!pty.screen_text().contains("Tenants"));
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn an_idle_console_writes_nothing() {
    let home = Home::new();
    let pty = home.sandbox(WIDE);
    // All is read, the tenant that never answers too, and nobody has pressed a key: only ages may turn, by the minute.
    pty.wait_for("Fabrikam Carrier can't be read");
    pty.wait_gone("reading");
    // A clock, a spinner or a cursor that blinks by itself writes at least once a second, so it would be seen in
    // every window; an age that turns spoils one or two. On a slow machine less is written, never more: what is slow
    // here can't make the test fail.
    let quiet = (0..6).any(|_| {
        let before = pty.raw_bytes().len();
        std::thread::sleep(Duration::from_millis(1_500));
        pty.raw_bytes().len() == before
    });
    assert!(quiet, "{}", pty.screen_text());
}

#[test]
fn a_console_that_was_killed_leaves_a_store_that_the_next_one_reads() {
    let ground = Ground::start("");
    let home = Home::new();
    for _ in 0..2 {
        let mut pty = ground.console(&home, (80, 24));
        wait_for_the_fleet(&pty);
        pty.kill(Signal::KILL);
        assert_eq!(pty.wait_exit(), 137);
        // What was read stands in the store, whole, without anybody being asked again.
        ground.forget_requests();
        let words = ["status", "--stored", "--filter", "ump-01"];
        let stored = home.run_at(&ground.url, &words);
        assert_eq!(stored.status.code(), Some(0), "{stored:?}");
        let asked = ground.requests();
        assert!(
            asked.iter().all(|one| one.contains("/sandbox/")),
            "{asked:?}"
        );
    }
}
