//! Consent in the customers' own tenants, where the operator can sign in there. Only when somebody asks for it: a
//! sign-in that is refused stands in those tenants' logs.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::event::Trouble;
use super::{Desk, TenantWays};
use crate::entra::failure::GraphError;
use crate::entra::graph::{Graph, resource_principal_in, resource_principal_path};
use crate::entra::signin::{Session, SessionSettings, SignIn, SignInError};
use crate::http::Request;
use crate::registration::blueprint::Blueprint;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::{CustomerConsent, CustomerFacts, CustomerTenant, Failure};
use crate::registration::permissions::not_consented;

/// How many customers are read at once.
const AT_ONCE: usize = 4;

impl Desk {
    /// Reads in the tenant of each customer of a device whether it consented. A customer whose tenant the operator
    /// can't enter stays unknown, with the reason.
    ///
    /// # Errors
    /// [`Trouble`], when the device has no registration, nobody is signed in, or the store can't be used.
    pub async fn read_customers(&self, fqdn: &Fqdn) -> Result<(), Trouble> {
        let file = self.device(fqdn)?;
        let ways = self.inner.ways(file.device.tenant)?;
        let what = "the customers' tenants were not read";
        let Some(application) = file.facts.application() else {
            return Err(Trouble::new(
                what,
                "there is no registration",
                "Create the registration first.",
            ));
        };
        let app_id = application.app_id;
        self.inner
            .sign_in(&ways)
            .await
            .map_err(|error| Trouble::of(what, &error))?;
        let lines = file.customers().into_iter();
        let customers: Vec<CustomerFacts> = lines.map(|line| line.facts).collect();
        let mut tenants: Vec<Uuid> = customers.iter().filter_map(|one| one.tenant_id).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        for tenant in tenants {
            let (session, places) = (session(&ways, tenant), places.clone());
            let graph = ways.graph.client().clone();
            let (home, blueprint) = (ways.graph.session().clone(), file.blueprint.clone());
            tasks.spawn(async move {
                let _place = places.acquire().await;
                let read = match session {
                    Ok(session) => {
                        read(Graph::new(graph, session), &home, app_id, &blueprint).await
                    }
                    Err(failure) => Err(failure),
                };
                (tenant, read)
            });
        }
        let mut read = tasks.join_all().await;
        let now = Timestamp::now();
        let tenant_facts = self.inner.store.tenant_facts(file.device.tenant)?;
        let devices = vec![file.device];
        self.inner
            .keep_registrations(file.tenant.id, &tenant_facts, devices, |_, facts| {
                for (tenant, consent) in read.drain(..) {
                    let reading = facts.customer_tenants.entry(tenant).or_default();
                    reading.take(consent, now);
                }
                if facts.customers().is_empty() {
                    facts.customers.take(Ok(customers.clone()), now);
                }
                facts.heed_customer_tenants();
                Ok(())
            })
    }
}

/// The operator's way into a customer's tenant: the same as into the provider's.
fn session(ways: &TenantWays, tenant: Uuid) -> Result<Session, Failure> {
    let home = ways.graph.session();
    let settings = home.settings();
    let way = match &settings.way {
        SignIn::Command { words } => SignIn::Command {
            words: elsewhere(words, ways, tenant).ok_or_else(|| Failure {
                at: Timestamp::now(),
                kind: crate::registration::observed::FailureKind::SignIn,
                why: "the sign-in command names no tenant, so it can't print a token for another tenant"
                    .into(),
                next: "Name the tenant in the command.".into(),
            })?,
        },
        other => other.clone(),
    };
    let settings = SessionSettings {
        tenant,
        way,
        ..settings.clone()
    };
    Ok(Session::new(settings, home.login().clone()))
}

/// A command that names the provider's tenant, as it names another one.
fn elsewhere(words: &[String], ways: &TenantWays, tenant: Uuid) -> Option<Vec<String>> {
    let home = &ways.site.tenant;
    let is_home = |word: &String| {
        word.eq_ignore_ascii_case(&home.id.to_string())
            || word.eq_ignore_ascii_case(&home.primary_domain)
    };
    words.iter().any(is_home).then(|| {
        let each = words.iter().map(|word| match is_home(word) {
            true => tenant.to_string(),
            false => word.clone(),
        });
        each.collect()
    })
}

async fn read(
    graph: Graph,
    home: &Session,
    app_id: Uuid,
    blueprint: &Blueprint,
) -> Result<CustomerTenant, Failure> {
    let failed = |error: GraphError| error.failure(Timestamp::now());
    if graph.session().settings().way.needs_a_person() {
        let redeemed = graph.session().redeem_from(home).await;
        redeemed.map_err(|error: SignInError| failed(error.into()))?;
    }
    let principal = graph.service_principal(app_id).await.map_err(failed)?;
    // Advisory: who can't read them learns of the consent all the same.
    let own_roles = match graph.identity().await {
        Ok(identity) if identity.delegated => graph.own_roles().await.ok(),
        _ => None,
    };
    // A customer consents to nothing without getting a service principal.
    let consents = match &principal {
        Some(principal) => graph.consents(principal.object_id).await.map_err(failed)?,
        None => Vec::new(),
    };
    let mut resources: Vec<Uuid> = blueprint
        .permissions
        .iter()
        .map(|one| one.resource_app_id)
        .collect();
    resources.sort_unstable();
    resources.dedup();
    let paths: Vec<String> = resources.iter().map(resource_principal_path).collect();
    let mut principals = Vec::new();
    for path in &paths {
        let answer = graph.send(&Request::get(path)).await;
        principals.extend(resource_principal_in(answer).map_err(failed)?);
    }
    let missing_permissions = not_consented(blueprint, &consents, &principals);
    Ok(CustomerTenant {
        // Nothing wanted is no consent: a customer that consented has a service principal.
        consent: match principal.is_some() && missing_permissions.is_empty() {
            true => CustomerConsent::Granted,
            false => CustomerConsent::Pending,
        },
        missing_permissions,
        own_roles,
    })
}
