//! Client secrets: the fleet's by their end, the earlier ones that wait to go, and what is asked before one leaves.

use uuid::Uuid;

use super::fixtures::*;
use crate::console::message::Effect;
use crate::console::model::{Overlay, Screen, SecretLeaving};
use crate::desk::file::{RunSummary, UnfinishedRun};
use crate::desk::retiring::{DueSecret, Standing};
use crate::registration::fixtures::*;
use crate::registration::plan::Action;
use crate::registration::secret::role::{SecretLine, SecretRole};

pub(super) const DEVICE: &str = "ump-fine.finebak.com";
const RETIRING: Uuid = Uuid::from_u128(0x01d);
const UNKNOWN: Uuid = Uuid::from_u128(0x02d);

/// A fleet with a device that has, beside the secret in use, one that is due to go and one that nobody recognises.
pub(super) fn with_old_secrets() -> Console {
    let mut all = worlds();
    let world = all.last_mut().unwrap();
    for (key_id, days) in [(RETIRING, 20), (UNKNOWN, 90)] {
        let old = secret(key_id, in_days(days - 730), in_days(days));
        world.app().password_credentials.push(old);
    }
    let mut console = Console::over(all);
    let file = console.files.get_mut(&fqdn(DEVICE)).unwrap();
    let due = |line: &mut SecretLine| {
        if line.credential.key_id == RETIRING {
            line.role = SecretRole::Retiring(in_days(-1));
            line.due = Some(in_days(-1));
        }
    };
    file.secrets.iter_mut().for_each(due);
    let one = |device: &str, key_id, due, standing| DueSecret {
        device: fqdn(device),
        tenant: TENANT,
        key_id,
        name: "umpdeck ump-fine 2025-01".into(),
        due,
        run: run_id(3),
        standing,
    };
    let held = Standing::Held("its portal has this secret".into());
    console.due = vec![
        one(DEVICE, RETIRING, in_days(-1), Standing::Ready),
        one("ump-soon.finebak.com", UNKNOWN, in_days(-1), held),
    ];
    console
}

/// A run that was interrupted on a device.
pub(super) fn leave_dead_run(console: &mut Console, device: &str) {
    let summary = RunSummary {
        id: run_id(9),
        device: fqdn(device),
        tenant: TENANT,
        intent: "rotate".into(),
        plan: serde_json::Value::Null,
        owner: "ana@noc-2 pid 4242".into(),
        began: in_days(-1),
        heartbeat: in_days(-1),
        outcome: None,
        note: String::new(),
        ended: None,
    };
    let file = console.files.get_mut(&fqdn(device)).unwrap();
    file.runs = vec![summary.clone()];
    file.unfinished = Some(UnfinishedRun {
        summary,
        purpose: "rotate".into(),
        done: "add a client secret (it begins with \"aB3\"; its value is lost)".into(),
        unknown: "write client ID, secret and redirect URI to the portal: it may have been done".into(),
        resume_will: "read it again and plan the rotate anew; add a new secret; put it in the portal, prove it".into(),
    });
}

fn listed(console: &Console) -> Vec<String> {
    let Some(Screen::Secrets(screen)) = console.model.screens.last() else {
        panic!("not the secrets: {:?}", console.model.screens);
    };
    (0..screen.len())
        .filter_map(|at| screen.device(at))
        .map(|one| one.fqdn.short().to_string())
        .collect()
}

#[test]
fn the_first_to_run_out_comes_first_and_the_list_follows_the_fleets_filter() {
    let mut console = with_old_secrets();
    console.drive("E");
    let all = listed(&console);
    assert_eq!(all[..2], ["ump-expired", "ump-soon"]);
    assert_eq!(all.len(), 8, "those without a secret come last");
    console.drive("/");
    console.type_text("tenant:contoso");
    console.press("enter");
    assert!(listed(&console).iter().all(|name| name != "ump-soon"));
    console.press("esc");
    assert_eq!(listed(&console).len(), 8, "Esc clears the filter first");
    console.press("s");
    assert!(listed(&console).is_sorted());
    console.press("s");
    assert_eq!(
        listed(&console)[0],
        "ump-fine",
        "it has one that nobody knows"
    );
    console.press("esc");
    assert!(console.model.screens.is_empty());
}

