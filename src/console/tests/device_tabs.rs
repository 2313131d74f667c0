//! What the tabs of a device say, in the room that they have.

use ratatui::buffer::Buffer;

use super::fixtures::*;
use crate::registration::fixtures::{TENANT, World, in_days};

const DEVICE: &str = "ump-west.finebak.com";
const FOUND: &str = "https://ump-west.finebak.com/authenticate/oauth2callback";

/// A device whose portal is right and whose registration has the redirect URI in other letters.
fn other_letters() -> World {
    let mut world = named(DEVICE, TENANT);
    world.app().web_redirect_uris = vec![FOUND.into()];
    world
}

/// The device's pane at a size, after these keys.
fn opened(world: World, size: (u16, u16), keys: &str) -> Console {
    let mut console = Console::over(vec![world]);
    console.resize(size.0, size.1);
    console.drive("enter");
    console.drive(keys);
    console
}

fn line(console: &Console, begins: &str) -> String {
    let text = console.text();
    let mut lines = text.lines();
    let line = lines.find(|line| line.trim_start_matches(['▌', ' ']).contains(begins));
    line.unwrap_or_else(|| panic!("{begins}:\n{text}"))
        .to_string()
}

/// Where words stand, and whether they have this colour.
fn is_work(buffer: &Buffer, words: &str) -> bool {
    let width = usize::from(buffer.area.width);
    let found = buffer.content.chunks(width).find_map(|cells| {
        let text: String = cells.iter().map(|cell| cell.symbol()).collect();
        let at = text.find(words)?;
        Some(&cells[text[..at].chars().count()])
    });
    let cell = found.unwrap_or_else(|| panic!("{words}:\n{}", text(buffer)));
    Some(cell.fg) == theme("default").work.fg
}

#[test]
fn found_and_wanted_are_cut_so_that_what_differs_stays_in_sight() {
    for size in [(80, 24), (120, 36)] {
        let console = opened(other_letters(), size, "");
        let row = line(&console, "▲ Redirect URI");
        for part in ["/oauth2callback", "/OAuth2Callback"] {
            assert!(row.contains(part), "{size:?}: {row}");
        }
    }
}

#[test]
fn what_a_wrong_redirect_uri_leads_to_is_said_first_and_nothing_twice() {
    for size in [(80, 24), (120, 36)] {
        let console = opened(other_letters(), size, "");
        let text = console.text();
        let below = text.rsplit("───").next().unwrap();
        assert!(below.contains("Sign-in fails with AADSTS50011"), "{text}");
        assert!(below.contains("/OAuth2Callback"), "{text}");
        assert_eq!(below.matches("/oauth2callback").count(), 1, "{text}");
    }
}

#[test]
fn a_line_that_is_not_in_order_names_the_next_step_where_there_is_room() {
    let mut world = named(DEVICE, TENANT);
    world.app().is_fallback_public_client = false;
    let mut console = opened(world, (80, 24), "");
    for _ in 0..20 {
        if console.shows("Public client flows are off") || console.text().contains("Next") {
            break;
        }
        console.press("j");
    }
    assert!(console.shows("Next"), "{}", console.text());
    assert!(console.shows("repair: change only what differs"));
    console.press("g");
    assert!(!console.shows("Next"), "{}", console.text());
}

#[test]
fn of_a_device_that_was_never_read_nothing_is_counted_and_nothing_is_called_missing() {
    let lost = || {
        let mut all = worlds();
        all.remove(6)
    };
    let console = opened(lost(), (120, 36), "2");
    let text = console.text();
    let tabs = text.lines().nth(2).unwrap().to_string();
    assert!(
        tabs.contains("Secrets") && !tabs.contains("Secrets 0"),
        "{tabs}"
    );
    assert!(!tabs.contains('/'), "{tabs}");
    let row = line(&console, "Group.ReadWrite.All");
    assert!(row.contains("? Group") && !row.contains('▲'), "{row}");
    assert!(!row.contains('–'), "{row}");
    let console = opened(lost(), (120, 36), "7");
    assert!(console.shows("Not known: the registration was never read."));
    let console = opened(lost(), (120, 36), "3");
    assert!(!console.shows("no registration yet"), "{}", console.text());
}

