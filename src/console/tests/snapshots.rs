//! Every pane and overlay as text, at three sizes.

use super::fixtures::*;
use super::{audit, secrets};
use crate::console::message::Message;
use crate::desk::event::{DeskEvent, RunEnd, RunEvent};
use crate::desk::file::{RunOutcome, RunSummary};
use crate::registration::fixtures::TENANT;

/// The screen at three sizes, one below the other.
fn at_three_sizes(console: &mut Console) -> String {
    let mut all = String::new();
    for (columns, rows) in [(80, 24), (120, 36), (200, 50)] {
        console.resize(columns, rows);
        let text = console.text();
        all.push_str(&format!("== {columns}x{rows} ==\n{}\n", text.trim_end()));
    }
    all
}

fn after(device: &str, keys: &str) -> Console {
    let mut console = Console::new();
    console.go_to(device);
    console.wait(1_000);
    console.drive(keys);
    console
}

const DRIFT: &str = "ump-drift.finebak.com";

macro_rules! snapshot {
    ($name:ident, $console:expr) => {
        #[test]
        fn $name() {
            let mut console = $console;
            insta::assert_snapshot!(stringify!($name), at_three_sizes(&mut console));
        }
    };
}

snapshot!(fleet, after(DRIFT, ""));
snapshot!(fleet_narrowed, {
    let mut console = after(DRIFT, "tab !");
    console.send(Message::Paste("ump".into()));
    console
});
snapshot!(fleet_empty, Console::over(vec![]));
snapshot!(device_checklist, after(DRIFT, "enter j"));
snapshot!(device_permissions, after(DRIFT, "enter 2 G space"));
snapshot!(device_values, {
    let mut console = Console::new();
    console.hold_secret(DRIFT);
    console.go_to(DRIFT);
    console.drive("enter 3");
    console
});
snapshot!(device_portal, after("ump-bare.contoso.net", "enter 4"));
snapshot!(device_customers, after("ump-wait.finebak.com", "enter 5"));
snapshot!(device_history, {
    let mut console = Console::new();
    let file = console.files.get_mut(&fqdn(DRIFT)).unwrap();
    let run = |number, outcome, note: &str| RunSummary {
        id: run_id(number),
        device: fqdn(DRIFT),
        tenant: TENANT,
        intent: "repair".into(),
        plan: serde_json::Value::Null,
        owner: "ana@noc-2".into(),
        began: crate::registration::fixtures::in_days(-i64::from(number)),
        heartbeat: crate::registration::fixtures::in_days(-i64::from(number)),
        ended: None,
        outcome,
        note: note.into(),
    };
    file.runs = vec![
        run(1, None, ""),
        run(2, Some(RunOutcome::Done), ""),
        run(3, Some(RunOutcome::Failed), "Graph answered 403"),
    ];
    console.go_to(DRIFT);
    console.drive("enter 6");
    console
});
snapshot!(device_secrets, {
    let mut console = secrets::with_old_secrets();
    console.go_to(secrets::DEVICE);
    console.drive("enter 7 j");
    console.wait(10_000);
    console
});
snapshot!(device_history_of_a_dead_run, {
    let mut console = Console::new();
    secrets::leave_dead_run(&mut console, DRIFT);
    console.go_to(DRIFT);
    console.drive("enter 6");
    console
});
snapshot!(secrets_of_the_fleet, {
    let mut console = secrets::with_old_secrets();
    console.drive("E j j");
    console
});
snapshot!(secrets_due, {
    let mut console = secrets::with_old_secrets();
    console.drive("E d j");
    console
});
snapshot!(plan_retire, {
    let mut console = secrets::with_old_secrets();
    console.go_to(secrets::DEVICE);
    console.drive("enter 7 j j X");
    console.wait(10_000);
    console
});
snapshot!(audit, {
    let mut console = audit::with_a_trail();
    console.drive("L j");
    console
});
snapshot!(overlay_consent, {
    let mut console = Console::new();
    console.model.secret_leaving = crate::console::model::SecretLeaving::Ask;
    console.hold_secret(DRIFT);
    console.go_to(DRIFT);
    console.drive("enter x");
    console
});
snapshot!(create, after("ump-new.contoso.net", "c"));
snapshot!(create_with_an_error, {
    let mut console = after("ump-new.contoso.net", "c tab");
    console.type_text(" b");
    console
});
snapshot!(plan_create, after("ump-new.contoso.net", "c ctrl-n"));
snapshot!(plan_repair_with_bodies, after(DRIFT, "f d"));
snapshot!(plan_push, after("ump-bare.contoso.net", "p"));
snapshot!(run_under_way, {
    let mut console = after(DRIFT, "f enter");
    let at = console.now;
    console.run_event(DRIFT, RunEvent::Started { step: 0, at });
    console.wait(7_000);
    console
});
snapshot!(run_result, {
    let mut console = after(DRIFT, "f enter");
    for step in 0..console.run_screen().file.plan.steps.len() {
        console.step_done(DRIFT, step, "as planned");
    }
    console.rows_changed(&[named(DRIFT, TENANT)]);
    console.run_event(DRIFT, RunEvent::Anchored(anchor(Some(Ok(())))));
    console.run_event(DRIFT, RunEvent::Ended(RunEnd::Done));
    console.wait(10_000);
    console
});
snapshot!(run_failed, {
    let mut console = after(DRIFT, "f enter");
    let why = trouble();
    console.run_event(DRIFT, RunEvent::Failed { step: 0, why });
    console.run_event(DRIFT, RunEvent::Ended(RunEnd::Failed));
    console.wait(10_000);
    console
});
snapshot!(handoff_at_the_beginning, {
    let mut console = Console::over(vec![by_hand("ump-hand.finebak.com")]);
    console.drive("p");
    console
});
snapshot!(handoff_your_turn, {
    let mut console = Console::over(vec![by_hand("ump-hand.finebak.com")]);
    console.drive("p enter");
    let device = "ump-hand.finebak.com";
    console.step_done(device, 0, "added");
    console.hold_secret(device);
    console.run_event(device, RunEvent::YourTurn { step: 1 });
    console.press("enter");
    console.wait(130_000);
    console
});
snapshot!(overlay_filter, {
    let mut console = after(DRIFT, "/");
    console.type_text("secret<30");
    console
});
snapshot!(overlay_copy_menu, after(DRIFT, "y j"));
snapshot!(overlay_help, after(DRIFT, "?"));
snapshot!(overlay_explanation, after(DRIFT, "enter enter"));
snapshot!(overlay_failure, {
    let mut console = after(DRIFT, "");
    console.send(Message::Failed(trouble()));
    console
});
snapshot!(overlay_bare_line, after(DRIFT, "enter 3 G k b"));
snapshot!(overlay_sign_in, {
    let mut console = after(DRIFT, "");
    console.desk(DeskEvent::SignInAsked {
        tenant: TENANT,
        prompt: prompt(),
    });
    console.wait(2_000);
    console
});