#[test]
fn a_filter_and_other_rows_keep_the_cursor_on_its_device() {
    let mut console = with_old_secrets();
    console.drive("E j");
    let selected = |console: &Console| console.model.device().unwrap().to_string();
    assert_eq!(selected(&console), "ump-soon.finebak.com");
    console.drive("/");
    console.type_text("soon");
    console.press("enter");
    assert_eq!(selected(&console), "ump-soon.finebak.com");
    console.press("esc");
    assert_eq!(selected(&console), "ump-soon.finebak.com");
    console.rows_changed(&[named("ump-expired.finebak.com", TENANT)]);
    assert_eq!(selected(&console), "ump-soon.finebak.com");
}

#[test]
fn enter_shows_a_devices_secrets_and_rotating_begins_here_too() {
    let mut console = with_old_secrets();
    console.drive("E j R");
    assert_eq!(console.plan_screen().file.plan.intent.word(), "rotate");
    console.press("esc");
    console.drive("enter");
    assert!(console.shows("SECRET"), "{}", console.text());
    assert_eq!(
        console.device_screen().fqdn.as_str(),
        "ump-soon.finebak.com"
    );
}

#[test]
fn what_is_due_is_removed_by_key_and_what_has_to_stay_says_why() {
    let mut console = with_old_secrets();
    console.drive("E d");
    assert!(console.shows("it can be removed"));
    console.drive("j X");
    assert!(console.toast().contains("its portal has this secret"));
    console.drive("k X");
    let plan = console.plan_screen().file.plan.clone();
    assert!(plan.removes(RETIRING), "{plan:?}");
    let effects = console.press("enter");
    assert_eq!(starts(&effects), 1, "a run put it down: nothing is asked");
}

#[test]
fn when_a_secret_is_due_is_counted_as_everywhere_and_told_with_its_hour() {
    let mut console = with_old_secrets();
    console.due[0].due = in_days(7) - jiff::SignedDuration::from_secs(60);
    console.due.truncate(1);
    console.drive("E d");
    assert!(console.shows("in 6 d "), "{}", console.text());
    assert!(
        console.shows("is due for removal in 6 d, on 2026-12-01 11:59 UTC"),
        "{}",
        console.text()
    );
}

#[test]
fn a_secret_that_nobody_recognises_is_removed_alone_after_words_that_name_the_device() {
    let mut console = with_old_secrets();
    console.go_to(DEVICE);
    console.drive("enter X");
    assert!(
        console
            .toast()
            .contains("removes the secret under the cursor")
    );
    console.drive("j j");
    console.wait(10_000);
    assert!(
        console.shows("Earlier: no record of use"),
        "{}",
        console.text()
    );
    console.drive("X");
    assert!(console.plan_screen().file.plan.removes(UNKNOWN));
    assert_eq!(starts(&console.press("enter")), 0);
    assert!(console.toast().contains(DEVICE), "{}", console.toast());
    assert_eq!(starts(&console.press("d enter")), 0, "asked again");
    assert_eq!(starts(&console.press("enter")), 1);
}

#[test]
fn the_secret_in_use_is_never_planned_away() {
    let mut console = with_old_secrets();
    console.go_to(DEVICE);
    console.drive("enter 7 X");
    assert!(console.shows("it is the one in use"), "{}", console.text());
    let removes = |screen: &Screen| matches!(screen, Screen::Plan(_));
    assert!(!console.model.screens.iter().any(removes));
}

#[test]
fn a_secret_leaves_only_after_the_operator_agreed_once_a_session() {
    let mut console = Console::new();
    console.model.secret_leaving = SecretLeaving::Ask;
    console.hold_secret(DEVICE);
    console.go_to(DEVICE);
    console.drive("enter");
    for key in ["x", "v"] {
        assert!(copies(&console.press(key)).is_empty());
        let text = console.text();
        assert!(
            text.contains("recorders") && text.contains("clipboard history"),
            "{text}"
        );
        assert!(!text.contains(SECRET));
        console.press("esc");
        assert!(!console.device_screen().revealed);
    }
    // The bare line for the mouse asks too, and so does the menu.
    console.press("3 j b");
    let asks =
        |console: &Console| matches!(console.model.overlays.last(), Some(Overlay::Consent(_)));
    assert!(asks(&console), "{:?}", console.model.overlays);
    console.press("esc");
    console.drive("y");
    console.press("j enter");
    assert!(asks(&console));
    let copied = copies(&console.press("enter"));
    assert_eq!(copied[0].1, SECRET, "the key that asked is carried out");
    assert_eq!(copies(&console.press("x"))[0].1, SECRET, "asked once");
    assert_eq!(
        copies(&console.press("i")).len(),
        1,
        "other values never ask"
    );
}

