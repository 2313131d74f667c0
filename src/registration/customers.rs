//! The customers behind a device, line by line: what was read of them beside what the inventory states, their consenting
//! admin's roles against the blueprint, and what an operator copies for them.

use super::blueprint::Blueprint;
use super::fleet::{Customer, Device, RedirectUri, Tenant};
use super::invitation::{Blank, Template};
use super::observed::{CustomerConsent, CustomerFacts, RegistrationFacts};
use super::permissions::PermissionLine;
use super::portal_page::customer_portal_url;
use super::redirect::device_redirect_uri;
use super::status::Urgency;
use super::values::{CloudHosts, NO_REDIRECT_URI, consent_url, registration};

/// A customer of a device: what was read of it, and what follows for who has to do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerLine {
    /// What is known of it.
    pub facts: CustomerFacts,
    /// The redirect URI of its own that the inventory states.
    pub redirect_uri: Option<RedirectUri>,
    /// How its consenting admin's roles stand.
    pub roles: Roles,
    /// Where its admin consents; why there is no such place yet.
    pub consent_url: Result<String, &'static str>,
    /// Only the inventory lists it: the portal's list was read and has no such customer.
    pub not_in_portal: bool,
}

/// How the consenting admin's roles stand against the blueprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roles {
    /// The consent is given: nobody needs them any more.
    NotNeeded,
    /// They are enough.
    Enough,
    /// None of the blueprint's lists is complete.
    Lacking,
    /// Not known.
    Unknown,
}

/// All customers of a device: as read from the portal, and those that only the inventory lists; the worst first.
pub fn lines(
    blueprint: &Blueprint,
    device: &Device,
    facts: &RegistrationFacts,
    hosts: &CloudHosts,
) -> Vec<CustomerLine> {
    let read = facts.customers();
    let listed = |short_name: &str| {
        let mut all = device.customers.iter();
        all.find(|one| one.short_name == short_name)
    };
    let of_read = read.iter().map(|one| {
        let own = listed(&one.short_name);
        let tenant_id = one.tenant_id.or(own.and_then(|own| own.tenant_id));
        let facts = CustomerFacts {
            tenant_id,
            ..one.clone()
        };
        (facts, own, false)
    });
    let unread = device
        .customers
        .iter()
        .filter(|own| !read.iter().any(|one| one.short_name == own.short_name));
    let of_inventory = unread.map(|own: &Customer| {
        let facts = CustomerFacts {
            short_name: own.short_name.clone(),
            full_name: own.full_name.clone(),
            tenant_id: own.tenant_id,
            ..CustomerFacts::unknown("its tenant is not read")
        };
        (facts, Some(own), !read.is_empty())
    });
    let mut lines: Vec<CustomerLine> = of_read
        .chain(of_inventory)
        .map(|(one, own, not_in_portal)| {
            let redirect_uri = own.and_then(|own| own.redirect_uri.clone());
            let wanted = match &redirect_uri {
                Some(uri) => Some(uri.clone()),
                None => device_redirect_uri(blueprint, device).ok(),
            };
            let consent_url = match (registration(facts), wanted) {
                (Err(why), _) => Err(why),
                (_, None) => Err(NO_REDIRECT_URI),
                (Ok(app), Some(uri)) => {
                    let tenant = one.tenant_id.map(|id| id.to_string());
                    let tenant = tenant.as_deref().unwrap_or("organizations");
                    Ok(consent_url(hosts, tenant, app, uri.as_str()))
                }
            };
            CustomerLine {
                roles: roles(blueprint, &one),
                facts: one,
                redirect_uri,
                consent_url,
                not_in_portal,
            }
        })
        .collect();
    // The worst first; among equals the portal's order stays.
    lines.sort_by_key(|line| match line.urgency() {
        Urgency::Broken | Urgency::NeedsWork => 0,
        Urgency::Waiting => 1,
        Urgency::Unknown => 2,
        Urgency::Good => 3,
    });
    lines
}

impl CustomerLine {
    /// How much it asks for somebody.
    pub fn urgency(&self) -> Urgency {
        let lacks = self.facts.missing_permissions.as_ref();
        match &self.facts.consent {
            CustomerConsent::Granted if lacks.is_some_and(|all| !all.is_empty()) => {
                Urgency::NeedsWork
            }
            CustomerConsent::Granted => Urgency::Good,
            CustomerConsent::Pending => Urgency::Waiting,
            CustomerConsent::Unknown(_) => Urgency::Unknown,
        }
    }
}

