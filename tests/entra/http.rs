//! One way to call a server, tried over real loopback HTTP.

use std::sync::Arc;
use std::time::Duration;

use crate::support::server::{Reply, Server, TestClock, client, empty, json};
use secrecy::SecretString;
use serde_json::{Value, json};
use umpdeck::http::{
    Authorization, BaseUrl, Body, Client, ClientSettings, HttpError, Method, Request,
};

fn post() -> Request {
    Request::new(Method::Post, "/v1.0/applications").with_body(Body::Json(json!({"a": 1})))
}

fn read() -> Request {
    Request::get("/x")
}

/// What becomes of a request that the server answers by no success.
async fn failed(server: &Server, request: &Request) -> HttpError {
    let client = server.client(&TestClock::new());
    client.send(request, None).await.unwrap_err()
}

#[tokio::test]
async fn a_request_bears_its_headers_and_a_new_id_each_time() {
    let server =
        Server::start(|_, _| json(200, json!({"ok": true})).with("request-id", "r1")).await;
    let client = server.client(&TestClock::new());
    let request = Request::new(Method::Patch, "/v1.0/x?a=b")
        .with_prefer("create-if-missing")
        .eventual()
        .with_body(Body::Json(json!({"a": 1})));
    let bearer = Authorization::bearer(&SecretString::from("tok"));
    let first = client.send(&request, Some(&bearer)).await.unwrap();
    let second = client.send(&request, None).await.unwrap();
    assert_eq!(first.body, json!({"ok": true}));
    assert_eq!(first.request_id.as_deref(), Some("r1"));
    assert_ne!(first.client_request_id, second.client_request_id);
    let seen = server.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].target.as_str()),
        ("PATCH", "/v1.0/x?a=b")
    );
    for (name, value) in [
        ("prefer", "create-if-missing"),
        ("consistencylevel", "eventual"),
        ("authorization", "Bearer tok"),
        ("content-type", "application/json"),
        ("client-request-id", first.client_request_id.as_str()),
    ] {
        assert_eq!(seen[0].header(name), Some(value), "{name}");
    }
    assert_eq!(seen[1].header("authorization"), None);
}

#[tokio::test]
async fn an_empty_answer_is_null_and_any_status_is_an_answer() {
    let server = Server::start(|_, number| if number == 0 { empty(204) } else { empty(404) }).await;
    let client = server.client(&TestClock::new());
    let answer = client.send(&post(), None).await.unwrap();
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    assert_eq!(client.send(&post(), None).await.unwrap().status, 404);
}

#[tokio::test]
async fn retry_after_is_kept_to_the_second_for_a_post_too() {
    let server = Server::start(|_, number| match number {
        0 => json(429, json!({"error": {}})).with("retry-after", "17"),
        1 => empty(503)
            .with("date", "Tue, 24 Nov 2026 09:00:00 GMT")
            .with("retry-after", "Tue, 24 Nov 2026 09:00:09 GMT"),
        _ => json(201, json!({})),
    })
    .await;
    let clock = TestClock::new();
    let answer = server.client(&clock).send(&post(), None).await.unwrap();
    assert_eq!(answer.status, 201);
    assert_eq!(clock.waited(), [17, 9]);
}

#[tokio::test]
async fn a_wait_longer_than_the_deadline_is_handed_out_as_the_answer_that_it_is() {
    let server = Server::start(|_, _| empty(429).with("retry-after", "3600")).await;
    let clock = TestClock::new();
    let answer = server.client(&clock).send(&read(), None).await.unwrap();
    assert_eq!(answer.status, 429);
    assert!(clock.waited().is_empty());
}

