//! `umpdeck portal`: tries the reading calls of a device's portal profile, and decides where portal and Entra contradict.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::arguments::Doing;
use super::change::{carry_through, words as plan_words};
use super::choosing::find;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::reading::{Reading, now};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document};
use crate::desk::decide::{ENTRA_IS_RIGHT, NOTHING_TO_DECIDE, PORTAL_IS_RIGHT};
use crate::desk::file::DeviceFile;
use crate::desk::portal_trial::{PortalTrial, TrialCall, Understood};
use crate::registration::fleet::{Fqdn, PortalWay};
use crate::registration::status::Urgency;

/// Options of `portal`.
#[derive(Debug, Args)]
pub struct PortalOptions {
    /// What to do.
    #[command(subcommand)]
    pub command: PortalCommand,
}

/// What to do with a portal.
#[derive(Debug, Subcommand)]
pub enum PortalCommand {
    /// Make the read calls of a device's portal profile and show what umpdeck understands; nothing is written
    Try(TryOptions),
    /// Where the portal holds another client ID or redirect URI than Entra: show both plans, and carry out the one that you choose
    Decide(DecideOptions),
}

/// Options of `portal decide`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, or nothing to decide; 1 only shown; 3 something failed."
)]
pub struct DecideOptions {
    /// The device: its FQDN, or its first label if only one device has that
    pub device: String,
    /// Which one is right: the other one is changed
    #[arg(long, value_name = "WHICH")]
    pub right: Option<Right>,
    /// Carry the plan out; without --yes, it is only printed
    #[arg(long, requires = "right")]
    pub yes: bool,
}

/// Which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Right {
    /// Entra is right: push its values to the portal
    Entra,
    /// The portal is right: change Entra
    Portal,
}

