//! What is read in a customer's own tenant: which permissions it has not consented to, and which roles the person has who
//! would consent there.

use crate::support::program::{Home, PROGRAM, text};
use crate::support::trial::Trial;
use serde_json::{Value, json};

const DEVICE: &str = "ump-03.finebak.com";
const CUSTOMER: &str = "velden";

async fn run(trial: &Trial, home: &Home, words: &[&str]) -> Value {
    let url = trial.sandbox.url();
    let mut command = home.command(PROGRAM);
    command.args(words).args(["--json", "--endpoint", &url]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
}

/// The customer as it is known after its tenant was read.
async fn customer(trial: &Trial, home: &Home) -> Value {
    run(trial, home, &["check", DEVICE, "--customers"]).await;
    let listed = run(trial, home, &["customers", DEVICE, "--stored"]).await;
    let mut all = listed["customers"].as_array().unwrap().iter();
    all.find(|one| one["shortName"] == CUSTOMER)
        .unwrap()
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_took_back_is_named_and_so_are_the_roles_of_who_would_consent() {
    let (trial, home) = (Trial::start("").await, Home::new());
    let whole = customer(&trial, &home).await;
    assert_eq!(
        (&whole["consent"], &whole["missingPermissions"]),
        (&json!("granted"), &json!([])),
        "{whole}"
    );

    let tenant = whole["tenantId"].as_str().unwrap();
    let signed_in = trial.sign_in(tenant, ".default").await;
    let token = signed_in["access_token"].as_str().unwrap();
    let (_, grants) = trial
        .ask(token, "GET", "/oauth2PermissionGrants", None)
        .await;
    let all = grants["value"].as_array().unwrap();
    let longest = all
        .iter()
        .max_by_key(|one| one["scope"].as_str().unwrap().len());
    let grant = longest.unwrap();
    let (gone, kept) = grant["scope"].as_str().unwrap().split_once(' ').unwrap();
    let path = format!("/oauth2PermissionGrants/{}", grant["id"].as_str().unwrap());
    let (status, _) = trial
        .ask(token, "PATCH", &path, Some(json!({ "scope": kept })))
        .await;
    assert_eq!(status, 204);

    let partly = customer(&trial, &home).await;
    assert_eq!(
        (&partly["consent"], &partly["missingPermissions"]),
        (&json!("pending"), &json!([gone])),
        "{partly}"
    );
    // Here the portal tells them.
    assert_eq!(partly["adminRoles"], json!(["Teams Administrator"]));
    assert_eq!(partly["roles"], "enough");
}

/// What `az account get-access-token` would print for a tenant.
async fn token(trial: &Trial, tenant: &str) -> String {
    let signed_in = trial.sign_in(tenant, ".default").await;
    let end = jiff::Timestamp::now().as_second() + 3000;
    let token = &signed_in["access_token"];
    json!({"accessToken": token, "expires_on": end, "tenant": tenant, "tokenType": "Bearer"})
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_portal_does_not_tell_the_admins_roles_the_signed_in_persons_are_read() {
    let (trial, home) = (Trial::start("").await, Home::new());
    let customers = trial.inventory["customers"].as_array().unwrap();
    let mut customers = customers.iter();
    let velden = customers.find(|one| one["shortName"] == CUSTOMER).unwrap();
    let home_tenant = trial.tenant("Finebak")["id"].as_str().unwrap().to_string();
    let own_tenant = velden["tenantId"].as_str().unwrap().to_string();
    for tenant in [&home_tenant, &own_tenant] {
        let file = home.path().join(format!("{tenant}.json"));
        std::fs::write(file, token(&trial, tenant).await).unwrap();
    }
    let script = home.path().join("token.sh");
    std::fs::write(&script, "cat \"$(dirname \"$0\")/$1.json\"\n").unwrap();
    let settings = home.path().join("settings.toml");
    let url = trial.sandbox.url();
    let content = format!(
        "[[tenants]]\nid = \"{home_tenant}\"\nname = \"Finebak\"\nprimary_domain = \"finebak.com\"\n\
         login = \"{url}\"\ngraph = \"{url}\"\n\
         sign_in = {{ way = \"command\", command = [\"sh\", \"{}\", \"{home_tenant}\"] }}\n\
         [[devices]]\nfqdn = \"{DEVICE}\"\nportal_profile = \"handoff\"\n\
         [[devices.customers]]\nshort_name = \"{CUSTOMER}\"\nfull_name = \"Velden\"\ntenant_id = \"{own_tenant}\"\n",
        script.display()
    );
    std::fs::write(&settings, content).unwrap();
    let settings = settings.to_str().unwrap();
    let home_run = async |words: &[&str]| {
        let mut command = home.command(PROGRAM);
        command.args(words).args(["--json", "--settings", settings]);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        serde_json::from_slice::<Value>(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
    };
    home_run(&["check", DEVICE, "--customers"]).await;
    let listed = home_run(&["customers", DEVICE, "--stored"]).await;
    let customer = &listed["customers"][0];
    assert_eq!(customer["consent"], "granted", "{listed}");
    // The training operator is no Teams administrator anywhere.
    assert_eq!(customer["adminRoles"], json!(["Application Administrator"]));
}
