//! The fleet: order, tenants, reading it anew, and keys that say why they can't work.

use super::fixtures::*;
use crate::console::deadline;
use crate::console::message::Effect;
use crate::desk::event::DeskEvent;
use crate::desk::file::Scope;
use crate::registration::fixtures::TENANT;
use crate::registration::status::Status;

#[test]
fn the_worst_device_comes_first() {
    let console = Console::new();
    assert_eq!(
        console.listed(),
        [
            "ump-expired",
            "ump-new",
            "ump-drift",
            "ump-bare",
            "ump-soon",
            "ump-wait",
            "ump-lost",
            "ump-fine"
        ]
    );
    let text = console.text();
    for status in Status::ALL {
        let words = status.words();
        assert!(text.contains(words), "{words} is not on screen:\n{text}");
    }
}

#[test]
fn tab_goes_round_the_tenants_and_all() {
    let mut console = Console::new();
    console.press("tab");
    assert_eq!(console.model.fleet.tenant, Some(TENANT));
    assert!(console.listed().iter().all(|name| name != "ump-new"));
    console.press("tab");
    assert_eq!(console.listed(), ["ump-new", "ump-bare", "ump-lost"]);
    console.press("tab");
    assert_eq!(console.model.fleet.tenant, None);
    console.press("shift-tab");
    assert_eq!(console.model.fleet.tenant, Some(CONTOSO));
}

#[test]
fn s_goes_through_the_orders_and_comes_back() {
    let mut console = Console::new();
    let worst_first = console.listed();
    console.press("s");
    let by_name = console.listed();
    let mut sorted = by_name.clone();
    sorted.sort();
    assert_eq!(by_name, sorted);
    console.press("s");
    assert_eq!(console.listed()[..2], ["ump-expired", "ump-soon"]);
    console.press("s s");
    assert_eq!(console.listed(), worst_first);
}

#[test]
fn refresh_reads_the_tenant_that_is_shown() {
    let mut console = Console::new();
    assert!(matches!(
        console.press("r")[..],
        [Effect::Refresh(Scope::All)]
    ));
    let effects = console.press("tab r");
    assert!(matches!(
        effects[..],
        [Effect::Refresh(Scope::Tenant(TENANT))]
    ));
}

#[test]
fn a_reading_is_not_begun_twice_and_once_it_is_long_it_is_counted_and_can_be_stopped() {
    let mut console = Console::new();
    for tenant in [TENANT, CONTOSO] {
        console.desk(DeskEvent::RefreshStarted { tenant });
    }
    // A device of the first one is read beside it: the tenant is read until both have ended.
    console.desk(DeskEvent::RefreshStarted { tenant: TENANT });
    assert!(console.shows("reading 2 tenants"));
    assert!(console.press("r").is_empty());
    assert_eq!(console.toast(), "the reading is under way already");
    let ended = |tenant| DeskEvent::RefreshEnded {
        tenant,
        failure: None,
    };
    console.desk(ended(TENANT));
    assert!(console.shows("reading 2 tenants"));
    console.desk(ended(CONTOSO));
    assert!(console.shows("reading Finebak") && !console.shows("stops"));
    // The loop sleeps from one deadline to the next.
    let mut counted = vec![];
    while counted.len() < 2 {
        console.now = deadline::next(&console.model).unwrap();
        console.wait(0);
        counted
            .extend((2..4).filter(|s| console.shows(&format!("reading Finebak, {s} s, r stops"))));
    }
    assert_eq!(counted, [2, 3]);
    assert!(matches!(console.press("r")[..], [Effect::StopReading]));
    console.desk(DeskEvent::RefreshStopped { tenant: TENANT });
    assert!(!console.shows("reading Finebak"));
    assert!(console.shows("reading stopped: the list shows what was read before"));
    assert!(!console.shows("can't be read"), "stopping is no failure");
    assert!(matches!(
        console.press("r")[..],
        [Effect::Refresh(Scope::All)]
    ));
}

#[test]
fn a_key_that_cant_work_says_why_and_does_nothing() {
    let cases = [
        ("ump-fine.finebak.com", "c", "has a registration already"),
        ("ump-new.contoso.net", "f", "has no registration yet"),
        ("ump-new.contoso.net", "R", "has no registration yet"),
        ("ump-new.contoso.net", "p", "has no registration yet"),
        ("ump-lost.contoso.net", "c", "was never read"),
        ("ump-lost.contoso.net", "f", "was never read"),
    ];
    for (device, key, why) in cases {
        let mut console = Console::new();
        console.go_to(device);
        let effects = console.press(key);
        assert!(effects.is_empty(), "{key} on {device}: {effects:?}");
        assert!(
            console.toast().contains(why),
            "{key} on {device} says {:?}",
            console.toast()
        );
        assert!(console.shows(why), "{key} on {device} is not on screen");
    }
}

