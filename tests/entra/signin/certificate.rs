//! Signing in by certificate: what the assertion says, and that the sandbox takes no other.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::support::server::{Seen, Server, TestClock, client};
use crate::support::trial::block;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use umpdeck::entra::graph::Graph;
use umpdeck::entra::signin::SignInError;

/// The head or the claims of a signed token.
pub(super) fn part(assertion: &str, number: usize) -> Value {
    let coded = assertion.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(coded).unwrap()).unwrap()
}

#[tokio::test]
async fn a_certificate_signs_an_assertion_for_this_endpoint_and_a_short_time() {
    let server = Server::start(|_, _| granted_to_app("app")).await;
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
    let der = block(TRAINING, "CERTIFICATE");
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

#[tokio::test]
async fn the_sandbox_takes_the_training_certificate_and_graph_takes_its_token() {
    let trial = Trial::start("").await;
    let (tenant, client_id) = training(&trial);
    let session = session(
        on_time(&trial.sandbox.url()),
        tenant,
        by_certificate(client_id),
    );
    let token = session.token().await.unwrap();
    let identity = token.identity().unwrap();
    assert!(!identity.delegated);
    assert!(
        identity
            .permissions
            .contains(&"Policy.Read.All".to_string())
    );
    let graph = Graph::new(on_time(&trial.sandbox.url()), session);
    assert_eq!(graph.organization().await.unwrap().id, tenant);
}

#[tokio::test]
async fn an_assertion_that_is_not_right_is_refused_with_700027() {
    let trial = Trial::start("").await;
    let (tenant, client_id) = training(&trial);
    let url = trial.sandbox.url();
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
    let seen = Arc::new(Mutex::new(None));
    let kept = seen.clone();
    let listener = Server::start(move |seen: &Seen, _| {
        *kept.lock().unwrap() = seen.field("client_assertion");
        granted_to_app("app")
    })
    .await;
    let elsewhere = session(on_time(&listener.url), tenant, by_certificate(client_id));
    elsewhere.token().await.unwrap();
    let stolen = seen.lock().unwrap().take().unwrap();
    let (head, signature) = stolen.rsplit_once('.').unwrap();
    let forged = format!("{head}x.{signature}");
    for assertion in [stolen.as_str(), forged.as_str(), "no.jwt", "x"] {
        let (status, body) = trial
            .assertion_token(&tenant.to_string(), &client_id.to_string(), assertion)
            .await;
        let said = body["error_description"].as_str().unwrap();
        assert_eq!(status, 401, "{body}");
        assert!(said.starts_with("AADSTS700027"), "{body}");
    }
}
