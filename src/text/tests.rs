//! Cutting, wrapping, counting and cleaning.

use proptest::prelude::*;

use super::*;

#[test]
fn one_thing_is_counted_without_an_s() {
    let all = [0, 1, 2].map(|count| counted(count, "device"));
    assert_eq!(all, ["0 devices", "1 device", "2 devices"]);
}

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
    let cut =
        |one: &'static str, other, cells| cut_beside_with(one, other, cells, ELLIPSIS).into_owned();
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
