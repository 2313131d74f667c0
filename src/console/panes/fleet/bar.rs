//! How the listed tenant's devices, or all, are spread over the urgencies: one bar of marks and its legend.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::model::Model;
use crate::console::view::{Look, put};
use crate::registration::status::Urgency;

/// What devices of an urgency are, in words.
fn words(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Broken => "broken now",
        Urgency::NeedsWork => "need work",
        Urgency::Waiting => "wait for others",
        Urgency::Good => "in order",
        Urgency::Unknown => "not known",
    }
}

/// Where the bar stands: at the foot of the tenants, where these leave room.
pub(super) fn area(model: &Model, tenants: Rect) -> Option<Rect> {
    let shown = model.fleet.total(model.fleet.tenant).by_urgency;
    let kinds = shown.iter().filter(|count| **count > 0).count() as u16;
    let height = kinds + 1;
    let taken = model.tenants.len() as u16 + 4;
    let fits = kinds > 1 && tenants.height >= taken.saturating_add(height);
    fits.then(|| Rect {
        y: tenants.y + tenants.height - height,
        height,
        ..tenants
    })
}

pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let counts = model.fleet.total(model.fleet.tenant).by_urgency;
    let cells = shares(counts, usize::from(area.width.saturating_sub(2)));
    let mut x = area.x + 1;
    let mut y = area.y + 1;
    for (at, urgency) in Urgency::ALL.into_iter().enumerate() {
        let (glyph, style) = look.urgency(urgency);
        put(
            buffer,
            x,
            area.y,
            area.width,
            &glyph.repeat(cells[at]),
            style,
        );
        x += cells[at] as u16;
        if counts[at] > 0 {
            let count = counts[at].to_string();
            put(buffer, area.x + 1, y, 1, glyph, style);
            let words = words(urgency);
            put(buffer, area.x + 3, y, area.width, words, look.theme.dim);
            let right = area.x + area.width - count.len() as u16;
            put(buffer, right, y, 8, &count, look.theme.dim);
            y += 1;
        }
    }
}

/// Cells in proportion to counts: together all of them, and at least one for whatever there is.
fn shares(counts: [usize; 5], cells: usize) -> [usize; 5] {
    let all: usize = counts.iter().sum();
    let mut shares = counts.map(|count| match count {
        0 => 0,
        count => (count * cells / all.max(1)).max(1),
    });
    // What rounding left over, or took, is the largest one's.
    let largest = (0..5).max_by_key(|at| counts[*at]).unwrap_or(0);
    let others: usize = (0..5)
        .filter(|at| *at != largest)
        .map(|at| shares[at])
        .sum();
    if all > 0 {
        shares[largest] = cells.saturating_sub(others);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_there_is_has_a_cell_and_all_cells_are_used() {
        for counts in [
            [1, 0, 0, 9_999, 0],
            [3, 3, 3, 3, 3],
            [0, 0, 0, 1, 0],
            [1, 1, 1, 500, 1],
        ] {
            let shares = shares(counts, 20);
            assert_eq!(shares.iter().sum::<usize>(), 20, "{counts:?}");
            for (share, count) in shares.iter().zip(counts) {
                assert_eq!(*share > 0, count > 0, "{counts:?} gives {shares:?}");
            }
        }
        assert_eq!(shares([0; 5], 20), [0; 5]);
    }
}
