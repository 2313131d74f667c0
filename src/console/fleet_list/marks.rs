//! The marks of the list: what create, repair, push and rotate are then about.

use super::FleetList;
use crate::desk::event::FleetRow;
use crate::registration::fleet::Fqdn;

impl FleetList {
    /// Marks the device under the cursor, or unmarks it.
    pub fn toggle_mark(&mut self) {
        if let Some(at) = self.visible.get(self.list.cursor) {
            let mark = &mut self.marks[*at as usize];
            *mark = !*mark;
            match *mark {
                true => self.marked += 1,
                false => self.marked -= 1,
            }
        }
    }

    /// Marks every device that fits the filter.
    pub fn mark_shown(&mut self) {
        for at in &self.visible {
            let mark = &mut self.marks[*at as usize];
            self.marked += usize::from(!std::mem::replace(mark, true));
        }
    }

    /// Among the devices that fit the filter, marks those that are not marked and unmarks the others.
    pub fn invert_shown(&mut self) {
        for at in &self.visible {
            let mark = &mut self.marks[*at as usize];
            *mark = !*mark;
        }
        self.marked = self.marks.iter().filter(|mark| **mark).count();
    }

    /// Unmarks every device, shown or not.
    pub fn unmark_all(&mut self) {
        self.marks.fill(false);
        self.marked = 0;
    }

    /// How many devices are marked, shown or not.
    pub fn marked(&self) -> usize {
        self.marked
    }

    /// How many of the marked devices the list does not show: the filter or the tenant leaves them out.
    pub fn marked_out_of_sight(&self) -> usize {
        let shown = (0..self.visible.len()).filter(|at| self.is_marked(*at));
        self.marked - shown.count()
    }

    /// Whether a visible row is marked, by its place.
    pub fn is_marked(&self, at: usize) -> bool {
        self.visible
            .get(at)
            .is_some_and(|at| self.marks[*at as usize])
    }

    /// The marked devices, worst first.
    pub fn marked_devices(&self) -> Vec<Fqdn> {
        let marked = self.rows.iter().zip(&self.marks);
        let mut rows: Vec<&FleetRow> = marked
            .filter(|(_, mark)| **mark)
            .map(|(row, _)| row)
            .collect();
        rows.sort_unstable_by(|a, b| a.worst_first(b));
        rows.into_iter().map(|row| row.fqdn.clone()).collect()
    }
}
