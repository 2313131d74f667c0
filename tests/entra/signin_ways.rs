//! The other ways to sign in, over real loopback HTTP: a certificate's assertion, a command's token, and what a claims
//! challenge leads to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::server::{Reply, Seen, Server, TestClock, client, json, token};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use umpdeck::entra::failure::GraphError;
use umpdeck::entra::graph::Graph;
use umpdeck::entra::signin::{
    ClientCertificate, Session, SessionSettings, SignIn, SignInError, discovery,
};
use umpdeck::http::{BaseUrl, Body, Client, ClientSettings, Method, Request, SystemClock};
use umpdeck::sandbox::{Sandbox, SandboxOptions};
use uuid::Uuid;

const TENANT: Uuid = Uuid::from_u128(1);
const CLIENT: Uuid = Uuid::from_u128(3);
const TRAINING: &str = include_str!("../../assets/sandbox/training-client.pem");
const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;

fn session(login: Client, tenant: Uuid, way: SignIn) -> Session {
    let settings = SessionSettings {
        tenant,
        way,
        resource: "https://graph.microsoft.com".into(),
        scopes: vec![],
    };
    Session::new(settings, login)
}

fn by_certificate(client_id: Uuid) -> SignIn {
    SignIn::Certificate {
        client_id,
        certificate: Arc::new(ClientCertificate::from_pem(TRAINING.as_bytes()).unwrap()),
    }
}

fn by_command(script: &str) -> SignIn {
    SignIn::Command {
        words: ["sh", "-c", script].map(str::to_string).to_vec(),
    }
}

fn granted(name: &str) -> Reply {
    let access = token(&json!({"idtyp": "app", "appid": name, "roles": []}));
    json(
        200,
        json!({"access_token": access, "expires_in": 3600, "refresh_token": format!("refresh-{name}")}),
    )
}

fn part(assertion: &str, number: usize) -> Value {
    let coded = assertion.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(coded).unwrap()).unwrap()
}

#[tokio::test]
async fn a_certificate_signs_an_assertion_for_this_endpoint_and_a_short_time() {
    let server = Server::start(|_, _| granted("app")).await;
    let clock = TestClock::new();
    let session = session(server.client(&clock), TENANT, by_certificate(CLIENT));
    session.token().await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(
        seen.field("grant_type").as_deref(),
        Some("client_credentials")
    );
    assert_eq!(
        seen.field("client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    assert_eq!(seen.field("client_secret"), None);
    let assertion = seen.field("client_assertion").unwrap();
    let (header, claims) = (part(&assertion, 0), part(&assertion, 1));
    assert_eq!(header["alg"], "PS256");
    assert_eq!(header["typ"], "JWT");
    let (_, after) = TRAINING.split_once("-----BEGIN CERTIFICATE-----").unwrap();
    let (content, _) = after.split_once("-----END").unwrap();
    let der = STANDARD
        .decode(content.split_whitespace().collect::<String>())
        .unwrap();
    let thumbprint = ring::digest::digest(&ring::digest::SHA256, &der);
    assert_eq!(header["x5t#S256"], URL_SAFE_NO_PAD.encode(thumbprint));
    assert_eq!(
        claims["aud"],
        format!("{}/{TENANT}/oauth2/v2.0/token", server.url)
    );
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!(CLIENT), &json!(CLIENT))
    );
    assert!(Uuid::parse_str(claims["jti"].as_str().unwrap()).is_ok());
    let seconds = |name: &str| claims[name].as_i64().unwrap();
    assert!(seconds("nbf") <= seconds("iat") && seconds("exp") - seconds("nbf") <= 600);
    let shown = format!("{session:?}");
    assert!(shown.contains("ClientCertificate(") && !shown.contains(&assertion));
}

async fn sandbox() -> (Sandbox, Uuid, Uuid) {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let first: Value = serde_json::from_str(&sandbox.first_line()).unwrap();
    let id = |name: &str| Uuid::parse_str(first["tenants"][0][name].as_str().unwrap()).unwrap();
    let (tenant, client) = (id("id"), id("clientId"));
    (sandbox, tenant, client)
}

fn on_time(url: &str) -> Client {
    let base = BaseUrl::parse(url).unwrap();
    Client::new(
        base,
        &ClientSettings::default(),
        Arc::new(SystemClock::new()),
    )
    .unwrap()
}