/// Options of `portal try`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything was understood; 2 something was not understood. AudioCodes publishes no call that reads or writes the portal's sync-application \
settings: only a site that has such an interface describes one in a profile."
)]
pub struct TryOptions {
    /// The device: its FQDN, or its first label if only one device has that
    pub device: String,
    /// Show also what each answer holds, which helps to write a profile; what may be a secret is not shown
    #[arg(long)]
    pub answer: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

const BY_HAND: &str = "AudioCodes publishes no call that reads or writes the portal's sync-application settings, so with \
                       this profile they are handed off: a person fills in the portal's own page.";

/// Does what was asked for.
pub(super) async fn run(global: &Global, options: &PortalOptions) -> Result<Outcome, Stop> {
    match &options.command {
        PortalCommand::Try(options) => try_profile(global, options).await,
        PortalCommand::Decide(options) => decide(global, options).await,
    }
}

/// Reads the device and shows both ways out of a contradiction, or goes the chosen one.
async fn decide(global: &Global, options: &DecideOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let fqdn = find(&reading.desk.fleet(now())?, &options.device)?;
    let desk = reading.desk.clone();
    let Some(decision) = reading.attended(desk.decide(&fqdn)).await? else {
        return Ok(Outcome::done(format!("{fqdn}: {NOTHING_TO_DECIDE}.\n")));
    };
    if let Some(right) = options.right {
        let chosen = match right {
            Right::Entra => decision.entra_is_right,
            Right::Portal => decision.portal_is_right,
        };
        return carry_through(&mut reading, chosen?, &Doing::of(options.yes, false)).await;
    }
    let look = &reading.look;
    let ways = [
        (
            format!("{ENTRA_IS_RIGHT} (--right entra)"),
            decision.entra_is_right,
        ),
        (
            format!("{PORTAL_IS_RIGHT} (--right portal)"),
            decision.portal_is_right,
        ),
    ];
    let mut text = beside_words(look, &decision.file);
    for (title, plan) in ways {
        text.push('\n');
        text.push_str(&look.line(&title));
        text.push('\n');
        text.push_str(&match plan {
            Ok(plan) => plan_words(look, &plan),
            Err(trouble) => look.line(&trouble.to_string()) + "\n",
        });
    }
    if let Some(afterwards) = decision.afterwards {
        text.push('\n');
        text.push_str(&look.line(afterwards));
        text.push('\n');
    }
    output::note(
        "Nothing was done. Choose with --right entra or --right portal; --yes carries it out.",
    );
    Ok(Outcome {
        text,
        exit: Exit::Work,
    })
}

/// What the portal holds beside what Entra has.
fn beside_words(look: &Look, file: &DeviceFile) -> String {
    let columns = [
        ("", Kind::Mark),
        ("", Kind::Words),
        ("PORTAL", Kind::Wrapped),
        ("ENTRA", Kind::Wrapped),
    ];
    let rows: Vec<Vec<Cell>> = file
        .settings_beside()
        .into_iter()
        .map(|line| {
            let (glyph, colour) = look.urgency(match line.differs() {
                true => Urgency::NeedsWork,
                false => Urgency::Good,
            });
            let entra = line.entra_words();
            vec![
                Cell::coloured(glyph, colour),
                Cell::plain(line.label),
                Cell::plain(line.portal.unwrap_or("not known".to_string())),
                Cell::plain(entra.unwrap_or(look.glyphs.none.to_string())),
            ]
        })
        .collect();
    table(look, &columns, &rows)
}

/// Tries a profile.
async fn try_profile(global: &Global, options: &TryOptions) -> Result<Outcome, Stop> {
    let reading = Reading::open(global).await?;
    let fqdn = find(&reading.desk.fleet(now())?, &options.device)?;
    let trial = reading.desk.try_portal(&fqdn).await?;
    let text = match options.json {
        true => json_text(&fqdn, &trial, reading.desk.is_sandbox()),
        false => words(&reading.look, &fqdn, &trial, options),
    };
    let exit = match trial.is_good() {
        true => Exit::Good,
        false => Exit::Broken,
    };
    Ok(Outcome { text, exit })
}

fn words(look: &Look, fqdn: &Fqdn, trial: &PortalTrial, options: &TryOptions) -> String {
    let mut text = String::new();
    let mut say = |words: &str| {
        text.push_str(&look.line(words));
        text.push('\n');
    };
    say(&format!(
        "{fqdn}  profile {} ({})  {}",
        trial.profile, trial.title, trial.address
    ));
    if trial.way == PortalWay::Handoff {
        say(BY_HAND);
    }
    if let Some(why) = &trial.no_token {
        say(&format!("Entra gave no token for the portal: {why}."));
    }
    if trial.calls.is_empty() {
        say(
            "There is nothing to try: the profile describes no read call that these settings allow.",
        );
    }
    for call in &trial.calls {
        text.push('\n');
        text.push_str(&call_words(look, call, options));
    }
    text.push('\n');
    text.push_str("Nothing was written.\n");
    text
}

fn call_words(look: &Look, call: &TrialCall, options: &TryOptions) -> String {
    let urgency = match &call.outcome {
        Ok(understood) if understood.is_whole() => Urgency::Good,
        _ => Urgency::Broken,
    };
    let (glyph, colour) = look.urgency(urgency);
    let title = format!("[{}]  {}", call.part, call.request);
    let mut text = format!(
        "{} {}\n",
        look.coloured(glyph, Some(colour)),
        look.line(&title)
    );
    let mut say = |words: String| {
        text.push_str("  ");
        text.push_str(&look.line(&words));
        text.push('\n');
    };
    let understood = match &call.outcome {
        Ok(understood) => understood,
        Err(trouble) => {
            say(format!("{}.", trouble.why));
            say(trouble.next.clone());
            return text;
        }
    };
    if let Some(entries) = understood.entries {
        say(match entries {
            0 => "an empty list, so its entries are unknown".to_string(),
            1 => "a list of 1:".to_string(),
            many => format!("a list of {many}; the first:"),
        });
    }
    text.push_str(&places(look, understood));
    if options.answer {
        text.push_str("  The answer holds:\n");
        let rows: Vec<Vec<Cell>> = understood
            .holds
            .iter()
            .map(|(place, value)| vec![Cell::plain("   "), Cell::plain(place), Cell::plain(value)])
            .collect();
        let columns = [("", Kind::Mark), ("", Kind::Words), ("", Kind::Wrapped)];
        text.push_str(&table(look, &columns, &rows));
    }
    text
}

fn places(look: &Look, understood: &Understood) -> String {
    let rows: Vec<Vec<Cell>> = understood
        .places
        .iter()
        .map(|place| {
            let (urgency, found) = match (&place.found, place.needed) {
                (Ok(found), _) => (Urgency::Good, found.clone()),
                (Err(why), true) => (Urgency::Broken, (*why).to_string()),
                (Err(why), false) => (Urgency::Unknown, (*why).to_string()),
            };
            let (glyph, colour) = look.urgency(urgency);
            vec![
                Cell::plain(" "),
                Cell::coloured(glyph, colour),
                Cell::plain(place.field),
                Cell::plain(&place.pointer),
                Cell::plain(found),
            ]
        })
        .collect();
    let columns = [
        ("", Kind::Mark),
        ("", Kind::Mark),
        ("", Kind::Words),
        ("", Kind::Words),
        ("", Kind::Wrapped),
    ];
    table(look, &columns, &rows)
}

fn json_text(fqdn: &Fqdn, trial: &PortalTrial, sandbox: bool) -> String {
    let calls: Vec<Value> = trial.calls.iter().map(call_json).collect();
    let mut all = document::head("umpdeck.portal-try/1", now(), sandbox);
    all.insert("device".into(), fqdn.as_str().into());
    all.insert("profile".into(), trial.profile.clone().into());
    all.insert("way".into(), trial.way.word().into());
    all.insert("address".into(), trial.address.clone().into());
    all.insert("understood".into(), trial.is_good().into());
    all.insert("noToken".into(), json!(trial.no_token));
    all.insert("calls".into(), calls.into());
    document::text(all)
}

fn call_json(call: &TrialCall) -> Value {
    let mut all = Map::new();
    all.insert("part".into(), call.part.into());
    all.insert("request".into(), call.request.clone().into());
    let (places, entries, holds, failure) = match &call.outcome {
        Ok(understood) => (
            understood.places.iter().map(place_json).collect(),
            understood.entries,
            understood
                .holds
                .iter()
                .map(|(place, value)| json!({"place": place, "value": value}))
                .collect(),
            None,
        ),
        Err(trouble) => (
            vec![],
            None,
            vec![],
            Some(json!({"why": trouble.why, "next": trouble.next})),
        ),
    };
    all.insert("entries".into(), json!(entries));
    all.insert("places".into(), Value::Array(places));
    all.insert("answer".into(), Value::Array(holds));
    all.insert("failure".into(), json!(failure));
    Value::Object(all)
}

fn place_json(place: &crate::desk::portal_trial::Place) -> Value {
    let (found, wrong) = match &place.found {
        Ok(found) => (Some(found), None),
        Err(why) => (None, Some(why)),
    };
    json!({
        "field": place.field,
        "place": place.pointer,
        "needed": place.needed,
        "found": found,
        "wrong": wrong,
    })
}
