//! What can be wrong with a profile, told from its text alone: no portal is asked.

use super::{BodyKind, LoginWay, Profile};
use crate::registration::fleet::PortalWay;
use crate::registration::portal_page::Holds;

/// A profile that can't be used, in words for who maintains it.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, or not a profile's fields.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// An http profile lacks a part.
    #[error("the profile {name} has {because} and no {part}")]
    Incomplete {
        /// The profile.
        name: String,
        /// What makes the part necessary.
        because: &'static str,
        /// What it lacks.
        part: &'static str,
    },
    /// A value can't be.
    #[error("the profile {name}: {what}")]
    Value {
        /// The profile.
        name: String,
        /// What is wrong.
        what: String,
    },
}

impl Profile {
    /// Each part is there that another one needs.
    pub(super) fn check_parts(&self) -> Result<(), ProfileError> {
        let by_http = self.way == PortalWay::Http;
        let by_form = self.login.way == LoginWay::Form;
        let tasks = self
            .write
            .as_ref()
            .is_some_and(|write| write.task.is_some());
        let http = "way = \"http\"";
        let form = "login by form";
        let task = "a task in [write]";
        let parts = [
            (by_http && self.read.is_none(), http, "[read]"),
            (by_http && self.write.is_none(), http, "[write]"),
            (
                by_form && self.login.path.is_none(),
                form,
                "path in [login]",
            ),
            (
                by_form && self.login.user.is_none(),
                form,
                "user in [login]",
            ),
            (
                by_form && self.login.password.is_none(),
                form,
                "password in [login]",
            ),
            (
                by_form && self.login.cookie.is_none(),
                form,
                "cookie in [login]",
            ),
            (tasks && self.task.is_none(), task, "[task]"),
        ];
        match parts.into_iter().find(|(lacks, ..)| *lacks) {
            None => Ok(()),
            Some((_, because, part)) => Err(ProfileError::Incomplete {
                name: self.name.clone(),
                because,
                part,
            }),
        }
    }

    /// Each value can be what it is.
    pub(super) fn check_values(&self) -> Result<(), ProfileError> {
        let wrong = |what: String| {
            Err(ProfileError::Value {
                name: self.name.clone(),
                what,
            })
        };
        let needed = [Holds::ClientId, Holds::ClientSecret, Holds::RedirectUri];
        for holds in needed {
            let count = self.page.fields.iter().filter(|one| one.holds == holds);
            if count.count() != 1 {
                return wrong(
                    "[page] needs exactly one field that holds client-id, one client-secret, and one redirect-uri"
                        .to_string(),
                );
            }
        }
        for path in self.paths() {
            if !path.starts_with('/') {
                return wrong(format!("the path {path:?} must begin with /"));
            }
        }
        for pointer in self.pointers() {
            if !pointer.starts_with('/') {
                return wrong(format!(
                    "{pointer:?} is not a place in JSON: a place begins with /, as in /data/clientId"
                ));
            }
        }
        if let Some(write) = &self.write
            && write.body == BodyKind::Json
        {
            let mut body = serde_json::Value::Object(Default::default());
            let names = [&write.client_id, &write.client_secret, &write.redirect_uri];
            for name in names.into_iter().chain(write.constants.keys()) {
                if crate::portal::interface::set(&mut body, name, serde_json::Value::Null).is_none()
                {
                    return wrong(format!(
                        "the field {name:?} of [write] is at the same place as another field"
                    ));
                }
            }
        }
        Ok(())
    }

    fn paths(&self) -> Vec<&str> {
        let customers = self.customers.as_ref();
        let all = [
            self.login.path.as_ref(),
            self.read.as_ref().map(|one| &one.path),
            self.write.as_ref().map(|one| &one.path),
            self.task.as_ref().map(|one| &one.path),
            customers.map(|one| &one.path),
            customers.and_then(|one| one.details.as_ref()),
            self.invitations.as_ref().map(|one| &one.path),
            self.account.as_ref().map(|one| &one.path),
            self.customer_account.as_ref().map(|one| &one.path),
        ];
        all.into_iter().flatten().map(String::as_str).collect()
    }

    fn pointers(&self) -> Vec<&str> {
        let mut all: Vec<Option<&String>> = Vec::new();
        if let Some(read) = &self.read {
            all.extend([Some(&read.client_id), Some(&read.redirect_uri)]);
            all.extend([
                read.has_client_secret.as_ref(),
                read.customer_portal_url.as_ref(),
            ]);
        }
        all.push(self.write.as_ref().and_then(|one| one.task.as_ref()));
        all.push(self.success.as_ref().map(|one| &one.at));
        if let Some(error) = &self.error {
            all.extend([Some(&error.kind), Some(&error.text)]);
        }
        if let Some(task) = &self.task {
            all.extend([Some(&task.status), task.text.as_ref()]);
        }
        if let Some(one) = &self.customers {
            all.push(Some(&one.short_name));
            all.extend(
                [&one.guid, &one.full_name, &one.tenant_id, &one.licence].map(Option::as_ref),
            );
            all.extend([&one.licensed_users, &one.active_users, &one.sites].map(Option::as_ref));
        }
        if let Some(one) = &self.invitations {
            all.push(Some(&one.short_name));
            all.extend([&one.full_name, &one.tenant_id].map(Option::as_ref));
            all.extend([&one.consented, &one.admin_roles].map(Option::as_ref));
        }
        for one in self.account.iter().chain(&self.customer_account) {
            all.extend([&one.connected_account, &one.application_id].map(Option::as_ref));
            all.extend([&one.secret_expiry, &one.days_left, &one.roles].map(Option::as_ref));
            all.extend([&one.last_status, &one.last_status_at].map(Option::as_ref));
        }
        all.into_iter().flatten().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_http_profile_without_one_of_its_calls_is_refused() {
        let text = include_str!("../../../assets/portals/sandbox.toml");
        for (part, after) in [("[read]", "[write]"), ("[write]", "# A write is done")] {
            let (before, rest) = text.split_once(part).unwrap();
            let (_, rest) = rest.split_once(after).unwrap();
            let error = Profile::parse(&format!("{before}{after}{rest}")).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn what_can_not_be_is_said_in_words() {
        let form = include_str!("../../../assets/portals/sandbox-form.toml");
        let tasks = include_str!("../../../assets/portals/sandbox-tasks.toml");
        for (text, from, to, words) in [
            (form, "cookie = \"UmpSession\"\n", "", "cookie in [login]"),
            (
                form,
                "path = \"/login\"",
                "path = \"login\"",
                "must begin with /",
            ),
            (
                form,
                "\"/data/clientId\"",
                "\"data.clientId\"",
                "not a place in JSON",
            ),
            (
                form,
                "holds = \"client-id\"",
                "holds = \"untouched\"",
                "exactly one field",
            ),
            (
                tasks,
                "way = \"basic\"",
                "way = \"guess\"",
                "unknown variant",
            ),
            (
                tasks,
                "client_secret = \"/SyncApplication/ClientSecret\"",
                "client_secret = \"/SyncApplication/ClientId/Secret\"",
                "is at the same place as another field",
            ),
        ] {
            let changed = text.replace(from, to);
            assert_ne!(changed, text, "{from}");
            let error = Profile::parse(&changed).unwrap_err().to_string();
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}
