use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::inventory::Known;
use crate::registration::blueprint::Blueprint;
use crate::registration::fleet::{Device, PortalWay, Tenant};

const FILE: &str = "/etc/umpdeck/settings.toml";

const TENANT: &str = r#"
[[tenants]]
id = "11111111-2222-3333-4444-555555555555"
name = "Finebak"
primary_domain = "finebak.com"
"#;

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(text, Path::new(FILE))
}

fn known(settings: &Settings) -> Known {
    let blueprints = Blueprint::built_in().into_iter().map(|one| one.name.into());
    let profiles = [("handoff", PortalWay::Handoff), ("site", PortalWay::Http)];
    let profiles = profiles.map(|(name, way)| (name.into(), way));
    settings.known(blueprints.collect(), profiles.to_vec())
}

fn fleet(text: &str) -> Result<(Vec<Tenant>, Vec<Device>), SettingsError> {
    let settings = parse(text)?;
    settings.fleet(&known(&settings))
}

fn error(text: &str) -> String {
    fleet(text).unwrap_err().to_string()
}

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
        let (_, why) = error.rsplit_once(": ").unwrap();
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
fn a_mistake_is_named_with_file_line_key_and_reason() {
    for (text, parts) in [
        (
            "refresh_minutes = 15\nrefresh_mintes = 3\n",
            ["line 2", "refresh_mintes", "unknown field"],
        ),
        (
            "\n\nrefresh_minutes = \"x\"",
            ["line 3", "refresh_minutes", "invalid type"],
        ),
        ("[screen]\nascii = 1", ["line 2", "ascii", "invalid type"]),
        ("log_level = \"loud\"", ["line 1", "log_level", "loud"]),
        ("[bulk]\nat_once = 0", [FILE, "bulk.at_once", "1 to 32"]),
        (
            "refresh_minutes = 0",
            [FILE, "refresh_minutes", "1 to 1440"],
        ),
        (
            "clipboard.command = []",
            [FILE, "clipboard.command", "no program"],
        ),
        ("a = ", ["line 1", "a:", "string"]),
    ] {
        let error = error(text);
        assert!(error.starts_with(FILE), "{error}");
        for part in parts {
            assert!(
                error.contains(part),
                "{text:?}: {part:?} is not in: {error}"
            );
        }
    }
}

#[test]
fn an_entry_that_cannot_be_is_named_with_its_line() {
    let device = |lines: &str| format!("{TENANT}[[devices]]\nfqdn = \"a.finebak.com\"\n{lines}");
    for (text, parts) in [
        (
            device("tenant = \"Acme\""),
            ["device \"a.finebak.com\": tenant", "there are: Finebak"],
        ),
        (
            device("blueprint = \"x\""),
            ["a.finebak.com\": blueprint", "consent-2025"],
        ),
        (
            device("portal_profile = \"x\""),
            ["portal_profile", "no portal profile \"x\""],
        ),
        (
            device("portal_url = \"http://a.finebak.com\""),
            ["portal_url", "https://"],
        ),
        (
            device("redirect_uri = \"https://*.x.com\""),
            ["redirect_uri", "wildcard"],
        ),
        (device("mpn_id = \"x\""), ["mpn_id", "number"]),
        (
            device("[[devices.customers]]\nshort_name = \"a b\""),
            ["customer \"a b\": short_name", "' '"],
        ),
        (
            device(
                "[[devices.customers]]\nshort_name = \"abc\"\n[[devices.customers]]\nshort_name = \"abc\"",
            ),
            ["customers", "two customers"],
        ),
    ] {
        let error = error(&text);
        assert!(error.contains("line 7"), "{error}");
        for part in parts {
            assert!(
                error.contains(part),
                "{text:?}: {part:?} is not in: {error}"
            );
        }
    }
    let twice = error(&device("[[devices]]\nfqdn = \"A.finebak.com\""));
    assert!(
        twice.contains("line 9") && twice.contains("another device"),
        "{twice}"
    );
    let none = error("[[devices]]\nfqdn = \"a.finebak.com\"");
    assert!(none.contains("no [[tenants]]"), "{none}");
}

