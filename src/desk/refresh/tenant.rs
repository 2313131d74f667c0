//! What is read once for a whole tenant: who is signed in, its policy, its resources. Most of it at most daily.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::desk::{Inner, TenantWays};
use crate::entra::cloud::is_national;
use crate::entra::delta::{APPLICATIONS_NOW, PRINCIPALS_NOW, link_in};
use crate::entra::failure::GraphError;
use crate::entra::graph::{
    APPLICATION_POLICIES, DEFAULT_POLICY, any_listed, deleted_applications_path,
    resource_principal_in, resource_principal_path, secret_policy_in,
};
use crate::http::Answer;
use crate::registration::directory::Deleted;
use crate::registration::observed::{Failure, FailureKind, Reading, TenantFacts};

/// How old a tenant's policy, its resources and the listing of its applications may get.
pub(super) const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the first request of a tenant's refresh brings.
pub(super) struct TenantRead {
    pub facts: TenantFacts,
    /// Whether any application has a management policy of its own; `None` = not read now.
    pub own_policies: Option<bool>,
    /// From where to follow the changes of applications and of service principals, where that was asked.
    pub links: [Option<String>; 2],
    /// What is in the bin, where that was asked.
    pub deleted: Option<Vec<Deleted>>,
}

impl Inner {
    /// Reads what is old of a tenant's own facts, and with `links` from where changes can be followed: all in one
    /// request. For one device the policy is always read, since a secret may be planned by it.
    ///
    /// # Errors
    /// [`GraphError`] when nothing could be read at all; a single thing's failure stands in its reading.
    pub(super) async fn read_tenant(
        &self,
        ways: &TenantWays,
        one: bool,
        links: bool,
    ) -> Result<TenantRead, GraphError> {
        let tenant = ways.site.tenant.id;
        let mut facts = self.store.tenant_facts(tenant).unwrap_or_default();
        facts.national_cloud = is_national(ways.site.login.as_str());
        let now = Timestamp::now();
        let before = facts.identity.value.clone();
        let identity = ways.graph.identity().await;
        facts
            .identity
            .take(identity.map_err(|error| error.failure(now)), now);
        // Somebody else may be allowed more, or less.
        let another = facts.identity.value != before;
        let mut read = TenantRead {
            facts,
            own_policies: None,
            links: [None, None],
            deleted: None,
        };
        let policy = one || another || is_old(&read.facts.policy, now);
        let resources = self.wanted_resources();
        let resources = match another || is_old(&read.facts.resources, now) {
            true => resources,
            false => vec![],
        };
        let mut paths = Vec::new();
        if policy {
            paths.push(DEFAULT_POLICY.to_string());
        }
        if policy && !one {
            paths.push(APPLICATION_POLICIES.to_string());
        }
        paths.extend(resources.iter().map(resource_principal_path));
        if links {
            paths.extend([APPLICATIONS_NOW.to_string(), PRINCIPALS_NOW.to_string()]);
            paths.push(deleted_applications_path());
        }
        if paths.is_empty() {
            return Ok(read);
        }
        let mut answers = ways.graph.read_many(&paths).await?.into_iter();
        let mut next = || answers.next().unwrap_or_else(nothing);
        let now = Timestamp::now();
        if policy {
            let policy = next().and_then(secret_policy_in);
            let policy = policy.map_err(|error| error.failure(now));
            read.facts.policy.take(policy, now);
        }
        if policy && !one {
            read.own_policies = next().and_then(any_listed).ok();
        }
        let principals: Result<Vec<_>, GraphError> = resources
            .iter()
            .filter_map(|_| resource_principal_in(next()).transpose())
            .collect();
        if !resources.is_empty() {
            let principals = principals.map_err(|error| error.failure(now));
            read.facts.resources.take(principals, now);
        }
        if links {
            // Where changes can't be followed, all is listed the next time too.
            read.links = [next().ok().and_then(link_in), next().ok().and_then(link_in)];
            if let Ok(answer) = next() {
                read.deleted = ways.graph.deleted_applications_in(answer).await.ok();
            }
        }
        Ok(read)
    }

    /// The resources that any blueprint asks permissions of.
    fn wanted_resources(&self) -> Vec<Uuid> {
        let wanted: BTreeSet<Uuid> = self
            .site
            .blueprints
            .iter()
            .flat_map(|blueprint| &blueprint.permissions)
            .map(|permission| permission.resource_app_id)
            .collect();
        wanted.into_iter().collect()
    }
}

/// Never read, failed for a reason that may have passed, or a day old.
fn is_old<T>(reading: &Reading<T>, now: Timestamp) -> bool {
    let tried = |failure: &Failure| match failure.kind {
        // Who may not read it may not an hour later either, unless the sign-in is another one.
        FailureKind::NotPermitted => Some(failure.at),
        _ => None,
    };
    let last = match &reading.failure {
        Some(failure) => tried(failure),
        None => reading.at,
    };
    last.is_none_or(|at| now.duration_since(at) >= A_DAY)
}

fn nothing() -> Result<Answer, GraphError> {
    Err(GraphError::Answer {
        what: "the tenant".to_string(),
        why: "an answer is missing".to_string(),
    })
}
