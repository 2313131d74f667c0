//! The commented file that a site begins with, and a file that was named.

use super::*;

#[test]
fn the_starter_says_what_holds_without_it() {
    let defaults = Settings {
        file: FILE.into(),
        ..Settings::default()
    };
    assert_eq!(parse(&Settings::starter()).unwrap(), defaults);
    assert_eq!(parse("").unwrap(), defaults);
    assert!(!Settings::starter().contains(['\t', '\r']));
}

#[test]
fn the_starter_names_the_limits_that_a_refusal_names() {
    let starter = Settings::starter().replace("\n# ", " ");
    for (refused, before) in [
        ("refresh_minutes = 1441", "of the whole fleet, "),
        ("secret_expiring_days = 0", "counts as expiring, "),
        ("secrets.retire_after_push_days = 91", "How many days, "),
        ("secrets.retire_after_handoff_days = 91", "How many days, "),
        ("bulk.at_once = 33", "How many devices, "),
        ("bulk.at_once_per_tenant = 0", "How many devices, "),
    ] {
        let error = error(refused);
        let (_, why) = error.rsplit_once(": give ").unwrap();
        let (limits_and_unit, _) = why.split_once(';').unwrap();
        let (limits, _) = limits_and_unit.rsplit_once(' ').unwrap();
        assert!(starter.contains(&format!("{before}{limits}")), "{error}");
    }
    assert!(!starter.contains("limits}"), "each place is filled in");
}

#[test]
fn every_example_in_the_starter_can_be_taken_over() {
    let text: String = Settings::starter()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(example) if !example.starts_with(' ') => format!("{example}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let settings = parse(&text).unwrap();
    assert_eq!(
        settings.portals_dir,
        Some(PathBuf::from("/etc/umpdeck/portals"))
    );
    let tenant = &settings.tenants[0];
    assert_eq!(tenant.login, DEFAULT_LOGIN);
    assert_eq!(tenant.graph, DEFAULT_GRAPH);
    assert_eq!(tenant.sign_in, SignIn::default());
    let (tenants, devices) = settings.fleet(&known(&settings)).unwrap();
    assert_eq!(tenants.len(), 1);
    assert_eq!(devices[0].customers[0].short_name, "zeta");
    // What the examples set to the values that follow anyway changes nothing.
    let bare = fleet(&format!(
        "{TENANT}[[devices]]\nfqdn = \"LiveCloud.finebak.com\""
    ))
    .unwrap()
    .1
    .remove(0);
    assert_eq!(
        (&bare.portal_url, &bare.blueprint, &bare.portal_profile),
        (
            &devices[0].portal_url,
            &devices[0].blueprint,
            &devices[0].portal_profile
        )
    );
    assert_eq!(bare.fqdn, devices[0].fqdn);
    assert_eq!(bare.tenant, tenants[0].id);
}

#[test]
fn a_file_that_was_named_must_be_there_and_says_where_it_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s.toml");
    assert!(matches!(
        Settings::load(Some(&file)),
        Err(SettingsError::Missing { .. })
    ));
    fs::write(&file, "refresh_minutes = 7").unwrap();
    let (settings, from, existed) = Settings::load(Some(&file)).unwrap();
    assert_eq!(
        (settings.refresh_minutes, from, existed),
        (7, file.clone(), true)
    );
    fs::write(&file, b"\xff\xfe").unwrap();
    assert!(matches!(
        Settings::load(Some(&file)),
        Err(SettingsError::Unreadable { .. })
    ));
}
