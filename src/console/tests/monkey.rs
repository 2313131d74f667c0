//! Somebody leans on the keyboard while the desk talks and the window is dragged about: nothing panics, and the model
//! keeps its promises.

use std::collections::HashSet;

use super::fixtures::*;
use crate::console::geometry;
use crate::console::keymap::Context;
use crate::console::message::{Effect, Message};
use crate::console::model::{DeviceTab, Overlay, Screen, SecretLeaving};
use crate::desk::event::{BulkEvent, BulkOutcome, DeskEvent, RunEnd, RunEvent};
use crate::desk::file::DeviceFile;
use crate::registration::fixtures::{TENANT, World, failure};
use crate::registration::observed::FailureKind;

/// A small generator of numbers: the same seed gives the same session.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

const KEYS: &[&str] = &[
    "j",
    "j",
    "j",
    "k",
    "g",
    "G",
    "enter",
    "enter",
    "enter",
    "esc",
    "esc",
    "q",
    "tab",
    "shift-tab",
    "c",
    "f",
    "p",
    "p",
    "p",
    "R",
    "S",
    "y",
    "E",
    "L",
    "X",
    "7",
    "/",
    "!",
    "s",
    "r",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "space",
    "u",
    "u",
    "esc",
    "b",
    "v",
    "i",
    "x",
    "x",
    "u",
    "o",
    "t",
    "n",
    "m",
    "ctrl-n",
    "e",
    "ctrl-x",
    "ctrl-n",
    "d",
    "a",
    "?",
    "ctrl-c",
    "ctrl-d",
    "ctrl-u",
    "pgdn",
    "pgup",
    "left",
    "right",
    "up",
    "down",
    "backspace",
    "delete",
    "home",
    "end",
    "f5",
    "ctrl-w",
    ":",
    "esc",
    "esc",
    "c",
    "p",
    "p",
    "I",
    "M",
    "W",
    "é",
    "中",
];

fn fleet() -> Vec<World> {
    let mut worlds = worlds();
    for number in 0..12 {
        worlds.push(by_hand(&format!("ump-hand-{number:02}.finebak.com")));
    }
    for number in 0..30 {
        worlds.push(named(&format!("ump-{number:02}.contoso.net"), CONTOSO));
    }
    for number in 0..8 {
        worlds.push(super::adopt::choosing(&format!(
            "ump-choose-{number}.contoso.net"
        )));
        let mut new = named(&format!("ump-new-{number}.contoso.net"), CONTOSO);
        new.facts = World::unregistered().facts;
        worlds.push(new);
    }
    worlds
}

fn desk_event(numbers: &mut Numbers, console: &mut Console, pool: &[DeviceFile]) -> Vec<Effect> {
    let step = numbers.below(7);
    let at = console.now;
    match numbers.below(12) {
        0 => {
            let changed = pool[numbers.below(pool.len())].clone();
            let row = row(&changed);
            console.files.insert(changed.device.fqdn.clone(), changed);
            console.send(Message::Desk(DeskEvent::RowsChanged(vec![row])))
        }
        1 => console.send(Message::Desk(DeskEvent::SignInAsked {
            tenant: TENANT,
            prompt: prompt(),
        })),
        2 => console.send(Message::Desk(DeskEvent::RefreshEnded {
            tenant: TENANT,
            failure: (step == 0).then(|| failure(FailureKind::Unreachable)),
        })),
        3 => console.send(Message::Failed(trouble())),
        4 => console.send(Message::Paste("ump\u{1b}-0\n!x".into())),
        5 | 6 => {
            let device = pool[numbers.below(pool.len())].device.fqdn.clone();
            let event = match numbers.below(7) {
                0 | 1 => BulkEvent::Began(device),
                2 => BulkEvent::Ended(device, BulkOutcome::Failed(trouble())),
                3 => BulkEvent::Ended(device, BulkOutcome::Done(None)),
                4 => BulkEvent::Ended(device, BulkOutcome::Stopped),
                5 => BulkEvent::Run {
                    device,
                    run: run_id(900 + step as u32),
                    steps: vec!["Add a client secret".into()],
                },
                _ => BulkEvent::Over,
            };
            console.send(Message::Desk(DeskEvent::Bulk(event)))
        }
        _ => {
            let running: Vec<_> = console.model.running.clone().into_iter().collect();
            let Some((run, device)) = running.get(numbers.below(running.len().max(1))).cloned()
            else {
                return vec![];
            };
            let event = match numbers.below(6) {
                0 => RunEvent::Started { step, at },
                1 => RunEvent::YourTurn { step: 1 },
                2 => RunEvent::Done {
                    step,
                    outcome: "done".into(),
                    took: jiff::SignedDuration::from_millis(1_234),
                },
                3 => RunEvent::Failed {
                    step,
                    why: trouble(),
                },
                4 => RunEvent::Waiting {
                    step,
                    on: "replication".into(),
                    since: at,
                },
                _ => RunEvent::Ended([RunEnd::Done, RunEnd::Failed, RunEnd::Stopped][step % 3]),
            };
            console.send(Message::Desk(DeskEvent::Run { run, device, event }))
        }
    }
}

