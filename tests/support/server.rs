//! A loopback server that answers what a test says, over real HTTP, and a clock that does not wait.
//! Written on bare TCP so that it can also drop a connection where a test wants that.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use umpdeck::http::{BaseUrl, Client, ClientSettings, Clock};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A form field's value.
    pub fn field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.body.as_bytes())
            .find(|(one, _)| one == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// What the server does.
pub enum Reply {
    /// Answers.
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// Closes the connection without a word.
    Drop,
    /// Begins an answer and closes the connection in the middle of it.
    Break,
}

pub fn json(status: u16, body: Value) -> Reply {
    Reply::Answer {
        status,
        headers: vec![("content-type", "application/json".into())],
        body: body.to_string().into_bytes(),
    }
}

pub fn empty(status: u16) -> Reply {
    Reply::Answer {
        status,
        headers: vec![],
        body: vec![],
    }
}

impl Reply {
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        if let Reply::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// How many requests wait for their answer.
    pub open: watch::Receiver<usize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers by `script`, which gets each request and its number from 0.
    pub async fn start(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Server {
        Server::gated(script, Arc::new(Semaphore::new(Semaphore::MAX_PERMITS))).await
    }

    /// The same, but each answer takes a permit first.
    pub async fn gated(
        script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
        gate: Arc<Semaphore>,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (open_sender, open) = watch::channel(0);
        let (all, script) = (seen.clone(), Arc::new(script));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (all, script) = (all.clone(), script.clone());
                let (gate, open_sender) = (gate.clone(), open_sender.clone());
                tokio::spawn(async move {
                    let Some(request) = receive(&mut stream).await else {
                        return;
                    };
                    let number = {
                        let mut all = all.lock().unwrap();
                        all.push(request.clone());
                        all.len() - 1
                    };
                    open_sender.send_modify(|open| *open += 1);
                    gate.acquire().await.unwrap().forget();
                    open_sender.send_modify(|open| *open -= 1);
                    respond(&mut stream, script(&request, number)).await;
                });
            }
        });
        Server {
            url,
            seen,
            open,
            task,
        }
    }

    /// Waits until so many requests wait for their answer, or more; fails the test after a minute.
    pub async fn wait_open(&self, requests: usize) {
        let mut open = self.open.clone();
        let came = open.wait_for(|open| *open >= requests);
        let came = tokio::time::timeout(Duration::from_secs(60), came).await;
        came.unwrap_or_else(|_| panic!("{requests} requests that wait"))
            .unwrap();
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn client(&self, clock: &Arc<TestClock>) -> Client {
        client(&self.url, clock)
    }
}

pub fn client(url: &str, clock: &Arc<TestClock>) -> Client {
    let base = BaseUrl::parse(url).unwrap();
    Client::new(base, &ClientSettings::default(), clock.clone()).unwrap()
}

async fn receive(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&part[..count]),
        }
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_string()))
        .collect();
    let mut seen = Seen {
        method: first.next().unwrap().to_string(),
        target: first.next().unwrap().to_string(),
        headers,
        body: String::new(),
    };
    let length = seen
        .header("content-length")
        .map_or(0, |text| text.parse::<usize>().unwrap());
    let mut body = bytes[head_end + 4..].to_vec();
    while body.len() < length {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => body.extend_from_slice(&part[..count]),
        }
    }
    seen.body = String::from_utf8(body).unwrap();
    Some(seen)
}

async fn respond(stream: &mut TcpStream, reply: Reply) {
    // The client may have gone; that is its right.
    let _ = match reply {
        Reply::Drop => Ok(()),
        Reply::Break => {
            let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":";
            stream.write_all(begun).await
        }
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let mut head = format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n",
                body.len()
            );
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str("\r\n");
            match stream.write_all(head.as_bytes()).await {
                Ok(()) => stream.write_all(&body).await,
                error => error,
            }
        }
    };
    let _ = stream.shutdown().await;
}

/// A clock on which time passes only by waiting, and waiting takes no time.
#[derive(Debug)]
pub struct TestClock {
    passed: Mutex<Duration>,
    waits: Mutex<Vec<Duration>>,
    stuck: bool,
}

impl TestClock {
    pub fn new() -> Arc<TestClock> {
        Arc::new(TestClock {
            passed: Mutex::default(),
            waits: Mutex::default(),
            stuck: false,
        })
    }

    /// A clock on which no wait ever ends.
    pub fn stuck() -> Arc<TestClock> {
        Arc::new(TestClock {
            passed: Mutex::default(),
            waits: Mutex::default(),
            stuck: true,
        })
    }

    /// What was waited for, in whole seconds.
    pub fn waited(&self) -> Vec<u64> {
        let waits = self.waits.lock().unwrap();
        waits.iter().map(Duration::as_secs).collect()
    }

    pub fn pass(&self, duration: Duration) {
        *self.passed.lock().unwrap() += duration;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
        start + *self.passed.lock().unwrap()
    }

    fn stopwatch(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    fn wait(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.waits.lock().unwrap().push(duration);
        if self.stuck {
            return Box::pin(std::future::pending());
        }
        self.pass(duration);
        Box::pin(tokio::task::yield_now())
    }
}

/// An access token that can be read, with these claims.
pub fn token(claims: &Value) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("e30.{}.c2ln", engine.encode(claims.to_string()))
}
