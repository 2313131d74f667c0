//! A sandbox in this process and a bare HTTP client for it, for the tests that hold it to Microsoft's documentation.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use umpdeck::sandbox::{Faults, Sandbox, SandboxOptions};

/// A sandbox, a client for it, and its inventory.
pub struct Trial {
    pub sandbox: Sandbox,
    pub client: Client,
    pub inventory: Value,
}

impl Trial {
    pub async fn start(faults: &str) -> Trial {
        let faults = Faults::parse(faults).unwrap();
        Trial::start_with(|options| options.faults = faults).await
    }

    pub async fn start_with(change: impl FnOnce(&mut SandboxOptions)) -> Trial {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut options = SandboxOptions::default();
        change(&mut options);
        let sandbox = Sandbox::start(options).await.unwrap();
        let client = Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let mut trial = Trial {
            sandbox,
            client,
            inventory: Value::Null,
        };
        trial.inventory = trial.get("/sandbox/inventory").await;
        trial
    }

    /// What the sandbox answers to anybody at this path.
    pub async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        let answer = self.client.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    }

    pub fn tenant(&self, name: &str) -> &Value {
        self.inventory["tenants"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == name)
            .unwrap()
    }

    pub async fn token(&self, tenant: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.sandbox.url());
        let response = self.client.post(url).form(form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub async fn secret_token(&self, tenant: &str, client: &str, secret: &str) -> (u16, Value) {
        let scope = format!("{}/.default", self.sandbox.url());
        self.secret_token_for(tenant, client, secret, &scope).await
    }

    async fn secret_token_for(
        &self,
        tenant: &str,
        client: &str,
        secret: &str,
        scope: &str,
    ) -> (u16, Value) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", scope),
        ];
        self.token(tenant, &form).await
    }

    /// What a client gets for an assertion, to ask Graph with.
    pub async fn assertion_token(
        &self,
        tenant: &str,
        client: &str,
        assertion: &str,
    ) -> (u16, Value) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        self.token(tenant, &form).await
    }

    /// A token of the training application for this scope.
    pub async fn app_only_for(&self, name: &str, scope: &str) -> String {
        let tenant = self.tenant(name);
        let text = |field: &str| tenant[field].as_str().unwrap();
        let (id, client, secret) = (text("id"), text("clientId"), text("clientSecret"));
        let (status, body) = self.secret_token_for(id, client, secret, scope).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_string()
    }

    /// A token of the training application for Graph.
    pub async fn app_only(&self, name: &str) -> String {
        let scope = format!("{}/.default", self.sandbox.url());
        self.app_only_for(name, &scope).await
    }

    /// The answer to a device-code sign-in with these scopes.
    pub async fn sign_in(&self, tenant: &str, scope: &str) -> Value {
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
        self.decide(&code, "approve").await;
        let code = code["device_code"].as_str().unwrap().to_string();
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", client),
            ("device_code", code.as_str()),
        ];
        let (status, body) = self.token(tenant, &form).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Approves or declines a device code, as a script would.
    pub async fn decide(&self, code: &Value, what: &str) {
        let line: Value = serde_json::from_str(&self.sandbox.first_line()).unwrap();
        let url = line[what].as_str().unwrap();
        let url = url.replace("{user_code}", code["user_code"].as_str().unwrap());
        assert_eq!(self.client.post(url).send().await.unwrap().status(), 200);
    }

    pub async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        self.ask_with(token, method, path, body, &[]).await
    }

    pub async fn ask_with(
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

    /// What Graph answers to a GET, as it comes over the line.
    pub async fn fetch(&self, token: &str, path: &str) -> Response {
        let url = format!("{}/v1.0{path}", self.sandbox.url());
        let get = self.client.get(url).bearer_auth(token);
        get.send().await.unwrap()
    }

    /// The path by object id of the application that umpdeck made for this device.
    pub async fn registration(&self, token: &str, fqdn: &str) -> String {
        let path = format!("/applications(uniqueName='umpdeck.{fqdn}')?$select=id");
        let (status, body) = self.ask(token, "GET", &path, None).await;
        assert_eq!(status, 200, "{body}");
        format!("/applications/{}", body["id"].as_str().unwrap())
    }

    /// Other faults from now on.
    pub async fn faults(&self, faults: &str) {
        let url = format!("{}/sandbox/faults", self.sandbox.url());
        let put = self.client.put(url).body(faults.to_string());
        assert_eq!(put.send().await.unwrap().status(), 204);
    }

    pub async fn upsert(&self, token: &str, name: &str, body: Value) -> (u16, Value) {
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

pub fn names(list: &Value) -> Vec<&str> {
    list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["displayName"].as_str().unwrap())
        .collect()
}

/// A block of a PEM text, decoded.
pub fn block(pem: &str, label: &str) -> Vec<u8> {
    use base64::Engine as _;
    let (_, after) = pem.split_once(&format!("-----BEGIN {label}-----")).unwrap();
    let (content, _) = after.split_once(&format!("-----END {label}-----")).unwrap();
    let letters: String = content.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD
        .decode(letters)
        .unwrap()
}

/// A JWT that the key in this PEM signs with RS256.
pub fn signed(pem: &str, header: Value, claims: &Value) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let mut header = header;
    header["alg"] = json!("RS256");
    header["typ"] = json!("JWT");
    let content = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims.to_string())
    );
    let key = ring::signature::RsaKeyPair::from_pkcs8(&block(pem, "PRIVATE KEY")).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &ring::signature::RSA_PKCS1_SHA256,
        &ring::rand::SystemRandom::new(),
        content.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{content}.{}", BASE64.encode(signature))
}

/// A client assertion that names the PEM's certificate by this kind of thumbprint.
pub fn assertion(pem: &str, client: &str, audience: &str, thumbprint: &str) -> String {
    assertion_for(
        pem,
        &block(pem, "CERTIFICATE"),
        client,
        audience,
        thumbprint,
    )
}

/// The same with a certificate that is not the PEM's own, for the same key.
pub fn assertion_for(
    pem: &str,
    certificate: &[u8],
    client: &str,
    audience: &str,
    thumbprint: &str,
) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
    let algorithm = match thumbprint {
        "x5t" => &SHA1_FOR_LEGACY_USE_ONLY,
        _ => &SHA256,
    };
    let header = json!({thumbprint: BASE64.encode(digest(algorithm, certificate))});
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({"aud": audience, "iss": client, "sub": client, "jti": "1", "iat": now,
        "nbf": now, "exp": now + 300});
    signed(pem, header, &claims)
}
