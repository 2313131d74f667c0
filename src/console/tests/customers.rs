//! The customers' tab: what is known of each, and what is copied for them.

use super::fixtures::*;
use crate::console::model::Overlay;
use crate::registration::fixtures::{customer, customer_facts, uri};
use crate::registration::observed::{CustomerConsent, CustomerFacts};
use uuid::Uuid;

const DEVICE: &str = "ump-cust.finebak.com";

fn opened() -> Console {
    let mut world = named(DEVICE, crate::registration::fixtures::TENANT);
    world.device.customers = vec![customer("globex")];
    world.device.customers[0].redirect_uri = Some(uri("https://globex.example.com/a"));
    world.facts.customers.value = Some(vec![
        CustomerFacts {
            full_name: "Acme GmbH".into(),
            tenant_id: Some(Uuid::from_u128(0xacae)),
            licence: Some("Essentials".into()),
            licensed_users: Some(120),
            active_users: Some(96),
            missing_permissions: Some(vec!["User.Read.All".into()]),
            ..customer_facts("acme", CustomerConsent::Granted)
        },
        CustomerFacts {
            admin_roles: Some(vec!["User Administrator".into()]),
            ..customer_facts("globex", CustomerConsent::Pending)
        },
    ]);
    let mut console = Console::over(vec![world]);
    console.drive("enter 5");
    console
}

#[test]
fn each_line_and_what_stands_below_it_tell_all_that_is_known() {
    let mut console = opened();
    for words in [
        "acme",
        "Essentials",
        "granted",
        "Not consented to in its tenant: User.Read.All.",
        "120 users licensed, 96 active",
    ] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
    console.press("j");
    for words in ["lacking", "has User Administrator; wanted: Teams"] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
    console.press("enter");
    let Some(Overlay::Card(card)) = console.model.overlays.last() else {
        panic!("no card");
    };
    assert!(
        card.paragraphs
            .iter()
            .any(|one| one.contains("globex.example.com"))
    );
}

#[test]
fn the_letters_copy_the_values_of_the_customer_under_the_cursor() {
    let mut console = opened();
    let copied = copies(&console.press("t n"));
    assert_eq!(copied[0].1, Uuid::from_u128(0xacae).to_string());
    let own = format!("/{}/v2.0/adminconsent", Uuid::from_u128(0xacae));
    assert!(copied[1].1.contains(&own), "{}", copied[1].1);
    assert!(copies(&console.press("u")).is_empty());
    assert!(console.toast().contains("none of its own"));
    let copied = copies(&console.press("j u N"));
    assert_eq!(copied[0].1, "https://globex.example.com/a");
    assert!(
        copied[1].1.contains("administrator of globex"),
        "{}",
        copied[1].1
    );
    let label = &copies(&console.press("Y"))[0];
    assert_eq!(label.1.lines().count(), 3, "{}", label.1);
    assert!(label.1.starts_with("short_name\tfull_name\t"));
}

#[test]
fn elsewhere_the_letters_are_the_devices_and_the_table_is_all_the_same() {
    let mut console = opened();
    let copied = copies(&console.press("1 n"));
    assert!(copied[0].1.contains("/organizations/v2.0/"));
    assert!(copies(&console.press("N")).is_empty());
    assert!(console.toast().contains("5 lists them"));
    assert_eq!(copies(&console.press("Y")).len(), 1);
}
