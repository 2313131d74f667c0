//! The README's picture is what the console shows: the real program on a real terminal, on its training ground.

mod support;

use std::fmt::Write as _;

use support::ground::{Home, wait_for_the_fleet};

const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/docs/console.svg");
/// Columns and rows.
const SIZE: (u16, u16) = (112, 26);
/// A cell in the picture's units.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 14.0;
const PAPER: &str = "#16181d";
const INK: &str = "#d6d9e0";
/// The terminal's sixteen colours.
const COLOURS: [&str; 16] = [
    "#3b4048", "#f0717b", "#8cc570", "#e5b567", "#6fb3f2", "#c58af0", "#5cc8c8", "#d6d9e0",
    "#7f8794", "#ff8f98", "#a9dc8f", "#ffd285", "#92c9ff", "#dcb0ff", "#85e3e3", "#ffffff",
];

fn colour(colour: vt100::Color, otherwise: &'static str) -> String {
    match colour {
        vt100::Color::Default => otherwise.to_string(),
        vt100::Color::Idx(at) => COLOURS
            .get(usize::from(at))
            .copied()
            .unwrap_or(otherwise)
            .to_string(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}

/// A stretch of a line whose cells look the same.
#[derive(PartialEq)]
struct Look {
    ink: String,
    paper: String,
    bold: bool,
    dim: bool,
    underlined: bool,
}

impl Look {
    /// A blank of the other look shows nothing else here than one of this.
    fn is_paper_of(&self, other: &Look) -> bool {
        self.paper == other.paper && !self.underlined && !other.underlined
    }
}

fn look(cell: &vt100::Cell) -> Look {
    let (mut ink, mut paper) = (colour(cell.fgcolor(), INK), colour(cell.bgcolor(), PAPER));
    if cell.inverse() {
        std::mem::swap(&mut ink, &mut paper);
    }
    Look {
        ink,
        paper,
        bold: cell.bold(),
        dim: cell.dim(),
        underlined: cell.underline(),
    }
}

/// The screen as an SVG with real text: one line of it for each stretch that looks the same.
fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, \
         'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" role=\"img\" aria-label=\"umpdeck's fleet\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    for row in 0..rows {
        let mut stretch: Option<(u16, Look, String)> = None;
        for column in 0..columns {
            let cell = screen.cell(row, column).expect("a cell");
            if cell.is_wide_continuation() {
                continue;
            }
            let now = look(cell);
            let text = match cell.contents() {
                "" => " ",
                text => text,
            };
            match &mut stretch {
                // What a blank's letters would look like depends on the frames before it, and nobody sees it.
                Some((_, looks, words))
                    if *looks == now || (text == " " && looks.is_paper_of(&now)) =>
                {
                    words.push_str(text);
                }
                other => {
                    if let Some(done) = other.take() {
                        draw(&mut svg, row, column, done);
                    }
                    *other = Some((column, now, text.to_string()));
                }
            }
        }
        if let Some(done) = stretch {
            draw(&mut svg, row, columns, done);
        }
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, row: u16, end: u16, (begin, look, words): (u16, Look, String)) {
    let x = MARGIN + f32::from(begin) * CELL.0;
    let y = MARGIN + f32::from(row) * CELL.1;
    let width = f32::from(end - begin) * CELL.0;
    if look.paper != PAPER {
        let (height, paper) = (CELL.1, &look.paper);
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{paper}\"/>"
        );
    }
    let blanks = words.len() - words.trim_start().len();
    let shown = words.trim();
    if shown.is_empty() {
        return;
    }
    let x = x + blanks as f32 * CELL.0;
    let cells = shown.chars().count() as f32 * CELL.0;
    let mut more = String::new();
    if look.bold {
        more.push_str(" font-weight=\"bold\"");
    }
    if look.dim {
        more.push_str(" opacity=\"0.6\"");
    }
    if look.underlined {
        more.push_str(" text-decoration=\"underline\"");
    }
    let escaped = shown
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\" textLength=\"{cells:.1}\" xml:space=\"preserve\"{more}>{escaped}</text>",
        y + 13.5,
        look.ink
    );
}

/// The picture without what follows the calendar: dates become `0`s of the same length.
fn without_dates(svg: &str) -> String {
    let letters: Vec<char> = svg.chars().collect();
    let mut shown = letters.clone();
    let is_date = |part: &[char]| {
        part.iter().enumerate().all(|(at, letter)| match at {
            4 | 7 => *letter == '-',
            _ => letter.is_ascii_digit(),
        })
    };
    for at in 0..letters.len().saturating_sub(9) {
        if is_date(&letters[at..at + 10]) {
            for place in [0, 1, 2, 3, 5, 6, 8, 9] {
                shown[at + place] = '0';
            }
        }
    }
    shown.into_iter().collect()
}

#[test]
fn how_a_blank_came_about_is_not_in_the_picture() {
    let drawn = |written: &str| {
        let [rows, columns] = [1, 20].map(|size| std::num::NonZero::new(size).expect("a size"));
        let mut terminal = vt100::Parser::new(rows, columns, 0);
        terminal.process(written.as_bytes());
        svg(terminal.screen())
    };
    let whole = drawn("\x1b[2mbroken now   1");
    assert!(whole.contains(">broken now   1<"), "{whole}");
    assert_eq!(drawn("\x1b[2mbroken now\x1b[m   \x1b[2m1"), whole);
    assert_ne!(drawn("\x1b[2mbroken now\x1b[41m   \x1b[49m1"), whole);
}

#[test]
fn the_picture_is_what_the_console_shows() {
    let home = Home::new();
    let pty = home.sandbox(SIZE);
    wait_for_the_fleet(&pty);
    // The tenant that never answers is given up, and nothing moves any more.
    pty.wait_until(|screen| {
        let contents = screen.contents();
        let header = contents.lines().next().unwrap_or_default();
        !header.contains("reading") && !contents.contains("Not read yet")
    });
    let drawn = std::cell::RefCell::new(String::new());
    pty.wait_until(|screen| {
        *drawn.borrow_mut() = svg(screen);
        true
    });
    let drawn = drawn.into_inner();
    assert!(drawn.contains("SANDBOX") && drawn.contains("livecloud.finebak.com"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PLACE, &drawn).expect("written");
        return;
    }
    let kept = std::fs::read_to_string(PLACE).expect("the picture");
    assert!(
        without_dates(&kept) == without_dates(&drawn),
        "the screen looks otherwise now: look at it, then UPDATE=1 cargo test --test picture"
    );
}

#[test]
fn dates_do_not_count_and_everything_else_does() {
    assert_eq!(without_dates("on 2026-11-21 3"), "on 0000-00-00 3");
    assert_eq!(without_dates("2026-1-21"), "2026-1-21");
}
