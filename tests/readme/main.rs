//! The tables of the README and of the guides are the program's own, its links lead somewhere, and its commands exist.

mod procedure;

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use umpdeck::cli::arguments::Arguments;
use umpdeck::cli::codes_markdown;
use umpdeck::console::keymap::{readme_essentials, readme_table};
use umpdeck::desk::site::Profile;
use umpdeck::entra::signin::aadsts;
use umpdeck::registration::fleet::PortalWay;

/// The sign-in errors that operators meet most.
const MET_MOST: [u32; 6] = [700016, 50011, 7000215, 7000222, 65001, 53003];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let guides = std::fs::read_dir(root().join("assets/docs")).expect("the guides");
    let guides = guides.map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> = guides
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.push(root().join("README.md"));
    pages
}

/// Holds what stands between two marks of a page against what it is made from; with UPDATE=1, writes it.
fn held(page: &str, what: &str, wanted: &str) {
    let path = root().join(page);
    let text = std::fs::read_to_string(&path).expect("the page");
    let begin = text
        .find(&format!("<!-- {what}: made from"))
        .expect("a place for it");
    let begin = begin + text[begin..].find("-->\n").expect("the mark's end") + 4;
    let end = text
        .find(&format!("<!-- {what} end -->"))
        .expect("an end of it");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{}{wanted}{}", &text[..begin], &text[end..])).unwrap();
    } else {
        let now = &text[begin..end];
        assert_eq!(now, wanted, "{page}: run UPDATE=1 cargo test --test readme");
    }
}

/// The built-in portal profiles and where their pages are.
fn profiles(listed: impl Fn(&Profile) -> bool) -> String {
    let mut text = String::from("\n| profile | page |\n| --- | --- |\n");
    for profile in Profile::built_in().iter().filter(|one| listed(one)) {
        let page = &profile.page;
        let or = page.or_path.as_ref();
        let or = or.map_or_else(String::new, |path| format!(", or {path}"));
        text.push_str(&format!("| `{}` | {}{or} |\n", profile.name, page.path));
    }
    text
}

#[test]
fn the_tables_are_those_of_the_program() {
    held("README.md", "keys", &readme_essentials());
    held("assets/docs/keys.md", "keys", &readme_table());
    held("assets/docs/scripts.md", "exit codes", &codes_markdown());
    held(
        "assets/docs/daily-jobs.md",
        "procedure",
        &procedure::markdown(),
    );
    let most = aadsts::markdown(Some(&MET_MOST));
    assert_eq!(most.lines().count(), MET_MOST.len() + 3, "each has its row");
    held("README.md", "sign-in errors", &most);
    held("assets/portals/README.md", "profiles", &profiles(|_| true));
    held(
        "assets/docs/real-tenant.md",
        "profiles",
        &profiles(|profile| profile.way == PortalWay::Handoff),
    );
    let all = aadsts::markdown(None);
    held("assets/docs/troubleshooting.md", "sign-in errors", &all);
}

#[test]
fn every_link_of_a_page_leads_to_a_file() {
    let mut links = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        for part in text.split("](").skip(1) {
            let target = part.split(')').next().expect("a target");
            if target.contains("://") {
                continue;
            }
            let place = page.parent().expect("a folder").join(target);
            assert!(place.exists(), "{}: {target}", page.display());
            links += 1;
        }
    }
    assert!(links > 8, "{links}");
}

/// The code of a page: its blocks line by line, and what stands between backquotes.
fn code(text: &str) -> Vec<String> {
    let mut code = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            // To a comment, and each program of a pipe.
            let line = line.split(" #").next().unwrap_or_default();
            code.extend(line.split("| ").map(String::from));
        } else {
            code.extend(line.split('`').skip(1).step_by(2).map(String::from));
        }
    }
    code
}

#[test]
fn every_place_in_the_sources_that_a_page_names_is_there() {
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        for line in code(&text) {
            for word in line.split_whitespace() {
                let folders = ["src/", "tests/", "assets/", ".ci/"];
                if folders.iter().any(|folder| word.starts_with(folder)) {
                    let place = root().join(word.trim_end_matches(['.', ',', ';', ':']));
                    assert!(place.exists(), "{}: {word}", page.display());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn every_command_that_a_page_names_is_one_and_takes_those_options() {
    let program = Arguments::command();
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        for line in code(&text) {
            let Some(words) = line.trim_start().strip_prefix("umpdeck ") else {
                continue;
            };
            let words: Vec<&str> = words.split_whitespace().collect();
            let mut command = &program;
            for word in words.iter().take_while(|word| !word.starts_with('-')) {
                match command.find_subcommand(word) {
                    Some(one) => command = one,
                    None => break,
                }
            }
            let named = words.first().is_some_and(|word| !word.starts_with('-'));
            assert!(
                !named || command.get_name() != "umpdeck",
                "{}: {line}",
                page.display()
            );
            for option in words.iter().filter_map(|word| word.strip_prefix("--")) {
                let takes = |one: &clap::Command| {
                    let mut all = one.get_arguments();
                    all.any(|known| known.get_long() == Some(option))
                };
                assert!(
                    takes(command) || takes(&program),
                    "{}: --{option} in {line}",
                    page.display()
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
