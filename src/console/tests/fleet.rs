//! The fleet: order, narrowing, the way back, and keys that say why they can't work.

use super::fixtures::*;
use crate::console::chord::Chord;
use crate::console::deadline;
use crate::console::message::{Effect, Message};
use crate::console::model::Overlay;
use crate::desk::event::DeskEvent;
use crate::desk::file::Scope;
use crate::registration::fixtures::{TENANT, in_days};

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
    for words in [
        "Secret expired",
        "Not registered",
        "Drift",
        "Not pushed",
        "Secret expiring",
        "Consent pending",
        "Unreachable",
        "OK",
    ] {
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
    assert_eq!(console.toast(), "this is being read already");
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
    assert!(console.shows("reading stopped: what is shown is as old as it says"));
    assert!(!console.shows("can't be read"), "stopping is no failure");
    assert!(matches!(
        console.press("r")[..],
        [Effect::Refresh(Scope::All)]
    ));
}

#[test]
fn the_filter_works_while_it_is_typed_and_stays_after_enter() {
    let mut console = Console::new();
    console.press("/");
    console.type_text("status:dr");
    assert_eq!(console.listed(), ["ump-drift"]);
    console.press("backspace backspace");
    assert_eq!(console.model.fleet.len(), 8, "\"status:\" excludes nothing");
    console.press("ctrl-u");
    console.type_text("secret<30 !expired");
    assert_eq!(console.listed(), ["ump-soon"]);
    console.press("enter");
    assert!(console.model.overlays.is_empty());
    assert_eq!(console.listed(), ["ump-soon"]);
}

#[test]
fn keys_of_the_fleet_are_letters_while_the_filter_is_typed() {
    let mut console = Console::new();
    console.press("/");
    console.type_text("qcfpR!");
    assert_eq!(console.model.fleet.filter, "qcfpR!");
    assert!(!console.model.leaving);
}

#[test]
fn esc_takes_back_the_filter_then_the_problems_then_the_tenant_then_nothing() {
    let mut console = Console::new();
    console.press("tab ! /");
    console.type_text("ump");
    console.press("enter");
    console.press("esc");
    assert_eq!(console.model.fleet.filter, "");
    assert!(console.model.fleet.problems_only);
    console.press("esc");
    assert!(!console.model.fleet.problems_only);
    assert_eq!(console.model.fleet.tenant, Some(TENANT));
    console.press("esc");
    assert_eq!(console.model.fleet.tenant, None);
    let effects = console.press("esc");
    assert!(effects.is_empty() && !console.model.leaving);
}

#[test]
fn esc_in_the_filters_line_clears_it() {
    let mut console = Console::new();
    console.press("/");
    console.type_text("drift");
    console.press("esc");
    assert!(console.model.overlays.is_empty());
    assert_eq!(console.model.fleet.len(), 8);
}

