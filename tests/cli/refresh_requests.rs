//! How many requests a refresh costs, counted at the sandbox; and that what changed in between is seen all the same.

use crate::support::program::{Home, PROGRAM, text};
use crate::support::trial::Trial;
use serde_json::{Value, json};

const DEVICE: &str = "ump-01.finebak.com";

/// The requests to Graph since the log was last read: "GET /v1.0/applications".
async fn requests(trial: &Trial) -> Vec<String> {
    let log = trial.get("/sandbox/requests").await;
    let url = format!("{}/sandbox/requests", trial.sandbox.url());
    trial.client.delete(&url).send().await.unwrap();
    let all = log.as_array().unwrap().iter();
    all.map(|one| {
        format!(
            "{} {}",
            one["method"].as_str().unwrap(),
            one["path"].as_str().unwrap()
        )
    })
    .filter(|one| one.contains("/v1.0/"))
    .collect()
}

/// What `umpdeck status` tells of a tenant's devices; `change` is asked nothing.
async fn status(trial: &Trial, home: &Home) -> Value {
    let url = trial.sandbox.url().to_string();
    let mut command = home.command(PROGRAM);
    command.args([
        "status",
        "--json",
        "--tenant",
        "Finebak",
        "--endpoint",
        &url,
    ]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
}

/// Each device's status with its reason.
fn judged(status: &Value) -> Vec<(Value, Value)> {
    let all = status["devices"].as_array().unwrap().iter();
    all.map(|one| (one["status"].clone(), one["reason"].clone()))
        .collect()
}

fn device<'a>(status: &'a Value, fqdn: &str) -> &'a Value {
    let all = status["devices"].as_array().unwrap();
    all.iter().find(|one| one["fqdn"] == fqdn).unwrap()
}

/// Adds applications that have nothing to do with any device.
async fn add_applications(trial: &Trial, token: &str, count: usize) {
    for first in (0..count).step_by(20) {
        let requests: Vec<Value> = (first..count.min(first + 20))
            .map(|number| {
                json!({"id": number.to_string(), "method": "POST", "url": "/applications",
                    "headers": {"Content-Type": "application/json"},
                    "body": {"displayName": format!("Somebody's {number}")}})
            })
            .collect();
        let body = Some(json!({ "requests": requests }));
        let (status, answer) = trial.ask(token, "POST", "/$batch", body).await;
        assert_eq!(status, 200, "{answer}");
        let all = answer["responses"].as_array().unwrap();
        assert!(all.iter().all(|one| one["status"] == 201), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_applications_are_listed_once_and_then_only_what_changed_is_read() {
    const ADDED: usize = 5_000;
    let (trial, home) = (Trial::start("").await, Home::new());
    let token = trial.app_only("Finebak").await;
    add_applications(&trial, &token, ADDED).await;
    requests(&trial).await;

    let first = status(&trial, &home).await;
    let asked = requests(&trial).await;
    let pages = (ADDED + first["devices"].as_array().unwrap().len()).div_ceil(999);
    assert!(asked.len() <= pages + 4, "{} {asked:#?}", asked.len());

    let again = status(&trial, &home).await;
    let asked = requests(&trial).await;
    assert!((1..=3).contains(&asked.len()), "{asked:#?}");
    assert!(asked.iter().all(|one| one.contains("/delta")), "{asked:#?}");
    assert_eq!(judged(&first), judged(&again));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_change_remove_and_make_is_seen_by_the_next_refresh() {
    let (trial, home) = (Trial::start("").await, Home::new());
    let token = trial.app_only("Finebak").await;
    let unique = format!("/applications(uniqueName='umpdeck.{DEVICE}')");
    let first = status(&trial, &home).await;
    assert_eq!(
        device(&first, DEVICE)["status"],
        "ok",
        "{}",
        device(&first, DEVICE)
    );

    let body = Some(json!({"isFallbackPublicClient": false}));
    let (code, _) = trial.ask(&token, "PATCH", &unique, body).await;
    assert_eq!(code, 204);
    requests(&trial).await;
    let drifted = status(&trial, &home).await;
    assert_eq!(device(&drifted, DEVICE)["status"], "drift");
    let asked = requests(&trial).await;
    assert!(asked.len() <= 4, "two deltas and what changed: {asked:#?}");

    let (_, app) = trial.ask(&token, "GET", &unique, None).await;
    let by_id = format!("/applications/{}", app["id"].as_str().unwrap());
    let by_app = format!(
        "/servicePrincipals(appId='{}')",
        app["appId"].as_str().unwrap()
    );
    let (code, answer) = trial
        .ask(
            &token,
            "PATCH",
            &by_app,
            Some(json!({"accountEnabled": false})),
        )
        .await;
    assert_eq!(code, 204, "{answer}");
    let disabled = status(&trial, &home).await;
    let reason = device(&disabled, DEVICE)["reason"].as_str().unwrap();
    assert_ne!(
        Some(reason),
        device(&drifted, DEVICE)["reason"].as_str(),
        "the principal was read again"
    );

    let (code, _) = trial.ask(&token, "DELETE", &by_id, None).await;
    assert_eq!(code, 204);
    let gone = status(&trial, &home).await;
    assert_eq!(device(&gone, DEVICE)["status"], "not-registered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_no_longer_knows_the_link_is_listed_again() {
    let home = Home::new();
    let mut links = 0;
    // Another sandbox is another start: its Graph has forgotten what the first one handed out.
    for _ in 0..2 {
        let trial = Trial::start("").await;
        let all = status(&trial, &home).await;
        assert_eq!(device(&all, DEVICE)["status"], "ok");
        let asked = requests(&trial).await;
        links += asked
            .iter()
            .filter(|one| one.ends_with("GET /v1.0/applications"))
            .count();
    }
    assert_eq!(links, 2, "both were listed");
}
