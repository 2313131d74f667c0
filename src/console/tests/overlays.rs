//! What lies over a screen: sign-in, copy menu, help, cards.

use super::fixtures::*;
use crate::console::geometry;
use crate::console::keymap::Context;
use crate::console::keys::Keys;
use crate::console::message::{Effect, Message};
use crate::console::model::{Card, Overlay};
use crate::desk::event::{DeskEvent, Trouble};
use crate::registration::fixtures::{APP_ID, TENANT, failure};
use crate::registration::observed::FailureKind;

fn asked() -> Console {
    let mut console = Console::new();
    console.desk(DeskEvent::RefreshStarted { tenant: TENANT });
    console.desk(DeskEvent::SignInAsked {
        tenant: TENANT,
        prompt: prompt(),
    });
    console
}

fn signed_in(console: &mut Console) {
    console.desk(DeskEvent::SignedIn {
        tenant: TENANT,
        identity: identity(),
    });
}

#[test]
fn a_quick_sign_in_never_flickers_by() {
    let mut console = asked();
    console.wait(1_999);
    assert!(console.model.overlays.is_empty());
    signed_in(&mut console);
    console.wait(60_000);
    assert!(console.model.overlays.is_empty());
}

#[test]
fn a_slow_sign_in_comes_after_two_seconds_and_goes_by_itself() {
    let mut console = asked();
    let asked_at = console.now;
    // The loop sleeps from one deadline to the next.
    while console.model.overlays.is_empty() {
        console.now = crate::console::deadline::next(&console.model).unwrap();
        console.wait(0);
    }
    assert_eq!(console.now.duration_since(asked_at).as_secs(), 2);
    let text = console.text();
    for words in ["Sign in to Finebak", "HX7QK2MZP", "devicelogin", "14:58"] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    signed_in(&mut console);
    assert!(console.model.overlays.is_empty());
    console.press("tab");
    console.desk(DeskEvent::RefreshEnded {
        tenant: TENANT,
        failure: None,
    });
    assert!(console.shows("signed in as ana@finebak.com"));
}

#[test]
fn a_sign_in_that_ended_badly_goes_too_and_the_header_tells_of_it() {
    let mut console = asked();
    console.wait(2_000);
    console.desk(DeskEvent::RefreshEnded {
        tenant: TENANT,
        failure: Some(failure(FailureKind::SignIn)),
    });
    assert!(console.model.overlays.is_empty());
    assert!(console.shows("Finebak can't be read"));
}

#[test]
fn code_and_address_can_be_copied_and_esc_cancels() {
    let mut console = asked();
    console.wait(2_000);
    assert_eq!(copies(&console.press("c"))[0].1, "HX7QK2MZP");
    assert_eq!(
        copies(&console.press("u"))[0].1,
        "https://microsoft.com/devicelogin"
    );
    assert!(matches!(
        console.press("esc")[..],
        [Effect::CancelSignIn(TENANT)]
    ));
    assert!(console.model.overlays.is_empty());
}

#[test]
fn a_code_that_replaces_another_is_the_only_one() {
    let mut console = asked();
    console.wait(2_000);
    let mut prompt = prompt();
    prompt.user_code = "NEWCODE22".into();
    console.desk(DeskEvent::SignInAsked {
        tenant: TENANT,
        prompt,
    });
    assert!(console.model.overlays.is_empty());
    console.wait(2_000);
    assert_eq!(console.model.overlays.len(), 1);
    assert!(console.shows("NEWCODE22"));
}

