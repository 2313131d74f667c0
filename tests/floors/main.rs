//! The house's floors: which folder of `src` may reach which, and what the pure ones may never mention.
//!
//! The sources are read as text, without comments and literals, and every path from `crate`, `super` and `std` is
//! followed to where it leads. A breach is told by file and line.

mod source;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use source::{code_only, mentions, module_of, paths, tokens};

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
    "src/console/action.rs",
    "src/console/chord.rs",
    "src/console/context.rs",
    "src/console/deadline.rs",
    "src/console/fleet_list",
    "src/console/footer",
    "src/console/geometry.rs",
    "src/console/header.rs",
    "src/console/keymap.rs",
    "src/console/keys.rs",
    "src/console/list.rs",
    "src/console/message.rs",
    "src/console/model/",
    "src/console/panes/",
    "src/console/theme.rs",
    "src/console/update/",
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
        ("src/console/model/run.rs", "Timestamp::now()", 1),
        ("src/console/fleet_list/marks.rs", "Timestamp::now()", 1),
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
