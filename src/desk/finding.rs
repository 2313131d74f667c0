//! Which application is a device's registration: by link, by unique name, by redirect URI, by name.

use std::collections::HashMap;

use uuid::Uuid;

use crate::registration::blueprint::Blueprint;
use crate::registration::directory::{Deleted, Listed};
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{Application, Candidate};
use crate::registration::redirect::device_redirect_uri;

/// What was found for a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found<'a> {
    /// Its registration.
    pub application: Option<&'a Listed>,
    /// Applications that may be it, when none surely is.
    pub candidates: Vec<Candidate>,
}

/// All applications of a tenant, ready to be looked up.
pub struct Applications<'a> {
    all: &'a [Listed],
    bin: &'a [Deleted],
    by_id: HashMap<Uuid, usize>,
    by_unique_name: HashMap<String, usize>,
    by_uri: HashMap<&'a str, Vec<usize>>,
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Applications<'a> {
    /// Sorts them into the ways to look them up.
    pub fn new(all: &'a [Listed]) -> Applications<'a> {
        let mut this = Applications {
            all,
            bin: &[],
            by_id: HashMap::new(),
            by_unique_name: HashMap::new(),
            by_uri: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (at, app) in all.iter().enumerate() {
            this.by_id.insert(app.object_id, at);
            if let Some(name) = &app.unique_name {
                this.by_unique_name.insert(name.to_lowercase(), at);
            }
            for uri in &app.redirect_uris {
                let places = this.by_uri.entry(uri.as_str()).or_default();
                if places.last() != Some(&at) {
                    places.push(at);
                }
            }
            this.by_name
                .entry(app.display_name.as_str())
                .or_default()
                .push(at);
        }
        this
    }

    /// The same with what is in the bin.
    pub fn with_bin(self, bin: Option<&'a [Deleted]>) -> Applications<'a> {
        let bin = bin.unwrap_or_default();
        Applications { bin, ..self }
    }

    /// Finds a device's registration. An application that bears its redirect URI is it, unless several do; a name
    /// alone only makes a candidate, and one that bears another device's unique name is none.
    pub fn find(&self, blueprint: &Blueprint, device: &Device) -> Found<'a> {
        self.find_named(blueprint, device, &device.default_name())
    }

    /// The same where the registration is to be called otherwise than by default.
    pub fn find_named(&self, blueprint: &Blueprint, device: &Device, name: &str) -> Found<'a> {
        let sure = |at: &usize| Found {
            application: Some(&self.all[*at]),
            candidates: vec![],
        };
        if let Some(at) = device.linked_object_id.and_then(|id| self.by_id.get(&id)) {
            return sure(at);
        }
        if let Some(at) = self.by_unique_name.get(&device.unique_name()) {
            return sure(at);
        }
        let own = device_redirect_uri(blueprint, device).ok();
        let own = own.as_ref().map_or("", |uri| uri.as_str());
        let candidate = |at: &usize, found_by: &str| {
            let app = &self.all[*at];
            Candidate {
                object_id: app.object_id,
                app_id: app.app_id,
                display_name: app.display_name.clone(),
                found_by: found_by.to_string(),
                deleted: None,
                application: None,
            }
        };
        match self.by_uri.get(own).map(Vec::as_slice) {
            Some([at]) => return sure(at),
            Some(several) if !several.is_empty() => {
                let candidates = several
                    .iter()
                    .map(|at| candidate(at, "redirect URI"))
                    .collect();
                return Found {
                    application: None,
                    candidates,
                };
            }
            _ => {}
        }
        let named = self.by_name.get(name).into_iter().flatten();
        let free = named.filter(|at| self.all[**at].unique_name.is_none());
        let free = free.map(|at| candidate(at, "name"));
        Found {
            application: None,
            candidates: free.chain(self.in_the_bin(device, own)).collect(),
        }
    }

    /// What of the bin was surely the device's registration: a name alone says too little there.
    fn in_the_bin(&self, device: &Device, uri: &str) -> impl Iterator<Item = Candidate> {
        let unique_name = device.unique_name();
        let linked = device.linked_object_id;
        let gone = self
            .bin
            .iter()
            .filter(|one| !self.by_id.contains_key(&one.application.object_id));
        gone.filter_map(move |one| {
            let app = &one.application;
            let named = app.unique_name.as_ref();
            let found_by = if linked == Some(app.object_id) {
                "object ID"
            } else if named.is_some_and(|name| name.eq_ignore_ascii_case(&unique_name)) {
                "unique name"
            } else if app.web_redirect_uris.iter().any(|one| one == uri) {
                "redirect URI"
            } else {
                return None;
            };
            Some(Candidate::of(app.clone(), found_by, Some(one.at)))
        })
    }
}

