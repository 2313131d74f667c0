//! Microsoft Graph's typed reads and the way for changes, tried over real loopback HTTP.

mod batches;
mod reads;
mod refusals;

use crate::support::server::{Reply, Seen, Server, TestClock, json, token};
use secrecy::SecretString;
use serde_json::{Value, json};
use umpdeck::entra::failure::GraphError;
use umpdeck::entra::graph::{DEFAULT_POLICY, Graph};
use umpdeck::entra::signin::{Session, SessionSettings, SignIn};
use umpdeck::http::{Method, Request};
use umpdeck::registration::observed::PermissionKind;
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
