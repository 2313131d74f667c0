//! Typing into a line of text: forms, filter and palette do it alike.

use tui_input::{Input, InputRequest};

use super::super::chord::{Chord, Key};

/// Edits a text by a key; says whether the key means anything there.
pub(super) fn key(input: &mut Input, chord: &Chord) -> bool {
    let request = request(chord);
    if let Some(request) = request {
        input.handle(request);
    }
    request.is_some()
}

/// Puts a text in where the cursor is.
pub(super) fn paste(input: &mut Input, text: &str) {
    for letter in text.chars() {
        input.handle(InputRequest::InsertChar(letter));
    }
}

/// Moves the cursor by one letter, to the right or to the left.
pub(super) fn step(input: &mut Input, right: bool) {
    input.handle(match right {
        true => InputRequest::GoToNextChar,
        false => InputRequest::GoToPrevChar,
    });
}

/// What a key does in a line of text.
fn request(chord: &Chord) -> Option<InputRequest> {
    if let Some(letter) = chord.typed() {
        return Some(InputRequest::InsertChar(letter));
    }
    Some(match (chord.key, chord.ctrl) {
        (Key::Backspace, false) => InputRequest::DeletePrevChar,
        (Key::Delete, false) => InputRequest::DeleteNextChar,
        (Key::Left, false) => InputRequest::GoToPrevChar,
        (Key::Right, false) => InputRequest::GoToNextChar,
        (Key::Home, false) | (Key::Char('a'), true) => InputRequest::GoToStart,
        (Key::End, false) | (Key::Char('e'), true) => InputRequest::GoToEnd,
        (Key::Char('u'), true) => InputRequest::DeleteLine,
        (Key::Char('w'), true) => InputRequest::DeletePrevWord,
        (Key::Char('k'), true) => InputRequest::DeleteTillEnd,
        _ => return None,
    })
}
