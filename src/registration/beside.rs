//! What the portal holds beside what Entra has, line by line: the same lines on screen and headless.

use jiff::Timestamp;

use super::blueprint::Blueprint;
use super::fleet::{Device, RedirectUri};
use super::observed::{
    Microsoft365, PortalRecord, PortalSettings, ProofOutcome, RegistrationFacts,
};
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
    let sides = Sides::of(blueprint, device, facts);
    let mut kinds: Vec<Holds> = page.fields.iter().map(|field| field.holds).collect();
    kinds.retain(|holds| *holds != Holds::Untouched);
    let told = sides
        .read
        .is_some_and(|one| one.customer_portal_url.is_some());
    if told && !kinds.contains(&Holds::CustomerPortalUrl) {
        kinds.push(Holds::CustomerPortalUrl);
    }
    let of_page = kinds
        .into_iter()
        .map(|holds| sides.line(holds, page.label(holds).to_string()));
    let label = page.label(Holds::RedirectUri);
    let of_customers = device.customers.iter().filter_map(|customer| {
        let uri = customer.redirect_uri.as_ref()?;
        Some(sides.of_customer(format!("{label} of {}", customer.short_name), uri))
    });
    of_page.chain(of_customers).collect()
}

/// What the two sides have, and what is wanted of both.
struct Sides<'a> {
    device: &'a Device,
    facts: &'a RegistrationFacts,
    /// The portal's settings as they were read.
    read: Option<&'a PortalSettings>,
    /// What was pushed or stated, where nothing is read.
    record: Option<&'a PortalRecord>,
    /// The redirect URI that the device is to have.
    wanted: Option<RedirectUri>,
}

impl<'a> Sides<'a> {
    fn of(blueprint: &Blueprint, device: &'a Device, facts: &'a RegistrationFacts) -> Sides<'a> {
        let read = facts.portal_as_read();
        Sides {
            device,
            facts,
            read,
            record: facts.record.as_ref().filter(|_| read.is_none()),
            wanted: device_redirect_uri(blueprint, device).ok(),
        }
    }

    /// One setting of the page.
    fn line(&self, holds: Holds, label: String) -> Beside {
        let (portal, entra) = match holds {
            Holds::ClientSecret => return self.client_secret(label),
            Holds::ClientId => (self.portals_client_id(), self.client_id()),
            Holds::RedirectUri => (self.portals_redirect_uri(), self.redirect_uri()),
            Holds::CustomerPortalUrl => (
                self.read.and_then(|one| one.customer_portal_url.clone()),
                Some(customer_portal_url(self.device)),
            ),
            Holds::Untouched => (None, None),
        };
        let departs = match (&portal, &self.wanted) {
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
    }

    fn client_id(&self) -> Option<String> {
        let application = self.facts.application();
        application.map(|app| app.app_id.to_string())
    }

    fn portals_client_id(&self) -> Option<String> {
        let read = self.read.map(|one| one.client_id.to_ascii_lowercase());
        read.or(self.record.map(|one| one.client_id.to_string()))
    }

    /// What Entra has, not what it should have: the wanted one, or the one that stands in its place.
    fn redirect_uri(&self) -> Option<String> {
        let uris = &self.facts.application()?.web_redirect_uris;
        let wanted = self.wanted.as_ref();
        let is_wanted = |uri: &&String| wanted.is_some_and(|one| one.as_str() == *uri);
        let of_device = |uri: &&String| uri.contains(self.device.fqdn.as_str());
        let found = uris.iter().find(is_wanted);
        found.or_else(|| uris.iter().find(of_device)).cloned()
    }

    fn portals_redirect_uri(&self) -> Option<String> {
        let read = self.read.map(|one| one.redirect_uri.clone());
        read.or(self.record.map(|one| one.redirect_uri.clone()))
    }

    /// Whether the portal holds a secret, beside the name of Entra's: nobody reads its value.
    fn client_secret(&self, label: String) -> Beside {
        let portal = match (self.read, self.record) {
            (Some(read), _) => Some(match read.has_client_secret {
                Some(true) => "a secret is set",
                Some(false) => "",
                None => "not shown",
            }),
            (None, Some(_)) => Some("as stated"),
            (None, None) => None,
        };
        Beside {
            label,
            portal: portal.map(String::from),
            entra: secret_name(self.facts),
            is_wish: false,
            departs: Departs::portal_if(portal == Some("")),
        }
    }

    /// The redirect URI that a customer has of its own.
    fn of_customer(&self, label: String, uri: &RedirectUri) -> Beside {
        let record = self.facts.record.as_ref();
        let stated = record.and_then(|record| {
            let mut all = record.customer_redirect_uris.iter();
            all.find(|one| *one == uri.as_str())
        });
        let application = self.facts.application();
        let in_entra = application.is_some_and(|app| {
            let mut uris = app.web_redirect_uris.iter();
            uris.any(|one| one == uri.as_str())
        });
        Beside {
            label,
            portal: stated.cloned(),
            entra: in_entra.then(|| uri.to_string()),
            is_wish: false,
            departs: match in_entra {
                true => Departs::Neither,
                false => Departs::Entra,
            },
        }
    }
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
    lines.extend(secret_end(account, facts, now));
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
    lines.extend(last_authentication(account, facts));
    lines
}

/// When the secret ends, as the portal says it and as Entra does.
fn secret_end(account: &Microsoft365, facts: &RegistrationFacts, now: Timestamp) -> Option<Beside> {
    let secret = SecretInUse::of(facts);
    let end = secret.credential().and_then(|one| one.end);
    // A portal's count of days was made when it was read, by a rule of its own: it stands only where there is no date.
    let days = account.days_left.map(|days| match days {
        0.. => format!("{days} days left when it was read"),
        _ => format!("ended {} days before it was read", days.unsigned_abs()),
    });
    let said = account.secret_expiry.clone().or(days)?;
    let date = end.map(crate::text::day);
    let differs = match (&account.secret_expiry, &date) {
        (Some(portal), Some(entra)) => !portal.contains(entra.as_str()),
        (portal, entra) => portal.is_some() != entra.is_some(),
    };
    Some(Beside {
        label: "Secret ends".to_string(),
        portal: Some(said),
        entra: end.map(|end| expiry_words(end, now)),
        is_wish: false,
        departs: Departs::portal_if(differs),
    })
}

/// How the portal's last sign-in went, beside the last proof of the secret.
fn last_authentication(account: &Microsoft365, facts: &RegistrationFacts) -> Option<Beside> {
    let status = account.last_status.as_ref()?;
    let at = account.last_status_at.as_ref();
    let portal = at.map_or(status.clone(), |at| format!("{status} ({at})"));
    let record = facts.record_of_application();
    let proof = record.and_then(|record| record.proof.as_ref());
    let entra = proof.map(|proof| {
        let date = crate::text::day(proof.at);
        match &proof.outcome {
            ProofOutcome::Accepted => format!("accepted the secret on {date}"),
            ProofOutcome::Refused(why) => format!("refused the secret on {date}: {why}"),
            ProofOutcome::Unknown(why) => format!("not proven on {date}: {why}"),
        }
    });
    Some(Beside {
        label: "Last authentication".to_string(),
        portal: Some(portal),
        entra,
        is_wish: false,
        departs: Departs::portal_if(!status.to_ascii_lowercase().starts_with("success")),
    })
}

#[cfg(test)]
mod tests;
