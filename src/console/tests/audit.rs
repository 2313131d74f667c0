//! The audit trail: of all devices from the fleet, of one from its screen, a row whole by Enter.

use super::fixtures::*;
use crate::console::message::{Effect, Message};
use crate::desk::audit::TrailState;
use crate::desk::event::Trouble;

const ONE: &str = "ump-fine.finebak.com";
const OTHER: &str = "ump-drift.finebak.com";

pub(super) fn with_a_trail() -> Console {
    let mut console = Console::new();
    let path = "/v1.0/applications/00000000-0000-0000-0000-00000000000b/addPassword";
    console.trail = vec![
        audit_row(3, ONE, path, "HTTP 200"),
        audit_row(2, OTHER, "/v1.0/applications/b", "Graph refused (403): no"),
        audit_row(1, ONE, "", "portal settings stated"),
    ];
    console
}

#[test]
fn the_fleet_shows_every_change_and_a_device_its_own() {
    let mut console = with_a_trail();
    console.drive("L");
    let text = console.text();
    for words in ["Changes 3", "no row was altered", "ump-drift"] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    console.drive("esc");
    console.go_to(ONE);
    console.drive("enter L");
    assert!(console.shows("Changes of ump-fine 2"));
    assert!(!console.shows("403"));
    console.press("esc");
    assert!(console.shows("Checklist"));
}

#[test]
fn enter_shows_a_row_whole_with_its_request_id_and_hash() {
    let mut console = with_a_trail();
    console.drive("L j enter");
    let text = console.text();
    for words in [
        "Row 2 of the audit trail",
        "signed in as ana@finebak.com",
        "Request ID: 3f0a77c2",
        "Hash: 9f8e9f8e",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
}

#[test]
fn a_broken_chain_is_said_and_an_answer_to_another_question_is_dropped() {
    let mut console = with_a_trail();
    let question = console.model.questions.ask();
    console.press("L");
    let broken = || TrailState::Broken {
        row: 2,
        why: Trouble::new("the trail", "its hash differs", "Ask who changed it."),
    };
    let rows = console.trail.clone();
    let others = Box::new((vec![], broken()));
    console.send(Message::Audit(Some(fqdn(ONE)), others, question));
    assert!(console.shows("Reading"));
    console.send(Message::Audit(None, Box::new((rows, broken())), question));
    assert!(console.shows("row 2 was altered: its hash differs"));
    let effects = console.press("r");
    assert!(matches!(&effects[..], [Effect::LoadAudit(None, _)]));
}
