//! Consent in the provider's own tenant, through the real binary.

#[path = "support/program.rs"]
#[allow(dead_code)] // shared with other test binaries
mod program;
mod sandbox_support;

use program::{Home, text};
use sandbox_support::Trial;
use serde_json::{Value, json};

const DEVICE: &str = "ump-03.finebak.com";

async fn consent(trial: &Trial, home: &Home, more: &[&str]) -> (i32, String, String) {
    let url = trial.sandbox.url().to_string();
    let mut command = home.command(program::PROGRAM);
    command
        .args(["consent", DEVICE, "--endpoint", &url])
        .args(more);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let code = output.status.code().expect("no signal");
    (code, text(&output.stdout), text(&output.stderr))
}

/// The scopes of each grant that the device's service principal holds.
async fn grants(trial: &Trial, token: &str, principal: &str) -> Vec<(String, String)> {
    let path = format!("/servicePrincipals/{principal}/oauth2PermissionGrants");
    let (status, all) = trial.ask(token, "GET", &path, None).await;
    assert_eq!(status, 200, "{all}");
    let all = all["value"].as_array().unwrap().iter();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_string();
    all.map(|one| (text(one, "resourceId"), text(one, "scope")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_is_planned_first_then_made_longer_and_drops_nothing() {
    let (trial, home) = (Trial::start("").await, Home::new());
    let token = trial.app_only("Finebak").await;
    let (_, app) = trial
        .ask(
            &token,
            "GET",
            &format!("/applications(uniqueName='umpdeck.{DEVICE}')"),
            None,
        )
        .await;
    let app_id = app["appId"].as_str().unwrap();
    let by_app = |id: &str| format!("/servicePrincipals(appId='{id}')");
    let (_, own) = trial.ask(&token, "GET", &by_app(app_id), None).await;
    let graph = "00000003-0000-0000-c000-000000000000";
    let (_, graph) = trial.ask(&token, "GET", &by_app(graph), None).await;
    let principal = own["id"].as_str().unwrap();
    // Somebody granted something else long ago.
    let body = json!({"clientId": own["id"], "consentType": "AllPrincipals", "principalId": null,
        "resourceId": graph["id"], "scope": "Calendars.Read Group.ReadWrite.All"});
    let (status, answer) = trial
        .ask(&token, "POST", "/oauth2PermissionGrants", Some(body))
        .await;
    assert_eq!(status, 201, "{answer}");

    let (code, plan, note) = consent(&trial, &home, &[]).await;
    assert_eq!(code, 1, "{plan}{note}");
    assert!(
        plan.contains("PATCH /v1.0/oauth2PermissionGrants/"),
        "{plan}"
    );
    assert!(plan.contains("POST /v1.0/oauth2PermissionGrants"), "{plan}");
    assert_eq!(
        grants(&trial, &token, principal).await.len(),
        1,
        "only planned"
    );

    let done = consent(&trial, &home, &["--yes"]).await;
    assert_eq!(done.0, 0, "{}{}", done.1, done.2);
    let all = grants(&trial, &token, principal).await;
    assert_eq!(all.len(), 2, "one a resource: {all:?}");
    let (_, scopes) = all.iter().find(|(of, _)| graph["id"] == **of).unwrap();
    let scopes: Vec<&str> = scopes.split(' ').collect();
    for kept in [
        "Calendars.Read",
        "Group.ReadWrite.All",
        "User.Read.All",
        "offline_access",
    ] {
        assert_eq!(
            scopes.iter().filter(|one| **one == kept).count(),
            1,
            "{kept}: {scopes:?}"
        );
    }
    let again = consent(&trial, &home, &["--yes"]).await;
    assert_eq!(again.0, 0, "{}", again.2);
    assert!(again.1.contains("nothing to do"), "{}", again.1);
}
