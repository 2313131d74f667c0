//! What the console says about keys holds when they are others: the table alone names them.

use std::fs;
use std::path::{Path, PathBuf};

/// Where keys are defined, read or printed.
const WHERE_KEYS_ARE_NAMED: &[&str] = &["chord.rs", "keymap.rs", "keys.rs", "terminal", "tests"];

/// Names of keys that stand in the table.
const NAMES: &[&str] = &[
    "Enter", "Esc", "Space", "Tab", "Ctrl-", "Shift-", "PgUp", "PgDn",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if WHERE_KEYS_ARE_NAMED.contains(&name.as_str()) {
            continue;
        }
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false => found.push(path),
        }
    }
    found
}

/// The literals of a line of source, comments left out.
fn literals(line: &str) -> Vec<&str> {
    match line.trim_start().starts_with("//") {
        true => Vec::new(),
        false => line.split('"').skip(1).step_by(2).collect(),
    }
}

fn names_a_key(words: &str) -> bool {
    let mut parts = words.split(|c: char| !c.is_alphanumeric() && c != '-');
    let named = parts.any(|part| {
        NAMES
            .iter()
            .any(|name| part == *name || (name.ends_with('-') && part.starts_with(name)))
    });
    named || names_a_letter(words)
}

/// A letter alone that would be a key: no unit behind a number, no "a", no example.
fn names_a_letter(words: &str) -> bool {
    let words: Vec<&str> = words.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let [before, word] = [pair[0], pair[1]];
        let letter = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_alphabetic());
        let counted = before.ends_with('}') || before.ends_with(|c: char| c.is_ascii_digit());
        letter && !word.eq_ignore_ascii_case("a") && !counted && !["signal", "|"].contains(&before)
    })
}

/// The lines of these sources that have such a literal outside of tests, each with its place.
fn lines_with(such: fn(&str) -> bool, files: &[PathBuf]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).expect("a source");
        let text = text.split("#[cfg(test)]").next().expect("a first part");
        for (at, line) in text.lines().enumerate() {
            if literals(line).into_iter().any(such) {
                found.push(format!("{}:{}: {}", file.display(), at + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn no_sentence_of_the_console_names_a_key_that_the_settings_may_have_changed() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console"));
    assert!(files.len() > 40, "{}", files.len());
    assert_eq!(
        lines_with(names_a_key, &files),
        [""; 0],
        "ask the table: model.keys.key(context, action)"
    );
}

#[test]
fn no_sentence_below_the_console_names_a_key() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders = [
        "registration",
        "entra",
        "portal",
        "store",
        "inventory",
        "settings",
        "desk",
        "cli",
    ];
    let files = folders.map(|folder| sources(&source.join(folder))).concat();
    let files: Vec<PathBuf> = files
        .into_iter()
        .filter(|file| !file.ends_with("tests.rs"))
        .collect();
    assert!(files.len() > 150, "{}", files.len());
    assert_eq!(
        lines_with(names_a_letter, &files),
        [""; 0],
        "the console alone knows its keys: say what is done"
    );
}

#[test]
fn such_a_sentence_is_found() {
    assert!(names_a_letter("open the console, then p on the device"));
    assert!(!names_a_letter("waited {seconds} s of 60 s, a minute"));
    assert!(names_a_key("stopping; Ctrl-C again leaves"));
    assert!(names_a_key("Enter goes on"));
    assert!(names_a_key("not read yet: r reads it"));
    assert!(!names_a_key("enter the portal; Entra's Table"));
    assert!(!names_a_key("a policy forbids it"));
    assert_eq!(literals(r#"put("one", x, "two")"#), ["one", "two"]);
}
