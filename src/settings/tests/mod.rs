//! What the settings file may say, and what is said of one that can't be read so.

mod devices_and_tenants;
mod mistakes;
mod secret_sources;
mod starter;
mod ways_to_sign_in;

use super::*;
use crate::inventory::Known;
use crate::registration::blueprint::Blueprint;
use crate::registration::fleet::{Device, PortalWay, Tenant};

const FILE: &str = "/etc/umpdeck/settings.toml";

const TENANT: &str = r#"
[[tenants]]
id = "11111111-2222-3333-4444-555555555555"
name = "Finebak"
primary_domain = "finebak.com"
"#;

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(text, Path::new(FILE))
}

fn known(settings: &Settings) -> Known {
    let blueprints = Blueprint::built_in().into_iter().map(|one| one.name.into());
    let profiles = [("handoff", PortalWay::Handoff), ("site", PortalWay::Http)];
    let profiles = profiles.map(|(name, way)| (name.into(), way));
    settings.known(blueprints.collect(), profiles.to_vec())
}

fn fleet(text: &str) -> Result<(Vec<Tenant>, Vec<Device>), SettingsError> {
    let settings = parse(text)?;
    settings.fleet(&known(&settings))
}

fn error(text: &str) -> String {
    fleet(text).unwrap_err().to_string()
}
