//! Reading a tenant's applications: all of them once a day, in between only what changed, or those that may be one
//! device's.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::tenant::{A_DAY, TenantRead};
use crate::desk::finding::Applications;
use crate::desk::{Inner, TenantWays};
use crate::entra::failure::GraphError;
use crate::registration::directory::{Deleted, Directory, Listed};
use crate::registration::fleet::Device;
use crate::registration::observed::{Application, TenantFacts};
use crate::registration::redirect::device_redirect_uri;

/// From so many changed applications on, listing all takes fewer requests.
const MANY_CHANGED: usize = 400;

/// What a refresh read.
pub(super) struct Read {
    pub facts: TenantFacts,
    /// Whether any application has a management policy of its own; `None` = not read now.
    pub own_policies: Option<bool>,
    /// What devices are told by.
    pub directory: Directory,
    /// The applications that were read now, by object ID. One that the directory has and this has not is unchanged
    /// since it was last read.
    pub anew: HashMap<Uuid, Application>,
}

impl Inner {
    /// Reads a whole tenant: what changed where that can be followed, else everything.
    pub(super) async fn read_all(
        &self,
        ways: &TenantWays,
        devices: &[Device],
    ) -> Result<Read, GraphError> {
        let tenant = ways.site.tenant.id;
        let kept = self.store.directory(tenant).unwrap_or_default();
        let now = Timestamp::now();
        let is_new = kept
            .listed
            .is_some_and(|at| now.duration_since(at) < A_DAY && at <= now);
        let followed = match is_new {
            true => self.follow(ways, kept).await?,
            false => None,
        };
        let lists = followed.is_none();
        let TenantRead {
            facts,
            own_policies,
            links,
            deleted,
        } = self.read_tenant(ways, false, lists).await?;
        let (directory, anew) = match followed {
            Some(followed) => followed,
            None => {
                let all = ways.graph.applications().await?;
                let [applications_link, principals_link] = links;
                let directory = Directory {
                    listed: Some(now),
                    applications: all.iter().map(Listed::of).collect(),
                    applications_link,
                    deleted,
                    principals: HashMap::new(),
                    principals_link,
                };
                let by_id = |app: Application| (app.object_id, app);
                (directory, all.into_iter().map(by_id).collect())
            }
        };
        let mut read = Read {
            facts,
            own_policies,
            directory,
            anew,
        };
        self.complete(ways, devices, &mut read).await?;
        Ok(read)
    }

    /// Follows what changed since the directory was kept; `None` when it must be listed again.
    async fn follow(
        &self,
        ways: &TenantWays,
        mut directory: Directory,
    ) -> Result<Option<(Directory, HashMap<Uuid, Application>)>, GraphError> {
        let Some(link) = directory.applications_link.clone() else {
            return Ok(None);
        };
        let graph = &ways.graph;
        let principals = async {
            match &directory.principals_link {
                Some(link) => graph.changes(link).await,
                None => Ok(None),
            }
        };
        let (applications, principals) = tokio::try_join!(graph.changes(&link), principals)?;
        let Some(applications) = applications else {
            return Ok(None);
        };
        match principals {
            Some(changes) => {
                let object_ids = changes.changed.iter().map(|one| one.object_id).collect();
                let app_ids = changes
                    .changed
                    .iter()
                    .filter_map(|one| one.app_id)
                    .collect();
                directory.doubt_principals(&object_ids, &app_ids);
                directory.principals_link = Some(changes.link);
            }
            None => directory.principals.clear(),
        }
        let gone = applications.changed.iter().filter(|one| one.gone);
        let mut gone: HashSet<Uuid> = gone.map(|one| one.object_id).collect();
        let changed = applications.changed.iter().map(|one| one.object_id);
        let changed: HashSet<Uuid> = changed.filter(|id| !gone.contains(id)).collect();
        if changed.len() > MANY_CHANGED {
            return Ok(None);
        }
        let changed: Vec<Uuid> = changed.into_iter().collect();
        let mut anew = HashMap::new();
        for (object_id, application) in graph.applications_by_id(&changed).await? {
            match application {
                Some(application) => drop(anew.insert(object_id, application)),
                None => drop(gone.insert(object_id)),
            }
        }
        directory.follow(anew.values(), &gone);
        directory.applications_link = Some(applications.link);
        if !gone.is_empty() {
            directory.deleted = self.read_bin(ways).await.or(directory.deleted);
        }
        Ok(Some((directory, anew)))
    }

