//! How a connection is made: certificates, proxy, timeouts; and what is shown at the door.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::base::BaseUrl;
use super::error::HttpError;
use super::trouble::innermost;

/// How long a connection may take to come about.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one exchange may take in all.
pub(super) const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);

/// What the site says about the way to the outside.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientSettings {
    /// A PEM file with certificates that are trusted beside the system's: a TLS-inspecting proxy's CA.
    pub ca_file: Option<PathBuf>,
    /// A proxy's URL, which may bear user and password; `None` = what the environment says (`HTTPS_PROXY` and its kin).
    pub proxy: Option<String>,
}

impl fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("ca_file", &self.ca_file)
            .field("proxy", &self.proxy.as_ref().map(|_| "[REDACTED]"))
            .finish()
    }
}

/// What is shown at the door: the `Authorization` header's whole value, or the `Cookie` header's. Debug output does not
/// show it.
#[derive(Debug, Clone)]
pub struct Authorization {
    value: SecretString,
    is_cookie: bool,
}

impl Authorization {
    /// `Bearer …`.
    pub fn bearer(token: &SecretString) -> Authorization {
        Authorization::header_value(format!("Bearer {}", token.expose_secret()))
    }

    /// `Basic …`.
    pub fn basic(user: &str, password: &SecretString) -> Authorization {
        use base64::Engine as _;
        let pair = zeroize::Zeroizing::new(format!("{user}:{}", password.expose_secret()));
        let coded = base64::engine::general_purpose::STANDARD.encode(pair.as_bytes());
        Authorization::header_value(format!("Basic {coded}"))
    }

    /// A cookie that the server set, `name=value`.
    pub fn cookie(pair: &SecretString) -> Authorization {
        Authorization {
            value: pair.clone(),
            is_cookie: true,
        }
    }

    /// Whether it is the very same.
    pub fn is_same(&self, other: &Authorization) -> bool {
        self.is_cookie == other.is_cookie
            && self.value.expose_secret() == other.value.expose_secret()
    }

    fn header_value(value: String) -> Authorization {
        Authorization {
            value: SecretString::from(value),
            is_cookie: false,
        }
    }

    pub(super) fn header(&self) -> reqwest::header::HeaderName {
        match self.is_cookie {
            true => reqwest::header::COOKIE,
            false => reqwest::header::AUTHORIZATION,
        }
    }

    pub(super) fn value(&self) -> &SecretString {
        &self.value
    }
}

/// Makes the connection's machinery for one base address.
pub(super) fn build(
    base: &BaseUrl,
    settings: &ClientSettings,
) -> Result<reqwest::Client, HttpError> {
    let setup = |why: String| HttpError::Setup { why };
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error means that another thread was first, which is as good.
        let _first = rustls::crypto::ring::default_provider().install_default();
    }
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .pool_idle_timeout(Duration::from_secs(60))
        .user_agent(concat!("umpdeck/", env!("CARGO_PKG_VERSION")));
    let mut certificates = Vec::new();
    if let Some(file) = &settings.ca_file {
        let pem = std::fs::read(file).map_err(|e| setup(format!("{}: {e}", file.display())))?;
        certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|e| setup(format!("{}: {}", file.display(), innermost(&e))))?;
        if certificates.is_empty() {
            let why = format!("{}: it holds no PEM certificate", file.display());
            return Err(setup(why));
        }
    }
    if base.is_loopback() {
        builder = builder.no_proxy().tls_certs_only(certificates);
    } else {
        if !certificates.is_empty() {
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some(proxy) = &settings.proxy {
            // The URL may bear a password, so the message does not repeat it.
            let proxy = reqwest::Proxy::all(proxy.as_str())
                .map_err(|_| setup("the proxy's address is not a URL".to_string()))?;
            builder = builder.proxy(proxy);
        }
    }
    builder.build().map_err(|e| setup(innermost(&e)))
}
