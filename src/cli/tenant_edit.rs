//! `umpdeck tenants edit` and `remove`: what would change is shown first, and written with `--yes`, or when whoever sits at
//! the terminal says so.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::devices::words::field_words;
use super::exit::{self, Exit, Stop};
use super::output::{self, Look};
use super::reading::{now, tenant_meant};
use super::tenant_way::WayOptions;
use super::tenant_way::{named_way, whole};
use super::{Outcome, document};
use crate::desk::event::Trouble;
use crate::desk::read_only::ReadOnly;
use crate::inventory::FieldChange;
use crate::settings::{
    NewTenant, Settings, SettingsError, SettingsFile, SignIn, TenantEdit, TenantEntry,
    with_tenant_edited, without_tenant,
};

/// Options of `tenants edit`.
#[derive(Debug, Args)]
#[command(after_help = format!("An empty text removes a setting from the file. {}", exit::OF_INVENTORY))]
pub struct EditOptions {
    /// The tenant: name, directory ID or primary domain
    #[arg(value_name = "TENANT")]
    pub tenant: String,
    /// The name that umpdeck shows for it
    #[arg(long)]
    pub name: Option<String>,
    /// Its primary domain
    #[arg(long)]
    pub domain: Option<String>,
    /// The Partner One (MPN) ID of its registrations
    #[arg(long, value_name = "ID")]
    pub mpn_id: Option<String>,
    /// The proxy that leads to it
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust in addition to the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How to sign in.
    #[command(flatten)]
    pub way: WayOptions,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Write it without asking; without --yes, umpdeck asks on a terminal, and a script only gets what would change
    #[arg(long)]
    pub yes: bool,
}

const NOT_WRITTEN: &str = "nothing was written";

/// Changes what the settings file says of a tenant.
pub(super) fn edit(
    look: &Look,
    settings: &Settings,
    file: &Path,
    options: &EditOptions,
    read_only: &ReadOnly,
) -> Result<Outcome, Stop> {
    let tenant = find(settings, &options.tenant)?;
    let ca_file = options
        .ca_file
        .as_deref()
        .map(|named| match named == Path::new("") {
            true => Ok(String::new()),
            false => whole(named).map(|whole| whole.to_string_lossy().into_owned()),
        });
    let edit = TenantEdit {
        name: options.name.clone(),
        primary_domain: options.domain.clone(),
        mpn_id: options.mpn_id.clone(),
        proxy: options.proxy.clone(),
        ca_file: ca_file.transpose()?,
        sign_in: named_way(&options.way)?.filter(|way| *way != tenant.sign_in),
    };
    let changes = changes(tenant, &edit);
    let open = SettingsFile::open(file)?;
    let text = with_tenant_edited(&open.text(), file, tenant.id, &edit).map_err(|error| {
        refused(
            &error,
            "Correct the option, or that place in the file, and try again.",
        )
    })?;
    let change = TenantChange::of("change", tenant, changes);
    if change.fields.is_empty() {
        return Ok(Outcome::done(match options.json {
            true => change.json(file, false),
            false => look.line("nothing changes") + "\n",
        }));
    }
    let shown = change.words(look);
    finish(
        change,
        shown,
        &open,
        &text,
        file,
        Wish {
            yes: options.yes,
            json: options.json,
            read_only,
        },
    )
}

/// The file that the change would make is not sound; the one that is there is as it was.
fn refused(error: &SettingsError, next: &str) -> Stop {
    let why = exit::of_words(NOT_WRITTEN, &error.to_string(), next).why;
    Trouble::new(NOT_WRITTEN, why, next).into()
}

/// Takes a tenant without devices out of the settings file.
pub(super) fn remove(
    look: &Look,
    settings: &Settings,
    file: &Path,
    named: &str,
    wish: Wish<'_>,
) -> Result<Outcome, Stop> {
    let tenant = find(settings, named)?;
    let open = SettingsFile::open(file)?;
    let text = without_tenant(&open.text(), file, tenant.id)
        .map_err(|error| refused(&error, "Then try again."))?;
    let shown = format!(
        "remove {} ({})",
        tenant.name.get_ref(),
        tenant.primary_domain
    );
    let change = TenantChange::of("remove", tenant, Vec::new());
    let shown = look.line(&shown) + "\n";
    finish(change, shown, &open, &text, file, wish)
}

/// What changes of a tenant in the settings file.
pub(super) struct TenantChange {
    word: &'static str,
    id: Uuid,
    name: String,
    primary_domain: String,
    fields: Vec<FieldChange>,
}

impl TenantChange {
    fn of(word: &'static str, tenant: &TenantEntry, fields: Vec<FieldChange>) -> TenantChange {
        TenantChange {
            word,
            id: tenant.id,
            name: tenant.name.get_ref().clone(),
            primary_domain: tenant.primary_domain.clone(),
            fields,
        }
    }

