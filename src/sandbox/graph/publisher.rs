//! The verified publisher: only a signed-in person can set it, and only to the tenant's own partner id.

use serde_json::{Value, json};

use super::super::directory::Tenant;
use super::super::exchange::Answer;
use super::application_shape::unverified;
use super::failure::{Failure, object};
use super::{Address, Call, applications};

const WRITE: &[&str] = &["Application.ReadWrite.All"];

pub(super) fn set(
    call: &Call<'_>,
    tenant: &mut Tenant,
    address: &Address,
) -> Result<Answer, Failure> {
    let place = reach(call, tenant, address)?;
    let body = object(call.request)?;
    if let Some(unknown) = body.keys().find(|name| *name != "verifiedPublisherId") {
        return Err(Failure::bad(format!("Invalid property '{unknown}'.")));
    }
    let wanted = body
        .get("verifiedPublisherId")
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .ok_or_else(|| {
            Failure::new(
                400,
                "MPNIdWasNotProvided",
                "The MPN ID wasn't provided in the request body.",
            )
        })?;
    let own = tenant.mpn_id.as_deref().ok_or_else(|| {
        Failure::new(
            400,
            "MPNAccountNotFoundOrNoAccess",
            "The MPN ID you provided doesn't exist, or you don't have access to it. Provide a valid MPN ID and try again.",
        )
    })?;
    if wanted != own {
        return Err(Failure::new(
            400,
            "MPNIdDoesNotMatchAssociatedMPNAccount",
            "The MPN ID provided isn't valid: it doesn't match the partner account of this tenant.",
        ));
    }
    let publisher = json!({
        "displayName": tenant.name,
        "verifiedPublisherId": own,
        "addedDateTime": call.now.to_string(),
    });
    let application = &mut tenant.applications[place];
    match application.text("publisherDomain") {
        None => Err(Failure::new(
            400,
            "NoPublisherDomainOnApplication",
            "The target application must have a publisher domain set.",
        )),
        Some(domain) if domain.ends_with(".onmicrosoft.com") => Err(Failure::new(
            400,
            "PublisherDomainMismatch",
            "The target application's publisher domain doesn't match the domain of the partner account.",
        )),
        Some(_) => {
            application
                .properties
                .insert("verifiedPublisher".into(), publisher);
            tenant.application_changed(place);
            Ok(Answer::empty(204))
        }
    }
}

pub(super) fn unset(
    call: &Call<'_>,
    tenant: &mut Tenant,
    address: &Address,
) -> Result<Answer, Failure> {
    let place = reach(call, tenant, address)?;
    tenant.applications[place]
        .properties
        .insert("verifiedPublisher".into(), unverified());
    tenant.application_changed(place);
    Ok(Answer::empty(204))
}

fn reach(call: &Call<'_>, tenant: &Tenant, address: &Address) -> Result<usize, Failure> {
    if call.claims.app_only() {
        return Err(Failure::denied());
    }
    call.require(WRITE)?;
    let by_client_id = matches!(address, Address::Id(_))
        && address
            .guid()
            .is_some_and(|id| tenant.application_by_app_id(id).is_some());
    if by_client_id {
        return Err(Failure::new(
            404,
            "ApplicationNotFound",
            "The target application can't be found. Use the application's object ID, not its client ID.",
        ));
    }
    applications::find(call, tenant, address)
}