#[test]
fn without_colours_and_in_ascii_the_meaning_stays() {
    let theme = ascii("no-colour");
    let mut all = String::new();
    for keys in ["", "enter"] {
        let mut console = after(DRIFT, keys);
        console.resize(80, 24);
        let buffer = console.buffer_with(&theme);
        for cell in &buffer.content {
            assert!(cell.symbol().is_ascii(), "{:?}", cell.symbol());
            let reset = ratatui::style::Color::Reset;
            assert_eq!((cell.fg, cell.bg), (reset, reset));
        }
        all.push_str(&format!("== {keys:?} ==\n{}\n", text(&buffer).trim_end()));
    }
    insta::assert_snapshot!("ascii_without_colours", all);
}

#[test]
fn a_terminal_that_is_too_small_says_what_is_needed() {
    let mut console = Console::new();
    for (columns, rows) in [(39, 24), (80, 7), (20, 5)] {
        console.resize(columns, rows);
        let words = format!("umpdeck needs 40x8, here are {columns}x{rows}");
        let shown = &words[..words.len().min(usize::from(columns))];
        assert_eq!(console.text().trim(), shown.trim());
    }
    for (columns, rows) in [(1, 1), (0, 0), (3, 1)] {
        console.resize(columns, rows);
        console.text();
    }
}
