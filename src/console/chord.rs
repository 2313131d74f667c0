//! A key press as the console knows it: one key, with or without Ctrl.
//!
//! There is no Alt, because terminals and multiplexers send it as Esc and a key; and no Shift, except in an upper-case
//! letter and in Shift-Tab, which are keys of their own here.

use std::fmt;
use std::str::FromStr;

/// A key on the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A character that can be typed; the space bar is `Char(' ')`.
    Char(char),
    /// Enter.
    Enter,
    /// Esc.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace, Ctrl-H included: terminals send the same.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// The arrow up.
    Up,
    /// The arrow down.
    Down,
    /// The arrow to the left.
    Left,
    /// The arrow to the right.
    Right,
    /// A function key, 1 to 12.
    F(u8),
}

/// One press: a key, and whether Ctrl was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Whether Ctrl was held. A letter under Ctrl is always lower-case.
    pub ctrl: bool,
}

/// Names as they are printed and parsed; parsing does not mind the case.
const NAMES: &[(Key, &str)] = &[
    (Key::Char(' '), "Space"),
    (Key::Enter, "Enter"),
    (Key::Esc, "Esc"),
    (Key::Tab, "Tab"),
    (Key::BackTab, "Shift-Tab"),
    (Key::Backspace, "Backspace"),
    (Key::Delete, "Delete"),
    (Key::Insert, "Insert"),
    (Key::Home, "Home"),
    (Key::End, "End"),
    (Key::PageUp, "PgUp"),
    (Key::PageDown, "PgDn"),
    (Key::Up, "↑"),
    (Key::Down, "↓"),
    (Key::Left, "←"),
    (Key::Right, "→"),
];

/// Further names that are understood, in lower case.
const ALIASES: &[(Key, &str)] = &[
    (Key::Enter, "return"),
    (Key::Esc, "escape"),
    (Key::BackTab, "backtab"),
    (Key::Delete, "del"),
    (Key::Insert, "ins"),
    (Key::PageUp, "pageup"),
    (Key::PageDown, "pagedown"),
    (Key::Up, "up"),
    (Key::Down, "down"),
    (Key::Left, "left"),
    (Key::Right, "right"),
];

impl Chord {
    /// A key without Ctrl.
    pub const fn plain(key: Key) -> Self {
        Chord { key, ctrl: false }
    }

    /// A character without Ctrl.
    pub const fn char(character: char) -> Self {
        Chord::plain(Key::Char(character))
    }

    /// A key with Ctrl held. Letters become lower-case, since terminals send one byte for both.
    pub fn ctrl(key: Key) -> Self {
        let key = match key {
            Key::Char(letter) => Key::Char(letter.to_ascii_lowercase()),
            other => other,
        };
        Chord { key, ctrl: true }
    }

    /// The character that this press types into a field, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(character) if !self.ctrl => Some(character),
            _ => None,
        }
    }

    /// Reads a chord as it stands in a settings file: `g`, `G`, `ctrl-n`, `enter`, `shift-tab`, `f5`, `?`.
    ///
    /// # Errors
    ///
    /// [`UnknownChord`] with the text when it names no key.
    pub fn parse(text: &str) -> Result<Chord, UnknownChord> {
        let unknown = || UnknownChord(crate::text::clean(text));
        let prefix = text.get(..5).map(str::to_ascii_lowercase);
        match prefix.as_deref() {
            Some("ctrl-") if text.len() > 5 => {
                parse_key(&text[5..]).map(Chord::ctrl).ok_or_else(unknown)
            }
            _ => parse_key(text).map(Chord::plain).ok_or_else(unknown),
        }
    }
}

fn parse_key(text: &str) -> Option<Key> {
    let mut characters = text.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        let arrow = NAMES.iter().find(|(_, name)| *name == text);
        return match arrow {
            Some((key, _)) => Some(*key),
            None if only.is_control() => None,
            None => Some(Key::Char(only)),
        };
    }
    let lower = text.to_lowercase();
    if let Some(number) = lower.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()) {
        return (1..=12).contains(&number).then_some(Key::F(number));
    }
    NAMES
        .iter()
        .find(|(_, name)| name.to_lowercase() == lower)
        .or_else(|| ALIASES.iter().find(|(_, name)| *name == lower))
        .map(|(key, _)| *key)
}

impl fmt::Display for Chord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ctrl = if self.ctrl { "Ctrl-" } else { "" };
        if let Some((_, name)) = NAMES.iter().find(|(key, _)| *key == self.key) {
            return write!(formatter, "{ctrl}{name}");
        }
        match self.key {
            Key::Char(letter) if self.ctrl && letter.is_ascii_lowercase() => {
                write!(formatter, "{ctrl}{}", letter.to_ascii_uppercase())
            }
            Key::Char(character) => write!(formatter, "{ctrl}{character}"),
            Key::F(number) => write!(formatter, "{ctrl}F{number}"),
            // Every other key has its name in the table.
            _ => Ok(()),
        }
    }
}

impl FromStr for Chord {
    type Err = UnknownChord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Chord::parse(text)
    }
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a key; write one character (\"g\"), a name (\"enter\", \"esc\", \"pgdn\", \"f5\"), or either after \"ctrl-\""
)]
pub struct UnknownChord(
    /// The text, cleaned.
    pub String,
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chords_read_as_people_write_them() {
        let same = [
            ("ctrl-n", Chord::ctrl(Key::Char('n'))),
            ("Ctrl-N", Chord::ctrl(Key::Char('n'))),
            ("enter", Chord::plain(Key::Enter)),
            ("g", Chord::char('g')),
            ("G", Chord::char('G')),
            ("shift-tab", Chord::plain(Key::BackTab)),
            ("PgDn", Chord::plain(Key::PageDown)),
            ("up", Chord::plain(Key::Up)),
            ("F5", Chord::plain(Key::F(5))),
            ("f", Chord::char('f')),
            ("-", Chord::char('-')),
            ("space", Chord::char(' ')),
        ];
        for (text, chord) in same {
            assert_eq!(Chord::parse(text), Ok(chord), "{text}");
        }
        for text in ["", "ctrl-", "alt-x", "F13", "\u{1b}", "entre"] {
            assert!(Chord::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn chords_print_as_the_footer_shows_them() {
        assert_eq!(Chord::ctrl(Key::Char('n')).to_string(), "Ctrl-N");
        assert_eq!(Chord::plain(Key::Enter).to_string(), "Enter");
        assert_eq!(Chord::plain(Key::Up).to_string(), "↑");
        assert_eq!(Chord::char('?').to_string(), "?");
    }

    fn key() -> impl Strategy<Value = Key> {
        prop_oneof![
            any::<char>()
                .prop_filter("keys that can be typed", |c| !c.is_control()
                    && !"↑↓←→".contains(*c))
                .prop_map(Key::Char),
            (1_u8..=12).prop_map(Key::F),
            proptest::sample::select(NAMES.iter().map(|(key, _)| *key).collect::<Vec<_>>()),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same_chord(key in key(), ctrl: bool) {
            let chord = if ctrl { Chord::ctrl(key) } else { Chord::plain(key) };
            prop_assert_eq!(Chord::parse(&chord.to_string()), Ok(chord));
        }
    }
}
