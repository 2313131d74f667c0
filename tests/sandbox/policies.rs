//! Policies on secrets at the sandbox: read, changed and assigned, and what they refuse.

use crate::support::trial::*;
use serde_json::{Value, json};

const DEFAULT: &str = "/policies/defaultAppManagementPolicy";

async fn add_secret(trial: &Trial, token: &str, application: &str, days: i64) -> String {
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    let body = json!({"passwordCredential": {"endDateTime": end.to_string()}});
    let path = format!("{application}/addPassword");
    let (status, answer) = trial.ask(token, "POST", &path, Some(body)).await;
    match status {
        200 => "made".to_string(),
        _ => answer["error"]["code"].as_str().unwrap().to_string(),
    }
}

fn restricted(kind: &str, more: Value) -> Value {
    let mut one = json!({"restrictionType": kind, "state": "enabled"});
    one.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({"passwordCredentials": [one]})
}

#[tokio::test]
async fn the_tenants_policy_can_be_changed_and_holds_at_once() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let application = trial.registration(&token, "ump-01.finebak.com").await;
    assert_eq!(add_secret(&trial, &token, &application, 400).await, "made");
    let change = async |restrictions: Value| {
        let body = json!({"isEnabled": true, "applicationRestrictions": restrictions});
        trial.ask(&token, "PATCH", DEFAULT, Some(body)).await
    };
    let half_a_year = restricted("passwordLifetime", json!({"maxLifetime": "P6M"}));
    assert_eq!(change(half_a_year.clone()).await, (204, Value::Null));
    let (_, shown) = trial.ask(&token, "GET", DEFAULT, None).await;
    assert_eq!(shown["isEnabled"], true);
    let stated = &shown["applicationRestrictions"]["passwordCredentials"];
    assert_eq!(*stated, half_a_year["passwordCredentials"]);
    let lifetime = "CredentialInvalidLifetimeAsPerAppPolicy";
    assert_eq!(
        add_secret(&trial, &token, &application, 400).await,
        lifetime
    );
    assert_eq!(add_secret(&trial, &token, &application, 100).await, "made");
    // Applications that are older than the restriction go free.
    let later = json!({"restrictForAppsCreatedAfterDateTime": "2100-01-01T00:00:00Z"});
    change(restricted("passwordAddition", later)).await;
    assert_eq!(add_secret(&trial, &token, &application, 100).await, "made");
    change(restricted("passwordAddition", json!({}))).await;
    let forbidden = "CredentialTypeNotAllowedAsPerAppPolicy";
    assert_eq!(add_secret(&trial, &token, &application, 1).await, forbidden);
    let (status, _) = change(restricted("passwordWeight", json!({}))).await;
    assert_eq!(status, 400, "there is no such restriction");
}

#[tokio::test]
async fn an_applications_own_policy_replaces_the_tenants_while_it_is_assigned() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let application = trial.registration(&token, "ump-01.finebak.com").await;
    let post = async |path: &str, body: Value| trial.ask(&token, "POST", path, Some(body)).await;
    let policies = "/policies/appManagementPolicies";
    let restrictions = restricted("passwordLifetime", json!({"maxLifetime": "P30D"}));
    let body = json!({"displayName": "a month", "isEnabled": true, "restrictions": restrictions});
    let (status, made) = post(policies, body).await;
    assert_eq!(status, 201, "{made}");
    let own = format!("{policies}/{}", made["id"].as_str().unwrap());
    let assigned = format!("{application}/appManagementPolicies");
    let reference = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0{own}")});
    let refer = format!("{assigned}/$ref");
    assert_eq!(post(&refer, reference.clone()).await.0, 204);
    assert_eq!(post(&refer, reference).await.0, 400, "it is assigned");
    let (_, list) = trial.ask(&token, "GET", &assigned, None).await;
    assert_eq!(names(&list), ["a month"]);
    let (_, bound) = trial
        .ask(&token, "GET", &format!("{own}/appliesTo"), None)
        .await;
    assert_eq!(bound["value"].as_array().unwrap().len(), 1);
    let lifetime = "CredentialInvalidLifetimeAsPerAppPolicy";
    assert_eq!(add_secret(&trial, &token, &application, 40).await, lifetime);
    let wider = restricted("passwordLifetime", json!({"maxLifetime": "P60D"}));
    let change = json!({ "restrictions": wider });
    assert_eq!(trial.ask(&token, "PATCH", &own, Some(change)).await.0, 204);
    assert_eq!(add_secret(&trial, &token, &application, 40).await, "made");
    let (status, _) = trial.ask(&token, "DELETE", &own, None).await;
    assert_eq!(status, 400, "somebody still follows it");
    let taken = format!("{assigned}/{}/$ref", made["id"].as_str().unwrap());
    assert_eq!(trial.ask(&token, "DELETE", &taken, None).await.0, 204);
    assert_eq!(add_secret(&trial, &token, &application, 400).await, "made");
    assert_eq!(trial.ask(&token, "DELETE", &own, None).await.0, 204);
    assert_eq!(trial.ask(&token, "GET", &own, None).await.0, 404);
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
