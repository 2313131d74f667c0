//! Whether what was read back is what was written.

use crate::registration::observed::Application;
use crate::registration::plan::Properties;

/// The properties that were set and are not there, by Graph's names. Lists count as equal whatever their order.
pub fn not_there(set: &Properties, found: &Application) -> Vec<&'static str> {
    fn same<T: PartialEq>(set: &Option<T>, found: &T) -> bool {
        set.as_ref().is_none_or(|set| set == found)
    }
    fn same_list<T: Ord + Clone>(set: &Option<Vec<T>>, found: &[T]) -> bool {
        set.as_ref().is_none_or(|set| {
            let sorted = |list: &[T]| {
                let mut list = list.to_vec();
                list.sort();
                list
            };
            sorted(set) == sorted(found)
        })
    }
    let checks = [
        (
            "uniqueName",
            set.unique_name.is_none() || set.unique_name == found.unique_name,
        ),
        ("displayName", same(&set.display_name, &found.display_name)),
        (
            "signInAudience",
            same(&set.sign_in_audience, &found.sign_in_audience),
        ),
        (
            "web.redirectUris",
            same_list(&set.web_redirect_uris, &found.web_redirect_uris),
        ),
        (
            "spa.redirectUris",
            same_list(&set.spa_redirect_uris, &found.spa_redirect_uris),
        ),
        (
            "publicClient.redirectUris",
            same_list(
                &set.public_client_redirect_uris,
                &found.public_client_redirect_uris,
            ),
        ),
        (
            "enableAccessTokenIssuance",
            same(
                &set.enable_access_token_issuance,
                &found.enable_access_token_issuance,
            ),
        ),
        (
            "enableIdTokenIssuance",
            same(
                &set.enable_id_token_issuance,
                &found.enable_id_token_issuance,
            ),
        ),
        (
            "isFallbackPublicClient",
            same(
                &set.is_fallback_public_client,
                &found.is_fallback_public_client,
            ),
        ),
        (
            "requiredResourceAccess",
            same_list(
                &set.required_resource_access,
                &found.required_resource_access,
            ),
        ),
    ];
    checks
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(name, _)| name)
        .collect()
}
