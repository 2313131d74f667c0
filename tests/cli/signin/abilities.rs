//! What who is signed in may do, and what is not known for lack of a right.

use super::*;

#[test]
fn a_person_is_told_who_they_are_and_what_they_may_do_in_each_tenant() {
    let world = World::new();
    let output = world
        .home
        .run(&["signin", "finebak.com", "--endpoint", world.sandbox.url()]);
    let words = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{words}{}",
        text(&output.stderr)
    );
    for part in [
        "noc@finebak.com (a person, with multi-factor authentication)",
        "Application Administrator",
        "Policy.Read.All",
        "create and repair registrations",
        "activate Privileged Role Administrator in Privileged Identity Management",
    ] {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
    assert!(
        text(&output.stderr).contains("and type "),
        "{}",
        text(&output.stderr)
    );
    let all = world
        .home
        .run(&["signin", "--json", "--endpoint", world.sandbox.url()]);
    let document: Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!(document["schema"], "umpdeck.signin/1");
    let tenants = document["tenants"].as_array().unwrap();
    assert_eq!(
        tenants.len(),
        world.sandbox.first["tenants"].as_array().unwrap().len()
    );
    for tenant in tenants {
        assert_eq!(tenant["identity"]["kind"], "user", "{tenant}");
        assert_eq!(may(tenant, "change-registrations").0, "yes");
        assert_eq!(may(tenant, "verify-publisher").0, "unknown");
    }
    // One tenant's Graph is down in the training fleet.
    let down = tenants
        .iter()
        .filter(|one| !one["graph"]["failure"].is_null())
        .count();
    assert_eq!(all.status.code(), Some(if down > 0 { 3 } else { 0 }));
    // One code was enough for all tenants.
    assert_eq!(
        text(&all.stderr).matches("and type ").count(),
        1,
        "{}",
        text(&all.stderr)
    );
    let unknown = world
        .home
        .run(&["signin", "nobody", "--endpoint", world.sandbox.url()]);
    assert_eq!(unknown.status.code(), Some(64));
}

#[test]
fn what_an_identity_may_not_read_is_unknown_and_says_what_is_missing() {
    let world = World::new();
    world.write_settings("{ way = \"device-code\", scopes = [\"Application.ReadWrite.All\"] }");
    let (code, document) = world.sign_in();
    assert_eq!(code, Some(1), "{document}");
    let (answer, why) = may(&document["tenants"][0], "read-policy");
    assert_eq!(
        (answer.as_str(), why.as_str()),
        ("no", "the token lacks Policy.Read.All")
    );
    // What is consented to is kept in grants, which this token may not read.
    let blueprint = include_str!("../../../assets/blueprints/consent-2025.toml");
    let blueprint = blueprint.replace(
        "name = \"consent-2025\"",
        "name = \"ours\"\nprovider_consent = true",
    );
    fs::create_dir(world.home.path().join("b")).unwrap();
    fs::write(world.home.path().join("b/ours.toml"), blueprint).unwrap();
    let settings = fs::read_to_string(world.settings_file()).unwrap();
    let device = "[[devices]]\nfqdn = \"ump-01.finebak.com\"\nblueprint = \"ours\"\n";
    let settings = format!("blueprints_dir = \"b\"\n{settings}{device}");
    fs::write(world.settings_file(), settings).unwrap();
    let output = world.run(&["check", "ump-01", "--json"], "");
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let all = document["checks"].as_array().unwrap();
    let consent = all.iter().find(|one| one["key"] == "provider-consent");
    let consent = consent.unwrap();
    assert_eq!(consent["outcome"], "unknown", "{consent:#}");
    let why = consent["why"].as_str().unwrap();
    assert!(why.contains("the token lacks Directory.Read.All"), "{why}");
}

#[test]
fn who_may_read_nothing_finds_nothing_missing() {
    let world = World::new();
    world.write_settings("{ way = \"device-code\", scopes = [\"User.Read\"] }");
    let mut settings = fs::read_to_string(world.settings_file()).unwrap();
    settings.push_str("[[devices]]\nfqdn = \"ump-01.finebak.com\"\n");
    fs::write(world.settings_file(), settings).unwrap();
    let output = world.run(&["status", "--json"], "");
    assert_eq!(output.status.code(), Some(3));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        document["devices"][0]["status"], "unreachable",
        "{document:#}"
    );
    let why = document["tenants"][0]["failure"]["why"].as_str().unwrap();
    assert!(
        why.contains("the token lacks Application.Read.All"),
        "{why}"
    );
}
