//! What the console says in passing, and what of it can be recalled later.

use jiff::{SignedDuration, Timestamp};

use super::{Card, Model, Overlay};
use crate::desk::event::Trouble;

/// How many messages are kept.
const MESSAGES_KEPT: usize = 200;

/// How a toast is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// For your information.
    Plain,
    /// Something did not go well.
    Bad,
}

/// A short message at the bottom.
#[derive(Debug, Clone)]
pub struct Toast {
    /// Its words.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it goes.
    pub until: Timestamp,
}

impl Model {
    /// Shows a short message: 4 seconds, bad news 8.
    pub fn toast(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.remember(tone, text.clone());
        self.show_shortly(tone, text);
    }

    /// Shows a short message about a key alone: nobody will look for it among the messages later.
    pub fn hint(&mut self, text: impl Into<String>) {
        self.show_shortly(Tone::Plain, text.into());
    }

    fn show_shortly(&mut self, tone: Tone, text: String) {
        let seconds = if tone == Tone::Bad { 8 } else { 4 };
        let until = self
            .now
            .saturating_add(SignedDuration::from_secs(seconds))
            .unwrap_or(self.now);
        self.toasts.push(Toast { text, tone, until });
    }

    /// Keeps a message for whoever looks for it later.
    fn remember(&mut self, tone: Tone, text: String) {
        self.history.push((self.now, tone, text));
        if self.history.len() > MESSAGES_KEPT {
            self.history.remove(0);
        }
    }

    /// Shows a failure as a card: what, why, what to do. What fails again and again is shown once.
    pub fn trouble(&mut self, trouble: &Trouble) {
        self.remember(Tone::Bad, trouble.to_string());
        let card = Card {
            title: trouble.what.clone(),
            paragraphs: vec![trouble.why.clone(), trouble.next.clone()],
            failure: true,
        };
        let is_it = |shown: &Overlay| matches!(shown, Overlay::Card(shown) if *shown == card);
        if !self.overlays.iter().any(is_it) {
            self.overlays.push(Overlay::Card(card));
        }
    }
}
