//! From the command line to a site: a training ground inside this program or outside of it, else what the settings
//! file lists.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::exit::{Stop, of_words};
use super::own_files::{blueprints, invitation, profiles};
use super::{Global, log, output, process};
use crate::desk::event::Trouble;
use crate::desk::read_only::ReadOnly;
use crate::desk::site::{
    BaseUrl, ClientCertificate, ClientSettings, Person, PortalAccess, PortalApplication, Profile,
    SignIn, Site, Template, TenantSite,
};
use crate::desk::training;
use crate::inventory::Known;
use crate::private;
use crate::registration::blueprint::Blueprint;
use crate::sandbox::{Sandbox, SandboxOptions};
use crate::settings::{self, Settings, TenantEntry};

/// How long a sandbox outside may take to send its inventory.
const PATIENCE: Duration = Duration::from_secs(5);

/// All that a face needs to begin.
pub(super) struct Start {
    /// What to work on.
    pub site: Site,
    /// The settings, without the tenants and devices that are in the site.
    pub settings: Settings,
    /// The settings file, whether it is there or not.
    pub settings_file: PathBuf,
    /// The log's place.
    pub log: PathBuf,
    /// The sandbox inside this program: it lives as long as this does.
    pub sandbox: Option<Sandbox>,
}

/// Reads the settings, opens the log, and builds the site.
///
/// # Errors
/// What can't be used: settings, sandbox, blueprints, profiles.
pub(super) async fn start(global: &Global) -> Result<Start, Stop> {
    // First what the command line alone can be wrong in: until then nothing is made on this machine.
    let endpoint = match &global.endpoint {
        Some(url) => Some((url, endpoint_folder(url)?)),
        None => None,
    };
    let (settings, settings_file, _) = Settings::load(global.settings.as_deref())?;
    let data_dir = Settings::data_dir(global.data_dir.as_deref())?;
    let level = global.log_level.unwrap_or(settings.log_level);
    let opened = match for_us_alone(&data_dir)? {
        Ok(()) => log::open(&data_dir, level),
        Err(why) => Err(why),
    };
    if let Err(why) = opened {
        // Work that matters goes on without a log.
        let place = log::place(&data_dir);
        output::note(&format!(
            "no log is written: {}: {why}. Correct its owner and permissions, or name another place with --data-dir.",
            place.display()
        ));
    }
    let operator = process::operator();
    let (mut site, sandbox) = if global.sandbox {
        let sandbox = Sandbox::start(SandboxOptions::default()).await?;
        let folder = data_dir.join("sandbox");
        let mut site = training(&sandbox.url(), None, folder, operator).await?;
        site.begins_anew = true;
        (site, Some(sandbox))
    } else if let Some((url, folder)) = endpoint {
        let ca = global.endpoint_ca.as_deref();
        let site = training(url, ca, data_dir.join(folder), operator).await?;
        (site, None)
    } else {
        (of_settings(&settings, data_dir.clone(), operator)?, None)
    };
    if site.data_dir != data_dir {
        // What the system says against it, the store says in its own words.
        let _ = for_us_alone(&site.data_dir)?;
    }
    site.read_only = global.read_only;
    site.syslog.clone_from(&settings.audit.syslog);
    if let Some(file) = &settings.invitation {
        site.invitation = invitation(file)?;
    }
    for blueprint in &mut site.blueprints {
        blueprint.secret_days = settings.secret_days();
    }
    Ok(Start {
        site,
        settings: settings.without_fleet(),
        settings_file,
        log: log::place(&data_dir),
        sandbox,
    })
}

impl Global {
    /// Refuses a sandbox, whose own `what` stand in no settings file; `shows` is the command that shows them.
    ///
    /// # Errors
    /// [`Stop::usage`] for a sandbox.
    pub(super) fn not_of_a_sandbox(&self, what: &str, shows: &str) -> Result<(), Stop> {
        if !self.sandbox && self.endpoint.is_none() {
            return Ok(());
        }
        Err(Stop::usage(Trouble::new(
            format!("a sandbox's {what} are its own"),
            "no settings file lists them",
            format!("Run it without --sandbox and --endpoint; {shows} shows those of the sandbox."),
        )))
    }
}