    /// Reads what is still missing of the devices' registrations: those that were not the device's the last time, and
    /// service principals.
    async fn complete(
        &self,
        ways: &TenantWays,
        devices: &[Device],
        read: &mut Read,
    ) -> Result<(), GraphError> {
        let missing = self.missing(devices, read);
        let mut gone = HashSet::new();
        for (object_id, application) in ways.graph.applications_by_id(&missing).await? {
            match application {
                Some(application) => drop(read.anew.insert(object_id, application)),
                None => drop(gone.insert(object_id)),
            }
        }
        let anew = missing.iter().filter_map(|id| read.anew.get(id));
        read.directory.follow(anew, &gone);
        let applications = Applications::new(&read.directory.applications);
        let mut wanted: Vec<Uuid> = devices
            .iter()
            .filter_map(|device| {
                applications
                    .find(self.blueprint(device), device)
                    .application
            })
            .map(|app| app.app_id)
            .filter(|app_id| !read.directory.principals.contains_key(app_id))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        if !wanted.is_empty() {
            let mut found = ways.graph.service_principals(&wanted).await?;
            for app_id in wanted {
                let principal = found.remove(&app_id);
                read.directory.principals.insert(app_id, principal);
            }
        }
        Ok(())
    }

    /// The devices' registrations that were neither read now nor kept as they were when the device was last read.
    fn missing(&self, devices: &[Device], read: &Read) -> Vec<Uuid> {
        let applications = Applications::new(&read.directory.applications);
        let mut missing = Vec::new();
        for device in devices {
            let found = applications.find(self.blueprint(device), device);
            let Some(object_id) = found.application.map(|app| app.object_id) else {
                continue;
            };
            let is_kept = || {
                let facts = self.store.registration_facts(&device.fqdn).ok()?;
                let application = &facts.application;
                let since_listed = application.at >= read.directory.listed;
                let same = application.value.as_ref()?.as_ref()?.object_id == object_id;
                (since_listed && same).then_some(())
            };
            if !read.anew.contains_key(&object_id) && is_kept().is_none() {
                missing.push(object_id);
            }
        }
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// What is in the tenant's bin. Who can't read it finds nothing to restore; nothing else depends on it.
    async fn read_bin(&self, ways: &TenantWays) -> Option<Vec<Deleted>> {
        let read = ways.graph.deleted_applications().await;
        read.inspect_err(|error| tracing::info!(%error, "the deleted applications can't be read"))
            .ok()
    }

    /// Reads the applications that may be one device's, without listing the whole tenant.
    pub(super) async fn read_one(
        &self,
        ways: &TenantWays,
        device: &Device,
    ) -> Result<Read, GraphError> {
        let tenant = self.read_tenant(ways, true, false).await?;
        let graph = &ways.graph;
        let known = self.store.registration_facts(&device.fqdn).ok();
        let known = known.and_then(|facts| facts.application().map(|app| app.object_id));
        let mut applications = Vec::new();
        for id in [device.linked_object_id, known].into_iter().flatten() {
            applications.extend(graph.application(id).await?);
        }
        if applications.is_empty() {
            let unique_name = device.unique_name();
            applications.extend(graph.application_by_unique_name(&unique_name).await?);
        }
        let mut deleted = None;
        if applications.is_empty() {
            deleted = self.read_bin(ways).await;
            if let Ok(uri) = device_redirect_uri(self.blueprint(device), device) {
                applications.extend(graph.applications_with_redirect_uri(uri.as_str()).await?);
            }
            applications.extend(graph.applications_named(&device.default_name()).await?);
        }
        applications.sort_by_key(|app| app.object_id);
        applications.dedup_by_key(|app| app.object_id);
        let app_ids: Vec<Uuid> = applications.iter().map(|app| app.app_id).collect();
        let mut found = graph.service_principals(&app_ids).await?;
        let directory = Directory {
            applications: applications.iter().map(Listed::of).collect(),
            deleted,
            principals: app_ids
                .into_iter()
                .map(|app_id| (app_id, found.remove(&app_id)))
                .collect(),
            ..Directory::default()
        };
        let by_id = |app: Application| (app.object_id, app);
        Ok(Read {
            facts: tenant.facts,
            own_policies: None,
            directory,
            anew: applications.into_iter().map(by_id).collect(),
        })
    }
}