#[test]
fn where_the_site_says_never_no_secret_leaves_and_no_handoff_adds_one() {
    let mut console = Console::over(vec![by_hand("ump-hand.finebak.com"), named(DEVICE, TENANT)]);
    console.model.secret_leaving = SecretLeaving::Never;
    console.hold_secret(DEVICE);
    console.go_to(DEVICE);
    console.drive("enter");
    for keys in ["x", "v", "3 j enter", "b"] {
        console.model.toasts.clear();
        assert!(copies(&console.press(keys)).is_empty(), "{keys}");
        assert!(
            console.toast().contains("never"),
            "{keys}: {}",
            console.toast()
        );
        assert!(!console.shows(SECRET), "{keys}");
        assert!(console.model.overlays.is_empty(), "{keys}");
    }
    assert_eq!(copies(&console.press("i")).len(), 1);
    console.press("esc");
    console.go_to("ump-hand.finebak.com");
    console.drive("p");
    assert_eq!(
        starts(&console.press("enter j enter")),
        0,
        "no secret is added for nobody"
    );
    // A portal with an interface takes its secret all the same.
    console.press("esc");
    console.go_to(DEVICE);
    console.drive("R");
    let adds = |action: &Action| matches!(action, Action::AddSecret { .. });
    let steps = &console.plan_screen().file.plan.steps;
    assert!(steps.iter().any(|step| adds(&step.action)));
    assert_eq!(starts(&console.press("enter")), 1);
}

#[test]
fn the_history_says_what_a_dead_run_did_and_what_a_resume_will_do() {
    let mut console = Console::new();
    leave_dead_run(&mut console, DEVICE);
    console.go_to(DEVICE);
    console.drive("enter 6");
    let text = console.text();
    for words in [
        "Done: add a client secret",
        "Unknown: write client ID",
        "Enter will: read it again",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    console.resize(60, 14);
    assert!(console.shows("interrupted"), "{}", console.text());
    console.files.get_mut(&fqdn(DEVICE)).unwrap().unfinished = None;
    console.drive("esc enter 6");
    let effects = console.press("enter");
    assert!(matches!(&effects[..], [Effect::LoadStory(run)] if *run == run_id(9)));
}

#[test]
fn on_a_narrow_screen_the_names_of_the_devices_stay_whole() {
    const LONG: &str = "voice07.contoso-telco.example.net";
    for columns in [60, 80, 120] {
        let mut console = Console::over(vec![named(LONG, TENANT), named(DEVICE, TENANT)]);
        console.resize(columns, 24);
        console.drive("E");
        let text = console.text();
        assert!(text.contains(LONG), "{text}");
        assert_eq!(text.contains("OF LIFE"), columns >= 90, "{text}");
        assert_eq!(text.contains("UNTIL"), columns >= 80, "{text}");
        assert_eq!(text.contains("NOTES"), columns >= 80, "{text}");
        assert!(!text.contains("ass…"), "{text}");
    }
}

#[test]
fn two_secrets_of_one_name_are_told_apart_below_the_list() {
    let mut world = named(DEVICE, TENANT);
    let mut twin = secret(UNKNOWN, in_days(-900), in_days(90));
    twin.display_name = world.app().password_credentials[0].display_name.clone();
    twin.hint = Some("Mg4".into());
    world.app().password_credentials.push(twin);
    let mut console = Console::over(vec![world]);
    console.drive("E");
    for hint in ["(abc…)", "(Mg4…)"] {
        assert!(console.shows(hint), "{hint}: {}", console.text());
    }
}

#[test]
fn a_head_that_the_shown_lines_would_cut_is_left_out_whole() {
    let mut console = Console::new();
    console.resize(80, 12);
    console.drive("E");
    let text = console.text();
    let heads = text.lines().find(|line| line.contains("UNTIL"));
    let heads = heads.unwrap_or_else(|| panic!("{text}"));
    assert!(heads.trim_end().ends_with(" of 8"), "{text}");
    let words = ["DEVICE", "LEFT", "OF", "LIFE", "UNTIL", "NOTES", "of", "8"];
    let is_range = |word: &str| {
        word.split_once('-')
            .is_some_and(|(from, _)| from.parse::<u8>().is_ok())
    };
    for word in heads.split_whitespace() {
        assert!(words.contains(&word) || is_range(word), "{word}: {text}");
    }
}
