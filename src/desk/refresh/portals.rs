//! Reading the portals of a tenant's devices, some at a time.

use std::collections::HashMap;

use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::desk::{Inner, TenantWays};
use crate::entra::failure::GraphError;
use crate::http::Authorization;
use crate::portal::error::PortalError;
use crate::portal::interface::Portal;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{
    CustomerFacts, Failure, Microsoft365, PortalSettings, RegistrationFacts,
};

/// How many portals are read at once.
const PORTALS_AT_ONCE: usize = 8;

/// What is read of a device's portal.
#[derive(Default)]
pub(super) struct PortalFacts {
    settings: Option<Result<PortalSettings, Failure>>,
    customers: Option<Result<Vec<CustomerFacts>, Failure>>,
    account: Option<Result<Microsoft365, Failure>>,
}

impl PortalFacts {
    /// Takes over what was read.
    pub(super) fn into_facts(self, facts: &mut RegistrationFacts, now: Timestamp) {
        if let Some(settings) = self.settings {
            facts.portal.take(settings, now);
        }
        if let Some(mut customers) = self.customers {
            let before = facts.customers.value.take();
            if let (Ok(customers), Some(before)) = (&mut customers, &before) {
                keep_details(customers, before);
            }
            facts.customers.value = before;
            facts.customers.take(customers, now);
        }
        if let Some(account) = self.account {
            facts.account.take(account, now);
        }
    }

    /// Nobody gets in.
    fn refused(portal: &Portal, failure: &Failure) -> PortalFacts {
        PortalFacts {
            settings: portal.reads().then(|| Err(failure.clone())),
            customers: (!portal.reads()).then(|| Err(failure.clone())),
            account: None,
        }
    }
}

/// What is only read of one device at a time outlives a refresh of all.
fn keep_details(customers: &mut [CustomerFacts], before: &[CustomerFacts]) {
    for one in customers {
        let known = before
            .iter()
            .find(|other| other.short_name == one.short_name);
        if let Some(known) = known {
            one.sites = one.sites.or(known.sites);
            one.account = one.account.take().or_else(|| known.account.clone());
        }
    }
}

impl Inner {
    /// A token for the portals of a tenant, where the settings name an application for them.
    pub(in crate::desk) async fn portal_token(
        &self,
        ways: &TenantWays,
    ) -> Result<Option<Authorization>, Failure> {
        let Some(session) = &ways.portal_session else {
            return Ok(None);
        };
        let token = session.token().await;
        token
            .map(|token| Some(Authorization::bearer(token.secret())))
            .map_err(|error| GraphError::SignIn(error).failure(Timestamp::now()))
    }

    /// Reads the portals of these devices; with `details`, each customer's too.
    pub(super) async fn read_portals(
        &self,
        ways: &TenantWays,
        devices: &[Device],
        details: bool,
    ) -> HashMap<Fqdn, PortalFacts> {
        let listed = self.listed();
        let speaking: Vec<_> = devices
            .iter()
            .filter_map(|device| {
                Some((
                    device.fqdn.clone(),
                    listed.portals.get(&device.fqdn)?.clone(),
                ))
            })
            .collect();
        if speaking.is_empty() {
            return HashMap::new();
        }
        let token = self.portal_token(ways).await;
        let mut read = HashMap::new();
        let mut tasks = JoinSet::new();
        let mut waiting = speaking.into_iter();
        loop {
            while tasks.len() < PORTALS_AT_ONCE
                && let Some((fqdn, portal)) = waiting.next()
            {
                let token = match &token {
                    Ok(token) => token.clone(),
                    // Without a token a portal that asks for user and password is read all the same.
                    Err(_) if portal.reads() && !portal.wants_token() => None,
                    Err(failure) => {
                        read.insert(fqdn, PortalFacts::refused(&portal, failure));
                        continue;
                    }
                };
                tasks.spawn(async move { (fqdn, read_portal(&portal, token, details).await) });
            }
            match tasks.join_next().await {
                Some(Ok((fqdn, facts))) => {
                    read.insert(fqdn, facts);
                }
                Some(Err(_)) => {}
                None => return read,
            }
        }
    }
}

async fn read_portal(portal: &Portal, token: Option<Authorization>, details: bool) -> PortalFacts {
    let token = token.as_ref();
    let settings = async {
        match portal.reads() {
            true => Some(portal.read(token).await.map_err(portal_failure)),
            false => None,
        }
    };
    let (settings, customers, account) = tokio::join!(
        settings,
        portal.customers(token, details),
        portal.account(token)
    );
    PortalFacts {
        settings,
        customers: customers.map_err(portal_failure).transpose(),
        account: account.map_err(portal_failure).transpose(),
    }
}

fn portal_failure(error: PortalError) -> Failure {
    error.failure(Timestamp::now())
}
