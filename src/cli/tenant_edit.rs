//! `umpdeck tenants edit` and `remove`: what would change is shown first, and written with `--yes`.

use std::path::Path;

use super::Outcome;
use super::arguments::EditOptions;
use super::devices::words::field_words;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::tenants::{named_way, whole};
use crate::desk::event::Trouble;
use crate::inventory::FieldChange;
use crate::settings::{
    Settings, SettingsFile, SignIn, TenantEdit, TenantEntry, with_tenant_edited, without_tenant,
};

/// Changes what the settings file says of a tenant.
pub(super) fn edit(
    look: &Look,
    settings: &Settings,
    file: &Path,
    options: &EditOptions,
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
    let text = with_tenant_edited(&open.text(), file, tenant.id, &edit)?;
    let mut shown = look.line(&format!("change {}", tenant.name.get_ref())) + "\n";
    for change in &changes {
        shown.push_str(&format!("    {}\n", look.line(&field_words(change))));
    }
    if changes.is_empty() {
        return Ok(Outcome::done(look.line("nothing changes") + "\n"));
    }
    finish(shown, &open, &text, file, options.yes)
}

/// Takes a tenant without devices out of the settings file.
pub(super) fn remove(
    look: &Look,
    settings: &Settings,
    file: &Path,
    named: &str,
    yes: bool,
) -> Result<Outcome, Stop> {
    let tenant = find(settings, named)?;
    let open = SettingsFile::open(file)?;
    let text = without_tenant(&open.text(), file, tenant.id)?;
    let shown = format!(
        "remove {} ({})",
        tenant.name.get_ref(),
        tenant.primary_domain
    );
    finish(look.line(&shown) + "\n", &open, &text, file, yes)
}

fn finish(
    shown: String,
    open: &SettingsFile,
    text: &str,
    file: &Path,
    yes: bool,
) -> Result<Outcome, Stop> {
    if !yes {
        output::note("Nothing was written. --yes writes it.");
        return Ok(Outcome {
            text: shown,
            exit: Exit::Work,
        });
    }
    open.replace(text)?;
    output::note(&format!("Written to {}.", file.display()));
    Ok(Outcome::done(shown))
}

fn find<'a>(settings: &'a Settings, named: &str) -> Result<&'a TenantEntry, Stop> {
    let fits = |one: &&TenantEntry| {
        one.name.get_ref().eq_ignore_ascii_case(named)
            || one.id.to_string().eq_ignore_ascii_case(named)
            || one.primary_domain.eq_ignore_ascii_case(named)
    };
    settings.tenants.iter().find(fits).ok_or_else(|| {
        Stop::usage(Trouble::new(
            "there is no such tenant",
            named,
            "`umpdeck tenants` lists them.",
        ))
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
