//! The command of the site that takes secrets where a person would otherwise fill in the portal's page.

use super::event::Trouble;
use super::file::{DeviceFile, PlanFile};
use super::{Desk, Inner};
use crate::registration::fleet::{Fqdn, PortalWay};
use crate::registration::plan::{Action, MINTED_IN_HANDOFF, Plan};

impl Desk {
    /// Hands secrets over to this command, program first, from here on; only the first command that is named counts.
    pub fn hand_over_to(&self, words: Vec<String>) {
        // A second one would make plans that were shown untrue.
        let _ = self.inner.secret_command.set(words);
    }

    /// Whether a command takes secrets, so that a handoff needs no person.
    pub fn has_secret_command(&self) -> bool {
        self.inner.secret_command.get().is_some()
    }

    /// Whether a device goes on to its portal without a person, once this plan has registered it.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device or the store can't be read.
    pub fn would_push_after(&self, plan: &PlanFile) -> Result<bool, Trouble> {
        let mut steps = plan.plan.steps.iter();
        let adds = steps.any(|step| matches!(step.action, Action::AddSecret { .. }));
        let file = self.device(&plan.plan.device)?;
        Ok(self.goes_on_to_portal(&file, adds || file.secret.is_some()))
    }

    /// Whether a device that was just registered goes on to its portal without a person.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device or the store can't be read.
    pub fn pushes_after_create(&self, fqdn: &Fqdn) -> Result<bool, Trouble> {
        let file = self.device(fqdn)?;
        Ok(self.goes_on_to_portal(&file, file.secret.is_some()))
    }

    /// The new secret is in hand and the portal has an interface, or a command takes the secret that the push adds.
    fn goes_on_to_portal(&self, file: &DeviceFile, secret_in_hand: bool) -> bool {
        match file.device.portal_way {
            PortalWay::Http => secret_in_hand,
            PortalWay::Handoff => self.has_secret_command(),
        }
    }
}

impl Inner {
    /// A plan with a handoff says who takes the values.
    pub(super) fn note_secret_command(&self, plan: &mut Plan) {
        let Some(program) = self.secret_command_name() else {
            return;
        };
        plan.notes.retain(|note| note != MINTED_IN_HANDOFF);
        let hands_off = |action: &Action| matches!(action, Action::HandOff { .. });
        if plan.steps.iter().any(|step| hands_off(&step.action)) {
            plan.notes.push(format!(
                "{program} takes the secret on its standard input in place of a person; that the portal holds the secret is then stated, not read"
            ));
        }
    }

    /// The command's program, for messages; its arguments may hold what is nobody's business.
    fn secret_command_name(&self) -> Option<&str> {
        let words = self.secret_command.get()?;
        words.first().map(String::as_str)
    }
}
