//! What the portal holds beside what Entra has, line by line: the same lines on screen and headless.

use jiff::Timestamp;

use super::blueprint::Blueprint;
use super::fleet::Device;
use super::observed::{Microsoft365, ProofOutcome, RegistrationFacts};
use super::portal_page::{Holds, PortalPage, customer_portal_url};
use super::redirect::device_redirect_uri;
use super::secret::{SecretInUse, expiry_words};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// What it is about: the portal's label.
    pub label: String,
    /// What the portal holds; `None` = nobody knows.
    pub portal: Option<String>,
    /// What Entra has, or what is wanted where Entra has no such thing; `None` = nothing.
    pub entra: Option<String>,
    /// Entra has no such thing: what stands beside the portal's is what is wanted.
    pub is_wish: bool,
    /// Whether the two contradict each other, and which of them is then not as it is wanted.
    pub departs: Departs,
}

/// Which side of a line is not as it is wanted, where the two contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departs {
    /// They do not contradict each other.
    Neither,
    /// The portal.
    Portal,
    /// Entra.
    Entra,
    /// Each in its own way.
    Both,
}

impl Departs {
    fn portal_if(differs: bool) -> Departs {
        match differs {
            true => Departs::Portal,
            false => Departs::Neither,
        }
    }

    /// Whether the portal's side departs.
    pub fn portal(self) -> bool {
        matches!(self, Departs::Portal | Departs::Both)
    }

    /// Whether Entra's side departs.
    pub fn entra(self) -> bool {
        matches!(self, Departs::Entra | Departs::Both)
    }
}

impl Beside {
    /// The two contradict each other.
    pub fn differs(&self) -> bool {
        self.departs != Departs::Neither
    }

    /// Both sides say the same.
    pub fn is_same(&self) -> bool {
        self.portal.is_some() && self.portal == self.entra
    }

    /// What stands on Entra's side, in words: what is only wanted is called so.
    pub fn entra_words(&self) -> Option<String> {
        let entra = self.entra.as_deref()?;
        Some(match self.is_wish && !self.is_same() {
            true => format!("wanted: {entra}"),
            false => entra.to_string(),
        })
    }
}

/// The settings: those of the page in its order, then the redirect URIs of the customers that have one of their own.
pub fn settings(
    page: &PortalPage,
    blueprint: &Blueprint,
    device: &Device,
    facts: &RegistrationFacts,
) -> Vec<Beside> {
    let read = facts.portal_as_read();
    let record = facts.record.as_ref().filter(|_| read.is_none());
    let application = facts.application();
    let wanted = device_redirect_uri(blueprint, device).ok();
    // What Entra has, not what it should have: the wanted one, or the one that stands in its place.
    let redirect = application.and_then(|app| {
        let uris = &app.web_redirect_uris;
        let is_wanted = |uri: &&String| wanted.as_ref().is_some_and(|one| one.as_str() == *uri);
        let of_device = |uri: &&String| uri.contains(device.fqdn.as_str());
        uris.iter()
            .find(is_wanted)
            .or_else(|| uris.iter().find(of_device))
            .cloned()
    });
    let line = |holds: Holds| {
        let label = page.label(holds).to_string();
        let (portal, entra) = match holds {
            Holds::ClientId => (
                read.map(|one| one.client_id.to_ascii_lowercase())
                    .or(record.map(|one| one.client_id.to_string())),
                application.map(|app| app.app_id.to_string()),
            ),
            Holds::RedirectUri => (
                read.map(|one| one.redirect_uri.clone())
                    .or(record.map(|one| one.redirect_uri.clone())),
                redirect.clone(),
            ),
            Holds::ClientSecret => {
                let portal = match (read, record) {
                    (Some(read), _) => match read.has_client_secret {
                        Some(true) => "a secret is set",
                        Some(false) => "",
                        None => "not shown",
                    },
                    (None, Some(_)) => "as stated",
                    (None, None) => {
                        return Beside {
                            label,
                            portal: None,
                            entra: secret_name(facts),
                            is_wish: false,
                            departs: Departs::Neither,
                        };
                    }
                };
                return Beside {
                    label,
                    portal: Some(portal.to_string()),
                    entra: secret_name(facts),
                    is_wish: false,
                    departs: Departs::portal_if(portal.is_empty()),
                };
            }
            Holds::CustomerPortalUrl => (
                read.and_then(|one| one.customer_portal_url.clone()),
                Some(customer_portal_url(device)),
            ),
            Holds::Untouched => (None, None),
        };
        let departs = match (&portal, &wanted) {
            (None, _) => Departs::Neither,
            _ if portal == entra => Departs::Neither,
            (Some(portal), Some(wanted)) if holds == Holds::RedirectUri => {
                let entra_is_right = entra.as_deref() == Some(wanted.as_str());
                match (portal == wanted.as_str(), entra_is_right) {
                    (true, _) => Departs::Entra,
                    (false, true) => Departs::Portal,
                    (false, false) => Departs::Both,
                }
            }
            _ => Departs::Portal,
        };
        Beside {
            label,
            portal,
            entra,
            is_wish: holds == Holds::CustomerPortalUrl,
            departs,
        }
    };
    let mut kinds: Vec<Holds> = page.fields.iter().map(|field| field.holds).collect();
    kinds.retain(|holds| *holds != Holds::Untouched);
    let told = read.is_some_and(|one| one.customer_portal_url.is_some());
    if told && !kinds.contains(&Holds::CustomerPortalUrl) {
        kinds.push(Holds::CustomerPortalUrl);
    }
    let mut lines: Vec<Beside> = kinds.into_iter().map(line).collect();
    let label = page.label(Holds::RedirectUri);
    for customer in &device.customers {
        let Some(uri) = &customer.redirect_uri else {
            continue;
        };
        let stated = facts.record.as_ref().and_then(|record| {
            record
                .customer_redirect_uris
                .iter()
                .find(|one| *one == uri.as_str())
        });
        let in_entra = application.is_some_and(|app| {
            let mut uris = app.web_redirect_uris.iter();
            uris.any(|one| one == uri.as_str())
        });
        lines.push(Beside {
            label: format!("{label} of {}", customer.short_name),
            portal: stated.cloned(),
            entra: in_entra.then(|| uri.to_string()),
            is_wish: false,
            departs: match in_entra {
                true => Departs::Neither,
                false => Departs::Entra,
            },
        });
    }
    lines
}

