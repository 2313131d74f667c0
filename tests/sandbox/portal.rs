//! What the sandbox's portals and its training interface promise, over real HTTP.

use std::collections::BTreeMap;

use crate::support::trial::Trial;
use reqwest::Method;
use serde_json::{Value, json};

/// A token of the training application for the portals.
async fn portal_token(trial: &Trial, name: &str) -> String {
    let scope = trial.tenant(name)["portalScope"].as_str().unwrap();
    trial.app_only_for(name, scope).await
}

/// A call of a portal's interface.
async fn portal(
    trial: &Trial,
    token: &str,
    method: Method,
    fqdn: &str,
    path: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let url = format!("{}/portal/{fqdn}/tenantui/api{path}", trial.sandbox.url());
    let mut request = trial.client.request(method, url).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// What a portal holds.
async fn portal_state(trial: &Trial, fqdn: &str) -> Value {
    let state = trial.get("/sandbox/state").await;
    let devices = state["devices"].as_array().unwrap();
    let found = devices.iter().find(|one| one["fqdn"] == fqdn);
    found.unwrap().clone()
}

const SETTINGS: &str = "/settings/auth-tokens";

#[tokio::test]
async fn the_fleet_is_as_large_and_as_troubled_as_promised() {
    let trial = Trial::start("").await;
    let origin = trial.sandbox.url();
    assert_eq!(trial.inventory["login"], origin);
    assert_eq!(trial.inventory["graph"], origin);
    let mut per_tenant: BTreeMap<&str, usize> = BTreeMap::new();
    for device in trial.inventory["devices"].as_array().unwrap() {
        assert!(device["portalUrl"].as_str().unwrap().starts_with(&origin));
        assert_eq!(device["blueprint"], "consent-2025");
        let tenant = trial.inventory["tenants"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == device["tenantId"])
            .unwrap();
        let fqdn = device["fqdn"].as_str().unwrap();
        let profile = match fqdn.split('.').next().unwrap() {
            _ if tenant["name"] == "Northwind Voice" => "handoff",
            "voice09" => "sandbox-tasks",
            "voice10" => "sandbox-form",
            "voice11" => "sandbox-open",
            _ => "sandbox",
        };
        assert_eq!(device["portalProfile"], profile, "{fqdn}");
        *per_tenant
            .entry(tenant["name"].as_str().unwrap())
            .or_default() += 1;
    }
    let wanted = [
        ("Contoso Telco", 14),
        ("Fabrikam Carrier", 2),
        ("Finebak", 9),
        ("Northwind Voice", 5),
    ];
    assert_eq!(per_tenant, BTreeMap::from(wanted));
    let customers = trial.inventory["customers"].as_array().unwrap();
    assert!(customers.len() >= 60);
    let of_livecloud = customers
        .iter()
        .filter(|one| one["device"] == "livecloud.finebak.com");
    assert_eq!(of_livecloud.count(), 12);
    let named = |test: fn(char) -> bool| {
        customers
            .iter()
            .any(|one| one["fullName"].as_str().unwrap().contains(test))
    };
    assert!(named(|c| c == '\u{1b}'), "an escape sequence");
    assert!(named(|c| c == '\u{202e}'), "a bidi override");
    assert!(
        named(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)),
        "wide characters"
    );
    assert!(customers.iter().any(|one| one["redirectUri"].is_string()));
}