/// Makes a folder of umpdeck's where there is none, and says what the system has against that.
///
/// # Errors
/// [`Stop::Trouble`] for one that others may use.
fn for_us_alone(folder: &Path) -> Result<std::io::Result<()>, Stop> {
    match private::folder(folder) {
        Ok(()) => Ok(Ok(())),
        Err(private::Failure::System(why)) => Ok(Err(why)),
        Err(private::Failure::Exposed(why)) => {
            let what = "the data folder can't be used";
            Err(of_words(what, &why.to_string(), "").into())
        }
    }
}

/// Where nothing may be changed, by the command line and the settings.
pub(super) fn read_only(global: &Global, settings: &Settings) -> ReadOnly {
    let looked_at = settings.tenants.iter().filter(|one| one.read_only);
    ReadOnly {
        everywhere: global.read_only,
        tenants: looked_at.map(|one| one.id).collect(),
    }
}

async fn training(
    url: &str,
    ca: Option<&Path>,
    folder: PathBuf,
    operator: String,
) -> Result<Site, Trouble> {
    let site = training::site(url, ca, folder, operator);
    match tokio::time::timeout(PATIENCE, site).await {
        Ok(site) => site,
        Err(_) => Err(Trouble::new(
            "the sandbox's inventory can't be read",
            format!("{url} did not answer within {} s", PATIENCE.as_secs()),
            "Check that it is the url that `umpdeck sandbox` printed; if it is, start `umpdeck sandbox` again.",
        )),
    }
}

/// Each sandbox outside has a store of its own, by its address.
fn endpoint_folder(url: &str) -> Result<String, Stop> {
    let wrong = |why: String| {
        Stop::usage(Trouble::new(
            "the endpoint can't be used",
            why,
            "Give the url that `umpdeck sandbox` printed, such as http://127.0.0.1:8443.",
        ))
    };
    let base = BaseUrl::parse(url).map_err(|why| wrong(why.to_string()))?;
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '.' {
            letter
        } else {
            '-'
        }
    };
    let host: String = base.host().chars().map(plain).collect();
    Ok(format!("endpoint-{host}"))
}

/// The site that the settings list.
///
/// # Errors
/// [`Stop::Trouble`] that names the entry, or the file of a blueprint or a profile.
fn of_settings(settings: &Settings, data_dir: PathBuf, operator: String) -> Result<Site, Stop> {
    let blueprints = blueprints(settings.blueprints_dir.as_deref())?;
    let profiles = profiles(settings.portals_dir.as_deref())?;
    let (tenants, devices) = settings.fleet(&known(settings, &blueprints, &profiles))?;
    let tenants = settings
        .tenants
        .iter()
        .zip(tenants)
        .map(|(entry, tenant)| {
            Ok(TenantSite {
                read_only: entry.read_only,
                login: host(&entry.login)?,
                graph: host(&entry.graph)?,
                sign_in: sign_in(&entry.sign_in)?,
                scopes: scopes(&entry.sign_in),
                client: ClientSettings {
                    ca_file: entry.ca_file.clone(),
                    proxy: entry.proxy.clone(),
                },
                portal: portal(entry)?,
                tenant,
            })
        })
        .collect::<Result<Vec<_>, Stop>>()?;
    Ok(Site {
        sandbox: false,
        begins_anew: false,
        read_only: false,
        tenants,
        devices,
        blueprints,
        profiles,
        invitation: Template::built_in(),
        data_dir,
        operator,
        syslog: None,
    })
}

/// What a device of the settings may name.
///
/// # Errors
/// [`Trouble`] that names the file of a blueprint or a profile.
pub(super) fn known_to(settings: &Settings) -> Result<Known, Trouble> {
    let blueprints = blueprints(settings.blueprints_dir.as_deref())?;
    let profiles = profiles(settings.portals_dir.as_deref())?;
    Ok(known(settings, &blueprints, &profiles))
}

