//! What is said in passing: where it stands, how long, and where it is found again.

use super::fixtures::*;
use crate::console::message::Message;

#[test]
fn a_key_without_a_meaning_says_where_the_keys_are() {
    let mut console = Console::new();
    console.press("z");
    assert_eq!(console.toast(), "z does nothing here; ? shows the keys");
}

#[test]
fn what_was_said_of_a_pane_goes_with_it_and_stays_among_the_messages() {
    let mut console = Console::new();
    console.drive("z b");
    assert_eq!(console.model.toasts.len(), 2);
    console.drive("enter");
    assert!(console.model.toasts.is_empty(), "{}", console.toast());
    console.press("M");
    assert!(console.shows("there was no bulk run yet"));
    assert!(
        !console.shows("z does nothing here"),
        "no message to come back to"
    );
}

#[test]
fn messages_stack_and_the_newest_is_the_lowest() {
    let mut console = Console::new();
    console.press("z");
    console.press("Z");
    let text = console.text();
    let line = |words: &str| text.lines().position(|line| line.contains(words));
    let (first, second) = (line("z does nothing here"), line("Z does nothing here"));
    assert!(first.is_some() && first < second, "{text}");
}

#[test]
fn what_fails_again_and_again_is_one_card() {
    let mut console = Console::new();
    for _ in 0..3 {
        console.send(Message::Failed(trouble()));
    }
    console.press("esc");
    assert!(console.model.overlays.is_empty());
    // Once it was closed it is shown again.
    console.send(Message::Failed(trouble()));
    assert_eq!(console.model.overlays.len(), 1);
}

#[test]
fn the_same_message_twice_is_shown_once() {
    let mut console = Console::new();
    console.drive("z z");
    let toasts = &console.model.toasts;
    assert_eq!(toasts.len(), 1, "{toasts:?}");
}
