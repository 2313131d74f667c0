//! What was read of a device: Entra's facts, the portal's facts, the customers' facts, each with its age.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fleet::Fqdn;

mod application;
mod customer;
mod portal;
pub use application::{
    Application, Candidate, Consented, PasswordCredential, PermissionKind, ResourceAccess,
    ServicePrincipal, VerifiedPublisher, quoted,
};
pub use customer::{CustomerConsent, CustomerFacts, CustomerTenant, Microsoft365};
pub use portal::{PortalRecord, PortalSettings, Proof, ProofOutcome, RecordSource};

/// One thing that is read from outside: its last value, when that was read, and how the last try failed, if it did.
/// A failure never erases the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Reading<T> {
    /// The last value that was read; `None` = never read.
    // Left out when there is none, so that "read, and there is none" (null) is not taken for "never read".
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub value: Option<T>,
    /// When `value` was read.
    pub at: Option<Timestamp>,
    /// How the newest try failed; `None` when it succeeded or nothing was tried.
    pub failure: Option<Failure>,
}

/// A value that stands in the text, be it null, was read.
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl<T> Default for Reading<T> {
    fn default() -> Self {
        Reading {
            value: None,
            at: None,
            failure: None,
        }
    }
}

impl<T> Reading<T> {
    /// A value read now.
    pub fn of(value: T, at: Timestamp) -> Self {
        Reading {
            value: Some(value),
            at: Some(at),
            failure: None,
        }
    }

    /// Takes over the outcome of a try: a new value replaces the old one, a failure stands beside it.
    pub fn take(&mut self, outcome: Result<T, Failure>, at: Timestamp) {
        match outcome {
            Ok(value) => *self = Reading::of(value, at),
            Err(failure) => self.failure = Some(failure),
        }
    }
}

/// Why something could not be read, in words for an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When it was tried.
    pub at: Timestamp,
    /// What kind of failure it was.
    pub kind: FailureKind,
    /// One sentence: what failed, why, in the server's words where it said something.
    pub why: String,
    /// What to do about it.
    pub next: String,
}

/// The kinds of failure that are told apart on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The identity may not read it; the thing itself may be in order.
    NotPermitted,
    /// Nobody is signed in, or the sign-in was refused.
    SignIn,
    /// The server did not answer, or not in time.
    Unreachable,
    /// The server answered something else than was asked for.
    Answer,
}

/// What is read once for a whole tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantFacts {
    /// Who is signed in, and what the token says that this identity may do.
    pub identity: Reading<Identity>,
    /// The tenant's default app management policy, as far as it concerns client secrets.
    pub policy: Reading<SecretPolicy>,
    /// The tenant's principals of the resources that blueprints name: permission names and ids.
    pub resources: Reading<Vec<ResourcePrincipal>>,
    /// The tenant is in a national cloud, where Microsoft verifies no publishers.
    #[serde(default)]
    pub national_cloud: bool,
}

/// Who is signed in to a tenant, by the token's own claims: advisory, never a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// User principal name, or the application's name or client ID.
    pub name: String,
    /// A user (delegated) or an application by itself.
    pub delegated: bool,
    /// `scp` of a delegated token, `roles` of an application's.
    pub permissions: Vec<String>,
    /// Directory role template IDs (`wids`).
    pub directory_roles: Vec<Uuid>,
    /// Whether the sign-in itself bears multi-factor authentication (`amr` has `mfa`).
    pub mfa: bool,
}

/// What policy says about client secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretPolicy {
    /// The restrictions in force.
    pub restrictions: Vec<SecretRestriction>,
}

/// One restriction on client secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRestriction {
    /// The name of the policy that says so.
    pub policy: String,
    /// What it restricts.
    pub kind: SecretRestrictionKind,
    /// Applies only to applications created after this; `None` = to all.
    pub apps_created_after: Option<Timestamp>,
}

/// The restrictions of Graph's `passwordCredentials` that matter to a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretRestrictionKind {
    /// `passwordAddition`: no client secret may be added.
    Forbidden,
    /// `passwordLifetime`: a client secret may live this many seconds at most.
    MaxLifetimeSeconds(i64),
}

