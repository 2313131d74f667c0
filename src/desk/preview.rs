//! A plan's steps as the requests that will be made: by the same functions that the run calls. What a run sends beside
//! them are tries again, and looks at what became of one whose answer was lost.

use crate::entra::lookups::service_principal;
use crate::entra::request::{Known, requests};
use crate::http::Request;
use crate::portal::interface::Settings;
use crate::registration::fleet::Device;
use crate::registration::plan::{Action, Plan};

use super::Inner;
use super::file::RequestPreview;

impl Inner {
    /// The requests of each step, in order.
    pub(super) fn preview(&self, plan: &Plan, device: &Device) -> Vec<Vec<RequestPreview>> {
        let graph = self.ways(plan.tenant).map_or_else(
            |_| String::new(),
            |ways| ways.site.graph.as_str().to_string(),
        );
        let known = Known {
            tenant: plan.tenant,
            object_id: plan.target.object_id,
            app_id: plan.target.app_id,
            principal_id: plan.target.principal_id,
            run: None,
            graph,
        };
        let makes_principal = plan
            .steps
            .iter()
            .any(|step| step.action == Action::EnsureServicePrincipal);
        let of_step = |action: &Action| {
            let rendered = match self.portal_requests(action, device, &known) {
                requests if !requests.is_empty() => requests,
                _ => requests(action, &known),
            };
            // A service principal that the run made is waited for as well.
            let principal = (*action == Action::ReadBackRegistration && makes_principal)
                .then(|| service_principal(&known.app_id()));
            rendered.iter().chain(&principal).map(preview).collect()
        };
        plan.steps
            .iter()
            .map(|step| of_step(&step.action))
            .collect()
    }

    fn portal_requests(&self, action: &Action, device: &Device, known: &Known) -> Vec<Request> {
        let listed = self.listed();
        let Some(portal) = listed.portals.get(&device.fqdn) else {
            return vec![];
        };
        let base = portal.client.base().path_prefix();
        let request = match action {
            Action::ReadBackPortal { .. } => portal.read_request().ok(),
            Action::WritePortal {
                redirect_uri,
                with_secret,
            } => {
                let settings = Settings {
                    client_id: known
                        .app_id
                        .map_or_else(|| "{client ID}".to_string(), |id| id.to_string()),
                    client_secret: with_secret.then(|| "".into()),
                    redirect_uri: redirect_uri.clone(),
                };
                portal.write_request(&settings).ok()
            }
            _ => None,
        };
        request
            .into_iter()
            .map(|request| Request {
                path: format!("{base}{}", request.path),
                ..request
            })
            .collect()
    }
}

fn preview(request: &Request) -> RequestPreview {
    RequestPreview {
        method: request.method.to_string(),
        path: readable(&request.path),
        header: request
            .prefer
            .as_ref()
            .map(|prefer| format!("Prefer: {prefer}")),
        body: request.body.as_ref().map(|body| body.shown()),
        may_repeat: request.may_repeat(),
    }
}

/// A path as people read it: spaces and slashes of literals decoded.
fn readable(path: &str) -> String {
    path.replace("%20", " ")
        .replace("%3A", ":")
        .replace("%2F", "/")
        .replace("%27", "'")
}
