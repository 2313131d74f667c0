//! The palette: everything in the table of keys, every tenant and every device, found by typing a part of its name.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::super::chord::Chord;
use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::keys::Row;
use super::super::list::ListState;
use super::super::message::Effect;
use super::super::model::{Model, Overlay, Palette, PaletteItem, Screen, Tone};
use super::keys::perform;
use super::{allowed, back, fleet, typing};

/// More lines than anybody scrolls through.
const MOST: usize = 200;

pub(super) fn open(model: &mut Model) {
    let palette = Palette {
        input: Default::default(),
        from: model.context(),
        found: vec![],
        list: ListState::default(),
    };
    model.overlays.push(Overlay::Palette(Box::new(palette)));
    find(model);
}

pub(super) fn typed(model: &mut Model, chord: &Chord) -> Vec<Effect> {
    if let Some(Overlay::Palette(palette)) = model.overlays.last_mut()
        && typing::key(&mut palette.input, chord)
    {
        find(model);
    }
    vec![]
}

pub(super) fn pasted(model: &mut Model, line: &str) {
    if let Some(Overlay::Palette(palette)) = model.overlays.last_mut() {
        typing::paste(&mut palette.input, line);
        find(model);
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::palette_page(model.size);
    let Some(Overlay::Palette(palette)) = model.overlays.last_mut() else {
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        palette.list.go(step, palette.found.len(), page);
        return vec![];
    }
    if action == Action::Back {
        back(model);
        return vec![];
    }
    let Some(item) = palette.found.get(palette.list.cursor).cloned() else {
        return vec![];
    };
    if let Some(why) = why_not(model, &item) {
        model.toast(Tone::Plain, why);
        return vec![];
    }
    choose(model, item)
}

fn choose(model: &mut Model, item: PaletteItem) -> Vec<Effect> {
    back(model);
    match item {
        PaletteItem::Action(at) => {
            let action = model.keys.rows()[at].binding.action;
            let context = model.context();
            perform(model, context, action)
        }
        PaletteItem::Tenant(tenant) => {
            model.screens.clear();
            model.fleet.tenant = tenant;
            model.fleet.list = ListState::default();
            model.fleet.arrange(model.now);
            vec![]
        }
        PaletteItem::Device(fqdn) => {
            model.screens.clear();
            fleet::open(model, fqdn)
        }
    }
}

/// Why a line can't be chosen just now; `None` = it can.
pub fn why_not(model: &Model, item: &PaletteItem) -> Option<String> {
    let PaletteItem::Action(at) = item else {
        return would_lose(model);
    };
    let binding = model.keys.rows()[*at].binding;
    let here = model.pane();
    if !binding.contexts.contains(&here) {
        let panes: Vec<&str> = binding.contexts.iter().map(|one| one.title()).collect();
        return Some(format!("works in {}", panes.join(", ")));
    }
    allowed::why_not(model, binding.action)
}

/// What would be lost by going elsewhere.
fn would_lose(model: &Model) -> Option<String> {
    let back = |context| model.keys.key(context, Action::Back);
    model.screens.iter().find_map(|screen| {
        let words = match screen {
            Screen::Create(screen) if screen.touched => {
                format!(
                    "what you typed would be lost; {} leaves the form first",
                    back(Context::Create)
                )
            }
            Screen::Plan(screen) if screen.applying => "the run is beginning".to_string(),
            Screen::Handoff(screen)
                if screen.starting
                    || screen
                        .progress
                        .as_ref()
                        .is_some_and(|run| run.end.is_none()) =>
            {
                format!(
                    "the handoff is under way; {} ends it",
                    back(Context::Handoff)
                )
            }
            _ => return None,
        };
        Some(words)
    })
}

/// Whether a row of the table is worth a line: moving about is not.
fn is_offered(row: &Row) -> bool {
    let binding = row.binding;
    fleet::step(binding.action).is_none()
        && !binding.contexts.contains(&Context::Palette)
        && !matches!(
            binding.action,
            Action::Palette | Action::ChoiceNext | Action::ChoicePrevious
        )
}

/// Looks anew for what fits the text. Without one: what can be done here, then the tenants, then the devices.
fn find(model: &mut Model) {
    let Some(Overlay::Palette(palette)) = model.overlays.last() else {
        return;
    };
    let (from, text) = (palette.from, palette.input.value().trim().to_string());
    let rows = model.keys.rows();
    let is_here = |row: &Row| row.binding.contexts.contains(&from);
    let mut offered: Vec<usize> = (0..rows.len())
        .filter(|at| is_offered(&rows[*at]))
        .collect();
    // What works here comes first, and stands for the same thing elsewhere.
    offered.sort_by_key(|at| !is_here(&rows[*at]));
    let mut seen = Vec::new();
    offered.retain(|at| {
        let action = rows[*at].binding.action;
        let first = !seen.contains(&action);
        seen.push(action);
        first
    });
    // Named by its label; its sentence is searched too, and counts half.
    let actions = offered.into_iter().map(|at| {
        let binding = rows[at].binding;
        (
            PaletteItem::Action(at),
            binding.label.to_string(),
            binding.help,
        )
    });
    let all = std::iter::once((PaletteItem::Tenant(None), "tenant: all".to_string(), ""));
    let tenants = model.tenants.iter().map(|one| {
        let words = format!("tenant: {}", one.tenant.name);
        (PaletteItem::Tenant(Some(one.tenant.id)), words, "")
    });
    let lines = actions.chain(all).chain(tenants);
    let devices = model.fleet.devices();
    let found = if text.is_empty() {
        let devices = devices.map(|fqdn| PaletteItem::Device(fqdn.clone()));
        let lines = lines.map(|(item, ..)| item);
        lines.chain(devices).take(MOST).collect()
    } else {
        let pattern = |kind| {
            let (case, accents) = (CaseMatching::Ignore, Normalization::Smart);
            Pattern::new(&text, case, accents, kind)
        };
        // Letters out of a whole sentence fit nearly everything: in sentences, words have to stand together.
        let (of_name, of_sentence) = (pattern(AtomKind::Fuzzy), pattern(AtomKind::Substring));
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut letters = Vec::new();
        let mut score = |pattern: &Pattern, words: &str| {
            pattern.score(Utf32Str::new(words, &mut letters), &mut matcher)
        };
        let mut scored: Vec<(u32, PaletteItem)> = Vec::new();
        for (item, name, about) in lines {
            let by_name = score(&of_name, &name);
            let by_sentence = score(&of_sentence, &format!("{name} {about}"));
            let by_sentence = by_sentence.map(|score| score / 2);
            // What works elsewhere comes after what works here.
            let elsewhere = matches!(&item, PaletteItem::Action(at) if !is_here(&rows[*at]));
            let weight = |score| if elsewhere { score / 2 } else { score };
            scored.extend(by_name.max(by_sentence).map(|score| (weight(score), item)));
        }
        for fqdn in devices {
            scored.extend(
                score(&of_name, fqdn.as_str())
                    .map(|score| (score, PaletteItem::Device(fqdn.clone()))),
            );
        }
        // Stable: of equals, what can be done comes before devices.
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored
            .into_iter()
            .take(MOST)
            .map(|(_, item)| item)
            .collect()
    };
    if let Some(Overlay::Palette(palette)) = model.overlays.last_mut() {
        palette.found = found;
        palette.list = ListState::default();
    }
}
