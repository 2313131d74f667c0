//! What a person would see of a program, and a test too. The emulator answers nothing, so a program that asks its
//! terminal a question gets stuck here. It keeps synchronized updates together, as terminals do that know them: a frame
//! that came in pieces is never seen half.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use base64::Engine as _;

/// How long anything may take before a test gives up. Generous: no test depends on speed.
pub const LIMIT: Duration = Duration::from_secs(60);

/// What the terminal has been told to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    /// The alternate screen is shown.
    pub alternate_screen: bool,
    /// The cursor can be seen.
    pub cursor_visible: bool,
    /// Pastes come in brackets.
    pub bracketed_paste: bool,
}

/// The emulator, shared by the thread that reads and the test that waits.
pub struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

impl Shared {
    /// An emulator of that many columns and rows that has seen nothing.
    pub fn new((columns, rows): (u16, u16)) -> Shared {
        Shared {
            seen: Mutex::new(Seen {
                parser: vt100::Parser::new(
                    rows.try_into().expect("at least one row"),
                    columns.try_into().expect("at least one column"),
                    0,
                ),
                bytes: Vec::new(),
                shown: 0,
                ended: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// What has come so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The program wrote these bytes.
    pub fn take(&self, bytes: &[u8]) {
        self.seen().take(bytes);
        self.changed.notify_all();
    }

    /// The program writes no more.
    pub fn end(&self) {
        self.seen().end();
        self.changed.notify_all();
    }

    /// Waits until what has come is as it should be; fails the test with the screen after 60 s.
    #[track_caller]
    pub fn wait(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let begun = Instant::now();
        let mut seen = self.seen();
        while !wanted(&seen) {
            let left = LIMIT.saturating_sub(begun.elapsed());
            let ended = seen.ended;
            assert!(
                !left.is_zero() && !ended,
                "waited for {what}, but {}; the screen:\n{}",
                if ended {
                    "the program closed its terminal"
                } else {
                    "it did not come within 60 s"
                },
                seen.parser.screen().contents()
            );
            seen = match self.changed.wait_timeout(seen, left) {
                Ok((seen, _)) => seen,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

/// All that came, and the screen that it makes.
pub struct Seen {
    pub parser: vt100::Parser,
    pub bytes: Vec<u8>,
    /// How many of the bytes the emulator has been given.
    shown: usize,
    /// Nothing more will come.
    pub ended: bool,
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let whole = self.shown + whole_frames(&self.bytes[self.shown..]);
        self.show(whole);
    }

    fn end(&mut self) {
        self.show(self.bytes.len());
        self.ended = true;
    }

    fn show(&mut self, until: usize) {
        self.parser.process(&self.bytes[self.shown..until]);
        self.shown = until;
    }
}

/// How much of the bytes can be shown: all up to a frame that has begun and not ended, or may be about to begin.
fn whole_frames(bytes: &[u8]) -> usize {
    const BEGIN: &[u8] = b"\x1b[?2026h";
    const END: &[u8] = b"\x1b[?2026l";
    let last = |mark: &[u8]| bytes.windows(mark.len()).rposition(|part| part == mark);
    if let Some(begin) = last(BEGIN)
        && last(END).is_none_or(|end| end < begin)
    {
        return begin;
    }
    let cut = (1..BEGIN.len()).rfind(|length| bytes.ends_with(&BEGIN[..*length]));
    bytes.len() - cut.unwrap_or(0)
}

/// The texts of all OSC 52 sequences in the bytes, whatever their selection, those in tmux's wrapping included.
pub fn osc52_texts(bytes: &[u8]) -> Vec<String> {
    const BEGIN: &[u8] = b"\x1b]52;";
    let mut texts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(BEGIN.len()).position(|piece| piece == BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let Some(end) = rest.iter().position(|byte| matches!(byte, 0x07 | 0x1b)) else {
            break;
        };
        let body = String::from_utf8_lossy(&rest[..end]);
        let (_, encoded) = body
            .split_once(';')
            .expect("OSC 52 names a selection before the text");
        let text = base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .expect("OSC 52 carries Base64");
        texts.push(String::from_utf8_lossy(&text).into_owned());
        rest = &rest[end..];
    }
    texts
}
