use super::*;
use crate::registration::observed::PasswordCredential;
use crate::store::{JournalEntry, Phase, RunId};
use serde_json::{Value, json};

fn step(action: Value) -> Value {
    json!({"action": action, "changes": []})
}

fn run(intent: Value, steps: Vec<Value>) -> RunSummary {
    RunSummary {
        id: RunId::new(),
        device: Fqdn::parse("ump1.finebak.com").unwrap(),
        tenant: Uuid::nil(),
        intent: intent["intent"].as_str().unwrap().to_string(),
        plan: json!({
            "device": "ump1.finebak.com",
            "tenant": Uuid::nil(),
            "blueprint": "consent-2025",
            "intent": intent,
            "target": {"object_id": null, "app_id": null},
            "steps": steps,
            "left_alone": [],
            "notes": [],
        }),
        owner: "ann@noc1 pid 7 tick 9".into(),
        began: Timestamp::UNIX_EPOCH,
        heartbeat: Timestamp::UNIX_EPOCH,
        outcome: None,
        note: String::new(),
        ended: None,
    }
}

fn rotation() -> RunSummary {
    let uri = "https://ump1.finebak.com/authenticate/OAuth2Callback";
    run(
        json!({"intent": "rotate"}),
        vec![
            step(
                json!({"action": "add-secret", "name": "umpdeck ump1", "end": "2028-11-24T00:00:00Z"}),
            ),
            step(json!({"action": "write-portal", "redirect_uri": uri, "with_secret": true})),
            step(json!({"action": "read-back-portal", "redirect_uri": uri})),
            step(json!({"action": "prove-secret"})),
        ],
    )
}

fn line(step: u32, phase: Phase, detail: Value) -> JournalEntry {
    JournalEntry {
        step,
        phase,
        detail,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn minted() -> [JournalEntry; 2] {
    [
        line(0, Phase::About, json!({})),
        line(0, Phase::Done, json!({"hint": "abc", "keyId": Uuid::nil()})),
    ]
}

#[test]
fn what_is_done_and_what_nobody_knows_are_told_apart() {
    let mut journal = minted().to_vec();
    journal.push(line(1, Phase::About, json!({})));
    let told = tell(rotation(), &journal);
    assert_eq!(told.purpose, "rotate");
    assert!(told.done.contains("add a client secret"), "{}", told.done);
    assert!(told.done.contains("begins with \"abc\""), "{}", told.done);
    assert!(
        told.unknown.starts_with("write client ID"),
        "{}",
        told.unknown
    );
    let short = told.summary.id.short();
    assert!(told.resume_will.contains(&short), "{}", told.resume_will);

    let told = tell(rotation(), &[]);
    assert_eq!(told.done, "nothing was changed");
    assert_eq!(told.unknown, "nothing");

    let mut strange = rotation();
    strange.plan = json!({"of": "another version"});
    assert!(
        tell(strange, &journal)
            .resume_will
            .contains("only be abandoned")
    );
}

#[test]
fn a_run_that_is_given_up_keeps_a_secret_that_the_portal_may_have() {
    let summary = rotation();
    let plan: Plan = serde_json::from_value(summary.plan.clone()).unwrap();
    let credential = |name: String| PasswordCredential {
        key_id: Uuid::from_u128(1),
        display_name: name,
        hint: None,
        start: None,
        end: None,
    };
    let credentials = [
        credential(format!("umpdeck ump1 {}", summary.id.short())),
        credential("somebody's".into()),
    ];
    let of = |journal: &[JournalEntry]| {
        let given_up = abandonment(summary.clone(), Some(&plan), journal, &credentials);
        (given_up.removes.len(), given_up.leaves.len())
    };
    let mut journal = minted().to_vec();
    assert_eq!(of(&journal), (1, 0), "never sent to the portal");
    for (phase, expected) in [
        (Phase::About, (0, 1)),
        (Phase::Unknown, (0, 1)),
        (Phase::Done, (0, 1)),
        (Phase::Failed, (1, 0)),
    ] {
        journal.truncate(2);
        journal.push(line(1, phase, json!({})));
        assert_eq!(of(&journal), expected, "{phase:?}");
    }
    let unknown = abandonment(summary.clone(), None, &minted(), &credentials);
    assert_eq!(unknown.leaves.len(), 1, "of a plan that nobody understands");
}

#[test]
fn only_a_last_word_of_six_hex_digits_is_a_run() {
    assert_eq!(run_in("umpdeck ump1 2026-11 0a9f3c"), Some("0a9f3c"));
    for other in [
        "umpdeck ump1 2026-11",
        "0a9f3c",
        "x 0A9F3C",
        "x 0a9f3",
        "x 0a9f3g",
    ] {
        assert_eq!(run_in(other), None, "{other}");
    }
}
