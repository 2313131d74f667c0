//! Client credentials by certificate: the assertion that a private key signs, held against the certificates that the
//! application bears.

use jiff::Timestamp;
use uuid::Uuid;

use super::super::directory::Tenant;
use super::super::exchange::Request;
use super::super::signed::{self, Signed, certificate_of};
use super::super::state::State;
use super::field;
use super::refusal::{Refusal, refusal, unknown_client};

/// A training key and certificate: public, worthless, good for the sandbox alone (assets/sandbox/README.md).
pub(in crate::sandbox) const TRAINING_CERTIFICATE: &str =
    include_str!("../../../assets/sandbox/training-client.pem");
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
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
    if field(form, "client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(refusal(
            400,
            "invalid_request",
            50_027,
            format!("The client_assertion_type must be '{ASSERTION_TYPE}'."),
        ));
    }
    let assertion = field(form, "client_assertion").unwrap_or_default();
    let assertion = Signed::parse(assertion).map_err(invalid)?;
    let known = certificates(state, tenant, client_id, now)?;
    let certificate = known
        .iter()
        .find(|der| assertion.names(der))
        .ok_or_else(|| {
            invalid("The certificate with identifier used to sign the client assertion is not registered on application")
        })?;
    assertion.check_signature(certificate).map_err(invalid)?;
    let client = client_id.to_string();
    let is_client = |name| assertion.claim(name).eq_ignore_ascii_case(&client);
    if !is_client("iss") || !is_client("sub") {
        return Err(invalid("'iss' and 'sub' must be the client ID"));
    }
    if assertion.claim("jti").is_empty() {
        return Err(invalid("it has no 'jti'"));
    }
    if !audiences(state, request).contains(&assertion.claim("aud").to_string()) {
        return Err(invalid("its audience is not the token endpoint"));
    }
    assertion.check_time(LONGEST, now).map_err(invalid)
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

/// The certificates, in DER, that a client may sign with: the training application's own, or what a registration bears.
fn certificates(
    state: &State,
    tenant: &Tenant,
    client_id: Uuid,
    now: Timestamp,
) -> Result<Vec<Vec<u8>>, Refusal> {
    if client_id == state.training_client_id {
        return Ok(certificate_of(TRAINING_CERTIFICATE).into_iter().collect());
    }
    let application = tenant
        .application_by_app_id(client_id)
        .ok_or_else(|| unknown_client(&client_id.to_string(), &tenant.name))?;
    let mut all = signed::certificates(&application.properties, now);
    if let Some(principal) = tenant.principal_by_app_id(client_id) {
        all.extend(signed::certificates(&principal.properties, now));
    }
    Ok(all)
}

fn invalid(why: &str) -> Refusal {
    refusal(
        401,
        "invalid_client",
        700_027,
        format!("Client assertion failed signature validation: {why}."),
    )
}