fn roles(blueprint: &Blueprint, one: &CustomerFacts) -> Roles {
    if one.consent == CustomerConsent::Granted {
        return Roles::NotNeeded;
    }
    match &one.admin_roles {
        _ if blueprint.admin_roles.is_empty() => Roles::NotNeeded,
        None => Roles::Unknown,
        Some(has) if blueprint.roles_suffice(has) => Roles::Enough,
        Some(_) => Roles::Lacking,
    }
}

fn wanted_roles(blueprint: &Blueprint) -> String {
    let words = blueprint.roles_words();
    words.unwrap_or_else(|| "no particular role".to_string())
}

/// The invitation's text for one customer.
///
/// # Errors
/// What the text has a place for and nobody knows yet, in words.
pub fn invitation(
    template: &Template,
    line: &CustomerLine,
    tenant: &Tenant,
    device: &Device,
    (blueprint, facts): (&Blueprint, &RegistrationFacts),
    permissions: &[PermissionLine],
) -> Result<String, String> {
    let application = facts.application();
    let application = application.ok_or("the device has no registration, or it was not read yet");
    let one = &line.facts;
    template.fill(|blank| {
        Ok(match blank {
            Blank::Customer if one.full_name.is_empty() => one.short_name.clone(),
            Blank::Customer => one.full_name.clone(),
            Blank::ShortName => one.short_name.clone(),
            Blank::TenantId => match one.tenant_id {
                Some(id) => format!("your tenant {id}"),
                None => "your tenant".to_string(),
            },
            Blank::Provider => tenant.name.clone(),
            Blank::Device => device.fqdn.to_string(),
            Blank::PortalUrl => customer_portal_url(device),
            Blank::ConsentUrl => line.consent_url.clone().map_err(str::to_string)?,
            Blank::ClientId => application?.app_id.to_string(),
            Blank::Application => application?.display_name.clone(),
            Blank::Permissions => {
                let wanted = permissions.iter().filter(|line| line.wanted);
                let names: Vec<String> = wanted
                    .map(|line| format!("- {}", line.full_name()))
                    .collect();
                names.join("\n")
            }
            Blank::Roles => wanted_roles(blueprint),
        })
    })
}

/// What is known of a customer, in sentences.
pub fn words(line: &CustomerLine, blueprint: &Blueprint) -> Vec<String> {
    let one = &line.facts;
    let mut all = Vec::new();
    let mut about: Vec<String> = Vec::new();
    if !one.full_name.is_empty() {
        about.push(one.full_name.clone());
    }
    about.extend(one.tenant_id.map(|id| format!("tenant {id}")));
    if let Some(licensed) = one.licensed_users {
        let active = one.active_users.map(|active| format!(", {active} active"));
        about.push(format!(
            "{licensed} users licensed{}",
            active.unwrap_or_default()
        ));
    }
    about.extend(one.sites.map(|sites| match sites {
        1 => "1 site".to_string(),
        many => format!("{many} sites"),
    }));
    if !about.is_empty() {
        all.push(format!("{}.", about.join(", ")));
    }
    if line.not_in_portal {
        all.push("The inventory lists this customer, but the portal does not.".to_string());
    }
    all.push(match &one.consent {
        CustomerConsent::Granted => "Its admin has consented.".to_string(),
        CustomerConsent::Pending => "Its admin has not consented yet.".to_string(),
        CustomerConsent::Unknown(why) => {
            format!("Whether its admin has consented is not known: {why}.")
        }
    });
    match &one.missing_permissions {
        Some(missing) if !missing.is_empty() => {
            all.push(format!(
                "Not consented to in its tenant: {}.",
                missing.join(", ")
            ));
        }
        _ => {}
    }
    let has = match &one.admin_roles {
        Some(roles) if roles.is_empty() => "has no role".to_string(),
        Some(roles) => format!("has {}", roles.join(", ")),
        None => "has roles that are not known".to_string(),
    };
    all.push(match line.roles {
        Roles::NotNeeded => format!("Its consenting admin {has}; no role is needed any more."),
        Roles::Enough => format!("Its consenting admin {has}, which is enough."),
        Roles::Lacking | Roles::Unknown => {
            let wanted = wanted_roles(blueprint);
            format!("Its consenting admin {has}; wanted: {wanted}.")
        }
    });
    if let Some(uri) = &line.redirect_uri {
        all.push(format!("A redirect URI of its own: {uri}"));
    }
    if let Some(account) = &one.account {
        let connected = account
            .connected_account
            .as_ref()
            .or(account.application_id.as_ref());
        if let Some(connected) = connected {
            all.push(format!("In the portal it is connected as {connected}."));
        }
        if let Some(status) = &account.last_status {
            let at = account.last_status_at.as_ref();
            let at = at.map_or_else(String::new, |at| format!(" ({at})"));
            all.push(format!("Its last authentication: {status}{at}"));
        }
    }
    all
}

