//! Who may change what at the sandbox: owners, applications of their own, people alone.

use crate::support::trial::*;
use serde_json::{Value, json};

#[tokio::test]
async fn only_a_signed_in_operator_verifies_the_publisher() {
    let trial = Trial::start("").await;
    let robot = trial.app_only("Finebak").await;
    let person = trial.sign_in("finebak.com", ".default").await;
    let person = person["access_token"].as_str().unwrap();
    let (_, west) = trial
        .ask(
            &robot,
            "GET",
            "/applications(uniqueName='umpdeck.ump-west.finebak.com')",
            None,
        )
        .await;
    assert_eq!(
        west["verifiedPublisher"]["verifiedPublisherId"],
        Value::Null
    );
    let set = format!(
        "/applications/{}/setVerifiedPublisher",
        west["id"].as_str().unwrap()
    );
    let id = |id: &str| Some(json!({ "verifiedPublisherId": id }));
    assert_eq!(trial.ask(&robot, "POST", &set, id("1234567")).await.0, 403);
    let (_, body) = trial.ask(person, "POST", &set, id("7654321")).await;
    assert_eq!(
        body["error"]["code"],
        "MPNIdDoesNotMatchAssociatedMPNAccount"
    );
    assert_eq!(trial.ask(person, "POST", &set, id("1234567")).await.0, 204);
    let wrong = set.replace(
        west["id"].as_str().unwrap(),
        west["appId"].as_str().unwrap(),
    );
    let (_, body) = trial.ask(person, "POST", &wrong, id("1234567")).await;
    assert_eq!(body["error"]["code"], "ApplicationNotFound");
}

#[tokio::test]
async fn whoever_creates_an_application_owns_it_and_owners_can_be_changed() {
    let trial = Trial::start("").await;
    let person = trial.sign_in("finebak.com", ".default").await;
    let person = person["access_token"].as_str().unwrap();
    let (_, me) = trial.ask(person, "GET", "/me", None).await;
    let new = Some(json!({"displayName": "mine"}));
    let (_, made) = trial.ask(person, "POST", "/applications", new).await;
    let path = format!("/applications/{}", made["id"].as_str().unwrap());
    let owners = format!("{path}/owners");
    let (status, list) = trial.ask(person, "GET", &owners, None).await;
    assert_eq!(status, 200, "{list}");
    assert_eq!(list["value"][0]["id"], me["id"]);
    assert_eq!(list["value"][0]["@odata.type"], "#microsoft.graph.user");
    let expanded = format!("{path}?$select=id&$expand=owners($select=id,displayName)");
    let (_, one) = trial.ask(person, "GET", &expanded, None).await;
    assert_eq!(one["owners"][0]["displayName"], "NOC Operator");
    assert_eq!(one["owners"][0]["mail"], Value::Null, "not selected");
    let (_, own) = trial
        .ask(person, "GET", "/me/ownedObjects/graph.application", None)
        .await;
    assert_eq!(names(&own), ["mine"]);

    let graph = "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id";
    let (_, other) = trial.ask(person, "GET", graph, None).await;
    let other = other["id"].as_str().unwrap();
    let url = format!("{}/v1.0/directoryObjects/{other}", trial.sandbox.url());
    let reference = Some(json!({"@odata.id": url}));
    let add = format!("{owners}/$ref");
    assert_eq!(
        trial.ask(person, "POST", &add, reference.clone()).await.0,
        204
    );
    assert_eq!(
        trial.ask(person, "POST", &add, reference).await.0,
        400,
        "twice"
    );
    let remove = format!("{owners}/{other}/$ref");
    assert_eq!(trial.ask(person, "DELETE", &remove, None).await.0, 204);
    assert_eq!(trial.ask(person, "DELETE", &remove, None).await.0, 404);
}

#[tokio::test]
async fn an_application_that_may_change_its_own_objects_alone_changes_no_others() {
    let trial = Trial::start("").await;
    let robot = trial.app_only("Finebak").await;
    let new = Some(json!({"displayName": "worker"}));
    let (_, made) = trial.ask(&robot, "POST", "/applications", new).await;
    let body = Some(json!({"appId": made["appId"]}));
    let (_, principal) = trial.ask(&robot, "POST", "/servicePrincipals", body).await;
    let graph = "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id";
    let (_, graph) = trial.ask(&robot, "GET", graph, None).await;
    // Application.ReadWrite.OwnedBy
    let role = json!({"principalId": principal["id"], "resourceId": graph["id"],
        "appRoleId": "18a4783c-866b-4cc7-a460-3d5e5662c884"});
    let path = format!(
        "/servicePrincipals/{}/appRoleAssignments",
        principal["id"].as_str().unwrap()
    );
    assert_eq!(trial.ask(&robot, "POST", &path, Some(role)).await.0, 201);
    let add = format!("/applications/{}/addPassword", made["id"].as_str().unwrap());
    let (_, secret) = trial.ask(&robot, "POST", &add, None).await;
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let tenant = text(&trial.tenant("Finebak")["id"]);
    let (_, answer) = trial
        .secret_token(&tenant, &text(&made["appId"]), &text(&secret["secretText"]))
        .await;
    let worker = text(&answer["access_token"]);

    let (status, list) = trial.ask(&worker, "GET", "/applications", None).await;
    assert_eq!(status, 200, "{list}");
    let foreign = trial.registration(&robot, "ump-01.finebak.com").await;
    let change = json!({"notes": "x"});
    assert_eq!(
        trial
            .ask(&worker, "PATCH", &foreign, Some(change.clone()))
            .await
            .0,
        403
    );
    assert_eq!(trial.ask(&worker, "DELETE", &foreign, None).await.0, 403);
    let add = format!("{foreign}/addPassword");
    assert_eq!(trial.ask(&worker, "POST", &add, None).await.0, 403);
    let new = Some(json!({"displayName": "its own"}));
    let (status, own) = trial.ask(&worker, "POST", "/applications", new).await;
    assert_eq!(status, 201, "{own}");
    let own = format!("/applications/{}", own["id"].as_str().unwrap());
    assert_eq!(trial.ask(&worker, "PATCH", &own, Some(change)).await.0, 204);
}

#[tokio::test]
async fn who_has_which_role_can_be_read_and_no_token_here_may_assign_one() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let (_, users) = trial.ask(&token, "GET", "/users", None).await;
    let id = users["value"][0]["id"].as_str().unwrap();
    let roles = "/roleManagement/directory/roleAssignments";
    let path = format!("{roles}?$filter=principalId eq '{id}'&$expand=roleDefinition");
    let (status, held) = trial.ask(&token, "GET", &path, None).await;
    assert_eq!(status, 200, "{held}");
    let (_, definitions) = trial
        .ask(
            &token,
            "GET",
            "/roleManagement/directory/roleDefinitions",
            None,
        )
        .await;
    assert!(names(&definitions).contains(&"Teams Administrator"));
    let new = json!({"principalId": id, "roleDefinitionId": "69091246-20e8-4a56-aa4d-066075b2a7a8", "directoryScopeId": "/"});
    let (status, _) = trial.ask(&token, "POST", roles, Some(new)).await;
    assert_eq!(status, 403, "no token here may assign roles");
    let role = "/directoryRoles(roleTemplateId='9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3')/members";
    let (_, members) = trial.ask(&token, "GET", role, None).await;
    assert_eq!(members["value"][0]["id"], id);
}