#[test]
fn a_failure_that_makes_many_checks_unknown_is_told_once() {
    let console = opened(worlds().remove(6), (120, 36), "");
    let text = console.text();
    let rows = text.split("───").next().unwrap().len();
    let list = &text[rows..];
    assert_eq!(
        list.matches("unknown: no answer within 10 s").count(),
        1,
        "{text}"
    );
    assert!(list.matches("unknown").count() > 10, "{text}");
}

#[test]
fn the_side_that_is_not_as_wanted_has_the_colour_and_the_words_name_the_step_that_helps() {
    let console = opened(other_letters(), (120, 36), "4");
    let buffer = console.buffer();
    assert!(is_work(&buffer, "oauth2callback"), "{}", console.text());
    assert!(!is_work(&buffer, "OAuth2Callback"), "{}", console.text());
    assert!(console.shows("the portal has what is wanted, Entra does not"));
    let mut world = named(DEVICE, TENANT);
    world.portal().redirect_uri = FOUND.into();
    let console = opened(world, (120, 36), "4");
    let buffer = console.buffer();
    assert!(is_work(&buffer, "oauth2callback"), "{}", console.text());
    assert!(!is_work(&buffer, "OAuth2Callback"), "{}", console.text());
    assert!(
        console.shows("w  decide which is right"),
        "{}",
        console.text()
    );
}

#[test]
fn both_tables_of_the_portals_tab_stand_on_one_grid() {
    let console = super::decide::told_all();
    let text = console.text();
    let at = |word: &str| -> Vec<usize> {
        let lines = text.lines().filter(|line| line.contains("ENTRA"));
        lines.filter_map(|line| line.find(word)).collect()
    };
    let entra = at("ENTRA");
    assert!(entra.len() == 2 && entra[0] == entra[1], "{text}");
}

#[test]
fn both_sides_are_told_in_whole_sentences() {
    let console = opened(named(DEVICE, TENANT), (120, 36), "4 enter");
    for words in ["in the portal a secret is set; in Entra", "on both sides"] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
}

fn footer(console: &Console) -> String {
    console.text().lines().last().unwrap().trim().to_string()
}

#[test]
fn the_footer_offers_what_the_tab_is_for_and_the_next_step_first() {
    let device = || named(DEVICE, TENANT);
    let mut pending = device();
    pending.facts.customers.value = Some(vec![crate::registration::fixtures::customer_facts(
        "acme",
        crate::registration::observed::CustomerConsent::Pending,
    )]);
    let mut contradicts = device();
    contradicts.portal().redirect_uri = FOUND.into();
    for (world, keys, begins) in [
        (device(), "3", "Enter copy  b bare line"),
        (contradicts, "4", "Enter explain  w which is right"),
        (by_hand(DEVICE), "4", "Enter explain  p push  S state"),
        (
            pending,
            "5",
            "Enter details  y copy  n consent URL  N invitation",
        ),
        (device(), "7", "Enter explain  X retire"),
        (worlds().remove(6), "", "Enter explain  r refresh"),
    ] {
        let console = opened(world, (80, 24), keys);
        let footer = footer(&console);
        let one_gap = footer.split("   ").collect::<Vec<_>>().join("  ");
        assert!(one_gap.starts_with(begins), "{begins}: {footer}");
        assert!(footer.ends_with("? help"), "{footer}");
    }
}

#[test]
fn the_footer_has_no_key_of_another_tab_and_those_that_cant_work_last() {
    let console = opened(named(DEVICE, TENANT), (200, 50), "5");
    let text = footer(&console);
    for words in [
        "retire",
        "show secret",
        "bare line",
        "which is right",
        "state",
    ] {
        assert!(!text.contains(words), "{words}: {text}");
    }
    // It has a registration: there is nothing to create.
    assert!(text.find("c create") > text.find("r refresh"), "{text}");
    let console = opened(named(DEVICE, TENANT), (80, 24), "3");
    assert!(!footer(&console).contains("y copy"), "{}", footer(&console));
}

