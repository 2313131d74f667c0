//! Where the portal holds another client ID or redirect URI than Entra, nobody but the operator knows which is right. Both
//! ways out are planned; nothing is done.

use jiff::Timestamp;
use uuid::Uuid;

use super::Desk;
use super::event::Trouble;
use super::file::{DeviceFile, PlanFile};
use crate::entra::failure::GraphError;
use crate::registration::beside::{Beside, Departs, contradicts};
use crate::registration::fleet::{Fqdn, RedirectUri};
use crate::registration::observed::Candidate;
use crate::registration::plan::Intent;
use crate::registration::portal_page::Holds;

/// What the one choice does.
pub const ENTRA_IS_RIGHT: &str = "Entra is right: push its values to the portal";

/// What the other choice does.
pub const PORTAL_IS_RIGHT: &str = "The portal is right: change Entra";

/// What is said where the two do not contradict each other.
pub const NOTHING_TO_DECIDE: &str =
    "nothing to decide: nothing that is known of the portal contradicts Entra";

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

/// A push gives the portal the wanted redirect URI, never another one that Entra has in its place.
fn entra_is_wrong(line: &Beside, of_another: bool) -> Trouble {
    let why = match &line.entra {
        Some(entra) => format!("Entra's redirect URI, {entra}, is not the wanted one"),
        None => "Entra has no redirect URI for this device".to_string(),
    };
    let next = match line.departs {
        Departs::Entra if !of_another => {
            "The portal has the wanted one: choose that the portal is right, or repair the registration."
        }
        _ => "Repair the registration first, then decide.",
    };
    Trouble::new(
        "a wrong redirect URI can't be pushed to the portal",
        why,
        next,
    )
}

impl Desk {
    /// Reads a device anew and plans both ways out of what the portal holds and Entra does not, or the other way round;
    /// `None` when the two do not contradict each other.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device, or it can't be read.
    pub async fn decide(&self, fqdn: &Fqdn) -> Result<Option<Decision>, Trouble> {
        self.read_for(fqdn).await?;
        let file = self.device(fqdn)?;
        let lines = file.settings_beside();
        if !contradicts(&lines, &file.page) {
            return Ok(None);
        }
        let line = |holds: Holds| {
            let label = file.page.label(holds);
            let line = lines.iter().find(|line| line.label == label);
            line.filter(|line| line.differs())
        };
        let of = |holds: Holds| {
            let portal = line(holds)?.portal.clone();
            portal.filter(|portal| !portal.is_empty())
        };
        let (client_id, redirect_uri) = (of(Holds::ClientId), of(Holds::RedirectUri));
        let push = Intent::Push {
            secret_in_hand: None,
        };
        let entra_is_right = match line(Holds::RedirectUri) {
            Some(line) if line.departs.entra() => Err(entra_is_wrong(line, client_id.is_some())),
            _ => self.plan(fqdn, push, None, Timestamp::now()),
        };
        let portal_is_right = match (&client_id, &redirect_uri) {
            (Some(client_id), _) => self.adopt_of_portal(file.clone(), client_id).await,
            (None, Some(uri)) => self.follow(fqdn, uri),
            (None, None) => Err(Trouble::new(
                "there is no plan",
                "nothing differs",
                "Nothing has to be decided.",
            )),
        };
        let both = client_id.is_some() && redirect_uri.is_some();
        Ok(Some(Decision {
            entra_is_right: entra_is_right.map(|(plan, _)| plan),
            portal_is_right,
            afterwards: both.then_some(
                "The redirect URI differs too: decide that when the client ID is decided.",
            ),
            file,
        }))
    }

    /// The registration becomes the one that the portal was given: live, or restored from the tenant's bin.
    async fn adopt_of_portal(
        &self,
        mut file: DeviceFile,
        client_id: &str,
    ) -> Result<PlanFile, Trouble> {
        let impossible = |why: String| {
            Trouble::new(
                "Entra can't be changed to what the portal has",
                why,
                "Choose that Entra is right, or check whether the application belongs to another tenant.",
            )
        };
        let app_id = Uuid::try_parse(client_id).map_err(|_| {
            impossible(format!(
                "what the portal holds is not a client ID: {client_id}"
            ))
        })?;
        let object_id = self
            .look_up_client(&mut file, app_id)
            .await?
            .ok_or_else(|| {
                let tenant = &file.tenant.name;
                impossible(format!(
                    "the tenant {tenant} has no application with the client ID {client_id}, deleted ones included"
                ))
            })?;
        let adopt = Intent::Adopt { object_id };
        let planned = self.plan_on(file, adopt, None, Timestamp::now());
        planned.map(|(plan, _)| plan)
    }

    /// Finds the application with this client ID, and makes sure that it is among what was found for the device.
    async fn look_up_client(
        &self,
        file: &mut DeviceFile,
        app_id: Uuid,
    ) -> Result<Option<Uuid>, Trouble> {
        let known = file.facts.candidates.iter();
        let known = known.filter(|one| one.application.is_some());
        if let Some(known) = known.clone().find(|one| one.app_id == app_id) {
            return Ok(Some(known.object_id));
        }
        let graph = &self.inner.ways(file.device.tenant)?.graph;
        let unread = |error: GraphError| {
            let what = format!("the application with the client ID {app_id} could not be read");
            Trouble::of(what, &error)
        };
        let live = graph.application_by_client_id(app_id).await;
        let found = match live.map_err(unread)? {
            Some(application) => Some(Candidate::of(application, "client ID", None)),
            None => {
                let bin = graph.deleted_applications().await.map_err(unread)?;
                let mut bin = bin.into_iter();
                bin.find(|one| one.application.app_id == app_id)
                    .map(|one| Candidate::of(one.application, "client ID", Some(one.at)))
            }
        };
        let object_id = found.as_ref().map(|one| one.object_id);
        let known = &mut file.facts.candidates;
        known.retain(|one| Some(one.object_id) != object_id);
        known.extend(found);
        Ok(object_id)
    }

    /// The registration gets the redirect URI that the portal sends.
    fn follow(&self, fqdn: &Fqdn, uri: &str) -> Result<PlanFile, Trouble> {
        let redirect_uri = RedirectUri::parse(uri).map_err(|why| {
            Trouble::new(
                "Entra can't be changed to what the portal has",
                format!("the portal's redirect URI {uri} is not valid: {why}"),
                "Choose that Entra is right.",
            )
        })?;
        let intent = Intent::Follow { redirect_uri };
        let planned = self.plan(fqdn, intent, None, Timestamp::now());
        planned.map(|(plan, _)| plan)
    }
}
