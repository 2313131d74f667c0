//! What comes from the terminal, and how its bytes become that.
//!
//! The bytes are read here rather than by crossterm, because its reader spins on a terminal that has vanished and takes
//! an arrow key that the line split after its first byte for Esc and two letters.

use std::fmt;

use crate::console::chord::{Chord, Key};
use crate::console::message::Mouse;

/// Something that the terminal reports.
#[derive(Clone, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed.
    Key(Chord),
    /// A text was pasted, in one piece, with `\n` as its line breaks and without other control characters. It may be a
    /// secret.
    Paste(String),
    /// The mouse was used at a column and a row, counted from 0.
    Mouse(Mouse, u16, u16),
    /// The terminal has a new size: columns, rows.
    Resize(u16, u16),
    /// The terminal is gone; nothing follows.
    Gone,
}

impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Key(chord) => write!(formatter, "Key({chord})"),
            // What is pasted may be a secret.
            Input::Paste(text) => write!(formatter, "Paste({} bytes)", text.len()),
            Input::Mouse(what, column, row) => write!(formatter, "{what:?} at {column}, {row}"),
            Input::Resize(columns, rows) => write!(formatter, "Resize({columns}, {rows})"),
            Input::Gone => formatter.write_str("Gone"),
        }
    }
}

/// The longest paste that is kept, in bytes; the rest of a longer one is dropped.
const LONGEST_PASTE: usize = 1 << 20;

/// The longest escape sequence that is waited for, in bytes; terminals send less than twenty.
const LONGEST_SEQUENCE: usize = 64;

const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns the terminal's bytes into inputs, however the line cut them into pieces.
#[derive(Default)]
pub struct Parser {
    /// Bytes that mean nothing yet.
    waiting: Vec<u8>,
    /// The paste that is under way.
    paste: Option<Vec<u8>>,
}

/// How long to wait for the rest of what has begun before it is taken as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Nothing has begun, or a paste, whose end comes for certain: wait for ever.
    Endless,
    /// An Esc, which may be the key or the beginning of a sequence: wait as short as the line allows.
    Short,
    /// A sequence or a character without its end: wait longer, since nobody types this by hand.
    Long,
}

/// What the beginning of the waiting bytes is.
enum Step {
    /// These inputs, from so many bytes.
    Done(usize, Vec<Input>),
    /// A paste begins after so many bytes.
    Paste(usize),
    /// More bytes are needed.
    More,
}

impl Parser {
    /// Takes bytes in and gives the inputs that they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        self.waiting.extend_from_slice(bytes);
        let mut inputs = Vec::new();
        loop {
            if self.paste.is_some() {
                match self.feed_paste() {
                    Some(paste) => inputs.push(paste),
                    None => return inputs,
                }
                continue;
            }
            match next(&self.waiting) {
                Step::Done(used, found) => {
                    self.waiting.drain(..used);
                    inputs.extend(found);
                }
                Step::Paste(used) => {
                    self.waiting.drain(..used);
                    self.paste = Some(Vec::new());
                }
                Step::More => return inputs,
            }
        }
    }

    /// How long [`Parser::flush`] should wait for further bytes.
    pub fn patience(&self) -> Patience {
        match self.waiting.as_slice() {
            _ if self.paste.is_some() => Patience::Endless,
            [] => Patience::Endless,
            [0x1b] => Patience::Short,
            _ => Patience::Long,
        }
    }

    /// Nothing more came: takes what has begun as it stands. An Esc is the key Esc; a sequence without its end is
    /// dropped, rather than typed.
    pub fn flush(&mut self) -> Vec<Input> {
        if self.paste.is_some() {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.waiting);
        let esc = Input::Key(Chord::plain(Key::Esc));
        match waiting.as_slice() {
            [0x1b] => vec![esc],
            [0x1b, letter @ (b'[' | b'O')] => {
                vec![esc, Input::Key(Chord::char(char::from(*letter)))]
            }
            _ => Vec::new(),
        }
    }

    /// Moves bytes into the paste under way; gives it once its end has come.
    fn feed_paste(&mut self) -> Option<Input> {
        let paste = self.paste.as_mut()?;
        let end = self
            .waiting
            .windows(PASTE_END.len())
            .position(|window| window == PASTE_END);
        // Without the end, the last bytes stay: they may be its beginning.
        let ready = end.unwrap_or(self.waiting.len().saturating_sub(PASTE_END.len() - 1));
        let room = LONGEST_PASTE.saturating_sub(paste.len()).min(ready);
        paste.extend_from_slice(&self.waiting[..room]);
        self.waiting
            .drain(..ready + end.map_or(0, |_| PASTE_END.len()));
        end?;
        let text = String::from_utf8_lossy(&self.paste.take()?)
            .replace("\r\n", "\n")
            .replace('\r', "\n");
        let harmless = |character: &char| !character.is_control() || "\n\t".contains(*character);
        Some(Input::Paste(text.chars().filter(harmless).collect()))
    }
}

