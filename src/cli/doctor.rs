//! `umpdeck doctor`: whether everything that umpdeck stands on works, each line with what mends it. It goes on where
//! other commands would stop: what can't be opened is a line of its own.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::exit::{Exit, Stop};
use super::output::Look;
use super::reading::now;
use super::site::{self, Start};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document};
use crate::console::clipboard::Environment;
use crate::console::examination;
use crate::desk::Desk;
use crate::desk::examination::{Finding, Health};
use crate::desk::site::Site;
use crate::private;
use crate::registration::status::Urgency;
use crate::text::counted;

/// Options of `doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything works; 2 something does not work; 3 something is unknown."
)]
pub struct DoctorOptions {
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// Examines the terminal, the settings, the store, the tenants and the portals.
pub(super) async fn run(global: &Global, options: &DoctorOptions) -> Result<Outcome, Stop> {
    let mut findings = vec![Finding::good("umpdeck", env!("UMPDECK_VERSION"))];
    let started = site::start(global).await;
    let (ascii, command) = match &started {
        Ok(start) => (
            start.settings.screen.ascii,
            start.settings.clipboard.command.clone().unwrap_or_default(),
        ),
        Err(_) => (false, Vec::new()),
    };
    findings.extend(terminal(command).await);
    match started {
        Ok(start) => findings.extend(desk(start).await),
        Err(Stop::Trouble(trouble, _)) => {
            findings.push(Finding::bad(trouble.what, trouble.why, trouble.next));
        }
        Err(other) => return Err(other),
    }
    let text = match options.json {
        true => json_text(
            &findings,
            now(),
            global.sandbox || global.endpoint.is_some(),
        ),
        false => words(&Look::of(global, ascii), &findings),
    };
    let exit = Exit::worst(findings.iter().map(|one| match one.health {
        Health::Good => Exit::Good,
        Health::Bad => Exit::Broken,
        Health::Unknown => Exit::Unknown,
    }));
    Ok(Outcome { text, exit })
}

async fn terminal(command: Vec<String>) -> Vec<Finding> {
    let examined = tokio::task::spawn_blocking(move || {
        let variable = |name: &str| std::env::var(name).ok();
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
        let size = size.map(|size| (size.ws_col, size.ws_row));
        let clipboard = Environment {
            command,
            ..Environment::of_process()
        };
        examination::examine(&variable, size, &clipboard)
    });
    let failed = |why: tokio::task::JoinError| {
        vec![Finding::unknown(
            "terminal",
            why.to_string(),
            "Run `umpdeck doctor` again.",
        )]
    };
    examined.await.unwrap_or_else(failed)
}

async fn desk(start: Start) -> Vec<Finding> {
    let Start {
        site,
        settings_file,
        log,
        sandbox: _sandbox,
        ..
    } = start;
    let mut findings = of_settings(&site, &settings_file, log.parent());
    match Desk::open(site) {
        Ok((desk, _events)) => findings.extend(desk.examine().await),
        Err(trouble) => findings.push(Finding::bad(trouble.what, trouble.why, trouble.next)),
    }
    findings
}

/// What was found of the settings and of the files' places.
pub(super) fn of_settings(site: &Site, settings_file: &Path, data: Option<&Path>) -> Vec<Finding> {
    let (tenants, devices) = (site.tenants.len(), site.devices.len());
    let found = format!(
        "{}, {}",
        counted(tenants, "tenant"),
        counted(devices, "device")
    );
    let place = settings_file.display();
    let settings = match (site.sandbox, tenants == 0 || devices == 0) {
        (true, _) => Finding::good("sandbox inventory", found),
        (false, false) => Finding::good("settings", format!("{place}: {found}")),
        (false, true) => Finding::bad(
            "settings",
            format!("{place}: {found}"),
            match settings_file.exists() {
                true => "`umpdeck tenants add` lists a tenant, `umpdeck devices add` a device.",
                false => {
                    "`umpdeck settings --write` writes a settings file with comments to begin with."
                }
            },
        ),
    };
    vec![settings, files(settings_file, data)]
}

/// Whether anybody may put other files in the place of umpdeck's. What others may do with those themselves was looked
/// at when they were opened.
fn files(settings: &Path, data: Option<&Path>) -> Finding {
    let places = [Some(settings), data];
    match places.into_iter().flatten().find_map(private::open_way) {
        Some(open) => Finding::bad("files", open.why(), format!("{}.", open.mend())),
        None => Finding::good("files", "for this user only"),
    }
}

fn mark(look: &Look, health: Health) -> (&'static str, u8) {
    look.urgency(match health {
        Health::Good => Urgency::Good,
        Health::Bad => Urgency::Broken,
        Health::Unknown => Urgency::Unknown,
    })
}

fn words(look: &Look, findings: &[Finding]) -> String {
    let rows: Vec<Vec<Cell>> = findings
        .iter()
        .map(|one| {
            let (glyph, colour) = mark(look, one.health);
            let found = match one.mend.as_str() {
                "" => one.found.clone(),
                mend => format!("{}. {mend}", one.found.trim_end_matches('.')),
            };
            vec![
                Cell::coloured(glyph, colour),
                Cell::plain(one.subject.as_str()),
                Cell::plain(found),
            ]
        })
        .collect();
    let columns = [("", Kind::Mark), ("", Kind::Words), ("", Kind::Wrapped)];
    table(look, &columns, &rows)
}

fn json_text(findings: &[Finding], now: Timestamp, sandbox: bool) -> String {
    let mut document = document::head("umpdeck.doctor/1", now, sandbox);
    let findings: Vec<Value> = findings
        .iter()
        .map(|one| {
            json!({
                "subject": one.subject,
                "health": match one.health {
                    Health::Good => "good",
                    Health::Bad => "bad",
                    Health::Unknown => "unknown",
                },
                "found": one.found,
                "mend": Some(&one.mend).filter(|mend| !mend.is_empty()),
            })
        })
        .collect();
    document.insert("findings".into(), findings.into());
    document::text(document)
}
