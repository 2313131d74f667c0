//! Frames on the terminal: one write for a frame that changed something, none for one that did not.

use std::io::{self, Write};

use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};

use super::backend::FrameWriter;

/// The terminal holds the picture back between these, where it knows them, so that no half frame is seen.
const FRAME_BEGIN: &str = "\x1b[?2026h";
const FRAME_END: &str = "\x1b[?2026l";

/// Draws frames and writes what changed to `W`, the terminal's [`Device`](super::Device) or a buffer in tests.
#[derive(Debug)]
pub struct Screen<W> {
    terminal: Terminal<FrameWriter>,
    sink: W,
}

impl<W: Write> Screen<W> {
    /// A screen of that many columns and rows, which is taken to be blank, with the cursor hidden.
    pub fn new(sink: W, columns: u16, rows: u16) -> Self {
        let Ok(terminal) = Terminal::new(FrameWriter::new(columns, rows));
        Screen { terminal, sink }
    }

    /// Draws a frame and writes it in one piece if it differs from what is shown. Returns the bytes written; 0 when
    /// nothing changed.
    ///
    /// # Errors
    ///
    /// When the terminal does not take the bytes. That always means that it is gone: let go of it
    /// ([`cut_loose`](super::cut_loose)) and end.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<usize> {
        let Ok(_) = self.terminal.draw(view);
        let bytes = self.terminal.backend_mut().take();
        if bytes.is_empty() {
            return Ok(0);
        }
        let frame = [FRAME_BEGIN, &bytes, FRAME_END].concat();
        self.sink.write_all(frame.as_bytes())?;
        self.sink.flush()?;
        Ok(frame.len())
    }

    /// Writes a sequence that puts nothing on the screen (a clipboard's, a bell) between two frames.
    ///
    /// # Errors
    ///
    /// As [`Screen::draw`].
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.sink.write_all(bytes)?;
        self.sink.flush()
    }

    /// The terminal has another size: the next frame is painted anew from a cleared screen.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().set_size(columns, rows);
        let Ok(()) = self.terminal.resize(Rect::new(0, 0, columns, rows));
    }

    /// What the terminal shows is unknown (it was left and entered again): the next frame is painted anew, in the
    /// size that is given.
    pub fn repaint(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().forget();
        self.resize(columns, rows);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::layout::Position;
    use ratatui::style::{Color, Modifier, Style};

    use super::*;

    /// Counts writes and keeps the bytes.
    #[derive(Debug, Default)]
    struct Sink {
        bytes: Vec<u8>,
        writes: usize,
    }

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes.extend_from_slice(bytes);
            self.writes += 1;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn fleet(frame: &mut Frame<'_>, cursor: u16) {
        let buffer = frame.buffer_mut();
        let red = Style::new().fg(Color::Red);
        for row in 0..20_u16 {
            let y = row + 2;
            let chosen = row == cursor;
            buffer.set_string(0, y, if chosen { "▌" } else { " " }, Style::new());
            buffer.set_string(1, y, "✖", red);
            let device = if chosen {
                Style::new().add_modifier(Modifier::REVERSED)
            } else {
                Style::new()
            };
            buffer.set_string(3, y, format!("ump-{row:02}.finebak.com"), device);
            buffer.set_string(30, y, "Secret expired", red);
            buffer.set_string(50, y, "11/12", Style::new());
        }
    }

    fn screen() -> Screen<Sink> {
        Screen::new(Sink::default(), 80, 24)
    }

    fn shown(screen: &Screen<Sink>) -> vt100::Parser {
        let mut parser = vt100::Parser::default();
        parser.process(&screen.sink.bytes);
        parser
    }

    #[test]
    fn a_frame_is_one_write_between_synchronized_update_marks() {
        let mut screen = screen();
        let bytes = screen.draw(|frame| fleet(frame, 0)).expect("a buffer");
        assert_eq!(screen.sink.writes, 1);
        assert_eq!(screen.sink.bytes.len(), bytes);
        let text = String::from_utf8_lossy(&screen.sink.bytes).into_owned();
        assert!(text.starts_with(FRAME_BEGIN) && text.ends_with(FRAME_END));
        assert!(!text.contains("\x1b[6n"), "the terminal is asked nothing");
    }

    #[test]
    fn a_frame_that_changes_nothing_writes_nothing() {
        let mut screen = screen();
        screen.draw(|frame| fleet(frame, 3)).expect("a buffer");
        let again = screen.draw(|frame| fleet(frame, 3)).expect("a buffer");
        assert_eq!((again, screen.sink.writes), (0, 1));
    }

    #[test]
    fn moving_the_cursor_by_a_row_costs_at_most_130_bytes() {
        let mut screen = screen();
        screen.draw(|frame| fleet(frame, 3)).expect("a buffer");
        let moved = screen.draw(|frame| fleet(frame, 4)).expect("a buffer");
        assert!(moved <= 130, "{moved} bytes");
        let parser = shown(&screen);
        let cell = parser.screen().cell(6, 3).expect("a cell");
        assert!(cell.inverse());
        let left = parser.screen().cell(5, 3).expect("a cell");
        assert!(!left.inverse());
    }

    #[test]
    fn the_terminal_shows_what_was_drawn() {
        let mut screen = screen();
        for cursor in [0, 7, 3, 19] {
            screen.draw(|frame| fleet(frame, cursor)).expect("a buffer");
        }
        // Shorter lines after longer ones, wide characters, colours that follow each other.
        screen
            .draw(|frame| {
                let buffer = frame.buffer_mut();
                let style = Style::new().fg(Color::Indexed(200)).bg(Color::Blue);
                buffer.set_string(0, 2, "コンソール", style);
                let bold = Style::new().add_modifier(Modifier::BOLD | Modifier::DIM);
                buffer.set_string(12, 2, "bold", bold);
                buffer.set_string(16, 2, "dim", Style::new().add_modifier(Modifier::DIM));
                buffer.set_string(76, 2, "edge", style);
            })
            .expect("a buffer");
        let parser = shown(&screen);
        let contents = parser.screen().contents();
        assert_eq!(
            contents.trim(),
            format!("コンソール  bolddim{}edge", " ".repeat(57))
        );
        let looks = |column| {
            let cell = parser.screen().cell(2, column).expect("a cell");
            (cell.bold(), cell.dim(), cell.bgcolor())
        };
        assert_eq!(looks(0), (false, false, vt100::Color::Idx(4)));
        assert!(!looks(17).0 && looks(17).1);
    }

    proptest! {
        #[test]
        fn whatever_frames_follow_each_other_the_last_one_is_what_is_seen(
            frames in prop::collection::vec(
                prop::collection::vec((0..30_u16, 0..6_u16, "[ ab\u{e9}\u{30b3}\u{2716}]{0,12}", 0..5_usize), 0..8),
                1..6,
            )
        ) {
            let styles = [
                Style::new(),
                Style::new().fg(Color::Red),
                Style::new().bg(Color::Blue),
                Style::new().add_modifier(Modifier::REVERSED),
                Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            ];
            let put = |frame: &mut Frame<'_>, texts: &[(u16, u16, String, usize)]| {
                for (x, y, text, style) in texts {
                    crate::console::view::put(frame.buffer_mut(), *x, *y, 30, text, styles[*style]);
                }
            };
            let mut worn = Screen::new(Sink::default(), 30, 6);
            for texts in &frames {
                worn.draw(|frame| put(frame, texts)).expect("a buffer");
            }
            let mut fresh = Screen::new(Sink::default(), 30, 6);
            fresh.draw(|frame| put(frame, &frames[frames.len() - 1])).expect("a buffer");
            let seen = |screen: &Screen<Sink>| {
                let mut parser = {
                    let size = |cells| std::num::NonZero::new(cells).expect("more than none");
                    vt100::Parser::new(size(6), size(30), 0)
                };
                parser.process(&screen.sink.bytes);
                let cells = (0..6).flat_map(|row| (0..30).map(move |column| (row, column)));
                cells
                    .map(|(row, column)| {
                        let cell = parser.screen().cell(row, column).expect("a cell");
                        let text = match cell.contents() { "" => " ", text => text }.to_string();
                        let plain = text == " " && !cell.inverse() && !cell.underline();
                        let foreground = if plain { vt100::Color::Default } else { cell.fgcolor() };
                        let bold = !plain && cell.bold();
                        (text, foreground, cell.bgcolor(), cell.inverse(), cell.underline(), bold)
                    })
                    .collect::<Vec<_>>()
            };
            let (old, new) = (seen(&worn), seen(&fresh));
            let differs = (0..old.len()).find(|at| old[*at] != new[*at]);
            let told = differs.map(|at| (at, &old[at], &new[at]));
            prop_assert!(told.is_none(), "{:?} in {:?}", told, String::from_utf8_lossy(&worn.sink.bytes));
            let again = worn.draw(|frame| put(frame, &frames[frames.len() - 1])).expect("a buffer");
            prop_assert_eq!(again, 0);
        }
    }

    #[test]
    fn the_text_cursor_costs_bytes_only_when_it_changes() {
        let mut screen = screen();
        let mut at = |place: Option<(u16, u16)>| {
            let written = screen.draw(|frame| {
                if let Some(place) = place {
                    frame.set_cursor_position(Position::from(place));
                }
            });
            (written.expect("a buffer"), screen.sink.bytes.len())
        };
        assert_eq!(at(None).0, 0);
        assert!(at(Some((4, 5))).0 > 0);
        assert_eq!(at(Some((4, 5))).0, 0);
        assert!(at(Some((5, 5))).0 > 0);
        assert!(at(None).0 > 0);
        assert_eq!(at(None).0, 0);
    }

    #[test]
    fn a_resize_paints_everything_anew() {
        let mut screen = screen();
        let first = screen.draw(|frame| fleet(frame, 3)).expect("a buffer");
        screen.resize(100, 30);
        let again = screen.draw(|frame| fleet(frame, 3)).expect("a buffer");
        assert!(again >= first);
        assert!(
            screen
                .sink
                .bytes
                .windows(4)
                .any(|bytes| bytes == b"\x1b[2J")
        );
    }

    #[test]
    fn text_with_escape_sequences_cannot_reach_the_terminal() {
        let mut screen = screen();
        screen
            .draw(|frame| {
                let text = "a\u{1b}]52;c;Zm9v\u{7}\u{9b}31mb\u{202e}";
                frame.buffer_mut().set_string(0, 0, text, Style::new());
                frame.render_widget(
                    text,
                    frame.area().offset(ratatui::layout::Offset::new(0, 1)),
                );
                frame.buffer_mut()[(0, 2)].set_symbol(text);
            })
            .expect("a buffer");
        let bytes = String::from_utf8_lossy(&screen.sink.bytes).into_owned();
        let inner = bytes.replace(FRAME_BEGIN, "").replace(FRAME_END, "");
        assert!(
            !inner.contains("\u{1b}]") && !inner.contains('\u{9b}') && !inner.contains('\u{202e}')
        );
    }
}
