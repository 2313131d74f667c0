//! The house's floors: which folder of `src` may reach which, and what the pure ones may never mention.
//!
//! The sources are read as text, without comments and literals, and every path from `crate`, `super` and `std` is
//! followed to where it leads. A breach is told by file and line.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may reach whom; a floor always reaches itself.
const FLOORS: &[(&str, &[&str])] = &[
    ("registration", &["text"]),
    ("text", &[]),
    ("inventory", &["registration"]),
    ("private", &[]),
    ("sandbox", &[]),
    ("command", &["text"]),
    ("http", &["text"]),
    (
        "settings",
        &["command", "inventory", "private", "registration", "text"],
    ),
    ("entra", &["command", "http", "registration", "text"]),
    ("portal", &["http", "registration", "text"]),
    ("store", &["private", "registration", "text"]),
    (
        "desk",
        &[
            "entra",
            "inventory",
            "portal",
            "store",
            "http",
            "registration",
            "command",
            "text",
        ],
    ),
    (
        "console",
        &["desk", "inventory", "registration", "text", "command"],
    ),
    (
        "cli",
        &[
            "desk",
            "inventory",
            "registration",
            "text",
            "settings",
            "private",
            "console",
            "sandbox",
        ],
    ),
];

/// The pure parts of the house, by the beginning of their paths.
const PURE: &[&str] = &[
    "src/registration/",
    "src/inventory/",
    "src/console/update/",
    "src/console/panes/",
    "src/console/view.rs",
];

/// What they must not mention, by the beginning of its path.
const NEVER: &[&str] = &[
    "tokio",
    "reqwest",
    "rusqlite",
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
];

#[derive(Debug, PartialEq, Eq)]
struct Breach {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

#[test]
fn nobody_reaches_a_floor_that_is_not_below() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    assert!(
        files.len() > 50,
        "the sources are where they are looked for"
    );
    let found: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).expect("a readable source");
            breaches(&file.to_string_lossy(), &text)
        })
        .map(|breach| breach.to_string())
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_folder_has_its_floor() {
    let library = fs::read_to_string("src/lib.rs").expect("a readable source");
    let declared = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for name in declared {
        assert!(
            FLOORS.iter().any(|(floor, _)| *floor == name),
            "{name} is in src/lib.rs and has no floor here"
        );
    }
}

#[test]
fn a_breach_is_found_whatever_its_form() {
    let cases: &[(&str, &str, usize)] = &[
        ("src/registration/plan.rs", "use crate::http::Request;", 1),
        ("src/text.rs", "\n\nuse crate::http;", 3),
        ("src/http/client.rs", "fn f() { crate::store::open() }", 1),
        ("src/store/mod.rs", "use super::desk::Desk;", 1),
        ("src/store/run.rs", "use super::super::desk::Desk;", 1),
        (
            "src/console/model.rs",
            "use crate::{\n    desk,\n    store::FleetRow,\n};",
            3,
        ),
        ("src/entra/graph.rs", "use crate::*;", 1),
        ("src/sandbox/server.rs", "type T = crate::entra::Graph;", 1),
        (
            "src/portal/mod.rs",
            "mod tests {\n    use super::super::desk;\n}",
            2,
        ),
        ("src/settings/mod.rs", "use crate::desk::site::Site;", 1),
        ("src/registration/plan.rs", "use std::{fmt, fs};", 1),
        ("src/registration/plan.rs", "let now = Timestamp::now();", 1),
        ("src/registration/plan.rs", "use tokio::time;", 1),
        ("src/registration/plan.rs", "let t: SystemTime;", 1),
        ("src/console/update/mod.rs", "jiff::Timestamp::now()", 1),
        ("src/console/view.rs", "std::fs::read(path)", 1),
        ("src/console/panes/fleet.rs", "use tokio::spawn;", 1),
    ];
    for (file, text, line) in cases {
        let found = breaches(file, text);
        assert!(
            found.len() == 1 && found[0].line == *line && found[0].file == *file,
            "{file}: {text:?} gives {found:?}"
        );
    }
}

