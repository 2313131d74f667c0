//! Files that a site writes by hand, or gets from somebody: whatever stands in them is taken or refused in words that
//! are harmless to show, and what is taken keeps the rules.

use std::path::Path;

use proptest::prelude::*;
use umpdeck::desk::site::Profile;
use umpdeck::inventory::{Changes, Known, Reading, read_csv, read_toml};
use umpdeck::registration::blueprint::Blueprint;
use umpdeck::registration::fleet::{Fqdn, PortalWay, RedirectUri};
use umpdeck::settings::Settings;
use umpdeck::text::is_harmless;

/// The files of a folder of the assets.
fn files(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets")
        .join(folder);
    let entries = std::fs::read_dir(folder).expect("the folder");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    // The same order everywhere, so that a case that failed is found again.
    files.sort();
    files
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("text"))
        .collect()
}

/// A file as somebody spoils it: pieces cut out, doubled, moved and replaced by what does not belong there.
fn spoilt(files: Vec<String>) -> impl Strategy<Value = String> {
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
    fn a_blueprint_is_taken_whole_or_refused_in_words(text in spoilt(files("blueprints"))) {
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
    fn a_portal_profile_is_taken_whole_or_refused_in_words(text in spoilt(files("portals"))) {
        match Profile::parse(&text) {
            Ok(profile) if profile.way == PortalWay::Http => {
                prop_assert!(profile.read.is_some() && profile.write.is_some());
            }
            Ok(_) => {}
            Err(why) => check_words(&why.to_string())?,
        }
    }

    #[test]
    fn settings_are_taken_whole_or_refused_with_file_and_words(text in spoilt(vec![SETTINGS.to_string()])) {
        if let Err(why) = Settings::parse(&text, Path::new("/etc/umpdeck.toml")) {
            let words = why.to_string();
            check_words(&words)?;
            prop_assert!(words.starts_with("/etc/umpdeck.toml"), "{words}");
            prop_assert!(is_harmless(&words) && words.len() < 1_000, "{words}");
        }
    }
}

/// What was read of a file: every device is one that may be listed or told as bad, and every bad line has its number
/// and a reason that may be shown.
fn check_reading(text: &str, reading: Reading) -> Result<(), TestCaseError> {
    let known = Known {
        tenants: vec![(uuid::Uuid::from_u128(1), "Finebak".to_string())],
        blueprints: vec!["consent-2025".into()],
        profiles: vec![("handoff".into(), PortalWay::Handoff)],
    };
    let lines = text.split(['\n', '\r']).count();
    let named = reading.proposed.len();
    let refused = reading.bad.len();
    let changes = Changes::of_reading(&[], reading, &known);
    prop_assert_eq!(
        changes.devices.len() + changes.unchanged + changes.bad.len(),
        named + refused,
        "each line is taken or told"
    );
    for bad in &changes.bad {
        prop_assert!((1..=lines).contains(&bad.line), "{bad:?} of {lines}");
        check_words(&bad.why)?;
    }
    Ok(())
}

const CSV: &str = "fqdn,tenant,blueprint,portal_profile,portal_url,redirect_uri,object_id,mpn_id,notes,\
customer_short_name,customer_full_name,customer_tenant_id,customer_redirect_uri\n\
ump-1.finebak.com,Finebak,,handoff,,,,4711,\"two\nlines\",velden,Velden Shipping,,\n\
ump-1.finebak.com,,,,,,,,,oakridge,,,\n\
ump-2.finebak.com,,,,,,,,'=1+1,,,,\n";

const BLOCKS: &str = r#"
[[devices]]
fqdn = "ump-1.finebak.com"
notes = """
two lines"""
[[devices.customers]]
short_name = "velden"
[[devices]]
fqdn = "ump-2.finebak.com"
portal_url = "https://ump-2.finebak.com/tenantui"
"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn of_a_spoilt_csv_each_device_is_taken_or_told_by_its_line(text in spoilt(vec![CSV.to_string()])) {
        check_reading(&text, read_csv(text.as_bytes()))?;
    }

    #[test]
    fn of_spoilt_blocks_each_device_is_taken_or_told_by_its_line(text in spoilt(vec![BLOCKS.to_string()])) {
        check_reading(&text, read_toml(&text))?;
    }

    #[test]
    fn whatever_bytes_are_imported_are_taken_or_told(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        check_reading(&text, read_csv(&bytes))?;
        check_reading(&text, read_toml(&text))?;
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
