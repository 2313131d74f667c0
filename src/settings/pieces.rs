//! A long settings file, read in pieces: a parsed TOML text takes twenty times its length, and what a site of tens of
//! thousands of customers needs for a moment would stay with the program for as long as it runs. The devices are read
//! some at a time, everything else as one text. What is out of the ordinary is read whole, in the words of the parser.

use std::path::Path;

use serde::Deserialize;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::Settings;
use super::entries::DeviceEntry;
use super::error::{Lines, SettingsError};

/// So many bytes of devices are read at a time.
const PIECE: usize = 64 * 1024;

/// A part of the text, from one position to another.
type Part = std::ops::Range<usize>;

/// The settings in a text, each entry with its line.
pub(super) fn read(text: &str, file: &Path) -> Result<Settings, SettingsError> {
    let lines = Lines::of(text);
    if let Some(settings) = in_pieces(text, &lines) {
        return Ok(settings);
    }
    let mut settings: Settings =
        toml::from_str(text).map_err(|error| SettingsError::of_toml(file, text, &error))?;
    for device in &mut settings.devices {
        device.line = lines.at(device.fqdn.span().start);
    }
    for tenant in &mut settings.tenants {
        tenant.line = lines.at(tenant.name.span().start);
    }
    Ok(settings)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Devices {
    devices: Vec<DeviceEntry>,
}

/// None for a text that has to be read whole: it is short, it is wrong, or its devices stand in more than one form.
fn in_pieces(text: &str, lines: &Lines) -> Option<Settings> {
    if text.len() <= PIECE {
        return None;
    }
    let (pieces, others) = parts(text);
    let rest: String = others.iter().map(|part| &text[part.clone()]).collect();
    let mut settings: Settings = toml::from_str(&rest).ok()?;
    if !settings.devices.is_empty() {
        return None;
    }
    for tenant in &mut settings.tenants {
        tenant.line = lines.at(place(&others, tenant.name.span().start));
    }
    for piece in pieces {
        let read: Devices = toml::from_str(&text[piece.clone()]).ok()?;
        settings
            .devices
            .extend(read.devices.into_iter().map(|mut device| {
                device.line = lines.at(piece.start + device.fqdn.span().start);
                device
            }));
    }
    Some(settings)
}

/// Where a position in the joined parts is in the text.
fn place(parts: &[Part], mut at: usize) -> usize {
    for part in parts {
        if at < part.len() {
            return part.start + at;
        }
        at -= part.len();
    }
    at
}

/// The parts of a text that are devices, and the others.
fn parts(text: &str) -> (Vec<Part>, Vec<Part>) {
    let (mut devices, mut others): (Vec<Part>, Vec<Part>) = (Vec::new(), Vec::new());
    let (mut begin, mut of_devices) = (0, false);
    let mut close = |begin: usize, end: usize, of_devices: bool| match of_devices {
        true => devices.push(begin..end),
        false => others.push(begin..end),
    };
    for (at, header) in headers(text) {
        let stays = match header {
            Header::Device => of_devices && at - begin < PIECE,
            Header::OfDevice => of_devices,
            Header::Other => !of_devices,
        };
        if !stays {
            close(begin, at, of_devices);
            (begin, of_devices) = (at, header != Header::Other);
        }
    }
    close(begin, text.len(), of_devices);
    (devices, others)
}

/// What a table's header begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    /// `[[devices]]`.
    Device,
    /// `[[devices.customers]]`, and whatever else belongs to the device above.
    OfDevice,
    /// Anything else.
    Other,
}

