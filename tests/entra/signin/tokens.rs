//! A session's tokens: kept, renewed, shared, taken over by another tenant, and never shown.

use std::time::Duration;

use super::*;
use crate::support::server::{Seen, Server, TestClock};
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use umpdeck::entra::signin::{AccessToken, SignInError};

#[tokio::test]
async fn nobody_signed_in_is_said_and_nothing_is_asked() {
    let server = Server::start(|_, _| code(None)).await;
    let session = session(server.client(&TestClock::new()), TENANT, by_code());
    assert_eq!(session.token().await.unwrap_err(), SignInError::NotSignedIn);
    assert!(!session.is_signed_in().await);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_token_is_kept_and_renewed_five_minutes_early_by_the_newest_refresh_token() {
    let clock = TestClock::new();
    let server = Server::start(|seen, number| match number {
        0 => code(None),
        1 => granted("first", Some("refresh-1")),
        2 => granted("second", Some("refresh-2")),
        _ => {
            assert_eq!(seen.field("refresh_token").as_deref(), Some("refresh-2"));
            granted("third", None)
        }
    })
    .await;
    let session = session(server.client(&clock), TENANT, by_code());
    sign_in(&session).await;
    clock.pass(Duration::from_secs(3299));
    let name = |token: AccessToken| token.identity().unwrap().name.clone();
    assert_eq!(name(session.token().await.unwrap()), "first");
    clock.pass(Duration::from_secs(1));
    assert_eq!(name(session.token().await.unwrap()), "second");
    assert_eq!(
        server.seen()[2].field("refresh_token").as_deref(),
        Some("refresh-1")
    );
    clock.pass(Duration::from_secs(3600));
    assert_eq!(name(session.token().await.unwrap()), "third");
}

#[tokio::test]
async fn many_callers_share_one_token_request() {
    let server = Server::start(|_, _| granted("app", None)).await;
    let session = session(server.client(&TestClock::new()), TENANT, by_secret());
    let (a, b, c) = tokio::join!(session.token(), session.token(), session.token());
    assert_eq!(
        a.unwrap().secret().expose_secret(),
        b.unwrap().secret().expose_secret()
    );
    c.unwrap();
    assert_eq!(server.seen().len(), 1);
    let seen = &server.seen()[0];
    assert_eq!(
        seen.field("grant_type").as_deref(),
        Some("client_credentials")
    );
    assert_eq!(seen.field("client_secret").as_deref(), Some("hush-hush"));
    assert_eq!(
        seen.field("scope").as_deref(),
        Some("https://graph.microsoft.com/.default")
    );
}

#[tokio::test]
async fn while_entra_cannot_be_asked_the_old_token_serves_to_its_end() {
    let clock = TestClock::new();
    let server = Server::start(|_, number| match number {
        0 => granted("app", None),
        _ => Reply::Drop,
    })
    .await;
    let session = session(server.client(&clock), TENANT, by_secret());
    session.token().await.unwrap();
    clock.pass(Duration::from_secs(3400));
    session.token().await.unwrap();
    clock.pass(Duration::from_secs(190));
    let error = session.token().await.unwrap_err();
    assert!(matches!(error, SignInError::Http(_)), "{error}");
}

#[tokio::test]
async fn a_refused_refresh_token_is_forgotten() {
    let clock = TestClock::new();
    let server = Server::start(|_, number| match number {
        0 => code(None),
        1 => granted("noc", Some("refresh-1")),
        _ => refused(400, "invalid_grant", 700082),
    })
    .await;
    let session = session(server.client(&clock), TENANT, by_code());
    sign_in(&session).await;
    clock.pass(Duration::from_secs(4000));
    let error = session.token().await.unwrap_err();
    assert!(error.to_string().contains("AADSTS700082"), "{error}");
    assert_eq!(error.next(), "Sign in again.");
    assert_eq!(session.token().await.unwrap_err(), SignInError::NotSignedIn);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn one_sign_in_opens_another_tenant() {
    let clock = TestClock::new();
    let server = Server::start(|seen, _| match seen.target.ends_with("/devicecode") {
        true => code(None),
        false => granted("noc", Some("refresh-1")),
    })
    .await;
    let first = session(server.client(&clock), TENANT, by_code());
    let second = session(server.client(&clock), OTHER_TENANT, by_code());
    assert_eq!(
        second.redeem_from(&first).await.unwrap_err(),
        SignInError::NotSignedIn
    );
    sign_in(&first).await;
    second.redeem_from(&first).await.unwrap();
    assert!(second.is_signed_in().await);
    let seen = server.seen();
    let last = seen.last().unwrap();
    assert_eq!(last.target, format!("/{OTHER_TENANT}/oauth2/v2.0/token"));
    assert_eq!(last.field("refresh_token").as_deref(), Some("refresh-1"));
    let by_itself = session(server.client(&clock), OTHER_TENANT, by_secret());
    assert!(matches!(
        by_itself.redeem_from(&first).await.unwrap_err(),
        SignInError::NotRedeemable(_)
    ));
}

#[tokio::test]
async fn whether_somebody_is_signed_in_is_known_while_the_server_is_silent() {
    let clock = TestClock::new();
    // Two answers for the first sign-in, none for the tenant that is to take it over.
    let gate = Arc::new(Semaphore::new(2));
    let script = |seen: &Seen, _| match seen.target.ends_with("/devicecode") {
        true => code(None),
        false => granted("noc", Some("refresh-1")),
    };
    let server = Server::gated(script, gate.clone()).await;
    let first = session(server.client(&clock), TENANT, by_code());
    let second = session(server.client(&clock), OTHER_TENANT, by_code());
    sign_in(&first).await;
    let redeeming = tokio::spawn({
        let second = second.clone();
        async move { second.redeem_from(&first).await }
    });
    server.wait_open(1).await;
    // Another tenant that looks for a sign-in does not wait for this one.
    let known = tokio::time::timeout(Duration::from_secs(60), second.is_signed_in());
    assert!(!known.await.expect("an answer without the server's"));
    gate.add_permits(1);
    redeeming.await.unwrap().unwrap();
    assert!(second.is_signed_in().await);
}

#[tokio::test]
async fn no_debug_output_shows_a_token_or_a_secret() {
    let clock = TestClock::new();
    let server = Server::start(|_, number| match number {
        0 => code(None),
        _ => granted("noc", Some("refresh-secret")),
    })
    .await;
    let user = session(server.client(&clock), TENANT, by_code());
    let token = sign_in(&user).await;
    let app = session(server.client(&clock), TENANT, by_secret());
    app.token().await.unwrap();
    let shown = format!("{user:?} {app:?} {token:?}");
    for secret in [
        "refresh-secret",
        "hush",
        "device-secret",
        token.secret().expose_secret(),
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
