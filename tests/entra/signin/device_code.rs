//! Signing in by device code: shown once, asked about in its rhythm, ended by whatever ends it.

use std::sync::{Arc, Mutex};

use super::*;
use crate::support::server::{Seen, Server, TestClock};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use umpdeck::entra::signin::{AccessToken, Prompt, SignInError};

/// Signs in by device code; the answers to "is it confirmed?" are `polls`, the last one for ever.
async fn device_flow(
    clock: &Arc<TestClock>,
    interval: Option<u64>,
    polls: Vec<fn() -> Reply>,
) -> (Result<AccessToken, SignInError>, Vec<Prompt>, Vec<Seen>) {
    let server = Server::start(move |seen, number| {
        if seen.target.ends_with("/devicecode") {
            code(interval)
        } else {
            polls[(number - 1).min(polls.len() - 1)]()
        }
    })
    .await;
    let session = session(server.client(clock), TENANT, by_code());
    let prompts = Mutex::new(Vec::new());
    let result = session
        .sign_in(
            |prompt| prompts.lock().unwrap().push(prompt),
            &CancellationToken::new(),
        )
        .await;
    (result, prompts.into_inner().unwrap(), server.seen())
}

#[tokio::test]
async fn a_code_is_shown_once_and_asked_about_in_its_rhythm_until_confirmed() {
    let clock = TestClock::new();
    let (result, prompts, seen) = device_flow(
        &clock,
        Some(7),
        vec![
            || refused(400, "authorization_pending", 70016),
            || refused(400, "slow_down", 0),
            || refused(400, "authorization_pending", 70016),
            || granted("noc@finebak.com", Some("refresh-1")),
        ],
    )
    .await;
    let token = result.unwrap();
    let identity = token.identity().unwrap();
    assert_eq!(identity.name, "noc@finebak.com");
    assert!(identity.mfa);
    assert_eq!(
        clock.waited(),
        [7, 7, 12, 12],
        "slow_down adds 5 s for good"
    );
    assert_eq!(prompts.len(), 1);
    assert!(!prompts[0].user_code.contains('\u{1b}'));
    assert_eq!(prompts[0].expires_at.to_string(), "2026-11-24T02:15:00Z");
    assert_eq!(seen[0].target, format!("/{TENANT}/oauth2/v2.0/devicecode"));
    let scope = seen[0].field("scope").unwrap();
    assert!(
        scope.contains("offline_access") && scope.contains("https://graph.microsoft.com/.default")
    );
    assert_eq!(
        seen[1].field("device_code").as_deref(),
        Some("device-secret")
    );
    assert_eq!(seen[1].field("client_id"), Some(CLIENT.to_string()));
}

#[tokio::test]
async fn without_an_interval_it_is_five_seconds() {
    let clock = TestClock::new();
    let (result, ..) = device_flow(&clock, None, vec![|| granted("a", None)]).await;
    result.unwrap();
    assert_eq!(clock.waited(), [5]);
}

#[tokio::test]
async fn each_refusal_ends_the_flow_with_its_own_words() {
    type Row = (fn() -> Reply, &'static str);
    let rows: [Row; 7] = [
        (|| refused(400, "authorization_declined", 0), "declined"),
        (|| refused(400, "access_denied", 0), "declined"),
        (|| refused(400, "expired_token", 70019), "expired"),
        (
            || refused(400, "bad_verification_code", 70018),
            "AADSTS70018",
        ),
        (
            || refused(400, "invalid_grant", 53003),
            "Conditional Access",
        ),
        (
            || refused(401, "invalid_client", 7000218),
            "not a public client",
        ),
        (|| json(400, Value::Null), "HTTP 400"),
    ];
    for (reply, words) in rows {
        let (result, _, seen) = device_flow(&TestClock::new(), Some(5), vec![reply]).await;
        let error = result.unwrap_err();
        assert!(error.to_string().contains(words), "{error} has not {words}");
        assert!(!error.to_string().contains("Trace ID"), "{error}");
        assert!(!error.next().is_empty());
        assert_eq!(seen.len(), 2, "{words}: asked again after the end");
    }
}

#[tokio::test]
async fn a_lost_line_and_a_busy_service_do_not_lose_the_code() {
    let clock = TestClock::new();
    let polls: Vec<fn() -> Reply> = vec![
        || Reply::Drop,
        || Reply::Break,
        || json(503, Value::Null),
        || granted("noc", None),
    ];
    let (result, prompts, _) = device_flow(&clock, Some(5), polls).await;
    result.unwrap();
    assert_eq!(prompts.len(), 1);
    assert_eq!(
        clock.waited(),
        [5, 10, 20, 5],
        "slower while nobody answers"
    );
}

#[tokio::test]
async fn a_code_that_nobody_confirms_runs_out_by_its_own_time() {
    let clock = TestClock::new();
    let polls: Vec<fn() -> Reply> = vec![|| refused(400, "authorization_pending", 70016)];
    let (result, _, seen) = device_flow(&clock, Some(60), polls).await;
    assert_eq!(result.unwrap_err(), SignInError::Expired);
    assert_eq!(clock.waited().iter().sum::<u64>(), 900);
    assert_eq!(seen.len(), 1 + 15);
}

#[tokio::test]
async fn cancelling_ends_the_flow_at_once() {
    let clock = TestClock::stuck();
    let server = Server::start(|_, _| code(None)).await;
    let session = session(server.client(&clock), TENANT, by_code());
    let cancel = CancellationToken::new();
    let from_prompt = cancel.clone();
    // The clock never lets a wait end, so only the cancellation can end this.
    let result = session
        .sign_in(move |_| from_prompt.cancel(), &cancel)
        .await;
    assert_eq!(result.unwrap_err(), SignInError::Cancelled);
    assert_eq!(server.seen().len(), 1);
}
