//! The training fleet has in it what its inventory promises is wrong.

use crate::support::trial::*;
use serde_json::Value;

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

    let state = trial.get("/sandbox/state").await;
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
