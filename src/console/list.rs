//! A cursor in a list and the part of the list that is on screen.

/// Where the cursor is, and which line is the first on screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListState {
    /// The line under the cursor.
    pub cursor: usize,
    /// The first line on screen.
    pub offset: usize,
}

/// How far the cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// So many lines down (negative: up).
    By(isize),
    /// So many halves of a page down (negative: up).
    HalfPages(isize),
    /// First line.
    Top,
    /// Last line.
    Bottom,
}

impl ListState {
    /// Moves the cursor in a list of `len` lines of which `page` fit on screen.
    pub fn go(&mut self, step: Move, len: usize, page: usize) {
        let half = (page / 2).max(1) as isize;
        let target = match step {
            Move::By(lines) => self.cursor as isize + lines,
            Move::HalfPages(halves) => self.cursor as isize + halves * half,
            Move::Top => 0,
            Move::Bottom => len as isize - 1,
        };
        self.cursor = target.clamp(0, (len as isize - 1).max(0)) as usize;
        self.keep_in_view(len, page);
    }

    /// Moves the screen itself over `len` lines of which `page` fit: there is no cursor, or it is the first line shown.
    pub fn scroll(&mut self, step: Move, len: usize, page: usize) {
        let lines = match step {
            Move::HalfPages(halves) => Move::By(halves * (page / 2).max(1) as isize),
            other => other,
        };
        self.cursor = self.offset;
        self.go(lines, len.saturating_sub(page) + 1, 1);
        self.offset = self.cursor;
    }

    /// Brings the cursor's line on screen. At an edge the list moves by a third of a page, since over a slow line
    /// each scroll repaints the whole list.
    pub fn keep_in_view(&mut self, len: usize, page: usize) {
        let page = page.max(1);
        self.cursor = self.cursor.min(len.saturating_sub(1));
        let third = (page / 3).max(1);
        if self.cursor < self.offset {
            self.offset = self.cursor.saturating_sub(third - 1);
        } else if self.cursor >= self.offset + page {
            self.offset = self.cursor + third - page;
        }
        self.offset = self.offset.min(len.saturating_sub(page));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_is_always_on_screen(len in 0usize..200, page in 1usize..60, moves in prop::collection::vec(-40isize..40, 0..30)) {
            let mut list = ListState::default();
            for step in moves {
                list.go(Move::By(step), len, page);
                prop_assert!(list.cursor < len.max(1));
                prop_assert!(list.offset <= list.cursor);
                prop_assert!(list.cursor < list.offset + page);
            }
        }
    }

    #[test]
    fn a_shorter_list_leaves_no_empty_screen() {
        let mut list = ListState {
            cursor: 90,
            offset: 80,
        };
        list.keep_in_view(5, 20);
        assert_eq!(
            list,
            ListState {
                cursor: 4,
                offset: 0
            }
        );
    }
}
