//! `umpdeck verify`: whether the portal holds what Entra has, read now where it can be read, and whether Entra accepts the
//! secret in use. Nothing on this machine keeps a secret, so a new proof needs its value from somebody.

use std::io::{self, IsTerminal as _, Read as _};

use clap::Args;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::arguments::Which;
use super::check::{check_value, table_of};
use super::choosing::chosen;
use super::exit::{Exit, Stop};
use super::output::Look;
use super::reading::{Reading, now};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document};
use crate::desk::event::Trouble;
use crate::desk::file::DeviceFile;
use crate::desk::verification::{Given, Verification};
use crate::registration::checklist::{CheckId, Item, Outcome as Found};
use crate::registration::observed::{Failure, ProofOutcome, RecordSource};
use crate::registration::status::{Status, Urgency};
use crate::text::ago;

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 proven; 1 the portal does not hold what Entra has; 2 the secret is \
refused or has expired; 3 unknown."
)]
pub struct VerifyOptions {
    /// The devices.
    #[command(flatten)]
    pub which: Which,
    /// Take the secret's value on standard input and ask Entra for a token with it; for one device
    #[arg(long, conflicts_with_all = ["all", "filter"])]
    pub secret_stdin: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// What a push brings about.
const CHECKS: [CheckId; 5] = [
    CheckId::SecretInUse,
    CheckId::SecretExpiry,
    CheckId::PortalClientId,
    CheckId::PortalSecret,
    CheckId::PortalRedirectUri,
];
/// No client secret is longer, in bytes.
const LONGEST_SECRET: u64 = 4096;

/// What a device comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Proven,
    Differs,
    Broken,
    Unknown,
}

impl Held {
    fn key(self) -> &'static str {
        match self {
            Held::Proven => "proven",
            Held::Differs => "differs",
            Held::Broken => "broken",
            Held::Unknown => "unknown",
        }
    }

    fn urgency(self) -> Urgency {
        match self {
            Held::Proven => Urgency::Good,
            Held::Differs => Urgency::NeedsWork,
            Held::Broken => Urgency::Broken,
            Held::Unknown => Urgency::Unknown,
        }
    }

    fn exit(self) -> Exit {
        match self {
            Held::Proven => Exit::Good,
            Held::Differs => Exit::Work,
            Held::Broken => Exit::Broken,
            Held::Unknown => Exit::Unknown,
        }
    }
}

/// A device with what was found.
struct Verified {
    file: DeviceFile,
    items: Vec<Item>,
    asked_now: Option<Verification>,
    held: Held,
    why: String,
}

/// Reads the devices, asks for a token where a secret was given, and tells.
pub(super) async fn run(global: &Global, options: &VerifyOptions) -> Result<Outcome, Stop> {
    let secret = match options.secret_stdin {
        true => Some(given_secret(options)?),
        false => None,
    };
    let mut reading = Reading::open(global).await?;
    let devices = chosen(&mut reading, &options.which).await?;
    let mut all = Vec::new();
    for fqdn in &devices {
        let tenant = reading.desk.device(fqdn)?.device.tenant;
        let failure = reading.failures.get(&tenant).cloned();
        let asked_now = match (&secret, &failure) {
            (Some(secret), None) => Some(reading.desk.verify(fqdn, secret).await?),
            _ => None,
        };
        let file = reading.desk.device(fqdn)?;
        all.push(verified(file, failure.as_ref(), asked_now, now()));
    }
    let text = match options.json {
        true => json_text(&all, reading.desk.is_sandbox()),
        false => words(&reading.look, &all),
    };
    let exit = Exit::worst(all.iter().map(|one| one.held.exit()));
    Ok(Outcome { text, exit })
}

/// The secret on standard input, without the line's end.
fn given_secret(options: &VerifyOptions) -> Result<SecretString, Stop> {
    let wrong = |why: String| {
        Stop::usage(Trouble::new(
            "the secret can't be taken",
            why,
            "Pipe its value in: a-command-that-prints-it | umpdeck verify DEVICE --secret-stdin",
        ))
    };
    if options.which.devices.len() != 1 {
        return Err(wrong("it is one device's".to_string()));
    }
    if io::stdin().is_terminal() {
        return Err(wrong("a terminal would show it".to_string()));
    }
    let mut text = Zeroizing::new(String::new());
    let read = io::stdin()
        .lock()
        .take(LONGEST_SECRET)
        .read_to_string(&mut text);
    read.map_err(|why| wrong(why.to_string()))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(wrong("standard input is empty".to_string())),
        secret => Ok(secret.into()),
    }
}

fn verified(
    file: DeviceFile,
    failure: Option<&Failure>,
    asked_now: Option<Verification>,
    now: Timestamp,
) -> Verified {
    let mut items = file.checklist(now).items;
    items.retain(|item| CHECKS.contains(&item.check.id));
    let (held, why) = match failure {
        Some(failure) => (
            Held::Unknown,
            format!("it could not be read: {}", failure.why),
        ),
        None => judged(&file, &items, asked_now.as_ref(), now),
    };
    Verified {
        file,
        items,
        asked_now,
        held,
        why,
    }
}

