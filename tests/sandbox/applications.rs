//! The sandbox's applications: made once, changed in part, deleted and restored, as Microsoft documents.

use crate::support::trial::*;
use serde_json::{Value, json};

#[tokio::test]
async fn an_upsert_makes_no_twin() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let name = "umpdeck.ump-lab.finebak.com";
    let path = format!("/applications(uniqueName='{name}')");
    let body = json!({"displayName": "UMP Sync ump-lab", "signInAudience": "AzureADMultipleOrgs"});
    let (status, _) = trial.ask(&token, "PATCH", &path, Some(body.clone())).await;
    assert_eq!(status, 404, "nothing is made without the header");
    let (status, made) = trial.upsert(&token, name, body.clone()).await;
    assert_eq!((status, &made["uniqueName"]), (201, &json!(name)));
    let (status, nothing) = trial.upsert(&token, name, body).await;
    assert_eq!((status, nothing), (204, Value::Null));
    let filter = format!("/applications?$filter=uniqueName eq '{name}'");
    let (_, list) = trial.ask(&token, "GET", &filter, None).await;
    assert_eq!(list["value"].as_array().unwrap().len(), 1);

    let by_app_id = format!("/applications(appId='{}')", made["appId"].as_str().unwrap());
    assert_eq!(trial.ask(&token, "DELETE", &by_app_id, None).await.0, 204);
    assert_eq!(trial.ask(&token, "GET", &path, None).await.0, 404);
    let (status, taken) = trial
        .upsert(&token, name, json!({"displayName": "twin"}))
        .await;
    assert_eq!(status, 400, "a deleted application still owns its name");
    assert_eq!(taken["error"]["details"][0]["code"], "ObjectConflict");
    let bin = "/directory/deletedItems/graph.application";
    let (_, deleted) = trial.ask(&token, "GET", bin, None).await;
    assert_eq!(names(&deleted), ["UMP Sync ump-lab"]);
    let restore = format!(
        "/directory/deletedItems/{}/restore",
        made["id"].as_str().unwrap()
    );
    assert_eq!(trial.ask(&token, "POST", &restore, None).await.0, 200);
    assert_eq!(trial.ask(&token, "GET", &path, None).await.0, 200);
}

#[tokio::test]
async fn a_change_merges_parts_and_replaces_collections() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let path = "/v1.0/myorganization/applications(uniqueName='umpdeck.ump-01.finebak.com')";
    let path = format!("{}{path}", trial.sandbox.url());
    let uri = "https://ump-01.finebak.com/authenticate/OAuth2Callback";
    let change = json!({"web": {"redirectUris": [uri]}, "notes": "one"});
    assert_eq!(trial.ask(&token, "PATCH", &path, Some(change)).await.0, 204);
    let (_, one) = trial.ask(&token, "GET", &path, None).await;
    assert_eq!(one["web"]["redirectUris"], json!([uri]));
    assert_eq!(
        one["web"]["implicitGrantSettings"]["enableIdTokenIssuance"],
        true
    );
    assert_eq!(one["requiredResourceAccess"].as_array().unwrap().len(), 2);
    for wrong in [
        json!({"colour": "red"}),
        json!({"web": {"redirectUris": ["http://ump-01.finebak.com/x"]}}),
        json!({"spa": {"redirectUris": [uri]}}),
        json!({"uniqueName": "other"}),
        json!({"appId": "11111111-2222-4333-8444-555555555555"}),
        json!({"isFallbackPublicClient": "yes"}),
    ] {
        let (status, body) = trial.ask(&token, "PATCH", &path, Some(wrong.clone())).await;
        assert_eq!(status, 400, "{wrong}: {body}");
    }
    let (_, after) = trial.ask(&token, "GET", &path, None).await;
    assert_eq!(after, one, "a refused change changes nothing");
}

#[tokio::test]
async fn what_was_deleted_can_be_restored_the_principal_by_itself() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let path = trial.registration(&token, "ump-01.finebak.com").await;
    let (_, application) = trial.ask(&token, "GET", &path, None).await;
    let principal = format!(
        "/servicePrincipals(appId='{}')",
        application["appId"].as_str().unwrap()
    );
    let (_, before) = trial.ask(&token, "GET", &principal, None).await;
    let grants = "/oauth2PermissionGrants?$filter=clientId eq ";
    let grants = format!("{grants}'{}'", before["id"].as_str().unwrap());
    let (_, granted) = trial.ask(&token, "GET", &grants, None).await;

    assert_eq!(trial.ask(&token, "DELETE", &path, None).await.0, 204);
    assert_eq!(trial.ask(&token, "GET", &path, None).await.0, 404);
    assert_eq!(trial.ask(&token, "GET", &principal, None).await.0, 404);
    for of in ["application", "servicePrincipal"] {
        let path = format!("/directory/deletedItems/microsoft.graph.{of}");
        let (status, gone) = trial.ask(&token, "GET", &path, None).await;
        assert_eq!(status, 200, "{gone}");
        assert_eq!(gone["value"][0]["appId"], application["appId"]);
        assert!(gone["value"][0]["deletedDateTime"].is_string());
    }

    let deleted =
        |object: &Value| format!("/directory/deletedItems/{}", object["id"].as_str().unwrap());
    let restore = format!("{}/restore", deleted(&application));
    let (status, back) = trial.ask(&token, "POST", &restore, None).await;
    assert_eq!(status, 200, "{back}");
    assert_eq!(back["@odata.type"], "#microsoft.graph.application");
    assert_eq!(trial.ask(&token, "GET", &path, None).await.0, 200);
    assert_eq!(trial.ask(&token, "GET", &principal, None).await.0, 404);
    let restore = format!("{}/restore", deleted(&before));
    assert_eq!(trial.ask(&token, "POST", &restore, None).await.0, 200);
    assert_eq!(trial.ask(&token, "GET", &principal, None).await.1, before);
    assert_eq!(trial.ask(&token, "GET", &grants, None).await.1, granted);
}

#[tokio::test]
async fn federated_credentials_can_be_made_changed_and_removed() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let path = trial.registration(&token, "ump-01.finebak.com").await;
    let path = format!("{path}/federatedIdentityCredentials");
    let new = json!({"name": "ci", "issuer": "https://issuer.example", "subject": "a",
        "audiences": ["api://AzureADTokenExchange"]});
    let (status, made) = trial.ask(&token, "POST", &path, Some(new.clone())).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(trial.ask(&token, "POST", &path, Some(new)).await.0, 409);
    let one = format!("{path}/ci");
    let change = json!({"description": "by name"});
    assert_eq!(trial.ask(&token, "PATCH", &one, Some(change)).await.0, 204);
    assert_eq!(
        trial.ask(&token, "GET", &one, None).await.1["description"],
        "by name"
    );
    assert_eq!(trial.ask(&token, "DELETE", &one, None).await.0, 204);
    assert_eq!(trial.ask(&token, "GET", &one, None).await.0, 404);
}
