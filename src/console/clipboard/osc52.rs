//! The terminal's clipboard sequence, OSC 52, in the three forms that terminals and multiplexers take. Write only: a
//! terminal's clipboard is never asked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The longest Base64 that every terminal with this sequence takes, in bytes.
pub const LIMIT: usize = 74_994;

/// GNU screen drops strings of more than 767 bytes; pieces of this many pass.
const SCREEN_PIECE: usize = 256;

/// A text that terminals would drop without a word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the text has {length} bytes, and terminals take at most {limit}; save it to a file instead"
)]
pub struct TooLong {
    /// The text's length in bytes.
    pub length: usize,
    /// The longest text that would be sent, in bytes.
    pub limit: usize,
}

/// The plain form, for a terminal without a multiplexer. `limit` counts bytes of Base64.
///
/// # Errors
///
/// [`TooLong`] when the text does not fit.
pub fn osc52_plain(text: &str, limit: usize) -> Result<Vec<u8>, TooLong> {
    let encoded = encode(text, limit)?;
    Ok(format!("\x1b]52;c;{}\x1b\\", &*encoded).into_bytes())
}

/// The form that tmux hands through to the terminal, where its `allow-passthrough` is on. The inner sequence ends in
/// BEL, which needs no doubling.
///
/// # Errors
///
/// [`TooLong`] when the text does not fit.
pub fn osc52_tmux(text: &str, limit: usize) -> Result<Vec<u8>, TooLong> {
    let encoded = encode(text, limit)?;
    Ok(format!("\x1bPtmux;\x1b\x1b]52;c;{}\x07\x1b\\", &*encoded).into_bytes())
}

/// The form that GNU screen hands through: the sequence in pieces, each wrapped by itself.
///
/// # Errors
///
/// [`TooLong`] when the text does not fit.
pub fn osc52_screen(text: &str, limit: usize) -> Result<Vec<u8>, TooLong> {
    let encoded = encode(text, limit)?;
    let sequence = Zeroizing::new(format!("\x1b]52;c;{}\x07", &*encoded));
    let mut wrapped = Vec::with_capacity(sequence.len() + sequence.len() / 32);
    for piece in sequence.as_bytes().chunks(SCREEN_PIECE) {
        wrapped.extend_from_slice(b"\x1bP");
        wrapped.extend_from_slice(piece);
        wrapped.extend_from_slice(b"\x1b\\");
    }
    Ok(wrapped)
}

/// It may be a secret.
fn encode(text: &str, limit: usize) -> Result<Zeroizing<String>, TooLong> {
    let fitting = limit / 4 * 3;
    if text.len() > fitting {
        return Err(TooLong {
            length: text.len(),
            limit: fitting,
        });
    }
    Ok(Zeroizing::new(STANDARD.encode(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_its_exact_bytes() {
        assert_eq!(
            osc52_plain("foo", LIMIT).as_deref(),
            Ok(&b"\x1b]52;c;Zm9v\x1b\\"[..])
        );
        assert_eq!(
            osc52_tmux("foo", LIMIT).as_deref(),
            Ok(&b"\x1bPtmux;\x1b\x1b]52;c;Zm9v\x07\x1b\\"[..])
        );
        assert_eq!(
            osc52_screen("foo", LIMIT).as_deref(),
            Ok(&b"\x1bP\x1b]52;c;Zm9v\x07\x1b\\"[..])
        );
        assert_eq!(
            osc52_plain("é…", LIMIT).as_deref(),
            Ok(&b"\x1b]52;c;w6nigKY=\x1b\\"[..])
        );
        assert_eq!(
            osc52_plain("", LIMIT).as_deref(),
            Ok(&b"\x1b]52;c;\x1b\\"[..])
        );
    }

    #[test]
    fn pieces_for_gnu_screen_are_small_and_join_to_the_whole() {
        let text = "x".repeat(2_000);
        let wrapped = osc52_screen(&text, LIMIT).expect("it fits");
        let wrapped = String::from_utf8(wrapped).expect("ASCII");
        let pieces: Vec<&str> = wrapped
            .split_terminator("\x1b\\")
            .map(|piece| piece.strip_prefix("\x1bP").expect("wrapped"))
            .collect();
        assert!(pieces.len() > 10 && pieces.iter().all(|piece| piece.len() <= SCREEN_PIECE));
        let plain = String::from_utf8(osc52_plain(&text, LIMIT).expect("it fits")).expect("ASCII");
        assert_eq!(pieces.concat(), plain.replace("\x1b\\", "\x07"));
    }

    #[test]
    fn the_limit_is_exact() {
        let longest = LIMIT / 4 * 3;
        assert!(osc52_plain(&"x".repeat(longest), LIMIT).is_ok());
        assert_eq!(
            osc52_plain(&"x".repeat(longest + 1), LIMIT),
            Err(TooLong {
                length: longest + 1,
                limit: longest
            })
        );
    }
}
