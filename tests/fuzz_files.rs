//! Files that a site writes by hand, or gets from somebody: whatever stands in them is taken or refused in words that
//! are harmless to show, and what is taken keeps the rules.

use std::path::Path;

use proptest::prelude::*;
use umpdeck::desk::site::Profile;
use umpdeck::registration::blueprint::Blueprint;
use umpdeck::registration::fleet::{Fqdn, PortalWay, RedirectUri};
use umpdeck::settings::Settings;
use umpdeck::text::is_harmless;

const BLUEPRINTS: [&str; 2] = [
    include_str!("../assets/blueprints/consent-2025.toml"),
    include_str!("../assets/blueprints/ump-365-sp-8.0.toml"),
];
const PORTALS: [&str; 2] = [
    include_str!("../assets/portals/sandbox.toml"),
    include_str!("../assets/portals/handoff.toml"),
];

/// A file as somebody spoils it: pieces cut out, doubled, moved and replaced by what does not belong there.
fn spoilt(files: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{202e}".to_string()),
        Just("\u{1b}]0;x\u{7}".to_string()),
        Just("[[".to_string()),
        Just("= {".to_string()),
        Just("\"\"\"".to_string()),
        Just("-9223372036854775809".to_string()),
        Just("[".repeat(600)),
        Just("a.".repeat(600)),
        Just("x".repeat(100_000)),
        "\\PC{0,12}",
    ];
    let change = (any::<prop::sample::Index>(), 0_usize..40, piece);
    let changes = prop::collection::vec(change, 0..6);
    (prop::sample::select(files), changes).prop_map(|(file, changes)| {
        let mut letters: Vec<char> = file.chars().collect();
        for (at, gone, new) in changes {
            let at = at.index(letters.len() + 1);
            let end = (at + gone).min(letters.len());
            letters.splice(at..end, new.chars());
        }
        letters.into_iter().collect()
    })
}

/// The words of a refusal go to a terminal and a log.
fn check_words(words: &str) -> Result<(), TestCaseError> {
    prop_assert!(!words.trim().is_empty());
    let shown = umpdeck::text::clean(words);
    prop_assert!(is_harmless(&shown));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_blueprint_is_taken_whole_or_refused_in_words(text in spoilt(&BLUEPRINTS)) {
        match Blueprint::parse(&text) {
            Ok(blueprint) => {
                prop_assert!((1..=24).contains(&blueprint.secret_months));
                let fqdn = Fqdn::parse("ump.finebak.com").expect("an FQDN");
                let uri = RedirectUri::for_device(&fqdn, &blueprint.redirect_path);
                prop_assert!(uri.is_ok(), "{:?}", blueprint.redirect_path);
            }
            Err(why) => check_words(&why.to_string())?,
        }
    }

    #[test]
    fn a_portal_profile_is_taken_whole_or_refused_in_words(text in spoilt(&PORTALS)) {
        match Profile::parse(&text) {
            Ok(profile) if profile.way == PortalWay::Http => {
                prop_assert!(profile.read.is_some() && profile.write.is_some());
            }
            Ok(_) => {}
            Err(why) => check_words(&why.to_string())?,
        }
    }

    #[test]
    fn settings_are_taken_whole_or_refused_with_file_and_words(text in spoilt(&[SETTINGS])) {
        if let Err(why) = Settings::parse(&text, Path::new("/etc/umpdeck.toml")) {
            let words = why.to_string();
            check_words(&words)?;
            prop_assert!(words.starts_with("/etc/umpdeck.toml"), "{words}");
            prop_assert!(is_harmless(&words) && words.len() < 1_000, "{words}");
        }
    }
}

const SETTINGS: &str = r#"
refresh_minutes = 15
[screen]
theme = "default"
[[tenants]]
id = "11111111-2222-3333-4444-555555555555"
name = "Finebak"
primary_domain = "finebak.com"
sign_in = { way = "client-secret", client_id = "11111111-2222-3333-4444-555555555555", secret_env = "OWN" }
[[devices]]
fqdn = "livecloud.finebak.com"
notes = "rack 4"
[[devices.customers]]
short_name = "zeta"
full_name = "Zeta Ltd"
"#;
