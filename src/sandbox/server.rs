//! Listening: takes requests from the loopback interface, hands each to its part under the one lock, and answers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shared;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::exchange::{Answer, Request, split_target};
use super::faults::Faults;
use super::state::{HeldRequest, State};
use super::{graph, portal, seed, signin, training};

/// More than any request of the documented interfaces needs, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// How a sandbox is started.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Where it listens; a loopback address. Port 0 = any free one.
    pub listen: SocketAddr,
    /// What is to go wrong.
    pub faults: Faults,
}

impl Default for SandboxOptions {
    fn default() -> SandboxOptions {
        SandboxOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            faults: Faults::default(),
        }
    }
}

/// Why a sandbox can't be started.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address is reachable from other machines.
    #[error(
        "the sandbox does not listen on {0}: its passwords are public, so it stays on this machine; use 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// Another program has the port.
    #[error(
        "the sandbox can't listen on {0}: another program uses that port; choose another, or port 0 for any free one"
    )]
    PortInUse(SocketAddr),
    /// The system refuses the address for another reason.
    #[error("the sandbox can't listen on {address}: {source}; choose another port or address")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's words.
        source: std::io::Error,
    },
    /// The training data that is compiled in contradicts itself.
    #[error(
        "the sandbox's training data can't be used: {0}; this build is broken, install another"
    )]
    TrainingData(String),
}

/// A running sandbox. Dropping it ends it too, only less politely than [`Sandbox::stop`].
pub struct Sandbox {
    address: SocketAddr,
    house: Arc<House>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

/// What all requests share.
struct House {
    state: Mutex<State>,
    released: Notify,
}

impl House {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandbox {
    /// Starts a sandbox in the caller's tokio runtime; when this returns, it answers.
    ///
    /// # Errors
    /// The address is not a loopback one, or can't be listened on.
    pub async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxError> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(address));
        }
        let state =
            seed::state(options.faults, Timestamp::now()).map_err(SandboxError::TrainingData)?;
        let listen = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AddrInUse => SandboxError::PortInUse(address),
            _ => SandboxError::Listen { address, source },
        };
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let house = Arc::new(House {
            state: Mutex::new(state),
            released: Notify::new(),
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&house));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            // The listener's own errors are retried inside; what is left ends the sandbox.
            let served = axum::serve(listener, router)
                .with_graceful_shutdown(async move {
                    let _ = stopped.await;
                })
                .await;
            if let Err(error) = served {
                tracing::warn!(%error, "the sandbox ended");
            }
        });
        Ok(Sandbox {
            address,
            house,
            stop: Some(stop),
            serving,
        })
    }

    /// `http://127.0.0.1:PORT`, the origin of all its interfaces.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// One line of JSON for scripts: the URL, and each tenant's id, name and training credentials.
    pub fn first_line(&self) -> String {
        let state = self.house.state();
        let tenants: Vec<_> = state
            .tenants
            .iter()
            .map(|tenant| {
                json!({
                    "id": tenant.id,
                    "name": tenant.name,
                    "primaryDomain": tenant.primary_domain,
                    "clientId": state.training_client_id,
                    "clientSecret": tenant.client_secret,
                })
            })
            .collect();
        let url = self.url();
        json!({"url": url, "inventory": format!("{url}/sandbox/inventory"), "tenants": tenants})
            .to_string()
    }

    /// Stops listening and lets requests in flight end, for at most a second.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.house.released.notify_waiters();
        let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.serving).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(Shared(house): Shared<Arc<House>>, incoming: axum::extract::Request) -> Response {
    let (parts, body) = incoming.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let (path, query) = split_target(target);
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_string(), value.to_str().ok()?.to_string()))
        })
        .collect();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let too_large = json!({"error": {"code": "RequestEntityTooLarge", "message": "The request's body is larger than 1 MiB."}});
        return respond(Answer::json(413, too_large));
    };
    let request = Request {
        method: parts.method.as_str().to_string(),
        path,
        query,
        headers,
        body: body.to_vec(),
    };
    if request.method == "POST" && request.path == "/sandbox/release" {
        house.state().faults.hold.clear();
        house.released.notify_waiters();
        return respond(Answer::empty(204));
    }
    // Registered before the work is done, so that no release between the two is missed.
    let released = house.released.notified();
    tokio::pin!(released);
    released.as_mut().enable();
    let own = request.path.starts_with("/sandbox/");
    let hold = match own {
        true => None,
        false => house.state().faults.holds(&request.method, &request.path),
    };
    if hold.as_ref().is_some_and(|hold| hold.before) {
        let _held = Held::new(&house, &request, false);
        // A caller that goes away takes this with it: then nothing was carried out.
        released.as_mut().await;
    }
    let answer = dispatch(&mut house.state(), &request);
    if hold.is_some_and(|hold| !hold.before) {
        let _held = Held::new(&house, &request, true);
        released.await;
    }
    respond(answer)
}

/// A held request, on the list for as long as it is held.
struct Held<'a> {
    house: &'a House,
    number: u64,
}

impl<'a> Held<'a> {
    fn new(house: &'a House, request: &Request, carried_out: bool) -> Held<'a> {
        let mut state = house.state();
        state.held_ever += 1;
        let number = state.held_ever;
        let (method, path) = (request.method.clone(), request.path.clone());
        state.held.push(HeldRequest {
            number,
            method,
            path,
            carried_out,
        });
        Held { house, number }
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
    let now = Timestamp::now();
    let path = request.path.as_str();
    if path.starts_with("/sandbox/") {
        return training::answer(state, request);
    }
    let answer = if path == "/v1.0" || path.starts_with("/v1.0/") {
        graph::answer(state, request, now)
    } else if path.starts_with("/portal/") {
        portal::answer(state, request, now)
    } else {
        signin::answer(state, request, now)
    };
    state.log(&request.method, path, answer.status);
    answer
}

fn respond(answer: Answer) -> Response {
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(*name, value);
    }
    let response = match answer.body {
        Some(body) => builder
            .header("content-type", "application/json; charset=utf-8")
            .body(Body::from(body.to_string())),
        None => builder.body(Body::empty()),
    };
    // Only a header value with control characters can fail here, and none is made of the caller's text.
    response.unwrap_or_default()
}
