//! What Graph wants more of than a token has: claims, which a new sign-in brings, or a role.

use std::sync::Mutex;

use super::certificate::part;
use super::*;
use crate::support::server::{Seen, Server, TestClock};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use umpdeck::entra::failure::GraphError;
use umpdeck::entra::graph::Graph;
use umpdeck::entra::signin::SignInError;
use umpdeck::http::{Body, Method, Request};

const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;

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

/// Entra that gives tokens by number, and refuses refresh tokens with claims when `refuses`.
async fn login(refuses: bool) -> Server {
    let given = Mutex::new(0);
    Server::start(move |seen, _| {
        if seen.target.ends_with("/devicecode") {
            return code(Some(1));
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
        granted_to_app(&(*given - 1).to_string())
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
    for way in [by_secret(), by_certificate(CLIENT)] {
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
    let session = session(entra.client(&clock), TENANT, by_code());
    let graph = Graph::new(server.client(&clock), session.clone());
    sign_in(&session).await;
    let error = graph.applications().await.unwrap_err();
    assert_eq!(error, GraphError::SignIn(SignInError::ClaimsChallenge));
    assert_eq!(session.token().await.unwrap_err(), SignInError::NotSignedIn);
    sign_in(&session).await;
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
            return code(Some(1));
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
    let session = session(entra.client(&clock), TENANT, by_code());
    sign_in(&session).await;
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
