//! What goes wrong in the sandbox on demand.

mod sandbox_support;

use sandbox_support::*;
use serde_json::json;

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
