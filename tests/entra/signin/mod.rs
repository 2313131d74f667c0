//! Signing in: each way, over real loopback HTTP, against a service that says what a test wants or against the sandbox.

mod certificate;
mod challenges;
mod command;
mod device_code;
mod discovery;
mod proof;
mod tokens;

use std::sync::Arc;

use crate::support::server::{Reply, json, token};
use crate::support::trial::Trial;
use secrecy::SecretString;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use umpdeck::entra::signin::{AccessToken, ClientCertificate, Session, SessionSettings, SignIn};
use umpdeck::http::{BaseUrl, Client, ClientSettings, SystemClock};
use uuid::Uuid;

const TENANT: Uuid = Uuid::from_u128(1);

const OTHER_TENANT: Uuid = Uuid::from_u128(2);

const CLIENT: Uuid = Uuid::from_u128(3);

/// The certificate of the training application, with its key.
const TRAINING: &str = include_str!("../../../assets/sandbox/training-client.pem");

/// A session that signs in at this service.
fn session(login: Client, tenant: Uuid, way: SignIn) -> Session {
    let settings = SessionSettings {
        tenant,
        way,
        resource: "https://graph.microsoft.com".into(),
        scopes: vec![],
    };
    Session::new(settings, login)
}

fn by_code() -> SignIn {
    SignIn::DeviceCode { client_id: CLIENT }
}

fn by_secret() -> SignIn {
    SignIn::ClientSecret {
        client_id: CLIENT,
        secret: SecretString::from("hush-hush"),
    }
}

fn by_certificate(client_id: Uuid) -> SignIn {
    SignIn::Certificate {
        client_id,
        certificate: Arc::new(ClientCertificate::from_pem(TRAINING.as_bytes()).unwrap()),
    }
}

fn code(interval: Option<u64>) -> Reply {
    let mut body = json!({
        "user_code": "ABCD-\u{1b}EFGH", "device_code": "device-secret", "expires_in": 900,
        "verification_uri": "https://microsoft.com/devicelogin", "message": "Open the page and type",
    });
    if let Some(interval) = interval {
        body["interval"] = interval.into();
    }
    json(200, body)
}

fn refused(status: u16, error: &str, number: u32) -> Reply {
    json(
        status,
        json!({"error": error, "error_codes": [number],
            "error_description": format!("AADSTS{number}: Entra's words.\r\nTrace ID: t\r\nTimestamp: now")}),
    )
}

fn granted(name: &str, refresh: Option<&str>) -> Reply {
    let access = token(&json!({"upn": name, "scp": "Application.Read.All", "amr": ["pwd", "mfa"]}));
    let mut body = json!({"token_type": "Bearer", "expires_in": 3600, "access_token": access});
    if let Some(refresh) = refresh {
        body["refresh_token"] = refresh.into();
    }
    json(200, body)
}

/// The same for an application.
fn granted_to_app(name: &str) -> Reply {
    let access = token(&json!({"idtyp": "app", "appid": name, "roles": []}));
    json(
        200,
        json!({"access_token": access, "expires_in": 3600, "refresh_token": format!("refresh-{name}")}),
    )
}

/// Signs in, nobody minding the code.
async fn sign_in(session: &Session) -> AccessToken {
    let signed_in = session.sign_in(|_| {}, &CancellationToken::new()).await;
    signed_in.unwrap()
}

/// The sandbox's first tenant and the application that may sign in there.
fn training(trial: &Trial) -> (Uuid, Uuid) {
    let tenant = trial.tenant("Finebak");
    let id = |name: &str| Uuid::parse_str(tenant[name].as_str().unwrap()).unwrap();
    (id("id"), id("clientId"))
}

/// A client whose clock is this machine's.
fn on_time(url: &str) -> Client {
    let base = BaseUrl::parse(url).unwrap();
    Client::new(
        base,
        &ClientSettings::default(),
        Arc::new(SystemClock::new()),
    )
    .unwrap()
}
