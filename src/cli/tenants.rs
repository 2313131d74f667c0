//! `umpdeck tenants`: the tenants that are listed, and the guided first contact with one more.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::arguments::{AddOptions, TenantsCommand, TenantsOptions, WayOptions};
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::reading::{note_prompt, now};
use super::signin::identity_words;
use super::table::{Cell, Kind, table};
use super::tenant_edit::{self, TenantChange};
use super::{Global, Outcome, document, site};
use crate::desk::contact::{Cloud, Contact};
use crate::desk::event::Trouble;
use crate::desk::sign_in::KeptSignIns;
use crate::desk::site::ClientSettings;
use crate::registration::fleet::{Fqdn, valid_display_name};
use crate::settings::{DEFAULT_CLIENT_ID, NewTenant, SecretSource, Settings, SignIn};
use crate::text;

/// No answer is longer, in bytes.
const LONGEST_ANSWER: u64 = 4096;
const WHAT: &str = "the tenant is not added";

/// Lists the tenants, or adds one.
pub(super) async fn run(global: &Global, options: &TenantsOptions) -> Result<Outcome, Stop> {
    if global.sandbox || global.endpoint.is_some() {
        return Err(Stop::usage(Trouble::new(
            "a sandbox's tenants are its own",
            "they stand in no settings file",
            "Leave --sandbox and --endpoint out; `umpdeck signin --sandbox` shows the sandbox's.",
        )));
    }
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
        Some(TenantsCommand::Add(_)) => Some(WHAT),
        Some(TenantsCommand::Edit(edit)) => edit.yes.then_some("the tenant is not changed"),
        Some(TenantsCommand::Remove { yes, .. }) => yes.then_some("the tenant is not removed"),
        None => None,
    };
    if let Some(what) = refused {
        read_only.may_write(what)?;
    }
    match &options.command {
        None => Ok(list(&look, &settings, &file, options.json)),
        Some(TenantsCommand::Add(options)) => add(&look, &settings, &file, options).await,
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
        ("Tenant", Kind::Wrapped),
        ("Domain", Kind::Wrapped),
        ("Directory ID", Kind::Words),
        ("Sign-in", Kind::Words),
    ];
    Outcome::done(table(look, &columns, &rows))
}

async fn add(
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
    if let Some(known) = settings.tenants.iter().find(|one| one.id == id) {
        return Err(Stop::usage(Trouble::new(
            WHAT,
            format!("it is listed already, as {}", known.name.get_ref()),
            "`umpdeck tenants edit` changes how umpdeck signs in.",
        )));
    }
    let way = way(&ask, options, id)?;
    let show = |prompt| note_prompt(domain.as_deref().unwrap_or(&named), &prompt, false);
    let contact = cloud
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
        name: name(&ask, settings, options, &contact, domain.as_deref())?,
        primary_domain: primary_domain(&ask, options, &contact, domain)?,
        login: cloud.login.as_str().to_string(),
        graph: cloud.graph.as_str().to_string(),
        proxy: cloud.client.proxy,
        ca_file: cloud.client.ca_file,
        sign_in: way,
    };
    // Said before anything is asked, so that the last question is the one that counts.
    let begin = std::fs::read_to_string(file).unwrap_or_default();
    Settings::with_tenant(&begin, file, &tenant)?;
    let identity = identity_words(look, &contact.identity);
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
        output::note("Nothing was written.");
        return Ok(Outcome {
            text: told(false, String::new()),
            exit: Exit::Unknown,
        });
    }
    Settings::add_tenant(file, &tenant)?;
    let words = format!(
        "{} is added to {}. `umpdeck devices add` or `import` lists its devices, `umpdeck status` reads them.",
        tenant.name,
        file.display()
    );
    Ok(Outcome::done(told(true, look.line(&words) + "\n")))
}

/// A path that holds from every folder.
pub(super) fn whole(path: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(path).map_err(|why| {
        let why = format!("{}: {why}", path.display());
        Stop::usage(Trouble::new(WHAT, why, "Name the file."))
    })
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
            "Give one of the two; both stand on the tenant's overview page in the Entra admin center.",
        ))),
    }
}

