//! What is read: lists to their end, single objects, and what is not there.

use super::*;
use umpdeck::entra::graph::{resource_principal_in, resource_principal_path, secret_policy_in};
use umpdeck::registration::observed::SecretRestrictionKind;

fn host(seen: &Seen) -> String {
    format!("http://{}", seen.header("host").unwrap())
}

#[tokio::test]
async fn a_list_is_followed_to_its_end_over_an_empty_page() {
    let world = scripted(|seen, number| {
        let link = |token: &str| format!("{}/v1.0/applications?$skiptoken={token}", host(seen));
        json(
            200,
            match number {
                0 => json!({"value": [app(1), app(2)], "@odata.nextLink": link("a%2Bb")}),
                1 => json!({"value": [], "@odata.nextLink": link("c")}),
                _ => json!({"value": [app(3)]}),
            },
        )
    })
    .await;
    let all = world.graph.applications().await.unwrap();
    let names: Vec<_> = all.iter().map(|one| one.display_name.as_str()).collect();
    assert_eq!(names, ["UMP 1", "UMP 2", "UMP 3"]);
    let seen = world.server.seen();
    assert!(seen[0].target.contains("$top=999") && seen[0].target.contains("$select=id,appId"));
    assert_eq!(
        seen[1].target, "/v1.0/applications?$skiptoken=a%2Bb",
        "followed letter by letter"
    );
    assert!(seen.iter().all(|one| {
        one.header("authorization")
            .unwrap()
            .starts_with("Bearer e30.")
    }));
    assert_eq!(world.login.seen().len(), 1);
}

#[tokio::test]
async fn a_list_that_goes_on_at_another_host_is_refused() {
    let thief = Server::start(|_, _| json(200, json!({"value": []}))).await;
    let link = format!("{}/v1.0/applications?$skiptoken=a", thief.url);
    let world =
        scripted(move |_, _| json(200, json!({"value": [], "@odata.nextLink": link}))).await;
    assert_eq!(
        world.graph.applications().await.unwrap_err(),
        GraphError::ForeignLink
    );
    assert!(thief.seen().is_empty());
}

#[tokio::test]
async fn a_list_that_leads_to_itself_ends() {
    let world = scripted(|seen, _| {
        let link = format!("{}{}", host(seen), seen.target);
        json(200, json!({"value": [], "@odata.nextLink": link}))
    })
    .await;
    let error = world.graph.applications().await.unwrap_err();
    assert!(matches!(error, GraphError::Answer { .. }), "{error}");
}

#[tokio::test]
async fn a_link_that_graph_has_forgotten_or_that_leads_elsewhere_means_listing_again() {
    let world = scripted(|_, _| error(410, "syncStateNotFound", "Start again.")).await;
    let link = format!("{}/v1.0/applications/delta?$deltatoken=a", world.server.url);
    assert_eq!(world.graph.changes(&link).await.unwrap(), None);
    let elsewhere = "https://graph.example/v1.0/applications/delta?$deltatoken=a";
    assert_eq!(world.graph.changes(elsewhere).await.unwrap(), None);
    assert_eq!(world.server.seen().len(), 1, "the token went nowhere else");
}

#[tokio::test]
async fn what_is_not_there_is_none_and_its_name_stays_one_literal() {
    let world =
        scripted(|_, _| error(404, "Request_ResourceNotFound", "Resource does not exist")).await;
    let graph = &world.graph;
    assert_eq!(
        graph
            .application_by_unique_name("umpdeck.o'neill/x")
            .await
            .unwrap(),
        None
    );
    assert_eq!(graph.application(ID).await.unwrap(), None);
    assert_eq!(graph.service_principal(ID).await.unwrap(), None);
    let resource = graph
        .send(&Request::get(resource_principal_path(&ID)))
        .await;
    assert_eq!(resource_principal_in(resource).unwrap(), None);
    let target = &world.server.seen()[0].target;
    assert!(
        target.contains("uniqueName=%27umpdeck.o%27%27neill%2Fx%27")
            || target.contains("uniqueName='umpdeck.o%27%27neill%2Fx'"),
        "{target}"
    );
}

