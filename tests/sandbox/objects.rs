//! What the sandbox's applications, service principals and grants promise, over real HTTP.

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
async fn a_tenants_policy_bounds_a_secrets_lifetime() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Contoso Telco").await;
    let policy = "/policies/defaultAppManagementPolicy";
    let (_, policy) = trial.ask(&token, "GET", policy, None).await;
    let restriction = &policy["applicationRestrictions"]["passwordCredentials"][0];
    assert_eq!(restriction["maxLifetime"], "P180D");
    let ends = |days: i64| {
        let end = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
        Some(json!({"passwordCredential": {"endDateTime": end.to_string()}}))
    };
    for (host, days, wanted) in [
        ("voice01", 179, 200),
        ("voice01", 181, 400),
        ("voice12", 181, 200),
        ("voice12", 366, 400),
    ] {
        let fqdn = format!("{host}.contoso-telco.com");
        let path = trial.registration(&token, &fqdn).await;
        let add = format!("{path}/addPassword");
        let (status, body) = trial.ask(&token, "POST", &add, ends(days)).await;
        assert_eq!(status, wanted, "{host} {days}: {body}");
        if status == 400 {
            assert_eq!(
                body["error"]["code"],
                "CredentialInvalidLifetimeAsPerAppPolicy"
            );
            assert_eq!(body["error"]["details"][0]["code"], "InvalidKeyEndDate");
        }
    }
    let own = trial
        .registration(&token, "voice12.contoso-telco.com")
        .await
        + "/appManagementPolicies";
    let (_, own) = trial.ask(&token, "GET", &own, None).await;
    assert_eq!(own["value"].as_array().unwrap().len(), 1);
}

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

/// Days from now until the application's last secret ends, rounded.
fn days_left(application: &Value) -> i64 {
    let secrets = application["passwordCredentials"].as_array().unwrap();
    let end = secrets.last().unwrap()["endDateTime"].as_str().unwrap();
    let end: jiff::Timestamp = end.parse().unwrap();
    (end.duration_since(jiff::Timestamp::now()).as_secs() + 43_200).div_euclid(86_400)
}

#[tokio::test]
async fn what_is_wrong_with_the_fleet_can_be_read() {
    let trial = Trial::start("").await;
    let finebak = trial.app_only("Finebak").await;
    let contoso = trial.app_only("Contoso Telco").await;
    let read = async |fqdn: &str| {
        let token = match fqdn.ends_with("finebak.com") {
            true => &finebak,
            false => &contoso,
        };
        let path = trial.registration(token, fqdn).await;
        trial.ask(token, "GET", &path, None).await.1
    };
    let uris = |application: &Value, platform: &str| {
        application[platform]["redirectUris"]
            .as_array()
            .unwrap()
            .len()
    };
    let permissions = |application: &Value| {
        application["requiredResourceAccess"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["resourceAccess"].as_array().unwrap().len())
            .sum::<usize>()
    };

    let good = read("ump-01.finebak.com").await;
    assert_eq!(good["signInAudience"], "AzureADMultipleOrgs");
    assert_eq!(good["isFallbackPublicClient"], true);
    assert_eq!(good["verifiedPublisher"]["verifiedPublisherId"], "1234567");
    assert_eq!(good["displayName"], "UMP Sync ump-01");
    assert_eq!((permissions(&good), days_left(&good)), (6, 540));
    assert_eq!(uris(&good, "web"), 2, "shared with ump-02");

    let west = read("ump-west.finebak.com").await;
    let implicit = &west["web"]["implicitGrantSettings"];
    assert_eq!(implicit["enableIdTokenIssuance"], false);
    assert_eq!(implicit["enableAccessTokenIssuance"], true);
    assert_eq!(permissions(&west), 5, "two are missing, one is extra");
    assert!(
        west.to_string()
            .contains("e1fe6dd8-ba31-4d61-89e7-88639da4683d")
    );

    assert_eq!(days_left(&read("livecloud.finebak.com").await), -3);
    assert_eq!(days_left(&read("voice06.contoso-telco.com").await), 40);
    assert_eq!(days_left(&read("voice07.contoso-telco.com").await), 12);
    let spa = read("voice04.contoso-telco.com").await;
    assert_eq!((uris(&spa, "web"), uris(&spa, "spa")), (0, 1));
    let audience = read("voice05.contoso-telco.com").await;
    assert_eq!(audience["signInAudience"], "AzureADMyOrg");
    assert_eq!(permissions(&read("voice09.contoso-telco.com").await), 7);

    let state = trial.get("/sandbox/state").await;
    let other = read("voice03.contoso-telco.com").await;
    let portals = state["devices"].as_array().unwrap();
    let portal = |fqdn: &str| portals.iter().find(|one| one["fqdn"] == fqdn).unwrap();
    assert_ne!(
        portal("voice03.contoso-telco.com")["clientId"],
        other["appId"]
    );
    assert_eq!(portal("ump-01.finebak.com")["clientId"], good["appId"]);
    assert_eq!(portal("ump-02.finebak.com")["clientId"], good["appId"]);
    assert_eq!(portal("ump-eu.finebak.com")["clientId"], "");

    let by_hand = "https://voice08.contoso-telco.com/authenticate/OAuth2Callback";
    let path = format!("/applications?$filter=web/redirectUris/any(u:u eq '{by_hand}')");
    let (_, found) = trial.ask(&contoso, "GET", &path, None).await;
    assert_eq!(found["value"][0]["uniqueName"], Value::Null);
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
async fn federated_credentials_and_roles_and_users_can_be_read_and_written() {
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
