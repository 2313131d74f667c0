//! The portal's page for the settings, as data: its path, and its fields with their own labels in their own order. What
//! stands in each field follows from the device; so a handoff leads through the page as it is.

use serde::{Deserialize, Serialize};

use super::blueprint::Blueprint;
use super::fleet::Device;
use super::observed::RegistrationFacts;
use super::redirect::device_redirect_uri;
use super::values::{NO_REDIRECT_URI, SHOWN_ONCE, registration};

/// What a field of the page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// The application (client) ID.
    ClientId,
    /// The client secret's value.
    ClientSecret,
    /// The redirect URI.
    RedirectUri,
    /// The address at which customers begin: `https://<FQDN>/authenticate`.
    CustomerPortalUrl,
    /// Something that has nothing to do with the registration and stays as it is.
    Untouched,
}

/// A field of the page, as the portal labels it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageField {
    /// Which value belongs there.
    pub holds: Holds,
    /// The portal's label.
    pub label: String,
    /// A button of its own that has to be pressed after this field.
    pub press: Option<String>,
}

/// The portal's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalPage {
    /// Its path in the menus.
    pub path: String,
    /// Where it stands in other versions of the portal.
    pub or_path: Option<String>,
    /// The fields, in the page's own order.
    pub fields: Vec<PageField>,
    /// The button that applies the fields, where it is known.
    pub apply: Option<String>,
}

impl PortalPage {
    /// The label of the field that holds this; a plain word where the page has none.
    pub fn label(&self, holds: Holds) -> &str {
        let field = self.fields.iter().find(|field| field.holds == holds);
        match (field, holds) {
            (Some(field), _) => &field.label,
            (None, Holds::ClientId) => "Client ID",
            (None, Holds::ClientSecret) => "Client secret",
            (None, Holds::RedirectUri) => "Redirect URI",
            (None, Holds::CustomerPortalUrl) => "Customer authentication portal URL",
            (None, Holds::Untouched) => "",
        }
    }
}

/// A field that an operator is led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// A name for what it holds that stays the same from one handoff to the next.
    pub key: String,
    /// What it holds.
    pub holds: Holds,
    /// The customer whose own redirect URI it holds.
    pub customer: Option<String>,
    /// The label on screen.
    pub label: String,
    /// What is to stand there; why not, where there is nothing yet. A secret's value is never here: who holds it adds it.
    pub value: Result<String, &'static str>,
    /// A button of its own that has to be pressed after this field.
    pub press: Option<String>,
}

/// What is said of a field in which nothing is typed.
const LEFT_AS_IT_IS: &str = "leave it as it is";

impl FormField {
    /// What stands in the portal stays there.
    pub fn leave(&mut self) {
        self.holds = Holds::Untouched;
        self.value = Err(LEFT_AS_IT_IS);
    }
}

/// The Customer Authentication Portal's address of a device: invitation links begin with it.
pub fn customer_portal_url(device: &Device) -> String {
    format!("https://{}/authenticate", device.fqdn)
}

/// The page as a form for one device: its fields in its order, then the redirect URIs of those customers that have one of
/// their own.
pub fn form(
    page: &PortalPage,
    blueprint: &Blueprint,
    device: &Device,
    facts: &RegistrationFacts,
) -> Vec<FormField> {
    let value = |holds: Holds| match holds {
        Holds::ClientId => registration(facts).map(|app| app.app_id.to_string()),
        Holds::ClientSecret => Err(SHOWN_ONCE),
        Holds::RedirectUri => device_redirect_uri(blueprint, device)
            .map(|uri| uri.to_string())
            .map_err(|_| NO_REDIRECT_URI),
        Holds::CustomerPortalUrl => Ok(customer_portal_url(device)),
        Holds::Untouched => Err(LEFT_AS_IT_IS),
    };
    let key = |holds: Holds| match holds {
        Holds::ClientId => "client-id",
        Holds::ClientSecret => "client-secret",
        Holds::RedirectUri => "redirect-uri",
        Holds::CustomerPortalUrl => "customer-portal-url",
        Holds::Untouched => "untouched",
    };
    let of_page = page.fields.iter().map(|field| FormField {
        key: key(field.holds).to_string(),
        holds: field.holds,
        customer: None,
        label: field.label.clone(),
        value: value(field.holds),
        press: field.press.clone(),
    });
    let redirect = page.label(Holds::RedirectUri);
    let of_customers = device.customers.iter().filter_map(|customer| {
        let uri = customer.redirect_uri.as_ref()?;
        Some(FormField {
            key: format!("redirect-uri {}", customer.short_name),
            holds: Holds::RedirectUri,
            customer: Some(customer.short_name.clone()),
            label: format!("{redirect} of {}", customer.short_name),
            value: Ok(uri.to_string()),
            press: None,
        })
    });
    of_page.chain(of_customers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::*;

    fn settings_page() -> PortalPage {
        page(&[
            (Holds::RedirectUri, "Redirect URI"),
            (Holds::ClientId, "Client Id"),
            (Holds::Untouched, "UMP service user"),
            (Holds::CustomerPortalUrl, "Portal URL"),
        ])
    }

    fn labels_and_values(world: &World) -> Vec<(String, Result<String, &'static str>)> {
        form(
            &settings_page(),
            &world.blueprint,
            &world.device,
            &world.facts,
        )
        .into_iter()
        .map(|field| (field.label, field.value))
        .collect()
    }

    #[test]
    fn the_form_has_the_pages_labels_in_the_pages_order() {
        let all = labels_and_values(&World::right());
        let labels: Vec<&str> = all.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "Redirect URI",
                "Client Id",
                "UMP service user",
                "Portal URL"
            ]
        );
        assert_eq!(all[0].1.as_deref(), Ok(URI));
        assert_eq!(all[2].1, Err("leave it as it is"));
        assert_eq!(
            all[3].1.as_deref(),
            Ok("https://livecloud.finebak.com/authenticate")
        );
    }

    #[test]
    fn a_customers_own_redirect_uri_is_a_field_after_the_pages_own() {
        let mut world = World::right();
        world.device.customers.push(customer("globex"));
        world.device.customers[1].redirect_uri = Some(uri("https://globex.example.com/a"));
        let all = labels_and_values(&world);
        assert_eq!(all.len(), 5);
        assert_eq!(all[4].0, "Redirect URI of globex");
        assert_eq!(all[4].1.as_deref(), Ok("https://globex.example.com/a"));
    }

    #[test]
    fn without_a_registration_the_client_id_says_why_it_is_empty() {
        let all = labels_and_values(&World::unregistered());
        assert_eq!(all[1].1, Err("no registration yet"));
        assert!(all[0].1.is_ok());
    }
}