#[tokio::test]
async fn the_sandbox_takes_the_training_certificate_and_graph_takes_its_token() {
    let (sandbox, tenant, client_id) = sandbox().await;
    let session = session(on_time(&sandbox.url()), tenant, by_certificate(client_id));
    let token = session.token().await.unwrap();
    let identity = token.identity().unwrap();
    assert!(!identity.delegated);
    assert!(
        identity
            .permissions
            .contains(&"Policy.Read.All".to_string())
    );
    let graph = Graph::new(on_time(&sandbox.url()), session);
    assert_eq!(graph.organization().await.unwrap().id, tenant);
}

#[tokio::test]
async fn an_assertion_that_is_not_right_is_refused_with_700027() {
    let (sandbox, tenant, client_id) = sandbox().await;
    let url = sandbox.url();
    let refused = |outcome: Result<_, SignInError>| match outcome.map(drop).unwrap_err() {
        SignInError::Refused(refusal) => refusal.code,
        other => panic!("{other}"),
    };
    // The clock of the tests stands years from the sandbox's.
    let late = TestClock::new();
    late.pass(Duration::from_secs(3 * 365 * 24 * 3600));
    let late = session(client(&url, &late), tenant, by_certificate(client_id));
    assert_eq!(refused(late.token().await), Some(700_027));
    // An application that nobody knows.
    let stranger = session(on_time(&url), tenant, by_certificate(CLIENT));
    assert_eq!(refused(stranger.token().await), Some(700_016));
    // The same host by another name: the audience is another address's.
    let port = url.rsplit(':').next().unwrap().to_string();
    let seen = Arc::new(Mutex::new(None));
    let kept = seen.clone();
    let listener = Server::start(move |seen: &Seen, _| {
        *kept.lock().unwrap() = seen.field("client_assertion");
        granted("app")
    })
    .await;
    let elsewhere = session(on_time(&listener.url), tenant, by_certificate(client_id));
    elsewhere.token().await.unwrap();
    let stolen = seen.lock().unwrap().take().unwrap();
    let form = |assertion: &str| {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &client_id.to_string())
            .append_pair("scope", "https://graph.microsoft.com/.default")
            .append_pair(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .append_pair("client_assertion", assertion)
            .finish()
    };
    let (head, signature) = stolen.rsplit_once('.').unwrap();
    let forged = format!("{head}x.{signature}");
    for assertion in [stolen.as_str(), forged.as_str(), "no.jwt", "x"] {
        let body = post(
            &port,
            &format!("/{tenant}/oauth2/v2.0/token"),
            &form(assertion),
        )
        .await;
        assert!(body.contains("AADSTS700027"), "{body}");
    }
}

/// One request over bare TCP.
async fn post(port: &str, path: &str, form: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(format!("127.0.0.1:{port}"))
        .await
        .unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_domain_leads_to_its_directory_id() {
    let (sandbox, tenant, _) = sandbox().await;
    let login = on_time(&sandbox.url());
    let found = discovery::directory_id(&login, "finebak.com")
        .await
        .unwrap();
    assert_eq!(found, tenant);
    let error = discovery::directory_id(&login, "nobody.example")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("AADSTS90002"), "{error}");
}

#[tokio::test]
async fn a_command_gives_the_token_and_is_asked_again_only_when_that_ends() {
    let folder = tempfile::tempdir().unwrap();
    let counter = folder.path().join("runs");
    let clock = TestClock::new();
    // 2026-11-24T02:00:00Z is where that clock begins; the token lives an hour.
    let access = token(&json!({"tid": TENANT, "upn": "noc@finebak.com", "scp": "User.Read"}));
    let script = format!(
        r#"echo x >> '{}'; echo '{{"accessToken": "{access}", "expiresOn": "2026-11-24 04:00:00.000000", "expires_on": 1795489200, "tenant": "{TENANT}", "tokenType": "Bearer"}}'"#,
        counter.display()
    );
    let nobody = Server::start(|_, _| Reply::Drop).await;
    let session = session(nobody.client(&clock), TENANT, by_command(&script));
    assert!(session.is_signed_in().await);
    let runs = || std::fs::read_to_string(&counter).unwrap().lines().count();
    let token = session.token().await.unwrap();
    assert_eq!(token.identity().unwrap().name, "noc@finebak.com");
    clock.pass(Duration::from_secs(3600 - 120));
    session.token().await.unwrap();
    assert_eq!(runs(), 1);
    clock.pass(Duration::from_secs(200));
    let error = session.token().await.unwrap_err();
    assert_eq!(runs(), 2);
    assert!(error.to_string().contains("run out"), "{error}");
    assert!(nobody.seen().is_empty());
}

