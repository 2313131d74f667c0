//! What the sandbox's sign-in and Graph promise, over real HTTP.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use umpdeck::sandbox::{Faults, Sandbox, SandboxError, SandboxOptions};

/// A sandbox, a client for it, and its inventory.
struct Trial {
    sandbox: Sandbox,
    client: Client,
    inventory: Value,
}

impl Trial {
    async fn start(faults: &str) -> Trial {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(SandboxOptions {
            faults: Faults::parse(faults).unwrap(),
            ..SandboxOptions::default()
        })
        .await
        .unwrap();
        let client = Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let url = format!("{}/sandbox/inventory", sandbox.url());
        let inventory = client.get(url).send().await.unwrap().json().await.unwrap();
        Trial {
            sandbox,
            client,
            inventory,
        }
    }

    fn tenant(&self, name: &str) -> &Value {
        self.inventory["tenants"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == name)
            .unwrap()
    }

    async fn token(&self, tenant: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.sandbox.url());
        let response = self.client.post(url).form(form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn secret_token(&self, tenant: &str, client: &str, secret: &str) -> (u16, Value) {
        let scope = format!("{}/.default", self.sandbox.url());
        self.token(
            tenant,
            &[
                ("grant_type", "client_credentials"),
                ("client_id", client),
                ("client_secret", secret),
                ("scope", &scope),
            ],
        )
        .await
    }

    /// A token of the training application for Graph.
    async fn app_only(&self, name: &str) -> String {
        let tenant = self.tenant(name);
        let text = |field: &str| tenant[field].as_str().unwrap();
        let (status, body) = self
            .secret_token(text("id"), text("clientId"), text("clientSecret"))
            .await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_string()
    }

    /// The answer to a device-code sign-in with these scopes.
    async fn sign_in(&self, tenant: &str, scope: &str) -> Value {
        let client = self.tenant("Finebak")["clientId"].as_str().unwrap();
        let url = format!("{}/{tenant}/oauth2/v2.0/devicecode", self.sandbox.url());
        let form = [("client_id", client), ("scope", scope)];
        let code: Value = self
            .client
            .post(url)
            .form(&form)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let code = code["device_code"].as_str().unwrap().to_string();
        loop {
            let form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                ("client_id", client),
                ("device_code", code.as_str()),
            ];
            let (status, body) = self.token(tenant, &form).await;
            if status == 200 {
                return body;
            }
            assert_eq!(body["error"], "authorization_pending", "{body}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        self.ask_with(token, method, path, body, &[]).await
    }

    async fn ask_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        let url = match path.starts_with("http") {
            true => path.to_string(),
            false => format!("{}/v1.0{path}", self.sandbox.url()),
        };
        let mut request = self
            .client
            .request(Method::from_bytes(method.as_bytes()).unwrap(), url)
            .bearer_auth(token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        assert!(response.headers().contains_key("request-id"));
        assert!(response.headers().contains_key("client-request-id"));
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let answer = match text.is_empty() {
            true => Value::Null,
            false => serde_json::from_str(&text).unwrap(),
        };
        record(method, path, body.as_ref(), status, &answer);
        (status, answer)
    }

    /// The path by object id of the application that umpdeck made for this device.
    async fn registration(&self, token: &str, fqdn: &str) -> String {
        let path = format!("/applications(uniqueName='umpdeck.{fqdn}')?$select=id");
        let (status, body) = self.ask(token, "GET", &path, None).await;
        assert_eq!(status, 200, "{body}");
        format!("/applications/{}", body["id"].as_str().unwrap())
    }

    async fn upsert(&self, token: &str, name: &str, body: Value) -> (u16, Value) {
        let path = format!("/applications(uniqueName='{name}')");
        let prefer = [("Prefer", "create-if-missing")];
        self.ask_with(token, "PATCH", &path, Some(body), &prefer)
            .await
    }
}

/// Appends the exchange to the file that `SANDBOX_CAPTURE` names, for a check against Microsoft's own description.
fn record(method: &str, path: &str, body: Option<&Value>, status: u16, answer: &Value) {
    use std::io::Write as _;
    let Some(file) = std::env::var_os("SANDBOX_CAPTURE") else {
        return;
    };
    let path = path.split_once("/v1.0").map_or(path, |(_, path)| path);
    let line = json!({"method": method, "path": format!("/v1.0{path}"), "req": body, "status": status,
        "resp": (!answer.is_null()).then_some(answer)});
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)
        .unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn names(list: &Value) -> Vec<&str> {
    list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["displayName"].as_str().unwrap())
        .collect()
}

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
async fn pages_follow_the_host_that_was_asked() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Contoso Telco").await;
    let (_, all) = trial.ask(&token, "GET", "/applications", None).await;
    let mut seen: Vec<String> = Vec::new();
    let mut path = "/applications?$top=5&$select=displayName".to_string();
    let mut pages = 0;
    loop {
        let (status, page) = trial.ask(&token, "GET", &path, None).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(names(&page).into_iter().map(str::to_string));
        pages += 1;
        match page["@odata.nextLink"].as_str() {
            Some(next) => {
                assert!(next.starts_with(&format!("{}/v1.0/", trial.sandbox.url())));
                path = next.to_string();
            }
            None => break,
        }
    }
    assert!(pages > 2);
    assert_eq!(seen, names(&all));
    let host = [("Host", "localhost:1234")];
    let (_, page) = trial
        .ask_with(&token, "GET", "/applications?$top=1", None, &host)
        .await;
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with("http://localhost:1234/v1.0/"), "{next}");
}

