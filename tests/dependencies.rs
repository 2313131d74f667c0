//! What the program is built from keeps to `.ci/deny.toml`: licences, duplicates, sources. Without network, from what
//! Cargo has on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use spdx::{Expression, ParseMode};

/// The rules, as cargo-deny reads them.
fn rules() -> toml::Table {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/deny.toml");
    let text = std::fs::read_to_string(file).expect("the rules");
    text.parse().expect("TOML")
}

fn list<'a>(rules: &'a toml::Table, section: &str, key: &str) -> &'a [toml::Value] {
    let found = rules.get(section).and_then(|section| section.get(key));
    let found = found.and_then(toml::Value::as_array);
    found.unwrap_or_else(|| panic!("no list {section}.{key}"))
}

fn words(list: &[toml::Value]) -> Vec<&str> {
    list.iter()
        .map(|one| one.as_str().expect("a text"))
        .collect()
}

/// A crate that goes into the program.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    name: String,
    version: String,
    licence: String,
}

/// Every crate that is compiled for one of the rules' targets when the program is: what only tests need is left out.
fn parts(rules: &toml::Table) -> BTreeSet<Part> {
    let mut parts = BTreeSet::new();
    for target in words(list(rules, "graph", "targets")) {
        let output = Command::new(env!("CARGO"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args([
                "tree",
                "--locked",
                "--offline",
                "--quiet",
                "--target",
                target,
            ])
            .args([
                "--edges",
                "normal,build",
                "--prefix",
                "none",
                "--format",
                "{p}|{l}",
            ])
            .output()
            .expect("cargo");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            // `name v1.2.3 (proc-macro)|MIT (*)`
            let (package, licence) = line.split_once('|').expect("a package and its licence");
            let mut words = package.split(' ');
            let mut next = || words.next().expect("a name and a version").to_string();
            parts.insert(Part {
                name: next(),
                version: next().trim_start_matches('v').to_string(),
                licence: licence.trim_end_matches(" (*)").to_string(),
            });
        }
    }
    assert!(parts.len() > 100, "the whole program, not {}", parts.len());
    parts
}

/// Whether a licence expression can be met by these licences alone.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    Expression::parse_mode(expression, ParseMode::LAX).is_ok_and(|expression| {
        expression.evaluate(|wanted| allowed.contains(&wanted.to_string().as_str()))
    })
}

/// `name@version` of the rules: the version's beginning, part by part.
fn names(spec: &str, part: &Part) -> bool {
    let (name, version) = spec.split_once('@').unwrap_or((spec, ""));
    let beginning = |text: &str| -> Vec<String> {
        let parts = text.split('.').filter(|one| !one.is_empty());
        parts.map(str::to_string).collect()
    };
    name == part.name && beginning(&part.version).starts_with(&beginning(version))
}

fn crates<'a>(rules: &'a toml::Table, key: &str) -> Vec<&'a str> {
    let entries = list(rules, "bans", key).iter();
    entries
        .map(|entry| entry["crate"].as_str().expect("a crate"))
        .collect()
}

#[test]
fn every_licence_is_one_of_those_that_the_rules_allow() {
    let rules = rules();
    let allowed = words(list(&rules, "licenses", "allow"));
    let exceptions = list(&rules, "licenses", "exceptions");
    let mut used: Vec<&str> = Vec::new();
    for part in parts(&rules) {
        if is_met(&part.licence, &allowed) {
            continue;
        }
        let exception = exceptions
            .iter()
            .find(|one| one["crate"].as_str() == Some(&part.name))
            .unwrap_or_else(|| panic!("{} {}: {:?}", part.name, part.version, part.licence));
        let also = words(exception["allow"].as_array().expect("a list"));
        let both = [allowed.as_slice(), also.as_slice()].concat();
        assert!(
            is_met(&part.licence, &both),
            "{}: {:?}",
            part.name,
            part.licence
        );
        used.push(exception["crate"].as_str().expect("a crate"));
    }
    assert_eq!(used.len(), exceptions.len(), "needed are only {used:?}");
    assert!(!is_met("GPL-3.0-only", &allowed) && !is_met("", &allowed));
    assert!(!is_met("MIT AND GPL-3.0-only", &allowed));
}

#[test]
fn nothing_is_there_twice_but_what_the_rules_name_and_nothing_that_they_forbid() {
    let rules = rules();
    let (skipped, denied) = (crates(&rules, "skip"), crates(&rules, "deny"));
    let parts = parts(&rules);
    let mut versions: BTreeMap<&str, Vec<&Part>> = BTreeMap::new();
    for part in &parts {
        let denied = denied.iter().find(|spec| names(spec, part));
        assert_eq!(denied, None, "{} {}", part.name, part.version);
        versions.entry(&part.name).or_default().push(part);
    }
    let mut needed = BTreeSet::new();
    for (name, all) in versions.iter().filter(|(_, all)| all.len() > 1) {
        let not_named: Vec<_> = all
            .iter()
            .filter(|part| {
                let named = skipped.iter().find(|spec| names(spec, part));
                needed.extend(named.copied());
                named.is_none()
            })
            .map(|part| part.version.as_str())
            .collect();
        assert!(not_named.len() <= 1, "{name}: {not_named:?}");
    }
    let skipped: BTreeSet<&str> = skipped.into_iter().collect();
    assert_eq!(needed, skipped, "each exception must still be needed");
}

#[test]
fn everything_comes_from_the_one_registry_and_is_pinned_by_its_checksum() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock: toml::Table = std::fs::read_to_string(file)
        .expect("Cargo.lock")
        .parse()
        .expect("TOML");
    let packages = lock["package"].as_array().expect("packages");
    let mut sources = BTreeSet::new();
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let source = package.get("source").and_then(toml::Value::as_str);
        let Some(source) = source else {
            assert_eq!(
                name,
                env!("CARGO_PKG_NAME"),
                "from a folder of somebody's own"
            );
            continue;
        };
        assert!(source.starts_with("registry+"), "{name}: {source}");
        assert!(package.get("checksum").is_some(), "{name} has no checksum");
        sources.insert(source);
    }
    assert_eq!(sources.len(), 1, "{sources:?}");
}
