//! `umpdeck tenants add`: the guided first contact with one more tenant.

use std::path::{Path, PathBuf};

use clap::Args;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::questions::Questions;
use super::reading::note_prompt;
use super::signin::identity_words;
use super::tenant_edit::TenantChange;
use super::tenant_way::WayOptions;
use super::tenant_way::{named_way, parted, whole};
use super::{Outcome, site};
use crate::desk::contact::{self, Cloud, DEFAULT_CLIENT, Found, NOT_ADDED, azure_command};
use crate::desk::event::Trouble;
use crate::desk::sign_in::KeptSignIns;
use crate::desk::site::ClientSettings;
use crate::registration::fleet::{Fqdn, valid_display_name};
use crate::settings::{
    DEFAULT_CLIENT_ID, DEFAULT_GRAPH, DEFAULT_LOGIN, NewTenant, Settings, SignIn,
};
use crate::text;

/// Options of `tenants add`.
#[derive(Debug, Args)]
pub struct AddOptions {
    /// The tenant: directory ID or any of its domains
    #[arg(long, value_name = "ID|DOMAIN")]
    pub tenant: Option<String>,
    /// The name that umpdeck shows for it; by default the tenant's own name
    #[arg(long)]
    pub name: Option<String>,
    /// Its primary domain; by default the one that the tenant itself names
    #[arg(long)]
    pub domain: Option<String>,
    /// How to sign in.
    #[command(flatten)]
    pub way: WayOptions,
    /// The sign-in host of its cloud
    #[arg(long, value_name = "URL", default_value = DEFAULT_LOGIN)]
    pub login: String,
    /// The Graph host of its cloud
    #[arg(long, value_name = "URL", default_value = DEFAULT_GRAPH)]
    pub graph: String,
    /// The proxy that leads to it
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust in addition to the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Ask nothing: what is not given is taken as a question would propose it
    #[arg(long)]
    pub yes: bool,
}

/// Finds the tenant, signs in to it, and writes it into the settings file when that is agreed to.
pub(super) async fn add(
    look: &Look,
    settings: &Settings,
    file: &Path,
    options: &AddOptions,
) -> Result<Outcome, Stop> {
    let ask = Questions {
        silent: options.yes,
    };
    let cloud = Cloud {
        login: site::host(&options.login)?,
        graph: site::host(&options.graph)?,
        client: ClientSettings {
            ca_file: options.ca_file.as_deref().map(whole).transpose()?,
            proxy: options.proxy.clone(),
        },
    };
    let named = match &options.tenant {
        Some(named) => named.clone(),
        None => ask.for_text("Directory ID or domain of the tenant", None)?,
    };
    let (id, domain) = match Uuid::parse_str(&named) {
        Ok(id) => (id, None),
        Err(_) => {
            let domain = valid_domain(&named)?;
            (cloud.find(&domain).await?, Some(domain))
        }
    };
    let known = settings.tenants.iter().find(|one| one.id == id);
    let known = known.map(|one| one.name.get_ref().clone());
    contact::not_listed(known).map_err(Stop::usage)?;
    let way = way(&ask, options, id)?;
    let show = |prompt| note_prompt(domain.as_deref().unwrap_or(&named), &prompt, false);
    let found = cloud
        .contact(
            id,
            site::sign_in(&way)?,
            site::scopes(&way),
            show,
            &KeptSignIns::default(),
            &CancellationToken::new(),
        )
        .await?;
    let tenant = NewTenant {
        id,
        name: name(&ask, settings, options, &found, domain.as_deref())?,
        primary_domain: primary_domain(&ask, options, &found, domain)?,
        login: cloud.login.as_str().to_string(),
        graph: cloud.graph.as_str().to_string(),
        proxy: cloud.client.proxy,
        ca_file: cloud.client.ca_file,
        sign_in: way,
    };
    // Said before anything is asked, so that the last question is the one that counts.
    let begin = std::fs::read_to_string(file).unwrap_or_default();
    Settings::with_tenant(&begin, file, &tenant)?;
    let identity = identity_words(look, &found.identity);
    let shown = format!("{identity}\n{}\n", tenant.block());
    match options.json {
        // A question is answered with what it is about in sight; the document alone goes to standard output.
        true if options.yes => {}
        true => output::note(&shown),
        false => output::print(&shown)?,
    }
    let change = TenantChange::added(&tenant);
    let told = |written, words: String| match options.json {
        true => change.json(file, written),
        false => words,
    };
    let question = format!("Add these lines to {}?", file.display());
    if !ask.for_consent(&question)? {
        output::not_written(true);
        return Ok(Outcome {
            text: told(false, String::new()),
            exit: Exit::Unknown,
        });
    }
    Settings::add_tenant(file, &tenant)?;
    let words = format!(
        "{} is added to {}. Add its devices with `umpdeck devices add` or `umpdeck devices import`; `umpdeck status` reads them.",
        tenant.name,
        file.display()
    );
    Ok(Outcome::done(told(true, look.line(&words) + "\n")))
}

