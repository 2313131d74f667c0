//! `umpdeck tenants`: the tenants that are listed, and the way to what changes them.

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::exit::Stop;
use super::output::Look;
use super::reading::now;
use super::table::{Cell, Kind, table};
use super::tenant_add::{self, AddOptions};
use super::tenant_edit::{self, EditOptions};
use super::{Global, Outcome, document, site};
use crate::desk::contact::NOT_ADDED;
use crate::settings::Settings;

/// Options of `tenants`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TenantsOptions {
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What to do; `None` = list them.
    #[command(subcommand)]
    pub command: Option<TenantsCommand>,
}

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub enum TenantsCommand {
    /// Sign in to a tenant for the first time and add it to the settings file; asks for what is not given
    Add(Box<AddOptions>),
    /// Change what the settings file says of a tenant
    Edit(Box<EditOptions>),
    /// Remove a tenant that has no devices from the settings file
    Remove {
        /// The tenant: name, directory ID or primary domain
        #[arg(value_name = "TENANT")]
        tenant: String,
        /// Print JSON, for scripts
        #[arg(long)]
        json: bool,
        /// Write it without asking; without --yes, umpdeck asks on a terminal, and a script only gets what would change
        #[arg(long)]
        yes: bool,
    },
}

/// Lists the tenants, or adds one.
pub(super) async fn run(global: &Global, options: &TenantsOptions) -> Result<Outcome, Stop> {
    global.not_of_a_sandbox("tenants", "`umpdeck signin --sandbox`")?;
    let (settings, file, _) = match &options.command {
        // The file that --settings names may be one that is to be made.
        Some(_) if global.settings.as_ref().is_some_and(|file| !file.exists()) => (
            Settings::default(),
            Settings::place(global.settings.as_deref())?,
            false,
        ),
        _ => Settings::load(global.settings.as_deref())?,
    };
    let look = Look::of(global, settings.screen.ascii);
    let read_only = site::read_only(global, &settings);
    let refused = match &options.command {
        Some(TenantsCommand::Add(_)) => Some(NOT_ADDED),
        Some(TenantsCommand::Edit(edit)) => edit.yes.then_some("the tenant is not changed"),
        Some(TenantsCommand::Remove { yes, .. }) => yes.then_some("the tenant is not removed"),
        None => None,
    };
    if let Some(what) = refused {
        read_only.may_write(what)?;
    }
    match &options.command {
        None => Ok(list(&look, &settings, &file, options.json)),
        Some(TenantsCommand::Add(options)) => {
            tenant_add::add(&look, &settings, &file, options).await
        }
        Some(TenantsCommand::Edit(options)) => {
            tenant_edit::edit(&look, &settings, &file, options, &read_only)
        }
        Some(TenantsCommand::Remove { tenant, yes, json }) => {
            let wish = tenant_edit::Wish {
                yes: *yes,
                json: *json,
                read_only: &read_only,
            };
            tenant_edit::remove(&look, &settings, &file, tenant, wish)
        }
    }
}

fn list(look: &Look, settings: &Settings, file: &Path, json: bool) -> Outcome {
    let tenants = &settings.tenants;
    if json {
        let all: Vec<Value> = tenants
            .iter()
            .map(|one| {
                json!({
                    "id": one.id,
                    "name": one.name.get_ref(),
                    "primaryDomain": one.primary_domain,
                    "signIn": one.sign_in.way(),
                    "login": one.login,
                    "graph": one.graph,
                })
            })
            .collect();
        let mut document = document::head("umpdeck.tenants/1", now(), false);
        document.insert("tenants".into(), all.into());
        return Outcome::done(document::text(document));
    }
    if tenants.is_empty() {
        return Outcome::done(
            look.line(&format!(
                "No tenant is listed in {}. To add one: umpdeck tenants add",
                file.display()
            )) + "\n",
        );
    }
    let rows: Vec<Vec<Cell>> = tenants
        .iter()
        .map(|one| {
            vec![
                Cell::plain(one.name.get_ref()),
                Cell::plain(&one.primary_domain),
                Cell::plain(one.id.to_string()),
                Cell::plain(one.sign_in.way()),
            ]
        })
        .collect();
    let columns = [
        ("TENANT", Kind::Wrapped),
        ("DOMAIN", Kind::Wrapped),
        ("DIRECTORY ID", Kind::Words),
        ("SIGN-IN", Kind::Words),
    ];
    Outcome::done(table(look, &columns, &rows))
}
