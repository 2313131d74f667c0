//! The customers behind a device, through the real binary: read by the documented REST API, or the inventory's.

use crate::support::program::{Home, SandboxProgram, code, text};
use serde_json::Value;

fn run(home: &Home, sandbox: &SandboxProgram, words: &[&str]) -> (i32, String) {
    let output = home.run_at(sandbox.url(), words);
    let words = text(&output.stdout);
    assert!(!words.is_empty(), "{}", text(&output.stderr));
    (code(&output), words)
}

#[test]
fn licence_consent_roles_and_details_are_read_where_the_portal_tells_them() {
    let (ground, home) = (Home::new(), Home::new());
    let sandbox = SandboxProgram::start(&ground);
    let (code, words) = run(&home, &sandbox, &["customers", "ump-dr", "--json"]);
    assert_eq!(code, 1, "two have not consented");
    let document: Value = serde_json::from_str(&words).expect("JSON");
    let customers = document["customers"].as_array().expect("customers");
    assert_eq!(customers.len(), 5);
    let of = |name: &str| {
        customers
            .iter()
            .find(|one| one["shortName"] == name)
            .expect("it")
    };
    let tessel = of("tessel_bank");
    assert_eq!(
        (&tessel["consent"], &tessel["roles"]),
        (&"pending".into(), &"enough".into())
    );
    assert_eq!(tessel["licence"], "Essentials Plus");
    assert_eq!(tessel["sites"], 1, "its details were read");
    let tenant = tessel["tenantId"].as_str().expect("a tenant");
    let url = tessel["consentUrl"].as_str().expect("a URL");
    assert!(
        url.contains(&format!("/{tenant}/v2.0/adminconsent?client_id=")),
        "{url}"
    );
    assert_eq!(of("oakridge")["roles"], "unknown");
    assert!(
        customers
            .iter()
            .filter(|one| one["consent"] == "granted")
            .count()
            == 3
    );
}

#[test]
fn a_portal_filled_in_by_hand_lists_its_customers_by_the_documented_call() {
    let (ground, home) = (Home::new(), Home::new());
    let sandbox = SandboxProgram::start(&ground);
    let (code, words) = run(&home, &sandbox, &["customers", "sbc-a"]);
    assert_eq!(code, 0, "{words}");
    assert!(
        words.contains("3 customers, listed by the portal"),
        "{words}"
    );
    let (_, tabs) = run(
        &home,
        &sandbox,
        &["customers", "sbc-a", "--tsv", "--stored"],
    );
    let lines: Vec<&str> = tabs.lines().collect();
    assert_eq!(lines.len(), 4, "{tabs}");
    assert!(lines[0].starts_with("short_name\tfull_name\ttenant_id\tlicence\t"));
    assert!(lines.iter().all(|line| line.split('\t').count() == 12));
}

#[test]
fn each_customer_has_an_account_where_a_profile_reads_it() {
    let (ground, home) = (Home::new(), Home::new());
    let sandbox = SandboxProgram::start(&ground);
    let (_, words) = run(&home, &sandbox, &["customers", "voice09", "--json"]);
    let document: Value = serde_json::from_str(&words).expect("JSON");
    let customers = document["customers"].as_array().expect("customers");
    assert!(!customers.is_empty(), "{document:#}");
    for one in customers {
        assert_eq!(one["account"]["lastStatus"], "Success", "{one:#}");
        assert!(one["account"]["daysLeft"].as_i64().expect("days") > 100);
    }
}

#[test]
fn the_invitation_is_the_sites_own_where_it_has_one_and_a_wrong_one_is_refused() {
    let (ground, home) = (Home::new(), Home::new());
    let sandbox = SandboxProgram::start(&ground);
    let invitation = ["customers", "ump-dr", "--invitation", "oakridge"];
    let (code, words) = run(&home, &sandbox, &invitation);
    assert_eq!(code, 0);
    for part in [
        "Dear administrator of Oakridge Partners,",
        "\n- User.Read.All (Microsoft Graph",
        "https://ump-dr.finebak.com/authenticate",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let settings = home.path().join("settings.toml");
    let own = home.path().join("own.txt");
    std::fs::write(&settings, "invitation = \"own.txt\"\n").expect("written");
    std::fs::write(&own, "# ours\nHello {customer}: {consent_url}\n").expect("written");
    let with = [
        &invitation[..],
        &["--settings", settings.to_str().expect("UTF-8")],
    ]
    .concat();
    let (_, words) = run(&home, &sandbox, &with);
    assert!(
        words.starts_with("Hello Oakridge Partners: http"),
        "{words}"
    );
    std::fs::write(&own, "Hello\n{nobody}\n").expect("written");
    let refused = home.run(&[&with[..], &["--endpoint", sandbox.url()]].concat());
    let words = text(&refused.stderr);
    assert!(words.contains("line 2: there is no {nobody}"), "{words}");
}