/// What holds whatever happened.
fn check(console: &Console) {
    let model = &console.model;
    let (list, len, page) = (
        model.fleet.list,
        model.fleet.len(),
        geometry::fleet_page(model),
    );
    assert!(list.cursor < len.max(1), "{list:?} of {len}");
    assert!(
        list.offset <= list.cursor && list.cursor < list.offset + page,
        "{list:?}, {page}"
    );
    let mut kinds = HashSet::new();
    for screen in &model.screens {
        assert!(
            kinds.insert(std::mem::discriminant(screen)),
            "two of a kind: {:?}",
            model.screens
        );
        let Screen::Device(screen) = screen else {
            continue;
        };
        let Some(judged) = &screen.judged else {
            continue;
        };
        let lens = [
            (DeviceTab::Checklist, judged.checklist.items.len()),
            (DeviceTab::Permissions, judged.file.permissions().len()),
            (DeviceTab::Customers, judged.file.customers().len()),
        ];
        for (tab, len) in lens {
            let list = screen.lists[tab as usize];
            assert!(list.cursor < len.max(1), "{tab:?}: {list:?} of {len}");
            assert!(list.offset <= list.cursor, "{tab:?}: {list:?}");
        }
    }
    let filters = model
        .overlays
        .iter()
        .filter(|one| matches!(one, Overlay::Filter(_)));
    assert!(filters.count() <= 1);
    assert!(model.toasts.len() <= 3);
    if let Some(at) = crate::console::deadline::next(model) {
        assert!(at > model.now);
    }
}

/// Returns the panes that the keys got to.
fn session(seed: u64, events: usize, pool: &[DeviceFile], begin: (&str, &str)) -> HashSet<Context> {
    let mut reached = HashSet::new();
    let mut numbers = Numbers(seed);
    let mut console = Console::over(fleet());
    console.hold_secret("ump-fine.finebak.com");
    console.hold_secret("ump-expired.finebak.com");
    console.model.secret_leaving = SecretLeaving::Ask;
    console.trail = vec![audit_row(
        1,
        "ump-fine.finebak.com",
        "/v1.0/applications",
        "HTTP 200",
    )];
    let (device, keys) = begin;
    // A form takes most keys for itself, so only the session that begins there makes first contacts.
    console.model.suggested = (keys == "N").then(super::contact::suggested);
    console.go_to(device);
    console.drive(keys);
    reached.insert(console.model.context());
    let mut waiting: Vec<Effect> = Vec::new();
    for turn in 0..events {
        let new = match numbers.below(100) {
            0..70 => console.press(KEYS[numbers.below(KEYS.len())]),
            70..80 => desk_event(&mut numbers, &mut console, pool),
            80..85 => {
                let (columns, rows) = (1 + numbers.below(250), 1 + numbers.below(80));
                console.resize(columns as u16, rows as u16);
                vec![]
            }
            85..90 => {
                console.wait(numbers.below(5_000) as i64);
                vec![]
            }
            _ => vec![],
        };
        waiting.extend(new);
        // The desk answers at its own pace, in its own order.
        while !waiting.is_empty() && numbers.below(3) > 0 {
            let effect = waiting.swap_remove(numbers.below(waiting.len()));
            console.answer(vec![effect]);
        }
        check(&console);
        reached.insert(console.model.context());
        let buffer = console.buffer();
        for cell in &buffer.content {
            let symbol = cell.symbol();
            assert!(
                !symbol.chars().any(char::is_control),
                "{symbol:?} in turn {turn}"
            );
        }
    }
    reached
}

#[test]
fn thousands_of_random_events_break_nothing_and_reach_every_pane() {
    // Each device as it is at first, and as it is in order.
    let mut pool: Vec<DeviceFile> = fleet().iter().map(file).collect();
    for world in worlds() {
        let name = world.device.fqdn.to_string();
        pool.push(file(&named(&name, world.device.tenant)));
    }
    let mut reached = HashSet::new();
    // Some panes are far from the fleet: there the sessions begin.
    let begins = [
        ("ump-fine.finebak.com", ""),
        ("ump-new.contoso.net", "c"),
        ("ump-hand-03.finebak.com", "p"),
        ("ump-drift.finebak.com", "space R enter"),
        ("ump-fine.finebak.com", "e"),
        ("ump-drift.finebak.com", "enter w"),
        ("ump-choose-0.contoso.net", "A"),
        ("ump-fine.finebak.com", "N"),
    ];
    for (number, begin) in (1..).zip(begins) {
        let seed = 0x9e37_79b9_7f4a_7c15 ^ (number * 0x1234_5678_9abc);
        reached.extend(session(seed, 1_000, &pool, begin));
    }
    // Runs that died are offered at start alone: no event brings them.
    reached.insert(Context::Unfinished);
    assert_eq!(reached.len(), Context::ALL.len(), "only {reached:?}");
}