fn known(settings: &Settings, blueprints: &[Blueprint], profiles: &[Profile]) -> Known {
    settings.known(
        blueprints
            .iter()
            .map(|one| one.name.as_str().into())
            .collect(),
        profiles
            .iter()
            .map(|one| (one.name.as_str().into(), one.way))
            .collect(),
    )
}

/// A host of the settings.
///
/// # Errors
/// [`Trouble`] when it is no address that tokens may go to.
pub(super) fn host(text: &str) -> Result<BaseUrl, Trouble> {
    BaseUrl::parse(text).map_err(|why| {
        Trouble::new(
            "the settings can't be used",
            format!("{text}: {why}"),
            "Correct the tenant's hosts in the settings file.",
        )
    })
}

/// The permissions that a person's sign-in names.
pub(super) fn scopes(way: &settings::SignIn) -> Vec<String> {
    match way {
        settings::SignIn::DeviceCode { scopes, .. } => scopes.clone(),
        _ => Vec::new(),
    }
}

/// The way to sign in, with its secret or certificate read.
///
/// # Errors
/// [`Stop::Trouble`] when that can't be had.
pub(super) fn sign_in(way: &settings::SignIn) -> Result<SignIn, Stop> {
    Ok(match way {
        settings::SignIn::DeviceCode { client_id, .. } => SignIn::DeviceCode {
            client_id: *client_id,
        },
        settings::SignIn::ClientSecret { client_id, secret } => SignIn::ClientSecret {
            client_id: *client_id,
            secret: secret.read()?,
        },
        settings::SignIn::Certificate {
            client_id,
            certificate,
        } => {
            let pem = way.read_certificate()?.unwrap_or_default();
            let certificate = ClientCertificate::from_pem(&pem).map_err(|why| {
                let what = format!("the certificate {} can't be used", certificate.display());
                of_words(&what, &why.to_string(), "Correct it and start again.")
            })?;
            SignIn::Certificate {
                client_id: *client_id,
                certificate: Arc::new(certificate),
            }
        }
        settings::SignIn::Command { command } => SignIn::Command {
            words: command.clone(),
        },
    })
}

