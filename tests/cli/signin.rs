//! `umpdeck signin` and `umpdeck tenants`, through the real binary, against the real sandbox.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use crate::support::program::{Home, PROGRAM, SandboxProgram, text};
use serde_json::Value;

const TRAINING: &str = include_str!("../../assets/sandbox/training-client.pem");

struct World {
    home: Home,
    sandbox: SandboxProgram,
}

impl World {
    fn new() -> World {
        let home = Home::new();
        World {
            sandbox: SandboxProgram::start(&home),
            home,
        }
    }

    /// What the sandbox says of its first tenant.
    fn tenant(&self, key: &str) -> String {
        self.sandbox.first["tenants"][0][key]
            .as_str()
            .unwrap()
            .to_string()
    }

    fn settings_file(&self) -> PathBuf {
        self.home.path().join("s.toml")
    }

    /// Lists the first tenant with this way to sign in.
    fn write_settings(&self, sign_in: &str) {
        let url = self.sandbox.url();
        let text = format!(
            "[[tenants]]\nid = \"{}\"\nname = \"Finebak\"\nprimary_domain = \"finebak.com\"\nlogin = \"{url}\"\n\
             graph = \"{url}\"\nsign_in = {sign_in}\n",
            self.tenant("id")
        );
        fs::write(self.settings_file(), text).unwrap();
    }

    fn private_file(&self, name: &str, content: &[u8]) -> String {
        let file = self.home.path().join(name);
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        file.to_str().unwrap().to_string()
    }

