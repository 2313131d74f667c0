//! Client credentials by certificate: the assertion that a private key signs, held against the certificates that the
//! application bears.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use serde_json::Value;
use uuid::Uuid;
use webpki::EndEntityCert;
use webpki::ring::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY};

use super::super::exchange::Request;
use super::super::graph::decoded;
use super::super::state::{State, Tenant};
use super::field;
use super::refusal::{Refusal, refusal, unknown_client};

/// A training key and certificate: public, worthless, good for the sandbox alone (assets/sandbox/README.md).
pub(in crate::sandbox) const TRAINING_CERTIFICATE: &str =
    include_str!("../../../assets/sandbox/training-client.pem");
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Entra forgives clocks that differ by so many seconds.
const SKEW: i64 = 300;
/// No assertion may be good for longer, in seconds.
const LONGEST: i64 = 24 * 3600;

/// Whether the assertion is signed with a certificate of this client, for this endpoint and this time.
pub(super) fn check_assertion(
    state: &State,
    tenant: &Tenant,
    request: &Request,
    form: &[(String, String)],
    client_id: Uuid,
    now: Timestamp,
) -> Result<(), Refusal> {
    let assertion = field(form, "client_assertion").unwrap_or_default();
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
    let known = certificates(state, tenant, client_id, now)?;
    let certificate = known
        .iter()
        .find(|der| {
            text(&header, "x5t#S256") == URL_SAFE_NO_PAD.encode(digest(&SHA256, der))
                || text(&header, "x5t")
                    == URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, der))
        })
        .ok_or_else(|| {
            invalid("The certificate with identifier used to sign the client assertion is not registered on application")
        })?;
    let algorithm: &dyn SignatureVerificationAlgorithm = match text(&header, "alg").as_str() {
        "PS256" => RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        "RS256" => RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(invalid("the signing algorithm is neither PS256 nor RS256")),
    };
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| invalid("the signature is not base64url"))?;
    let der = CertificateDer::from(certificate.as_slice());
    EndEntityCert::try_from(&der)
        .map_err(|_| invalid("the registered certificate can't be read"))?
        .verify_signature(algorithm, signed.as_bytes(), &signature)
        .map_err(|_| {
            invalid("The key was found, but the signature of the client assertion is not valid")
        })?;
    let client = client_id.to_string();
    let is_client = |name| text(&claims, name).eq_ignore_ascii_case(&client);
    if !is_client("iss") || !is_client("sub") {
        return Err(invalid("'iss' and 'sub' must be the client ID"));
    }
    if text(&claims, "jti").is_empty() {
        return Err(invalid("it has no 'jti'"));
    }
    if !audiences(state, request).contains(&text(&claims, "aud")) {
        return Err(invalid("its audience is not the token endpoint"));
    }
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64);
    let now = now.as_second() as f64;
    let Some(end) = seconds("exp") else {
        return Err(invalid("it has no 'exp'"));
    };
    let (skew, longest) = (SKEW as f64, LONGEST as f64);
    if end + skew <= now
        || end > now + longest + skew
        || seconds("nbf").is_some_and(|start| start > now + skew)
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
        all.push(format!("{origin}/{id}/oauth2/token"));
    }
    all
}

fn part(coded: &str) -> Result<Value, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(coded.trim_end_matches('=')).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| invalid("it is not a JWT"))
}

/// The certificates, in DER, that a client may sign with: the training application's own, or what a registration bears.
fn certificates(
    state: &State,
    tenant: &Tenant,
    client_id: Uuid,
    now: Timestamp,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    if client_id == state.training_client_id {
        all.extend(block(TRAINING_CERTIFICATE, "CERTIFICATE"));
        return Ok(all);
    }
    let application = tenant
        .application_by_app_id(client_id)
        .ok_or_else(|| unknown_client(&client_id.to_string(), &tenant.name))?;
    let principal = tenant.principal_by_app_id(client_id);
    let of = [
        Some(&application.properties),
        principal.map(|one| &one.properties),
    ];
    let keys = of
        .into_iter()
        .flatten()
        .filter_map(|properties| properties.get("keyCredentials")?.as_array())
        .flatten();
    for key in keys {
        let moment = |name: &str| key[name].as_str()?.parse::<Timestamp>().ok();
        if moment("endDateTime").is_some_and(|end| end <= now) {
            continue;
        }
        // The certificate in DER, or the text of its PEM.
        let Some(bytes) = key["key"].as_str().and_then(decoded) else {
            continue;
        };
        let pem = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| block(text, "CERTIFICATE"));
        all.push(pem.unwrap_or(bytes));
    }
    Ok(all)
}

/// A block of a PEM text, decoded.
fn block(pem: &str, label: &str) -> Option<Vec<u8>> {
    let (_, after) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (content, _) = after.split_once(&format!("-----END {label}-----"))?;
    let letters: String = content.split_whitespace().collect();
    STANDARD.decode(letters).ok()
}

fn invalid(why: &str) -> Refusal {
    refusal(
        401,
        "invalid_client",
        700_027,
        format!("Client assertion failed signature validation: {why}."),
    )
}
