//! What the sandbox's sign-in promises, over real HTTP.

mod sandbox_support;

use sandbox_support::*;
use serde_json::{Value, json};
use umpdeck::sandbox::{Sandbox, SandboxError, SandboxOptions};

#[tokio::test]
async fn a_sandbox_stays_on_this_machine_and_names_a_taken_port() {
    let everywhere = SandboxOptions {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..SandboxOptions::default()
    };
    assert!(matches!(
        Sandbox::start(everywhere).await,
        Err(SandboxError::NotLoopback(_))
    ));
    let trial = Trial::start("").await;
    let taken = SandboxOptions {
        listen: trial.sandbox.url()["http://".len()..].parse().unwrap(),
        ..SandboxOptions::default()
    };
    assert!(matches!(
        Sandbox::start(taken).await,
        Err(SandboxError::PortInUse(_))
    ));
    let line: Value = serde_json::from_str(&trial.sandbox.first_line()).unwrap();
    assert_eq!(line["url"], trial.sandbox.url());
    assert_eq!(line["tenants"].as_array().unwrap().len(), 4);
    trial.sandbox.stop().await;
}

#[tokio::test]
async fn wrong_credentials_are_refused_with_entras_codes() {
    let trial = Trial::start("").await;
    let tenant = trial.tenant("Finebak")["id"].as_str().unwrap();
    let client = trial.tenant("Finebak")["clientId"].as_str().unwrap();
    let (status, body) = trial.secret_token(tenant, client, "wrong").await;
    assert_eq!(
        (status, &body["error_codes"][0]),
        (401, &json!(7_000_215)),
        "{body}"
    );
    assert!(
        body["error_description"]
            .as_str()
            .unwrap()
            .contains("Trace ID: ")
    );
    let nobody = "11111111-2222-4333-8444-555555555555";
    let (_, body) = trial.secret_token(tenant, nobody, "x").await;
    assert_eq!(body["error_codes"][0], 700_016);
    let (_, body) = trial.secret_token("organizations", client, "x").await;
    assert_eq!(body["error_codes"][0], 9_001_023);
    let (_, body) = trial.secret_token("nowhere.example", client, "x").await;
    assert_eq!(body["error_codes"][0], 90002);
}

#[tokio::test]
async fn one_sign_in_serves_every_tenant() {
    let trial = Trial::start("").await;
    let scope = "https://graph.microsoft.com/Application.Read.All User.Read openid offline_access";
    let first = trial.sign_in("organizations", scope).await;
    assert!(first["id_token"].is_string());
    let contoso = trial.tenant("Contoso Telco");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", contoso["clientId"].as_str().unwrap()),
        ("refresh_token", first["refresh_token"].as_str().unwrap()),
        ("scope", scope),
    ];
    let (status, second) = trial.token("contoso-telco.com", &form).await;
    assert_eq!(status, 200, "{second}");
    let token = second["access_token"].as_str().unwrap();
    let (_, organization) = trial.ask(token, "GET", "/organization", None).await;
    assert_eq!(organization["value"][0]["id"], contoso["id"]);
    let (_, me) = trial.ask(token, "GET", "/me", None).await;
    assert_eq!(me["userPrincipalName"], "noc@finebak.com");
    let path = "/me/transitiveMemberOf/microsoft.graph.directoryRole";
    let (_, roles) = trial.ask(token, "GET", path, None).await;
    assert_eq!(names(&roles), ["Application Administrator"]);
    let broken = [form[0], form[1], ("refresh_token", "x"), form[3]];
    let (status, body) = trial.token("contoso-telco.com", &broken).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn a_token_opens_only_what_its_scopes_allow() {
    let trial = Trial::start("").await;
    let (status, body) = trial.ask("nonsense", "GET", "/applications", None).await;
    assert_eq!(status, 401);
    assert_eq!(body["error"]["code"], "InvalidAuthenticationToken");
    assert!(body["error"]["innerError"]["request-id"].is_string());

    let answer = trial
        .sign_in("finebak.com", "Application.Read.All Mail.Read")
        .await;
    assert_eq!(
        answer["scope"], "https://graph.microsoft.com/Application.Read.All",
        "what the operator does not have is not granted"
    );
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(trial.ask(token, "GET", "/applications", None).await.0, 200);
    let (status, body) = trial
        .ask(
            token,
            "POST",
            "/applications",
            Some(json!({"displayName": "x"})),
        )
        .await;
    assert_eq!(status, 403);
    assert_eq!(body["error"]["code"], "Authorization_RequestDenied");
    let policy = "/policies/defaultAppManagementPolicy";
    assert_eq!(trial.ask(token, "GET", policy, None).await.0, 403);
}

#[tokio::test]
async fn a_secret_buys_a_token_until_it_is_removed() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let tenant = trial.tenant("Finebak")["id"].as_str().unwrap();
    let (_, made) = trial
        .ask(
            &token,
            "POST",
            "/applications",
            Some(json!({"displayName": "x", "web": {"redirectUris": ["https://x.finebak.com/a"]}})),
        )
        .await;
    let path = format!("/applications/{}", made["id"].as_str().unwrap());
    let client = made["appId"].as_str().unwrap();
    let wanted = json!({"passwordCredential": {"displayName": "UMP x"}});
    let add = format!("{path}/addPassword");
    let (status, secret) = trial.ask(&token, "POST", &add, Some(wanted)).await;
    assert_eq!(status, 200);
    let value = secret["secretText"].as_str().unwrap();
    assert!(value.len() >= 32);
    assert_eq!(secret["hint"], value[..3]);
    let (_, body) = trial.secret_token(tenant, client, value).await;
    assert_eq!(
        body["error_codes"][0], 7_000_229,
        "no service principal yet"
    );
    let principal = json!({"appId": client});
    let (status, _) = trial
        .ask(
            &token,
            "POST",
            "/servicePrincipals",
            Some(principal.clone()),
        )
        .await;
    assert_eq!(status, 201);
    let (status, _) = trial
        .ask(&token, "POST", "/servicePrincipals", Some(principal))
        .await;
    assert_eq!(status, 409);
    assert_eq!(trial.secret_token(tenant, client, value).await.0, 200);
    let (_, shown) = trial.ask(&token, "GET", &path, None).await;
    assert_eq!(shown["passwordCredentials"][0]["secretText"], Value::Null);
    let remove = format!("{path}/removePassword");
    let key = json!({"keyId": secret["keyId"]});
    let (status, _) = trial.ask(&token, "POST", &remove, Some(key.clone())).await;
    assert_eq!(status, 204);
    assert_eq!(trial.ask(&token, "POST", &remove, Some(key)).await.0, 400);
    let (_, body) = trial.secret_token(tenant, client, value).await;
    assert_eq!(body["error_codes"][0], 7_000_215);
}

#[tokio::test]
async fn fabrikams_graph_is_down_while_its_sign_in_works() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Fabrikam Carrier").await;
    let (status, body) = trial.ask(&token, "GET", "/organization", None).await;
    assert_eq!(status, 503);
    assert_eq!(body["error"]["code"], "ServiceUnavailable");
}
