//! How a cell looks, and the codes that turn one look into another, as short as they can be.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// How cells look; a colour for the underline alone is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

/// Nothing set: what the terminal begins with.
pub(super) const PLAIN: Look = Look {
    foreground: Color::Reset,
    background: Color::Reset,
    modifier: Modifier::empty(),
};

impl Look {
    /// A blank cell with this look is seen as a plain one.
    pub(super) fn is_unseen_on_blanks(self) -> bool {
        let seen = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
        self.background == Color::Reset && !self.modifier.intersects(seen)
    }
}

/// The modifiers with their codes: on, off, and what else that off switches off.
const MODIFIERS: &[(Modifier, u8, u8, Modifier)] = &[
    (Modifier::BOLD, 1, 22, Modifier::DIM),
    (Modifier::DIM, 2, 22, Modifier::BOLD),
    (Modifier::ITALIC, 3, 23, Modifier::empty()),
    (Modifier::UNDERLINED, 4, 24, Modifier::empty()),
    (Modifier::SLOW_BLINK, 5, 25, Modifier::RAPID_BLINK),
    (Modifier::RAPID_BLINK, 6, 25, Modifier::SLOW_BLINK),
    (Modifier::REVERSED, 7, 27, Modifier::empty()),
    (Modifier::HIDDEN, 8, 28, Modifier::empty()),
    (Modifier::CROSSED_OUT, 9, 29, Modifier::empty()),
];

/// How a cell looks.
pub(super) fn look_of(cell: &Cell) -> Look {
    Look {
        foreground: cell.fg,
        background: cell.bg,
        modifier: cell.modifier,
    }
}

/// Nothing is seen in the cell, not even a background.
pub(super) fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && look_of(cell) == PLAIN
}

/// The codes that turn one look into another, without their frame.
pub(super) fn codes(from: Look, to: Look) -> String {
    let mut codes = Vec::new();
    let mut on = from.modifier;
    let gone = from.modifier - to.modifier;
    for (modifier, _, off, others) in MODIFIERS {
        if gone.contains(*modifier) && on.contains(*modifier) {
            codes.push(off.to_string());
            on -= *modifier | *others;
        }
    }
    for (modifier, code, _, _) in MODIFIERS {
        if to.modifier.contains(*modifier) && !on.contains(*modifier) {
            codes.push(code.to_string());
        }
    }
    if from.foreground != to.foreground {
        codes.push(colour(to.foreground, 30));
    }
    if from.background != to.background {
        codes.push(colour(to.background, 40));
    }
    codes.join(";")
}

fn colour(colour: Color, base: u8) -> String {
    let simple = |number: u8| (base + number).to_string();
    let bright = |number: u8| (base + 60 + number).to_string();
    match colour {
        Color::Reset => simple(9),
        Color::Black => simple(0),
        Color::Red => simple(1),
        Color::Green => simple(2),
        Color::Yellow => simple(3),
        Color::Blue => simple(4),
        Color::Magenta => simple(5),
        Color::Cyan => simple(6),
        Color::Gray => simple(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(number) => format!("{};5;{number}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}
