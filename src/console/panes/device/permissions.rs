//! The permissions: wanted, present, consented, extra.

use ratatui::buffer::Buffer;

use super::table::Table;
use crate::console::keymap::{Action, Context};
use crate::console::model::{DeviceScreen, Judged, Model};
use crate::console::view::put;
use crate::registration::status::Urgency;

pub(super) fn draw(
    model: &Model,
    screen: &DeviceScreen,
    judged: &Judged,
    table: Table<'_>,
    buffer: &mut Buffer,
) {
    let Table { look, area, .. } = table;
    let lines = judged.file.permissions();
    let reading = &judged.file.facts.application.value;
    let heads = [
        (3, "PERMISSION"),
        (32, "WANTED"),
        (40, "PRESENT"),
        (49, "CONSENTED"),
        (60, "RESOURCE, KIND"),
    ];
    table.draw(buffer, lines.len(), &heads, |buffer, at, cells| {
        let line = &lines[at];
        let removed = screen.remove_extra.contains(&line.access);
        let (glyph, style) = match (line.wanted, line.present) {
            (true, _) if reading.is_none() => look.urgency(Urgency::Unknown),
            (true, true) => look.urgency(Urgency::Good),
            (true, false) => look.urgency(Urgency::NeedsWork),
            (false, _) if removed => (look.glyphs.broken, look.theme.broken),
            (false, _) => ("+", look.theme.accent),
        };
        cells.put(buffer, 1, 1, glyph, style);
        cells.name(buffer, 3, 28, &line.value, look.theme.text);
        let yes_no = |yes: bool| if yes { "yes" } else { "no" };
        cells.put(
            buffer,
            32,
            6,
            if line.wanted { "yes" } else { "extra" },
            look.theme.text,
        );
        let (present, present_style) = match reading {
            None => (look.glyphs.unknown, look.theme.dim),
            Some(None) => (look.glyphs.none, look.theme.work),
            Some(Some(_)) if removed => ("remove", look.theme.text),
            Some(Some(_)) if line.wanted && !line.present => ("no", look.theme.work),
            Some(Some(_)) => (yes_no(line.present), look.theme.text),
        };
        cells.put(buffer, 40, 7, present, present_style);
        let consented = line.consented.map_or("?", yes_no);
        cells.put(buffer, 49, 9, consented, look.theme.dim);
        let resource = format!("{}, {}", line.resource, line.access.kind.word());
        cells.put(
            buffer,
            60,
            area.width.saturating_sub(61),
            &resource,
            look.theme.dim,
        );
    });
    // Under the list: what the marks mean, then where the blueprint's list comes from, as far as there is room.
    let blueprint = &judged.file.blueprint;
    let room = usize::from(area.width.saturating_sub(4));
    let mut notes = Vec::new();
    if lines.iter().any(|line| line.extra()) {
        let key = |action| model.keys.key(Context::Device, action);
        let words = format!(
            "A repair does not change extra permissions; {} marks one, so that {} repair removes it.",
            key(Action::ToggleExtra),
            key(Action::Repair)
        );
        notes.extend(crate::text::wrap(&words, room));
        notes.push(String::new());
    }
    if lines
        .iter()
        .any(|line| line.wanted && line.consented == Some(false))
    {
        let words = match blueprint.provider_consent {
            true => "CONSENTED: in your own tenant, by its admin, for all its users.",
            false => "CONSENTED: in your own tenant, where the blueprint asks for no consent.",
        };
        notes.extend(crate::text::wrap(words, room));
    }
    let source = format!("Blueprint: {}. {}.", blueprint.title, blueprint.source);
    notes.extend(crate::text::wrap(&source, room));
    let first = area.y + 2 + lines.len() as u16;
    for (y, line) in (first..area.y + area.height).zip(&notes) {
        put(
            buffer,
            area.x + 3,
            y,
            area.width.saturating_sub(4),
            line,
            look.theme.dim,
        );
    }
}
