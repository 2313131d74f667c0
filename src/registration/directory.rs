//! What a tenant's directory holds, as far as devices are told by it. It is kept between two refreshes, so that the
//! second one asks only for what changed.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::observed::{Application, ServicePrincipal};

/// A tenant's directory as it was last listed and followed since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Directory {
    /// When all applications were last listed; `None` = never.
    pub listed: Option<Timestamp>,
    /// All applications of the tenant.
    pub applications: Vec<Listed>,
    /// The applications in the bin, which can be restored for 30 days; `None` = never read.
    pub deleted: Option<Vec<Deleted>>,
    /// Where to ask for the applications that changed since (`@odata.deltaLink`); `None` = they are listed again.
    pub applications_link: Option<String>,
    /// The service principals of the devices' registrations, by client ID; `None` = looked for, and there is none.
    pub principals: HashMap<Uuid, Option<ServicePrincipal>>,
    /// Where to ask for the service principals that changed since; `None` = they are read again.
    pub principals_link: Option<String>,
}

/// An application in the tenant's bin, where it stays for 30 days and still owns its `uniqueName`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// The application as it was when it was deleted, its `uniqueName` included.
    pub application: Application,
    /// When it was deleted.
    pub at: Timestamp,
}

/// An application, as far as a device's registration is told by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// `id`, the object ID.
    pub object_id: Uuid,
    /// `appId`.
    pub app_id: Uuid,
    /// `displayName`.
    pub display_name: String,
    /// `uniqueName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// Its redirect URIs on all platforms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
}

impl Listed {
    /// What tells a device of an application.
    pub fn of(application: &Application) -> Listed {
        let platforms = [
            &application.web_redirect_uris,
            &application.spa_redirect_uris,
            &application.public_client_redirect_uris,
        ];
        Listed {
            object_id: application.object_id,
            app_id: application.app_id,
            display_name: application.display_name.clone(),
            unique_name: application.unique_name.clone(),
            redirect_uris: platforms.into_iter().flatten().cloned().collect(),
        }
    }
}

impl Directory {
    /// Takes over what changed: applications as they are now, and object IDs of such that are gone.
    pub fn follow<'a>(
        &mut self,
        changed: impl IntoIterator<Item = &'a Application>,
        gone: &HashSet<Uuid>,
    ) {
        let mut news: HashMap<Uuid, Listed> = changed
            .into_iter()
            .map(|one| (one.object_id, Listed::of(one)))
            .collect();
        self.applications
            .retain(|one| !gone.contains(&one.object_id));
        for one in &mut self.applications {
            if let Some(new) = news.remove(&one.object_id) {
                *one = new;
            }
        }
        let mut added: Vec<Listed> = news.into_values().collect();
        added.sort_by_key(|one| one.object_id);
        self.applications.extend(added);
    }

    /// Forgets service principals by their object IDs, and that there is none for these client IDs, so that they are
    /// read again.
    pub fn doubt_principals(&mut self, object_ids: &HashSet<Uuid>, app_ids: &HashSet<Uuid>) {
        self.principals.retain(|app_id, principal| {
            !app_ids.contains(app_id)
                && principal
                    .as_ref()
                    .is_none_or(|one| !object_ids.contains(&one.object_id))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::application;

    fn named(id: u128, name: &str) -> Application {
        Application {
            object_id: Uuid::from_u128(id),
            display_name: name.to_string(),
            ..application()
        }
    }

    #[test]
    fn changes_replace_add_and_take_away_and_leave_the_rest() {
        let mut directory = Directory::default();
        directory.follow(
            &[named(1, "one"), named(2, "two"), named(3, "three")],
            &HashSet::new(),
        );
        directory.follow(
            &[named(2, "second"), named(4, "four")],
            &HashSet::from([Uuid::from_u128(3)]),
        );
        let names: Vec<&str> = directory
            .applications
            .iter()
            .map(|one| one.display_name.as_str())
            .collect();
        assert_eq!(names, ["one", "second", "four"]);
    }

    #[test]
    fn a_principal_that_changed_or_came_is_read_again_and_no_other() {
        let principal = |id| {
            Some(ServicePrincipal {
                object_id: Uuid::from_u128(id),
                enabled: true,
            })
        };
        let mut directory = Directory::default();
        let app = Uuid::from_u128;
        directory.principals =
            HashMap::from([(app(1), principal(11)), (app(2), None), (app(3), None)]);
        directory.doubt_principals(&HashSet::from([app(11)]), &HashSet::from([app(3)]));
        assert_eq!(directory.principals, HashMap::from([(app(2), None)]));
    }
}