#[test]
fn a_failure_is_a_card_with_what_why_and_what_to_do() {
    let mut console = Console::new();
    console.send(Message::Failed(trouble()));
    let text = console.text();
    for words in [
        "the registration could not be updated",
        "Insufficient privileges to complete the operation.",
        "Sign in as somebody who may change applications, then try again.",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    console.press("esc");
    assert!(console.model.overlays.is_empty());
}

#[test]
fn a_servers_long_words_never_push_what_to_do_off_the_card() {
    let mut console = Console::new();
    console.resize(80, 24);
    console.send(Message::Failed(Trouble::new(
        "the registration could not be read",
        "word ".repeat(800),
        "wait a minute, then press r",
    )));
    assert!(
        console.shows("Wait a minute, then press r."),
        "{}",
        console.text()
    );
}

#[test]
fn the_copy_menu_copies_by_letter_and_by_cursor_then_goes() {
    let mut console = Console::new();
    console.go_to("ump-fine.finebak.com");
    console.drive("y");
    assert!(console.shows("Copy from ump-fine.finebak.com"));
    assert_eq!(copies(&console.press("i"))[0].1, APP_ID.to_string());
    assert!(console.model.overlays.is_empty());
    console.drive("y G");
    assert_eq!(
        copies(&console.press("enter"))[0].1,
        "https://ump-fine.finebak.com/tenantui"
    );
    assert!(console.model.overlays.is_empty());
}

#[test]
fn what_is_asked_of_the_copy_menu_before_it_is_loaded_is_done_when_it_is() {
    let mut console = Console::new();
    console.go_to("ump-fine.finebak.com");
    let load = console.press("y");
    assert!(console.press("i").is_empty());
    assert!(console.shows("Reading"));
    let copied = console.answer(load);
    assert_eq!(copies(&copied)[0].1, APP_ID.to_string());
    assert!(console.model.overlays.is_empty());
    // Who has left the menu meanwhile wants nothing of it any more.
    let load = console.press("y");
    assert!(console.press("i esc").is_empty());
    assert!(copies(&console.answer(load)).is_empty());
}

#[test]
fn the_copy_menu_never_shows_the_secret() {
    let mut console = Console::new();
    console.hold_secret("ump-fine.finebak.com");
    console.go_to("ump-fine.finebak.com");
    console.drive("y");
    assert!(console.shows("in memory, masked") && !console.shows(SECRET));
}

#[test]
fn help_lists_the_keys_of_the_pane_it_was_asked_from() {
    let mut console = Console::new();
    console.resize(120, 60);
    for (way, context) in [("", Context::Fleet), ("enter", Context::Device)] {
        console.go_to("ump-fine.finebak.com");
        console.drive(way);
        console.press("?");
        let cells = geometry::box_cells((120, 60));
        for (keys, words) in Keys::default().help_lines(context, cells) {
            assert!(console.shows(&keys), "{context:?}: {keys}");
            assert!(console.shows(&words), "{context:?}: {words}");
        }
        console.press("esc");
    }
}

#[test]
fn help_scrolls_to_its_last_line_and_back_at_once() {
    let mut console = Console::new();
    console.resize(80, 24);
    console.press("?");
    let keys = Keys::default();
    let rows = keys.help(Context::Fleet);
    let (first, last) = (rows[0].binding.help, rows[rows.len() - 1].binding.help);
    assert!(console.shows(first) && !console.shows(last));
    console.press("G j j");
    assert!(!console.shows(first) && console.shows(last));
    let end = console.text();
    console.press("k");
    assert_ne!(console.text(), end, "one press up moves it");
}

#[test]
fn toasts_go_by_themselves_bad_news_later() {
    let mut console = Console::new();
    console.send(Message::Told("told".into()));
    assert!(console.shows("told"));
    console.wait(4_000);
    assert!(!console.shows("told"));
    console.go_to("ump-new.contoso.net");
    console.drive("enter i");
    console.wait(7_999);
    assert!(console.shows("no registration yet"));
    console.wait(1);
    assert!(console.model.toasts.is_empty());
}

#[test]
fn the_end_of_a_long_filter_is_on_screen_while_it_is_typed() {
    let mut console = Console::new();
    console.resize(60, 20);
    console.press("/");
    console.type_text(&"word ".repeat(30));
    console.type_text("last");
    let text = console.text();
    let line = text.lines().find(|line| line.starts_with(" / "));
    assert!(line.is_some_and(|line| line.ends_with("last")), "{text}");
}

#[test]
fn a_card_over_a_filter_gives_the_filter_back() {
    let mut console = Console::new();
    console.press("/");
    console.model.overlays.push(Overlay::Card(Card {
        title: "one".into(),
        paragraphs: vec!["two".into()],
        failure: false,
    }));
    console.press("x esc");
    console.type_text("drift");
    assert_eq!(console.model.fleet.filter, "drift");
}
