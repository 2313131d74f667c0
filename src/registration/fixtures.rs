//! A device, its registration and all that is read of them, in order: tests change what they are about.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::blueprint::Blueprint;
use super::checklist::{CheckId, Checklist, checklist};
use super::fleet::{Customer, Device, Fqdn, PortalWay, RedirectUri};
use super::observed::*;
use super::plan::{CreateForm, Intent, NoPlan, Plan, plan};
use super::portal_page::{Holds, PageField, PortalPage};
use super::status::{Verdict, verdict};
use super::values::CloudHosts;

pub(crate) const TENANT: Uuid = Uuid::from_u128(0x7e);
pub(crate) const OBJECT_ID: Uuid = Uuid::from_u128(0x0b);
pub(crate) const APP_ID: Uuid = Uuid::from_u128(0xa9);
pub(crate) const KEY_ID: Uuid = Uuid::from_u128(0x6e1);
pub(crate) const URI: &str = "https://livecloud.finebak.com/authenticate/OAuth2Callback";
pub(crate) const ROLE: &str = "Teams Administrator";

/// The moment at which tests judge.
pub(crate) fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// So many days from `now()`; negative ones are past.
pub(crate) fn in_days(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days)
}

pub(crate) fn blueprint() -> Blueprint {
    Blueprint::built_in().remove(0)
}

pub(crate) fn uri(text: &str) -> RedirectUri {
    RedirectUri::parse(text).unwrap()
}

/// A portal's page with these fields.
pub(crate) fn page(fields: &[(Holds, &str)]) -> PortalPage {
    let field = |(holds, label): &(Holds, &str)| PageField {
        holds: *holds,
        label: (*label).to_string(),
        press: None,
    };
    PortalPage {
        path: "Security › Auth Tokens".into(),
        or_path: None,
        fields: fields.iter().map(field).collect(),
        apply: None,
    }
}

/// A device whose portal is read and written through an http profile, with one customer.
pub(crate) fn device() -> Device {
    let fqdn = Fqdn::parse("livecloud.finebak.com").unwrap();
    Device {
        portal_url: format!("https://{fqdn}/tenantui"),
        fqdn,
        tenant: TENANT,
        blueprint: "consent-2025".into(),
        portal_profile: "sandbox".into(),
        portal_way: PortalWay::Http,
        redirect_uri: None,
        linked_object_id: None,
        mpn_id: Some("6123456".into()),
        notes: String::new(),
        customers: vec![customer("acme")],
    }
}

pub(crate) fn customer(short_name: &str) -> Customer {
    Customer {
        short_name: short_name.into(),
        full_name: String::new(),
        tenant_id: None,
        redirect_uri: None,
    }
}

/// The tenant's facts: an administrator with multi-factor authentication, no policy, the blueprint's resources.
pub(crate) fn tenant() -> TenantFacts {
    let mut resources: Vec<ResourcePrincipal> = Vec::new();
    for wanted in blueprint().permissions {
        let named = NamedPermission {
            id: wanted.id,
            value: wanted.value,
        };
        match resources
            .iter_mut()
            .find(|one| one.app_id == wanted.resource_app_id)
        {
            Some(resource) => resource.scopes.push(named),
            None => resources.push(ResourcePrincipal {
                app_id: wanted.resource_app_id,
                object_id: Uuid::from_u128(0x900 + resources.len() as u128),
                display_name: wanted.resource,
                scopes: vec![named],
                roles: vec![],
            }),
        }
    }
    TenantFacts {
        identity: Reading::of(
            Identity {
                name: "ana@finebak.com".into(),
                delegated: true,
                permissions: vec!["Application.ReadWrite.All".into()],
                directory_roles: vec![Uuid::from_u128(0x9b895d92_2cd3_44c7_9d02_a6ac2d5ea5c3)],
                mfa: true,
            },
            now(),
        ),
        policy: Reading::of(SecretPolicy::default(), now()),
        resources: Reading::of(resources, now()),
        national_cloud: false,
    }
}

pub(crate) fn global_cloud() -> CloudHosts {
    CloudHosts {
        login: "https://login.microsoftonline.com".into(),
        graph: "https://graph.microsoft.com".into(),
    }
}

pub(crate) fn secret(key_id: Uuid, start: Timestamp, end: Timestamp) -> PasswordCredential {
    PasswordCredential {
        key_id,
        display_name: format!("secret {:x}", key_id.as_u128()),
        start: Some(start),
        end: Some(end),
        hint: Some("abc".into()),
    }
}

pub(crate) fn application() -> Application {
    let permissions = blueprint().permissions;
    Application {
        object_id: OBJECT_ID,
        app_id: APP_ID,
        display_name: "UMP Sync livecloud".into(),
        unique_name: Some(device().unique_name()),
        sign_in_audience: "AzureADMultipleOrgs".into(),
        web_redirect_uris: vec![URI.into()],
        spa_redirect_uris: vec![],
        public_client_redirect_uris: vec![],
        enable_access_token_issuance: true,
        enable_id_token_issuance: true,
        is_fallback_public_client: true,
        required_resource_access: permissions.iter().map(|one| one.resolve(None)).collect(),
        password_credentials: vec![secret(KEY_ID, in_days(-30), in_days(700))],
        verified_publisher: Some(VerifiedPublisher {
            id: "6123456".into(),
            display_name: "Finebak".into(),
        }),
        publisher_domain: Some("finebak.com".into()),
        notes: String::new(),
        created: Some(in_days(-30)),
    }
}

