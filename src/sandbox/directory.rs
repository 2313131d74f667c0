//! What is in a tenant of the sandbox's Entra: applications, service principals, what was granted and assigned to them.

use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::identity;

pub(super) struct Tenant {
    pub id: Uuid,
    pub name: String,
    pub primary_domain: String,
    pub mpn_id: Option<String>,
    pub client_secret: String,
    pub created: Timestamp,
    /// The policy on secrets that holds where no other is assigned, as Graph shows it.
    pub default_policy: Value,
    pub portal_interface: bool,
    pub graph_unavailable: bool,
    /// It is a customer's, not the provider's.
    pub of_customer: bool,
    pub applications: Vec<Application>,
    pub principals: Vec<Principal>,
    pub grants: Vec<Grant>,
    pub assignments: Vec<Assignment>,
    pub app_policies: Vec<AppPolicy>,
    pub role_assignments: Vec<RoleAssignment>,
    /// Templates of roles that were made ready before anybody had them.
    pub active_roles: Vec<String>,
    /// What was removed for good, as far as a delta has to tell of it.
    pub purged: Vec<Purged>,
    /// The value of every secret that was added, removed ones included: tests look for them where none may be.
    pub values: Vec<String>,
    /// Grows with every object and every change, so that pages keep their order and deltas know what is new.
    pub serial: u64,
}

/// An object that is gone for good.
pub(super) struct Purged {
    pub id: String,
    /// Its collection, such as `applications`.
    pub collection: &'static str,
    /// The tenant's serial when it went.
    pub changed: u64,
}

/// What an application and a service principal have alike.
pub(super) struct DirectoryObject {
    pub object_id: Uuid,
    pub app_id: Uuid,
    pub serial: u64,
    /// The tenant's serial at the last change; a service principal's counts its application's changes, too.
    pub changed: u64,
    /// Everything but the secrets, as Graph names it.
    pub properties: Map<String, Value>,
    pub secrets: Vec<Secret>,
    /// Object IDs of who owns it.
    pub owners: Vec<Uuid>,
    /// Until then the object can't be addressed.
    pub visible_from: Timestamp,
    pub deleted: Option<Timestamp>,
}

pub(super) struct Application {
    pub object: DirectoryObject,
    pub federated: Vec<Map<String, Value>>,
    pub policy: Option<Uuid>,
}

/// A service principal is a directory object with nothing besides.
pub(super) type Principal = DirectoryObject;

pub(super) struct Secret {
    pub key_id: Uuid,
    pub display_name: Option<String>,
    pub value: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub usable_from: Timestamp,
}

/// An application or a service principal, by its place in its tenant: both bear secrets and certificates, and have owners.
#[derive(Clone, Copy)]
pub(super) enum Bearer {
    Application(usize),
    Principal(usize),
}

/// A delegated permission grant.
pub(super) struct Grant {
    pub id: String,
    pub client_id: Uuid,
    pub consent_type: String,
    pub principal_id: Option<Uuid>,
    pub resource_id: Uuid,
    pub scope: String,
    /// The tenant's serial at the last change.
    pub changed: u64,
}

/// An app role that a principal holds.
pub(super) struct Assignment {
    pub id: String,
    pub principal_id: Uuid,
    pub resource_id: Uuid,
    pub app_role_id: Uuid,
    pub created: Timestamp,
}

/// A directory role that somebody has.
pub(super) struct RoleAssignment {
    pub id: String,
    pub principal_id: Uuid,
    /// The role's template, which is a built-in role's definition too.
    pub role: String,
}

/// A secret policy for single applications.
pub(super) struct AppPolicy {
    pub id: Uuid,
    /// As Graph shows it.
    pub content: Value,
}

impl Tenant {
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// An application or a service principal of this tenant on which nothing hangs yet, to be put among the others.
    pub fn new_object(
        &mut self,
        object_id: Uuid,
        app_id: Uuid,
        properties: Map<String, Value>,
        visible_from: Timestamp,
    ) -> DirectoryObject {
        let serial = self.next_serial();
        DirectoryObject {
            object_id,
            app_id,
            serial,
            changed: serial,
            properties,
            secrets: Vec::new(),
            owners: Vec::new(),
            visible_from,
            deleted: None,
        }
    }

    /// The live application with this client ID, replication aside.
    pub fn application_by_app_id(&self, app_id: Uuid) -> Option<&Application> {
        self.applications
            .iter()
            .find(|one| one.app_id == app_id && one.is_live())
    }

    /// The live service principal of this client ID, replication aside.
    pub fn principal_by_app_id(&self, app_id: Uuid) -> Option<&Principal> {
        self.principals
            .iter()
            .find(|one| one.app_id == app_id && one.is_live())
    }

    /// Notes for deltas that an application changed, and with it its service principal, which repeats what it says.
    pub fn application_changed(&mut self, place: usize) {
        self.applications[place].changed = self.next_serial();
        let app_id = self.applications[place].app_id;
        let own = self
            .principals
            .iter()
            .position(|one| one.app_id == app_id && one.is_live());
        if let Some(own) = own {
            self.principal_changed(own);
        }
    }

    pub fn bearer(&mut self, bearer: Bearer) -> &mut DirectoryObject {
        match bearer {
            Bearer::Application(place) => &mut self.applications[place],
            Bearer::Principal(place) => &mut self.principals[place],
        }
    }

    /// Notes for deltas that one of them changed.
    pub fn bearer_changed(&mut self, bearer: Bearer) {
        match bearer {
            Bearer::Application(place) => self.application_changed(place),
            Bearer::Principal(place) => self.principal_changed(place),
        }
    }

    /// Notes for deltas that a service principal changed.
    pub fn principal_changed(&mut self, place: usize) {
        self.principals[place].changed = self.next_serial();
    }

    /// Notes for deltas that a service principal went or came back, and with it what it was granted.
    pub fn principal_came_or_went(&mut self, place: usize) {
        self.principal_changed(place);
        let client = self.principals[place].object_id;
        let changed = self.next_serial();
        for grant in self.grants.iter_mut().filter(|one| one.client_id == client) {
            grant.changed = changed;
        }
    }

    /// Notes for deltas that an object of a collection is gone for good.
    pub fn note_purged(&mut self, id: String, collection: &'static str) {
        let changed = self.next_serial();
        self.purged.push(Purged {
            id,
            collection,
            changed,
        });
    }

    /// Whether a service principal is there, neither deleted nor unknown.
    pub fn has_principal(&self, object_id: Uuid) -> bool {
        self.principals
            .iter()
            .any(|one| one.object_id == object_id && one.is_live())
    }

    /// The operator of every training tenant.
    pub fn operator(&self) -> (Uuid, String) {
        (
            identity::guid(&format!("operator {}", self.primary_domain)),
            format!("noc@{}", self.primary_domain),
        )
    }
}

impl DirectoryObject {
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }

    /// It is not deleted, whether replication has brought it within reach or not.
    pub fn is_live(&self) -> bool {
        self.deleted.is_none()
    }

    /// It is live, and replication has brought it within reach.
    pub fn is_within_reach(&self, now: Timestamp) -> bool {
        self.is_live() && self.visible_from <= now
    }
}

impl From<DirectoryObject> for Application {
    fn from(object: DirectoryObject) -> Application {
        Application {
            object,
            federated: Vec::new(),
            policy: None,
        }
    }
}

impl Deref for Application {
    type Target = DirectoryObject;

    fn deref(&self) -> &DirectoryObject {
        &self.object
    }
}

impl DerefMut for Application {
    fn deref_mut(&mut self) -> &mut DirectoryObject {
        &mut self.object
    }
}
