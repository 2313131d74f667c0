//! What a step changes, in words: field, from, to. The same lines stand in the plan on screen and in JSON.

use uuid::Uuid;

use super::blueprint::Blueprint;
use super::observed::{Application, Observed, RegistrationFacts, ResourceAccess};
use super::permissions::permission_lines;
use super::plan::{Change, Properties};

fn change(field: &str, from: impl Into<String>, to: impl Into<String>) -> Change {
    Change {
        field: field.to_string(),
        from: from.into(),
        to: to.into(),
    }
}

fn on_off(on: bool) -> String {
    on.to_string()
}

/// The lines for an application that is made.
pub(super) fn from_nothing(blueprint: &Blueprint, to: &Properties) -> Vec<Change> {
    let mut lines = Vec::new();
    let mut say = |field: &str, value: Option<String>| {
        if let Some(value) = value {
            lines.push(change(field, "", value));
        }
    };
    say("displayName", to.display_name.clone());
    say("signInAudience", to.sign_in_audience.clone());
    say(
        "web.redirectUris",
        to.web_redirect_uris.as_ref().map(|uris| uris.join(" ")),
    );
    say(
        "enableAccessTokenIssuance",
        to.enable_access_token_issuance.map(on_off),
    );
    say(
        "enableIdTokenIssuance",
        to.enable_id_token_issuance.map(on_off),
    );
    say(
        "isFallbackPublicClient",
        to.is_fallback_public_client.map(on_off),
    );
    for wanted in &blueprint.permissions {
        say(
            "requiredResourceAccess",
            Some(format!(
                "{} ({}, {})",
                wanted.value,
                wanted.resource,
                wanted.kind.word()
            )),
        );
    }
    say("notes", to.notes.clone());
    lines
}

/// The lines for an application that is changed: one a property, one a list entry that comes or goes.
pub(super) fn between(
    blueprint: &Blueprint,
    observed: Observed<'_>,
    from: &Application,
    to: &Properties,
) -> Vec<Change> {
    let mut lines = Vec::new();
    if let Some(name) = &to.unique_name {
        let before = from.unique_name.clone().unwrap_or_default();
        lines.push(change("uniqueName", before, name.clone()));
    }
    if let Some(name) = &to.display_name {
        lines.push(change(
            "displayName",
            from.display_name.clone(),
            name.clone(),
        ));
    }
    if let Some(audience) = &to.sign_in_audience {
        lines.push(change(
            "signInAudience",
            from.sign_in_audience.clone(),
            audience.clone(),
        ));
    }
    let mut list = |field: &str, from: &[String], to: &Option<Vec<String>>| {
        let Some(to) = to else { return };
        let gone: Vec<_> = from.iter().filter(|one| !to.contains(one)).collect();
        let come: Vec<_> = to.iter().filter(|one| !from.contains(one)).collect();
        for at in 0..gone.len().max(come.len()) {
            let text = |side: &[&String]| side.get(at).map_or(String::new(), |one| one.to_string());
            lines.push(change(field, text(&gone), text(&come)));
        }
    };
    list(
        "web.redirectUris",
        &from.web_redirect_uris,
        &to.web_redirect_uris,
    );
    list(
        "spa.redirectUris",
        &from.spa_redirect_uris,
        &to.spa_redirect_uris,
    );
    list(
        "publicClient.redirectUris",
        &from.public_client_redirect_uris,
        &to.public_client_redirect_uris,
    );
    let mut switch = |field: &str, from: bool, to: Option<bool>| {
        if let Some(to) = to {
            lines.push(change(field, on_off(from), on_off(to)));
        }
    };
    switch(
        "enableAccessTokenIssuance",
        from.enable_access_token_issuance,
        to.enable_access_token_issuance,
    );
    switch(
        "enableIdTokenIssuance",
        from.enable_id_token_issuance,
        to.enable_id_token_issuance,
    );
    switch(
        "isFallbackPublicClient",
        from.is_fallback_public_client,
        to.is_fallback_public_client,
    );
    if let Some(access) = &to.required_resource_access {
        let names = permission_lines(blueprint, observed);
        let name = |one: &ResourceAccess| {
            names
                .iter()
                .find(|line| line.access == *one)
                .map_or_else(|| one.id.to_string(), |line| line.full_name())
        };
        for one in access
            .iter()
            .filter(|one| !from.required_resource_access.contains(one))
        {
            lines.push(change("requiredResourceAccess", "", name(one)));
        }
        for one in from
            .required_resource_access
            .iter()
            .filter(|one| !access.contains(one))
        {
            lines.push(change("requiredResourceAccess", name(one), ""));
        }
    }
    lines
}

/// What the portal holds now, in words, as far as is known; empty = nothing stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalNow {
    /// The client ID.
    pub client_id: String,
    /// Whether there is a client secret.
    pub client_secret: &'static str,
    /// The redirect URI.
    pub redirect_uri: String,
}

/// What stands for a value that nobody knows.
const NOT_KNOWN: &str = "(not known)";

impl PortalNow {
    /// By what was read; what a later push or statement has overtaken is not known.
    pub fn of(facts: &RegistrationFacts) -> PortalNow {
        let Some(read) = facts.portal_as_read() else {
            return PortalNow {
                client_id: NOT_KNOWN.to_string(),
                client_secret: NOT_KNOWN,
                redirect_uri: NOT_KNOWN.to_string(),
            };
        };
        PortalNow {
            client_id: read.client_id.clone(),
            client_secret: match read.has_client_secret {
                Some(true) => "(one is set)",
                Some(false) => "",
                None => NOT_KNOWN,
            },
            redirect_uri: read.redirect_uri.clone(),
        }
    }
}

/// The lines for the portal's settings.
pub(super) fn portal(
    facts: &RegistrationFacts,
    app_id: Option<Uuid>,
    redirect_uri: &str,
    with_secret: bool,
) -> Vec<Change> {
    let mut lines = Vec::new();
    let now = PortalNow::of(facts);
    let client_id = app_id.map_or_else(String::new, |id| id.to_string());
    if !now.client_id.eq_ignore_ascii_case(&client_id) {
        lines.push(change("Client ID", now.client_id, client_id));
    }
    if with_secret {
        lines.push(change("Client secret", now.client_secret, "the new one"));
    }
    if now.redirect_uri != redirect_uri {
        lines.push(change("Redirect URI", now.redirect_uri, redirect_uri));
    }
    lines
}
