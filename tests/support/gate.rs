//! A way to the training ground that can be shut: what comes then is taken and never answered, as by a network that
//! has gone quiet. Only the sandbox's inventory still passes, since the console needs it to begin.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::ground::Ground;

/// The gate. Its threads end with the test's process.
pub struct Gate {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    ground: String,
    shut: AtomicBool,
    held: AtomicUsize,
}

impl Gate {
    /// A gate before this ground, open.
    pub fn before(ground: &Ground) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let ground = ground.url.strip_prefix("http://").expect("an http url");
        let state = Arc::new(State {
            ground: ground.to_string(),
            shut: AtomicBool::new(false),
            held: AtomicUsize::new(0),
        });
        std::thread::spawn({
            let state = Arc::clone(&state);
            move || {
                for stream in listener.incoming().flatten() {
                    let state = Arc::clone(&state);
                    std::thread::spawn(move || pass(stream, &state));
                }
            }
        });
        Gate { address, state }
    }

    /// What the console is to be given as its endpoint.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on nothing but the inventory is answered.
    pub fn shut(&self) {
        self.state.shut.store(true, Ordering::SeqCst);
    }

    /// How many requests were held.
    pub fn held(&self) -> usize {
        self.state.held.load(Ordering::SeqCst)
    }
}

/// Takes one request, and answers it by what the ground answers, or not at all.
fn pass(stream: TcpStream, state: &State) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut head = first.clone();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if state.shut.load(Ordering::SeqCst) && !first.contains("/sandbox/inventory") {
        state.held.fetch_add(1, Ordering::SeqCst);
        // Until the other side has had enough.
        let _ = reader.read_to_end(&mut Vec::new());
        return None;
    }
    let mut ground = TcpStream::connect(&state.ground).ok()?;
    head.push_str("connection: close\r\n\r\n");
    ground.write_all(head.as_bytes()).ok()?;
    ground.write_all(&body).ok()?;
    let mut stream = stream;
    std::io::copy(&mut ground, &mut stream).ok()?;
    stream.shutdown(std::net::Shutdown::Both).ok()
}
