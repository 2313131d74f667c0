//! Each way to sign in is taken, and what it lacks is said.

use std::io::Read as _;
use std::net::TcpListener;

use super::*;

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
    let printed = |tenant: usize| {
        let answer = serde_json::json!({
            "accessToken": world.token(tenant), "expires_on": 4_000_000_000_u64,
            "tenant": world.tenant("id"), "tokenType": "Bearer"
        });
        world.private_file("token.json", answer.to_string().as_bytes())
    };
    let file = printed(0);
    world.write_settings(&format!(
        "{{ way = \"command\", command = [\"cat\", \"{file}\"] }}"
    ));
    let (code, document) = world.sign_in();
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["tenants"][0]["identity"]["kind"], "application");
    printed(1);
    let (code, document) = world.sign_in();
    assert_eq!(code, Some(2), "{document}");
    let why = document["tenants"][0]["failure"]["why"].as_str().unwrap();
    assert!(why.contains("not for"), "{why}");
}

#[test]
fn a_command_that_fails_is_quoted_as_the_reason() {
    let world = World::new();
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
