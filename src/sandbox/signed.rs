//! Texts that a certificate's private key signed (JWT): a client's assertion when it signs in, and the proof that goes with
//! a change of its certificates.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::{Map, Value};

use super::graph::decoded;

/// Entra forgives clocks that differ by so many seconds.
const SKEW: i64 = 300;

/// A signed text, taken apart.
pub(super) struct Signed<'a> {
    header: Value,
    claims: Value,
    /// What is signed: header and claims as they came.
    content: &'a str,
    signature: Vec<u8>,
}

impl<'a> Signed<'a> {
    /// Takes it apart; nothing of it is true yet.
    pub fn parse(text: &'a str) -> Result<Signed<'a>, &'static str> {
        const NOT_ONE: &str = "it is not a JWT";
        let (content, signature) = text.rsplit_once('.').ok_or(NOT_ONE)?;
        let (header, claims) = content.split_once('.').ok_or(NOT_ONE)?;
        let part = |coded: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(coded.trim_end_matches('=')).ok()?;
            serde_json::from_slice(&bytes).ok()
        };
        Ok(Signed {
            header: part(header).ok_or(NOT_ONE)?,
            claims: part(claims).ok_or(NOT_ONE)?,
            content,
            signature: URL_SAFE_NO_PAD
                .decode(signature)
                .map_err(|_| "the signature is not base64url")?,
        })
    }

    /// A claim's text, empty where there is none.
    pub fn claim(&self, name: &str) -> &str {
        self.claims[name].as_str().unwrap_or_default()
    }

    /// Whether its header names this certificate by one of its thumbprints.
    pub fn names(&self, certificate: &[u8]) -> bool {
        let is = |name: &str, thumbprint: &[u8]| {
            let named = self.header[name].as_str().unwrap_or_default();
            named.trim_end_matches('=') == URL_SAFE_NO_PAD.encode(thumbprint)
        };
        is("x5t#S256", digest(&SHA256, certificate).as_ref())
            || is(
                "x5t",
                digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate).as_ref(),
            )
    }

    /// Whether this certificate's key signed it.
    pub fn check_signature(&self, certificate: &[u8]) -> Result<(), &'static str> {
        let algorithm: &dyn VerificationAlgorithm = match self.header["alg"].as_str() {
            Some("PS256") => &RSA_PSS_2048_8192_SHA256,
            Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err("the signing algorithm is neither PS256 nor RS256"),
        };
        let key = public_key(certificate).ok_or("the registered certificate can't be read")?;
        UnparsedPublicKey::new(algorithm, key)
            .verify(self.content.as_bytes(), &self.signature)
            .map_err(
                |_| "The key was found, but the signature of the client assertion is not valid",
            )
    }

    /// Whether it is good now, and for no longer than so many seconds more.
    pub fn check_time(&self, longest: i64, now: Timestamp) -> Result<(), &'static str> {
        let seconds = |name: &str| self.claims[name].as_f64();
        let now = now.as_second() as f64;
        let end = seconds("exp").ok_or("it has no 'exp'")?;
        let (skew, longest) = (SKEW as f64, longest as f64);
        match end + skew <= now
            || end > now + longest + skew
            || seconds("nbf").is_some_and(|start| start > now + skew)
        {
            true => Err("Client assertion is not within its valid time range"),
            false => Ok(()),
        }
    }
}

/// The RSA key of a certificate of whatever version: Azure CLI still makes such of the first.
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    const BITS: u8 = 0x03;
    let inside = |der| element(der).filter(|(tag, ..)| *tag == SEQUENCE);
    let (_, whole, _) = inside(certificate)?;
    let (_, signed, _) = inside(whole)?;
    let mut rest = match element(signed)? {
        (VERSION, _, rest) => rest,
        _ => signed,
    };
    // Serial number, algorithm, issuer, validity and subject stand before the key.
    for _ in 0..5 {
        rest = element(rest)?.2;
    }
    let (_, key, _) = inside(rest)?;
    let (_, _, bits) = inside(key)?;
    match element(bits)? {
        // No bit of the last byte is unused.
        (BITS, [0, key @ ..], _) => Some(key),
        _ => None,
    }
}

/// The first element of a text in DER: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let sum = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
            (bytes.iter().fold(0, sum), rest)
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// The certificates, in DER, that an object bears and that have not ended.
pub(super) fn certificates(properties: &Map<String, Value>, now: Timestamp) -> Vec<Vec<u8>> {
    let keys = properties.get("keyCredentials").and_then(Value::as_array);
    keys.into_iter()
        .flatten()
        .filter(|key| {
            let end = key["endDateTime"].as_str();
            let end = end.and_then(|text| text.parse::<Timestamp>().ok());
            end.is_none_or(|end| end > now)
        })
        .filter_map(|key| {
            // The certificate in DER, or the text of its PEM.
            let bytes = key["key"].as_str().and_then(decoded)?;
            let text = std::str::from_utf8(&bytes).ok();
            Some(text.and_then(certificate_of).unwrap_or(bytes))
        })
        .collect()
}

/// The first certificate of a PEM text, in DER.
pub(super) fn certificate_of(pem: &str) -> Option<Vec<u8>> {
    let (_, after) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (content, _) = after.split_once("-----END CERTIFICATE-----")?;
    let letters: String = content.split_whitespace().collect();
    STANDARD.decode(letters).ok()
}