/// The consent in a word.
pub fn consent_word(consent: &CustomerConsent) -> &'static str {
    match consent {
        CustomerConsent::Granted => "granted",
        CustomerConsent::Pending => "pending",
        CustomerConsent::Unknown(_) => "unknown",
    }
}

/// The heads of [`table`].
pub const COLUMNS: [&str; 12] = [
    "short_name",
    "full_name",
    "tenant_id",
    "licence",
    "licensed_users",
    "active_users",
    "consent",
    "missing_permissions",
    "admin_roles",
    "roles",
    "redirect_uri",
    "consent_url",
];

/// The customers as a table with tabs between its cells: for a spreadsheet, or a mail-merge. `clean` takes the teeth out of
/// untrusted text.
pub fn table(lines: &[CustomerLine], clean: impl Fn(&str) -> String) -> String {
    let mut text = COLUMNS.join("\t");
    text.push('\n');
    for line in lines {
        text.push_str(&cells(line).map(|cell| one_cell(&clean(&cell))).join("\t"));
        text.push('\n');
    }
    text
}

fn cells(line: &CustomerLine) -> [String; 12] {
    let one = &line.facts;
    let count = |count: Option<u32>| count.map(|count| count.to_string()).unwrap_or_default();
    let names = |names: &Option<Vec<String>>| names.clone().unwrap_or_default().join(", ");
    [
        one.short_name.clone(),
        one.full_name.clone(),
        one.tenant_id.map(|id| id.to_string()).unwrap_or_default(),
        one.licence.clone().unwrap_or_default(),
        count(one.licensed_users),
        count(one.active_users),
        consent_word(&one.consent).to_string(),
        names(&one.missing_permissions),
        names(&one.admin_roles),
        roles_word(&line.roles).to_string(),
        line.redirect_uri
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        line.consent_url.clone().unwrap_or_default(),
    ]
}

/// How the roles stand, in a word.
pub fn roles_word(roles: &Roles) -> &'static str {
    match roles {
        Roles::NotNeeded => "not needed",
        Roles::Enough => "enough",
        Roles::Lacking => "lacking",
        Roles::Unknown => "unknown",
    }
}