#[tokio::test]
async fn a_registration_is_where_the_data_says_and_only_there() {
    let trial = Trial::start("").await;
    let state = trial.get("/sandbox/state").await;
    let mut unique: Vec<&str> = Vec::new();
    for tenant in state["tenants"].as_array().unwrap() {
        for application in tenant["applications"].as_array().unwrap() {
            unique.extend(application["uniqueName"].as_str());
        }
    }
    let without: Vec<&str> = trial.inventory["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| device["fqdn"].as_str().unwrap())
        .filter(|fqdn| !unique.contains(&format!("umpdeck.{fqdn}").as_str()))
        .collect();
    assert_eq!(
        without,
        [
            "ump-lab.finebak.com",
            "ump-02.finebak.com",
            "voice02.contoso-telco.com",
            "voice08.contoso-telco.com",
            "voice13.contoso-telco.com",
            "voice14.contoso-telco.com",
            "sbc-new.northwind-voice.com"
        ],
        "not registered, sharing another's, or made by hand"
    );
}

#[tokio::test]
async fn the_secret_that_livecloud_uses_ended_three_days_ago() {
    let trial = Trial::start("").await;
    let portal = portal_state(&trial, "livecloud.finebak.com").await;
    let token = trial.app_only("Finebak").await;
    let client = portal["clientId"].as_str().unwrap();
    let path = format!("/applications(appId='{client}')");
    let (_, application) = trial.ask(&token, "GET", &path, None).await;
    let secret = &application["passwordCredentials"][0];
    assert_eq!(secret["keyId"], portal["secretKeyId"]);
    let end: jiff::Timestamp = secret["endDateTime"].as_str().unwrap().parse().unwrap();
    let ago = jiff::Timestamp::now().duration_since(end).as_hours();
    assert_eq!(ago / 24, 3, "{ago} hours");
}

#[tokio::test]
async fn the_portal_never_shows_a_secrets_value() {
    let trial = Trial::start("").await;
    let token = portal_token(&trial, "Finebak").await;
    let (_, settings) = portal(
        &trial,
        &token,
        Method::GET,
        "livecloud.finebak.com",
        SETTINGS,
        None,
    )
    .await;
    assert_eq!(settings["ClientSecretSet"], true);
    assert!(settings.get("ClientSecret").is_none());
}

#[tokio::test]
async fn a_push_is_stored_and_read_back() {
    let trial = Trial::start("").await;
    let token = portal_token(&trial, "Finebak").await;
    let fqdn = "ump-eu.finebak.com";
    let client = "11111111-2222-4333-8444-555555555555";
    let uri = "https://ump-eu.finebak.com/authenticate/OAuth2Callback";
    let body = json!({"ClientId": client, "ClientSecret": "s3cret", "RedirectUrl": uri});
    let (status, answer) = portal(&trial, &token, Method::PUT, fqdn, SETTINGS, Some(body)).await;
    assert_eq!(
        (status, &answer["Message"]["Kind"]),
        (200, &json!("Success"))
    );
    let kept = json!({"ClientId": client, "RedirectUrl": uri});
    portal(&trial, &token, Method::PUT, fqdn, SETTINGS, Some(kept)).await;
    let (_, settings) = portal(&trial, &token, Method::GET, fqdn, SETTINGS, None).await;
    let wanted = json!({"ClientId": client, "RedirectUrl": uri, "ClientSecretSet": true,
        "CustomerAuthenticationPortalUrl": "https://ump-eu.finebak.com/authenticate"});
    assert_eq!(settings, wanted);
}

#[tokio::test]
async fn the_portals_errors_come_inside_a_200() {
    let trial = Trial::start("").await;
    let token = portal_token(&trial, "Finebak").await;
    let fqdn = "ump-eu.finebak.com";
    let client = "11111111-2222-4333-8444-555555555555";
    for wrong in [
        json!({"ClientId": "not a guid", "ClientSecret": "x", "RedirectUrl": "https://a.example/"}),
        json!({"ClientId": client, "ClientSecret": "x", "RedirectUrl": "http://a.example/"}),
        json!({"ClientId": client, "ClientSecret": "", "RedirectUrl": "https://a.example/"}),
        json!([]),
    ] {
        let (status, answer) =
            portal(&trial, &token, Method::PUT, fqdn, SETTINGS, Some(wrong)).await;
        assert_eq!((status, &answer["Message"]["Kind"]), (200, &json!("Error")));
        assert!(answer["Message"]["Text"].is_string());
    }
    assert_eq!(portal_state(&trial, fqdn).await["clientId"], "");
}

#[tokio::test]
async fn a_portal_answers_its_own_tenants_application_only() {
    let trial = Trial::start("").await;
    let (finebak, contoso) = ("ump-eu.finebak.com", "voice01.contoso-telco.com");
    let token = portal_token(&trial, "Finebak").await;
    let ask = |token: String, fqdn: &'static str| {
        let trial = &trial;
        async move {
            portal(trial, &token, Method::GET, fqdn, SETTINGS, None)
                .await
                .0
        }
    };
    assert_eq!(ask(token.clone(), finebak).await, 200);
    assert_eq!(ask(token.clone(), contoso).await, 403);
    assert_eq!(ask("nonsense".to_string(), finebak).await, 401);
    let graph = trial
        .app_only_for("Finebak", "https://graph.microsoft.com/.default")
        .await;
    assert_eq!(ask(graph, finebak).await, 401, "another audience");
    let northwind = portal_token(&trial, "Northwind Voice").await;
    assert_eq!(ask(northwind, "sbc-a.northwind-voice.com").await, 404);
}

