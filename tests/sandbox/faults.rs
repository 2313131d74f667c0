//! What goes wrong in the sandbox on demand.

use crate::support::trial::*;
use serde_json::{Value, json};

#[tokio::test]
async fn replication_hides_what_was_just_made() {
    let trial = Trial::start("lag=600s,secret-lag=600s").await;
    let token = trial.app_only("Finebak").await;
    let name = "umpdeck.new.finebak.com";
    let (status, made) = trial
        .upsert(&token, name, json!({"displayName": "new"}))
        .await;
    assert_eq!(status, 201);
    let path = format!("/applications/{}", made["id"].as_str().unwrap());
    let (status, body) = trial.ask(&token, "GET", &path, None).await;
    assert_eq!(status, 404);
    assert_eq!(body["error"]["code"], "Request_ResourceNotFound");
    let add = format!("{path}/addPassword");
    assert_eq!(trial.ask(&token, "POST", &add, None).await.0, 404);
    let principal = json!({"appId": made["appId"]});
    let (status, body) = trial
        .ask(&token, "POST", "/servicePrincipals", Some(principal))
        .await;
    assert_eq!(status, 400);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("does not reference a valid application object")
    );
    let (status, _) = trial
        .upsert(&token, name, json!({"displayName": "new"}))
        .await;
    assert_eq!(status, 204, "an upsert still makes no twin");

    let old = trial.registration(&token, "ump-01.finebak.com").await;
    let (_, app) = trial.ask(&token, "GET", &old, None).await;
    let (_, secret) = trial
        .ask(&token, "POST", &format!("{old}/addPassword"), None)
        .await;
    let tenant = trial.tenant("Finebak")["id"].as_str().unwrap();
    let (client, value) = (&app["appId"], &secret["secretText"]);
    let (_, body) = trial
        .secret_token(tenant, client.as_str().unwrap(), value.as_str().unwrap())
        .await;
    assert_eq!(body["error_codes"][0], 7_000_215);
}

#[tokio::test]
async fn a_held_answer_comes_after_the_release_and_the_work_was_done_once() {
    let trial = Trial::start("hold=addPassword").await;
    let token = trial.app_only("Finebak").await;
    let path = trial.registration(&token, "ump-01.finebak.com").await;
    let add = format!("{path}/addPassword");
    let held = trial.ask(&token, "POST", &add, None);
    let release = async {
        loop {
            let (_, app) = trial.ask(&token, "GET", &path, None).await;
            if app["passwordCredentials"].as_array().unwrap().len() == 2 {
                break;
            }
        }
        let url = format!("{}/sandbox/release", trial.sandbox.url());
        trial.client.post(url).send().await.unwrap();
    };
    let ((status, _), ()) = tokio::join!(held, release);
    assert_eq!(status, 200);
}

/// A trial with one application of its own, to be asked with and without faults.
async fn ground() -> (Trial, String, String) {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let path = trial.registration(&token, "ump-01.finebak.com").await;
    (trial, token, path)
}

#[tokio::test]
async fn throttling_says_when_to_come_again_or_does_not() {
    let (trial, token, path) = ground().await;
    let get = async || {
        let sent = trial.fetch(&token, &path).await;
        let wait = sent.headers().get("retry-after").cloned();
        let wait = wait.map(|value| value.to_str().unwrap().to_string());
        let status = sent.status().as_u16();
        let body: Value = sent.json().await.unwrap();
        (
            status,
            wait,
            body["error"]["code"]
                .as_str()
                .unwrap_or_default()
                .to_string(),
        )
    };
    trial
        .faults("429=GET:applications#2*2,retry-after=3s")
        .await;
    assert_eq!(get().await.0, 200, "the first goes through");
    let throttled = (429, Some("3".to_string()), "TooManyRequests".to_string());
    assert_eq!(get().await, throttled);
    assert_eq!(get().await, throttled);
    assert_eq!(get().await.0, 200, "two times and no more");
    trial.faults("429-bare=any*1").await;
    assert_eq!((get().await.0, get().await.0), (429, 200));
    trial.faults("503=applications*1").await;
    assert_eq!(get().await, (503, None, "ServiceUnavailable".to_string()));
    trial.faults("429=applications*1").await;
    let body = json!({"requests": [{"id": "1", "method": "GET", "url": path}]});
    let (status, answer) = trial.ask(&token, "POST", "/$batch", Some(body)).await;
    assert_eq!(status, 200, "the batch itself is answered");
    assert_eq!(answer["responses"][0]["status"], 429);
    assert_eq!(answer["responses"][0]["headers"]["retry-after"], "1");
    trial.faults("503=token*1").await;
    let (status, body) = trial.secret_token("finebak.com", "x", "x").await;
    assert_eq!(
        (status, &body["error"]),
        (503, &json!("temporarily_unavailable"))
    );
}

#[tokio::test]
async fn a_lost_answer_was_carried_out_and_a_lost_request_was_not() {
    let (trial, token, _) = ground().await;
    let count = async || {
        let (_, list) = trial.ask(&token, "GET", "/applications", None).await;
        list["value"].as_array().unwrap().len()
    };
    let create = async |name: &str| {
        let url = format!("{}/v1.0/applications", trial.sandbox.url());
        let post = trial.client.post(url).bearer_auth(&token);
        match post.json(&json!({ "displayName": name })).send().await {
            Ok(answer) => answer.text().await.is_ok(),
            Err(_) => false,
        }
    };
    let before = count().await;
    trial.faults("drop-before=POST:applications").await;
    assert!(!create("lost on the way").await);
    assert_eq!(count().await, before);
    trial.faults("drop=POST:applications").await;
    assert!(!create("answer lost").await);
    assert_eq!(count().await, before + 1);
    trial.faults("half-close=POST:applications").await;
    assert!(!create("half an answer").await);
    assert_eq!(count().await, before + 2);
    trial.faults("").await;
    assert!(create("whole").await);
}

