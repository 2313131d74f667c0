//! Where every request passes: it is read, handed to its part under the one lock, and answered; what faults do to a request
//! on its way, they do here.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Request as Arrived, Response};
use serde_json::json;
use tokio::sync::Notify;

use super::connection::{End, Ending, Outgoing, Pace};
use super::exchange::{Answer, Content, Request, split_target};
use super::faults::{Transport, operation};
use super::state::{HeldRequest, State};
use super::{capture, graph, portal, refused, resource_manager, signin, training};

/// More than any request of the documented interfaces needs, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// What all requests share.
pub(super) struct House {
    state: Mutex<State>,
    released: Notify,
    /// Where the exchanges with Graph are written down.
    capture: Option<PathBuf>,
}

impl House {
    pub fn new(state: State, capture: Option<PathBuf>) -> House {
        House {
            state: Mutex::new(state),
            released: Notify::new(),
            capture,
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request; `end` breaks its connection instead.
    pub async fn take(
        &self,
        arrived: Arrived<Incoming>,
        secure: bool,
        end: End,
    ) -> Response<Outgoing> {
        let Some(request) = read(arrived, secure).await else {
            let too_large = json!({"error": {"code": "RequestEntityTooLarge", "message": "The request's body is larger than 1 MiB."}});
            return respond(Answer::json(413, too_large), Pace::AtOnce);
        };
        if request.method == "POST"
            && let Some(name) = request.path.strip_prefix("/sandbox/release")
        {
            let name = name.trim_matches('/');
            self.release((!name.is_empty()).then_some(name));
            return respond(Answer::empty(204), Pace::AtOnce);
        }
        let (fault, held) = self.on_the_way(&request);
        match (fault, &held) {
            // A caller that goes away takes this with it: then nothing was carried out.
            (Some(Transport::Hold { before: true }), Some(held)) => held.released().await,
            (Some(Transport::Drop { before: true }), _) => {
                self.state().log(&request.method, &request.path, 0);
                match end.now(Ending::Dropped).await {}
            }
            _ => {}
        }
        let answer = dispatch(&mut self.state(), &request);
        if let Some(file) = &self.capture {
            capture::append(file, &request, &answer);
        }
        if let Some(held) = held {
            held.carried_out();
            held.released().await;
        }
        match fault {
            Some(Transport::Drop { before: false }) => match end.now(Ending::Dropped).await {},
            Some(Transport::HalfClose) if matches!(answer.content, Content::None) => {
                match end.now(Ending::HalfClosed).await {}
            }
            Some(Transport::HalfClose) => return respond(answer, Pace::Half(end)),
            Some(Transport::Slow(time)) => return respond(answer, Pace::Slowly(time)),
            _ => {}
        }
        respond(answer, Pace::AtOnce)
    }

    /// Answers what is held, of one name or all, and holds no more of it.
    pub fn release(&self, name: Option<&str>) {
        let mut state = self.state();
        state.faults.release(name);
        state
            .held
            .retain(|one| name.is_some_and(|name| operation(&one.path) != name));
        drop(state);
        self.released.notify_waiters();
    }

    /// What befalls a request, and its place among the held ones if it is held.
    fn on_the_way(&self, request: &Request) -> (Option<Transport>, Option<Held<'_>>) {
        if own(&request.path) {
            return (None, None);
        }
        let mut state = self.state();
        let State { faults, lots, .. } = &mut *state;
        let fault = faults.on_the_way(&request.method, &request.path, lots);
        let Some(Transport::Hold { .. }) = fault else {
            return (fault, None);
        };
        // Under the same lock, so that no release comes between the two.
        state.held_ever += 1;
        let number = state.held_ever;
        let (method, path) = (request.method.clone(), request.path.clone());
        state.held.push(HeldRequest {
            number,
            method,
            path,
            carried_out: false,
        });
        let house = self;
        (fault, Some(Held { house, number }))
    }
}

/// Whether the path is the sandbox's own: no fault befalls it.
fn own(path: &str) -> bool {
    path.starts_with("/sandbox/") || path.starts_with("/devicelogin")
}

async fn read(arrived: Arrived<Incoming>, secure: bool) -> Option<Request> {
    let (parts, body) = arrived.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let (target, (path, query)) = (target.to_string(), split_target(target));
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_string(), value.to_str().ok()?.to_string()))
        })
        .collect();
    let body = Limited::new(body, BODY_LIMIT).collect().await.ok()?;
    Some(Request {
        method: parts.method.as_str().to_string(),
        path,
        target,
        query,
        headers,
        body: body.to_bytes().to_vec(),
        secure,
    })
}

/// A held request, on the list for as long as it is held.
struct Held<'a> {
    house: &'a House,
    number: u64,
}

impl Held<'_> {
    /// Waits until it is released, by its name or with all others.
    async fn released(&self) {
        loop {
            // Registered before the look, so that no release between the two is missed.
            let released = self.house.released.notified();
            tokio::pin!(released);
            released.as_mut().enable();
            let held = |one: &HeldRequest| one.number == self.number;
            if !self.house.state().held.iter().any(held) {
                return;
            }
            released.await;
        }
    }

    fn carried_out(&self) {
        let mut state = self.house.state();
        let mut held = state.held.iter_mut();
        if let Some(one) = held.find(|one| one.number == self.number) {
            one.carried_out = true;
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.house
            .state()
            .held
            .retain(|one| one.number != self.number);
    }
}

fn dispatch(state: &mut State, request: &Request) -> Answer {
    let now = super::state::now();
    let path = request.path.as_str();
    if path.starts_with("/sandbox/") {
        return training::answer(state, request);
    }
    let answer = if path == "/v1.0" || path.starts_with("/v1.0/") {
        graph::answer(state, request, now)
    } else if let Some(refused) = refused::elsewhere(state, request, now) {
        refused
    } else if path.starts_with("/portal/") {
        portal::answer(state, request, now)
    } else if resource_manager::is_its_path(path) {
        resource_manager::answer(state, request, now)
    } else {
        signin::answer(state, request, now)
    };
    state.log(&request.method, path, answer.status);
    answer
}

fn respond(answer: Answer, pace: Pace) -> Response<Outgoing> {
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(*name, value);
    }
    let (kind, text) = match answer.content {
        Content::None => (None, String::new()),
        Content::Json(body) => (Some("application/json; charset=utf-8"), body.to_string()),
        Content::Text { kind, text } => (Some(kind), text),
    };
    if let Some(kind) = kind {
        builder = builder.header("content-type", kind);
    }
    // Only a header value with control characters can fail here, and none is made of the caller's text.
    builder
        .body(Outgoing::new(text, pace))
        .unwrap_or_else(|_| Response::new(Outgoing::new(String::new(), Pace::AtOnce)))
}
