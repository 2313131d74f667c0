//! The terminal itself: entering and leaving it, reading keys, writing frames. Nothing in here ever asks the terminal a
//! question and waits for the answer, and nothing outside of here writes to it. It knows of the console only
//! [`chord`](super::chord), and only the console's loop may know it.

mod backend;
mod device;
mod guard;
mod input;
mod look;
mod reader;
mod screen;

pub use device::{Device, cut_loose, size};
pub use guard::{Guard, install_panic_hook};
pub use input::{Input, Parser};
pub use reader::{Reader, Waker};
pub use screen::Screen;