fn next(bytes: &[u8]) -> Step {
    let one = |key: Key| Step::Done(1, vec![Input::Key(Chord::plain(key))]);
    let ctrl = |character: char| Step::Done(1, vec![Input::Key(Chord::ctrl(Key::Char(character)))]);
    match bytes {
        [] => Step::More,
        [0x1b, rest @ ..] => escape(rest),
        [b'\r', ..] => one(Key::Enter),
        [b'\t', ..] => one(Key::Tab),
        [0x7f | 0x08, ..] => one(Key::Backspace),
        [0, ..] => ctrl(' '),
        [byte @ 0x01..=0x1a, ..] => ctrl(char::from(byte - 1 + b'a')),
        [byte @ 0x1c..=0x1f, ..] => ctrl(char::from(byte - 0x1c + b'\\')),
        [first, ..] => {
            let length = match first {
                0x20..=0x7e => 1,
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return Step::Done(1, Vec::new()),
            };
            let begun = &bytes[..length.min(bytes.len())];
            match std::str::from_utf8(begun) {
                Ok(text) => {
                    let keys = text.chars().filter(|character| !character.is_control());
                    Step::Done(
                        length,
                        keys.map(|character| Input::Key(Chord::char(character)))
                            .collect(),
                    )
                }
                Err(error) if error.error_len().is_none() => Step::More,
                Err(_) => Step::Done(1, Vec::new()),
            }
        }
    }
}

/// After an Esc.
fn escape(rest: &[u8]) -> Step {
    match rest {
        [] | [b'O'] => Step::More,
        [b'[', sequence @ ..] => control_sequence(sequence),
        // The keypad's Enter.
        [b'O', b'M', ..] => Step::Done(3, vec![Input::Key(Chord::plain(Key::Enter))]),
        [b'O', letter, ..] => match letter_key(*letter) {
            Some(key) => Step::Done(3, vec![Input::Key(Chord::plain(key))]),
            None => Step::Done(3, Vec::new()),
        },
        // Esc, or Alt and a key: the Esc by itself, and what follows by itself.
        _ => Step::Done(1, vec![Input::Key(Chord::plain(Key::Esc))]),
    }
}

