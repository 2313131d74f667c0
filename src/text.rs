//! Words on screen: display width, cutting, wrapping, ages, and the cleaning of untrusted text.
//!
//! The ground floor: it knows nothing of the rest, and both faces need it. Width is counted as the screen counts it,
//! grapheme by grapheme, in terminal cells.

use std::borrow::Cow;

use jiff::Timestamp;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The longest text that [`clean`] lets through, in characters.
pub const LONGEST: usize = 4096;

/// The mark that stands where text was cut.
pub const ELLIPSIS: &str = "…";

/// How many terminal cells the text takes.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The text in at most `cells` cells, cut where a word ends: what stands there is whole. A word that is too long for the
/// place by itself, such as a name or an address, loses its middle.
pub fn cut_words_with<'a>(text: &'a str, cells: usize, mark: &str) -> Cow<'a, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let room = cells - width(fitting_mark(mark, cells));
    let ends = text.match_indices(' ').map(|(at, _)| at);
    let end = ends
        .take_while(|at| width(&text[..*at]) <= room)
        .last()
        .unwrap_or(0);
    let (head, rest) = text.split_at(end);
    let next = rest.trim_start().split(' ').next().unwrap_or_default();
    let left = cells.saturating_sub(width(head) + 1);
    if head.trim().is_empty() {
        return Cow::Owned(cut_middle_with(next, cells, mark).into_owned());
    }
    if width(next) > LONG_WORD && left >= LONG_WORD / 2 {
        return Cow::Owned(format!("{head} {}", cut_middle_with(next, left, mark)));
    }
    let head = head.trim_end_matches([' ', ',', ';', ':', '.', '(', '-', '–', '·']);
    Cow::Owned(format!("{head}{mark}"))
}

/// From how many cells on a word is rather cut in its middle than left out.
const LONG_WORD: usize = 24;

/// The text in at most `cells` cells, cut in the middle: ids and names keep both ends, which tell them apart.
pub fn cut_middle(text: &str, cells: usize) -> Cow<'_, str> {
    cut_middle_with(text, cells, ELLIPSIS)
}

/// [`cut_middle`] with a mark of the caller's, for terminals that have no `…`.
pub fn cut_middle_with<'a>(text: &'a str, cells: usize, mark: &str) -> Cow<'a, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let mark = fitting_mark(mark, cells);
    let room = cells - width(mark);
    let (head, _) = split_at_width(text, room.div_ceil(2));
    Cow::Owned(format!("{head}{mark}{}", tail_of_width(text, room / 2)))
}

/// The text in at most `cells` cells, cut so that what tells it from `other` stays in sight: what both share gives way. In
/// an address the part between two slashes that differs stays whole, where it fits.
pub fn cut_beside_with<'a>(text: &'a str, other: &str, cells: usize, mark: &str) -> Cow<'a, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let mark_cells = width(mark);
    let pairs = text.grapheme_indices(true).zip(other.graphemes(true));
    let from = pairs
        .take_while(|((_, one), another)| one == another)
        .last()
        .map_or(0, |((at, one), _)| at + one.len());
    let tails = text[from..].graphemes(true).rev();
    let shared: usize = tails
        .zip(other.graphemes(true).rev())
        .take_while(|(one, another)| one == another)
        .map(|(one, _)| one.len())
        .sum();
    let to = text.len() - shared;
    let part = text[..from].rfind('/').unwrap_or(from);
    for begins in [part, from].into_iter().filter(|begins| *begins > 0) {
        let tail = &text[begins..];
        let needed = width(tail) + mark_cells;
        if !tail.is_empty() && needed <= cells {
            let (head, _) = split_at_width(text, cells - needed);
            let head = if width(head) < SHORTEST_HEAD {
                ""
            } else {
                head
            };
            return Cow::Owned(format!("{head}{mark}{tail}"));
        }
    }
    let head = &text[..to];
    if width(head) + mark_cells <= cells && to < text.len() {
        let tail = tail_of_width(text, cells - width(head) - mark_cells);
        return Cow::Owned(format!("{head}{mark}{tail}"));
    }
    if from == 0 || cells <= 2 * mark_cells || from == text.len() {
        return cut_middle_with(text, cells, mark);
    }
    let (middle, _) = split_at_width(&text[from..], cells - 2 * mark_cells);
    Cow::Owned(format!("{mark}{middle}{mark}"))
}

/// A head that is shorter than this tells nothing, and is left out before a tail that does.
const SHORTEST_HEAD: usize = 8;

/// The text in lines of at most `cells` cells, broken between words; a word longer than a line is broken after a slash, or
/// anywhere.
/// Line breaks in the text stay. Empty text gives one empty line.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split_whitespace() {
            let mut rest = word;
            let needed = width(word);
            if used > 0 && used + 1 + needed <= cells {
                line.push(' ');
                line.push_str(word);
                used += 1 + needed;
                continue;
            }
            if used > 0 {
                lines.push(std::mem::take(&mut line));
            }
            while width(rest) > cells {
                let (head, _) = split_at_width(rest, cells);
                if head.is_empty() {
                    // One grapheme is wider than the whole line: a mark stands for it.
                    let first = rest.graphemes(true).next().map_or(rest.len(), str::len);
                    lines.push(ELLIPSIS.to_owned());
                    rest = &rest[first..];
                } else {
                    // An address is parted where a part of its path ends, unless that wastes half the line.
                    let part = head.rfind('/').map_or(0, |at| at + 1);
                    let end = match 2 * width(&head[..part]) > cells {
                        true => part,
                        false => head.len(),
                    };
                    let (head, tail) = rest.split_at(end);
                    lines.push(head.to_owned());
                    rest = tail;
                }
            }
            line.push_str(rest);
            used = width(rest);
        }
        lines.push(line);
    }
    lines
}