/// A resource application's principal in the tenant, such as Microsoft Graph's: where names get their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePrincipal {
    /// The resource's application ID.
    pub app_id: Uuid,
    /// The principal's object ID in this tenant.
    pub object_id: Uuid,
    /// Its name in this tenant; Microsoft has changed some over the years.
    pub display_name: String,
    /// Delegated permissions (`oauth2PermissionScopes`).
    pub scopes: Vec<NamedPermission>,
    /// Application permissions (`appRoles`).
    pub roles: Vec<NamedPermission>,
}

/// A permission's id and `value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedPermission {
    /// The permission's id, the same in every tenant.
    pub id: Uuid,
    /// Its name, such as `Group.ReadWrite.All`.
    pub value: String,
}

/// What is read for one device's registration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationFacts {
    /// The application object; `Some(None)` = read, and there is none.
    pub application: Reading<Option<Application>>,
    /// Applications that may be this device's, when none surely is: several of them, one that only has the name, one in
    /// the bin. The operator chooses.
    #[serde(default)]
    pub candidates: Vec<Candidate>,
    /// Its service principal in the provider's tenant; `Some(None)` = read, and there is none.
    pub principal: Reading<Option<ServicePrincipal>>,
    /// What is consented to in the provider's tenant.
    pub consent: Reading<Vec<Consented>>,
    /// The app management policy of this application alone, which replaces the tenant's default for it;
    /// `Some(None)` = read, and it has none.
    #[serde(default)]
    pub secret_policy: Reading<Option<SecretPolicy>>,
    /// What the portal stores, as read through an http profile.
    pub portal: Reading<PortalSettings>,
    /// The Microsoft 365 settings that the portal shows for the device, where an http profile reads them.
    #[serde(default)]
    pub account: Reading<Microsoft365>,
    /// The last push, or the last statement of what was applied by hand.
    #[serde(default)]
    pub record: Option<PortalRecord>,
    /// The customers, as read from the portal or from their tenants.
    pub customers: Reading<Vec<CustomerFacts>>,
    /// Consent as it was read in the customers' own tenants, by directory ID.
    #[serde(default)]
    pub customer_tenants: BTreeMap<Uuid, Reading<CustomerTenant>>,
    /// Key IDs of secrets that a run made which did not end well, or not yet: nobody said that the portal has them.
    #[serde(default)]
    pub undelivered: Vec<Uuid>,
    /// Other devices whose redirect URI stands on the same application.
    #[serde(default)]
    pub shared_with: Vec<Fqdn>,
}

impl RegistrationFacts {
    /// Whether the operator has to say which application is the registration before a new one is made. One in the bin
    /// only counts when it still owns the device's unique name: else a new one can be made beside it.
    pub fn must_be_chosen(&self, unique_name: &str) -> bool {
        let owns_name = |candidate: &Candidate| {
            let application = candidate.application.as_ref();
            application.is_some_and(|app| app.unique_name.as_deref() == Some(unique_name))
        };
        let mut candidates = self.candidates.iter();
        candidates.any(|one| one.deleted.is_none() || owns_name(one))
    }

    /// The customers, as far as they were read.
    pub fn customers(&self) -> &[CustomerFacts] {
        self.customers.value.as_deref().unwrap_or_default()
    }