#[test]
fn without_a_device_keys_on_devices_say_so() {
    let mut console = Console::over(vec![]);
    for key in ["enter", "c", "f", "p", "R", "y"] {
        console.model.toasts.clear();
        assert!(console.press(key).is_empty(), "{key}");
        assert_eq!(console.toast(), "there is no device under the cursor");
    }
    assert!(console.model.screens.is_empty() && console.model.overlays.is_empty());
}

#[test]
fn an_empty_list_says_why_it_is_empty() {
    let mut console = Console::over(vec![]);
    assert!(console.shows("No devices yet."));
    console = Console::over(vec![named("ump-fine.finebak.com", TENANT)]);
    console.press("!");
    assert!(console.shows("Every device here is in order."));
    console.press("! /");
    console.type_text("nowhere");
    assert!(console.shows("No device fits the filter."));
}

#[test]
fn the_footer_dims_the_keys_that_cant_work() {
    let theme = theme("default");
    for (device, works) in [
        ("ump-fine.finebak.com", false),
        ("ump-new.contoso.net", true),
    ] {
        let mut console = Console::new();
        console.go_to(device);
        let buffer = console.buffer();
        let (columns, rows) = console.model.size;
        let footer: Vec<_> = (0..columns).map(|x| &buffer[(x, rows - 1)]).collect();
        let line: String = footer.iter().map(|cell| cell.symbol()).collect();
        let key = footer[line.find("c create").unwrap()];
        let wanted = if works { theme.key } else { theme.dim };
        assert_eq!(key.fg, wanted.fg.unwrap_or_default(), "{device}");
        assert_eq!(key.modifier, wanted.add_modifier, "{device}");
    }
}

#[test]
fn glyphs_have_the_colours_of_their_urgency() {
    let console = Console::new();
    let theme = theme("default");
    let buffer = console.buffer();
    let style_of = |glyph: &str, line_has: &str| {
        let width = usize::from(buffer.area.width);
        let line = buffer
            .content
            .chunks(width)
            .find(|line| {
                let text: String = line.iter().map(|cell| cell.symbol()).collect();
                text.contains(line_has)
            })
            .unwrap();
        // The tenants stand left of the list.
        let at = line.iter().skip(21).position(|cell| cell.symbol() == glyph);
        line[21 + at.unwrap_or_else(|| panic!("no {glyph} before {line_has}"))].fg
    };
    let glyphs = theme.glyphs;
    let cases = [
        (glyphs.broken, "ump-expired", theme.broken),
        (glyphs.work, "ump-drift", theme.work),
        (glyphs.waiting, "ump-wait", theme.waiting),
        (glyphs.good, "ump-fine", theme.good),
        (glyphs.unknown, "ump-lost", theme.unknown),
    ];
    for (glyph, device, role) in cases {
        let wanted = role.fg.unwrap_or(ratatui::style::Color::Reset);
        assert_eq!(style_of(glyph, device), wanted, "{device}");
    }
}

#[test]
fn device_names_stand_whole_before_seldom_columns_have_room() {
    let long = "sbc-in-a-far-country.finebak.com";
    let mut console = Console::over(vec![
        named(long, TENANT),
        named("ump-1.finebak.com", TENANT),
    ]);
    for columns in [80, 90, 100, 120, 160, 200] {
        console.resize(columns, 24);
        assert!(console.shows(long), "{columns}:\n{}", console.text());
        assert!(console.shows("CHECKS"), "{columns}");
    }
    // Where nothing else is left to go, the name gives way, never the status.
    let mut console = Console::new();
    console.resize(40, 12);
    assert!(console.shows("Not registered"), "{}", console.text());
}

#[test]
fn where_not_all_devices_are_in_sight_the_list_says_which() {
    let worlds = (0..40).map(|at| named(&format!("ump-{at:02}.finebak.com"), TENANT));
    let mut console = Console::over(worlds.collect());
    console.resize(80, 24);
    assert!(console.shows(" 1-15 "), "{}", console.text());
    console.press("G");
    assert!(console.shows(" 26-40 "), "{}", console.text());
}
