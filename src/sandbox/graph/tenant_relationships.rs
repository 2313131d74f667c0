//! `/tenantRelationships`: what anybody may know of a tenant, found by its id or by one of its domains.

use serde_json::json;

use super::super::directory::Tenant;
use super::super::exchange::Answer;
use super::Call;
use super::failure::Failure;
use super::path::keyed;

/// `…/findTenantInformationByTenantId(tenantId='…')` and `…ByDomainName(domainName='…')`.
pub(super) fn find(call: &Call<'_>, tenants: &[Tenant], segment: &str) -> Result<Answer, Failure> {
    call.require(&["CrossTenantInformation.ReadBasic.All"])?;
    let (function, key) = keyed(segment)?;
    let function = function
        .strip_prefix("microsoft.graph.")
        .unwrap_or(function);
    let key = key.ok_or_else(|| Failure::no_such_segment(segment))?;
    let (name, value) = (key.property, key.value);
    let id = uuid::Uuid::parse_str(&value).ok();
    let found = match (function, name) {
        ("findTenantInformationByTenantId", "tenantId") => {
            tenants.iter().find(|one| Some(one.id) == id)
        }
        ("findTenantInformationByDomainName", "domainName") => tenants
            .iter()
            .find(|one| one.primary_domain.eq_ignore_ascii_case(&value)),
        _ => return Err(Failure::no_such_segment(segment)),
    };
    let found = found.ok_or_else(|| {
        Failure::new(
            404,
            "ResourceNotFound",
            format!("Unable to find tenant with {name} '{value}'."),
        )
    })?;
    Ok(Answer::json(
        200,
        json!({
            "@odata.context": call.context("microsoft.graph.tenantInformation"),
            "tenantId": found.id,
            "federationBrandName": null,
            "displayName": found.name,
            "defaultDomainName": found.primary_domain,
        }),
    ))
}
