//! Applications that are there already: made by hand, several of them, in the bin, another device's.

use crate::support::program::{Home, PROGRAM, text};
use crate::support::trial::Trial;
use serde_json::Value;

/// Runs a command against the sandbox: its exit code, and what it printed.
async fn run(trial: &Trial, home: &Home, arguments: &[&str]) -> (i32, String, String) {
    let url = trial.sandbox.url().to_string();
    let mut command = home.command(PROGRAM);
    command.args(arguments).args(["--endpoint", &url]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let code = output.status.code().expect("no signal");
    (code, text(&output.stdout), text(&output.stderr))
}

/// Runs a command that must do what it is for; gives what it printed.
async fn done(trial: &Trial, home: &Home, arguments: &[&str]) -> String {
    let (code, out, errors) = run(trial, home, arguments).await;
    assert_eq!(code, 0, "{arguments:?}: {out}{errors}");
    out
}

async fn status(trial: &Trial, home: &Home, device: &str) -> (String, String) {
    let (_, out, errors) = run(trial, home, &["check", device, "--json"]).await;
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{errors}"));
    let text = |name: &str| {
        document["device"][name]
            .as_str()
            .unwrap_or_default()
            .to_string()
    };
    (text("status"), text("reason"))
}

async fn application(trial: &Trial, tenant: &str, name: &str) -> Value {
    let token = trial.app_only(tenant).await;
    let path = format!("/applications?$filter=displayName eq '{name}'");
    let (_, found) = trial.ask(&token, "GET", &path, None).await;
    found["value"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_the_operator_chooses_and_the_chosen_one_gets_the_unique_name() {
    const DEVICE: &str = "voice13.contoso-telco.com";
    let (trial, home) = (Trial::start("").await, Home::new());
    let (code, listed, note) = run(&trial, &home, &["adopt", DEVICE]).await;
    assert_eq!(code, 1, "{listed}{note}");
    assert!(listed.contains("Contoso voice13 (test)"), "{listed}");
    assert!(note.contains("--object-id"), "{note}");
    let (code, _, refused) = run(&trial, &home, &["create", DEVICE, "--yes"]).await;
    assert_eq!(code, 3, "nothing is made beside what may be it");
    assert!(
        refused.contains("may have a registration already"),
        "{refused}"
    );

    let chosen = application(&trial, "Contoso Telco", "Contoso voice13").await;
    let id = chosen["id"].as_str().unwrap();
    let (code, plan, _) = run(&trial, &home, &["adopt", DEVICE, "--object-id", id]).await;
    assert_eq!(code, 1, "only planned");
    assert!(plan.contains("uniqueName"), "{plan}");
    done(
        &trial,
        &home,
        &["adopt", DEVICE, "--object-id", id, "--yes"],
    )
    .await;
    let named = application(&trial, "Contoso Telco", "Contoso voice13").await;
    assert_eq!(named["uniqueName"], format!("umpdeck.{DEVICE}"));
    let (status, reason) = status(&trial, &home, DEVICE).await;
    assert_ne!(status, "not-registered", "{reason}");
    let again = done(&trial, &home, &["adopt", DEVICE, "--yes"]).await;
    assert!(again.contains("nothing to do"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_registration_is_restored_with_its_service_principal_and_its_secret() {
    const DEVICE: &str = "voice14.contoso-telco.com";
    let (trial, home) = (Trial::start("lag=1s").await, Home::new());
    let (was, reason) = status(&trial, &home, DEVICE).await;
    assert_eq!(was, "not-registered");
    assert!(reason.contains("can be restored"), "{reason}");
    let (code, plan, _) = run(&trial, &home, &["adopt", DEVICE]).await;
    assert_eq!(code, 1);
    assert!(plan.contains("/restore"), "{plan}");
    done(&trial, &home, &["adopt", DEVICE, "--yes"]).await;
    let (now, reason) = status(&trial, &home, DEVICE).await;
    assert!(
        ["ok", "consent-pending"].contains(&now.as_str()),
        "{now}: {reason}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_devices_own_registration_that_was_made_by_hand_is_taken_over() {
    const DEVICE: &str = "voice08.contoso-telco.com";
    let (trial, home) = (Trial::start("").await, Home::new());
    done(&trial, &home, &["adopt", DEVICE, "--yes"]).await;
    let name = "Contoso voice08 background registration";
    let app = application(&trial, "Contoso Telco", name).await;
    assert_eq!(app["uniqueName"], format!("umpdeck.{DEVICE}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_devices_registration_is_shared_by_its_object_id_and_keeps_its_addresses() {
    const DEVICE: &str = "ump-lab.finebak.com";
    let (trial, home) = (Trial::start("").await, Home::new());
    let shared = application(&trial, "Finebak", "UMP Sync ump-01").await;
    let id = shared["id"].as_str().unwrap();
    let said = done(
        &trial,
        &home,
        &["adopt", DEVICE, "--object-id", id, "--yes"],
    )
    .await;
    assert!(said.contains("it has other redirect URIs too"), "{said}");
    let (status, _) = status(&trial, &home, DEVICE).await;
    assert_eq!(status, "drift", "its own redirect URI is still missing");
    done(&trial, &home, &["repair", DEVICE, "--yes"]).await;
    let after = application(&trial, "Finebak", "UMP Sync ump-01").await;
    assert_eq!(after["uniqueName"], "umpdeck.ump-01.finebak.com");
    let uris = after["web"]["redirectUris"].as_array().unwrap();
    for device in ["ump-01", "ump-02", "ump-lab"] {
        let uri = format!("https://{device}.finebak.com/authenticate/OAuth2Callback");
        assert!(uris.iter().any(|one| *one == uri), "{device}: {uris:?}");
    }
    let nobody = "00000000-0000-0000-0000-00000000dead";
    let (code, _, refused) = run(&trial, &home, &["adopt", DEVICE, "--object-id", nobody]).await;
    assert_eq!(code, 3);
    assert!(
        refused.contains("no application with the object ID"),
        "{refused}"
    );
}
