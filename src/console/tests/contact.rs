//! First contact with a tenant: from an empty console to a tenant that is listed.

use uuid::Uuid;

use super::fixtures::*;
use crate::console::keymap::Context;
use crate::console::message::{Effect, Message};
use crate::console::model::{FirstRun, Model};
use crate::desk::contact::{ContactWay, Found, Organization, Suggested};
use crate::desk::event::Trouble;
use crate::registration::fixtures::{TENANT, failure, now};
use crate::registration::observed::FailureKind;

const CLIENT: Uuid = Uuid::from_u128(0xc11e);

/// A console without tenants.
pub(super) fn empty() -> Console {
    let mut console = Console::over(vec![]);
    console.model = Model::new(false, vec![], vec![], (120, 36), now());
    console.model.suggested = Some(suggested());
    console.model.first_run = Some(FirstRun {
        settings_file: suggested().place,
        exists: false,
    });
    console
}

pub(super) fn suggested() -> Suggested {
    Suggested {
        client_id: CLIENT,
        login: "https://login.microsoftonline.com".into(),
        graph: "https://graph.microsoft.com".into(),
        place: "/home/ana/.config/umpdeck/settings.toml".into(),
    }
}

fn asked() -> (Console, Vec<Effect>) {
    let mut console = empty();
    console.press("N");
    console.type_text("finebak.com");
    let effects = console.press("ctrl-n");
    (console, effects)
}

fn found() -> Found {
    Found {
        id: TENANT,
        identity: identity(),
        organization: Ok(Organization {
            name: "Finebak".into(),
            primary_domain: Some("finebak.com".into()),
        }),
    }
}

/// Somebody is signed in, and nothing is written yet.
pub(super) fn made() -> Console {
    let (mut console, _) = asked();
    console.send(Message::ContactAsked(TENANT, prompt()));
    console.send(Message::Contacted(Some(TENANT), Box::new(Ok(found()))));
    console
}

#[test]
fn an_empty_console_says_how_to_make_the_first_contact() {
    let console = empty();
    assert!(console.shows("N adds your tenant"), "{}", console.text());
}

#[test]
fn the_form_leads_to_a_code_then_to_what_the_identity_may_do_then_into_the_settings() {
    let (mut console, effects) = asked();
    let [Effect::Contact(wanted)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(wanted.tenant, "finebak.com");
    assert_eq!(wanted.way, ContactWay::DeviceCode { client_id: CLIENT });
    console.send(Message::ContactAsked(TENANT, prompt()));
    for words in ["HX7QK2MZP", "Sign in to finebak.com", "15:00"] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
    console.wait(1_000);
    assert!(
        console.shows("14:59"),
        "the time left is counted: {}",
        console.text()
    );
    console.send(Message::Contacted(Some(TENANT), Box::new(Ok(found()))));
    for words in [
        "Signed in as ana@finebak.com",
        "create and repair registrations",
        "Finebak",
    ] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
    assert!(!console.shows("HX7QK2MZP"), "the code is gone");
    console.type_text(" Ltd");
    let effects = console.press("ctrl-n");
    let [Effect::AddTenant(listing)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!((listing.id, listing.name.as_str()), (TENANT, "Finebak Ltd"));
    assert_eq!(listing.primary_domain, "finebak.com");
    let effects = console.send(Message::TenantAdded(Ok("Finebak Ltd".into())));
    assert!(
        matches!(effects.as_slice(), [Effect::BeginAnew]),
        "{effects:?}"
    );
}

#[test]
fn what_can_not_be_is_said_at_its_field_and_nothing_is_asked() {
    let mut console = empty();
    console.press("N");
    console.type_text("fine bak");
    assert!(console.press("ctrl-n").is_empty());
    assert!(
        console.shows("neither a directory ID nor a domain"),
        "{}",
        console.text()
    );
    console.press("ctrl-u");
    console.type_text("finebak.com");
    console.press("tab tab ctrl-u");
    console.type_text("mine");
    assert!(console.press("ctrl-n").is_empty());
    assert!(console.shows("a client ID is a GUID"), "{}", console.text());
}

#[test]
fn proxy_and_certificates_go_with_the_contact_and_into_the_settings() {
    let mut console = empty();
    console.press("N");
    console.type_text("finebak.com");
    console.press("tab tab tab tab tab");
    console.type_text("proxy");
    assert!(console.press("ctrl-n").is_empty());
    assert!(console.shows("a proxy is a URL"), "{}", console.text());
    console.press("ctrl-u");
    console.type_text("http://proxy.finebak.com:8080");
    console.press("tab");
    console.type_text("/etc/ssl/proxy.pem");
    let effects = console.press("ctrl-n");
    let [Effect::Contact(wanted)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let hosts = wanted.hosts.clone();
    assert_eq!(
        hosts.proxy.as_deref(),
        Some("http://proxy.finebak.com:8080")
    );
    assert_eq!(hosts.ca_file, Some("/etc/ssl/proxy.pem".into()));
    console.send(Message::Contacted(Some(TENANT), Box::new(Ok(found()))));
    let effects = console.press("ctrl-n");
    let [Effect::AddTenant(listing)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(listing.hosts, hosts);
}

#[test]
fn a_commands_token_is_the_other_way() {
    let mut console = empty();
    console.press("N");
    console.type_text("finebak.com");
    console.press("tab right");
    assert!(
        console.shows("az account get-access-token"),
        "{}",
        console.text()
    );
    let effects = console.press("ctrl-n");
    let [Effect::Contact(wanted)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert!(matches!(&wanted.way, ContactWay::Command { words } if words[0] == "az"));
}

#[test]
fn esc_at_the_code_stops_asking_at_once_and_what_comes_after_is_ignored() {
    let (mut console, _) = asked();
    console.send(Message::ContactAsked(TENANT, prompt()));
    let effects = console.press("esc");
    assert!(
        matches!(effects.as_slice(), [Effect::CancelContact]),
        "{effects:?}"
    );
    let late = Trouble::new("nobody is signed in", "it was cancelled", "");
    console.send(Message::Contacted(Some(TENANT), Box::new(Err(late))));
    assert!(console.model.overlays.is_empty());
    assert_eq!(
        console.model.context(),
        Context::Contact,
        "the form is still there"
    );
    console.press("esc");
    assert_eq!(console.model.context(), Context::Fleet);
}

#[test]
fn a_contact_that_fails_says_why_and_leaves_the_form_as_it_was() {
    let (mut console, _) = asked();
    console.send(Message::Contacted(None, Box::new(Err(trouble()))));
    assert!(
        console.shows("Insufficient privileges"),
        "{}",
        console.text()
    );
    console.press("esc");
    assert!(console.shows("finebak.com"), "{}", console.text());
    assert_eq!(console.press("ctrl-n").len(), 1, "it can be tried again");
}

#[test]
fn a_tenant_that_tells_nothing_of_itself_is_named_by_its_domain_and_says_why() {
    let (mut console, _) = asked();
    let mut found = found();
    found.organization = Err(failure(FailureKind::NotPermitted));
    console.send(Message::Contacted(None, Box::new(Ok(found))));
    assert!(console.shows("own name is not known"), "{}", console.text());
    assert!(console.shows("finebak.com"), "{}", console.text());
}

#[test]
fn a_sandbox_says_that_its_tenants_are_its_own() {
    let mut console = Console::new();
    console.press("N");
    assert!(
        console.shows("the tenants of a sandbox can't be changed"),
        "{}",
        console.text()
    );
}