#[tokio::test]
async fn lists_are_filtered_as_graph_documents() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let found = async |filter: &str| {
        let path = format!("/applications?$filter={filter}");
        let (status, body) = trial.ask(&token, "GET", &path, None).await;
        match status {
            200 => Ok(names(&body).len()),
            _ => Err(body["error"]["code"].as_str().unwrap().to_string()),
        }
    };
    let uri = "https://ump-west.finebak.com/authenticate/";
    let by_uri = |tail: &str| format!("web/redirectUris/any(u:u eq '{uri}{tail}')");
    assert_eq!(found(&by_uri("oauth2callback")).await, Ok(1));
    assert_eq!(
        found(&by_uri("OAuth2Callback")).await,
        Ok(0),
        "letter by letter"
    );
    assert_eq!(found("startswith(displayName,'UMP Sync')").await, Ok(7));
    assert_eq!(found("tags/any(t:t eq 'umpdeck')").await, Ok(7));
    let unsupported = Err("Request_UnsupportedQuery".to_string());
    assert_eq!(found("notes eq 'x'").await, unsupported);
    assert_eq!(found("displayName ne 'x'").await, unsupported);
    let path = "/applications?$filter=displayName ne 'Finebak Payroll'&$count=true&$top=1";
    let (_, body) = trial
        .ask_with(
            &token,
            "GET",
            path,
            None,
            &[("ConsistencyLevel", "eventual")],
        )
        .await;
    assert_eq!(body["@odata.count"], 8);
    let (status, _) = trial
        .ask(&token, "GET", "/applications?$select=colour", None)
        .await;
    assert_eq!(status, 400);
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

#[tokio::test]
async fn replication_hides_what_was_just_made() {
    let trial = Trial::start("lag=600s,secret-lag=600s").await;
    let token = trial.app_only("Finebak").await;
    let name = "umpdeck.new.finebak.com";
    let (status, made) = trial
        .upsert(&token, name, json!({"displayName": "new"}))
        .await;
    assert_eq!(status, 201);
    let path = format!("/applications/{}", made["id"].as_str().unwrap());
    let (status, body) = trial.ask(&token, "GET", &path, None).await;
    assert_eq!(status, 404);
    assert_eq!(body["error"]["code"], "Request_ResourceNotFound");
    let add = format!("{path}/addPassword");
    assert_eq!(trial.ask(&token, "POST", &add, None).await.0, 404);
    let principal = json!({"appId": made["appId"]});
    let (status, body) = trial
        .ask(&token, "POST", "/servicePrincipals", Some(principal))
        .await;
    assert_eq!(status, 400);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("does not reference a valid application object")
    );
    let (status, _) = trial
        .upsert(&token, name, json!({"displayName": "new"}))
        .await;
    assert_eq!(status, 204, "an upsert still makes no twin");

    let old = trial.registration(&token, "ump-01.finebak.com").await;
    let (_, app) = trial.ask(&token, "GET", &old, None).await;
    let (_, secret) = trial
        .ask(&token, "POST", &format!("{old}/addPassword"), None)
        .await;
    let tenant = trial.tenant("Finebak")["id"].as_str().unwrap();
    let (client, value) = (&app["appId"], &secret["secretText"]);
    let (_, body) = trial
        .secret_token(tenant, client.as_str().unwrap(), value.as_str().unwrap())
        .await;
    assert_eq!(body["error_codes"][0], 7_000_215);
}

#[tokio::test]
async fn a_held_answer_comes_after_the_release_and_the_work_was_done_once() {
    let trial = Trial::start("hold=addPassword").await;
    let token = trial.app_only("Finebak").await;
    let path = trial.registration(&token, "ump-01.finebak.com").await;
    let add = format!("{path}/addPassword");
    let held = trial.ask(&token, "POST", &add, None);
    let release = async {
        loop {
            let (_, app) = trial.ask(&token, "GET", &path, None).await;
            if app["passwordCredentials"].as_array().unwrap().len() == 2 {
                break;
            }
        }
        let url = format!("{}/sandbox/release", trial.sandbox.url());
        trial.client.post(url).send().await.unwrap();
    };
    let ((status, _), ()) = tokio::join!(held, release);
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_batch_is_answered_one_by_one() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let json_type = json!({"Content-Type": "application/json"});
    let body = json!({"requests": [
        {"id": "1", "method": "GET", "url": "/applications?$top=2"},
        {"id": "2", "method": "GET", "url": "/applications(uniqueName='nobody')"},
        {"id": "3", "method": "GET", "url": "/organization", "dependsOn": ["2"]},
        {"id": "4", "method": "POST", "url": "/applications", "headers": json_type, "body": {"displayName": "b"}},
    ]});
    let (status, answer) = trial.ask(&token, "POST", "/$batch", Some(body)).await;
    assert_eq!(status, 200);
    let statuses: Vec<u64> = answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [200, 404, 424, 201]);
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
async fn what_the_sandbox_lacks_it_says_in_graphs_form() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    for path in ["/users", "/applications/delta", "/nothing/at/all"] {
        let (status, body) = trial.ask(&token, "GET", path, None).await;
        assert!([404, 501].contains(&status), "{path}: {status}");
        assert!(body["error"]["code"].is_string());
    }
    for path in [
        "/domains",
        "/policies/appManagementPolicies",
        "/policies/authorizationPolicy",
        "/servicePrincipals?$filter=displayName eq 'Microsoft Graph'",
        "/servicePrincipals",
        "/oauth2PermissionGrants",
    ] {
        assert_eq!(trial.ask(&token, "GET", path, None).await.0, 200, "{path}");
    }
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

    let state = format!("{}/sandbox/state", trial.sandbox.url());
    let state: Value = trial
        .client
        .get(state)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
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