    fn run(&self, arguments: &[&str], answers: &str) -> Output {
        let mut child = self
            .home
            .command(PROGRAM)
            .args(arguments)
            .arg("--settings")
            .arg(self.settings_file())
            .env("UMPDECK_TEST_SECRET", self.tenant("clientSecret"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who needs no answer may have ended before.
        let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn sign_in(&self) -> (Option<i32>, Value) {
        let output = self.run(&["signin", "--json"], "");
        let document = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        (output.status.code(), document)
    }

    /// A token of the training application, as the sandbox gives it.
    fn token(&self) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope=https://graph.microsoft.com/.default",
            self.tenant("clientId"),
            self.tenant("clientSecret").replace('~', "%7E")
        );
        let host = self
            .sandbox
            .url()
            .strip_prefix("http://")
            .unwrap()
            .to_string();
        let mut stream = TcpStream::connect(&host).unwrap();
        write!(
            stream,
            "POST /{}/oauth2/v2.0/token HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.tenant("id"),
            form.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        body["access_token"].as_str().unwrap().to_string()
    }
}

fn may(tenant: &Value, key: &str) -> (String, String) {
    let all = tenant["may"].as_array().unwrap();
    let one = all.iter().find(|one| one["key"] == key).unwrap();
    let text = |name: &str| one[name].as_str().unwrap().to_string();
    (text("may"), text("why"))
}

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
fn an_application_signs_in_by_certificate_by_secret_and_by_a_secrets_command() {
    let world = World::new();
    let client = world.tenant("clientId");
    let certificate = world.private_file("app.pem", TRAINING.as_bytes());
    let secret = world.private_file("secret", world.tenant("clientSecret").as_bytes());
    for sign_in in [
        format!("{{ way = \"certificate\", client_id = \"{client}\", certificate = \"app.pem\" }}"),
        format!(
            "{{ way = \"certificate\", client_id = \"{client}\", certificate = \"{certificate}\" }}"
        ),
        format!(
            "{{ way = \"client-secret\", client_id = \"{client}\", secret_env = \"UMPDECK_TEST_SECRET\" }}"
        ),
        format!(
            "{{ way = \"client-secret\", client_id = \"{client}\", secret_file = \"secret\" }}"
        ),
        format!(
            "{{ way = \"client-secret\", client_id = \"{client}\", secret_command = [\"cat\", \"{secret}\"] }}"
        ),
    ] {
        world.write_settings(&sign_in);
        let (code, document) = world.sign_in();
        let tenant = &document["tenants"][0];
        assert_eq!(code, Some(0), "{sign_in}: {document}");
        assert_eq!(tenant["identity"]["kind"], "application");
        assert_eq!(may(tenant, "read-policy").0, "yes");
        let (answer, why) = may(tenant, "verify-publisher");
        assert!(
            answer == "no" && why.contains("sign in as a person"),
            "{why}"
        );
    }
}

#[test]
fn a_commands_token_is_taken_and_another_tenants_is_not() {
    let world = World::new();
    let printed = |tenant: &str| {
        format!(
            "{{\"accessToken\": \"{}\", \"expires_on\": 4000000000, \"tenant\": \"{tenant}\", \"tokenType\": \"Bearer\"}}",
            world.token()
        )
    };
    let file = world.private_file("token.json", printed(&world.tenant("id")).as_bytes());
    world.write_settings(&format!(
        "{{ way = \"command\", command = [\"cat\", \"{file}\"] }}"
    ));
    let (code, document) = world.sign_in();
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["tenants"][0]["identity"]["kind"], "application");
    let script = "echo 'ERROR: Please run az login' >&2; exit 1";
    world.write_settings(&format!(
        "{{ way = \"command\", command = [\"sh\", \"-c\", \"{script}\"] }}"
    ));
    let (code, document) = world.sign_in();
    assert_eq!(code, Some(2), "{document}");
    let why = document["tenants"][0]["failure"]["why"].as_str().unwrap();
    assert!(why.contains("Please run az login"), "{why}");
}

#[test]
fn a_refused_sign_in_ends_with_2_and_its_number() {
    let world = World::new();
    let secret = world.private_file("secret", b"wrong");
    world.write_settings(&format!(
        "{{ way = \"client-secret\", client_id = \"{}\", secret_file = \"{secret}\" }}",
        world.tenant("clientId")
    ));
    let output = world.run(&["signin"], "");
    assert_eq!(output.status.code(), Some(2));
    let words = text(&output.stdout);
    assert!(
        words.contains("AADSTS7000215") && words.contains("value"),
        "{words}"
    );
}

#[test]
fn a_certificate_that_cannot_be_used_says_what_to_do() {
    let world = World::new();
    let sign_in = format!(
        "{{ way = \"certificate\", client_id = \"{}\", certificate = \"app.pem\" }}",
        world.tenant("clientId")
    );
    world.write_settings(&sign_in);
    let said = || {
        let output = world.run(&["signin"], "");
        assert_eq!(output.status.code(), Some(3));
        text(&output.stderr)
    };
    assert!(said().contains("app.pem"));
    let file = world.private_file("app.pem", &[0x30, 0x82, 1, 1, 2, 1, 3, 0x30]);
    assert!(said().contains("openssl pkcs12 -in"), "{}", said());
    fs::write(&file, TRAINING).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(said().contains("chmod 600"), "{}", said());
}

#[test]
fn a_tenants_proxy_is_the_way_to_it() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let id = world.tenant("id");
    fs::write(
        world.settings_file(),
        format!(
            "[[tenants]]\nid = \"{id}\"\nname = \"Finebak\"\nprimary_domain = \"finebak.com\"\nproxy = \"{proxy}\"\n\
             login = \"https://login.umpdeck.invalid\"\n"
        ),
    )
    .unwrap();
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 512];
        let count = stream.read(&mut head).unwrap();
        // Closed without an answer, and nobody listens any more: every further try fails at once.
        String::from_utf8_lossy(&head[..count]).into_owned()
    });
    let mut child = world
        .home
        .command(PROGRAM)
        .args(["signin", "--settings"])
        .arg(world.settings_file())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let head = asked.join().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        head.starts_with("CONNECT login.umpdeck.invalid:443 "),
        "{head}"
    );
}

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
    let blueprint = include_str!("../../assets/blueprints/consent-2025.toml");
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
