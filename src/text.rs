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
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_at_the_end_of_a_sentence_can_be_copied_as_it_stands() {
        assert_eq!(
            sentence("its admin consents at: https://x.example/a"),
            "Its admin consents at: https://x.example/a"
        );
        assert_eq!(
            sentence("https://x.example/a is wrong"),
            "https://x.example/a is wrong."
        );
    }

    #[test]
    fn a_sentence_begins_with_a_capital_unless_a_name_stands_there() {
        for (clause, expected) in [
            ("the portal is right", "The portal is right."),
            ("is it?", "Is it?"),
            (
                "ump-01.finebak.com has none",
                "ump-01.finebak.com has none.",
            ),
            ("noc@finebak.com may not", "noc@finebak.com may not."),
            ("no: never", "No: never."),
            ("élan", "Élan."),
            ("", ""),
        ] {
            assert_eq!(sentence(clause), expected);
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment in range")
    }

    #[test]
    fn cutting_marks_the_place_and_keeps_what_fits() {
        assert_eq!(cut_middle("b7c1aaaa-0000-9e02", 9), "b7c1…9e02");
    }

    #[test]
    fn what_tells_two_values_apart_stays_in_sight_wherever_it_is() {
        let cut = |one: &'static str, other, cells| {
            cut_beside_with(one, other, cells, ELLIPSIS).into_owned()
        };
        let (found, wanted) = (
            "https://ump-west.finebak.com/authenticate/oauth2callback",
            "https://ump-west.finebak.com/authenticate/OAuth2Callback",
        );
        assert_eq!(cut(found, wanted, 60), found);
        assert_eq!(cut(found, wanted, 30), "https://ump-we…/oauth2callback");
        assert_eq!(cut(wanted, found, 19), "…/OAuth2Callback");
        assert_eq!(cut(found, wanted, 15), "…oauth2callback");
        assert_eq!(cut(found, wanted, 8), "…oauth2…");
        let host = "https://ump-east.finebak.com/authenticate/oauth2callback";
        assert_eq!(cut(found, host, 30), "https://ump-we…/oauth2callback");
        assert_eq!(cut(found, "", 11), cut_middle(found, 11));
    }

    #[test]
    fn words_stay_whole_and_what_is_one_long_word_keeps_both_ends() {
        let cut = |text: &'static str, cells| cut_words_with(text, cells, ELLIPSIS).into_owned();
        assert_eq!(
            cut("runs out (3 days ago) (assumed)", 25),
            "runs out (3 days ago)…"
        );
        assert_eq!(cut("present, enabled", 13), "present…");
        assert_eq!(cut("ump-expired.finebak.com", 11), "ump-e…k.com");
        assert_eq!(cut("in step", 7), "in step");
        assert_eq!(
            cut("page https://ump-expired.finebak.com/tenantui/index", 20),
            "page https:/…i/index"
        );
        assert_eq!(cut("a b", 0), "");
    }

    #[test]
    fn wrapping_breaks_between_words_and_splits_only_what_cannot_fit() {
        assert_eq!(
            wrap("rotate the secret", 10),
            ["rotate the", "secret"].map(str::to_owned)
        );
        assert_eq!(
            wrap("abcdefgh ij", 5),
            ["abcde", "fgh", "ij"].map(str::to_owned)
        );
        assert_eq!(
            wrap("https://a.example/authenticate/OAuth2Callback", 35),
            ["https://a.example/authenticate/", "OAuth2Callback"].map(str::to_owned)
        );
        assert_eq!(wrap("a/bcdefgh", 6), ["a/bcde", "fgh"].map(str::to_owned));
        assert_eq!(
            wrap("one\n\ntwo", 10),
            ["one", "", "two"].map(str::to_owned)
        );
        assert_eq!(wrap("", 10), [String::new()]);
    }

    #[test]
    fn cleaning_takes_the_teeth_out_of_untrusted_text() {
        assert_eq!(
            clean("a\u{1b}[31mred\u{1b}]52;c;Zm9v\u{7}"),
            "a[31mred]52;c;Zm9v"
        );
        assert_eq!(clean("one\r\ntwo\tthree\n"), "one two three ");
        assert_eq!(
            clean("gnp\u{202E}exe.\u{2066}x\u{200B}y\u{9b}z"),
            "gnpexe.xyz"
        );
        assert_eq!(clean(&"x".repeat(LONGEST + 5)).len(), LONGEST);
        assert_eq!(clean_block("{\r\n\t\"a\": 1\u{1b}\n}"), "{\n\t\"a\": 1\n}");
    }

    #[test]
    fn ages_are_one_short_word() {
        let words = [
            (-5, "now"),
            (59, "now"),
            (60, "1m"),
            (3_599, "59m"),
            (3_600, "1h"),
            (86_400 * 12, "12d"),
        ];
        for (seconds, word) in words {
            assert_eq!(age(at(1_000_000), at(1_000_000 + seconds)), word);
        }
    }

    #[test]
    fn days_left_tells_past_from_future_by_its_sign() {
        let now = at(1_000_000_000);
        let after = |seconds: i64| days_left(at(1_000_000_000 + seconds), now);
        assert_eq!(after(86_400 * 412 + 5), 412);
        assert_eq!(after(3_600), 0);
        assert_eq!(after(0), -1);
        assert_eq!(after(-3_600), -1);
        assert_eq!(after(-86_400 * 3 - 7_200), -3);
        assert_eq!(days_words(412), "412 d");
        assert_eq!(days_words(0), "today");
        assert_eq!(days_words(-1), "1 day ago");
        assert_eq!(days_words(-3), "3 days ago");
    }

    proptest! {
        #[test]
        fn a_cut_never_exceeds_the_width_and_never_splits_a_grapheme(text in "\\PC{0,40}", cells in 0_usize..30) {
            prop_assume!(!text.contains(ELLIPSIS));
            let cut = cut_middle(&text, cells);
            prop_assert!(width(&cut) <= cells);
            if let Some((head, tail)) = cut.split_once(ELLIPSIS) {
                let is_between = |at: usize| {
                    at == text.len() || text.grapheme_indices(true).any(|(one, _)| one == at)
                };
                prop_assert!(text.starts_with(head) && is_between(head.len()));
                prop_assert!(text.ends_with(tail) && is_between(text.len() - tail.len()));
            }
        }

        #[test]
        fn a_cut_beside_another_never_exceeds_the_width(
            text in "[a-cé中/]{0,30}", other in "[a-cé中/]{0,30}", cells in 0_usize..40,
        ) {
            prop_assert!(width(&cut_beside_with(&text, &other, cells, ELLIPSIS)) <= cells);
        }

        #[test]
        fn a_cut_at_word_ends_never_exceeds_the_width(text in "[a-zé中 ,(]{0,60}", cells in 0_usize..40) {
            let cut = cut_words_with(&text, cells, ELLIPSIS);
            prop_assert!(width(&cut) <= cells.max(width(&text).min(cells)), "{:?}", cut);
        }

        #[test]
        fn wrapped_lines_fit_and_lose_no_word(text in "[a-zé中 ]{0,60}", cells in 2_usize..30) {
            let lines = wrap(&text, cells);
            prop_assert!(lines.iter().all(|line| width(line) <= cells));
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }

        #[test]
        fn clean_text_has_no_control_or_direction_character_and_stays_as_it_is(text in any::<String>()) {
            let once = clean(&text);
            prop_assert!(!once.chars().any(|character| character.is_control() || is_unseen(character)));
            prop_assert_eq!(clean(&once), once);
            prop_assert!(is_harmless(&clean_block(&text)));
        }
    }
}
