//! TLS for the sandbox: a certificate authority that is made at the start, lives as long as the sandbox and vouches for
//! this machine's own addresses alone.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

use super::state::days_from;

/// How long the certificates are good, in days. The sandbox seldom lives for one.
const DAYS: i64 = 30;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The authority or its certificate could not be made.
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// rustls refuses what was made.
    #[error("the certificate can't be served: {0}")]
    Serving(#[from] rustls::Error),
    /// The authority's certificate could not be written where clients find it.
    #[error("the certificate of the authority can't be written to {place}: {source}")]
    Writing {
        /// Where it was to stand.
        place: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

/// The authority's certificate in a file of its own; the file goes when this is dropped.
pub(super) struct Authority {
    folder: PathBuf,
    pub certificate: PathBuf,
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The beginning of a moment's day, in the certificates' own type.
macro_rules! midnight {
    ($moment:expr) => {{
        let date = $moment.to_zoned_datetime(TimeZone::UTC).date();
        date_time_ymd(
            date.year().into(),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
    }};
}

/// Makes an authority and a certificate of it for `address`, localhost and names below it.
pub(super) fn start(address: IpAddr) -> Result<(TlsAcceptor, Authority), TlsError> {
    let now = Timestamp::now();
    // From a day before now, for clocks that go wrong.
    let (not_before, not_after) = (
        midnight!(days_from(now, -1)),
        midnight!(days_from(now, DAYS)),
    );
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
        .distinguished_name
        .push(DnType::CommonName, "umpdeck sandbox (training)");
    params.not_before = not_before;
    params.not_after = not_after;
    let key = KeyPair::generate()?;
    let authority = params.self_signed(&key)?;
    let issuer = Issuer::new(params, key);

    let mut params = CertificateParams::default();
    for name in ["localhost", "*.localhost"] {
        params
            .subject_alt_names
            .push(SanType::DnsName(name.try_into()?));
    }
    let mut addresses = vec![
        IpAddr::from([127, 0, 0, 1]),
        IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
    ];
    if !addresses.contains(&address) {
        addresses.push(address);
    }
    let addresses = addresses.into_iter().map(SanType::IpAddress);
    params.subject_alt_names.extend(addresses);
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = not_before;
    params.not_after = not_after;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;

    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let authority = write(&authority.pem())?;
    Ok((TlsAcceptor::from(Arc::new(config)), authority))
}

/// Writes the certificate to a folder that nobody else has.
fn write(pem: &str) -> Result<Authority, TlsError> {
    let folder = std::env::temp_dir().join(format!("umpdeck-sandbox-{}", Uuid::new_v4().simple()));
    let certificate = folder.join("ca.pem");
    let written = fs::create_dir(&folder).and_then(|()| put(&certificate, pem));
    match written {
        Ok(()) => Ok(Authority {
            folder,
            certificate,
        }),
        Err(source) => Err(TlsError::Writing {
            place: certificate,
            source,
        }),
    }
}

fn put(place: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(place)?;
    file.write_all(text.as_bytes())
}