/// After `ESC [`.
fn control_sequence(sequence: &[u8]) -> Step {
    // The Linux console sends F1 to F5 as `[[A` to `[[E`.
    if let [b'[', rest @ ..] = sequence {
        return match rest {
            [] => Step::More,
            [letter @ b'A'..=b'E', ..] => {
                Step::Done(4, vec![Input::Key(Chord::plain(Key::F(letter - b'A' + 1)))])
            }
            _ => Step::Done(3, Vec::new()),
        };
    }
    let Some(end) = sequence
        .iter()
        .position(|byte| !(0x20..=0x3f).contains(byte))
    else {
        return if sequence.len() > LONGEST_SEQUENCE {
            Step::Done(2 + sequence.len(), Vec::new())
        } else {
            Step::More
        };
    };
    let (parameters, last) = (&sequence[..end], sequence[end]);
    if !(0x40..=0x7e).contains(&last) {
        // Not a sequence after all: what broke it off is read by itself.
        return Step::Done(2 + end, Vec::new());
    }
    let used = 2 + end + 1;
    if let [b'<', report @ ..] = parameters {
        return Step::Done(used, mouse(report, last).into_iter().collect());
    }
    if !parameters
        .iter()
        .all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':'))
    {
        // A report of the terminal's or the mouse's, never a key.
        return Step::Done(used, Vec::new());
    }
    let numbers: Vec<u32> = String::from_utf8_lossy(parameters)
        .split(';')
        .map(|number| {
            let digits = number.split(':').next().unwrap_or_default();
            digits.parse().unwrap_or(0)
        })
        .collect();
    let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
    if last == b'~' && number(0) == 200 {
        return Step::Paste(used);
    }
    let (key, modifiers) = match last {
        b'~' if number(0) == 27 => (coded_key(number(2)), number(1)),
        b'~' => (numbered_key(number(0)), number(1)),
        b'u' => (coded_key(number(0)), number(1)),
        letter => (letter_key(letter), number(1)),
    };
    let chords = key.map_or_else(Vec::new, |key| chords(key, modifiers));
    Step::Done(used, chords.into_iter().map(Input::Key).collect())
}

/// A report of the mouse in the form 1006: button; column; row, and `M` for a press.
fn mouse(report: &[u8], last: u8) -> Option<Input> {
    let text = std::str::from_utf8(report).ok()?;
    let mut numbers = text.split(';').map(|number| number.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let what = match (button, last) {
        (0, b'M') => Mouse::Click,
        (64, b'M') => Mouse::WheelUp,
        (65, b'M') => Mouse::WheelDown,
        _ => return None,
    };
    Some(Input::Mouse(
        what,
        column.checked_sub(1)?,
        row.checked_sub(1)?,
    ))
}

/// A key with xterm's modifier parameter: 1 + 1 (Shift) + 2 (Alt) + 4 (Ctrl). Alt is an Esc before the key.
fn chords(key: Key, modifiers: u32) -> Vec<Chord> {
    let held = modifiers.saturating_sub(1);
    let key = match key {
        Key::Tab if held & 1 != 0 => Key::BackTab,
        Key::Char(letter) if held & 1 != 0 => Key::Char(letter.to_ascii_uppercase()),
        other => other,
    };
    let chord = if held & 4 != 0 {
        Chord::ctrl(key)
    } else {
        Chord::plain(key)
    };
    if held & 2 != 0 {
        vec![Chord::plain(Key::Esc), chord]
    } else {
        vec![chord]
    }
}

fn letter_key(letter: u8) -> Option<Key> {
    Some(match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'Z' => Key::BackTab,
        b'P'..=b'S' => Key::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn numbered_key(number: u32) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        2 => Key::Insert,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11 => Key::F(1),
        12 => Key::F(2),
        13 => Key::F(3),
        14 => Key::F(4),
        15 => Key::F(5),
        17 => Key::F(6),
        18 => Key::F(7),
        19 => Key::F(8),
        20 => Key::F(9),
        21 => Key::F(10),
        23 => Key::F(11),
        24 => Key::F(12),
        _ => return None,
    })
}

