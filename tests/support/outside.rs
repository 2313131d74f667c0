//! Programs that are not umpdeck's own and that some tests need: terminals, multiplexers, servers.

use std::path::PathBuf;

/// Where a program is, `sbin` folders included, which an ordinary user's PATH may leave out.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let sbin = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let mut folders = std::env::split_paths(&path).chain(sbin);
    folders.find_map(|folder| Some(folder.join(program)).filter(|place| place.is_file()))
}

/// Whether these programs are here. A test without them is passed over with a word, except where everything must be
/// proven: with `CI` set, as `.ci/run` does, which installs them.
#[track_caller]
pub fn are_here(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs
        .iter()
        .filter(|program| find(program).is_none())
        .collect();
    assert!(
        missing.is_empty() || std::env::var_os("CI").is_none(),
        "{missing:?} must be installed here"
    );
    if !missing.is_empty() {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "passed over: {missing:?} not installed");
    }
    missing.is_empty()
}