fn secret_name(facts: &RegistrationFacts) -> Option<String> {
    let secret = SecretInUse::of(facts);
    secret.credential().map(|one| one.display_name.clone())
}

/// Whether the portal, as read, was given another client ID or redirect URI than Entra's registration has: then somebody has
/// to say which is right.
pub fn contradicts(lines: &[Beside], page: &PortalPage) -> bool {
    of_another(lines, page) || holds_other(lines, page.label(Holds::RedirectUri))
}

/// Whether the portal, as read, was given the client ID of another registration.
pub fn of_another(lines: &[Beside], page: &PortalPage) -> bool {
    holds_other(lines, page.label(Holds::ClientId))
}

fn holds_other(lines: &[Beside], label: &str) -> bool {
    lines.iter().any(|line| {
        let portal = line.portal.as_ref();
        let told = portal.is_some_and(|portal| !portal.is_empty());
        line.differs() && told && line.label == label
    })
}

/// The portal's Microsoft 365 settings beside Entra's own facts.
pub fn account(
    account: &Microsoft365,
    blueprint: &Blueprint,
    facts: &RegistrationFacts,
    now: Timestamp,
) -> Vec<Beside> {
    let application = facts.application();
    let mut lines = Vec::new();
    if let Some(connected) = &account.connected_account {
        lines.push(Beside {
            label: "Connected account".to_string(),
            portal: Some(connected.clone()),
            entra: None,
            is_wish: false,
            departs: Departs::Neither,
        });
    }
    if let Some(id) = &account.application_id {
        let entra = application.map(|app| app.app_id.to_string());
        let same = entra
            .as_ref()
            .is_some_and(|entra| entra.eq_ignore_ascii_case(id));
        lines.push(Beside {
            label: "Connected application".to_string(),
            portal: Some(id.clone()),
            entra,
            is_wish: false,
            departs: Departs::portal_if(!same),
        });
    }
    let secret = SecretInUse::of(facts);
    let end = secret.credential().and_then(|one| one.end);
    if account.secret_expiry.is_some() || account.days_left.is_some() {
        // A portal's count of days was made when it was read, by a rule of its own: it stands only where there is no date.
        let days = account.days_left.map(|days| match days {
            0.. => format!("{days} days left when it was read"),
            _ => format!("ended {} days before it was read", days.unsigned_abs()),
        });
        let said = account.secret_expiry.clone().or(days);
        let date = end.map(|end| end.strftime("%Y-%m-%d").to_string());
        let differs = match (&account.secret_expiry, &date) {
            (Some(portal), Some(entra)) => !portal.contains(entra.as_str()),
            (portal, entra) => portal.is_some() != entra.is_some(),
        };
        lines.push(Beside {
            label: "Secret ends".to_string(),
            portal: said,
            entra: end.map(|end| expiry_words(end, now)),
            is_wish: false,
            departs: Departs::portal_if(differs),
        });
    }
    if let Some(roles) = &account.roles {
        lines.push(Beside {
            label: "Roles".to_string(),
            portal: Some(match roles.as_slice() {
                [] => "none".to_string(),
                roles => roles.join(", "),
            }),
            entra: blueprint.roles_words(),
            is_wish: true,
            departs: Departs::portal_if(!blueprint.roles_suffice(roles)),
        });
    }
    if let Some(status) = &account.last_status {
        let at = account.last_status_at.as_ref();
        let portal = at.map_or(status.clone(), |at| format!("{status} ({at})"));
        let record = facts.record_of_application();
        let proof = record.and_then(|record| record.proof.as_ref());
        let entra = proof.map(|proof| {
            let date = proof.at.strftime("%Y-%m-%d");
            match &proof.outcome {
                ProofOutcome::Accepted => format!("accepted the secret on {date}"),
                ProofOutcome::Refused(why) => format!("refused the secret on {date}: {why}"),
                ProofOutcome::Unknown(why) => format!("not proven on {date}: {why}"),
            }
        });
        lines.push(Beside {
            label: "Last authentication".to_string(),
            portal: Some(portal),
            entra,
            is_wish: false,
            departs: Departs::portal_if(!status.to_ascii_lowercase().starts_with("success")),
        });
    }
    lines
}

#[cfg(test)]
mod tests;
