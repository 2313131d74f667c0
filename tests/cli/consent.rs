//! Consent in the provider's own tenant, through the real binary.

use crate::support::program::{Home, PROGRAM, text};
use crate::support::trial::Trial;
use serde_json::{Value, json};

const DEVICE: &str = "ump-03.finebak.com";

async fn consent(trial: &Trial, home: &Home, more: &[&str]) -> (i32, String, String) {
    let url = trial.sandbox.url().to_string();
    let mut command = home.command(PROGRAM);
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

#[tokio::test(flavor = "multi_thread")]
async fn an_application_permission_is_granted_as_an_app_role_and_once() {
    const ROLE: &str = "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30";
    let (trial, home) = (Trial::start("").await, Home::new());
    let token = trial.app_only("Finebak").await;
    let tenant = trial.tenant("Finebak");
    let words = |field: &str| tenant[field].as_str().unwrap();
    // The built-in blueprints want no application permission; a site's own one may.
    let blueprint = include_str!("../../assets/blueprints/ump-365-sp-8.0.toml").replacen(
        "\"ump-365-sp-8.0\"",
        "\"with-a-role\"",
        1,
    ) + "\n[[permissions]]\nresource = \"Microsoft Graph\"\n\
           resource_app_id = \"00000003-0000-0000-c000-000000000000\"\nkind = \"application\"\n\
           value = \"Application.Read.All\"\n"
        + &format!("id = \"{ROLE}\"\n");
    let folder = home.path().join("blueprints");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("with-a-role.toml"), blueprint).unwrap();
    let url = trial.sandbox.url();
    let settings = home.path().join("settings.toml");
    let text_of_settings = format!(
        "blueprints_dir = \"blueprints\"\n[[tenants]]\nid = \"{}\"\nname = \"Finebak\"\n\
         primary_domain = \"finebak.com\"\nlogin = \"{url}\"\ngraph = \"{url}\"\n\
         sign_in = {{ way = \"client-secret\", client_id = \"{}\", secret_env = \"OWN\" }}\n\
         [[devices]]\nfqdn = \"{DEVICE}\"\nblueprint = \"with-a-role\"\n",
        words("id"),
        words("clientId"),
    );
    std::fs::write(&settings, text_of_settings).unwrap();
    let run = async |more: &[&str]| {
        let mut command = home.command(PROGRAM);
        command.env("OWN", words("clientSecret"));
        command.args(["consent", DEVICE, "--json", "--settings"]);
        command.arg(&settings).args(more);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        serde_json::from_slice::<Value>(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
    };
    let is_role = |step: &Value| {
        let requests = step["requests"].as_array().unwrap();
        requests.iter().any(|one| {
            let path = one["path"].as_str().unwrap();
            path.ends_with("/appRoleAssignments") && one["body"]["appRoleId"] == ROLE
        })
    };
    let planned = run(&[]).await;
    assert!(
        planned["steps"].as_array().unwrap().iter().any(is_role),
        "{planned:#}"
    );
    let done = run(&["--yes"]).await;
    assert_eq!(done["outcome"], "done", "{done:#}");
    let path = format!("/applications(uniqueName='umpdeck.{DEVICE}')");
    let (_, app) = trial.ask(&token, "GET", &path, None).await;
    let app_id = app["appId"].as_str().unwrap();
    let held = format!("/servicePrincipals(appId='{app_id}')/appRoleAssignments");
    let (_, held) = trial.ask(&token, "GET", &held, None).await;
    let held = held["value"].as_array().unwrap();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(held[0]["appRoleId"], ROLE);
    let again = run(&["--yes"]).await;
    assert_eq!(again["steps"], json!([]), "{again:#}");
}
