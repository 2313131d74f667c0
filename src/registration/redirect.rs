//! Which redirect URIs a device wants on its registration.

use super::blueprint::Blueprint;
use super::fleet::{Device, InvalidValue, RedirectUri};

/// The device's own redirect URI: the inventory's where it states one, else the blueprint's.
///
/// # Errors
/// When the blueprint's path and the device's FQDN make none that Entra takes.
pub fn device_redirect_uri(
    blueprint: &Blueprint,
    device: &Device,
) -> Result<RedirectUri, InvalidValue> {
    match &device.redirect_uri {
        Some(uri) => Ok(uri.clone()),
        None => blueprint.redirect_uri(&device.fqdn),
    }
}

/// The redirect URIs that a device wants on its registration: its own first, then its customers' own.
pub fn wanted_redirect_uris(blueprint: &Blueprint, device: &Device) -> Vec<RedirectUri> {
    let own = device_redirect_uri(blueprint, device).ok();
    let customers = device
        .customers
        .iter()
        .filter_map(|customer| customer.redirect_uri.clone());
    let mut all = Vec::new();
    for uri in own.into_iter().chain(customers) {
        if !all.contains(&uri) {
            all.push(uri);
        }
    }
    all
}
