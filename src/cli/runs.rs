//! `umpdeck runs`: the runs of this machine's journal; those that died are taken up or given up here.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::arguments::{CommandWords, Doing};
use super::change::carry_through;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::reading::{Reading, now};
use super::retire::{self, RetireOptions};
use super::{Global, Outcome, document};
use crate::desk::file::{Abandonment, RunSummary, UnfinishedRun};
use crate::text::ago;

/// Options of `runs`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RunsOptions {
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Only the earlier secrets that wait to be removed, with their dates
    #[arg(long)]
    pub due: bool,
    /// What to do; `None` = list.
    #[command(subcommand)]
    pub command: Option<RunsCommand>,
}

/// What to do with a run that died.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// Read the device again, finish what the run was for, and remove what it left behind
    Resume(ResumeOptions),
    /// Close the run; remove the secrets that it added, unless the portal may be using them
    Abandon(RunOptions),
    /// Remove earlier secrets that are due for removal and that no portal may be using
    Retire(RetireOptions),
}

/// Which run.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// The run's six characters, or its whole ID
    pub run: String,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Do it without asking; without --yes, umpdeck asks on a terminal, and a script only gets what would be done
    #[arg(long)]
    pub yes: bool,
}

/// Which run to take up, and how.
#[derive(Debug, Args)]
pub struct ResumeOptions {
    /// Which.
    #[command(flatten)]
    pub which: RunOptions,
    /// For portals that are filled in by hand: a command, its words separated by spaces, that takes the secret on its
    /// standard input
    #[arg(long, value_name = "WORDS")]
    pub secret_command: Option<CommandWords>,
}

/// How many closed runs are listed.
const LISTED: usize = 20;

/// Lists, resumes or abandons.
pub(super) async fn run(global: &Global, options: &RunsOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    match &options.command {
        None if options.due => retire::list(&reading, options.json),
        None => list(&reading, options.json),
        Some(RunsCommand::Retire(which)) => retire::run(&mut reading, which).await,
        Some(RunsCommand::Resume(which)) => {
            let run = reading.desk.run_named(&which.which.run)?;
            if let Some(words) = &which.secret_command {
                reading.desk.hand_over_to(words.0.clone());
            }
            let desk = reading.desk.clone();
            let (plan, _) = reading.attended(desk.plan_resume(run)).await?;
            let doing = Doing::of(which.which.yes, which.which.json);
            carry_through(&mut reading, plan, &doing).await
        }
        Some(RunsCommand::Abandon(which)) => {
            let run = reading.desk.run_named(&which.run)?;
            let desk = reading.desk.clone();
            let would = match which.yes {
                true => None,
                false => Some(reading.attended(desk.plan_abandon(run)).await?),
            };
            if let Some(would) = would.as_ref().filter(|_| !which.json) {
                output::print(&abandonment(&reading.look, would))?;
            }
            let sandbox = reading.desk.is_sandbox();
            if !output::agreed(&Doing::of(which.yes, which.json))? {
                let text = would.filter(|_| which.json);
                return Ok(Outcome {
                    text: text
                        .map_or_else(String::new, |one| abandonment_json(&one, false, sandbox)),
                    exit: Exit::Work,
                });
            }
            let desk = reading.desk.clone();
            let done = reading.attended(desk.abandon(run)).await?;
            Ok(Outcome::done(match which.json {
                true => abandonment_json(&done, true, sandbox),
                false => reading.look.line(&done.words) + "\n",
            }))
        }
    }
}

fn abandonment(look: &Look, would: &Abandonment) -> String {
    let mut lines = vec![format!("abandon run {}: close it", would.run.id.short())];
    for (_, name) in &would.removes {
        lines.push(format!("remove the secret \"{name}\" from Entra"));
    }
    for name in &would.leaves {
        lines.push(format!(
            "leave the secret \"{name}\": the portal may be using it"
        ));
    }
    lines.iter().map(|line| look.line(line) + "\n").collect()
}