    /// One more tenant.
    pub fn added(tenant: &NewTenant) -> TenantChange {
        let ca_file = tenant.ca_file.as_ref();
        let fields = [
            ("name", Some(tenant.name.clone())),
            ("primary_domain", Some(tenant.primary_domain.clone())),
            ("login", Some(tenant.login.clone())),
            ("graph", Some(tenant.graph.clone())),
            ("proxy", tenant.proxy.clone()),
            ("ca_file", ca_file.map(|file| file.display().to_string())),
            ("sign_in", Some(way_words(&tenant.sign_in))),
        ];
        let fields = fields.into_iter().filter_map(|(field, to)| {
            Some(FieldChange {
                field: field.to_string(),
                from: String::new(),
                to: to?,
            })
        });
        TenantChange {
            word: "add",
            id: tenant.id,
            name: tenant.name.clone(),
            primary_domain: tenant.primary_domain.clone(),
            fields: fields.collect(),
        }
    }

    /// What whoever sits at the terminal is asked.
    fn question(&self, file: &Path) -> String {
        let (name, file) = (&self.name, file.display());
        match self.word {
            "remove" => format!("Remove {name} from {file}?"),
            _ => format!("Change {name} in {file}?"),
        }
    }

    fn words(&self, look: &Look) -> String {
        let mut shown = look.line(&format!("{} {}", self.word, self.name)) + "\n";
        for field in &self.fields {
            shown.push_str(&format!("    {}\n", look.line(&field_words(field))));
        }
        shown
    }

    /// As scripts read it.
    pub fn json(&self, file: &Path, written: bool) -> String {
        let fields = self.fields.iter();
        let fields = fields.map(|one| json!({"field": one.field, "from": one.from, "to": one.to}));
        let mut all = document::head("umpdeck.tenantChange/1", now(), false);
        all.insert("file".into(), file.display().to_string().into());
        all.insert("written".into(), written.into());
        all.insert("change".into(), self.word.into());
        all.insert(
            "tenant".into(),
            json!({"id": self.id, "name": self.name, "primaryDomain": self.primary_domain}),
        );
        all.insert("fields".into(), fields.collect());
        document::text(all)
    }
}

/// What to do with a change once it is shown.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub yes: bool,
    pub json: bool,
    pub read_only: &'a ReadOnly,
}

/// Shows what would change, and writes it when that is wished for: by the command line, or by whoever sits at the
/// terminal.
fn finish(
    change: TenantChange,
    mut shown: String,
    open: &SettingsFile,
    text: &str,
    file: &Path,
    wish: Wish<'_>,
) -> Result<Outcome, Stop> {
    let asks = !wish.yes && !wish.json && output::can_ask();
    let mut writes = wish.yes;
    if asks {
        wish.read_only.may_write(NOT_WRITTEN)?;
        output::print(&std::mem::take(&mut shown))?;
        writes = output::asked(&change.question(file), NOT_WRITTEN)?;
    }
    if writes {
        open.replace(text)?;
        output::note(&format!("Written to {}.", file.display()));
    } else {
        output::not_written(asks);
    }
    Ok(Outcome {
        text: match wish.json {
            true => change.json(file, writes),
            false => shown,
        },
        exit: if writes { Exit::Good } else { Exit::Work },
    })
}

fn find<'a>(settings: &'a Settings, named: &str) -> Result<&'a TenantEntry, Stop> {
    tenant_meant(&settings.tenants, named, |one| {
        (one.id, one.name.get_ref(), &one.primary_domain)
    })
}

fn changes(tenant: &TenantEntry, edit: &TenantEdit) -> Vec<FieldChange> {
    let ca_file = tenant
        .ca_file
        .as_ref()
        .map(|file| file.display().to_string());
    let now = [
        ("name", Some(tenant.name.get_ref()), &edit.name),
        (
            "primary_domain",
            Some(&tenant.primary_domain),
            &edit.primary_domain,
        ),
        ("mpn_id", tenant.mpn_id.as_ref(), &edit.mpn_id),
        ("proxy", tenant.proxy.as_ref(), &edit.proxy),
        ("ca_file", ca_file.as_ref(), &edit.ca_file),
    ];
    let mut changes: Vec<FieldChange> = now
        .into_iter()
        .filter_map(|(field, from, to)| {
            let from = from.cloned().unwrap_or_default();
            let to = to.clone().filter(|to| *to != from)?;
            let field = field.to_string();
            Some(FieldChange { field, from, to })
        })
        .collect();
    changes.extend(edit.sign_in.as_ref().map(|way| FieldChange {
        field: "sign_in".to_string(),
        from: way_words(&tenant.sign_in),
        to: way_words(way),
    }));
    changes
}

/// A way to sign in, with whom: where its secret stands is the file's to say.
fn way_words(way: &SignIn) -> String {
    match way {
        SignIn::DeviceCode { client_id, .. }
        | SignIn::ClientSecret { client_id, .. }
        | SignIn::Certificate { client_id, .. } => format!("{} as {client_id}", way.way()),
        SignIn::Command { command } => format!("{} {}", way.way(), command.join(" ")),
    }
}
