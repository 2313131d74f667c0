//! Reading the portals of a tenant's devices, some at a time.

use std::collections::HashMap;

use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::desk::{Inner, TenantWays};
use crate::entra::failure::GraphError;
use crate::http::Authorization;
use crate::portal::interface::PortalError;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{
    CustomerFacts, Failure, FailureKind, PortalSettings, RegistrationFacts,
};

/// How many portals are read at once.
const PORTALS_AT_ONCE: usize = 8;

/// What is read of a device's portal.
pub(super) struct PortalFacts {
    settings: Option<Result<PortalSettings, Failure>>,
    customers: Option<Result<Vec<CustomerFacts>, Failure>>,
}

impl PortalFacts {
    /// Takes over what was read.
    pub(super) fn into_facts(self, facts: &mut RegistrationFacts, now: Timestamp) {
        if let Some(settings) = self.settings {
            facts.portal.take(settings, now);
        }
        if let Some(customers) = self.customers {
            facts.customers.take(customers, now);
        }
    }
}

impl Inner {
    /// A token for the portals of a tenant, when they have an interface.
    pub(in crate::desk) async fn portal_login(
        &self,
        ways: &TenantWays,
    ) -> Result<Authorization, Failure> {
        let Some(session) = &ways.portal_session else {
            return Err(Failure {
                at: Timestamp::now(),
                kind: FailureKind::SignIn,
                why: "no credentials for the portals of this tenant are set".to_string(),
                next: "Add portal credentials to the tenant in the settings file.".to_string(),
            });
        };
        let token = session.token().await;
        token
            .map(|token| Authorization::bearer(token.secret()))
            .map_err(|error| GraphError::SignIn(error).failure(Timestamp::now()))
    }

    pub(super) async fn read_portals(
        &self,
        ways: &TenantWays,
        devices: &[Device],
    ) -> HashMap<Fqdn, PortalFacts> {
        let with_interface: Vec<_> = devices
            .iter()
            .filter_map(|device| {
                Some((device.fqdn.clone(), self.portals.get(&device.fqdn)?.clone()))
            })
            .collect();
        if with_interface.is_empty() {
            return HashMap::new();
        }
        let login = match self.portal_login(ways).await {
            Ok(login) => login,
            Err(failure) => {
                let failed = |(fqdn, _)| {
                    (
                        fqdn,
                        PortalFacts {
                            settings: Some(Err(failure.clone())),
                            customers: None,
                        },
                    )
                };
                return with_interface.into_iter().map(failed).collect();
            }
        };
        let mut read = HashMap::new();
        let mut tasks = JoinSet::new();
        let mut waiting = with_interface.into_iter();
        loop {
            while tasks.len() < PORTALS_AT_ONCE
                && let Some((fqdn, portal)) = waiting.next()
            {
                let login = login.clone();
                tasks.spawn(async move {
                    let (settings, customers) =
                        tokio::join!(portal.read(&login), portal.customers(&login));
                    let facts = PortalFacts {
                        settings: Some(settings.map_err(portal_failure)),
                        customers: customers.map_err(portal_failure).transpose(),
                    };
                    (fqdn, facts)
                });
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

fn portal_failure(error: PortalError) -> Failure {
    Failure {
        at: Timestamp::now(),
        kind: error.kind(),
        why: error.to_string(),
        next: error.next(),
    }
}
