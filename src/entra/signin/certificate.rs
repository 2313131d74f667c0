//! An application's certificate with its private key, and the signed assertion that stands in for a secret.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long an assertion is good, in seconds. Entra takes five to ten minutes.
const LIFE: i64 = 300;
/// An assertion is good from so many seconds ago, for clocks that differ a little.
const BEFORE: i64 = 60;

/// Why a certificate file can't be used; says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It is a PKCS#12 file.
    #[error(
        "it is a PFX (PKCS#12) file, not PEM; convert it with `openssl pkcs12 -in FILE.pfx -out FILE.pem -nodes`, then chmod 600 it"
    )]
    Pfx,
    /// It holds nothing in PEM.
    #[error(
        "it holds no PEM at all; it must have a CERTIFICATE and a PRIVATE KEY block, one after the other"
    )]
    NotPem,
    /// A block is missing.
    #[error("it has no {0} block; put certificate and private key into one PEM file")]
    Missing(&'static str),
    /// A block's content is no base64.
    #[error("its {0} block is damaged; export it again")]
    Damaged(&'static str),
    /// The key needs a password.
    #[error(
        "its private key is encrypted; store it without a password, `openssl pkey -in FILE.pem`, in a file of mode 0600"
    )]
    Encrypted,
    /// The key is of another kind than Entra takes.
    #[error("its private key is not an RSA key; Entra accepts RSA keys of 2048 bits or more")]
    NotRsa,
    /// The RSA key can't be used.
    #[error("its RSA key can't be used ({0}); Entra accepts RSA keys of 2048 bits or more")]
    Key(String),
    /// Key and certificate are strangers.
    #[error("its private key does not belong to its certificate; export the pair again")]
    Strangers,
}

/// A certificate that an application signs in with. Debug output shows its thumbprint alone.
pub struct ClientCertificate {
    key: RsaKeyPair,
    thumbprint: [u8; 32],
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientCertificate")
            .field(&self.thumbprint())
            .finish()
    }
}

impl ClientCertificate {
    /// Reads a PEM file's content: one RSA key (PKCS#8 or PKCS#1), and its certificate, alone or with its chain.
    ///
    /// # Errors
    /// [`CertificateError`], which says what is wrong with the file.
    pub fn from_pem(file: &[u8]) -> Result<ClientCertificate, CertificateError> {
        if is_pkcs12(file) {
            return Err(CertificateError::Pfx);
        }
        let text = std::str::from_utf8(file).map_err(|_| CertificateError::NotPem)?;
        let blocks = blocks(text);
        if blocks.is_empty() {
            return Err(CertificateError::NotPem);
        }
        let key = key(&blocks)?;
        let mut certificates = blocks
            .iter()
            .filter(|block| block.label == "CERTIFICATE")
            .map(|block| block.bytes("CERTIFICATE"))
            .peekable();
        if certificates.peek().is_none() {
            return Err(CertificateError::Missing("CERTIFICATE"));
        }
        // A certificate bears its public key in the very bytes in which the key pair gives it.
        let public = key.public().as_ref();
        for der in certificates {
            let der = der?;
            if der.windows(public.len()).any(|part| part == public) {
                let mut thumbprint = [0; 32];
                thumbprint.copy_from_slice(digest(&SHA256, &der).as_ref());
                return Ok(ClientCertificate { key, thumbprint });
            }
        }
        Err(CertificateError::Strangers)
    }

    /// The certificate's SHA-256 thumbprint in capital hex digits, as Entra's pages show it.
    pub fn thumbprint(&self) -> String {
        let digits = self.thumbprint.iter().map(|byte| format!("{byte:02X}"));
        digits.collect()
    }

    /// A signed assertion for one token request; `None` when the machine has no randomness to give.
    pub(super) fn assertion(
        &self,
        client_id: Uuid,
        audience: &str,
        now: Timestamp,
    ) -> Option<SecretString> {
        let header = json!({
            "alg": "PS256",
            "typ": "JWT",
            "x5t#S256": URL_SAFE_NO_PAD.encode(self.thumbprint),
        });
        let now = now.as_second();
        let claims = json!({
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": Uuid::new_v4(),
            "iat": now,
            "nbf": now - BEFORE,
            "exp": now + LIFE,
        });
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
            .ok()?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Some(SecretString::from(format!("{signed}.{signature}")))
    }
}

struct Block<'a> {
    label: &'a str,
    content: &'a str,
}

impl Block<'_> {
    fn bytes(&self, what: &'static str) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
        let letters = self
            .content
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace());
        let letters = Zeroizing::new(letters.collect::<Vec<u8>>());
        let bytes = STANDARD.decode(letters.as_slice());
        bytes
            .map(Zeroizing::new)
            .map_err(|_| CertificateError::Damaged(what))
    }
}