fn abandonment_json(one: &Abandonment, carried_out: bool, sandbox: bool) -> String {
    let removed = one.removes.iter();
    let removed = removed.map(|(key_id, name)| json!({"keyId": key_id, "name": name}));
    let mut all = document::head("umpdeck.abandonment/1", now(), sandbox);
    all.insert("run".into(), one.run.id.short().into());
    all.insert("device".into(), one.run.device.as_str().into());
    all.insert("carriedOut".into(), carried_out.into());
    all.insert("secretsRemoved".into(), removed.collect());
    all.insert("secretsLeft".into(), json!(one.leaves));
    document::text(all)
}

/// Exit code 1 when a run waits for somebody.
fn list(reading: &Reading, as_json: bool) -> Result<Outcome, Stop> {
    let now = now();
    let unfinished = reading.desk.unfinished(now)?;
    let under_way = reading.desk.under_way(now)?;
    let mut closed = reading.desk.runs(LISTED)?;
    closed.retain(|run| run.outcome.is_some());
    let exit = match unfinished.is_empty() {
        true => Exit::Good,
        false => Exit::Work,
    };
    if as_json {
        let mut all = document::head("umpdeck.runs/1", now, reading.desk.is_sandbox());
        let of = |runs: &[RunSummary]| runs.iter().map(summary).collect::<Value>();
        let unfinished = unfinished.iter().map(|one| {
            let mut value = summary(&one.summary);
            value["did"] = one.done.clone().into();
            value["unknown"] = one.unknown.clone().into();
            value["resumeWill"] = one.resume_will.clone().into();
            value
        });
        all.insert("unfinished".into(), unfinished.collect());
        all.insert("underWay".into(), of(&under_way));
        all.insert("closed".into(), of(&closed));
        return Ok(Outcome {
            text: document::text(all),
            exit,
        });
    }
    let look = &reading.look;
    let mut text = String::new();
    let due = reading.desk.due(now)?;
    let due = due.iter().filter(|one| one.can_go(now)).count();
    if due > 0 {
        let (many, are) = if due == 1 { ("", "is") } else { ("s", "are") };
        text.push_str(&format!(
            "{due} earlier secret{many} {are} due for removal: `umpdeck runs --due` lists them, `umpdeck runs retire --due` removes them\n"
        ));
    }
    for one in &unfinished {
        text.push_str(&told(look, one, now));
    }
    for run in &under_way {
        let line = format!(
            "{}  {}  {}  under way, by {}",
            run.id.short(),
            run.device,
            run.intent,
            run.owner
        );
        text.push_str(&(look.line(&line) + "\n"));
    }
    for run in &closed {
        let note = match run.note.is_empty() {
            true => String::new(),
            false => format!(": {}", run.note),
        };
        let line = format!(
            "{}  {}  {}  {}  {}{note}",
            run.id.short(),
            run.device,
            run.intent,
            ago(run.began, now),
            run.outcome.map_or("", |outcome| outcome.word()),
        );
        text.push_str(&(look.line(&line) + "\n"));
    }
    if text.is_empty() {
        text.push_str("There was no run on this machine yet.\n");
    }
    Ok(Outcome { text, exit })
}

fn told(look: &Look, one: &UnfinishedRun, now: Timestamp) -> String {
    let run = &one.summary;
    let short = run.id.short();
    let head = format!(
        "{short}  {}  {}  interrupted {}, by {}",
        run.device,
        one.purpose,
        ago(run.heartbeat, now),
        run.owner
    );
    let mut text = look.line(&head) + "\n";
    for line in one.told(&format!("`umpdeck runs resume {short}`")) {
        text.push_str(&format!("    {}\n", look.line(&line)));
    }
    text
}

fn summary(run: &RunSummary) -> Value {
    json!({
        "run": run.id.short(),
        "id": run.id,
        "device": run.device.as_str(),
        "tenant": run.tenant,
        "intent": run.intent,
        "purpose": run.purpose(),
        "owner": run.owner,
        "began": run.began,
        "heartbeat": run.heartbeat,
        "outcome": run.outcome.map(|outcome| outcome.word()),
        "note": run.note,
        "ended": run.ended,
    })
}
