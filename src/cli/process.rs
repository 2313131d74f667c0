//! What holds for the whole process: nothing it leaves may be read by others, and who runs it.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit};

use crate::text;

/// No core dumps, which would have secrets in them, and no files that others may read.
pub(super) fn harden() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Where the system refuses, it is no reason not to work.
    let _ = rustix::process::setrlimit(Resource::Core, none);
    // A system that hands dumps to a program asks that limit nothing. It also keeps others of this user from
    // reading this process's memory.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// `user@host`, for the journal and the audit trail.
pub(super) fn operator() -> String {
    let variable = |name| std::env::var(name).ok().filter(|name| !name.is_empty());
    let user = variable("USER")
        .or_else(|| variable("LOGNAME"))
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    let name = rustix::system::uname();
    let host = name.nodename().to_string_lossy();
    text::clean(&format!("{user}@{host}"))
}
