//! The requests that look an application up, each written once: a plan's preview shows them and the run sends them.
//!
//! What a run does not know yet is given as a blank that its preview names; hence the IDs are text.

use super::wire::APPLICATION_FIELDS;
use crate::http::{Request, encoded};

/// One application by its object ID.
pub fn application(object_id: &str) -> Request {
    Request::get(format!(
        "/v1.0/applications/{object_id}?$select={APPLICATION_FIELDS}"
    ))
}

/// One application by its `uniqueName`.
pub fn application_by_unique_name(unique_name: &str) -> Request {
    let path = unique_name_path(unique_name);
    Request::get(format!("{path}?$select={APPLICATION_FIELDS}"))
}

/// The applications that have this redirect URI on the *web* platform. The index behind it lags after changes.
pub fn applications_with_redirect_uri(uri: &str) -> Request {
    let filter = format!("web/redirectUris/any(u:u%20eq%20{})", literal(uri));
    let path = format!(
        "/v1.0/applications?$filter={filter}&$count=true&$select={APPLICATION_FIELDS}&$top=999"
    );
    Request::get(path).eventual()
}

/// The applications of exactly this display name, which need not be unique.
pub fn applications_named(name: &str) -> Request {
    let filter = format!("displayName%20eq%20{}", literal(name));
    let path = format!("/v1.0/applications?$filter={filter}&$select={APPLICATION_FIELDS}&$top=999");
    Request::get(path)
}

/// The applications in the tenant's bin. A filter of it by `uniqueName` is not documented, so it is read whole.
pub fn deleted_applications() -> Request {
    Request::get(format!(
        "/v1.0/directory/deletedItems/graph.application?$select={APPLICATION_FIELDS},deletedDateTime&$top=999"
    ))
}

/// The service principals in the tenant's bin. No filter of the bin is documented, so it is read whole.
pub fn deleted_service_principals() -> Request {
    Request::get("/v1.0/directory/deletedItems/graph.servicePrincipal?$select=id,appId&$top=999")
}

/// The service principal of a client ID.
pub fn service_principal(app_id: &str) -> Request {
    let path = service_principal_path(app_id);
    Request::get(format!("{path}?$select=id,appId,accountEnabled"))
}

/// Where an application of this `uniqueName` is, or would be.
pub(super) fn unique_name_path(unique_name: &str) -> String {
    format!("/v1.0/applications(uniqueName={})", literal(unique_name))
}

/// Where the service principal of a client ID is, or would be.
pub(super) fn service_principal_path(app_id: &str) -> String {
    format!("/v1.0/servicePrincipals(appId='{app_id}')")
}

/// A text as OData's literal within a URL: quotes doubled, then encoded.
fn literal(text: &str) -> String {
    format!("'{}'", encoded(&text.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_name_stays_inside_its_literal() {
        assert_eq!(literal("O'Neill & co"), "'O%27%27Neill%20%26%20co'");
    }
}
