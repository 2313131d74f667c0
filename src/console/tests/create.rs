//! Creating a registration: the form, its rules, and the way to the result.

use super::fixtures::*;
use crate::console::message::{Ask, Effect, Message, Then};
use crate::console::model::{CreateField, CreateScreen, Opens, Screen, StepState};
use crate::console::update::create;
use crate::desk::event::{RunEnd, RunEvent};
use crate::registration::fixtures::{TENANT, World, now};

const DEVICE: &str = "ump-new.contoso.net";

fn form() -> Console {
    let mut console = Console::new();
    console.go_to(DEVICE);
    console.drive("c");
    console
}

fn screen(console: &Console) -> &CreateScreen {
    match console.model.screens.last() {
        Some(Screen::Create(screen)) => screen,
        other => panic!("not the form: {other:?}"),
    }
}

fn go_to(console: &mut Console, field: CreateField) {
    for _ in CreateField::ALL {
        if screen(console).field == field {
            return;
        }
        console.press("tab");
    }
    panic!("{field:?} can't be reached");
}

#[test]
fn the_form_suggests_every_value() {
    let console = form();
    let screen = screen(&console);
    assert_eq!(screen.field, CreateField::Name);
    let suggested = [
        (CreateField::Name, "UMP Sync ump-new"),
        (CreateField::Fqdn, DEVICE),
        (
            CreateField::RedirectUri,
            "https://ump-new.contoso.net/authenticate/OAuth2Callback",
        ),
        (CreateField::SecretName, "umpdeck ump-new 2026-11"),
        (CreateField::SecretMonths, "24"),
        (CreateField::MpnId, "6123456"),
        (CreateField::Notes, ""),
    ];
    for (field, text) in suggested {
        assert_eq!(screen.text(field), text, "{field:?}");
    }
    assert!(!screen.touched && create::form(screen).is_ok());
}

#[test]
fn each_field_says_what_is_wrong_while_it_is_typed_and_falls_silent_when_it_is_right() {
    let long_name = "n".repeat(121);
    let long_notes = "n".repeat(1025);
    let cases: [(CreateField, &str, &str, &str); 6] = [
        (CreateField::Name, &long_name, "longer than 120", "UMP"),
        (
            CreateField::RedirectUri,
            "http://ump-new.contoso.net/a",
            "https://",
            "https://ump-new.contoso.net/a",
        ),
        (CreateField::SecretName, " ", "empty", "push"),
        (CreateField::SecretMonths, "25", "1 to 24", "12"),
        (CreateField::MpnId, "61x", "number", ""),
        (CreateField::Notes, &long_notes, "1024", "by night shift"),
    ];
    for (field, wrong, why, right) in cases {
        let mut console = form();
        go_to(&mut console, field);
        console.press("ctrl-u");
        console.type_text(wrong);
        let at = field.input().unwrap();
        let error = screen(&console).errors[at].clone().unwrap_or_default();
        assert!(error.contains(why), "{field:?}: {error:?}");
        assert!(console.shows(&error), "{field:?} is not on screen");
        console.press("ctrl-u");
        console.type_text(right);
        if right.is_empty() {
            console.press("backspace");
        }
        assert_eq!(screen(&console).errors[at], None, "{field:?}");
        assert!(create::form(screen(&console)).is_ok(), "{field:?}");
    }
}

#[test]
fn letters_that_are_keys_elsewhere_are_typed() {
    let mut console = form();
    console.press("ctrl-u");
    console.type_text("q?cjk");
    assert_eq!(screen(&console).text(CreateField::Name), "q?cjk");
}

#[test]
fn the_fqdn_is_the_inventorys_and_the_blueprint_a_choice() {
    let mut console = form();
    let mut seen = vec![];
    for _ in 0..7 {
        seen.push(screen(&console).field);
        console.press("tab");
    }
    assert!(!seen.contains(&CreateField::Fqdn));
    assert_eq!(screen(&console).field, CreateField::Name);
    go_to(&mut console, CreateField::Blueprint);
    let count = screen(&console).blueprints.len();
    let first = screen(&console).blueprint;
    console.press("right");
    assert_eq!(screen(&console).blueprint, (first + 1) % count);
    console.press("left");
    assert_eq!(screen(&console).blueprint, first);
}

#[test]
fn a_paste_is_one_clean_line_in_the_field() {
    let mut console = form();
    console.press("ctrl-u");
    console.send(Message::Paste("UMP\u{1b}[31m \u{202e}West\n".into()));
    assert_eq!(screen(&console).text(CreateField::Name), "UMP[31m West");
}

#[test]
fn what_is_wrong_stands_whole_on_a_narrow_screen() {
    let mut console = form();
    console.resize(40, 24);
    go_to(&mut console, CreateField::Notes);
    console.press("ctrl-u");
    console.type_text(&"n".repeat(1025));
    let at = CreateField::Notes.input().unwrap();
    let error = screen(&console).errors[at].clone().unwrap();
    let text = console.text();
    for word in error.split(' ') {
        assert!(text.contains(word), "{word}:\n{text}");
    }
}

#[test]
fn ctrl_n_with_an_error_goes_to_the_field_that_has_it() {
    let mut console = form();
    go_to(&mut console, CreateField::SecretMonths);
    console.press("ctrl-u");
    console.type_text("0");
    go_to(&mut console, CreateField::Name);
    let effects = console.press("ctrl-n");
    assert!(effects.is_empty(), "{effects:?}");
    assert_eq!(screen(&console).field, CreateField::SecretMonths);
    assert!(console.shows("1 to 24 months"));
}