#[test]
fn customers_stand_worst_first_and_a_column_without_anything_is_left_out() {
    use crate::registration::fixtures::customer_facts;
    use crate::registration::observed::CustomerConsent::{Granted, Pending, Unknown};
    let mut world = named(DEVICE, TENANT);
    world.device.customers.clear();
    let mut all = vec![
        customer_facts("granted", Granted),
        customer_facts("unread", Unknown("its tenant is not read".into())),
        customer_facts("pending", Pending),
        customer_facts("lacking", Granted),
    ];
    for one in &mut all {
        one.missing_permissions = None;
    }
    world.facts.customers.value = Some(all.clone());
    let console = opened(world, (120, 36), "5");
    let text = console.text();
    let places = ["pending", "unread", "granted"].map(|name| text.find(&format!(" {name} ")));
    assert!(
        places.is_sorted() && places[0].is_some(),
        "{places:?}: {text}"
    );
    for head in ["MISSING", "OWN REDIRECT URI"] {
        assert!(!text.contains(head), "{head}: {text}");
    }
    all[3].missing_permissions = Some(vec!["User.Read.All".into()]);
    let mut world = named(DEVICE, TENANT);
    world.facts.customers.value = Some(all);
    let console = opened(world, (120, 36), "5");
    let text = console.text();
    assert!(text.find("lacking") < text.find("pending"), "{text}");
    assert!(text.contains("MISSING"), "{text}");
}

#[test]
fn a_value_that_its_line_has_no_room_for_stands_whole_below() {
    let mut console = opened(named(DEVICE, TENANT), (120, 36), "3");
    let heads = line(&console, "KEY NAME");
    let row = line(&console, "Object ID");
    let cell = |line: &str, words: &str| line[..line.find(words).unwrap()].chars().count();
    assert_eq!(
        cell(&heads, "VALUE"),
        cell(&row, "0000"),
        "{}",
        console.text()
    );
    let below = |console: &Console| -> String {
        let text = console.text();
        let below = text.rsplit("───").next().unwrap();
        below.split_whitespace().collect::<Vec<_>>().join("")
    };
    console.press("j j j j j");
    let text = below(&console);
    assert!(text.starts_with("https://login"), "{text}");
    assert!(text.contains("%2Fauthenticate%2FOAuth2Callback"), "{text}");
    assert!(!text.contains('…'), "{text}");
    // Where even that has no room its end is in sight, and a mark says that something is left out.
    console.resize(80, 24);
    let text = below(&console);
    assert!(
        text.contains('…') && text.contains("OAuth2Callback"),
        "{text}"
    );
    console.press("g");
    assert!(below(&console).starts_with("OK"), "{}", console.text());
}

#[test]
fn ages_and_days_of_secrets_stand_below_each_other_with_a_gap() {
    let mut world = named(DEVICE, TENANT);
    let old = crate::registration::fixtures::secret(
        uuid::Uuid::from_u128(0x01d),
        in_days(-1370),
        in_days(-640),
    );
    world.app().password_credentials.push(old);
    let console = opened(world, (80, 24), "7");
    let text = console.text();
    assert!(text.contains("1370d   640 days ago  "), "{text}");
    let ends = |words: &str| {
        let line = line(&console, words);
        line[..line.find(words).unwrap() + words.len()]
            .chars()
            .count()
    };
    assert_eq!(ends("LEFT"), ends("640 days ago"), "{text}");
    assert_eq!(ends("AGE"), ends("1370d"), "{text}");
}

#[test]
fn a_secret_that_runs_out_soon_has_the_colour_of_work_in_every_pane() {
    let mut world = named(DEVICE, TENANT);
    world.app().password_credentials[0].end = Some(in_days(3));
    // What makes the device's status is something worse.
    world.app().is_fallback_public_client = false;
    let mut console = opened(world, (120, 36), "7");
    assert!(is_work(&console.buffer(), "in use"), "{}", console.text());
    console.press("esc");
    assert!(is_work(&console.buffer(), "3 d"), "{}", console.text());
    console.drive("E");
    assert!(is_work(&console.buffer(), "3 d"), "{}", console.text());
}

#[test]
fn consent_that_is_not_given_in_ones_own_tenant_is_explained() {
    use crate::registration::observed::Reading;
    let shown = |world: World| {
        let text = opened(world, (120, 36), "2").text();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let words = "in your own tenant, where the blueprint asks for no consent";
    let mut world = named(DEVICE, TENANT);
    world.facts.consent = Reading::of(Default::default(), crate::registration::fixtures::now());
    let text = shown(world);
    assert!(text.contains(words), "{text}");
    let mut unread = named(DEVICE, TENANT);
    unread.facts.consent = Reading::default();
    let text = shown(unread);
    assert!(!text.contains(words), "{text}");
}