/// The blocks of a PEM text; what stands around them is for people.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once("-----BEGIN ") {
        rest = begun;
        let Some((label, after)) = begun.split_once("-----") else {
            break;
        };
        let end = format!("-----END {label}-----");
        if let Some((content, after)) = after.split_once(end.as_str()) {
            blocks.push(Block { label, content });
            rest = after;
        }
    }
    blocks
}

fn key(blocks: &[Block<'_>]) -> Result<RsaKeyPair, CertificateError> {
    const WHAT: &str = "PRIVATE KEY";
    let unusable = |why: ring::error::KeyRejected| match why.to_string().as_str() {
        "WrongAlgorithm" => CertificateError::NotRsa,
        words => CertificateError::Key(words.to_string()),
    };
    for block in blocks {
        return match block.label {
            "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&block.bytes(WHAT)?).map_err(unusable),
            "RSA PRIVATE KEY" if block.content.contains("ENCRYPTED") => {
                Err(CertificateError::Encrypted)
            }
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&block.bytes(WHAT)?).map_err(unusable),
            "ENCRYPTED PRIVATE KEY" => Err(CertificateError::Encrypted),
            label if label.ends_with("PRIVATE KEY") => Err(CertificateError::NotRsa),
            _ => continue,
        };
    }
    Err(CertificateError::Missing(WHAT))
}

/// A PKCS#12 file is DER: a sequence that begins with the version number 3.
fn is_pkcs12(file: &[u8]) -> bool {
    let [0x30, length, rest @ ..] = file else {
        return false;
    };
    let skipped = match length {
        // The length itself, or how many bytes it takes.
        0..=0x80 => 0,
        more => usize::from(more & 0x7f),
    };
    rest.get(skipped..)
        .is_some_and(|content| content.starts_with(&[0x02, 0x01, 0x03]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAINING: &str = include_str!("../../../assets/sandbox/training-client.pem");

    fn refused(file: &[u8]) -> String {
        ClientCertificate::from_pem(file).unwrap_err().to_string()
    }

    #[test]
    fn a_key_and_its_certificate_are_found_whatever_stands_around_them() {
        let certificate = ClientCertificate::from_pem(TRAINING.as_bytes()).unwrap();
        assert_eq!(certificate.thumbprint().len(), 64);
        let (key, rest) = TRAINING.split_once("-----END PRIVATE KEY-----").unwrap();
        let turned = format!("{rest}\r\n{key}-----END PRIVATE KEY-----\r\n");
        let again = ClientCertificate::from_pem(turned.as_bytes()).unwrap();
        assert_eq!(certificate.thumbprint(), again.thumbprint());
        assert_eq!(
            format!("{again:?}"),
            format!("ClientCertificate({:?})", again.thumbprint())
        );
    }

    #[test]
    fn a_key_in_the_older_form_is_read_too() {
        // PKCS#8 wraps the older form in 26 bytes of head, for a key of this size.
        let blocks = blocks(TRAINING);
        let older = blocks[0].bytes("PRIVATE KEY").unwrap().split_off(26);
        let text = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n{TRAINING}",
            STANDARD.encode(older)
        );
        ClientCertificate::from_pem(text.as_bytes()).unwrap();
    }

    #[test]
    fn each_wrong_file_is_told_from_the_others() {
        let block = |label: &str, content: &str| {
            format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
        };
        let (key, certificate) = TRAINING.split_once("-----END PRIVATE KEY-----\n").unwrap();
        let key = format!("{key}-----END PRIVATE KEY-----\n");
        for (file, words) in [
            (String::new(), "no PEM"),
            ("hello".into(), "no PEM"),
            (certificate.to_string(), "no PRIVATE KEY block"),
            (key.clone(), "no CERTIFICATE block"),
            (
                format!("{key}{}", block("CERTIFICATE", "AAAA")),
                "does not belong",
            ),
            (format!("{key}{}", block("CERTIFICATE", "%")), "damaged"),
            (block("ENCRYPTED PRIVATE KEY", "AAAA"), "encrypted"),
            (
                block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nAAAA"),
                "encrypted",
            ),
            (block("EC PRIVATE KEY", "AAAA"), "not an RSA key"),
            (block("PRIVATE KEY", "AAAA"), "can't be used"),
        ] {
            let error = refused(file.as_bytes());
            assert!(error.contains(words), "{error} has not {words}");
            assert!(!error.contains("AAAA"), "{error}");
        }
        let pfx = [0x30, 0x82, 0x0a, 0x01, 0x02, 0x01, 0x03, 0x30];
        assert!(
            refused(&pfx).contains("openssl pkcs12"),
            "{}",
            refused(&pfx)
        );
        assert!(refused(&[0xff, 0x00]).contains("no PEM"));
    }
}
