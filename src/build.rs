//! Tells the program which commit it is built from. Only a release asks: a developer's build would be made anew at each
//! commit for nothing.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=UMPDECK_COMMIT");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let given = std::env::var("UMPDECK_COMMIT").ok();
    let commit = given.or_else(|| release.then(of_git).flatten());
    let version = env!("CARGO_PKG_VERSION");
    let version = match commit {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_string(),
    };
    println!("cargo::rustc-env=UMPDECK_VERSION={version}");
}

/// The commit of the folder that is built; `None` where there is no git, as in a package of the source.
fn of_git() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let words = String::from_utf8(output.stdout).ok()?;
        (output.status.success() && !words.trim().is_empty()).then(|| words.trim().to_string())
    };
    let folder = git(&["rev-parse", "--show-toplevel"])?;
    // A source that lies in somebody else's repository has no commit of its own.
    if std::fs::canonicalize(folder).ok()? != std::fs::canonicalize(".").ok()? {
        return None;
    }
    for name in ["HEAD", "logs/HEAD"] {
        println!(
            "cargo::rerun-if-changed={}",
            git(&["rev-parse", "--git-path", name])?
        );
    }
    git(&["rev-parse", "--short=10", "HEAD"])
}
