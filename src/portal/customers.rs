//! The customers behind a device: the documented list and details of the UMP REST API, and what a profile says beyond
//! that: who has consented, and the Microsoft 365 settings.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use super::error::PortalError;
use super::interface::{Portal, shown};
use super::profile::{Account, Customers, Invitations, LoginWay};
use crate::http::{Authorization, Request};
use crate::registration::observed::{CustomerConsent, CustomerFacts, Microsoft365};
use crate::text::clean;

impl Portal {
    /// Reads the customers; `None` = the profile describes no such call. With `details`, those of each customer too.
    ///
    /// # Errors
    /// As for [`Portal::send`]; or an answer is no list.
    pub async fn customers(
        &self,
        token: Option<&Authorization>,
        details: bool,
    ) -> Result<Option<Vec<CustomerFacts>>, PortalError> {
        let mut all = Vec::new();
        let mut described = false;
        if let Some(call) = self.profile.customers.as_ref().filter(|_| token.is_some()) {
            described = true;
            let request = Request::get(self.filled(&call.path, &[]));
            let way = LoginWay::ClientCredentials;
            let answer = self.send_as(&request, way, token).await?;
            let list = list(&answer.body)?;
            all = list.iter().map(|entry| customer(call, entry)).collect();
            if details {
                for one in &mut all {
                    self.read_details(call, one, token).await?;
                }
            }
        }
        if let Some(call) = &self.profile.invitations {
            described = true;
            let request = Request::get(self.filled(&call.path, &[]));
            let answer = self.send(&request, token).await?;
            merge(
                &mut all,
                list(&answer.body)?
                    .iter()
                    .map(|entry| invitation(call, entry)),
            );
        }
        if details && let Some(call) = &self.profile.customer_account {
            for one in &mut all {
                let guid = one.guid.clone().unwrap_or_default();
                let blanks = [("guid", guid.as_str()), ("short_name", &one.short_name)];
                let request = Request::get(self.filled(&call.path, &blanks));
                // One customer that the portal knows nothing of does not hide the others.
                if let Ok(answer) = self.send(&request, token).await {
                    one.account = Some(account(call, &answer.body));
                }
            }
        }
        Ok(described.then_some(all))
    }

    async fn read_details(
        &self,
        call: &Customers,
        one: &mut CustomerFacts,
        token: Option<&Authorization>,
    ) -> Result<(), PortalError> {
        let (Some(path), Some(sites), Some(guid)) = (&call.details, &call.sites, &one.guid) else {
            return Ok(());
        };
        let request = Request::get(self.filled(path, &[("guid", guid)]));
        let answer = match self
            .send_as(&request, LoginWay::ClientCredentials, token)
            .await
        {
            Ok(answer) => answer,
            // It was removed meanwhile, or its details are not to be had: the list stands without them.
            Err(PortalError::Refused { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let sites = answer.body.pointer(sites).and_then(Value::as_array);
        one.sites = sites.and_then(|sites| u32::try_from(sites.len()).ok());
        Ok(())
    }

    /// The device's Microsoft 365 settings; `None` = the profile describes no such call.
    ///
    /// # Errors
    /// As for [`Portal::send`].
    pub async fn account(
        &self,
        token: Option<&Authorization>,
    ) -> Result<Option<Microsoft365>, PortalError> {
        let Some(call) = &self.profile.account else {
            return Ok(None);
        };
        let request = Request::get(self.filled(&call.path, &[]));
        let answer = self.send(&request, token).await?;
        Ok(Some(account(call, &answer.body)))
    }
}

pub(super) fn list(body: &Value) -> Result<&Vec<Value>, PortalError> {
    body.as_array().ok_or_else(|| PortalError::Misunderstood {
        pointer: "list".to_string(),
    })
}

fn at<'a>(entry: &'a Value, pointer: &Option<String>) -> Option<&'a Value> {
    pointer.as_ref().and_then(|pointer| entry.pointer(pointer))
}

fn text(entry: &Value, pointer: &Option<String>) -> Option<String> {
    at(entry, pointer)
        .map(shown)
        .filter(|text| !text.is_empty())
}

fn count(entry: &Value, pointer: &Option<String>) -> Option<u32> {
    at(entry, pointer)
        .and_then(Value::as_u64)
        .and_then(|count| u32::try_from(count).ok())
}

fn names(entry: &Value, pointer: &Option<String>) -> Option<Vec<String>> {
    let list = at(entry, pointer)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(clean).collect())
}

fn customer(call: &Customers, entry: &Value) -> CustomerFacts {
    CustomerFacts {
        short_name: text(entry, &Some(call.short_name.clone())).unwrap_or_default(),
        full_name: text(entry, &call.full_name).unwrap_or_default(),
        tenant_id: text(entry, &call.tenant_id).and_then(|id| Uuid::try_parse(&id).ok()),
        guid: text(entry, &call.guid),
        licence: text(entry, &call.licence),
        licensed_users: count(entry, &call.licensed_users),
        active_users: count(entry, &call.active_users),
        ..CustomerFacts::unknown("the portal does not say")
    }
}

fn invitation(call: &Invitations, entry: &Value) -> CustomerFacts {
    CustomerFacts {
        short_name: text(entry, &Some(call.short_name.clone())).unwrap_or_default(),
        full_name: text(entry, &call.full_name).unwrap_or_default(),
        tenant_id: text(entry, &call.tenant_id).and_then(|id| Uuid::try_parse(&id).ok()),
        consent: match at(entry, &call.consented).and_then(Value::as_bool) {
            Some(true) => CustomerConsent::Granted,
            Some(false) => CustomerConsent::Pending,
            None => CustomerConsent::Unknown("the portal does not say".to_string()),
        },
        admin_roles: names(entry, &call.admin_roles),
        ..CustomerFacts::unknown("")
    }
}

/// Adds to the listed customers what the invitations tell of them; who is only invited joins them.
fn merge(all: &mut Vec<CustomerFacts>, invitations: impl Iterator<Item = CustomerFacts>) {
    let places: HashMap<String, usize> = all
        .iter()
        .enumerate()
        .map(|(at, one)| (one.short_name.clone(), at))
        .collect();
    for invited in invitations {
        match places.get(&invited.short_name) {
            Some(at) => {
                let one = &mut all[*at];
                one.consent = invited.consent;
                one.admin_roles = invited.admin_roles;
                one.tenant_id = one.tenant_id.or(invited.tenant_id);
                if one.full_name.is_empty() {
                    one.full_name = invited.full_name;
                }
            }
            None => all.push(invited),
        }
    }
}

fn account(call: &Account, body: &Value) -> Microsoft365 {
    Microsoft365 {
        connected_account: text(body, &call.connected_account),
        application_id: text(body, &call.application_id),
        secret_expiry: text(body, &call.secret_expiry),
        days_left: at(body, &call.days_left).and_then(Value::as_i64),
        roles: names(body, &call.roles),
        last_status: text(body, &call.last_status),
        last_status_at: text(body, &call.last_status_at),
    }
}