#[test]
fn ctrl_n_asks_for_the_plan_of_what_is_typed() {
    let mut console = form();
    console.press("ctrl-u");
    console.type_text("  UMP West ");
    let effects = console.press("ctrl-n");
    let [Effect::Plan(fqdn, Ask::Create(form, blueprint), _)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(fqdn.as_str(), DEVICE);
    assert_eq!(form.name, "UMP West");
    assert_eq!(form.mpn_id.as_deref(), Some("6123456"));
    assert_eq!(blueprint, "consent-2025");
    console.answer(effects);
    assert_eq!(console.plan_screen().file.plan.intent.word(), "create");
    console.press("esc");
    assert_eq!(screen(&console).text(CreateField::Name), "  UMP West ");
}

#[test]
fn two_presses_begin_one_run() {
    let mut console = form();
    console.drive("ctrl-n");
    let mut effects = console.press("enter enter");
    assert_eq!(starts(&effects), 1);
    effects.retain(|effect| matches!(effect, Effect::StartRun(_)));
    console.answer(effects);
    assert_eq!(starts(&console.press("enter enter")), 0);
}

#[test]
fn a_run_that_cant_begin_says_why_and_leaves_the_plan() {
    let mut console = form();
    console.drive("ctrl-n");
    console.press("enter");
    console.send(Message::RunBegan(fqdn(DEVICE), Err(trouble())));
    assert!(console.shows("Insufficient privileges"));
    console.press("esc");
    assert!(!console.plan_screen().applying);
    assert_eq!(starts(&console.press("enter")), 1);
}

#[test]
fn two_presses_of_c_open_one_form() {
    let mut console = Console::new();
    console.go_to(DEVICE);
    let effects = console.press("c c");
    console.answer(effects);
    assert_eq!(console.model.screens.len(), 1);
}

#[test]
fn from_the_form_to_the_result_and_on_to_the_push() {
    let mut console = form();
    console.drive("ctrl-n enter");
    let steps = console.run_screen().file.plan.steps.len();
    assert_eq!(
        console.model.screens.len(),
        1,
        "form and plan are done with"
    );
    assert!(
        console
            .model
            .running
            .values()
            .any(|one| one.as_str() == DEVICE)
    );
    let refused = console.press("p");
    assert!(refused.is_empty() && console.toast().contains("under way"));

    console.run_event(DEVICE, RunEvent::Started { step: 0, at: now() });
    assert_eq!(
        console.run_screen().progress.steps[0],
        StepState::Running(now())
    );
    let on = "replication".to_string();
    let since = now();
    console.run_event(DEVICE, RunEvent::Waiting { step: 0, on, since });
    console.wait(5_000);
    assert!(console.shows("waiting for replication, 5 s"));
    for step in 0..steps {
        console.step_done(DEVICE, step, "created");
    }
    // Entra has the registration now; the portal knows nothing of it yet.
    let mut world = named(DEVICE, CONTOSO);
    world.facts.record = None;
    *world.portal() = Default::default();
    console.rows_changed(&[world]);
    console.hold_secret(DEVICE);
    let effects = console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
    assert!(matches!(&effects[..], [Effect::Load(_, Then::Show, _)]));
    assert!(console.model.running.is_empty());
    let text = console.text();
    assert!(text.contains("Application (client) ID"), "{text}");
    assert!(text.contains(&crate::registration::fixtures::APP_ID.to_string()));
    assert!(!text.contains(SECRET));
    assert_eq!(copies(&console.press("x"))[0].1, SECRET);

    let effects = console.drive("p");
    assert!(matches!(&effects[..], [Effect::Plan(_, Ask::Push, _)]));
    assert_eq!(console.plan_screen().file.plan.intent.word(), "push");
    console.press("esc esc");
    assert!(
        console.model.screens.is_empty(),
        "over the result back on the fleet"
    );
}

#[test]
fn from_the_device_the_push_leads_back_to_the_device() {
    let mut console = Console::new();
    console.go_to(DEVICE);
    console.drive("enter c ctrl-n enter");
    let steps = console.run_screen().file.plan.steps.len();
    for step in 0..steps {
        console.step_done(DEVICE, step, "done");
    }
    let mut world = named(DEVICE, CONTOSO);
    world.facts.record = None;
    *world.portal() = Default::default();
    console.rows_changed(&[world]);
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
    console.drive("p esc");
    assert_eq!(console.run_screen().file.plan.device.as_str(), DEVICE);
    console.drive("esc");
    assert_eq!(console.device_screen().fqdn.as_str(), DEVICE);
    assert_eq!(console.model.screens.len(), 1);
}

#[test]
fn a_form_that_cant_be_made_says_why() {
    let mut console = Console::over(vec![]);
    let mut world = World::unregistered();
    world.blueprint.redirect_path = "/a b".into();
    world.device.tenant = TENANT;
    let question = console
        .model
        .questions
        .ask_to_open(&world.device.fqdn, Opens::Form);
    let message = Message::Loaded(Box::new(file(&world)), Then::Create, question);
    console.send(message);
    assert!(console.model.screens.is_empty());
    assert!(console.toast().starts_with("the form for"));
}
