//! What clients that others wrote asked of the sandbox when they were tried, in their own forms.

use crate::support::trial::*;
use serde_json::{Value, json};

const EVENTUAL: [(&str, &str); 1] = [("ConsistencyLevel", "eventual")];

/// A new application with a service principal, and the ids of both.
async fn new_application(trial: &Trial, token: &str, body: Value) -> (Value, Value) {
    let (status, made) = trial.ask(token, "POST", "/applications", Some(body)).await;
    assert_eq!(status, 201, "{made}");
    let body = json!({"appId": made["appId"]});
    let (status, principal) = trial
        .ask(token, "POST", "/servicePrincipals", Some(body))
        .await;
    assert_eq!(status, 201, "{principal}");
    (made, principal)
}

#[tokio::test]
async fn grants_have_a_delta_that_tells_of_what_was_taken_away() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let (_, principal) = new_application(&trial, &token, json!({"displayName": "new"})).await;
    let graph = "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')";
    let (_, graph) = trial.ask(&token, "GET", graph, None).await;
    let body = json!({"clientId": principal["id"], "consentType": "AllPrincipals",
        "resourceId": graph["id"], "scope": "User.Read"});
    let next = async |link: &str| {
        let (status, page) = trial.ask(&token, "GET", link, None).await;
        assert_eq!(status, 200, "{page}");
        let link = page["@odata.deltaLink"].as_str().unwrap().to_string();
        (page["value"].as_array().unwrap().clone(), link)
    };
    let (all, link) = next("/oauth2PermissionGrants/delta()").await;
    assert!(!all.is_empty());
    let (_, made) = trial
        .ask(&token, "POST", "/oauth2PermissionGrants", Some(body))
        .await;
    let own = format!("/oauth2PermissionGrants/{}", made["id"].as_str().unwrap());
    let (news, link) = next(&link).await;
    assert_eq!(news[0]["id"], made["id"]);
    let longer = json!({"scope": "User.Read openid", "@odata.type": "#microsoft.graph.oAuth2PermissionGrant"});
    assert_eq!(trial.ask(&token, "PATCH", &own, Some(longer)).await.0, 204);
    let (news, link) = next(&link).await;
    assert_eq!(news[0]["scope"], "User.Read openid");
    assert_eq!(trial.ask(&token, "DELETE", &own, None).await.0, 204);
    let (news, link) = next(&link).await;
    assert_eq!(
        news,
        [json!({"id": made["id"], "@removed": {"reason": "deleted"}})]
    );
    assert!(next(&link).await.0.is_empty());
}

#[tokio::test]
async fn a_role_that_an_application_offers_can_be_assigned_and_must_be_switched_off_to_go() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let role = "5f0c1a4e-6f5b-4c8e-9b1c-5a3f0c7d9e21";
    let offered = |enabled: bool| {
        json!({"appRoles": [{"id": role, "value": "Sync", "displayName": "Sync", "description": "s",
            "allowedMemberTypes": ["Application", "User"], "isEnabled": enabled}]})
    };
    let mut body = offered(true);
    body["displayName"] = json!("offers a role");
    let (made, principal) = new_application(&trial, &token, body).await;
    let own = format!("/applications/{}", made["id"].as_str().unwrap());
    let id = principal["id"].as_str().unwrap();
    let to = format!("/servicePrincipals/{id}/appRoleAssignedTo");
    let (_, users) = trial.ask(&token, "GET", "/users", None).await;
    for (who, kind) in [
        (&principal["id"], "ServicePrincipal"),
        (&users["value"][0]["id"], "User"),
    ] {
        let body = json!({"principalId": who, "resourceId": id, "appRoleId": role});
        let (status, given) = trial.ask(&token, "POST", &to, Some(body)).await;
        assert_eq!((status, given["principalType"].as_str()), (201, Some(kind)));
    }
    let other = json!({"principalId": id, "resourceId": id, "appRoleId": made["id"]});
    assert_eq!(trial.ask(&token, "POST", &to, Some(other)).await.0, 400);
    let count = format!("{to}/$count");
    let (_, count) = trial.ask_with(&token, "GET", &count, None, &EVENTUAL).await;
    assert_eq!(count, json!(2));

    let none = || json!({"appRoles": []});
    let (status, refused) = trial.ask(&token, "PATCH", &own, Some(none())).await;
    assert_eq!(status, 400, "{refused}");
    assert_eq!(
        trial
            .ask(&token, "PATCH", &own, Some(offered(false)))
            .await
            .0,
        204
    );
    assert_eq!(trial.ask(&token, "PATCH", &own, Some(none())).await.0, 204);
}

