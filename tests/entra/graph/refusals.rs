//! What Graph refuses or does not answer, and what is said of it.

use super::*;
use crate::support::server::empty;
use jiff::Timestamp;
use umpdeck::entra::signin::SignInError;
use umpdeck::http::{Body, HttpError};
use umpdeck::registration::observed::FailureKind;

#[tokio::test]
async fn a_token_that_graph_does_not_take_is_renewed_once() {
    let world = scripted(|_, number| match number {
        0 => error(
            401,
            "InvalidAuthenticationToken",
            "Lifetime validation failed",
        ),
        _ => json(200, json!({"value": []})),
    })
    .await;
    world.graph.applications().await.unwrap();
    assert_eq!(world.login.seen().len(), 2);
    let seen = world.server.seen();
    assert_ne!(
        seen[0].header("authorization"),
        seen[1].header("authorization")
    );

    let always =
        scripted(|_, _| error(401, "InvalidAuthenticationToken", "Invalid audience.\nmore")).await;
    let refused = always.graph.applications().await.unwrap_err();
    assert_eq!(
        refused,
        GraphError::SignIn(SignInError::TokenRefused("Invalid audience.".into()))
    );
    assert_eq!(always.server.seen().len(), 2);
}

#[tokio::test]
async fn a_claims_challenge_asks_for_a_new_sign_in() {
    let challenge = r#"Bearer realm="", error="insufficient_claims", claims="eyJ9""#;
    let in_header = scripted(move |_, _| empty(401).with("www-authenticate", challenge)).await;
    let in_body = scripted(|_, _| json(403, json!({"error": "insufficient_claims"}))).await;
    for world in [in_header, in_body] {
        let error = world.graph.applications().await.unwrap_err();
        assert_eq!(error, GraphError::SignIn(SignInError::ClaimsChallenge));
        assert_eq!(
            error.failure(Timestamp::UNIX_EPOCH).kind,
            FailureKind::SignIn
        );
        assert_eq!(world.server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_change_names_the_permission_that_the_token_lacks() {
    let world = scripted(|_, _| {
        error(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
        .with("request-id", "r-1")
    })
    .await;
    let request = Request::new(Method::Post, format!("/v1.0/applications/{ID}/addPassword"))
        .with_body(Body::Json(json!({})));
    let error = world.graph.send(&request).await.unwrap_err();
    let failure = error.failure(Timestamp::UNIX_EPOCH);
    assert_eq!(failure.kind, FailureKind::NotPermitted);
    assert!(
        failure
            .why
            .contains("the token lacks Application.ReadWrite.All"),
        "{}",
        failure.why
    );
    assert_eq!(error.refusal().unwrap().request_id.as_deref(), Some("r-1"));
    let reading = world
        .graph
        .send(&Request::get(DEFAULT_POLICY))
        .await
        .unwrap_err()
        .failure(Timestamp::UNIX_EPOCH);
    assert!(reading.why.contains("Policy.Read.All"), "{}", reading.why);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_unknown_and_not_repeated() {
    let world = scripted(|_, _| Reply::Drop).await;
    let request = Request::new(Method::Post, format!("/v1.0/applications/{ID}/addPassword"));
    let error = world.graph.send(&request).await.unwrap_err();
    assert!(
        matches!(error, GraphError::Http(HttpError::UnknownOutcome { .. })),
        "{error}"
    );
    assert!(error.is_unknown_outcome());
    assert_eq!(world.server.seen().len(), 1);
}
