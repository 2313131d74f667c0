//! A tenant is found by its domain.

use super::*;
use umpdeck::entra::signin::discovery;

#[tokio::test]
async fn a_domain_leads_to_its_directory_id() {
    let trial = Trial::start("").await;
    let (tenant, _) = training(&trial);
    let login = on_time(&trial.sandbox.url());
    let found = discovery::directory_id(&login, "finebak.com")
        .await
        .unwrap();
    assert_eq!(found, tenant);
    let error = discovery::directory_id(&login, "nobody.example")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("AADSTS90002"), "{error}");
}
