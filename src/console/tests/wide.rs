//! Wide screens: tenants, devices and the checklist of the device under the cursor together.

use super::fixtures::*;
use crate::console::geometry;
use crate::console::message::{Effect, Message, Then};
use crate::console::model::Model;
use crate::console::terminal::Screen;
use crate::console::theme::Theme;
use crate::console::view::{Look, view};

fn wide() -> Console {
    let mut console = Console::new();
    console.resize(200, 50);
    console
}

fn peeks(effects: &[Effect]) -> usize {
    let peek = |one: &&Effect| matches!(one, Effect::Load(_, Then::Peek, _));
    effects.iter().filter(peek).count()
}

#[test]
fn the_panes_never_overlap_and_fill_the_width() {
    for columns in 40..=320 {
        let panes = geometry::fleet_panes((columns, 40));
        let mut x = 0;
        for pane in [panes.tenants, Some(panes.list), panes.detail]
            .into_iter()
            .flatten()
        {
            assert!(pane.x >= x, "{columns}: {panes:?}");
            x = pane.x + pane.width;
        }
        assert_eq!(x, columns, "{panes:?}");
        assert!(panes.list.width >= 40 || columns < 112, "{panes:?}");
    }
    let panes = |columns| geometry::fleet_panes((columns, 40));
    assert!(panes(80).tenants.is_none() && panes(80).detail.is_none());
    assert!(panes(120).tenants.is_some() && panes(120).detail.is_none());
    assert!(panes(200).tenants.is_some() && panes(200).detail.is_some());
}

#[test]
fn the_checklist_follows_the_cursor_once_it_rests_and_no_key_asks_for_it() {
    let mut console = wide();
    console.go_to("ump-new.contoso.net");
    let of_its_checklist = "no registration (present";
    assert!(!console.shows(of_its_checklist), "it has not rested yet");
    console.wait(150);
    assert!(console.shows(of_its_checklist), "{}", console.text());
    let shown = |console: &Console| {
        console
            .model
            .peek
            .judged
            .as_ref()
            .unwrap()
            .file
            .device
            .fqdn
            .clone()
    };
    assert_eq!(shown(&console), fqdn("ump-new.contoso.net"));
    assert_eq!(peeks(&console.press("j j")), 0);
    assert_eq!(
        shown(&console),
        fqdn("ump-new.contoso.net"),
        "the one before stays, under its name"
    );
    console.now += jiff::SignedDuration::from_millis(149);
    assert_eq!(peeks(&console.send(Message::Tick)), 0);
    console.now += jiff::SignedDuration::from_millis(1);
    assert_eq!(peeks(&console.send(Message::Tick)), 1);
    assert_eq!(peeks(&console.send(Message::Tick)), 0, "asked once");
}

#[test]
fn the_reason_comes_in_one_frame_with_the_checklist() {
    let mut console = wide();
    console.go_to("ump-new.contoso.net");
    console.wait(150);
    let reason_is_shown = |console: &Console| {
        let row = console.model.fleet.selected().unwrap();
        let words = row.verdict.as_ref().unwrap().status.words();
        let text = console.text();
        let last = text.lines().rev().take(4);
        last.into_iter()
            .any(|line| line.trim_start().starts_with(words))
    };
    assert!(reason_is_shown(&console), "{}", console.text());
    console.press("j");
    console.now += jiff::SignedDuration::from_millis(150);
    let effects = console.send(Message::Tick);
    assert!(!reason_is_shown(&console), "its checklist is not there yet");
    console.answer(effects);
    assert!(reason_is_shown(&console), "{}", console.text());
}

#[test]
fn narrower_screens_never_ask_for_it() {
    let mut console = Console::new();
    console.press("j");
    console.now += jiff::SignedDuration::from_millis(500);
    assert_eq!(peeks(&console.send(Message::Tick)), 0);
}

#[test]
fn what_was_read_anew_is_asked_for_anew() {
    let mut console = wide();
    console.go_to("ump-drift.finebak.com");
    console.wait(500);
    let effects = console.rows_changed(&[named(
        "ump-drift.finebak.com",
        crate::registration::fixtures::TENANT,
    )]);
    assert_eq!(peeks(&effects), 1);
    assert!(!console.shows("Found off"));
}

struct Sink;

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn draw(screen: &mut Screen<Sink>, model: &Model, theme: &Theme) -> usize {
    let look = Look {
        theme,
        glyphs: &theme.glyphs,
    };
    screen.draw(|frame| view(model, look, frame)).unwrap()
}

#[test]
fn reason_and_checklist_follow_the_cursor_in_at_most_two_kilobytes() {
    let theme = theme("default");
    let mut console = wide();
    console.wait(500);
    let mut screen = Screen::new(Sink, 200, 50);
    draw(&mut screen, &console.model, &theme);
    for _ in 1..console.model.fleet.len() {
        console.press("j");
        let moved = draw(&mut screen, &console.model, &theme);
        assert!(
            moved <= 250,
            "{moved} bytes for the move to {}",
            console.selected()
        );
        console.wait(150);
        let followed = draw(&mut screen, &console.model, &theme);
        assert!(
            followed <= 2_000,
            "{followed} bytes followed to {}",
            console.selected()
        );
    }
}