fn judged(
    file: &DeviceFile,
    items: &[Item],
    asked_now: Option<&Verification>,
    now: Timestamp,
) -> (Held, String) {
    if file.facts.application().is_none() {
        return (Held::Differs, "there is no registration".to_string());
    }
    let proof = proof(file, asked_now);
    if let Some(ProofOutcome::Refused(why)) = proof.map(|(outcome, _)| outcome) {
        return (Held::Broken, format!("Entra refuses the secret: {why}"));
    }
    let mut differs = None;
    for item in items {
        match &item.outcome {
            Found::Unmet {
                status: Some(Status::SecretExpired),
                reason,
                ..
            } => return (Held::Broken, reason.clone()),
            // It works until then.
            Found::Unmet {
                status: Some(Status::SecretExpiring),
                ..
            } => {}
            Found::Unmet { reason, .. } => differs = differs.or(Some(reason.clone())),
            Found::Unknown { .. } | Found::Met { .. } | Found::NotApplicable { .. } => {}
        }
    }
    if let Some(reason) = differs {
        return (Held::Differs, reason);
    }
    match asked_now.map(|asked| &asked.given) {
        Some(Given::Another(name)) => {
            return (
                Held::Differs,
                format!(
                    "the given value is that of the secret \"{name}\", not of the one on record"
                ),
            );
        }
        Some(Given::NotTold) => {
            return (
                Held::Unknown,
                "it is unknown which of its secrets was given: more than one, or none, begins like that".to_string(),
            );
        }
        Some(Given::InUse) | None => {}
    }
    let unknown = items.iter().find_map(|item| match &item.outcome {
        Found::Unknown { why, .. } => Some(format!("{}: {why}", item.check.title)),
        _ => None,
    });
    if let Some(why) = unknown {
        return (Held::Unknown, why);
    }
    match proof {
        Some((ProofOutcome::Accepted, at)) => (
            Held::Proven,
            format!(
                "Entra accepted the secret {}; {}",
                ago(at, now),
                held_by(file)
            ),
        ),
        Some((ProofOutcome::Unknown(why) | ProofOutcome::Refused(why), _)) => {
            (Held::Unknown, format!("the secret is not proven: {why}"))
        }
        None => (
            Held::Unknown,
            "the secret was never proven from this machine; pipe its value to --secret-stdin to prove it".to_string(),
        ),
    }
}

/// The newest proof: the one of just now, else the one on record.
fn proof<'a>(
    file: &'a DeviceFile,
    asked_now: Option<&'a Verification>,
) -> Option<(&'a ProofOutcome, Timestamp)> {
    let on_record = || file.facts.record_of_application()?.proof.as_ref();
    let proof = asked_now.map(|asked| &asked.proof).or_else(on_record)?;
    Some((&proof.outcome, proof.at))
}

/// By what it is known that the portal holds it; a proof says nothing of that.
fn held_by(file: &DeviceFile) -> String {
    match file.facts.record_of_application() {
        Some(record) if record.source == RecordSource::Stated => {
            format!("that the portal holds it is stated by {}", record.by)
        }
        _ => "the portal's settings were read".to_string(),
    }
}

fn words(look: &Look, all: &[Verified]) -> String {
    let columns = [
        ("", Kind::Mark),
        ("DEVICE", Kind::Words),
        ("", Kind::Words),
        ("WHY", Kind::Wrapped),
    ];
    let rows: Vec<Vec<Cell>> = all
        .iter()
        .map(|one| {
            let (glyph, colour) = look.urgency(one.held.urgency());
            vec![
                Cell::coloured(glyph, colour),
                Cell::plain(one.file.device.fqdn.as_str()),
                Cell::plain(one.held.key()),
                Cell::plain(one.why.clone()),
            ]
        })
        .collect();
    let mut text = table(look, &columns, &rows);
    if let [only] = all {
        text.push('\n');
        text.push_str(&table_of(look, &only.items));
    }
    text
}

fn json_text(all: &[Verified], sandbox: bool) -> String {
    let devices: Vec<Value> = all
        .iter()
        .map(|one| {
            let proof = proof(&one.file, one.asked_now.as_ref());
            let (outcome, why) = match proof.map(|(outcome, _)| outcome) {
                Some(ProofOutcome::Accepted) => ("accepted", None),
                Some(ProofOutcome::Refused(why)) => ("refused", Some(why)),
                Some(ProofOutcome::Unknown(why)) => ("unknown", Some(why)),
                None => ("never-tried", None),
            };
            let given = one.asked_now.as_ref().map(|asked| match asked.given {
                Given::InUse => "in-use",
                Given::Another(_) => "another",
                Given::NotTold => "not-told",
            });
            json!({
                "fqdn": one.file.device.fqdn.as_str(),
                "tenant": one.file.device.tenant,
                "result": one.held.key(),
                "why": one.why,
                "checks": one.items.iter().map(check_value).collect::<Vec<_>>(),
                "proof": {
                    "outcome": outcome,
                    "at": proof.map(|(_, at)| at),
                    "why": why,
                    "given": given,
                },
            })
        })
        .collect();
    let mut document = document::head("umpdeck.verify/1", now(), sandbox);
    document.insert("devices".into(), devices.into());
    document::text(document)
}