fn portal(entry: &TenantEntry) -> Result<Option<PortalAccess>, Stop> {
    let Some(portal) = &entry.portal else {
        return Ok(None);
    };
    let application = match &portal.application {
        Some(one) => Some(PortalApplication {
            client_id: one.client_id,
            secret: one.secret.read()?,
            // The sign-in adds the `.default` again.
            resource: one.scope.trim_end_matches("/.default").to_string(),
        }),
        None => None,
    };
    let person = match &portal.person {
        Some(one) => Some(Person {
            user: one.user.clone(),
            password: one.password.read()?,
        }),
        None => None,
    };
    Ok(Some(PortalAccess {
        application,
        person,
        client: (portal.proxy.is_some() || portal.ca_file.is_some()).then(|| ClientSettings {
            ca_file: portal.ca_file.clone().or_else(|| entry.ca_file.clone()),
            proxy: portal.proxy.clone().or_else(|| entry.proxy.clone()),
        }),
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::registration::fleet::PortalWay;

    const TENANT: &str = "[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\"\nname = \"Finebak\"\n\
        primary_domain = \"finebak.com\"\n";

    fn site(text: &str, dir: &Path) -> Result<Site, String> {
        let settings = Settings::parse(text, &dir.join("settings.toml")).unwrap();
        of_settings(&settings, dir.to_path_buf(), "me@here".into()).map_err(|stop| match stop {
            Stop::Trouble(trouble, _) => trouble.to_string(),
            Stop::ReaderGone | Stop::Signal(_) => String::new(),
        })
    }

    #[test]
    fn a_tenant_and_a_device_of_the_settings_become_a_site() {
        let dir = tempfile::tempdir().unwrap();
        let linked = "22222222-2222-3333-4444-555555555555";
        let text =
            format!("{TENANT}[[devices]]\nfqdn = \"ump.finebak.com\"\nobject_id = \"{linked}\"\n");
        let site = site(&text, dir.path()).unwrap();
        let object_id = site.devices[0].linked_object_id;
        assert_eq!(object_id.map(|id| id.to_string()).as_deref(), Some(linked));
        assert!(!site.sandbox && !site.begins_anew);
        assert_eq!(site.tenants[0].login.as_str(), settings::DEFAULT_LOGIN);
        assert_eq!(
            site.tenants[0].sign_in.client_id(),
            Some(settings::DEFAULT_CLIENT_ID)
        );
        assert_eq!(site.devices[0].portal_way, PortalWay::Handoff);
        assert_eq!(*site.devices[0].blueprint, *site.blueprints[0].name);
    }

    #[test]
    fn each_file_of_the_assets_can_be_read_and_is_built_in() {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let folders = "blueprints_dir = \"blueprints\"\nportals_dir = \"portals\"";
        // As a site's own each takes the place of its namesake; what is not built in would join them.
        let site = site(folders, &assets).unwrap();
        let built_in = Blueprint::built_in();
        let names = |all: &[Blueprint]| all.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&site.blueprints), names(&built_in));
        let profiles = Profile::built_in();
        let names = |all: &[Profile]| all.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&site.profiles), names(&profiles));
        for (folder, count) in [("blueprints", built_in.len()), ("portals", profiles.len())] {
            let files = fs::read_dir(assets.join(folder)).unwrap();
            let files = files.map(|file| file.unwrap().path());
            let files = files.filter(|path| path.extension().is_some_and(|end| end == "toml"));
            assert_eq!(files.count(), count, "{folder}");
        }
    }

    #[test]
    fn a_blueprint_of_the_sites_own_takes_the_place_of_its_namesake_or_joins_the_others() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("b")).unwrap();
        let built_in = include_str!("../../assets/blueprints/consent-2025.toml");
        let changed = built_in.replace("secret_months = 24", "secret_months = 6");
        let another = built_in.replace("name = \"consent-2025\"", "name = \"ours\"");
        fs::write(dir.path().join("b/1.toml"), changed).unwrap();
        fs::write(dir.path().join("b/2.toml"), another).unwrap();
        fs::write(dir.path().join("b/notes.txt"), "no blueprint").unwrap();
        let site = site("blueprints_dir = \"b\"", dir.path()).unwrap();
        assert_eq!(site.blueprints.len(), Blueprint::built_in().len() + 1);
        assert_eq!(site.blueprints[0].secret_months, 6);
        assert_eq!(site.blueprints.last().unwrap().name, "ours");
    }

    #[test]
    fn a_broken_profile_is_named_with_its_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("p")).unwrap();
        fs::write(dir.path().join("p/x.toml"), "name = \"x\"\nbroken").unwrap();
        let error = site("portals_dir = \"p\"", dir.path()).unwrap_err();
        assert!(
            error.contains("x.toml: line 2") && error.contains("Correct it"),
            "{error}"
        );
        assert!(site("portals_dir = \"q\"", dir.path()).is_err());
    }

    #[test]
    fn a_missing_secret_is_said_before_anything_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let text = format!(
            "{TENANT}sign_in = {{ way = \"client-secret\", client_id = \"{}\", secret_file = \"none\" }}",
            settings::DEFAULT_CLIENT_ID
        );
        let error = site(&text, dir.path()).unwrap_err();
        assert!(
            error.starts_with("the settings can't be used: the secret in the file"),
            "{error}"
        );
    }

    #[test]
    fn an_endpoints_folder_is_one_plain_name() {
        let folder = |url| endpoint_folder(url).map_err(|_| ());
        assert_eq!(
            folder("http://127.0.0.1:8443/"),
            Ok("endpoint-127.0.0.1-8443".into())
        );
        assert_eq!(
            folder("http://[::1]:8443"),
            Ok("endpoint----1--8443".into())
        );
        assert_eq!(folder("rubbish"), Err(()));
    }
}