#[test]
fn what_is_allowed_is_no_breach() {
    let cases: &[(&str, &str)] = &[
        (
            "src/desk/mod.rs",
            "use crate::{entra::graph::Graph, store};",
        ),
        ("src/desk/run.rs", "use super::file::PlanFile;"),
        ("src/store/run.rs", "use super::{Store, StoreError};"),
        (
            "src/console/panes/run.rs",
            "use super::super::model::Model;",
        ),
        ("src/store/mod.rs", "mod tests {\n    use super::*;\n}"),
        ("src/text.rs", "// crate::http\n/* crate::http */"),
        ("src/text.rs", "let t = \"crate::http \\\" crate::http\";"),
        (
            "src/text.rs",
            "let t = r#\"crate::http \" \"#; let c = '\"';",
        ),
        ("src/desk/mod.rs", "pub(in crate::desk) struct Inner;"),
        ("src/console/effects.rs", "use tokio::spawn;"),
        ("src/registration/fleet.rs", "use std::{fmt, collections};"),
        ("src/main.rs", "use umpdeck::sandbox;"),
    ];
    for (file, text) in cases {
        assert_eq!(breaches(file, text), [], "{file}: {text:?}");
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
}

fn breaches(file: &str, text: &str) -> Vec<Breach> {
    let code = code_only(text);
    let module = module_of(file);
    let mut found = Vec::new();
    let mut tell = |line: usize, what: String| {
        found.push(Breach {
            file: file.to_string(),
            line,
            what,
        });
    };
    let tokens = tokens(&code);
    let rules = module
        .first()
        .and_then(|floor| FLOORS.iter().find(|(name, _)| name == floor));
    if let Some((floor, below)) = rules {
        for (line, path) in paths(&tokens, &module) {
            if path != *floor && !below.contains(&path.as_str()) {
                tell(line, format!("{floor} may not reach {path}"));
            }
        }
    }
    if PURE.iter().any(|place| file.starts_with(place)) {
        for (line, path) in mentions(&tokens) {
            for word in NEVER {
                let begins = path == *word || path.starts_with(&format!("{word}::"));
                if begins || path.ends_with(&format!("::{word}")) {
                    tell(line, format!("{word} may not be mentioned here"));
                }
            }
        }
    }
    found
}

/// The module that a file is, from the crate's root.
fn module_of(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inner.split('/').map(str::to_string).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    if module == ["lib"] || module == ["main"] {
        module.clear();
    }
    module
}

/// The text with comments and literals blanked out; lines stay where they are.
fn code_only(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    let starts = |at: usize, what: &str| {
        what.chars()
            .enumerate()
            .all(|(on, letter)| letters.get(at + on) == Some(&letter))
    };
    while at < letters.len() {
        let end = if starts(at, "//") {
            (at..letters.len()).find(|on| letters[*on] == '\n')
        } else if starts(at, "/*") {
            (at + 2..letters.len())
                .find(|on| starts(*on, "*/"))
                .map(|on| on + 2)
        } else if let Some((opening, closing)) = raw_string(&letters, at) {
            (at + opening..letters.len())
                .find(|on| starts(*on, &closing))
                .map(|on| on + closing.len())
        } else if letters[at] == '"' {
            let mut on = at + 1;
            while on < letters.len() && letters[on] != '"' {
                on += if letters[on] == '\\' { 2 } else { 1 };
            }
            Some((on + 1).min(letters.len()))
        } else if letters[at] == '\'' && letters.get(at + 1) == Some(&'\\') {
            (at + 3..letters.len())
                .find(|on| letters[*on] == '\'')
                .map(|on| on + 1)
        } else if letters[at] == '\'' && letters.get(at + 2) == Some(&'\'') {
            Some(at + 3)
        } else {
            code.push(letters[at]);
            at += 1;
            continue;
        };
        let end = end.unwrap_or(letters.len());
        code.push(' ');
        code.extend(letters[at..end].iter().filter(|letter| **letter == '\n'));
        at = end;
    }
    code
}

/// How long a raw string's opening is, and its closing.
fn raw_string(letters: &[char], at: usize) -> Option<(usize, String)> {
    let word_before = at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_');
    if letters[at] != 'r' || (word_before && letters[at - 1] != 'b') {
        return None;
    }
    let hashes = letters[at + 1..]
        .iter()
        .take_while(|letter| **letter == '#')
        .count();
    let closing = format!("\"{}", "#".repeat(hashes));
    (letters.get(at + 1 + hashes) == Some(&'"')).then_some((hashes + 2, closing))
}

/// Words and marks with their lines; `::` is one mark.
fn tokens(code: &str) -> Vec<(usize, String)> {
    let mut tokens: Vec<(usize, String)> = Vec::new();
    for (line, text) in code.lines().enumerate() {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest
                .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
                .unwrap_or(rest.len());
            let length = if word > 0 {
                word
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push((line + 1, rest[..length].to_string()));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// Every floor that a path from `crate` or `super` leads to, with the line where it is named.
fn paths(tokens: &[(usize, String)], module: &[String]) -> Vec<(usize, String)> {
    let word = |at: usize| tokens.get(at).map_or("", |(_, word)| word.as_str());
    let mut found = Vec::new();
    // The depths of braces at which an inline module begins.
    let mut inline: Vec<usize> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        match word(at) {
            "{" => {
                if at >= 2 && word(at - 2) == "mod" {
                    inline.push(depth);
                }
                depth += 1;
            }
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                }
            }
            "crate" if word(at + 1) == "::" => heads(tokens, at + 2, &mut found),
            "super" if at == 0 || word(at - 1) != "::" => {
                let mut levels = 1;
                while word(at + 1) == "::" && word(at + 2) == "super" {
                    levels += 1;
                    at += 2;
                }
                if word(at + 1) == "::" && levels == module.len() + inline.len() {
                    heads(tokens, at + 2, &mut found);
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The first words of a use tree that begins at `at`.
fn heads(tokens: &[(usize, String)], at: usize, found: &mut Vec<(usize, String)>) {
    let Some((line, first)) = tokens.get(at) else {
        return;
    };
    if first != "{" {
        found.push((*line, first.clone()));
        return;
    }
    let mut depth = 1;
    let mut fresh = true;
    for (line, word) in &tokens[at + 1..] {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => fresh = true,
            word if depth == 1 && fresh => {
                found.push((*line, word.to_string()));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// Every path, with its groups spelt out one level deep: `std::{fs, fmt}` is `std::fs` and `std::fmt`.
fn mentions(tokens: &[(usize, String)]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (line, mut path) = tokens[at].clone();
        at += 1;
        while tokens.get(at).is_some_and(|(_, word)| word == "::") {
            let mut members = Vec::new();
            if tokens.get(at + 1).is_some_and(|(_, word)| word == "{") {
                heads(tokens, at + 1, &mut members);
                found.extend(
                    members
                        .into_iter()
                        .map(|(line, member)| (line, format!("{path}::{member}"))),
                );
                break;
            }
            if let Some((_, word)) = tokens.get(at + 1) {
                path = format!("{path}::{word}");
            }
            at += 2;
        }
        found.push((line, path));
    }
    found
}