/// A cell holds no tab and no line break, and a spreadsheet takes nothing of it for a formula.
fn one_cell(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .collect();
    match plain.chars().next() {
        Some('=' | '+' | '-' | '@') => format!("'{plain}"),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::*;
    use uuid::Uuid;

    fn of(world: &World) -> Vec<CustomerLine> {
        lines(
            &world.blueprint,
            &world.device,
            &world.facts,
            &global_cloud(),
        )
    }

    #[test]
    fn the_worst_comes_first_and_who_only_the_inventory_lists_is_marked() {
        let mut world = World::right();
        world.device.customers = vec![customer("globex"), customer("acme")];
        world.device.customers[1].tenant_id = Some(Uuid::from_u128(9));
        let lines = of(&world);
        let names: Vec<_> = lines
            .iter()
            .map(|one| (one.facts.short_name.as_str(), one.not_in_portal))
            .collect();
        // Of the one that the inventory alone lists nothing is known, the other one has consented.
        assert_eq!(names, [("globex", true), ("acme", false)]);
        assert_eq!(lines[1].facts.tenant_id, Some(Uuid::from_u128(9)));
        world.facts.customers.value = None;
        assert!(of(&world).iter().all(|one| !one.not_in_portal));
    }

    #[test]
    fn the_consent_url_is_of_the_customers_tenant_and_redirect_uri_where_they_are_known() {
        let mut world = World::right();
        let plain = of(&world)[0].consent_url.clone().unwrap();
        assert!(plain.starts_with(&format!(
            "{}/organizations/v2.0/adminconsent?",
            global_cloud().login
        )));
        world.device.customers[0].tenant_id = Some(Uuid::from_u128(9));
        world.device.customers[0].redirect_uri = Some(uri("https://acme.example.com/a"));
        let own = of(&world)[0].consent_url.clone().unwrap();
        assert!(own.starts_with(&format!(
            "{}/{}/v2.0/",
            global_cloud().login,
            Uuid::from_u128(9)
        )));
        assert!(
            own.ends_with("redirect_uri=https%3A%2F%2Facme.example.com%2Fa"),
            "{own}"
        );
    }

    #[test]
    fn what_a_customer_asks_for_is_told_by_its_consent_and_by_what_is_missing_of_it() {
        let unknown = || CustomerConsent::Unknown("refused".into());
        let missing = || Some(vec!["User.Read.All".to_string()]);
        for (consent, missing, urgency) in [
            (CustomerConsent::Granted, None, Urgency::Good),
            (CustomerConsent::Granted, Some(vec![]), Urgency::Good),
            (CustomerConsent::Granted, missing(), Urgency::NeedsWork),
            (CustomerConsent::Pending, missing(), Urgency::Waiting),
            (unknown(), None, Urgency::Unknown),
        ] {
            let mut world = World::right();
            let one = &mut world.customers()[0];
            (one.consent, one.missing_permissions) = (consent, missing);
            let line = &of(&world)[0];
            assert_eq!(line.urgency(), urgency, "{:?}", line.facts);
        }
    }

    #[test]
    fn roles_are_held_against_the_blueprint_until_the_consent_is_given() {
        let with = |consent, roles: Option<&[&str]>| {
            let mut world = World::right();
            let one = &mut world.customers()[0];
            one.consent = consent;
            one.admin_roles = roles.map(|all| all.iter().map(ToString::to_string).collect());
            of(&world)[0].roles.clone()
        };
        let pending = || CustomerConsent::Pending;
        assert_eq!(with(CustomerConsent::Granted, None), Roles::NotNeeded);
        assert_eq!(with(pending(), None), Roles::Unknown);
        assert_eq!(
            with(pending(), Some(&["User Administrator"])),
            Roles::Lacking
        );
        assert_eq!(with(pending(), Some(&[ROLE])), Roles::Enough);
    }

    #[test]
    fn the_table_has_one_line_a_customer_whatever_its_name_holds() {
        let mut world = World::right();
        world.customers()[0].full_name = "=HYPERLINK(\"x\")\tA\nB\u{202e}".into();
        let text = table(&of(&world), |text| text.replace('\u{202e}', ""));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines
                .iter()
                .all(|line| line.split('\t').count() == COLUMNS.len())
        );
        assert!(lines[1].contains("\t'=HYPERLINK"), "{text}");
    }

    fn provider() -> Tenant {
        Tenant {
            id: TENANT,
            name: "Finebak".into(),
            primary_domain: "finebak.com".into(),
            mpn_id: None,
        }
    }

    #[test]
    fn there_is_no_invitation_to_a_registration_that_is_not_there() {
        let mut world = World::right();
        let line = of(&world)[0].clone();
        world.facts.application.value = Some(None);
        let tenant = provider();
        let both = (&world.blueprint, &world.facts);
        let template = Template::built_in();
        let text = invitation(&template, &line, &tenant, &world.device, both, &[]);
        assert!(text.unwrap_err().contains("no registration"));
    }

    #[test]
    fn the_invitation_names_customer_permissions_roles_and_the_place_to_consent() {
        let world = World::right();
        let line = &of(&world)[0];
        let permissions =
            crate::registration::permissions::permission_lines(&world.blueprint, world.observed());
        let tenant = provider();
        let both = (&world.blueprint, &world.facts);
        let template = Template::built_in();
        let text = invitation(&template, line, &tenant, &world.device, both, &permissions);
        let text = text.unwrap();
        for part in [
            "administrator of acme",
            "Finebak connects",
            "- User.Read.All (Microsoft Graph",
            "Teams Administrator, or Teams Telephony Administrator and Skype for Business Administrator",
            "https://livecloud.finebak.com/authenticate",
            line.consent_url.as_deref().unwrap(),
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