#[tokio::test]
async fn a_half_closed_connection_is_still_listened_to() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (trial, token, path) = ground().await;
    trial.faults("half-close=GET:applications").await;
    let address = trial.sandbox.url()["http://".len()..].to_string();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "GET /v1.0{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.unwrap().parse().unwrap();
    assert_eq!(body.len(), length / 2);
    for _ in 0..5 {
        // A connection that were closed for good would answer the first write with a reset.
        stream.write_all(b"still there?").await.unwrap();
        tokio::task::yield_now().await;
    }
    trial.sandbox.stop().await;
}

#[tokio::test]
async fn a_slow_body_comes_whole_and_in_pieces() {
    let (trial, token, path) = ground().await;
    trial.faults("slow=400ms:GET:applications").await;
    let mut answer = trial.fetch(&token, &path).await;
    let (mut pieces, mut body) = (0, Vec::new());
    while let Some(piece) = answer.chunk().await.unwrap() {
        pieces += 1;
        body.extend(piece);
    }
    assert!(pieces > 3, "{pieces}");
    assert!(serde_json::from_slice::<Value>(&body).unwrap()["id"].is_string());
}

#[tokio::test]
async fn a_revoked_token_is_challenged_until_one_comes_that_answers() {
    use base64::Engine as _;
    let (trial, token, path) = ground().await;
    trial.faults("cae=GET:applications").await;
    let ask = async |token: &str| trial.fetch(token, &path).await;
    let refused = ask(&token).await;
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()["www-authenticate"]
        .to_str()
        .unwrap()
        .to_string();
    assert!(
        challenge.contains("error=\"insufficient_claims\""),
        "{challenge}"
    );
    let (_, claims) = challenge.split_once("claims=\"").unwrap();
    let claims = claims.trim_end_matches('"');
    let claims = base64::engine::general_purpose::STANDARD
        .decode(claims)
        .unwrap();
    let claims = String::from_utf8(claims).unwrap();
    let other = trial.app_only("Finebak").await;
    assert_eq!(
        ask(&other).await.status(),
        401,
        "it was not asked for with the claims"
    );
    let tenant = trial.tenant("Finebak");
    let text = |field: &str| tenant[field].as_str().unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", text("clientId")),
        ("client_secret", text("clientSecret")),
        ("scope", "https://graph.microsoft.com/.default"),
        ("claims", &claims),
    ];
    let (_, answer) = trial.token(text("id"), &form).await;
    let fresh = answer["access_token"].as_str().unwrap();
    assert_eq!(ask(fresh).await.status(), 200);
    trial.faults("").await;
    assert_eq!(ask(&token).await.status(), 401, "revoked stays revoked");
}

#[tokio::test]
async fn policies_that_came_between_refuse_a_secret() {
    let (trial, token, path) = ground().await;
    let add = format!("{path}/addPassword");
    for (fault, code) in [
        ("lifetime", "CredentialInvalidLifetimeAsPerAppPolicy"),
        ("no-passwords", "CredentialTypeNotAllowedAsPerAppPolicy"),
    ] {
        trial.faults(&format!("{fault}=addPassword*1")).await;
        let (status, body) = trial.ask(&token, "POST", &add, None).await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(code)));
        assert_eq!(trial.ask(&token, "POST", &add, None).await.0, 200);
    }
}

#[tokio::test]
async fn replication_can_also_say_conflict_and_forbidden() {
    let (trial, token, _) = ground().await;
    trial.faults("lag=600s,lag-says=409").await;
    let new = json!({"displayName": "new"});
    let (_, made) = trial
        .ask(&token, "POST", "/applications", Some(new.clone()))
        .await;
    let path = format!("/applications/{}", made["id"].as_str().unwrap());
    assert_eq!(trial.ask(&token, "PATCH", &path, Some(new)).await.0, 409);
    assert_eq!(trial.ask(&token, "GET", &path, None).await.0, 404);
    trial.faults("lag=600s,lag-says=403").await;
    let principal = json!({"appId": made["appId"]});
    let (status, body) = trial
        .ask(&token, "POST", "/servicePrincipals", Some(principal))
        .await;
    assert_eq!(status, 403);
    let words = body["error"]["message"].as_str().unwrap();
    assert!(words.contains("must in the local tenant"), "{words}");
}

#[tokio::test]
async fn one_name_is_released_and_the_others_stay_held() {
    let (trial, token, path) = ground().await;
    trial.faults("hold=addPassword,hold=domains").await;
    let add = format!("{path}/addPassword");
    let (added, domains) = (
        trial.ask(&token, "POST", &add, None),
        trial.ask(&token, "GET", "/domains", None),
    );
    let release = async {
        let held = async || {
            let all = trial.get("/sandbox/held").await;
            all.as_array().unwrap().clone()
        };
        while held().await.len() < 2 {}
        let url = format!("{}/sandbox/release/addPassword", trial.sandbox.url());
        trial.client.post(url).send().await.unwrap();
        while held().await.len() > 1 {}
        assert!(
            held().await[0]["path"]
                .as_str()
                .unwrap()
                .ends_with("/domains")
        );
        let url = format!("{}/sandbox/release", trial.sandbox.url());
        trial.client.post(url).send().await.unwrap();
    };
    let ((added, _), (domains, _), ()) = tokio::join!(added, domains, release);
    assert_eq!((added, domains), (200, 200));
}
