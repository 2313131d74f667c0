//! Where the portal holds another client ID or redirect URI than Entra, nobody but the operator knows which is right. Both
//! ways out are planned; nothing is done.

use jiff::Timestamp;
use uuid::Uuid;

use super::Desk;
use super::event::Trouble;
use super::file::{DeviceFile, PlanFile};
use crate::registration::beside::contradicts;
use crate::registration::fleet::{Fqdn, RedirectUri};
use crate::registration::plan::Intent;
use crate::registration::portal_page::Holds;

/// Both ways out of a contradiction.
#[derive(Debug)]
pub struct Decision {
    /// The device.
    pub file: DeviceFile,
    /// Entra is right: the portal is given what Entra has.
    pub entra_is_right: Result<PlanFile, Trouble>,
    /// The portal is right: Entra follows it.
    pub portal_is_right: Result<PlanFile, Trouble>,
    /// What is left to be decided when Entra has followed.
    pub afterwards: Option<&'static str>,
}

impl Desk {
    /// Plans both ways out of what the portal holds and Entra does not, or the other way round.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device, or nothing to decide.
    pub fn decide(&self, fqdn: &Fqdn) -> Result<Decision, Trouble> {
        let file = self.device(fqdn)?;
        let lines = file.settings_beside();
        if !contradicts(&lines, &file.page) {
            return Err(Trouble::new(
                "there is nothing to decide",
                "the portal is not known to hold another client ID or redirect URI than Entra",
                "Nothing was done.",
            ));
        }
        let push = Intent::Push {
            secret_in_hand: None,
        };
        let pushed = self.plan(fqdn, push, None, Timestamp::now());
        let of = |holds: Holds| {
            let label = file.page.label(holds);
            let line = lines.iter().find(|line| line.label == label);
            line.filter(|line| line.differs)
                .and_then(|line| line.portal.clone())
                .filter(|portal| !portal.is_empty())
        };
        let (client_id, redirect_uri) = (of(Holds::ClientId), of(Holds::RedirectUri));
        let portal_is_right = match (&client_id, &redirect_uri) {
            (Some(client_id), _) => self.adopt_of_portal(&file, client_id),
            (None, Some(uri)) => self.follow(fqdn, uri),
            (None, None) => Err(Trouble::new("there is no plan", "nothing differs", "")),
        };
        let both = client_id.is_some() && redirect_uri.is_some();
        Ok(Decision {
            entra_is_right: pushed.map(|(plan, _)| plan),
            portal_is_right,
            afterwards: both.then_some(
                "The redirect URI differs too: when the registration is the portal's, decide that.",
            ),
            file,
        })
    }

    /// The registration becomes the one that the portal was given.
    fn adopt_of_portal(&self, file: &DeviceFile, client_id: &str) -> Result<PlanFile, Trouble> {
        let directory = self.inner.store.directory(file.device.tenant)?;
        let app_id = Uuid::try_parse(client_id).ok();
        let mut listed = directory.applications.iter();
        let Some(one) = listed.find(|one| Some(one.app_id) == app_id) else {
            return Err(Trouble::new(
                "Entra can't follow the portal",
                format!(
                    "the tenant {} has no application with the client ID {client_id}",
                    file.tenant.name
                ),
                "Let Entra be right, or look whether that application was deleted or is another tenant's.",
            ));
        };
        Err(Trouble::new(
            "Entra follows the portal only when you say so",
            format!(
                "the portal was given \"{}\", which is another application of the tenant",
                one.display_name
            ),
            format!(
                "Say that it is this device's registration: object_id = \"{}\" in the settings file.",
                one.object_id
            ),
        ))
    }

    /// The registration gets the redirect URI that the portal sends.
    fn follow(&self, fqdn: &Fqdn, uri: &str) -> Result<PlanFile, Trouble> {
        let redirect_uri = RedirectUri::parse(uri).map_err(|why| {
            Trouble::new(
                "Entra can't follow the portal",
                format!("its redirect URI {uri} can't be one: {why}"),
                "Let Entra be right.",
            )
        })?;
        let intent = Intent::Follow { redirect_uri };
        let planned = self.plan(fqdn, intent, None, Timestamp::now());
        planned.map(|(plan, _)| plan)
    }
}
