//! Signing in by a command that prints a token.

use std::time::Duration;

use super::*;
use crate::support::server::{Server, TestClock};
use tokio_util::sync::CancellationToken;
use umpdeck::entra::signin::SignInError;

fn by_command(script: &str) -> SignIn {
    SignIn::Command {
        words: ["sh", "-c", script].map(str::to_string).to_vec(),
    }
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
    assert!(error.to_string().contains("expired"), "{error}");
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
    let ended = tokio::time::timeout(Duration::from_secs(20), signing_in).await;
    let ended = ended.expect("an end long before the command's");
    assert_eq!(ended.unwrap().unwrap_err(), SignInError::Cancelled);
}