fn valid_domain(text: &str) -> Result<String, Stop> {
    match Fqdn::parse(text) {
        Ok(domain) => Ok(domain.as_str().to_string()),
        Err(why) => Err(Stop::usage(Trouble::new(
            format!(
                "{} is neither a directory ID nor a domain",
                text::clean(text)
            ),
            why.to_string(),
            "Give one of the two; the tenant's overview page in the Entra admin center shows both.",
        ))),
    }
}

/// How to sign in: what the command line says, else what is answered.
fn way(ask: &Questions, options: &AddOptions, tenant: Uuid) -> Result<SignIn, Stop> {
    if let Some(way) = named_way(&options.way)? {
        return Ok(way);
    }
    if options.yes {
        return Ok(SignIn::device_code(DEFAULT_CLIENT_ID));
    }
    output::note(
        "Sign in with a code that you type in any browser (code), or with the token that a command prints (command)?",
    );
    if ask.for_one_of("Which", &["code", "command"])? == "command" {
        let azure = azure_command(&tenant.to_string());
        let command = ask.for_text("Command, its words separated by spaces", Some(&azure))?;
        let command = parted(&command);
        return Ok(SignIn::Command { command });
    }
    output::note(DEFAULT_CLIENT);
    let answer = ask.for_text("Client ID", Some(&DEFAULT_CLIENT_ID.to_string()))?;
    match Uuid::parse_str(&answer) {
        Ok(client_id) => Ok(SignIn::device_code(client_id)),
        Err(_) => Err(Stop::usage(Trouble::new(
            NOT_ADDED,
            format!("{answer} is not a client ID"),
            "A client ID is a GUID: see Application (client) ID on the application's overview page.",
        ))),
    }
}

fn name(
    ask: &Questions,
    settings: &Settings,
    options: &AddOptions,
    found: &Found,
    domain: Option<&str>,
) -> Result<String, Stop> {
    let own = found
        .organization
        .as_ref()
        .ok()
        .map(|one| one.name.as_str());
    let proposed = own.filter(|name| !name.is_empty()).or(domain);
    let name = match &options.name {
        Some(name) => name.clone(),
        None => ask.for_text("Name for it here", proposed)?,
    };
    let wrong = |why: String| {
        let what = format!("{} can't be its name", text::clean(&name));
        Stop::usage(Trouble::new(what, why, "Give another one with --name."))
    };
    valid_display_name(&name).map_err(|why| wrong(why.to_string()))?;
    let mut others = settings.tenants.iter().map(|one| one.name.get_ref());
    if others.any(|other| other.eq_ignore_ascii_case(&name)) {
        return Err(wrong("another tenant has it".to_string()));
    }
    Ok(name)
}

fn primary_domain(
    ask: &Questions,
    options: &AddOptions,
    found: &Found,
    domain: Option<String>,
) -> Result<String, Stop> {
    if let Some(domain) = &options.domain {
        return valid_domain(domain);
    }
    let own = match &found.organization {
        Ok(organization) => organization.primary_domain.clone(),
        Err(failure) => {
            output::note(&format!(
                "Its name and domains are unknown: {}. {}",
                failure.why.trim_end_matches('.'),
                failure.next
            ));
            None
        }
    };
    match own.or(domain) {
        Some(domain) => Ok(domain),
        None => valid_domain(&ask.for_text("Its primary domain", None)?),
    }
}
