//! Permissions at the sandbox: their names, and who was granted them.

use crate::support::trial::*;
use serde_json::json;

#[tokio::test]
async fn permissions_have_names_and_grants_are_single() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let graph = "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')";
    let (_, graph) = trial.ask(&token, "GET", graph, None).await;
    let scopes = graph["oauth2PermissionScopes"].as_array().unwrap();
    let group = scopes
        .iter()
        .find(|one| one["value"] == "Group.ReadWrite.All");
    assert_eq!(group.unwrap()["id"], "4e46008b-f24c-477d-8fff-7bb4ec7aafe0");
    let teams = "/servicePrincipals(appId='48ac35b8-9aa8-4d74-927d-1f4a14a0b239')";
    assert_eq!(trial.ask(&token, "GET", teams, None).await.0, 200);

    let (_, list) = trial.ask(&token, "GET", "/applications", None).await;
    let west = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["displayName"] == "UMP Sync ump-west")
        .unwrap();
    let path = format!(
        "/servicePrincipals(appId='{}')",
        west["appId"].as_str().unwrap()
    );
    let (_, client) = trial.ask(&token, "GET", &path, None).await;
    let body = json!({"clientId": client["id"], "consentType": "AllPrincipals",
        "resourceId": graph["id"], "scope": "User.Read"});
    let grants = "/oauth2PermissionGrants";
    let (status, made) = trial.ask(&token, "POST", grants, Some(body.clone())).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(trial.ask(&token, "POST", grants, Some(body)).await.0, 409);
    let one = format!("{grants}/{}", made["id"].as_str().unwrap());
    let more = json!({"scope": "User.Read Group.ReadWrite.All"});
    assert_eq!(trial.ask(&token, "PATCH", &one, Some(more)).await.0, 204);
    let own = format!(
        "/servicePrincipals/{}/oauth2PermissionGrants",
        client["id"].as_str().unwrap()
    );
    let (_, own) = trial.ask(&token, "GET", &own, None).await;
    assert_eq!(own["value"][0]["scope"], "User.Read Group.ReadWrite.All");
    assert_eq!(trial.ask(&token, "DELETE", &one, None).await.0, 204);

    let roles = path + "/appRoleAssignments";
    let (_, teams) = trial.ask(&token, "GET", teams, None).await;
    let role = json!({"principalId": client["id"], "resourceId": teams["id"],
        "appRoleId": "15391dcf-e272-4693-b514-06792e967d66"});
    let (status, made) = trial.ask(&token, "POST", &roles, Some(role.clone())).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(trial.ask(&token, "POST", &roles, Some(role)).await.0, 400);
    let (_, held) = trial.ask(&token, "GET", &roles, None).await;
    assert_eq!(held["value"][0]["id"], made["id"]);
    let one = format!("{roles}/{}", made["id"].as_str().unwrap());
    assert_eq!(trial.ask(&token, "DELETE", &one, None).await.0, 204);
    let (_, held) = trial.ask(&token, "GET", &roles, None).await;
    assert_eq!(held["value"], json!([]));
}
