//! Client credentials by certificate: the assertion that a private key signs, held against the training certificate.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
    VerificationAlgorithm,
};
use serde_json::Value;
use uuid::Uuid;

use super::super::exchange::Request;
use super::super::state::State;
use super::field;
use super::refusal::{Refusal, refusal};

/// A training key and certificate: public, worthless, good for the sandbox alone (assets/sandbox/README.md).
pub(in crate::sandbox) const TRAINING_CERTIFICATE: &str =
    include_str!("../../../assets/sandbox/training-client.pem");
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Entra forgives clocks that differ by so many seconds.
const SKEW: i64 = 300;
/// No assertion may be good for longer, in seconds.
const LONGEST: i64 = 24 * 3600;

/// Whether the assertion is signed with the training certificate, for this client, this endpoint and this time.
pub(super) fn check_assertion(
    state: &State,
    request: &Request,
    form: &[(String, String)],
    client_id: Uuid,
    assertion: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if field(form, "client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(refusal(
            400,
            "invalid_request",
            50_027,
            format!("The client_assertion_type must be '{ASSERTION_TYPE}'."),
        ));
    }
    let (signed, signature) = assertion
        .rsplit_once('.')
        .ok_or_else(|| invalid("it is not a JWT"))?;
    let (header, payload) = signed
        .split_once('.')
        .ok_or_else(|| invalid("it is not a JWT"))?;
    let (header, claims) = (part(header)?, part(payload)?);
    let text = |value: &Value, name: &str| {
        let text = value.get(name).and_then(Value::as_str);
        text.unwrap_or_default().trim_end_matches('=').to_string()
    };
    let (der, public) = training_pair()?;
    let by_sha256 = URL_SAFE_NO_PAD.encode(digest(&SHA256, &der));
    let by_sha1 = URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der));
    let known = text(&header, "x5t#S256") == by_sha256 || text(&header, "x5t") == by_sha1;
    if !known || client_id != state.training_client_id {
        return Err(invalid(
            "The certificate with identifier used to sign the client assertion is not registered on application",
        ));
    }
    let algorithm: &dyn VerificationAlgorithm = match text(&header, "alg").as_str() {
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(invalid("the signing algorithm is neither PS256 nor RS256")),
    };
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| invalid("the signature is not base64url"))?;
    UnparsedPublicKey::new(algorithm, public)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| {
            invalid("The key was found, but the signature of the client assertion is not valid")
        })?;
    let client = client_id.to_string();
    if text(&claims, "iss") != client || text(&claims, "sub") != client {
        return Err(invalid("'iss' and 'sub' must be the client ID"));
    }
    if text(&claims, "jti").is_empty() {
        return Err(invalid("it has no 'jti'"));
    }
    if !audiences(state, request).contains(&text(&claims, "aud")) {
        return Err(invalid("its audience is not the token endpoint"));
    }
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    let now = now.as_second();
    let Some(end) = seconds("exp") else {
        return Err(invalid("it has no 'exp'"));
    };
    if end + SKEW <= now
        || end > now + LONGEST + SKEW
        || seconds("nbf").is_some_and(|start| start > now + SKEW)
    {
        return Err(invalid(
            "Client assertion is not within its valid time range",
        ));
    }
    Ok(())
}

/// The endpoint as it was called, and by the tenant's ID where it was called by its domain.
fn audiences(state: &State, request: &Request) -> Vec<String> {
    let origin = request.origin();
    let path = request.path.trim_matches('/');
    let (tenant, rest) = path.split_once('/').unwrap_or((path, ""));
    let mut all = vec![format!("{origin}/{path}")];
    if let Some(place) = state.tenant_index(tenant) {
        let id = state.tenants[place].id;
        all.push(format!("{origin}/{id}/{rest}"));
        all.push(format!("{origin}/{id}/v2.0"));
    }
    all
}

fn part(coded: &str) -> Result<Value, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(coded).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| invalid("it is not a JWT"))
}

/// The certificate's bytes and its public key.
fn training_pair() -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    let block = |label: &str| {
        let (_, after) = TRAINING_CERTIFICATE.split_once(&format!("-----BEGIN {label}-----"))?;
        let (content, _) = after.split_once(&format!("-----END {label}-----"))?;
        let letters: String = content.split_whitespace().collect();
        STANDARD.decode(letters).ok()
    };
    let pair = || {
        let key = RsaKeyPair::from_pkcs8(&block("PRIVATE KEY")?).ok()?;
        Some((block("CERTIFICATE")?, key.public().as_ref().to_vec()))
    };
    pair().ok_or_else(|| {
        refusal(
            500,
            "server_error",
            50_000,
            "The training certificate can't be read.",
        )
    })
}

fn invalid(why: &str) -> Refusal {
    refusal(
        401,
        "invalid_client",
        700_027,
        format!("Client assertion failed signature validation: {why}."),
    )
}