pub(crate) fn record(source: RecordSource) -> PortalRecord {
    PortalRecord {
        source,
        by: "ana".into(),
        at: in_days(-30),
        client_id: APP_ID,
        redirect_uri: URI.into(),
        customer_redirect_uris: vec![],
        key_id: Some(KEY_ID),
        proof: Some(Proof {
            at: in_days(-30),
            outcome: ProofOutcome::Accepted,
        }),
    }
}

/// All in order: read from Entra, and from the portal through http; the customer has consented.
pub(crate) fn facts() -> RegistrationFacts {
    RegistrationFacts {
        application: Reading::of(Some(application()), now()),
        candidates: vec![],
        principal: Reading::of(
            Some(ServicePrincipal {
                object_id: Uuid::from_u128(0x5b),
                enabled: true,
            }),
            now(),
        ),
        secret_policy: Reading::of(None, now()),
        consent: Reading::of(vec![], now()),
        portal: Reading::of(
            PortalSettings {
                client_id: APP_ID.to_string(),
                redirect_uri: URI.into(),
                has_client_secret: Some(true),
                customer_portal_url: None,
            },
            now(),
        ),
        account: Reading::default(),
        record: Some(record(RecordSource::Pushed)),
        customers: Reading::of(
            vec![customer_facts("acme", CustomerConsent::Granted)],
            now(),
        ),
        customer_tenants: Default::default(),
        undelivered: vec![],
        shared_with: vec![],
    }
}

pub(crate) fn customer_facts(short_name: &str, consent: CustomerConsent) -> CustomerFacts {
    CustomerFacts {
        short_name: short_name.into(),
        consent,
        ..CustomerFacts::unknown("")
    }
}

pub(crate) fn failure(kind: FailureKind) -> Failure {
    Failure {
        at: now(),
        kind,
        why: "no answer within 10 s".into(),
        next: "try again".into(),
    }
}

/// Everything a judgement looks at, right as it comes.
pub(crate) struct World {
    pub blueprint: Blueprint,
    pub device: Device,
    pub tenant: TenantFacts,
    pub facts: RegistrationFacts,
    pub now: Timestamp,
}

impl World {
    /// Read through http, all in order.
    pub fn right() -> World {
        World {
            blueprint: blueprint(),
            device: device(),
            tenant: tenant(),
            facts: facts(),
            now: now(),
        }
    }

    /// The same, but the portal can't be read: an operator stated what it holds.
    pub fn stated() -> World {
        let mut world = World::right();
        world.device.portal_way = PortalWay::Handoff;
        world.facts.portal = Reading::default();
        world.facts.record = Some(record(RecordSource::Stated));
        world
    }

    /// Read, and there is no registration yet.
    pub fn unregistered() -> World {
        let mut world = World::right();
        world.facts = RegistrationFacts {
            application: Reading::of(None, now()),
            ..RegistrationFacts::default()
        };
        world
    }

    /// The right one after `change`.
    pub fn with(change: impl FnOnce(&mut World)) -> World {
        let mut world = World::right();
        change(&mut world);
        world
    }

    pub fn app(&mut self) -> &mut Application {
        self.facts
            .application
            .value
            .as_mut()
            .unwrap()
            .as_mut()
            .unwrap()
    }

    pub fn portal(&mut self) -> &mut PortalSettings {
        self.facts.portal.value.as_mut().unwrap()
    }

    pub fn record(&mut self) -> &mut PortalRecord {
        self.facts.record.as_mut().unwrap()
    }

    pub fn customers(&mut self) -> &mut Vec<CustomerFacts> {
        self.facts.customers.value.as_mut().unwrap()
    }

    pub fn observed(&self) -> Observed<'_> {
        Observed {
            tenant: &self.tenant,
            registration: &self.facts,
        }
    }

    pub fn checklist(&self) -> Checklist {
        checklist(&self.blueprint, &self.device, self.observed(), self.now)
    }

    pub fn verdict(&self) -> Verdict {
        verdict(
            &self.blueprint,
            &self.device,
            self.observed(),
            &self.checklist(),
            self.now,
        )
    }

    pub fn plan(&self, intent: Intent) -> Result<Plan, NoPlan> {
        plan(
            &self.blueprint,
            &self.device,
            self.observed(),
            intent,
            self.now,
        )
    }

    pub fn form(&self) -> CreateForm {
        CreateForm::suggested(&self.blueprint, &self.device, self.now).unwrap()
    }

    /// The checks that are neither met nor inapplicable.
    pub fn not_met(&self) -> Vec<CheckId> {
        use super::checklist::Outcome;
        let list = self.checklist();
        let open = list.items.iter().filter(|item| {
            !item.outcome.is_met() && !matches!(item.outcome, Outcome::NotApplicable { .. })
        });
        open.map(|item| item.check.id).collect()
    }
}
