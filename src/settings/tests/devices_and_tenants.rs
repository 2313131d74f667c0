//! The entries of devices and tenants, and how they find one another.

use super::*;

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