#[test]
fn problems_only_hides_what_is_in_order() {
    let mut console = Console::new();
    console.press("!");
    assert_eq!(console.model.fleet.len(), 7);
    assert!(console.listed().iter().all(|name| name != "ump-fine"));
    console.press("!");
    assert_eq!(console.model.fleet.len(), 8);
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
fn before_it_is_moved_the_cursor_stays_on_the_worst_device() {
    let mut console = Console::new();
    let mut worse = named("ump-fine.finebak.com", TENANT);
    worse.app().password_credentials[0].end = Some(in_days(-40));
    console.rows_changed(&[worse]);
    assert_eq!(console.listed()[0], "ump-fine");
    assert_eq!(console.selected(), "ump-fine.finebak.com");
}

#[test]
fn once_moved_the_cursor_stays_on_its_device() {
    let mut console = Console::new();
    console.press("j j");
    assert_eq!(console.selected(), "ump-drift.finebak.com");
    let mut worse = named("ump-fine.finebak.com", TENANT);
    worse.app().password_credentials[0].end = Some(in_days(-40));
    console.rows_changed(&[worse]);
    assert_eq!(console.listed()[0], "ump-fine");
    assert_eq!(console.selected(), "ump-drift.finebak.com");
    console.press("s");
    assert_eq!(console.selected(), "ump-drift.finebak.com");
}

#[test]
fn what_is_pasted_over_the_list_becomes_the_filter_and_never_keys() {
    let mut console = Console::new();
    let effects = console.send(Message::Paste("ump-soon\n".into()));
    assert!(effects.is_empty());
    assert_eq!(console.model.fleet.filter, "ump-soon");
    assert_eq!(console.listed(), ["ump-soon"]);
    console.press("esc");
    let effects = console.send(Message::Paste("q".into()));
    assert!(effects.is_empty() && !console.model.leaving);
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
    assert!(console.shows("Nothing fits the filter."));
}

#[test]
fn the_reason_follows_the_cursor_once_it_rests() {
    let mut console = Console::new();
    console.press("j");
    assert!(!console.shows("create the registration"));
    console.wait(150);
    assert!(console.shows("create the registration"));
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
fn the_filters_line_has_the_filter_of_before() {
    let mut console = Console::new();
    console.send(Message::Paste("drift".into()));
    console.press("/");
    match console.model.overlays.last() {
        Some(Overlay::Filter(input)) => assert_eq!(input.value(), "drift"),
        other => panic!("{other:?}"),
    }
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
fn a_filter_that_goes_leaves_the_cursor_on_screen() {
    let worlds = (0..40).map(|at| named(&format!("ump-{at:02}.finebak.com"), TENANT));
    let mut console = Console::over(worlds.collect());
    console.resize(80, 24);
    console.press("G /");
    console.type_text("ump-39");
    console.press("esc");
    let (list, page) = (
        console.model.fleet.list,
        crate::console::geometry::fleet_page(&console.model),
    );
    assert_eq!(console.selected(), "ump-39.finebak.com");
    assert!(list.cursor < list.offset + page, "{list:?} of {page}");
}

#[test]
fn a_filter_for_customers_asks_for_their_names_once_and_then_fits() {
    let mut console = Console::new();
    console.press("/");
    let mut asked = 0;
    for letter in "customer:ac".chars() {
        let effects = console.send(Message::Key(Chord::char(letter)));
        asked += effects
            .iter()
            .filter(|one| matches!(one, Effect::LoadCustomers))
            .count();
    }
    assert!(asked > 0 && console.listed().is_empty());
    let names = [(fqdn("ump-wait.finebak.com"), "acme\nacme inc\n".to_string())];
    console.send(Message::Customers(names.into()));
    assert_eq!(console.listed(), ["ump-wait"]);
    console.press("ctrl-u");
    console.type_text("!customer:acme");
    assert!(!console.listed().contains(&"ump-wait".to_string()));
    assert_eq!(console.listed().len(), 7);
}

#[test]
fn tab_completes_the_last_word_of_a_filter() {
    let mut console = Console::new();
    console.press("/");
    console.type_text("status:dr");
    console.press("tab");
    assert_eq!(console.model.fleet.filter, "status:drift");
    assert_eq!(console.listed(), ["ump-drift"]);
}

#[test]
fn the_cursor_is_where_the_work_was() {
    let mut console = Console::new();
    console.press("j");
    let here = console.selected();
    // A device that was found by its name is the one to come back to.
    console.drive(":");
    console.type_text("ump-fine");
    console.drive("enter");
    console.press("esc");
    assert_eq!(console.selected(), "ump-fine.finebak.com");
    assert_ne!(here, console.selected());
    console.press("k");
    let (gone, next) = (console.selected(), {
        console.press("j");
        let next = console.selected();
        console.press("k");
        next
    });
    let mut rows: Vec<_> = console.files.values().map(row).collect();
    rows.retain(|row| row.fqdn.as_str() != gone);
    let change = DeskEvent::InventoryChanged {
        tenants: tenants(),
        rows,
    };
    console.desk(change);
    assert_eq!(console.selected(), next, "the one that came after it");
}

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

#[test]
fn the_cursor_goes_to_a_device_that_was_added_whenever_it_is_listed() {
    let added = "ump-77.finebak.com";
    let change = |console: &Console| {
        let mut rows: Vec<_> = console.files.values().map(row).collect();
        rows.push(crate::desk::event::FleetRow {
            fqdn: fqdn(added),
            tenant: TENANT,
            verdict: None,
        });
        DeskEvent::InventoryChanged {
            tenants: tenants(),
            rows,
        }
    };
    let mut before = Console::new();
    before.model.fleet.follow(&fqdn(added));
    let event = change(&before);
    before.desk(event);
    assert_eq!(before.selected(), added, "it was written first");
    let mut after = Console::new();
    let event = change(&after);
    after.desk(event);
    assert_ne!(after.selected(), added);
    after.model.fleet.follow(&fqdn(added));
    assert_eq!(after.selected(), added, "it was listed first");
}

#[test]
fn the_same_message_twice_is_shown_once() {
    let mut console = Console::new();
    console.drive("z z");
    let toasts = &console.model.toasts;
    assert_eq!(toasts.len(), 1, "{toasts:?}");
}

#[test]
fn what_is_typed_into_the_filter_has_no_colour_of_the_reason_below_it() {
    let mut console = Console::new();
    console.go_to("ump-expired.finebak.com");
    console.wait(1_000);
    console.press("/");
    console.type_text("expired");
    console.wait(1_000);
    let buffer = console.buffer();
    let y = crate::console::geometry::fleet(console.model.size).status.y;
    let typed = (1..10).map(|x| buffer[(x, y)].fg);
    assert!(
        typed
            .clone()
            .all(|colour| colour == ratatui::style::Color::Reset),
        "{:?}",
        typed.collect::<Vec<_>>()
    );
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
