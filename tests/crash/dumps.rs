//! While a secret lives no memory of the process comes to a disk: whatever ends it, the system writes no core dump.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;

use crate::support::killed::{Ground, Work};
use rustix::process::{Pid, Signal, kill_process};

const DEVICE: &str = "ump-eu.finebak.com";
const WORK: Work = Work {
    command: "push",
    device: DEVICE,
};

#[test]
fn a_process_that_holds_a_secret_leaves_no_core_dump_whatever_signal_ends_it() {
    for signal in [Signal::ABORT, Signal::TRAP, Signal::QUIT] {
        let ground = Ground::new();
        let here = tempfile::tempdir().expect("a folder");
        // The secret is added, and the portal has not answered yet.
        ground.faults("hold=PUT:auth-tokens");
        // As much of a dump is wished for as may be.
        let script = "ulimit -c \"$(ulimit -H -c)\"; exec \"$@\"";
        let mut child = ground
            .command_in(script, &["push", DEVICE, "--yes"])
            .current_dir(here.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        ground.wait_held();
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id()));
        let limits = limits.expect("its limits");
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"))
            .expect("the limit of core dumps");
        let numbers: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
        assert_eq!(numbers, ["0", "0"], "{core}");
        kill_process(Pid::from_child(&child), signal).expect("a signal");
        let status = child.wait().expect("an end");
        assert!(
            !status.success() && !status.core_dumped(),
            "{signal:?}: {status}"
        );
        let left: Vec<_> = std::fs::read_dir(here.path()).expect("a folder").collect();
        assert!(left.is_empty(), "{signal:?}: {left:?}");
        ground.faults("");
        ground.finish(WORK);
        ground.check(WORK, &format!("after {signal:?}"));
    }
}