    /// Lets what was read in a customer's own tenant stand over what the portal says of its consent.
    pub fn heed_customer_tenants(&mut self) {
        for customer in self.customers.value.iter_mut().flatten() {
            let read = customer
                .tenant_id
                .and_then(|id| self.customer_tenants.get(&id));
            let Some(read) = read else {
                continue;
            };
            match (&read.value, &read.failure) {
                (Some(read), _) => {
                    customer.consent = read.consent.clone();
                    customer.missing_permissions = Some(read.missing_permissions.clone());
                    if customer.admin_roles.is_none() {
                        customer.admin_roles.clone_from(&read.own_roles);
                    }
                }
                (None, Some(failure)) => {
                    if let CustomerConsent::Unknown(why) = &mut customer.consent {
                        why.clone_from(&failure.why);
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// The application, when it was read and is there.
    pub fn application(&self) -> Option<&Application> {
        self.application.value.as_ref()?.as_ref()
    }

    /// The portal's settings as read, unless reading fails now and a push or a statement is newer than the last success.
    pub fn portal_as_read(&self) -> Option<&PortalSettings> {
        let overtaken = self.portal.failure.is_some()
            && self
                .record
                .as_ref()
                .is_some_and(|record| self.portal.at.is_none_or(|read| read < record.at));
        self.portal.value.as_ref().filter(|_| !overtaken)
    }

    /// The push or statement on record, when it is of the registration that Entra has now.
    pub fn record_of_application(&self) -> Option<&PortalRecord> {
        let app_id = self.application()?.app_id;
        self.record
            .as_ref()
            .filter(|record| record.client_id == app_id)
    }
}

/// All that is known of a device when it is judged: its tenant's facts and its own.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// What is read once for the tenant.
    pub tenant: &'a TenantFacts,
    /// What is read for the device.
    pub registration: &'a RegistrationFacts,
}

impl<'a> Observed<'a> {
    /// The policy that is in force for the registration: its own, which replaces the tenant's default, or that.
    /// `None` = neither is known.
    pub fn secret_policy(&self) -> Option<&'a SecretPolicy> {
        let own = self.registration.secret_policy.value.as_ref();
        own.and_then(Option::as_ref)
            .or(self.tenant.policy.value.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::{World, failure, now};

    fn stored(facts: &RegistrationFacts) -> RegistrationFacts {
        serde_json::from_str(&serde_json::to_string(facts).unwrap()).unwrap()
    }

    #[test]
    fn facts_survive_being_stored() {
        for world in [World::right(), World::stated(), World::unregistered()] {
            assert_eq!(stored(&world.facts), world.facts);
        }
        assert_eq!(
            stored(&RegistrationFacts::default()),
            RegistrationFacts::default()
        );
    }

    #[test]
    fn read_and_none_there_is_not_stored_as_never_read() {
        let facts = stored(&World::unregistered().facts);
        assert_eq!(facts.application.value, Some(None));
        assert_eq!(facts.principal.value, None);
    }

    #[test]
    fn what_a_customers_own_tenant_says_stands_over_the_portals_word_and_a_failure_says_why() {
        use crate::registration::fixtures::customer_facts;
        let mut world = World::right();
        let unknown = || CustomerConsent::Unknown("the portal does not say".into());
        *world.customers() = [CustomerConsent::Granted, unknown(), unknown()]
            .into_iter()
            .zip(1u128..)
            .map(|(consent, id)| CustomerFacts {
                tenant_id: Some(Uuid::from_u128(id)),
                ..customer_facts("acme", consent)
            })
            .collect();
        let mut failed = Reading::default();
        failed.take(Err(failure(FailureKind::SignIn)), now());
        world.facts.customer_tenants = BTreeMap::from([
            (
                Uuid::from_u128(1),
                Reading::of(
                    CustomerTenant {
                        consent: CustomerConsent::Pending,
                        missing_permissions: vec!["User.Read.All".into()],
                        own_roles: Some(vec!["Teams Administrator".into()]),
                    },
                    now(),
                ),
            ),
            (Uuid::from_u128(2), failed),
        ]);
        for told in &mut world.customers()[..1] {
            told.admin_roles = None;
        }
        world.facts.heed_customer_tenants();
        let first = world.customers()[0].clone();
        assert_eq!(
            first.missing_permissions,
            Some(vec!["User.Read.All".into()])
        );
        assert_eq!(first.admin_roles, Some(vec!["Teams Administrator".into()]));
        let consents: Vec<_> = world
            .customers()
            .iter()
            .map(|one| one.consent.clone())
            .collect();
        let why = failure(FailureKind::SignIn).why;
        assert_eq!(
            consents,
            [
                CustomerConsent::Pending,
                CustomerConsent::Unknown(why),
                unknown()
            ]
        );
        assert_eq!(stored(&world.facts), world.facts);
    }

    #[test]
    fn a_failure_never_erases_the_value_and_a_success_clears_the_failure() {
        let mut reading = Reading::of(1, now());
        reading.take(Err(failure(FailureKind::Answer)), now());
        assert_eq!((reading.value, reading.at), (Some(1), Some(now())));
        assert!(reading.failure.is_some());
        reading.take(Ok(2), now());
        assert_eq!(reading, Reading::of(2, now()));
    }
}
