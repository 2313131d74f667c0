//! Who owns a run: the person and the process. A run whose process is gone from this machine is unfinished at once,
//! without waiting for its sign of life to grow old.

use jiff::Timestamp;

use crate::store::RunSummary;

/// The owner of a run that this process opens: `ann@noc1 pid 4242 tick 8812345`. The tick is when the process
/// started, counted by the system since its own start: it tells a process from a later one of the same number.
pub(super) fn of_this_process(operator: &str) -> String {
    let pid = std::process::id();
    match start_tick(pid) {
        Some(tick) => format!("{operator} pid {pid} tick {tick}"),
        None => format!("{operator} pid {pid}"),
    }
}

/// The person of an owner; which process it was is left out.
pub fn person(owner: &str) -> &str {
    owner
        .split_once(" pid ")
        .map_or(owner, |(person, _)| person)
}

/// Whether somebody works on a run.
pub(super) fn is_at_work(run: &RunSummary, operator: &str, now: Timestamp) -> bool {
    run.is_alive(now) && !is_gone(&run.owner, operator)
}

/// Whether an owner was a process of this machine that is no longer there.
pub(super) fn is_gone(owner: &str, operator: &str) -> bool {
    let Some(process) = Process::parse(owner) else {
        return false;
    };
    process.host == host(operator)
        && match there(process.pid) {
            Some(true) => process
                .tick
                .zip(start_tick(process.pid))
                .is_some_and(|(then, now)| then != now),
            Some(false) => true,
            None => false,
        }
}

#[derive(Debug, PartialEq, Eq)]
struct Process<'a> {
    host: &'a str,
    pid: u32,
    tick: Option<u64>,
}

impl Process<'_> {
    fn parse(owner: &str) -> Option<Process<'_>> {
        let (person, process) = owner.split_once(" pid ")?;
        let mut words = process.split(' ');
        let pid = words.next()?.parse().ok()?;
        let tick = match (words.next(), words.next()) {
            (Some("tick"), Some(tick)) => tick.parse().ok(),
            _ => None,
        };
        Some(Process {
            host: host(person),
            pid,
            tick,
        })
    }
}

/// What stands behind the last `@`.
fn host(person: &str) -> &str {
    person.rsplit_once('@').map_or("", |(_, host)| host)
}

/// Whether a process is there; `None` = the system does not say.
fn there(pid: u32) -> Option<bool> {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)?;
    match rustix::process::test_kill_process(pid) {
        // Somebody else's process is one too.
        Ok(()) | Err(rustix::io::Errno::PERM) => Some(true),
        Err(rustix::io::Errno::SRCH) => Some(false),
        Err(_) => None,
    }
}

/// When a process started, in ticks since the system did; only where there is a /proc.
fn start_tick(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    start_field(&stat)
}

/// Field 22. The command's name, field 2, stands in parentheses and may have spaces and parentheses of its own.
fn start_field(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_at_work_and_one_of_its_number_with_another_start_is_gone() {
        let owner = of_this_process("ann@noc1");
        assert!(!is_gone(&owner, "bob@noc1"), "{owner}");
        let pid = std::process::id();
        assert!(!is_gone(&format!("ann@noc1 pid {pid}"), "bob@noc1"));
        if start_tick(pid).is_some() {
            assert!(is_gone(&format!("ann@noc1 pid {pid} tick 1"), "bob@noc1"));
        }
    }

    #[test]
    fn a_process_that_ended_is_gone_unless_it_ran_on_another_machine() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        let owner = format!("ann@noc1 pid {pid} tick 5");
        assert!(is_gone(&owner, "ann@noc1"));
        assert!(!is_gone(&owner, "ann@noc2"));
        assert!(!is_gone("ann@noc1", "ann@noc1"), "of an earlier version");
    }

    #[test]
    fn the_person_of_an_owner_is_told_without_the_process() {
        assert_eq!(person(&of_this_process("ann@noc1")), "ann@noc1");
        assert_eq!(person("ann@noc1"), "ann@noc1", "of an earlier version");
    }

    #[test]
    fn the_start_is_read_whatever_the_program_is_called() {
        let stat = "7 (a ) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 99887 1 2";
        assert_eq!(start_field(stat), Some(99_887));
        assert_eq!(start_field("7 (a"), None);
    }
}
