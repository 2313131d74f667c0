//! What the sandbox's sign-in promises, over real HTTP.

use crate::support::trial::*;
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
        answer["scope"], "Application.Read.All",
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

#[tokio::test]
async fn a_device_code_waits_for_a_person_who_approves_or_declines_it() {
    let trial = Trial::start("").await;
    let client = trial.tenant("Finebak")["clientId"].as_str().unwrap();
    let ask = async || {
        let url = format!(
            "{}/organizations/oauth2/v2.0/devicecode",
            trial.sandbox.url()
        );
        let form = [("client_id", client), ("scope", "User.Read openid")];
        let answer = trial.client.post(url).form(&form).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let poll = async |code: &Value| {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", client),
            ("device_code", code["device_code"].as_str().unwrap()),
        ];
        trial.token("organizations", &form).await
    };
    let code = ask().await;
    assert_eq!(poll(&code).await.1["error"], "authorization_pending");
    let page = code["verification_uri"].as_str().unwrap();
    let typed = format!("{page}?code={}", code["user_code"].as_str().unwrap());
    let page_text = trial.client.get(typed).send().await.unwrap().text().await;
    assert!(page_text.unwrap().contains("asks to sign in"));
    assert_eq!(poll(&code).await.1["error"], "authorization_pending");
    let form = [
        ("code", code["user_code"].as_str().unwrap()),
        ("decision", "approve"),
    ];
    let answer = trial.client.post(page).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let (status, body) = poll(&code).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(poll(&code).await.1["error"], "bad_verification_code");

    let code = ask().await;
    trial.decide(&code, "decline").await;
    assert_eq!(poll(&code).await.1["error"], "authorization_declined");
    let nobody = format!("{page}/BBBBBBBBB/approve");
    assert_eq!(
        trial.client.post(nobody).send().await.unwrap().status(),
        404
    );
}

#[tokio::test]
async fn a_token_verifies_against_the_published_keys_and_configuration() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let trial = Trial::start("").await;
    let url = trial.sandbox.url();
    let at = |address: &Value| {
        let path = address.as_str().unwrap().strip_prefix(&url);
        path.unwrap().to_string()
    };
    for tenant in ["finebak.com", "organizations", "common"] {
        let path = format!("/{tenant}/v2.0/.well-known/openid-configuration");
        let configuration = trial.get(&path).await;
        let keys = trial.get(&at(&configuration["jwks_uri"])).await;
        let key = &keys["keys"][0];
        let number = |name: &str| BASE64.decode(key[name].as_str().unwrap()).unwrap();
        let public = ring::rsa::PublicKeyComponents {
            n: number("n"),
            e: number("e"),
        };
        let answer = trial.sign_in(tenant, "User.Read openid").await;
        for name in ["access_token", "id_token"] {
            let token = answer[name].as_str().unwrap();
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let signature = BASE64.decode(signature).unwrap();
            let algorithm = &ring::signature::RSA_PKCS1_2048_8192_SHA256;
            assert!(
                public
                    .verify(algorithm, signed.as_bytes(), &signature)
                    .is_ok()
            );
            let part = |n: usize| -> Value {
                let bytes = BASE64.decode(signed.split('.').nth(n).unwrap()).unwrap();
                serde_json::from_slice(&bytes).unwrap()
            };
            assert_eq!(part(0)["kid"], key["kid"]);
            let tenant = part(1)["tid"].as_str().unwrap().to_string();
            let issuer = configuration["issuer"].as_str().unwrap();
            assert_eq!(part(1)["iss"], issuer.replace("{tenantid}", &tenant));
        }
    }
    let endpoint = format!("{url}/finebak.com/oauth2/v2.0/authorize");
    let instance = "/common/discovery/instance?api-version=1.1&authorization_endpoint=";
    let known = trial.get(&format!("{instance}{endpoint}")).await;
    let discovery = at(&known["tenant_discovery_endpoint"]);
    assert!(trial.get(&discovery).await["issuer"].is_string());
    let other = format!("{instance}https://login.example/common");
    let other = trial.get(&other).await;
    assert_eq!(other["error"], "invalid_instance");
}

#[tokio::test]
async fn over_tls_the_authoritys_file_is_all_that_a_client_needs() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = SandboxOptions {
        tls: true,
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    let line: Value = serde_json::from_str(&sandbox.first_line()).unwrap();
    let place = line["ca"].as_str().unwrap().to_string();
    let pem = std::fs::read(&place).unwrap();
    let client = |certificates: Vec<reqwest::Certificate>| {
        let builder = reqwest::Client::builder().no_proxy();
        builder.tls_certs_only(certificates).build().unwrap()
    };
    let trusting = client(vec![reqwest::Certificate::from_pem(&pem).unwrap()]);
    let port = sandbox.url().rsplit_once(':').unwrap().1.to_string();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{port}/common/v2.0/.well-known/openid-configuration");
        let answer: Value = trusting
            .get(&url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let token = answer["token_endpoint"].as_str().unwrap();
        assert!(
            token.starts_with(&format!("https://{host}:{port}/")),
            "{token}"
        );
        assert!(client(Vec::new()).get(&url).send().await.is_err());
    }
    sandbox.stop().await;
    assert!(
        !std::path::Path::new(&place).exists(),
        "it goes with the sandbox"
    );
}

#[tokio::test]
async fn a_registrations_own_certificate_signs_it_in() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let new = json!({"displayName": "with a certificate"});
    let (_, made) = trial.ask(&token, "POST", "/applications", Some(new)).await;
    let principal = json!({"appId": made["appId"]});
    trial
        .ask(&token, "POST", "/servicePrincipals", Some(principal))
        .await;
    let pem = trial.inventory["clientCertificate"].as_str().unwrap();
    let at = pem.find("-----BEGIN CERTIFICATE-----").unwrap();
    let key = json!({"type": "AsymmetricX509Cert", "usage": "Verify", "displayName": "mine",
        "key": STANDARD.encode(&pem[at..])});
    let path = format!("/applications/{}", made["id"].as_str().unwrap());
    let change = json!({"keyCredentials": [key]});
    assert_eq!(trial.ask(&token, "PATCH", &path, Some(change)).await.0, 204);
    let (_, shown) = trial.ask(&token, "GET", &path, None).await;
    assert_eq!(
        shown["keyCredentials"][0]["key"],
        Value::Null,
        "not in a plain read"
    );

    let tenant = trial.tenant("Finebak")["id"].as_str().unwrap();
    let client = made["appId"].as_str().unwrap();
    let url = format!("{}/{tenant}/oauth2/v2.0/token", trial.sandbox.url());
    let assertion = |key: &str| assertion(key, client, &url, "x5t#S256");
    let buy = async |assertion: String| trial.assertion_token(tenant, client, &assertion).await;
    let (status, body) = buy(assertion(pem)).await;
    assert_eq!(status, 200, "{body}");
    let mut forged = assertion(pem);
    forged.replace_range(forged.len() - 8..forged.len() - 4, "AAAA");
    assert_eq!(buy(forged).await.1["error_codes"][0], 700_027);
}
