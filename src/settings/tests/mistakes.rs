//! A mistake is told with its place, cleanly, and never by a panic.

use proptest::prelude::*;

use super::*;

#[test]
fn a_mistake_is_named_with_file_line_key_and_reason() {
    for (text, parts) in [
        (
            "refresh_minutes = 15\nrefresh_mintes = 3\n",
            ["line 2", "refresh_mintes", "unknown field"],
        ),
        (
            "\n\nrefresh_minutes = \"x\"",
            ["line 3", "refresh_minutes", "invalid type"],
        ),
        ("[screen]\nascii = 1", ["line 2", "ascii", "invalid type"]),
        ("log_level = \"loud\"", ["line 1", "log_level", "loud"]),
        ("[bulk]\nat_once = 0", [FILE, "bulk.at_once", "1 to 32"]),
        (
            "refresh_minutes = 0",
            [FILE, "refresh_minutes", "1 to 1440"],
        ),
        (
            "clipboard.command = []",
            [FILE, "clipboard.command", "no program"],
        ),
        ("a = ", ["line 1", "a:", "string"]),
    ] {
        let error = error(text);
        assert!(error.starts_with(FILE), "{error}");
        for part in parts {
            assert!(
                error.contains(part),
                "{text:?}: {part:?} is not in: {error}"
            );
        }
    }
}

#[test]
fn nothing_invisible_of_the_file_gets_into_a_message() {
    for text in [
        "\"\\u001b]0;x\\u0007\" = 1",
        "log_level = \"\\u202eevil\"",
        "\u{1b}[2J",
    ] {
        let error = error(text);
        assert!(
            !error.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{error:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = fleet(&text);
    }

    #[test]
    fn no_text_made_of_settings_makes_it_panic(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "[[tenants]]\n", "[[devices]]\n", "[[devices.customers]]\n", "[screen]\n", "id = ", "name = ",
            "primary_domain = ", "fqdn = ", "tenant = ", "sign_in = ", "{ way = \"device-code\" }\n", "\"x\"\n", "15\n",
            "\"a.b\"\n", "\"11111111-2222-3333-4444-555555555555\"\n", "refresh_minutes = ", "[", "]", "=", "\n", "é", "\"\"\"",
        ]), 0..20)
    ) {
        let _ = fleet(&parts.concat());
    }
}