/// The other devices whose own redirect URI stands on the same application.
pub fn shared_with(
    application: &Application,
    device: &Fqdn,
    uris: &HashMap<String, Vec<Fqdn>>,
) -> Vec<Fqdn> {
    let mut others: Vec<Fqdn> = application
        .web_redirect_uris
        .iter()
        .filter_map(|uri| uris.get(uri))
        .flatten()
        .filter(|other| *other != device)
        .cloned()
        .collect();
    others.sort();
    others.dedup();
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::{World, application};

    fn app_named(id: u128, name: &str) -> Application {
        Application {
            object_id: Uuid::from_u128(id),
            display_name: name.to_string(),
            unique_name: None,
            web_redirect_uris: vec![],
            ..application()
        }
    }

    fn listed(all: &[Application]) -> Vec<Listed> {
        all.iter().map(Listed::of).collect()
    }

    #[test]
    fn the_unique_name_wins_over_a_redirect_uri_and_a_name_alone_is_only_a_candidate() {
        let world = World::right();
        let device = &world.device;
        let mut by_name = app_named(1, "");
        by_name.display_name = format!("UMP Sync {}", device.fqdn.short());
        let uri = device_redirect_uri(&world.blueprint, device)
            .unwrap()
            .to_string();
        let mut by_uri = app_named(2, "somebody's");
        by_uri.web_redirect_uris = vec![uri];
        let mut by_unique = app_named(3, "renamed");
        by_unique.unique_name = Some(device.unique_name());

        let all = listed(&[by_name.clone(), by_uri.clone(), by_unique.clone()]);
        let found = Applications::new(&all).find(&world.blueprint, device);
        assert_eq!(found.application, Some(&all[2]));

        let all = listed(&[by_name.clone(), by_uri.clone()]);
        let found = Applications::new(&all).find(&world.blueprint, device);
        assert_eq!(found.application, Some(&all[1]));

        let all = listed(&[by_name.clone()]);
        let found = Applications::new(&all).find(&world.blueprint, device);
        assert_eq!((found.application, found.candidates.len()), (None, 1));

        by_name.unique_name = Some("umpdeck.another.example.com".into());
        let all = listed(&[by_name]);
        let found = Applications::new(&all).find(&world.blueprint, device);
        assert_eq!(found, Found::default());

        let bin: Vec<Deleted> = [&by_unique, &by_uri, &app_named(4, "UMP Sync livecloud")]
            .map(|app| Deleted {
                application: app.clone(),
                at: crate::registration::fixtures::now(),
            })
            .to_vec();
        let live = listed(&[by_unique.clone()]);
        let in_bin = |live: &[Listed]| {
            let applications = Applications::new(live).with_bin(Some(&bin));
            let found = applications.find(&world.blueprint, device);
            let by = |one: &Candidate| (one.deleted.is_some(), one.found_by.clone());
            (
                found.application.is_some(),
                found.candidates.iter().map(by).collect::<Vec<_>>(),
            )
        };
        let restorable = ["unique name", "redirect URI"].map(|by| (true, by.to_string()));
        assert_eq!(in_bin(&[]), (false, restorable.to_vec()));
        assert_eq!(
            in_bin(&live),
            (true, vec![]),
            "one that lives again is in no bin"
        );

        let mut twin = by_uri.clone();
        twin.object_id = Uuid::from_u128(9);
        let all = listed(&[by_uri, twin]);
        let found = Applications::new(&all).find(&world.blueprint, device);
        assert_eq!(
            (found.application, found.candidates.len()),
            (None, 2),
            "the operator chooses"
        );
    }
}
