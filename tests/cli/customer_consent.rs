//! Consent in the customers' own tenants, through the real binary.

use crate::support::program::{Home, SandboxProgram, text};
use serde_json::Value;

/// The check of a device's customers: outcome and what was found.
fn checked(home: &Home, sandbox: &SandboxProgram, device: &str, more: &[&str]) -> (String, String) {
    let mut arguments = vec!["check", device, "--json", "--endpoint", sandbox.url()];
    arguments.extend(more);
    let output = home.run(&arguments);
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let checks = document["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|one| one["key"] == "customer-consent")
        .unwrap();
    let words = |name: &str| check[name].as_str().unwrap_or_default().to_string();
    (
        words("outcome"),
        format!("{} {}", words("found"), words("why")),
    )
}

#[test]
fn what_is_read_in_a_customers_tenant_counts_and_one_that_can_not_be_entered_stays_as_it_was() {
    let home = Home::new();
    let sandbox = SandboxProgram::start(&home);
    // tessel_bank's tenant has no service principal of the registration; oakridge's can't be entered.
    let (outcome, words) = checked(&home, &sandbox, "ump-dr", &["--customers"]);
    assert_eq!(outcome, "unmet", "{words}");
    assert!(words.contains("tessel_bank"), "{words}");
    let (outcome, words) = checked(&home, &sandbox, "ump-03", &["--customers"]);
    assert_eq!(outcome, "met", "{words}");
}
