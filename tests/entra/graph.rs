//! Microsoft Graph's typed reads and the way for changes, tried over real loopback HTTP.

use std::sync::Arc;

use crate::support::server::{Reply, Seen, Server, TestClock, empty, json, token};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use umpdeck::entra::failure::GraphError;
use umpdeck::entra::graph::{
    DEFAULT_POLICY, Graph, resource_principal_in, resource_principal_path, secret_policy_in,
};
use umpdeck::entra::signin::{Session, SessionSettings, SignIn, SignInError};
use umpdeck::http::{Body, HttpError, Method, Request};
use umpdeck::registration::observed::{FailureKind, PermissionKind, SecretRestrictionKind};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(7);

/// A sign-in service that hands out tokens by number, as `app-0`, `app-1` …
async fn login() -> Server {
    Server::start(|_, number| {
        let claims = json!({"idtyp": "app", "appid": format!("app-{number}"), "roles": ["Application.Read.All"]});
        json(200, json!({"access_token": token(&claims), "expires_in": 3600}))
    })
    .await
}

struct World {
    graph: Graph,
    server: Server,
    login: Server,
}

async fn world(server: Server) -> World {
    let (login, clock) = (login().await, TestClock::new());
    let settings = SessionSettings {
        tenant: Uuid::from_u128(1),
        way: SignIn::ClientSecret {
            client_id: Uuid::from_u128(2),
            secret: SecretString::from("hush-hush"),
        },
        resource: server.url.clone(),
        scopes: vec![],
    };
    let session = Session::new(settings, login.client(&clock));
    World {
        graph: Graph::new(server.client(&clock), session),
        server,
        login,
    }
}