#[test]
fn a_tenant_that_cannot_be_is_named_with_its_line() {
    let same_name = TENANT.replace("11111111", "22222222");
    for (more, part) in [
        (TENANT, "this ID above"),
        (same_name.as_str(), "this name above"),
    ] {
        let error = error(&format!("{TENANT}{more}"));
        assert!(error.contains("line 9") && error.contains(part), "{error}");
    }
    for (line, part) in [
        ("login = \"http://login.example.com\"", "login"),
        ("login = \"https://login.example.com/\"", "without a path"),
        ("graph = \"https://u:p@graph.example.com\"", "user name"),
        ("graph = \"graph\"", "graph"),
        ("mpn_id = \"x\"", "mpn_id"),
    ] {
        let error = error(&format!("{TENANT}{line}"));
        assert!(error.contains("line 4") && error.contains(part), "{error}");
    }
    assert!(parse(&format!("{TENANT}login = \"http://127.0.0.1:8443\"")).is_ok());
}

#[test]
fn a_device_finds_its_tenant_by_name_or_id_and_its_way_by_the_profile() {
    let other = TENANT
        .replace("11111111", "22222222")
        .replace("Finebak", "Acme");
    let text = format!(
        "{TENANT}{other}[[devices]]\nfqdn = \"a.finebak.com\"\ntenant = \"acme\"\nportal_profile = \"site\"\n\
         [[devices]]\nfqdn = \"b.finebak.com\"\ntenant = \"11111111-2222-3333-4444-555555555555\""
    );
    let (tenants, devices) = fleet(&text).unwrap();
    assert_eq!(devices[0].tenant, tenants[1].id);
    assert_eq!(devices[0].portal_way, PortalWay::Http);
    assert_eq!(devices[1].tenant, tenants[0].id);
    assert_eq!(devices[1].portal_way, PortalWay::Handoff);
    let unnamed = error(&format!(
        "{TENANT}{other}[[devices]]\nfqdn = \"a.finebak.com\""
    ));
    assert!(unnamed.contains("several tenants"), "{unnamed}");
}

#[test]
fn a_sign_in_has_what_its_way_needs_and_nothing_else() {
    let id = "client_id = \"11111111-2222-3333-4444-555555555555\"";
    for (sign_in, part) in [
        ("{ way = \"client-secret\" }".to_string(), "client_id"),
        (
            format!("{{ way = \"client-secret\", {id} }}"),
            "secret_env, secret_file or secret_command",
        ),
        (
            format!("{{ way = \"client-secret\", {id}, secret_command = [] }}"),
            "names no program",
        ),
        (
            format!("{{ way = \"certificate\", {id} }}"),
            "a PEM file with the key",
        ),
        (
            "{ way = \"certificate\", certificate = \"c.pem\" }".to_string(),
            "client_id",
        ),
        (
            "{ way = \"device-code\", scopes = [\"https://x/User.Read\"] }".to_string(),
            "scopes are names",
        ),
        (
            format!("{{ way = \"certificate\", {id}, certificate = \"c\", scopes = [] }}"),
            "only sign_in by device-code has scopes",
        ),
        ("{ way = \"command\" }".to_string(), "command = ["),
        (
            "{ way = \"command\", command = [\"\"] }".to_string(),
            "command = [",
        ),
        (
            format!("{{ way = \"command\", {id}, command = [\"az\"] }}"),
            "no client_id",
        ),
        (
            "{ way = \"device-code\", command = [\"az\"] }".to_string(),
            "only sign_in by command",
        ),
        (
            "{ way = \"command\", command = [\"az\"], certificate = \"c\" }".to_string(),
            "only sign_in by certificate",
        ),
        (
            format!("{{ way = \"client-secret\", {id}, secret_env = \"A\", secret_file = \"b\" }}"),
            "exclude",
        ),
        (
            "{ way = \"device-code\", secret_env = \"A\" }".to_string(),
            "has a secret",
        ),
        (
            format!("{{ way = \"client-secret\", {id}, secret = \"A\" }}"),
            "unknown field",
        ),
    ] {
        let error = error(&format!("{TENANT}sign_in = {sign_in}"));
        assert!(error.contains("line 6") && error.contains(part), "{error}");
    }
    let settings = parse(&format!(
        "{TENANT}sign_in = {{ way = \"client-secret\", {id}, secret_file = \"s\" }}"
    ))
    .unwrap();
    let SignIn::ClientSecret { secret, .. } = &settings.tenants[0].sign_in else {
        panic!("{settings:?}");
    };
    assert_eq!(*secret, SecretSource::File("/etc/umpdeck/s".into()));
    let settings = parse(&format!(
        "{TENANT}ca_file = \"ca.pem\"\nsign_in = {{ way = \"certificate\", {id}, certificate = \"c.pem\" }}"
    ))
    .unwrap();
    let tenant = &settings.tenants[0];
    assert_eq!(tenant.ca_file, Some("/etc/umpdeck/ca.pem".into()));
    let SignIn::Certificate { certificate, .. } = &tenant.sign_in else {
        panic!("{settings:?}");
    };
    assert_eq!(*certificate, PathBuf::from("/etc/umpdeck/c.pem"));
}