#[tokio::test]
async fn filters_are_escaped_and_the_advanced_one_bears_its_header() {
    let world = scripted(|_, _| json(200, json!({"value": [app(1)]}))).await;
    let graph = &world.graph;
    let uri = "https://ump.example.com/a?b=c&d";
    assert_eq!(
        graph
            .applications_with_redirect_uri(uri)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        graph
            .applications_named("O'Neill & co")
            .await
            .unwrap()
            .len(),
        1
    );
    let seen = world.server.seen();
    let filter = |seen: &Seen| {
        let query = seen.target.split_once('?').unwrap().1.to_string();
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "$filter")
            .map(|(_, value)| value.into_owned())
            .unwrap()
    };
    assert_eq!(
        filter(&seen[0]),
        format!("web/redirectUris/any(u:u eq '{uri}')")
    );
    assert_eq!(seen[0].header("consistencylevel"), Some("eventual"));
    assert!(seen[0].target.contains("$count=true"));
    assert_eq!(filter(&seen[1]), "displayName eq 'O''Neill & co'");
    assert_eq!(seen[1].header("consistencylevel"), None);
}

#[tokio::test]
async fn consent_is_what_everybody_has_of_scopes_and_roles() {
    let world = scripted(|seen, _| {
        let grant = |kind: &str, scope: &str| json!({"id": "g", "clientId": ID, "consentType": kind, "resourceId": ID, "scope": scope});
        let value = if seen.target.ends_with("oauth2PermissionGrants") {
            json!([grant("AllPrincipals", " User.Read  Group.ReadWrite.All"), grant("Principal", "Mail.Read")])
        } else {
            json!([{"id": "x", "resourceId": ID, "appRoleId": ID, "principalId": ID}])
        };
        json(200, json!({"value": value}))
    })
    .await;
    let consents = world.graph.consents(ID).await.unwrap();
    let read: Vec<_> = consents
        .iter()
        .map(|one| (one.kind, one.permission.clone()))
        .collect();
    assert_eq!(
        read,
        [
            (PermissionKind::Delegated, "User.Read".to_string()),
            (PermissionKind::Delegated, "Group.ReadWrite.All".to_string()),
            (PermissionKind::Application, ID.to_string()),
        ]
    );
}

#[tokio::test]
async fn policies_principals_bin_and_tenant_are_read() {
    let world = scripted(|seen, _| {
        let path = seen.target.split('?').next().unwrap();
        let restriction = json!([{"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": "P180D"}]);
        json(200, match path {
            "/v1.0/policies/defaultAppManagementPolicy" => json!({"displayName": "Default", "isEnabled": true,
                "applicationRestrictions": {"passwordCredentials": restriction}}),
            "/v1.0/servicePrincipals" => json!({"value": [
                {"id": ID, "appId": Uuid::from_u128(1), "accountEnabled": false},
                {"id": ID, "appId": Uuid::from_u128(2), "accountEnabled": null}]}),
            "/v1.0/directory/deletedItems/graph.application" => {
                let mut gone = app(1);
                gone["uniqueName"] = "umpdeck.a.example".into();
                gone["deletedDateTime"] = "2026-11-01T00:00:00Z".into();
                json!({"value": [gone]})
            }
            "/v1.0/organization" => json!({"value": [{"id": ID, "displayName": "Finebak",
                "verifiedDomains": [{"name": "x.onmicrosoft.com"}, {"name": "finebak.com", "isDefault": true}]}]}),
            path if path.ends_with("/appManagementPolicies") => json!({"value": []}),
            path if path.starts_with("/v1.0/servicePrincipals(") => json!({"id": ID, "appId": ID, "displayName": "Microsoft Graph",
                "oauth2PermissionScopes": [{"id": ID, "value": "User.Read"}], "appRoles": null}),
            other => panic!("unexpected {other}"),
        })
    })
    .await;
    let graph = &world.graph;
    let policy = graph.send(&Request::get(DEFAULT_POLICY)).await.unwrap();
    let policy = secret_policy_in(policy).unwrap();
    assert_eq!(
        policy.restrictions[0].kind,
        SecretRestrictionKind::MaxLifetimeSeconds(15_552_000)
    );
    assert_eq!(graph.application_policy(ID).await.unwrap(), None);
    let principals = graph
        .service_principals(&[1, 2, 3].map(Uuid::from_u128))
        .await
        .unwrap();
    assert!(!principals[&Uuid::from_u128(1)].enabled);
    assert!(principals[&Uuid::from_u128(2)].enabled);
    assert!(!principals.contains_key(&Uuid::from_u128(3)));
    let gone = graph.deleted_applications().await.unwrap();
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].application.object_id, Uuid::from_u128(1));
    assert_eq!(gone[0].at.to_string(), "2026-11-01T00:00:00Z");
    let tenant = graph.organization().await.unwrap();
    assert_eq!(tenant.primary_domain.as_deref(), Some("finebak.com"));
    let resource = graph
        .send(&Request::get(resource_principal_path(&ID)))
        .await;
    let resource = resource_principal_in(resource).unwrap().unwrap();
    assert_eq!(resource.scopes[0].value, "User.Read");
    assert_eq!(graph.identity().await.unwrap().name, "app-0");
}
