//! What an operator chooses for a device when a run begins, beyond the registration itself: its blueprint, redirect URI
//! and MPN ID hold from then on, until the inventory says something else.

use super::Inner;
use super::event::Trouble;
use crate::registration::fleet::{Device, RedirectUri};
use crate::registration::plan::{CreateForm, Intent, Plan};

impl Inner {
    /// Keeps what the plan of a run that begins has chosen for its device.
    pub(super) fn remember_choice(&self, plan: &Plan) -> Result<(), Trouble> {
        let Some(mut device) = self.device(&plan.device)? else {
            return Ok(());
        };
        match plan.intent.purpose() {
            Intent::Create(form) => {
                device.blueprint = plan.blueprint.as_str().into();
                self.take_over(&mut device, form);
            }
            Intent::Follow { redirect_uri } => self.choose_uri(&mut device, redirect_uri),
            _ => return Ok(()),
        }
        Ok(self.store.keep_choice(&device)?)
    }

    /// The device as a form wants it.
    pub(super) fn take_over(&self, device: &mut Device, form: &CreateForm) {
        self.choose_uri(device, &form.redirect_uri);
        device.mpn_id.clone_from(&form.mpn_id);
    }

    /// One that is the blueprint's own needs no word: it goes on with the blueprint.
    fn choose_uri(&self, device: &mut Device, redirect_uri: &RedirectUri) {
        let derived = self.blueprint(device).redirect_uri(&device.fqdn).ok();
        device.redirect_uri =
            (derived.as_ref() != Some(redirect_uri)).then(|| redirect_uri.clone());
    }
}