/// Untrusted text as one harmless line: control characters (an escape sequence's introducer among them), characters
/// that turn the direction of writing and characters that cannot be seen are taken out, line breaks and tabs become
/// spaces, and at most [`LONGEST`] characters stay.
///
/// ```
/// use umpdeck::text::clean;
///
/// assert_eq!(clean("not\u{1b}[31m found\n\u{202e}here"), "not[31m found here");
/// ```
pub fn clean(text: &str) -> String {
    harmless(text, false).take(LONGEST).collect()
}

/// Like [`clean`], but line breaks and tabs stay and the length is the caller's concern: for tables and JSON on their
/// way to the clipboard or a file.
pub fn clean_block(text: &str) -> String {
    harmless(text, true).collect()
}

/// Whether [`clean_block`] would leave the text as it is.
pub fn is_harmless(text: &str) -> bool {
    text.chars().all(|character| {
        matches!(character, '\n' | '\t') || !(character.is_control() || is_unseen(character))
    })
}

/// A number with its noun: "1 device", "3 devices". For nouns that take an s.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How long ago something was, in one short word: `now` (under a minute, or in the future), `2m`, `3h`, `12d`.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(since.as_second());
    match seconds {
        ..60 => "now".to_owned(),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// [`age`] within a sentence: `just now`, `2m ago`.
pub fn ago(since: Timestamp, now: Timestamp) -> String {
    match age(since, now).as_str() {
        "now" => "just now".to_owned(),
        age => format!("{age} ago"),
    }
}

/// A day as every sentence and table names it: `2028-11-27`, in UTC.
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Whole days from `now` until `end`. Zero means that less than a day is left; what has ended is negative, by the
/// whole days since, and by at least one, so that the sign alone tells past from future.
pub fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    let seconds = end.as_second().saturating_sub(now.as_second());
    if seconds > 0 || end > now {
        seconds / 86_400
    } else {
        (seconds / 86_400).min(-1)
    }
}

/// [`days_left`] in words: `412 d`, `today`, `1 day ago`, `3 days ago`.
pub fn days_words(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        -1 => "1 day ago".to_owned(),
        1.. => format!("{days} d"),
        _ => format!("{} days ago", days.unsigned_abs()),
    }
}

/// A clause with a capital first, unless it begins with a name that is written as it is: a host, an address.
pub fn capitalised(clause: &str) -> String {
    let first_word = clause.split_whitespace().next().unwrap_or_default();
    let is_name = first_word
        .trim_end_matches(['.', ':', ',', ';'])
        .contains(['.', '@', '/']);
    let mut letters = clause.chars();
    match letters.next() {
        Some(first) if !is_name => first.to_uppercase().chain(letters).collect(),
        _ => clause.to_owned(),
    }
}

/// A clause as a sentence: with a capital first, where that may be, and an end; an address at its end has none, which
/// would be taken for a part of it.
pub fn sentence(clause: &str) -> String {
    let mut sentence = capitalised(clause);
    let last = clause.split_whitespace().next_back().unwrap_or_default();
    let ended = sentence.ends_with(['.', '!', '?']) || last.contains("://");
    if !sentence.is_empty() && !ended {
        sentence.push('.');
    }
    sentence
}

/// The mark, or nothing where there is no room for it.
fn fitting_mark(mark: &str, cells: usize) -> &str {
    if width(mark) <= cells { mark } else { "" }
}

/// The longest head of whole graphemes that takes at most `cells` cells, and the rest.
fn split_at_width(text: &str, cells: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += UnicodeWidthStr::width(grapheme);
        if used > cells {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// The longest tail of whole graphemes that takes at most `cells` cells.
fn tail_of_width(text: &str, cells: usize) -> &str {
    let mut used = 0;
    let tail = text
        .grapheme_indices(true)
        .rev()
        .take_while(|(_, grapheme)| {
            used += UnicodeWidthStr::width(*grapheme);
            used <= cells
        });
    tail.last().map_or("", |(at, _)| &text[at..])
}

fn harmless(text: &str, lines: bool) -> impl Iterator<Item = char> {
    let mut following = text.chars().skip(1);
    text.chars().filter_map(move |character| {
        let next = following.next();
        match character {
            '\r' if next == Some('\n') => None,
            '\r' | '\n' | '\u{2028}' | '\u{2029}' if lines => Some('\n'),
            '\t' if lines => Some('\t'),
            '\r' | '\n' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
            _ if character.is_control() || is_unseen(character) => None,
            _ => Some(character),
        }
    })
}

/// Whether a character shows nothing, turns what follows, or steers a terminal: in a name it passes for another name.
pub fn is_invisible(character: char) -> bool {
    character.is_control() || is_unseen(character) || "\u{2028}\u{2029}".contains(character)
}

/// Characters that take no cell of their own and change how others are shown or compared.
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{FEFF}'
        | '\u{200B}'..='\u{200F}' // zero-width space and joiners, direction marks
        | '\u{202A}'..='\u{202E}' // direction embeddings and overrides
        | '\u{2060}'..='\u{206F}' // word joiner, direction isolates, deprecated format characters
        | '\u{FE00}'..='\u{FE0F}' // variation selectors: terminals disagree on the width they give
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}') // tags and more variation selectors
}

#[cfg(test)]
mod tests;