#[tokio::test]
async fn a_command_that_fails_or_gives_another_tenants_token_says_so_and_shows_no_token() {
    let clock = TestClock::new();
    let nobody = Server::start(|_, _| Reply::Drop).await;
    let other = token(&json!({"tid": Uuid::from_u128(9), "upn": "noc"}));
    for (script, words) in [
        (
            "echo 'ERROR: Please run \u{1b}[1maz login\u{1b}[0m.' >&2; exit 1".to_string(),
            "Please run [1maz login[0m",
        ),
        (format!(r#"echo '{{"accessToken": "{other}"}}'"#), "not for"),
        ("echo hush-hush".to_string(), "no JSON"),
        (
            "echo '{\"accessToken\": null}'".to_string(),
            "no accessToken",
        ),
    ] {
        let session = session(nobody.client(&clock), TENANT, by_command(&script));
        let error = session.token().await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains(words), "{said}");
        assert!(!said.contains("hush") && !said.contains(&other) && !said.contains('\u{1b}'));
        assert!(error.next().contains("by hand"));
    }
}

#[tokio::test]
async fn cancelling_does_not_wait_for_a_command() {
    let nobody = Server::start(|_, _| Reply::Drop).await;
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("begun");
    let script = format!("touch '{}'; sleep 50", mark.display());
    let session = session(
        nobody.client(&TestClock::new()),
        TENANT,
        by_command(&script),
    );
    let cancel = CancellationToken::new();
    let (asked, from_outside) = (session.clone(), cancel.clone());
    let signing_in = tokio::spawn(async move { asked.sign_in(|_| {}, &from_outside).await });
    while !mark.exists() {
        tokio::task::yield_now().await;
    }
    cancel.cancel();
    assert_eq!(
        signing_in.await.unwrap().unwrap_err(),
        SignInError::Cancelled
    );
}

/// Graph that wants more of the tokens whose number is below `enough`.
async fn graph_with_challenges(enough: usize) -> Server {
    Server::start(move |seen, _| {
        let bearer = seen.header("authorization").unwrap().to_string();
        let payload = part(bearer.strip_prefix("Bearer ").unwrap(), 1);
        let number: usize = payload["appid"].as_str().unwrap().parse().unwrap();
        if number >= enough {
            return json(200, json!({"value": []}));
        }
        let coded = STANDARD.encode(CLAIMS);
        let challenge = format!(
            r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="{coded}""#
        );
        json(401, json!({"error": {"code": "InvalidAuthenticationToken", "message": "Continuous access evaluation resulted in challenge"}}))
            .with("www-authenticate", challenge)
    })
    .await
}

fn code() -> Reply {
    json(
        200,
        json!({"user_code": "ABCD", "device_code": "d", "expires_in": 900, "interval": 1,
            "verification_uri": "https://microsoft.com/devicelogin"}),
    )
}

/// Entra that gives tokens by number, and refuses refresh tokens with claims when `refuses`.
async fn login(refuses: bool) -> Server {
    let given = Mutex::new(0);
    Server::start(move |seen, _| {
        if seen.target.ends_with("/devicecode") {
            return code();
        }
        let refresh = seen.field("grant_type").as_deref() == Some("refresh_token");
        if refuses && refresh && asked_for(seen) {
            return json(
                400,
                json!({"error": "interaction_required", "error_codes": [50076], "claims": CLAIMS,
                    "error_description": "AADSTS50076: more is wanted."}),
            );
        }
        let mut given = given.lock().unwrap();
        *given += 1;
        granted(&(*given - 1).to_string())
    })
    .await
}

/// Whether a sign-in sends what Graph's challenge asks for. Each says that umpdeck can answer one.
fn asked_for(seen: &Seen) -> bool {
    let claims = seen.field("claims").expect("claims");
    let mut claims: Value = serde_json::from_str(&claims).unwrap();
    let capability = claims["access_token"].as_object_mut().unwrap();
    assert_eq!(
        capability.remove("xms_cc").unwrap(),
        json!({"values": ["CP1"]})
    );
    let asks = !capability.is_empty();
    if asks {
        assert_eq!(claims, serde_json::from_str::<Value>(CLAIMS).unwrap());
    }
    asks
}

#[tokio::test]
async fn a_claims_challenge_is_answered_with_the_claims_where_nobody_has_to_sign_in() {
    let (entra, server, clock) = (
        login(false).await,
        graph_with_challenges(1).await,
        TestClock::new(),
    );
    let secret = SignIn::ClientSecret {
        client_id: CLIENT,
        secret: SecretString::from("hush"),
    };
    for way in [secret, by_certificate(CLIENT)] {
        let (entra, server) = (&entra, &server);
        let graph = Graph::new(
            server.client(&clock),
            session(entra.client(&clock), TENANT, way),
        );
        graph.applications().await.unwrap();
        graph.applications().await.unwrap();
    }
    let claims: Vec<_> = entra.seen().iter().map(asked_for).collect();
    // The second way's first token has a number that is enough.
    assert_eq!(claims, [false, true, false]);
}

#[tokio::test]
async fn a_claims_challenge_sends_a_person_to_sign_in_again_with_the_claims() {
    let (entra, server, clock) = (
        login(true).await,
        graph_with_challenges(1).await,
        TestClock::new(),
    );
    let way = SignIn::DeviceCode { client_id: CLIENT };
    let session = session(entra.client(&clock), TENANT, way);
    let graph = Graph::new(server.client(&clock), session.clone());
    session
        .sign_in(|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let error = graph.applications().await.unwrap_err();
    assert_eq!(error, GraphError::SignIn(SignInError::ClaimsChallenge));
    assert_eq!(session.token().await.unwrap_err(), SignInError::NotSignedIn);
    session
        .sign_in(|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    graph.applications().await.unwrap();
    let sent: Vec<_> = entra
        .seen()
        .iter()
        .map(|one| {
            (
                one.target.rsplit('/').next().unwrap().to_string(),
                asked_for(one),
            )
        })
        .collect();
    let expected = [
        ("devicecode", false),
        ("token", false),
        ("token", true),
        ("devicecode", true),
        ("token", true),
    ];
    assert_eq!(
        sent,
        expected.map(|(name, claims)| (name.to_string(), claims))
    );
}

#[tokio::test]
async fn a_challenge_that_a_new_token_does_not_end_is_told_and_not_repeated() {
    let (entra, server, clock) = (
        login(false).await,
        graph_with_challenges(9).await,
        TestClock::new(),
    );
    let session = session(entra.client(&clock), TENANT, by_certificate(CLIENT));
    let graph = Graph::new(server.client(&clock), session.clone());
    let error = graph.applications().await.unwrap_err();
    assert_eq!(error, GraphError::SignIn(SignInError::ClaimsChallenge));
    assert_eq!(server.seen().len(), 2);
    assert!(
        session
            .token()
            .await
            .unwrap()
            .secret()
            .expose_secret()
            .starts_with("e30.")
    );
}

#[tokio::test]
async fn a_person_without_the_role_is_told_which_one_to_activate() {
    let ordinary = "b79fbf4d-3ef9-4689-8143-76b194e85509";
    let entra = Server::start(move |seen, _| {
        if seen.target.ends_with("/devicecode") {
            return code();
        }
        let claims = json!({"upn": "noc@finebak.com", "scp": "Application.ReadWrite.All", "wids": [ordinary]});
        json(200, json!({"access_token": token(&claims), "expires_in": 3600}))
    })
    .await;
    let server = Server::start(|_, _| {
        let words = "Insufficient privileges to complete the operation.";
        json(
            403,
            json!({"error": {"code": "Authorization_RequestDenied", "message": words}}),
        )
    })
    .await;
    let clock = TestClock::new();
    let way = SignIn::DeviceCode { client_id: CLIENT };
    let session = session(entra.client(&clock), TENANT, way);
    session
        .sign_in(|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let graph = Graph::new(server.client(&clock), session);
    let create = Request::new(Method::Post, "/v1.0/applications").with_body(Body::Json(json!({})));
    let error = graph.send(&create).await.unwrap_err();
    assert!(
        error.to_string().contains("no active directory role"),
        "{error}"
    );
    let next = error.next();
    let wanted = "Activate Application Administrator or Cloud Application Administrator in Privileged Identity Management";
    assert!(next.starts_with(wanted), "{next}");
    // Reading takes no role, so none is named for it.
    let read = graph.applications().await.unwrap_err();
    assert!(!read.to_string().contains("no active"), "{read}");
}