#[tokio::test]
async fn a_post_is_not_repeated_after_a_dropped_connection() {
    for reply in [|| Reply::Drop, || Reply::Break] {
        let server = Server::start(move |_, _| reply()).await;
        let error = failed(&server, &post()).await;
        assert!(matches!(error, HttpError::UnknownOutcome { .. }), "{error}");
        assert!(error.next().contains("Read the device again"));
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_read_is_repeated_after_a_dropped_connection() {
    let server = Server::start(|_, number| match number {
        0 => Reply::Drop,
        1 => Reply::Break,
        _ => json(200, json!({"value": []})),
    })
    .await;
    let answer = server
        .client(&TestClock::new())
        .send(&read(), None)
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_patch_that_never_gets_an_answer_is_repeated_then_called_unknown() {
    let server = Server::start(|_, _| Reply::Drop).await;
    let request = Request::new(Method::Patch, "/x").with_body(Body::Json(json!({})));
    let error = failed(&server, &request).await;
    assert!(matches!(error, HttpError::UnknownOutcome { .. }), "{error}");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_created_thing_whose_answer_is_garbled_is_an_unknown_outcome() {
    let server = Server::start(|_, _| Reply::Answer {
        status: 201,
        headers: vec![("content-type", "application/json".into())],
        body: b"{\"id\":".to_vec(),
    })
    .await;
    let error = failed(&server, &post()).await;
    assert!(matches!(error, HttpError::UnknownOutcome { .. }), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn nobody_there_is_unreachable_even_for_a_post() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let clock = TestClock::new();
    let error = client(&url, &clock).send(&post(), None).await.unwrap_err();
    assert!(matches!(error, HttpError::Unreachable { .. }), "{error}");
    assert_eq!(clock.waited().len(), 2, "three tries, two waits");
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let server = Server::start(|_, _| Reply::Answer {
        status: 200,
        headers: vec![("content-type", "application/json".into())],
        body: vec![b' '; (16 << 20) + 1],
    })
    .await;
    let error = failed(&server, &read()).await;
    assert!(
        matches!(error, HttpError::TooLarge { limit_mib: 16, .. }),
        "{error}"
    );
    assert_eq!(
        server.seen().len(),
        1,
        "what is too large once is not fetched again"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_stays_here() {
    let other = Server::start(|_, _| json(200, json!({}))).await;
    let to = format!("{}/steal", other.url);
    let server = Server::start(move |_, _| empty(307).with("location", to.clone())).await;
    let bearer = Authorization::bearer(&SecretString::from("tok"));
    let client = server.client(&TestClock::new());
    let error = client.send(&read(), Some(&bearer)).await.unwrap_err();
    assert!(
        matches!(error, HttpError::RedirectRefused { status: 307, .. }),
        "{error}"
    );
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_proxys_page_instead_of_json_is_said_in_words_and_not_shown() {
    let server = Server::start(|_, _| Reply::Answer {
        status: 200,
        headers: vec![("content-type", "text/html".into())],
        body: b"<html>\x1b[31mlogin".to_vec(),
    })
    .await;
    let error = failed(&server, &read()).await;
    assert!(error.to_string().contains("text/html"), "{error}");
    assert!(!error.to_string().contains("login"));
}

#[tokio::test]
async fn when_one_is_told_to_wait_the_others_wait_too() {
    let server = Server::start(|seen, number| match (seen.target.as_str(), number) {
        ("/first", 0) => empty(429).with("retry-after", "20"),
        _ => json(200, json!({})),
    })
    .await;
    // The first one's wait never ends, so a second request that is sent would be seen.
    let clock = TestClock::stuck();
    let client = server.client(&clock);
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.send(&Request::get("/first"), None).await }
    });
    while clock.waited().is_empty() {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn(async move { client.send(&Request::get("/second"), None).await });
    while clock.waited().len() < 2 && !second.is_finished() {
        tokio::task::yield_now().await;
    }
    assert_eq!(clock.waited(), [20, 20]);
    assert_eq!(server.seen().len(), 1);
    first.abort();
    second.abort();
}

#[tokio::test]
async fn a_secret_reaches_the_server_and_no_debug_output() {
    let server = Server::start(|_, _| empty(204)).await;
    let client = server.client(&TestClock::new());
    let secret = SecretString::from("hush-hush");
    let request = Request::new(Method::Put, "/settings").with_body(Body::JsonWithSecret {
        template: json!({"clientSecret": null}),
        pointer: "/clientSecret".into(),
        secret: secret.clone(),
    });
    let basic = Authorization::basic("noc", &secret);
    client.send(&request, Some(&basic)).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.body, r#"{"clientSecret":"hush-hush"}"#);
    assert!(seen.header("authorization").unwrap().starts_with("Basic "));
    let shown = format!("{request:?} {basic:?} {client:?}");
    assert!(!shown.contains("hush"), "{shown}");
    let coded = seen
        .header("authorization")
        .unwrap()
        .trim_start_matches("Basic ");
    assert!(!shown.contains(coded), "{shown}");
}

#[test]
fn a_ca_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "no certificate").unwrap();
    for ca_file in [file, folder.path().join("missing.pem")] {
        let settings = ClientSettings {
            ca_file: Some(ca_file.clone()),
            proxy: None,
        };
        let base = BaseUrl::parse("https://graph.microsoft.com").unwrap();
        let clock: Arc<TestClock> = TestClock::new();
        clock.pass(Duration::ZERO);
        let error = Client::new(base, &settings, clock).unwrap_err();
        let name = ca_file.file_name().unwrap().to_str().unwrap();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_server_without_tls_behind_https_is_called_a_tls_trouble_and_not_tried_again() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 64];
        stream.read_exact(&mut hello).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        stream.shutdown().await.unwrap();
        // Kept open, so that a second try would find nobody to accept it and hang.
        (listener, stream)
    });
    let clock = TestClock::new();
    let error = client(&url, &clock).send(&post(), None).await.unwrap_err();
    assert!(matches!(error, HttpError::Tls { .. }), "{error:?}");
    assert!(clock.waited().is_empty());
    server.await.unwrap();
}

#[test]
fn a_proxys_password_is_not_in_debug_output() {
    let settings = ClientSettings {
        ca_file: None,
        proxy: Some("http://noc:hush@proxy.example:3128".into()),
    };
    let base = BaseUrl::parse("https://graph.microsoft.com").unwrap();
    let client = Client::new(base, &settings, TestClock::new());
    assert!(!format!("{settings:?} {client:?}").contains("hush"));
}
