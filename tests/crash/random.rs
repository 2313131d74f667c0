//! Killed at random moments, again and again, umpdeck leaves nothing behind that a resume does not put right.
//! `UMPDECK_CRASH_KILLS` sets how many kills there are, `UMPDECK_CRASH_SEED` which.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::support::killed::{Ground, Work};

const KILLS: u64 = 300;
const AT_ONCE: u64 = 3;
/// A ground is used for so many kills.
const KILLS_A_GROUND: u64 = 12;
/// Of so many kills at least one must leave a run unfinished, or they come at the wrong moments.
const UNFINISHED_ONE_OF: u64 = 10;

const WORKS: [Work; 7] = [
    work("create", "ump-lab.finebak.com"),
    work("push", "ump-eu.finebak.com"),
    work("push", "ump-01.finebak.com"),
    work("rotate", "ump-eu.finebak.com"),
    work("rotate", "ump-03.finebak.com"),
    work("rotate", "ump-lab.finebak.com"),
    work("repair", "ump-west.finebak.com"),
];

const FAULTS: [&str; 8] = [
    "",
    "",
    "",
    "lag=600ms",
    "lag=300ms,secret-lag=700ms",
    "429=any*2,429-bare=any@8%,retry-after=1s",
    "503=any@8%,lag=300ms,lag-says=mixed",
    "drop=any@4%,drop-before=any@4%",
];

const fn work(command: &'static str, device: &'static str) -> Work {
    Work { command, device }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn whatever_moment_it_is_killed_at_a_resume_puts_everything_right() {
    let wanted = number("UMPDECK_CRASH_KILLS", KILLS);
    let seed = number("UMPDECK_CRASH_SEED", 1);
    let kills = AtomicU64::new(0);
    let unfinished = AtomicU64::new(0);
    let grounds = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while kills.load(Ordering::Relaxed) < wanted {
                    let ground = grounds.fetch_add(1, Ordering::Relaxed);
                    let seed = seed.wrapping_mul(1_000).wrapping_add(ground);
                    kill_on_one_ground(seed, &kills, &unfinished);
                }
            });
        }
    });
    let (kills, unfinished) = (kills.into_inner(), unfinished.into_inner());
    assert!(
        unfinished * UNFINISHED_ONE_OF >= kills,
        "only {unfinished} of {kills} kills left a run unfinished"
    );
}

fn kill_on_one_ground(seed: u64, kills: &AtomicU64, unfinished: &AtomicU64) {
    let ground = Ground::new();
    // Kills come while the work is under way, however long that takes on this machine just now.
    let began = Instant::now();
    ground.done(&["rotate", "ump-03.finebak.com", "--yes"]);
    let latest = u64::try_from(began.elapsed().as_millis()).expect("small") * 5 / 4;
    let mut numbers = Numbers::new(seed);
    let mut here = 0;
    while here < KILLS_A_GROUND {
        let place = usize::try_from(numbers.below(WORKS.len() as u64)).expect("small");
        let mut work = WORKS[place];
        // What has no registration yet can only be created.
        if work.device.starts_with("ump-lab") {
            work.command = match ground.is_registered(work.device) {
                true => "rotate",
                false => "create",
            };
        }
        let faults = FAULTS[usize::try_from(numbers.below(FAULTS.len() as u64)).expect("small")];
        ground.faults(faults);
        let said = format!("ground {seed}, kill {here}: {work:?} with {faults:?}");
        let mut arguments: Vec<String> = [work.command, work.device, "--yes"]
            .map(String::from)
            .to_vec();
        // Killed again and again on its way, the resume included, until it is left alone.
        loop {
            let moment = Duration::from_millis(numbers.below(latest.max(1)));
            let lines: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let mut child = ground.begin(&lines);
            std::thread::sleep(moment);
            let died = child.try_wait().expect("a child").is_none();
            if died {
                child.kill().expect("a kill");
                here += 1;
                kills.fetch_add(1, Ordering::Relaxed);
            }
            child.wait().expect("an end");
            let Some(run) = ground.unfinished() else {
                break;
            };
            unfinished.fetch_add(1, Ordering::Relaxed);
            arguments = ["runs", "resume", &run, "--yes"].map(String::from).to_vec();
            if numbers.below(3) > 0 {
                let lines: Vec<&str> = arguments.iter().map(String::as_str).collect();
                ground.settle(&lines);
                break;
            }
        }
        ground.faults("");
        if ground.needs(work) {
            // It died before its run began, or between the two runs of a create.
            let command = match (work.command, ground.is_registered(work.device)) {
                ("create", true) => "push",
                (command, _) => command,
            };
            ground.done(&[command, work.device, "--yes"]);
        }
        ground.check(work, &said);
    }
}

/// Whole numbers that look random and are the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}
