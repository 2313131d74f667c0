//! The table that most tabs of a device are: heads, visible lines, a cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::console::list::ListState;
use crate::console::panes::overlays::{more, shown_of};
use crate::console::view::{Look, put};
use crate::text::{cut_beside_with, cut_middle_with, width};

/// Where and how a table is drawn.
#[derive(Clone, Copy)]
pub(in crate::console::panes) struct Table<'a> {
    pub look: Look<'a>,
    pub area: Rect,
    pub list: ListState,
}

impl<'a> Table<'a> {
    /// Draws the heads and hands each visible line to `each`.
    pub fn draw(
        self,
        buffer: &mut Buffer,
        len: usize,
        heads: &[(u16, &str)],
        mut each: impl FnMut(&mut Buffer, usize, Cells<'a>),
    ) {
        let Table { look, area, list } = self;
        let page = usize::from(area.height.saturating_sub(1));
        // Which lines are shown stands at the end of the heads; a head that it would cut is left out.
        let shown = shown_of((list.offset, page, len)).map_or(0, |words| width(&words) as u16);
        for (x, head) in heads {
            let room = area.width.saturating_sub(*x);
            if width(head) as u16 + shown < room || shown == 0 {
                put(buffer, area.x + x, area.y, room, head, look.theme.dim);
            }
        }
        let lines = Rect {
            y: area.y + 1,
            width: area.width.saturating_sub(1),
            ..area
        };
        more(look, buffer, lines, (list.offset, page, len));
        for line in 0..page.min(len.saturating_sub(list.offset)) {
            let at = list.offset + line;
            let y = area.y + 1 + line as u16;
            let selected = at == list.cursor;
            each(
                buffer,
                at,
                Cells {
                    look,
                    area,
                    y,
                    selected,
                },
            );
        }
    }
}

/// A line of a list: cells with their places, the first of which shows the cursor.
pub(in crate::console::panes) struct Cells<'a> {
    pub look: Look<'a>,
    pub area: Rect,
    pub y: u16,
    pub selected: bool,
}

impl Cells<'_> {
    pub fn put(&self, buffer: &mut Buffer, x: u16, cells: u16, text: &str, style: Style) {
        let x = self.area.x + x;
        let cells = cells.min((self.area.x + self.area.width).saturating_sub(x));
        put(
            buffer,
            x,
            self.y,
            cells,
            &self.look.cut(text, usize::from(cells)),
            style,
        );
    }

    /// The cell that names the line: reversed under the cursor.
    pub fn name(&self, buffer: &mut Buffer, x: u16, cells: u16, text: &str, style: Style) {
        let style = if self.selected {
            style.add_modifier(Modifier::REVERSED)
        } else {
            style
        };
        if self.selected {
            put(
                buffer,
                self.area.x,
                self.y,
                1,
                self.look.glyphs.cursor,
                self.look.theme.accent,
            );
        }
        self.put(buffer, x, cells, text, style);
    }
}

/// URIs and IDs keep both ends; everything else keeps its beginning.
pub(in crate::console::panes) fn cut_value(look: Look<'_>, text: &str, cells: u16) -> String {
    let cells = usize::from(cells);
    if text.starts_with("https://") || uuid::Uuid::try_parse(text).is_ok() {
        cut_middle_with(text, cells, look.glyphs.ellipsis).into_owned()
    } else {
        look.cut(text, cells)
    }
}

/// A value beside another of the same thing: of an address what differs stays in sight.
pub(in crate::console::panes) fn cut_beside(
    look: Look<'_>,
    text: &str,
    other: &str,
    cells: u16,
) -> String {
    let address = |text: &str| text.starts_with("https://") && !text.contains(' ');
    if address(text) && address(other) {
        cut_beside_with(text, other, usize::from(cells), look.glyphs.ellipsis).into_owned()
    } else {
        cut_value(look, text, cells)
    }
}