/// The headers of a text with their positions: the brackets that open a line outside of every value.
fn headers(text: &str) -> impl Iterator<Item = (usize, Header)> {
    let (mut opens_line, mut depth) = (true, 0_usize);
    let tokens = Source::new(text).lex();
    tokens.filter_map(move |token| {
        let kind = token.kind();
        let header = opens_line && depth == 0 && kind == TokenKind::LeftSquareBracket;
        match kind {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => depth += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        opens_line = match kind {
            TokenKind::Newline => true,
            TokenKind::Whitespace => opens_line,
            _ => false,
        };
        let at = token.span().start();
        header.then(|| (at, header_of(&text[at..])))
    })
}

fn header_of(text: &str) -> Header {
    let is_list = text.starts_with("[[");
    let name = text.trim_start_matches(['[', ' ', '\t']);
    let Some(after) = name.strip_prefix("devices") else {
        return Header::Other;
    };
    match after.trim_start_matches([' ', '\t']).chars().next() {
        Some(']') if is_list => Header::Device,
        Some('.') => Header::OfDevice,
        _ => Header::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn long(pieces: &[&str]) -> String {
        let mut text = String::from("# first\nrefresh_minutes = 7\n");
        while text.len() <= 3 * PIECE {
            for piece in pieces {
                text.push_str(piece);
            }
        }
        text
    }

    const DEVICE: &str = "[[devices]]\nfqdn = \"a.example.com\" # one\nnotes = \"\"\"\n[[devices]]\n[screen]\n\"\"\"\n\
         [[devices.customers]]\nshort_name = \"x\"\nfull_name = \"[[devices]]\"\n";

    #[test]
    fn a_long_text_reads_the_same_in_pieces_as_it_does_whole() {
        let mut text = long(&[DEVICE, "\n  [[ devices ]]\nfqdn = \"b.example.com\"\n"]);
        text.push_str(
            "[[tenants]]\nid = \"7e2d1f60-0000-4000-8000-000000000001\"\nname = \"One\"\nprimary_domain = \"one.example.com\"\n",
        );
        text.push_str(DEVICE);
        text.push_str("[screen]\nascii = true\n");
        let lines = Lines::of(&text);
        let (pieces, others) = parts(&text);
        assert!(pieces.len() >= 4 && pieces.iter().all(|one| one.len() < 2 * PIECE));
        assert_eq!(others.len(), 3, "the head, the tenant, the screen");
        let read = in_pieces(&text, &lines).expect("nothing is out of the ordinary");
        let mut whole: Settings = toml::from_str(&text).unwrap();
        assert!(read.screen.ascii && read.refresh_minutes == 7);
        assert_eq!(read.devices.len(), whole.devices.len());
        for (one, other) in read.devices.iter().zip(&mut whole.devices) {
            other.line = lines.at(other.fqdn.span().start);
            assert_eq!(one.written(), other.written());
            assert_eq!(one.line, other.line);
        }
        assert_eq!(
            read.tenants[0].line,
            lines.at(whole.tenants[0].name.span().start)
        );
    }

    #[test]
    fn what_is_wrong_in_a_long_text_is_said_with_its_line_in_the_whole() {
        let text = long(&[DEVICE]);
        for (wrong, key) in [
            ("[[devices]]\nfqdn = 3\n", "fqdn"),
            (
                "[[devices]]\nfqdn = \"c.example.com\"\ncolour = 1\n",
                "colour",
            ),
            ("[devices]\nfqdn = \"c.example.com\"\n", "[devices]"),
            ("[[tenants]]\nid = 1\n", "id"),
            ("devices = []\n", "devices"),
        ] {
            let text = format!("{text}{wrong}{DEVICE}");
            let error = read(&text, Path::new("s.toml")).unwrap_err();
            let SettingsError::Invalid {
                place, key: said, ..
            } = error
            else {
                panic!("{error}");
            };
            let line = place.line.expect("a line");
            assert!(said.contains(key), "{said}: {wrong}");
            assert!(text.lines().nth(line - 1).unwrap().contains(key), "{wrong}");
        }
    }

    #[test]
    fn devices_in_two_forms_are_refused_however_long_the_text() {
        let text = format!(
            "devices = [{{ fqdn = \"a.example.com\" }}]\n{}",
            long(&[DEVICE])
        );
        assert!(toml::from_str::<Settings>(&text).is_err());
        assert!(read(&text, Path::new("s.toml")).is_err());
    }

    proptest! {
        /// Whatever stands in a text, the parts are the text: nothing is lost, nothing is there twice.
        #[test]
        fn the_parts_are_the_text(text in r#"(\[\[devices\]\]\n|\[devices.x\]\n|\[x\]\n|"""|'''|"|\[|\]|\{|\}|a = 1\n|#|\n| ){0,60}"#) {
            let (devices, others) = parts(&text);
            let mut all: Vec<Part> = devices.into_iter().chain(others).collect();
            all.sort_by_key(|part| (part.start, part.end));
            let joined: String = all.iter().map(|part| &text[part.clone()]).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
