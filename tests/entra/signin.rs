//! Signing in, tried over real loopback HTTP against a scripted sign-in service.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::server::{Reply, Seen, Server, TestClock, json, token};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use umpdeck::entra::signin::{
    AccessToken, Prompt, Session, SessionSettings, SignIn, SignInError, is_propagation, prove,
};
use umpdeck::registration::observed::ProofOutcome;
use uuid::Uuid;

const TENANT: Uuid = Uuid::from_u128(1);
const OTHER_TENANT: Uuid = Uuid::from_u128(2);
const CLIENT: Uuid = Uuid::from_u128(3);

fn session(server: &Server, clock: &Arc<TestClock>, tenant: Uuid, way: SignIn) -> Session {
    let settings = SessionSettings {
        tenant,
        way,
        resource: "https://graph.microsoft.com".into(),
        scopes: vec![],
    };
    Session::new(settings, server.client(clock))
}

fn by_code() -> SignIn {
    SignIn::DeviceCode { client_id: CLIENT }
}

fn by_secret() -> SignIn {
    SignIn::ClientSecret {
        client_id: CLIENT,
        secret: SecretString::from("hush-hush"),
    }
}

fn code(interval: Option<u64>) -> Reply {
    let mut body = json!({
        "user_code": "ABCD-EFGH", "device_code": "device-secret", "expires_in": 900,
        "verification_uri": "https://microsoft.com/devicelogin", "message": "Open the page\u{1b}[2J and type",
    });
    if let Some(interval) = interval {
        body["interval"] = interval.into();
    }
    json(200, body)
}

fn refused(status: u16, error: &str, number: u32) -> Reply {
    json(
        status,
        json!({"error": error, "error_codes": [number],
            "error_description": format!("AADSTS{number}: Entra's words.\r\nTrace ID: t\r\nTimestamp: now")}),
    )
}

fn granted(name: &str, refresh: Option<&str>) -> Reply {
    let access = token(&json!({"upn": name, "scp": "Application.Read.All", "amr": ["pwd", "mfa"]}));
    let mut body = json!({"token_type": "Bearer", "expires_in": 3600, "access_token": access});
    if let Some(refresh) = refresh {
        body["refresh_token"] = refresh.into();
    }
    json(200, body)
}

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
    let session = session(&server, clock, TENANT, by_code());
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
    assert_eq!(prompts[0].user_code, "ABCD-EFGH");
    assert!(!prompts[0].message.contains('\u{1b}'));
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
        (|| refused(400, "expired_token", 70019), "ran out"),
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
    let session = session(&server, &clock, TENANT, by_code());
    let cancel = CancellationToken::new();
    let from_prompt = cancel.clone();
    // The clock never lets a wait end, so only the cancellation can end this.
    let result = session
        .sign_in(move |_| from_prompt.cancel(), &cancel)
        .await;
    assert_eq!(result.unwrap_err(), SignInError::Cancelled);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn nobody_signed_in_is_said_and_nothing_is_asked() {
    let server = Server::start(|_, _| code(None)).await;
    let session = session(&server, &TestClock::new(), TENANT, by_code());
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
    let session = session(&server, &clock, TENANT, by_code());
    session
        .sign_in(|_| {}, &CancellationToken::new())
        .await
        .unwrap();
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
    let session = session(&server, &TestClock::new(), TENANT, by_secret());
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
    let session = session(&server, &clock, TENANT, by_secret());
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
    let session = session(&server, &clock, TENANT, by_code());
    session
        .sign_in(|_| {}, &CancellationToken::new())
        .await
        .unwrap();
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
    let first = session(&server, &clock, TENANT, by_code());
    let second = session(&server, &clock, OTHER_TENANT, by_code());
    assert_eq!(
        second.redeem_from(&first).await.unwrap_err(),
        SignInError::NotSignedIn
    );
    first
        .sign_in(|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    second.redeem_from(&first).await.unwrap();
    assert!(second.is_signed_in().await);
    let seen = server.seen();
    let last = seen.last().unwrap();
    assert_eq!(last.target, format!("/{OTHER_TENANT}/oauth2/v2.0/token"));
    assert_eq!(last.field("refresh_token").as_deref(), Some("refresh-1"));
    let by_itself = session(&server, &clock, OTHER_TENANT, by_secret());
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
    let mut server = Server::gated(script, gate.clone()).await;
    let first = session(&server, &clock, TENANT, by_code());
    let second = session(&server, &clock, OTHER_TENANT, by_code());
    first
        .sign_in(|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let redeeming = tokio::spawn({
        let second = second.clone();
        async move { second.redeem_from(&first).await }
    });
    server.open.wait_for(|open| *open == 1).await.unwrap();
    // Another tenant that looks for a sign-in does not wait for this one.
    let known = tokio::time::timeout(Duration::from_secs(60), second.is_signed_in());
    assert!(!known.await.expect("an answer without the server's"));
    gate.add_permits(1);
    redeeming.await.unwrap().unwrap();
    assert!(second.is_signed_in().await);
}

#[tokio::test]
async fn a_pair_is_accepted_refused_or_nothing_is_known_of_it() {
    type Row = (fn() -> Reply, fn(&ProofOutcome) -> bool, bool);
    const TAKEN: fn(&ProofOutcome) -> bool = |one| *one == ProofOutcome::Accepted;
    const REFUSED: fn(&ProofOutcome) -> bool = |one| matches!(one, ProofOutcome::Refused(_));
    const UNKNOWN: fn(&ProofOutcome) -> bool = |one| matches!(one, ProofOutcome::Unknown(_));
    let rows: [Row; 6] = [
        (|| granted("app", None), TAKEN, false),
        (|| refused(401, "invalid_client", 7000215), REFUSED, true),
        (|| refused(401, "invalid_client", 7000222), REFUSED, false),
        (
            || refused(400, "unauthorized_client", 700016),
            REFUSED,
            true,
        ),
        (|| refused(400, "invalid_grant", 53003), UNKNOWN, false),
        (|| Reply::Drop, UNKNOWN, false),
    ];
    for (reply, right, propagation) in rows {
        let server = Server::start(move |_, _| reply()).await;
        let login = server.client(&TestClock::new());
        let secret = SecretString::from("hush-hush");
        let proven = prove(
            &login,
            TENANT,
            CLIENT,
            &secret,
            "https://graph.microsoft.com/",
        )
        .await;
        assert!(right(&proven.outcome), "{proven:?}");
        assert_eq!(is_propagation(&proven), propagation, "{proven:?}");
        let seen = &server.seen()[0];
        assert_eq!(
            seen.field("scope").as_deref(),
            Some("https://graph.microsoft.com/.default")
        );
        assert!(!format!("{proven:?}").contains("hush"));
    }
}

#[tokio::test]
async fn no_debug_output_shows_a_token_or_a_secret() {
    let clock = TestClock::new();
    let server = Server::start(|_, number| match number {
        0 => code(None),
        _ => granted("noc", Some("refresh-secret")),
    })
    .await;
    let user = session(&server, &clock, TENANT, by_code());
    let token = user
        .sign_in(|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let app = session(&server, &clock, TENANT, by_secret());
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
