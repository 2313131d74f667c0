//! The runs that died under way.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::super::super::geometry;
use super::super::super::keymap::{Action, Context};
use super::super::super::model::{Model, UnfinishedList};
use super::super::super::view::{Look, put};
use super::frame;
use crate::text::{ago, wrap};

/// The list of runs above, and what is to be known of the one under the cursor below.
pub(super) fn draw(model: &Model, all: &UnfinishedList, look: Look<'_>, buffer: &mut Buffer) {
    let cells = 92.min(model.size.0.saturating_sub(4));
    let room = usize::from(cells.saturating_sub(4));
    let mut told = Vec::new();
    let resume = model.keys.key(Context::Unfinished, Action::Resume);
    if let Some(here) = all.here() {
        for sentence in here.told(&resume) {
            told.push(String::new());
            told.extend(wrap(&sentence, room));
        }
    }
    // The words of one run always fit; of many runs, those around the cursor are listed.
    let body = usize::from(geometry::regions(model.size, 0).body.height);
    let most = body.saturating_sub(told.len() + 3).clamp(1, 8);
    let listed = all.runs.len().min(most);
    let title = match all.runs.len() {
        1 => "A run was interrupted".to_string(),
        count => format!("{count} runs were interrupted"),
    };
    let lines = listed + told.len();
    let inside = frame(model, look, buffer, cells, lines as u16, &title);
    let offset = (all.list.cursor + 1).saturating_sub(listed);
    for (at, one) in all.runs.iter().enumerate().skip(offset).take(listed) {
        let run = &one.summary;
        let died = ago(run.heartbeat, model.now);
        let line = format!(
            "{}  {}  {}, {died}",
            run.id.short(),
            run.device,
            one.purpose
        );
        let style = match at == all.list.cursor {
            true => look.theme.text.add_modifier(Modifier::REVERSED),
            false => look.theme.text,
        };
        let y = inside.y + (at - offset) as u16;
        put(
            buffer,
            inside.x,
            y,
            inside.width,
            &look.cut(&line, room),
            style,
        );
    }
    for (at, line) in told.iter().enumerate() {
        let y = inside.y + (listed + at) as u16;
        if y < inside.y + inside.height.saturating_sub(1) {
            put(buffer, inside.x, y, inside.width, line, look.theme.text);
        }
    }
}
