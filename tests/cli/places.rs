//! What umpdeck keeps on disk is for its user alone: seen at the start, told with the command that mends it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::program::{Home, text};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a place").permissions().mode() & 0o777
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

/// `umpdeck status` on the training ground, with this data folder.
fn status_with(home: &Home, data: &Path) -> Output {
    let data = data.to_str().expect("a path");
    home.run(&["status", "--sandbox", "--data-dir", data])
}

/// Runs the command that a message ends with, as an operator would.
fn do_as_told(message: &str) {
    let at = message.rfind("chmod ").expect("a command");
    let shell = message[at..].trim_end().trim_end_matches('.');
    let done = Command::new("sh").args(["-c", shell]).status();
    assert!(done.expect("a shell").success(), "{shell}");
}

#[test]
fn everything_that_is_written_is_for_its_owner_alone_even_under_a_careless_umask() {
    let home = Home::new();
    let data = home.path().join("some where/data");
    let program = crate::support::program::PROGRAM;
    let line = "umask 000; exec \"$0\" \"$@\"";
    for arguments in [
        &["status", "--sandbox", "--log-level", "trace"][..],
        &["rotate", "ump-03", "--yes", "--sandbox"],
        &["settings", "--write"],
    ] {
        let mut command = home.command("sh");
        command.args(["-c", line, program, "--data-dir"]).arg(&data);
        let output = command.args(arguments).output().expect("a shell");
        assert!(
            output.status.code().is_some_and(|code| code <= 2),
            "{output:?}"
        );
    }
    let mut files = home.files();
    assert!(
        files.iter().any(|file| file.ends_with("umpdeck.log")),
        "{files:?}"
    );
    assert!(
        files
            .iter()
            .any(|file| file.ends_with("sandbox/umpdeck.sqlite")),
        "{files:?}"
    );
    assert!(
        files.iter().any(|file| file.ends_with("settings.toml")),
        "{files:?}"
    );
    files.retain(|file| mode(file) != 0o600);
    assert!(files.is_empty(), "{files:?}");
    for folder in [data.join("sandbox"), data.clone()] {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
}

#[test]
fn a_data_folder_that_others_may_use_is_refused_with_the_command_that_mends_it() {
    let home = Home::new();
    let data = home.path().join("it's data");
    fs::create_dir(&data).expect("a folder");
    for wide in [0o755, 0o750, 0o701, 0o777] {
        set(&data, wide);
        let output = status_with(&home, &data);
        assert_eq!(output.status.code(), Some(3), "{wide:o}");
        assert_eq!(text(&output.stdout), "");
        let said = text(&output.stderr);
        assert!(
            said.lines().count() == 1 && said.contains(&format!("{wide:o}")),
            "{said}"
        );
        assert_eq!(
            fs::read_dir(&data).expect("a folder").count(),
            0,
            "nothing was made in it"
        );
        do_as_told(&said);
        assert_eq!(
            status_with(&home, &data).status.code(),
            Some(2),
            "a secret of the training fleet has expired"
        );
        fs::remove_dir_all(&data).expect("gone");
        fs::create_dir(&data).expect("a folder");
    }
}

#[test]
fn a_store_folder_that_others_may_use_is_refused_too() {
    let home = Home::new();
    let data = home.path().join("data");
    let run = || status_with(&home, &data);
    assert_eq!(run().status.code(), Some(2));
    set(&data.join("sandbox"), 0o711);
    let output = run();
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    do_as_told(&said);
    assert_eq!(run().status.code(), Some(2), "{said}");
}

#[test]
fn settings_that_others_may_change_are_refused_since_they_name_programs_to_run() {
    let home = Home::new();
    let file = home.path().join("settings.toml");
    fs::write(&file, "").expect("a file");
    let run = || home.run(&["doctor", "--settings", file.to_str().expect("a path")]);
    set(&file, 0o666);
    let output = run();
    let said = text(&output.stdout);
    assert!(said.contains("may change the file"), "{said}");
    let mend = format!("chmod 600 {}", file.display());
    let unwrapped: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unwrapped.contains(&mend), "{said}");
    set(&file, 0o600);
    assert!(!text(&run().stdout).contains("may change the file"));
}

#[test]
fn the_doctor_names_a_folder_above_in_which_anybody_may_put_other_files() {
    let home = Home::new();
    let between = home.path().join("between");
    let data = between.join("data");
    let doctor = || {
        let data = data.to_str().expect("a path");
        let output = home.run(&["doctor", "--json", "--sandbox", "--data-dir", data]);
        let all: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let findings = all["findings"].as_array().expect("findings");
        let files = findings.iter().find(|one| one["subject"] == "files");
        files.expect("a finding").clone()
    };
    assert_eq!(doctor()["health"], "good");
    set(&between, 0o777);
    let found = doctor();
    assert_eq!(found["health"], "bad");
    do_as_told(found["mend"].as_str().expect("what to do"));
    assert_eq!(doctor()["health"], "good");
}

#[cfg(target_os = "linux")]
#[test]
fn no_core_is_dumped_while_a_secret_may_live() {
    let home = Home::new();
    let sandbox = crate::support::program::SandboxProgram::start(&home);
    let process = format!("/proc/{}", sandbox.id());
    let limits = fs::read_to_string(format!("{process}/limits")).expect("limits");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<&str> = core.expect("a limit").split_whitespace().collect();
    assert_eq!(
        words[4..6],
        ["0", "0"],
        "neither now nor by a change of mind"
    );
    // Where a program takes the dumps, only this keeps them from it; the system then gives these files to root.
    if rustix::process::geteuid().is_root() {
        return;
    }
    assert!(fs::File::open(format!("{process}/environ")).is_err());
}
