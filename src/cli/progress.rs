//! How far a work is: a bar on a terminal, nothing anywhere else. What is said meanwhile stands in lines above it.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output;
use crate::text;

/// A bar; gone when it is dropped.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// For so many parts of a work.
    pub fn of(parts: usize) -> Bar {
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb" || term.is_empty());
        let target = match io::stderr().is_terminal() && !dumb {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(parts as u64), target);
        // These words are fixed, and a bar that looks otherwise is as good.
        let style = ProgressStyle::with_template("[{bar:20}] {pos}/{len} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        Bar(bar)
    }

    /// What is being done now.
    pub fn at(&self, words: &str) {
        self.0.set_message(text::clean(words));
    }

    /// One part is done.
    pub fn done(&self) {
        self.0.inc(1);
    }

    /// A line for standard error, whether a bar is shown or not.
    pub fn say(&self, words: &str) {
        self.above(|| output::note(words));
    }

    /// Lets something be written above the bar.
    pub fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
