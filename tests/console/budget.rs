//! What the console may cost, in bytes and in wakings, with 10,000 devices: counts, never milliseconds.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use crate::support::fleet;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use umpdeck::console::chord::Chord;
use umpdeck::console::deadline;
use umpdeck::console::fleet_list::Sort;
use umpdeck::console::message::Message;
use umpdeck::console::model::Model;
use umpdeck::console::terminal::Screen;
use umpdeck::console::theme::Theme;
use umpdeck::console::update::{REST, update};
use umpdeck::console::view::{Look, view};

const DEVICES: usize = 10_000;
const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (200, 50);

/// Counts the writes.
#[derive(Clone, Default)]
struct Sink(Rc<Cell<usize>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + 1);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A console without a terminal.
struct Console {
    model: Model,
    theme: Theme,
    writes: Sink,
    screen: Screen<Sink>,
}

impl Console {
    fn new(size: (u16, u16)) -> Console {
        let writes = Sink::default();
        Console {
            model: fleet::model(fleet::rows(DEVICES), size),
            theme: Theme::choose(&[], "default", false, true, "xterm-256color").expect("a theme"),
            screen: Screen::new(writes.clone(), size.0, size.1),
            writes,
        }
    }

    /// (bytes, writes) of the next frame.
    fn draw(&mut self) -> (usize, usize) {
        let look = Look {
            theme: &self.theme,
            glyphs: &self.theme.glyphs,
        };
        let before = self.writes.0.get();
        let bytes = self
            .screen
            .draw(|frame| view(&self.model, look, frame))
            .expect("a buffer");
        (bytes, self.writes.0.get() - before)
    }

    fn key(&mut self, key: &str) -> (usize, usize) {
        let chord: Chord = key.parse().expect("a key");
        let now = self.model.now;
        update(&mut self.model, Message::Key(chord), now);
        self.draw()
    }

    fn wait(&mut self, until: Timestamp) -> (usize, usize) {
        update(&mut self.model, Message::Tick, until);
        self.draw()
    }

    /// The screen as it would be at a moment.
    fn picture(&mut self, at: Timestamp) -> Buffer {
        let (now, look) = (
            std::mem::replace(&mut self.model.now, at),
            Look {
                theme: &self.theme,
                glyphs: &self.theme.glyphs,
            },
        );
        let (columns, rows) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a buffer");
        let frame = terminal
            .draw(|frame| view(&self.model, look, frame))
            .expect("a buffer");
        let picture = frame.buffer.clone();
        self.model.now = now;
        picture
    }
}

#[test]
fn the_first_frame_is_one_write_of_few_bytes() {
    for (size, most) in [(SMALL, 5_000), (LARGE, 12_000)] {
        let (bytes, writes) = Console::new(size).draw();
        assert!(bytes <= most, "{bytes} bytes at {size:?}");
        assert_eq!(writes, 1);
    }
}

#[test]
fn a_frame_that_changes_nothing_costs_nothing() {
    for size in [SMALL, LARGE] {
        let mut console = Console::new(size);
        console.draw();
        assert_eq!(console.draw(), (0, 0));
        let now = console.model.now;
        assert_eq!(console.wait(now), (0, 0), "a waking that brings nothing");
    }
}

#[test]
fn moving_the_cursor_inside_a_page_costs_few_bytes_wherever_it_stands() {
    for (size, most) in [(SMALL, 130), (LARGE, 250)] {
        for order in [Sort::WorstFirst, Sort::Name] {
            let mut console = Console::new(size);
            console.model.fleet.sort = order;
            console.model.fleet.arrange(fleet::now());
            console.draw();
            // Worst first shows rows of one status; by name they alternate.
            for key in ["j", "j", "j", "k", "j", "k", "k"] {
                let at = console.model.fleet.list.cursor;
                let (bytes, writes) = console.key(key);
                assert!(bytes <= most, "{bytes} bytes at {size:?} from row {at}");
                assert_eq!(writes, 1);
                console.wait(console.model.now + REST);
            }
        }
    }
}

#[test]
fn marks_cost_a_row_each_on_screen_and_nothing_when_the_cursor_moves() {
    for (size, most) in [(SMALL, 130), (LARGE, 250)] {
        let mut console = Console::new(size);
        console.draw();
        // The first one makes room in the title for their number.
        for more in [100, 60] {
            let (bytes, writes) = console.key("space");
            assert!(
                bytes <= most + more && writes == 1,
                "{bytes} bytes for a mark at {size:?}"
            );
        }
        let (bytes, writes) = console.key("a");
        let rows = usize::from(size.1);
        assert!(
            bytes <= rows * 40 && writes == 1,
            "{bytes} bytes for all marks at {size:?}"
        );
        assert_eq!(console.model.fleet.marked(), DEVICES);
        for key in ["j", "j", "k", "j"] {
            let (bytes, _) = console.key(key);
            assert!(bytes <= most, "{bytes} bytes at {size:?} with all marked");
        }
    }
}

#[test]
fn a_held_key_costs_few_bytes_a_row() {
    for (size, most) in [(SMALL, 130), (LARGE, 250)] {
        let mut console = Console::new(size);
        console.draw();
        for _ in 0..10 {
            let (bytes, _) = console.key("j");
            assert!(bytes <= most, "{bytes} bytes at {size:?}");
        }
    }
}

#[test]
fn the_reason_follows_the_resting_cursor_in_one_small_write() {
    for size in [SMALL, LARGE] {
        let mut console = Console::new(size);
        console.draw();
        console.key("j");
        let due = deadline::next(&console.model).expect("the reason is due");
        assert_eq!(due, console.model.now + REST);
        let (bytes, writes) = console.wait(due);
        assert!(bytes > 0 && bytes <= 2_000, "{bytes} bytes at {size:?}");
        assert_eq!(writes, 1);
    }
}

#[test]
fn an_idle_fleet_wakes_when_what_it_shows_changes_and_not_before() {
    for size in [(60, 20), SMALL, (90, 30), (105, 30), LARGE] {
        for order in [Sort::WorstFirst, Sort::Name, Sort::Secret] {
            let mut console = Console::new(size);
            console.model.fleet.sort = order;
            console.model.fleet.arrange(fleet::now());
            console.draw();
            for turn in 0..12 {
                let now = console.model.now;
                let due = deadline::next(&console.model).expect("ages are on screen");
                let told = format!("waking {turn} at {size:?} by {order:?}: {now} to {due}");
                assert!(due > now, "{told}");
                let (shown, just_before) =
                    (console.picture(now), due - SignedDuration::from_millis(1));
                for moment in between(now, just_before) {
                    assert_eq!(console.picture(moment), shown, "{told}: late at {moment}");
                }
                assert_ne!(console.picture(due), shown, "{told}: woke for nothing");
                console.wait(due);
            }
        }
    }
}

/// Moments over a span, its ends included.
fn between(from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let span = until.duration_since(from);
    (0..=8).map(|part| from + span * part / 8).collect()
}
