//! Starting and stopping: the listener, TLS where it is asked for, and the line that tells scripts where all is.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::faults::Faults;
use super::house::House;
use super::state::now;
use super::tls::{Authority, TlsError};
use super::{connection, seed, tls};

/// How a sandbox is started.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Where it listens; a loopback address. Port 0 = any free one.
    pub listen: SocketAddr,
    /// What is to go wrong.
    pub faults: Faults,
    /// What the faults' lots are drawn from: the same seed, the same lots.
    pub seed: u64,
    /// https, with a certificate authority made at the start.
    pub tls: bool,
    /// A file that every exchange with Graph is appended to, one JSON object a line: method, path, req, status, resp.
    /// Its secrets are the sandbox's own.
    pub capture: Option<PathBuf>,
}

impl Default for SandboxOptions {
    fn default() -> SandboxOptions {
        SandboxOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            faults: Faults::default(),
            seed: 0,
            tls: false,
            capture: None,
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
    /// There is no TLS.
    #[error("the sandbox can't serve https: {0}; start it without --tls, or check TMPDIR")]
    Tls(#[from] TlsError),
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
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    authority: Option<Authority>,
}

impl Sandbox {
    /// Starts a sandbox in the caller's tokio runtime; when this returns, it answers.
    ///
    /// # Errors
    /// The address is not a loopback one, or can't be listened on; or no certificate can be made.
    pub async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxError> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(address));
        }
        let mut state = seed::state(options.faults, now()).map_err(SandboxError::TrainingData)?;
        state.lots = fastrand::Rng::with_seed(options.seed);
        let listen = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AddrInUse => SandboxError::PortInUse(address),
            _ => SandboxError::Listen { address, source },
        };
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (acceptor, authority) = match options.tls {
            true => {
                let (acceptor, authority) = tls::start(address.ip())?;
                (Some(acceptor), Some(authority))
            }
            false => (None, None),
        };
        let house = Arc::new(House::new(state, options.capture));
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(connection::listen(
            listener,
            acceptor,
            Arc::clone(&house),
            stopped,
        ));
        Ok(Sandbox {
            address,
            house,
            stop,
            serving,
            authority,
        })
    }

    /// `http://127.0.0.1:PORT`, or https, the origin of all its interfaces.
    pub fn url(&self) -> String {
        match self.authority {
            Some(_) => format!("https://{}", self.address),
            None => format!("http://{}", self.address),
        }
    }

    /// The PEM file with the certificate authority, where the sandbox serves https. It goes with the sandbox.
    pub fn ca(&self) -> Option<&std::path::Path> {
        self.authority
            .as_ref()
            .map(|authority| authority.certificate.as_path())
    }

    /// One line of JSON for scripts: the URL, the authority's file, where device codes are approved and declined, and each
    /// tenant's id, name and training credentials.
    pub fn first_line(&self) -> String {
        let state = self.house.state();
        let tenants: Vec<_> = state
            .providers()
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
        let mut line = json!({
            "url": url,
            "inventory": format!("{url}/sandbox/inventory"),
            "approve": format!("{url}/devicelogin/{{user_code}}/approve"),
            "decline": format!("{url}/devicelogin/{{user_code}}/decline"),
            "tenants": tenants,
        });
        if let Some(ca) = self.ca() {
            line["ca"] = json!(ca);
        }
        line.to_string()
    }

    /// Stops listening and lets requests in flight end, for at most a second.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        self.house.release(None);
        let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.serving).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