/// A key by its character's code, as multiplexers send it that extend keys without being asked.
fn coded_key(code: u32) -> Option<Key> {
    Some(match code {
        8 | 127 => Key::Backspace,
        9 => Key::Tab,
        13 => Key::Enter,
        27 => Key::Esc,
        _ => match char::from_u32(code) {
            Some(character) if !character.is_control() => Key::Char(character),
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(names: &str) -> Vec<Input> {
        names
            .split(' ')
            .map(|name| Input::Key(Chord::parse(name).expect("a key")))
            .collect()
    }

    #[test]
    fn bytes_become_the_keys_that_were_pressed() {
        let cases: &[(&[u8], &str)] = &[
            (b"jG?", "j G ?"),
            (b"\r\t\x7f\x08", "enter tab backspace backspace"),
            (b"\x03\x0e\x00\x1c", "ctrl-c ctrl-n ctrl-space ctrl-\\"),
            (b"\x1b[A\x1bOB\x1b[1;5C", "up down ctrl-right"),
            (
                b"\x1b[3~\x1b[5~\x1b[H\x1b[4~\x1b[Z",
                "delete pgup home end shift-tab",
            ),
            (b"\x1bOP\x1b[15~\x1b[[B", "f1 f5 f2"),
            (b"\x1bx", "esc x"),
            (b"\x1b\x1b[A", "esc up"),
            (b"\x1b[13;2u\x1b[27;5;110~", "enter ctrl-n"),
            ("é中".as_bytes(), "é 中"),
        ];
        for (bytes, names) in cases {
            assert_eq!(Parser::default().feed(bytes), keys(names), "{names}");
        }
    }

    #[test]
    fn answers_that_nobody_asked_for_are_not_typed() {
        let mut parser = Parser::default();
        assert_eq!(
            parser.feed(b"\x1b[?62;52c\x1b[<35;3;4M\x1b[I\xff\xfej"),
            keys("j")
        );
    }

    #[test]
    fn a_split_arrow_is_an_arrow_and_a_lone_esc_is_esc() {
        let mut parser = Parser::default();
        assert_eq!(parser.feed(b"\x1b"), []);
        assert_eq!(parser.patience(), Patience::Short);
        assert_eq!(parser.feed(b"["), []);
        assert_eq!(parser.patience(), Patience::Long);
        assert_eq!(parser.feed(b"B"), keys("down"));
        assert_eq!(parser.patience(), Patience::Endless);
        parser.feed(b"\x1b");
        assert_eq!(parser.flush(), keys("esc"));
        parser.feed(b"\x1b[1;");
        assert_eq!(parser.flush(), []);
        assert_eq!(parser.feed(b"j"), keys("j"));
    }

    #[test]
    fn a_paste_is_one_input_without_control_characters() {
        let mut parser = Parser::default();
        assert_eq!(parser.feed(b"\x1b[200~one\r\ntwo\x1b[3"), []);
        assert_eq!(parser.flush(), []);
        assert_eq!(
            parser.feed(b"1mred\x07\x1b[201~j"),
            [
                Input::Paste("one\ntwo[31mred".to_owned()),
                Input::Key(Chord::char('j'))
            ]
        );
        let shown = format!("{:?}", Input::Paste("secret".to_owned()));
        assert!(!shown.contains("secret"));
    }

    proptest! {
        #[test]
        fn where_the_line_cuts_the_bytes_makes_no_difference(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                &b"j"[..], b"\x1b[A", b"\x1bOH", b"\x1b[1;5D", b"\x1b[200~a\x1b[20 b\x1b[201~", "é".as_bytes(), b"\x1b[3~", b"\x03",
            ]), 0..12),
            cut in 1_usize..7,
        ) {
            let bytes = pieces.concat();
            let whole = Parser::default().feed(&bytes);
            let mut parser = Parser::default();
            let parts: Vec<Input> = bytes.chunks(cut).flat_map(|part| parser.feed(part)).collect();
            prop_assert_eq!(parts, whole);
        }

        #[test]
        fn no_bytes_whatever_break_the_parser(bytes: Vec<u8>) {
            let mut parser = Parser::default();
            for byte in bytes {
                parser.feed(&[byte]);
            }
            parser.flush();
        }
    }

    #[test]
    fn the_mouse_is_understood_in_the_form_without_a_limit_and_nothing_else_of_it() {
        let of = |bytes: &[u8]| Parser::default().feed(bytes);
        assert_eq!(of(b"\x1b[<0;12;5M"), [Input::Mouse(Mouse::Click, 11, 4)]);
        assert_eq!(
            of(b"\x1b[<65;300;1M"),
            [Input::Mouse(Mouse::WheelDown, 299, 0)]
        );
        for other in [
            &b"\x1b[<0;12;5m"[..],
            b"\x1b[<32;1;1M",
            b"\x1b[<0;0;5M",
            b"\x1b[<0;1M",
        ] {
            assert_eq!(of(other), [], "{other:?}");
        }
    }
}