#[test]
fn a_proxy_is_an_address_without_a_password() {
    parse(&format!(
        "{TENANT}proxy = \"http://proxy.finebak.com:8080\""
    ))
    .unwrap();
    for (proxy, part) in [
        ("proxy.finebak.com:8080", "no proxy's address"),
        ("http://me:hunter2@proxy.finebak.com", "HTTPS_PROXY"),
        ("http://proxy.finebak.com/path", "no proxy's address"),
        ("", "no proxy's address"),
    ] {
        let error = error(&format!("{TENANT}proxy = \"{proxy}\""));
        assert!(error.contains("tenant \"Finebak\": proxy"), "{error}");
        assert!(
            error.contains(part) && !error.contains("hunter2"),
            "{error}"
        );
    }
}

#[test]
fn a_command_gives_a_secret_or_says_why_not() {
    let shell = |script: &str| {
        let words = ["sh", "-c", script].map(str::to_string);
        SecretSource::Command(words.to_vec()).read()
    };
    assert_eq!(shell("echo hunter2").unwrap().expose_secret(), "hunter2");
    for (script, part) in [
        ("echo hunter2; echo locked >&2; exit 2", "and said: locked"),
        ("true", "empty"),
        ("echo hunter2; echo more", "more than one line"),
    ] {
        let error = shell(script).unwrap_err().to_string();
        assert!(
            error.contains("the command sh") && error.contains(part),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_file_is_read_only_when_nobody_else_may() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s");
    fs::write(&file, "hunter2\n").unwrap();
    let source = SecretSource::File(file.clone());
    let set = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    for mode in [0o644, 0o640, 0o604] {
        set(mode);
        let error = source.read().unwrap_err().to_string();
        assert!(
            error.contains("chmod 600") && !error.contains("hunter2"),
            "{error}"
        );
    }
    set(0o600);
    let secret = source.read().unwrap();
    assert_eq!(secret.expose_secret(), "hunter2");
    assert!(!format!("{secret:?}").contains("hunter2"));
    fs::write(&file, "\n").unwrap();
    assert!(source.read().unwrap_err().to_string().contains("empty"));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let source = SecretSource::Env("UMPDECK_NOBODY_SETS_THIS".into());
    let error = source.read().unwrap_err().to_string();
    assert!(error.contains("UMPDECK_NOBODY_SETS_THIS"), "{error}");
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

#[test]
fn nothing_invisible_of_the_file_gets_into_a_message() {
    for text in [
        "\"\\u001b]0;x\\u0007\" = 1",
        "log_level = \"\\u202eevil\"",
        "\u{1b}[2J",
    ] {
        let error = error(text);
        assert!(
            !error.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{error:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = fleet(&text);
    }

    #[test]
    fn no_text_made_of_settings_makes_it_panic(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "[[tenants]]\n", "[[devices]]\n", "[[devices.customers]]\n", "[screen]\n", "id = ", "name = ",
            "primary_domain = ", "fqdn = ", "tenant = ", "sign_in = ", "{ way = \"device-code\" }\n", "\"x\"\n", "15\n",
            "\"a.b\"\n", "\"11111111-2222-3333-4444-555555555555\"\n", "refresh_minutes = ", "[", "]", "=", "\n", "é", "\"\"\"",
        ]), 0..20)
    ) {
        let _ = fleet(&parts.concat());
    }
}
