//! The thread that reads the terminal. It sleeps without a timeout until there is a byte, a wake-up or a hang-up, so an
//! idle console costs nothing.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::sync::mpsc::UnboundedSender;

use super::device::size;
use super::input::{Input, Parser, Patience};

/// How long a sequence without its end is waited for, in multiples of the wait after an Esc.
const LONG_WAIT: u32 = 10;

/// The reading thread. Dropping it stops it.
#[derive(Debug)]
pub struct Reader {
    waker: Waker,
    thread: Option<JoinHandle<()>>,
}

/// Wakes the reader from elsewhere: tell it after a SIGWINCH, and it reports the new size.
#[derive(Debug, Clone)]
pub struct Waker(Arc<OwnedFd>);

impl Waker {
    /// The window may have another size: look.
    pub fn wake(&self) {
        self.send(b'w');
    }

    fn send(&self, word: u8) {
        // A full pipe wakes as well as one more byte would; a closed one has nobody left to wake.
        let _ = rustix::io::write(&*self.0, &[word]);
    }
}

impl Reader {
    /// Starts to read standard input; every [`Input`] goes to the channel as a message of the receiver's own kind.
    /// `remote` says that the line may be slow (ssh): a lone Esc is then waited on for longer.
    ///
    /// # Errors
    ///
    /// When the system gives no pipe or no thread.
    pub fn start<T>(messages: UnboundedSender<T>, remote: bool) -> io::Result<Reader>
    where
        T: From<Input> + Send + 'static,
    {
        Reader::start_with(move |input| messages.send(T::from(input)).is_ok(), remote)
    }

    /// Like [`Reader::start`], with a function that takes each input and says whether it wants more.
    ///
    /// # Errors
    ///
    /// When the system gives no pipe or no thread.
    pub fn start_with(
        take: impl FnMut(Input) -> bool + Send + 'static,
        remote: bool,
    ) -> io::Result<Reader> {
        let (woken, waker) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let wait = Duration::from_millis(if remote { 60 } else { 25 });
        let thread = std::thread::Builder::new()
            .name("terminal reader".to_owned())
            .spawn(move || read(&woken, wait, take))?;
        Ok(Reader {
            waker: Waker(Arc::new(waker)),
            thread: Some(thread),
        })
    }

    /// A handle that wakes this reader.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    fn end(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.waker.send(b's');
            // A panic there has been reported by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Reading stops, and the thread has ended when this is dropped: whoever gets the terminal next gets every key.
impl Drop for Reader {
    fn drop(&mut self) {
        self.end();
    }
}

fn read(woken: &OwnedFd, wait: Duration, mut take: impl FnMut(Input) -> bool) {
    let stdin = rustix::stdio::stdin();
    let mut parser = Parser::default();
    let mut known_size = size();
    let mut bytes = [0; 4096];
    loop {
        let limit = match parser.patience() {
            Patience::Endless => None,
            Patience::Short => Some(wait),
            Patience::Long => Some(wait * LONG_WAIT),
        };
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        let mut watched = [
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::new(woken, PollFlags::IN),
        ];
        let ready = match poll(&mut watched, limit.as_ref()) {
            Ok(ready) => ready,
            Err(Errno::INTR) => continue,
            Err(_) => {
                take(Input::Gone);
                return;
            }
        };
        let (terminal, pipe) = (watched[0].revents(), watched[1].revents());
        let mut inputs = Vec::new();
        if ready == 0 {
            inputs = parser.flush();
        }
        if !pipe.is_empty() {
            let mut words = [0; 64];
            let count = rustix::io::read(woken, &mut words).unwrap_or(0);
            if words[..count].contains(&b's') {
                return;
            }
            if size() != known_size {
                known_size = size();
                inputs.push(Input::Resize(known_size.0, known_size.1));
            }
        }
        if terminal.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            take(Input::Gone);
            return;
        }
        if terminal.contains(PollFlags::IN) {
            match rustix::io::read(stdin, &mut bytes) {
                Ok(0) => {
                    take(Input::Gone);
                    return;
                }
                Ok(count) => inputs.extend(parser.feed(&bytes[..count])),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(_) => {
                    take(Input::Gone);
                    return;
                }
            }
        }
        for input in inputs {
            if !take(input) {
                return;
            }
        }
    }
}
