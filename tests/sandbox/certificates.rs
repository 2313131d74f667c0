//! Certificates of an application at the sandbox: what signs it in, and how they are changed one by one.

use crate::support::trial::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Wraps a content into an element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82], &length[..], content].concat()
}

/// The content of a DER element, and what follows it.
fn opened(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (length, start) = match der[1] {
        0x82 => (usize::from(u16::from_be_bytes([der[2], der[3]])), 4),
        0x81 => (usize::from(der[2]), 3),
        short => (usize::from(short), 2),
    };
    (der[0], &der[start..start + length], &der[start + length..])
}

/// The same certificate as one of version 1: without a version and without extensions.
fn of_version_one(certificate: &[u8]) -> Vec<u8> {
    let (_, whole, _) = opened(certificate);
    let (_, mut content, signature) = opened(whole);
    let mut kept = Vec::new();
    while !content.is_empty() {
        let (tag, _, rest) = opened(content);
        if !matches!(tag, 0xa0 | 0xa3) {
            kept.extend(&content[..content.len() - rest.len()]);
        }
        content = rest;
    }
    element(0x30, &[element(0x30, &kept), signature.to_vec()].concat())
}

struct Ground {
    trial: Trial,
    token: String,
    /// The training key and certificate.
    pem: String,
    application: Value,
}

impl Ground {
    /// An application with a service principal, and with the training certificate or one like it.
    async fn start(certificate: impl Fn(&[u8]) -> Vec<u8>) -> Ground {
        let trial = Trial::start("").await;
        let token = trial.app_only("Finebak").await;
        let pem = trial.inventory["clientCertificate"].as_str().unwrap();
        let pem = pem.to_string();
        let key = STANDARD.encode(certificate(&block(&pem, "CERTIFICATE")));
        let new = json!({"displayName": "with a certificate", "keyCredentials":
            [{"type": "AsymmetricX509Cert", "usage": "Verify", "key": key}]});
        let (_, application) = trial.ask(&token, "POST", "/applications", Some(new)).await;
        let principal = json!({"appId": application["appId"]});
        let (status, _) = trial
            .ask(&token, "POST", "/servicePrincipals", Some(principal))
            .await;
        assert_eq!(status, 201);
        Ground {
            trial,
            token,
            pem,
            application,
        }
    }

    fn path(&self) -> String {
        format!("/applications/{}", self.application["id"].as_str().unwrap())
    }

    /// The status of a sign-in with this certificate.
    async fn sign_in(&self, certificate: &[u8], thumbprint: &str) -> u16 {
        let client = self.application["appId"].as_str().unwrap();
        let tenant = self.trial.tenant("Finebak")["id"].as_str().unwrap();
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.trial.sandbox.url());
        let assertion = assertion_for(&self.pem, certificate, client, &url, thumbprint);
        let answer = self.trial.assertion_token(tenant, client, &assertion);
        answer.await.0
    }

    /// What says that the caller has the training key, for this object.
    fn proof(&self, issuer: &str, seconds: i64) -> String {
        let now = jiff::Timestamp::now().as_second();
        let claims = json!({"aud": "00000002-0000-0000-c000-000000000000", "iss": issuer,
            "nbf": now, "exp": now + seconds});
        signed(&self.pem, json!({}), &claims)
    }

    async fn post(&self, action: &str, body: Value) -> (u16, Value) {
        let path = format!("{}/{action}", self.path());
        self.trial.ask(&self.token, "POST", &path, Some(body)).await
    }

    async fn keys(&self) -> Vec<Value> {
        let (_, shown) = self.trial.ask(&self.token, "GET", &self.path(), None).await;
        shown["keyCredentials"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_certificate_signs_in_whatever_its_version_and_however_it_is_named() {
    for same in [false, true] {
        let change = |der: &[u8]| match same {
            true => der.to_vec(),
            false => of_version_one(der),
        };
        let ground = Ground::start(change).await;
        let own = change(&block(&ground.pem, "CERTIFICATE"));
        for thumbprint in ["x5t", "x5t#S256"] {
            assert_eq!(ground.sign_in(&own, thumbprint).await, 200, "{thumbprint}");
        }
        assert_eq!(ground.sign_in(b"another certificate", "x5t").await, 401);
    }
}

#[tokio::test]
async fn one_more_certificate_needs_a_proof_of_one_that_is_there() {
    let ground = Ground::start(<[u8]>::to_vec).await;
    let first = ground.keys().await[0]["keyId"].clone();
    let own = ground.application["id"].as_str().unwrap().to_string();
    let key = STANDARD.encode(of_version_one(&block(&ground.pem, "CERTIFICATE")));
    let credential = json!({"type": "AsymmetricX509Cert", "usage": "Verify", "key": key});
    let body = |proof: String| json!({"keyCredential": credential, "passwordCredential": null, "proof": proof});
    let others = "00000000-0000-4000-8000-000000000000";
    for wrong in [
        ground.proof(others, 300),
        ground.proof(&own, 7200),
        ground.proof(&own, -900),
        "no proof".to_string(),
    ] {
        let (status, refused) = ground.post("addKey", body(wrong)).await;
        let code = &refused["error"]["code"];
        assert_eq!(
            (status, code),
            (401, &json!("Authentication_MissingOrMalformed"))
        );
    }
    let (status, made) = ground.post("addKey", body(ground.proof(&own, 300))).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(made["key"], Value::Null);
    assert_eq!(ground.keys().await.len(), 2);

    let gone = json!({"keyId": first, "proof": ground.proof(&own, 300)});
    assert_eq!(ground.post("removeKey", gone.clone()).await.0, 204);
    let left = ground.keys().await;
    assert_eq!((left.len(), &left[0]["keyId"]), (1, &made["keyId"]));
    assert_eq!(ground.post("removeKey", gone).await.0, 400, "it is gone");
}