#[tokio::test]
async fn an_application_for_several_tenants_gets_a_service_principal_in_another_one() {
    let trial = Trial::start("").await;
    let (home, guest) = (
        trial.app_only("Finebak").await,
        trial.app_only("Contoso Telco").await,
    );
    for (audience, status) in [("AzureADMultipleOrgs", 201), ("AzureADMyOrg", 400)] {
        let body = json!({"displayName": "far", "signInAudience": audience});
        let (_, made) = trial.ask(&home, "POST", "/applications", Some(body)).await;
        let body = json!({"appId": made["appId"]});
        let there = trial
            .ask(&guest, "POST", "/servicePrincipals", Some(body))
            .await;
        assert_eq!(there.0, status, "{there:?}");
        if status == 201 {
            assert_eq!(
                there.1["appOwnerOrganizationId"],
                trial.tenant("Finebak")["id"]
            );
            assert_eq!(there.1["displayName"], "far");
        }
    }
}

#[tokio::test]
async fn a_tenant_is_found_by_its_id_and_by_its_domain() {
    let trial = Trial::start("").await;
    let signed_in = trial.sign_in("finebak.com", ".default").await;
    let token = signed_in["access_token"].as_str().unwrap();
    let other = trial.tenant("Contoso Telco");
    let id = other["id"].as_str().unwrap();
    for path in [
        format!("findTenantInformationByTenantId(tenantId='{id}')"),
        "findTenantInformationByDomainName(domainName='contoso-telco.com')".to_string(),
    ] {
        let path = format!("/tenantRelationships/{path}");
        let (status, found) = trial.ask(token, "GET", &path, None).await;
        assert_eq!((status, &found["tenantId"]), (200, &other["id"]));
    }
    let nobody = "/tenantRelationships/findTenantInformationByTenantId(tenantId='00000000-0000-4000-8000-000000000000')";
    assert_eq!(trial.ask(token, "GET", nobody, None).await.0, 404);
    let robot = trial.app_only("Finebak").await;
    assert_eq!(trial.ask(&robot, "GET", nobody, None).await.0, 403);
}

#[tokio::test]
async fn a_batch_may_name_the_host_that_it_is_sent_to_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchanges.jsonl");
    let trial = Trial::start_with(|options| options.capture = Some(file.clone())).await;
    let token = trial.app_only("Finebak").await;
    let filter = "/applications?$filter=web/redirectUris/any(u:u eq 'https://none.example/x')";
    let batch = async |host: &str| {
        let urls = [format!("{host}/organization"), format!("{host}{filter}")];
        let each = urls.iter().enumerate();
        let requests = each.map(|(id, url)| json!({"id": id.to_string(), "method": "GET", "url": url, "depends_on": []}));
        let body = json!({"requests": requests.collect::<Vec<_>>()});
        trial.ask(&token, "POST", "/$batch", Some(body)).await
    };
    let own = format!("{}/v1.0", trial.sandbox.url());
    for host in ["", "/v1.0", own.as_str()] {
        let (status, answer) = batch(host).await;
        assert_eq!(status, 200, "{host}: {answer}");
        let all = answer["responses"].as_array().unwrap();
        assert!(all.iter().all(|one| one["status"] == 200), "{answer}");
    }
    // However it was written, it is written down the same.
    let text = std::fs::read_to_string(&file).unwrap();
    let captured = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["path"].as_str().unwrap().to_string()
    });
    let inner = captured.filter(|path| path == "/v1.0/organization");
    assert_eq!(inner.count(), 3, "{text}");
    assert_eq!(batch("https://elsewhere.example/v1.0").await.0, 400);
}

