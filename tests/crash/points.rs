//! Killed at every point of the journal, a run is taken up and everything is as if it had never died.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::killed::{Ground, Work};

/// Runs at once: each is mostly waiting.
const AT_ONCE: usize = 3;

/// Where a run is killed, and what happens around that.
#[derive(Debug, Clone, Copy)]
struct Case {
    /// What is done before, undisturbed.
    first: Option<&'static str>,
    work: Work,
    /// The request at which it is killed.
    at: &'static str,
    way: Way,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Announced, and never carried out.
    Announced,
    /// Announced and carried out, the answer lost.
    AnswerLost,
    /// As [`Way::AnswerLost`], while Entra is slow to know of what is new.
    AnswerLostWithLag,
    /// As [`Way::AnswerLost`], and what takes it up is throttled, refused and cut off again and again.
    AnswerLostThenFaults,
    /// The step before is done and this one not yet announced.
    Between,
    /// As [`Way::AnswerLost`], and the resume is killed at the same request.
    Twice,
}

const FAULTS: &str = "429=any*2,429-bare=any@6%,503=any@6%,drop=any@3%,drop-before=any@3%,\
                      retry-after=1s,lag=300ms,lag-says=mixed,secret-lag=500ms";

const WAYS: [Way; 6] = [
    Way::Announced,
    Way::AnswerLost,
    Way::AnswerLostWithLag,
    Way::AnswerLostThenFaults,
    Way::Between,
    Way::Twice,
];

const fn work(command: &'static str, device: &'static str) -> Work {
    Work { command, device }
}

/// What is done first, what is done then, and every request of it that a step announces.
const PLACES: &[(Option<&str>, Work, &[&str])] = &[
    (
        None,
        work("create", "ump-lab.finebak.com"),
        &[
            "PATCH:applications",
            "PATCH:servicePrincipals",
            "POST:addPassword",
            "PUT:auth-tokens",
            "GET:auth-tokens#3",
            "POST:token#3",
        ],
    ),
    (
        None,
        work("push", "ump-eu.finebak.com"),
        &[
            "POST:addPassword",
            "PUT:auth-tokens",
            "GET:auth-tokens#2",
            "POST:token#3",
        ],
    ),
    (
        Some("push"),
        work("rotate", "ump-eu.finebak.com"),
        &[
            "POST:addPassword",
            "PUT:auth-tokens",
            "GET:auth-tokens#2",
            "POST:token#3",
            "POST:removePassword",
        ],
    ),
    (
        None,
        work("repair", "ump-west.finebak.com"),
        &["PATCH:applications"],
    ),
];

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (first, work, places) in PLACES {
        for at in *places {
            for way in WAYS {
                cases.push(Case {
                    first: *first,
                    work: *work,
                    at,
                    way,
                });
            }
        }
    }
    cases
}

#[test]
fn a_run_killed_at_any_point_of_its_journal_is_taken_up_and_leaves_nothing_behind() {
    let cases = cases();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    carry_out(case);
                }
            });
        }
    });
}

fn carry_out(case: &Case) {
    let said = format!("{case:?}");
    let ground = Ground::new();
    let Work { command, device } = case.work;
    if let Some(first) = case.first {
        ground.done(&[first, device, "--yes"]);
    }
    let (hold, lag) = match case.way {
        Way::Announced | Way::Between => ("hold-before", ""),
        Way::AnswerLost | Way::Twice | Way::AnswerLostThenFaults => ("hold", ""),
        Way::AnswerLostWithLag => ("hold", ",lag=700ms,secret-lag=900ms"),
    };
    ground.faults(&format!("{hold}={}{lag}", case.at));
    assert!(
        ground.kill_when_held(&[command, device, "--yes"]),
        "{said}: no such request"
    );
    if case.way == Way::Between {
        ground.forget_last_announcement();
    }
    let run = ground.unfinished();
    let mut run = run.unwrap_or_else(|| panic!("{said}: a run is unfinished"));
    if case.way == Way::Twice {
        ground.faults(&format!("hold={}", case.at));
        let arguments = ["runs", "resume", run.as_str(), "--yes"];
        if ground.kill_when_held(&arguments) {
            run = ground.unfinished().unwrap_or_default();
        } else {
            run.clear();
        }
    }
    ground.faults(lag.trim_start_matches(','));
    if !run.is_empty() {
        let planned = ground.run(&["runs", "resume", &run]);
        assert_eq!(planned.status.code(), Some(1), "{said}: only planned");
        assert_eq!(
            ground.unfinished(),
            Some(run.clone()),
            "{said}: only planned"
        );
        if case.way == Way::AnswerLostThenFaults {
            ground.faults(FAULTS);
        }
        ground.settle(&["runs", "resume", &run, "--yes"]);
        ground.faults("");
    }
    ground.check(case.work, &said);
}