async fn scripted(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> World {
    world(Server::start(script).await).await
}

fn app(number: u128) -> Value {
    let id = Uuid::from_u128(number);
    json!({"id": id, "appId": id, "displayName": format!("UMP {number}")})
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    json(status, json!({"error": {"code": code, "message": message}}))
}

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

#[tokio::test]
async fn a_token_that_graph_does_not_take_is_renewed_once() {
    let world = scripted(|_, number| match number {
        0 => error(
            401,
            "InvalidAuthenticationToken",
            "Lifetime validation failed",
        ),
        _ => json(200, json!({"value": []})),
    })
    .await;
    world.graph.applications().await.unwrap();
    assert_eq!(world.login.seen().len(), 2);
    let seen = world.server.seen();
    assert_ne!(
        seen[0].header("authorization"),
        seen[1].header("authorization")
    );

    let always =
        scripted(|_, _| error(401, "InvalidAuthenticationToken", "Invalid audience.\nmore")).await;
    let refused = always.graph.applications().await.unwrap_err();
    assert_eq!(
        refused,
        GraphError::SignIn(SignInError::TokenRefused("Invalid audience.".into()))
    );
    assert_eq!(always.server.seen().len(), 2);
}

#[tokio::test]
async fn a_claims_challenge_asks_for_a_new_sign_in() {
    let challenge = r#"Bearer realm="", error="insufficient_claims", claims="eyJ9""#;
    let in_header = scripted(move |_, _| empty(401).with("www-authenticate", challenge)).await;
    let in_body = scripted(|_, _| json(403, json!({"error": "insufficient_claims"}))).await;
    for world in [in_header, in_body] {
        let error = world.graph.applications().await.unwrap_err();
        assert_eq!(error, GraphError::SignIn(SignInError::ClaimsChallenge));
        assert_eq!(
            error.failure(Timestamp::UNIX_EPOCH).kind,
            FailureKind::SignIn
        );
        assert_eq!(world.server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_change_names_the_permission_that_the_token_lacks() {
    let world = scripted(|_, _| {
        error(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
        .with("request-id", "r-1")
    })
    .await;
    let request = Request::new(Method::Post, format!("/v1.0/applications/{ID}/addPassword"))
        .with_body(Body::Json(json!({})));
    let error = world.graph.send(&request).await.unwrap_err();
    let failure = error.failure(Timestamp::UNIX_EPOCH);
    assert_eq!(failure.kind, FailureKind::NotPermitted);
    assert!(
        failure
            .why
            .contains("the token lacks Application.ReadWrite.All"),
        "{}",
        failure.why
    );
    assert_eq!(error.refusal().unwrap().request_id.as_deref(), Some("r-1"));
    let reading = world
        .graph
        .send(&Request::get(DEFAULT_POLICY))
        .await
        .unwrap_err()
        .failure(Timestamp::UNIX_EPOCH);
    assert!(reading.why.contains("Policy.Read.All"), "{}", reading.why);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_unknown_and_not_repeated() {
    let world = scripted(|_, _| Reply::Drop).await;
    let request = Request::new(Method::Post, format!("/v1.0/applications/{ID}/addPassword"));
    let error = world.graph.send(&request).await.unwrap_err();
    assert!(
        matches!(error, GraphError::Http(HttpError::UnknownOutcome { .. })),
        "{error}"
    );
    assert!(error.is_unknown_outcome());
    assert_eq!(world.server.seen().len(), 1);
}

#[tokio::test]
async fn no_more_than_four_requests_go_to_a_tenant_at_once() {
    let gate = Arc::new(Semaphore::new(0));
    let server = Server::gated(|_, _| json(200, app(1)), gate.clone()).await;
    let world = world(server).await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let graph = world.graph.clone();
            tokio::spawn(async move { graph.application(ID).await })
        })
        .collect();
    let mut open = world.server.open.clone();
    open.wait_for(|open| *open >= 4).await.unwrap();
    // Requests of somebody else, begun after all eight: when the last of them has arrived, a fifth of the eight would have.
    let marker = world.server.client(&TestClock::new());
    let marks: Vec<_> = (0..4)
        .map(|_| {
            let marker = marker.clone();
            tokio::spawn(async move { marker.send(&Request::get("/marker"), None).await })
        })
        .collect();
    open.wait_for(|open| *open >= 8).await.unwrap();
    let seen = world.server.seen();
    let of_graph = seen.iter().filter(|one| one.target != "/marker").count();
    assert_eq!(of_graph, 4);
    gate.add_permits(12);
    for mark in marks {
        mark.await.unwrap().unwrap();
    }
    for call in calls {
        assert!(call.await.unwrap().unwrap().is_some());
    }
    assert_eq!(world.server.seen().len(), 12);
}

/// The answers of a batch to the ids that were asked for, the last first.
fn batched(seen: &Seen, answer: impl Fn(&str) -> Value) -> Reply {
    let asked: Value = serde_json::from_str(&seen.body).unwrap();
    let requests = asked["requests"].as_array().unwrap();
    let responses: Vec<Value> = requests
        .iter()
        .rev()
        .map(|one| {
            let mut response = answer(one["url"].as_str().unwrap());
            response["id"] = one["id"].clone();
            response
        })
        .collect();
    json(200, json!({ "responses": responses }))
}

#[tokio::test]
async fn many_reads_go_twenty_a_request_and_come_back_in_their_order() {
    let world = scripted(|seen, _| {
        batched(seen, |url| {
            let id = url.split(['/', '?']).nth(2).unwrap();
            match id.ends_with('7') {
                true => {
                    json!({"status": 404, "body": {"error": {"code": "Request_ResourceNotFound"}}})
                }
                false => json!({"status": 200, "body": {"id": id, "appId": id}}),
            }
        })
    })
    .await;
    let ids: Vec<Uuid> = (1..=45).map(Uuid::from_u128).collect();
    let read = world.graph.applications_by_id(&ids).await.unwrap();
    assert_eq!(world.server.seen().len(), 3);
    for (id, (read_id, app)) in ids.iter().zip(&read) {
        assert_eq!(read_id, id);
        let there = !id.to_string().ends_with('7');
        assert_eq!(app.as_ref().map(|app| app.object_id), there.then_some(*id));
    }
}

#[tokio::test]
async fn what_is_put_off_within_a_batch_is_waited_for_and_only_that_is_sent_again() {
    let world = scripted(|seen, number| {
        batched(seen, |url| {
            let id = url.split(['/', '?']).nth(2).unwrap();
            match number == 0 && !id.ends_with('1') {
                true => json!({"status": 429, "headers": {"Retry-After": "9"}, "body": {}}),
                false => json!({"status": 200, "body": {"id": id, "appId": id}}),
            }
        })
    })
    .await;
    let ids = [1, 2, 3].map(Uuid::from_u128);
    let read = world.graph.applications_by_id(&ids).await.unwrap();
    assert!(read.iter().all(|(_, app)| app.is_some()));
    let seen = world.server.seen();
    assert_eq!(seen.len(), 2);
    let again: Value = serde_json::from_str(&seen[1].body).unwrap();
    assert_eq!(again["requests"].as_array().unwrap().len(), 2);
    let clock = world.graph.client().clock();
    assert_eq!(clock.stopwatch().as_secs(), 9);
}

#[tokio::test]
async fn a_refusal_within_a_batch_names_what_the_token_lacks() {
    let world = scripted(|seen, _| {
        batched(
            seen,
            |_| json!({"status": 403, "body": {"error": {"code": "Authorization_RequestDenied"}}}),
        )
    })
    .await;
    let paths = [DEFAULT_POLICY, "/v1.0/policies/appManagementPolicies"].map(String::from);
    let answers = world.graph.read_many(&paths).await.unwrap();
    for answer in answers {
        let why = answer.unwrap_err().to_string();
        assert!(why.contains("the token lacks Policy.Read.All"), "{why}");
    }
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