#[tokio::test]
async fn keys_casts_and_properties_are_found_in_their_rarer_forms() {
    let trial = Trial::start("").await;
    let signed_in = trial.sign_in("finebak.com", ".default").await;
    let token = signed_in["access_token"].as_str().unwrap();
    let (made, _) = new_application(&trial, token, json!({"displayName": "new"})).await;
    let own = format!("/applications('{}')", made["id"].as_str().unwrap());
    let federated = format!("{own}/federatedIdentityCredentials");
    let body =
        json!({"name": "ci", "issuer": "https://i.example", "subject": "s", "audiences": ["a"]});
    assert_eq!(
        trial.ask(token, "POST", &federated, Some(body)).await.0,
        201
    );
    for (path, count) in [
        (format!("{own}/owners/microsoft.graph.user"), 1),
        (format!("{own}/owners/graph.servicePrincipal"), 0),
    ] {
        let (status, list) = trial.ask(token, "GET", &path, None).await;
        assert_eq!(status, 200, "{path}: {list}");
        assert_eq!(list["value"].as_array().unwrap().len(), count, "{path}");
    }
    for (path, field, value) in [
        (format!("{federated}(name='ci')"), "subject", json!("s")),
        (format!("{federated}('ci')"), "subject", json!("s")),
        ("/domains/finebak.com".to_string(), "isDefault", json!(true)),
        (
            format!("{own}?$select=displayName,authenticationBehaviors"),
            "displayName",
            json!("new"),
        ),
    ] {
        let (status, one) = trial.ask(token, "GET", &path, None).await;
        assert_eq!((status, &one[field]), (200, &value), "{path}: {one}");
    }
    let (_, whole) = trial.ask(token, "GET", &own, None).await;
    assert!(whole.get("authenticationBehaviors").is_none(), "{whole}");
}

#[tokio::test]
async fn operators_in_capitals_are_read_as_in_microsofts_examples() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let ask = async |filter: &str| {
        let path = format!("/applications?$count=true&$filter={filter}");
        let (status, list) = trial.ask_with(&token, "GET", &path, None, &EVENTUAL).await;
        assert_eq!(status, 200, "{list}");
        list["@odata.count"].as_u64().unwrap()
    };
    let ump = ask("startswith(displayName,'UMP')").await;
    assert!(ump > 0);
    let both = "startswith(displayName,'UMP') OR NOT(startswith(displayName,'UMP'))";
    assert_eq!(
        ask("startswith(displayName,'UMP') AND displayName ne 'x'").await,
        ump
    );
    assert!(ask(both).await > ump);
}

#[tokio::test]
async fn a_persons_memberships_are_the_roles_that_were_assigned() {
    let trial = Trial::start("").await;
    let signed_in = trial.sign_in("finebak.com", ".default").await;
    let token = signed_in["access_token"].as_str().unwrap();
    let (_, me) = trial.ask(token, "GET", "/me", None).await;
    let of_user = format!("/users/{}", me["id"].as_str().unwrap());
    for who in ["/me", &of_user] {
        for (path, listed) in [
            ("memberOf", 1),
            ("transitiveMemberOf/microsoft.graph.directoryRole", 1),
            ("memberOf/microsoft.graph.group", 0),
        ] {
            let path = format!("{who}/{path}");
            let (status, list) = trial.ask(token, "GET", &path, None).await;
            assert_eq!(status, 200, "{path}: {list}");
            assert_eq!(list["value"].as_array().unwrap().len(), listed, "{path}");
        }
    }
}