#[tokio::test]
async fn customers_and_invitations_tell_the_same_story() {
    let trial = Trial::start("").await;
    let token = portal_token(&trial, "Finebak").await;
    let fqdn = "ump-dr.finebak.com";
    let (_, customers) = portal(
        &trial,
        &token,
        Method::GET,
        fqdn,
        "/v3/customer?allDetails=false",
        None,
    )
    .await;
    let (_, invitations) = portal(
        &trial,
        &token,
        Method::GET,
        fqdn,
        "/settings/invitations",
        None,
    )
    .await;
    let (customers, invitations) = (
        customers.as_array().unwrap(),
        invitations.as_array().unwrap(),
    );
    assert_eq!((customers.len(), invitations.len()), (5, 5));
    for (customer, invitation) in customers.iter().zip(invitations) {
        assert_eq!(customer["CustomerShortName"], invitation["ID"]);
        assert_eq!(customer["MsTenantId"], invitation["MsTenantId"]);
    }
    let pending: Vec<&Value> = invitations
        .iter()
        .filter(|one| one["DeviceAuthenticated"] == false)
        .collect();
    assert_eq!(pending.len(), 2);
    assert!(pending.iter().any(|one| one["AdminRoles"].is_array()));
    assert!(pending.iter().any(|one| one["AdminRoles"].is_null()));
}

#[tokio::test]
async fn a_person_can_type_into_a_portal_without_an_interface() {
    let trial = Trial::start("").await;
    let fqdn = "sbc-new.northwind-voice.com";
    let url = format!("{}/sandbox/handoff/{fqdn}", trial.sandbox.url());
    let client = "11111111-2222-4333-8444-555555555555";
    let uri = "https://sbc-new.northwind-voice.com/authenticate/OAuth2Callback";
    let body = json!({"ClientId": client, "ClientSecret": "x", "RedirectUrl": uri});
    let response = trial.client.post(url).json(&body).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 204);
    let portal = portal_state(&trial, fqdn).await;
    assert_eq!(
        (&portal["clientId"], &portal["redirectUrl"]),
        (&json!(client), &json!(uri))
    );
    assert_eq!(
        portal["secretKeyId"],
        Value::Null,
        "no secret of the tenant"
    );
}

#[tokio::test]
async fn requests_are_remembered_until_cleared() {
    let trial = Trial::start("").await;
    let token = portal_token(&trial, "Finebak").await;
    portal(
        &trial,
        &token,
        Method::GET,
        "ump-eu.finebak.com",
        SETTINGS,
        None,
    )
    .await;
    let log = trial.get("/sandbox/requests").await;
    assert_eq!(log.as_array().unwrap().len(), 2, "{log}");
    let wanted = json!({"method": "GET", "status": 200,
        "path": "/portal/ump-eu.finebak.com/tenantui/api/settings/auth-tokens"});
    assert_eq!(log[1], wanted);
    let url = format!("{}/sandbox/requests", trial.sandbox.url());
    trial.client.delete(url).send().await.unwrap();
    assert_eq!(trial.get("/sandbox/requests").await, json!([]));
}

#[tokio::test]
async fn every_start_begins_anew_with_the_same_ids() {
    let first = Trial::start("").await;
    let token = portal_token(&first, "Finebak").await;
    let body = json!({"ClientId": "11111111-2222-4333-8444-555555555555",
        "RedirectUrl": "https://a.example/"});
    portal(
        &first,
        &token,
        Method::PUT,
        "ump-eu.finebak.com",
        SETTINGS,
        Some(body),
    )
    .await;
    let changed = first.get("/sandbox/state").await;
    first.sandbox.stop().await;
    let second = Trial::start("").await;
    let fresh = second.get("/sandbox/state").await;
    assert_ne!(changed, fresh);
    assert_eq!(changed["tenants"], fresh["tenants"]);
}
