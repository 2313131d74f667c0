//! Trying the profile of a device's portal: its reading calls are made, and what was understood of them is told. Nothing is
//! written, neither there nor here.

use super::event::Trouble;
use super::{Desk, ways};
use crate::portal::error::PortalError;
use crate::portal::trial::Tried;
use crate::registration::fleet::{Fqdn, PortalWay};

/// What the trial of a profile showed.
#[derive(Debug)]
pub struct PortalTrial {
    /// The name of the profile that the device has.
    pub profile: String,
    /// The profile's title on screen.
    pub title: String,
    /// Whether settings are read and written, or handed off.
    pub way: PortalWay,
    /// The portal's address.
    pub address: String,
    /// The reading calls that were made, in the order of the profile's parts.
    pub calls: Vec<TrialCall>,
    /// Why no token of Entra was to be had, where one was asked for.
    pub no_token: Option<String>,
}

/// A reading call, and what its answer was understood as.
#[derive(Debug)]
pub struct TrialCall {
    /// The part of the profile that describes it: `read`, `customers`, `invitations` or `account`.
    pub part: &'static str,
    /// Method and path.
    pub request: String,
    /// What was understood, or why nothing.
    pub outcome: Result<Understood, Trouble>,
}

pub use crate::portal::trial::{Place, Understood};

impl PortalTrial {
    /// Whether every call was understood.
    pub fn is_good(&self) -> bool {
        let understood = |call: &TrialCall| call.outcome.as_ref().is_ok_and(Understood::is_whole);
        self.calls.iter().all(understood)
    }
}

impl Desk {
    /// Tries the reading calls of a device's portal profile.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device or profile.
    pub async fn try_portal(&self, fqdn: &Fqdn) -> Result<PortalTrial, Trouble> {
        let device = self.device(fqdn)?.device;
        let ways = self.inner.ways(device.tenant)?;
        let profile = ways::profile(&self.inner.site.profiles, &device).ok_or_else(|| {
            Trouble::new(
                "there is no such portal profile",
                &*device.portal_profile,
                "Correct portal_profile of the device in the settings file.",
            )
        })?;
        let mut trial = PortalTrial {
            profile: profile.name.clone(),
            title: profile.title.clone(),
            way: profile.way,
            address: device.portal_url.clone(),
            calls: vec![],
            no_token: None,
        };
        let listed = self.inner.listed();
        let Some(portal) = listed.portals.get(fqdn) else {
            return Ok(trial);
        };
        let token = match self.inner.portal_token(&ways).await {
            Ok(token) => token,
            Err(failure) => {
                trial.no_token = Some(failure.why);
                None
            }
        };
        let calls = portal.try_out(token.as_ref()).await;
        trial.calls = calls.into_iter().map(told).collect();
        Ok(trial)
    }
}

fn told(tried: Tried) -> TrialCall {
    let trouble = |error: PortalError| {
        let what = format!("the {} can't be read", tried.part);
        Trouble::of(what, &error)
    };
    TrialCall {
        part: tried.part,
        request: tried.request,
        outcome: tried.outcome.map_err(trouble),
    }
}
