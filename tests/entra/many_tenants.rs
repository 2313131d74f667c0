//! A site of many tenants: how many of them are asked at a time.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::support::fleet;
use crate::support::server::{Server, empty, json, token};
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::Semaphore;
use umpdeck::desk::Desk;
use umpdeck::desk::event::DeskEvent;
use umpdeck::desk::file::Scope;
use umpdeck::desk::site::{BaseUrl, SignIn, TenantSite};

const TENANTS: usize = 40;
const AT_ONCE: usize = 16;

/// The tenants whose Graph was asked for something; each has a token of its own.
fn asked(server: &Server) -> HashSet<String> {
    let seen = server.seen().into_iter();
    let tokens = seen.filter_map(|one| one.header("authorization").map(str::to_string));
    tokens.collect()
}

fn is_end(event: Option<&DeskEvent>) -> bool {
    matches!(event, Some(DeskEvent::RefreshEnded { .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_tenants_a_few_are_read_at_a_time_and_none_is_left_out() {
    let gate = Arc::new(Semaphore::new(0));
    let server = Server::gated(
        |request, _| match request.target.split_once("/oauth2/") {
            Some((tenant, _)) => json(
                200,
                json!({"access_token": token(&json!({"idtyp": "app", "appid": tenant, "roles": []})), "expires_in": 3600}),
            ),
            None => empty(403),
        },
        gate.clone(),
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    let fleet = fleet::site(TENANTS, 0, TENANTS);
    let address = || BaseUrl::parse(&server.url).unwrap();
    let tenants = fleet.tenants.into_iter().map(|tenant| TenantSite {
        login: address(),
        graph: address(),
        sign_in: SignIn::ClientSecret {
            client_id: tenant.id,
            secret: SecretString::from("its own"),
        },
        ..fleet::tenant_site(tenant)
    });
    let site = fleet::desk_site(folder.path(), tenants.collect(), fleet.devices);
    let (desk, mut events) = Desk::open(site).unwrap();
    let reading = tokio::spawn(async move { desk.refresh(Scope::All).await });
    // Every tenant signs in, whether it has its turn or not; then nothing is answered but by the leave of this test.
    gate.add_permits(TENANTS);
    let mut open = server.open.clone();
    while asked(&server).len() < AT_ONCE {
        open.changed().await.unwrap();
    }
    let mut ended = 0;
    while ended < TENANTS {
        // The end of a tenant is the turn of another: of what is asked, all but so many have ended.
        gate.add_permits(1);
        tokio::select! {
            _ = open.wait_for(|_| gate.available_permits() == 0) => {}
            event = events.recv() => ended += usize::from(is_end(event.as_ref())),
        }
        while asked(&server).len() > AT_ONCE + ended {
            let event = tokio::time::timeout(Duration::from_secs(30), events.recv()).await;
            let event = event.expect("no more tenants asked at a time than may be");
            ended += usize::from(is_end(event.as_ref()));
        }
    }
    assert_eq!(reading.await.unwrap().len(), TENANTS);
}
