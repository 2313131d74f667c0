//! A tenant is added to the settings: guided by questions, or by a script.

use super::*;

#[test]
fn the_guided_way_finds_the_tenant_signs_in_and_writes_it_down() {
    let world = World::new();
    let before = "# mine\r\nrefresh_minutes = 7 # no line's end";
    fs::write(world.settings_file(), before).unwrap();
    // A file that is there keeps its mode.
    fs::set_permissions(world.settings_file(), fs::Permissions::from_mode(0o600)).unwrap();
    let url = world.sandbox.url();
    let hosts = ["tenants", "add", "--login", url, "--graph", url];
    // Tenant, way, client ID, name; then the last question.
    let refused = world.run(&hosts, "finebak.com\ncode\n\n\nn\n");
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused.stderr));
    assert_eq!(fs::read_to_string(world.settings_file()).unwrap(), before);
    let output = world.run(&hosts, "finebak.com\n\n\n\ny\n");
    let (said, asked) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}{asked}");
    for part in [
        "Directory ID or domain",
        "Client ID [14d82eec",
        "nobody has verified",
        "and type ",
        "[y/N]",
    ] {
        assert!(asked.contains(part), "{part} is not in\n{asked}");
    }
    for part in ["noc@finebak.com", "[[tenants]]", "is added to"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let after = fs::read_to_string(world.settings_file()).unwrap();
    assert!(after.starts_with(before), "{after}");
    let mode = fs::metadata(world.settings_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let listed = world.run(&["tenants"], "");
    assert!(
        text(&listed.stdout).contains(&world.tenant("id")),
        "{}",
        text(&listed.stdout)
    );
    let json = world.run(&["tenants", "--json"], "");
    let document: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document["tenants"][0]["signIn"], "device-code");
    assert_eq!(document["tenants"][0]["primaryDomain"], "finebak.com");
    let again = world.run(&hosts, "finebak.com\n");
    assert_eq!(again.status.code(), Some(64));
    assert!(text(&again.stderr).contains("listed already"));
    let (code, document) = world.sign_in();
    assert_eq!(code, Some(0), "{document}");
    // Microsoft's own client gets what it names, not all that the operator could have.
    let permissions = &document["tenants"][0]["identity"]["permissions"];
    let bears = |name: &str| {
        permissions
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one == name)
    };
    assert!(
        bears("Policy.Read.All") && !bears("Domain.Read.All"),
        "{permissions}"
    );
}

#[test]
fn a_script_adds_a_tenant_without_a_question() {
    let world = World::new();
    let (url, client, id) = (
        world.sandbox.url(),
        world.tenant("clientId"),
        world.tenant("id"),
    );
    let certificate = world.private_file("app.pem", TRAINING.as_bytes());
    let common = ["tenants", "add", "--yes", "--login", url, "--graph", url];
    let with = |more: &[&str]| world.run(&[&common[..], more].concat(), "");
    let missing = with(&[]);
    assert_eq!(missing.status.code(), Some(64));
    assert!(text(&missing.stderr).contains("Directory ID or domain"));
    assert!(!world.settings_file().exists());
    let unknown = with(&["--tenant", "nobody.example"]);
    assert_eq!(unknown.status.code(), Some(3));
    assert!(
        text(&unknown.stderr).contains("AADSTS90002"),
        "{}",
        text(&unknown.stderr)
    );
    let both = with(&[
        "--tenant",
        &id,
        "--client-id",
        &client,
        "--certificate",
        "a",
        "--secret-env",
        "B",
    ]);
    assert_eq!(both.status.code(), Some(64));
    let output = with(&[
        "--tenant",
        &id,
        "--name",
        "Bäcker \"1\"",
        "--client-id",
        &client,
        "--certificate",
        &certificate,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let (code, document) = world.sign_in();
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["tenants"][0]["name"], "Bäcker \"1\"");
}
