//! A tenant's way to sign in has what it needs, and so has its proxy.

use super::*;

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
            "a PEM file with certificate and key",
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
            "scopes are only for",
        ),
        ("{ way = \"command\" }".to_string(), "command = ["),
        (
            "{ way = \"command\", command = [\"\"] }".to_string(),
            "command = [",
        ),
        (
            format!("{{ way = \"command\", {id}, command = [\"az\"] }}"),
            "can't have a client_id",
        ),
        (
            "{ way = \"device-code\", command = [\"az\"] }".to_string(),
            "only for way = \"command\"",
        ),
        (
            "{ way = \"command\", command = [\"az\"], certificate = \"c\" }".to_string(),
            "only for way = \"certificate\"",
        ),
        (
            format!("{{ way = \"client-secret\", {id}, secret_env = \"A\", secret_file = \"b\" }}"),
            "can have only one of",
        ),
        (
            "{ way = \"device-code\", secret_env = \"A\" }".to_string(),
            "a secret is only for",
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
        ("proxy.finebak.com:8080", "not a proxy's address"),
        ("http://me:hunter2@proxy.finebak.com", "HTTPS_PROXY"),
        ("http://proxy.finebak.com/path", "not a proxy's address"),
        ("", "not a proxy's address"),
    ] {
        let error = error(&format!("{TENANT}proxy = \"{proxy}\""));
        assert!(error.contains("tenant \"Finebak\": proxy"), "{error}");
        assert!(
            error.contains(part) && !error.contains("hunter2"),
            "{error}"
        );
    }
}
