//! A card to read, and the one that asks before a secret leaves.

use ratatui::buffer::Buffer;

use super::super::super::keymap::{Action, Context};
use super::super::super::model::{Card, Model, Screen};
use super::super::super::update::handoff;
use super::super::super::view::{Look, put};
use super::frame;
use crate::text::{sentence, wrap};

/// What is asked before a secret leaves umpdeck for the first time in a session.
pub(super) fn consent(model: &Model) -> Card {
    let key = |action| model.keys.key(Context::Consent, action);
    let (go_on, back) = (key(Action::Agree), key(Action::Back));
    let ahead = match model.screens.last() {
        Some(Screen::Handoff(screen)) if !handoff::is_at_the_secret(screen) => Some(
            "The next field of the page is the client secret: when you go on, a new one is added to the registration."
                .to_string(),
        ),
        _ => None,
    };
    let always = vec![
            "What you copy goes through this terminal into your clipboard; what you show is on its screen. Session \
             recorders on a jump host record both, and a clipboard history keeps what was copied, even after umpdeck \
             has cleared it."
                .to_string(),
            format!("{go_on} goes on and does not ask again in this session. {back} cancels: nothing is copied or shown."),
            "With copy = \"never\" under [secrets] in the settings file, secrets are neither copied nor shown: from the console they only go to portals that have an interface."
                .to_string(),
    ];
    Card {
        title: "A secret is about to leave umpdeck".to_string(),
        paragraphs: ahead.into_iter().chain(always).collect(),
        failure: false,
    }
}

pub(super) fn draw(model: &Model, card: &Card, look: Look<'_>, buffer: &mut Buffer) {
    let cells = 92.min(model.size.0.saturating_sub(4));
    let room = usize::from(cells.saturating_sub(4));
    let mut lines = Vec::new();
    for (at, paragraph) in card.paragraphs.iter().enumerate() {
        if at > 0 {
            lines.push((String::new(), look.theme.text));
        }
        let last = at + 1 == card.paragraphs.len();
        let style = if card.failure && last {
            look.theme.accent
        } else {
            look.theme.text
        };
        lines.extend(
            wrap(&sentence(paragraph), room)
                .into_iter()
                .map(|line| (line, style)),
        );
    }
    let title = if card.failure {
        format!("{} {}", look.glyphs.broken, card.title)
    } else {
        card.title.clone()
    };
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX - 3);
    let inside = frame(model, look, buffer, cells, count, &title);
    // What to do stays on the card, however much a server had to say.
    let fits = usize::from(inside.height);
    if card.failure && lines.len() > fits {
        let next = card.paragraphs.last().map_or("", String::as_str);
        let kept = wrap(&sentence(next), room).len() + 1;
        let tail = lines.len().saturating_sub(kept);
        let cut = fits.saturating_sub(kept).min(tail);
        lines.drain(cut..tail);
        if let Some((line, _)) = cut.checked_sub(1).and_then(|at| lines.get_mut(at)) {
            // One word more than there is room for, so that the mark stands there.
            *line = look.cut(&format!("{line} {line}"), room);
        }
    }
    for (at, (line, style)) in lines.iter().enumerate().take(usize::from(inside.height)) {
        put(
            buffer,
            inside.x,
            inside.y + at as u16,
            inside.width,
            line,
            *style,
        );
    }
}