/// How to sign in, where the command line says it.
pub(super) fn named_way(options: &WayOptions) -> Result<Option<SignIn>, Stop> {
    let client_id = options.client_id.unwrap_or(DEFAULT_CLIENT_ID);
    let secret = |secret| Some(SignIn::ClientSecret { client_id, secret });
    if let Some(file) = &options.certificate {
        let certificate = whole(file)?;
        return Ok(Some(SignIn::Certificate {
            client_id,
            certificate,
        }));
    }
    if let Some(name) = &options.secret_env {
        return Ok(secret(SecretSource::Env(name.clone())));
    }
    if let Some(file) = &options.secret_file {
        return Ok(secret(SecretSource::File(whole(file)?)));
    }
    if let Some(words) = &options.secret_command {
        return Ok(secret(SecretSource::Command(parted(words))));
    }
    if let Some(words) = &options.command {
        let command = parted(words);
        return Ok(Some(SignIn::Command { command }));
    }
    Ok(options.client_id.map(SignIn::device_code))
}

fn parted(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_string).collect()
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
        "Sign in with a code that you type in any browser (code), or with the token that a command prints (command).",
    );
    if ask.for_one_of("Which", &["code", "command"])? == "command" {
        let azure = format!(
            "az account get-access-token --resource-type ms-graph --tenant {tenant} -o json"
        );
        let command = ask.for_text("Command, its words parted by spaces", Some(&azure))?;
        let command = parted(&command);
        return Ok(SignIn::Command { command });
    }
    output::note(
        "The client ID is of the public client that asks for the sign-in. Microsoft Graph Command Line Tools is there in \
         every tenant and asks you to consent to what it may do; nobody has verified it for this use. One of your own \
         is safer.",
    );
    let answer = ask.for_text("Client ID", Some(&DEFAULT_CLIENT_ID.to_string()))?;
    match Uuid::parse_str(&answer) {
        Ok(client_id) => Ok(SignIn::device_code(client_id)),
        Err(_) => Err(Stop::usage(Trouble::new(
            WHAT,
            format!("{answer} is no client ID"),
            "It is a GUID: Application (client) ID on the application's overview page.",
        ))),
    }
}

fn name(
    ask: &Questions,
    settings: &Settings,
    options: &AddOptions,
    contact: &Contact,
    domain: Option<&str>,
) -> Result<String, Stop> {
    let own = contact
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
    contact: &Contact,
    domain: Option<String>,
) -> Result<String, Stop> {
    if let Some(domain) = &options.domain {
        return valid_domain(domain);
    }
    let own = match &contact.organization {
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

/// Questions on standard error, answers from standard input.
struct Questions {
    /// Nothing is asked: what would be proposed is the answer.
    silent: bool,
}

impl Questions {
    /// A text; an empty answer takes what is proposed.
    fn for_text(&self, question: &str, proposed: Option<&str>) -> Result<String, Stop> {
        let proposed = proposed.map(text::clean);
        if self.silent {
            return proposed.ok_or_else(|| {
                Stop::usage(Trouble::new(
                    WHAT,
                    format!("with --yes nothing is asked, and this is not given: {question}"),
                    "Give it as an option; `umpdeck tenants add --help` lists them.",
                ))
            });
        }
        let shown = match &proposed {
            Some(proposed) => format!("{question} [{proposed}]: "),
            None => format!("{question}: "),
        };
        loop {
            let answer = line(&shown)?;
            match (answer.is_empty(), &proposed) {
                (false, _) => return Ok(answer),
                (true, Some(proposed)) => return Ok(proposed.clone()),
                (true, None) => {}
            }
        }
    }

    /// One of some words; the first is proposed.
    fn for_one_of(&self, question: &str, words: &[&'static str]) -> Result<&'static str, Stop> {
        let shown = format!("{question}, {}", words.join(" or "));
        loop {
            let answer = self.for_text(&shown, words.first().copied())?;
            if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(&answer)) {
                return Ok(word);
            }
        }
    }

    fn for_consent(&self, question: &str) -> Result<bool, Stop> {
        if self.silent {
            return Ok(true);
        }
        let answer = line(&format!("{question} [y/N]: "))?.to_lowercase();
        Ok(["y", "yes"].contains(&answer.as_str()))
    }
}

fn line(question: &str) -> Result<String, Stop> {
    // Nobody is left to ask when standard error is closed; the answer may come all the same.
    let mut errors = io::stderr().lock();
    let _ = errors
        .write_all(text::clean(question).as_bytes())
        .and_then(|()| errors.flush());
    let mut answer = Vec::new();
    let read = io::stdin()
        .lock()
        .take(LONGEST_ANSWER)
        .read_until(b'\n', &mut answer);
    if !matches!(read, Ok(1..)) {
        let _ = errors.write_all(b"\n");
        return Err(Trouble::new(
            WHAT,
            "a question has no answer",
            "Answer it, or give the options that `umpdeck tenants add --help` lists, with --yes.",
        )
        .into());
    }
    Ok(text::clean(&String::from_utf8_lossy(&answer))
        .trim()
        .to_string())
}
