//! `umpdeck customers`: the customers behind a device, as a table, as tabs for a spreadsheet, as JSON; or one's invitation.

use clap::Args;
use serde_json::{Value, json};

use super::choosing;
use super::exit::{Exit, Stop};
use super::output::Look;
use super::reading::{Reading, now};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document};
use crate::desk::event::Trouble;
use crate::desk::file::DeviceFile;
use crate::registration::customers::{
    CustomerLine, Roles, consent_word, roles_word, table as tabs,
};
use crate::registration::observed::CustomerConsent;
use crate::registration::status::Urgency;
use crate::text::counted;

/// Options of `customers`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing to do; 1 a customer has not consented, or not \
to everything; 3 the customers could not be read. They are read through the documented UMP REST API if the settings name \
credentials for it; otherwise they are those of the settings file."
)]
pub struct CustomersOptions {
    /// The device: its FQDN, or its first label if only one device has that
    pub device: String,
    /// Print a table with tabs, for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    pub tsv: bool,
    /// Print the invitation's text for this customer instead
    #[arg(long, value_name = "SHORT-NAME", conflicts_with_all = ["json", "tsv"])]
    pub invitation: Option<String>,
    /// Only what was read before and is in the store: nothing is read now
    #[arg(long)]
    pub stored: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// Reads the device and lists its customers.
pub(super) async fn run(global: &Global, options: &CustomersOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let (file, failures) = choosing::one(&mut reading, &options.device, options.stored).await?;
    let lines = file.customers();
    if let Some(short_name) = &options.invitation {
        let line = lines
            .iter()
            .find(|line| line.facts.short_name == *short_name);
        let line = line.ok_or_else(|| {
            let known: Vec<_> = lines
                .iter()
                .map(|one| one.facts.short_name.as_str())
                .collect();
            Stop::usage(Trouble::new(
                "there is no such customer",
                short_name.clone(),
                format!("There are: {}.", known.join(", ")),
            ))
        })?;
        let text = file.invitation(line).map_err(|why| {
            Trouble::new(
                "there is no invitation yet",
                why,
                format!(
                    "`umpdeck check {}` reads the device and says what it lacks.",
                    file.device.fqdn
                ),
            )
        })?;
        return Ok(Outcome::done(crate::text::clean_block(&text)));
    }
    let failure = failures.get(&file.device.tenant);
    let text = if options.json {
        json_text(
            &file,
            &lines,
            failure.map(|one| json!({"why": one.why, "next": one.next})),
            reading.desk.is_sandbox(),
        )
    } else if options.tsv {
        tabs(&lines, crate::text::clean)
    } else {
        let mut text = words(&reading.look, &file, &lines);
        if let Some(failure) = failure {
            text.push_str(&reading.failure_line(&file.tenant, failure));
        }
        text
    };
    let waiting = lines.iter().any(|line| {
        matches!(
            line.urgency(),
            Urgency::Broken | Urgency::NeedsWork | Urgency::Waiting
        )
    });
    let unread = failure.is_some() || file.facts.customers.failure.is_some();
    let exit = match (waiting, unread) {
        (_, true) => Exit::Unknown,
        (true, false) => Exit::Work,
        (false, false) => Exit::Good,
    };
    Ok(Outcome { text, exit })
}

fn words(look: &Look, file: &DeviceFile, lines: &[CustomerLine]) -> String {
    let mut text = String::new();
    let read = match (&file.facts.customers.value, &file.facts.customers.failure) {
        (_, Some(failure)) => format!("not read: {}. {}", failure.why, failure.next),
        (Some(_), None) => "listed by the portal".to_string(),
        (None, None) => "listed by the inventory".to_string(),
    };
    let head = format!(
        "{}  {}, {read}",
        file.device.fqdn,
        counted(lines.len(), "customer")
    );
    text.push_str(&look.line(&head));
    text.push('\n');
    if lines.is_empty() {
        return text;
    }
    let columns = [
        ("", Kind::Mark),
        ("CUSTOMER", Kind::Words),
        ("NAME", Kind::Wrapped),
        ("TENANT", Kind::Words),
        ("LICENCE", Kind::Words),
        ("CONSENT", Kind::Words),
        ("MISSING", Kind::Wrapped),
        ("ROLES", Kind::Words),
        ("OWN REDIRECT URI", Kind::Wrapped),
    ];
    let rows: Vec<Vec<Cell>> = lines
        .iter()
        .map(|line| {
            let one = &line.facts;
            let (glyph, colour) = look.urgency(line.urgency());
            let missing = match &one.missing_permissions {
                None => look.glyphs.unknown.to_string(),
                Some(all) if all.is_empty() => look.glyphs.none.to_string(),
                Some(all) => all.join(", "),
            };
            let or_none = |text: Option<String>| text.unwrap_or(look.glyphs.none.to_string());
            vec![
                Cell::coloured(glyph, colour),
                Cell::plain(&one.short_name),
                Cell::plain(&one.full_name),
                Cell::plain(or_none(one.tenant_id.map(|id| id.to_string()))),
                Cell::plain(or_none(one.licence.clone())),
                Cell::plain(consent_word(&one.consent)),
                Cell::plain(missing),
                Cell::plain(roles_word(&line.roles)),
                Cell::plain(
                    line.redirect_uri
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                ),
            ]
        })
        .collect();
    text.push_str(&table(look, &columns, &rows));
    let lacking = lines.iter().any(|line| line.roles == Roles::Lacking);
    if let Some(wanted) = file.blueprint.roles_words().filter(|_| lacking) {
        let words = format!("Roles wanted of a consenting admin: {wanted}.");
        text.push_str(&look.line(&words));
        text.push('\n');
    }
    text
}

fn json_text(
    file: &DeviceFile,
    lines: &[CustomerLine],
    failure: Option<Value>,
    sandbox: bool,
) -> String {
    let customers: Vec<Value> = lines.iter().map(customer_json).collect();
    let reading = &file.facts.customers;
    let unread = reading.failure.as_ref();
    let mut all = document::head("umpdeck.customers/1", now(), sandbox);
    all.insert("device".into(), file.device.fqdn.as_str().into());
    all.insert(
        "tenant".into(),
        json!({"id": file.tenant.id, "name": file.tenant.name, "failure": failure}),
    );
    all.insert("rolesWanted".into(), json!(file.blueprint.admin_roles));
    all.insert("readAt".into(), json!(reading.at));
    all.insert(
        "failure".into(),
        json!(unread.map(|one| json!({"why": one.why, "next": one.next}))),
    );
    all.insert("customers".into(), customers.into());
    document::text(all)
}

fn customer_json(line: &CustomerLine) -> Value {
    let one = &line.facts;
    let why = match &one.consent {
        CustomerConsent::Unknown(why) => Some(why),
        _ => None,
    };
    let account = one.account.as_ref().map(|account| {
        json!({
            "connectedAccount": account.connected_account,
            "applicationId": account.application_id,
            "secretExpiry": account.secret_expiry,
            "daysLeft": account.days_left,
            "roles": account.roles,
            "lastStatus": account.last_status,
            "lastStatusAt": account.last_status_at,
        })
    });
    json!({
        "shortName": one.short_name,
        "fullName": one.full_name,
        "tenantId": one.tenant_id,
        "licence": one.licence,
        "licensedUsers": one.licensed_users,
        "activeUsers": one.active_users,
        "sites": one.sites,
        "inPortal": !line.not_in_portal,
        "consent": consent_word(&one.consent),
        "consentWhy": why,
        "missingPermissions": one.missing_permissions,
        "adminRoles": one.admin_roles,
        "roles": roles_word(&line.roles),
        "redirectUri": line.redirect_uri,
        "consentUrl": line.consent_url.as_ref().ok(),
        "account": account,
    })
}
