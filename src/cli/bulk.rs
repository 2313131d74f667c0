//! `umpdeck create`, `repair`, `push` and `rotate` for several devices, and `apply`: one combined plan, carried out when
//! that is agreed to.

use std::collections::HashMap;

use uuid::Uuid;

use super::Outcome;
use super::arguments::{ChangeOptions, Doing};
use super::bulk_document::json_text;
use super::change::{LAST_REQUEST, STOPPING, Signals};
use super::choosing::chosen;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::progress::Bar;
use super::reading::{Reading, now};
use super::table::{Cell, Kind, table};
use crate::desk::bulk::{BulkIntent, BulkItem, BulkPlan, BulkReport, Pace, Then, Work};
use crate::desk::event::{Anchor, BulkEvent, BulkOutcome, DeskEvent, RunEvent, RunId, Trouble};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::Failure;

/// Reads the devices, plans for all of them, prints the plan, and carries it out when that is agreed to.
pub(super) async fn run(
    reading: &mut Reading,
    intent: BulkIntent,
    options: &ChangeOptions,
) -> Result<Outcome, Stop> {
    let devices = chosen(reading, &options.which).await?;
    let plan = planned(reading, &devices, intent)?;
    go(reading, plan, &options.doing).await
}

/// The combined plan for devices that were just read.
pub(super) fn planned(
    reading: &Reading,
    devices: &[Fqdn],
    intent: BulkIntent,
) -> Result<BulkPlan, Stop> {
    let mut plan = reading.desk.plan_bulk(devices, intent, now())?;
    not_read(&mut plan, &reading.failures);
    Ok(plan)
}

/// Prints a combined plan, and carries it out when that is agreed to.
pub(super) async fn go(
    reading: &mut Reading,
    plan: BulkPlan,
    doing: &Doing,
) -> Result<Outcome, Stop> {
    let totals = plan.totals();
    if !doing.json {
        output::print(&words(&reading.look, &plan))?;
    }
    if totals.ready == 0 || !output::agreed(doing)? {
        let text = match doing.json {
            true => json_text(&plan, None, &HashMap::new(), reading.desk.is_sandbox()),
            false => String::new(),
        };
        let nothing = totals.nothing == totals.devices;
        let exit = if nothing { Exit::Good } else { Exit::Work };
        return Ok(Outcome { text, exit });
    }
    let done = carry_out(reading, &plan).await?;
    let text = match doing.json {
        true => json_text(
            &plan,
            Some(&done.report),
            &done.runs,
            reading.desk.is_sandbox(),
        ),
        false => summary(&reading.look, &plan, &done.report),
    };
    let exit = match done.signal {
        Some(number) => Exit::Of(128 + number),
        None => exit(&plan, &done.report),
    };
    Ok(Outcome { text, exit })
}

/// What is remembered of a tenant that can't be read now is nothing to act on.
fn not_read(plan: &mut BulkPlan, failures: &HashMap<Uuid, Failure>) {
    for item in &mut plan.items {
        if let Some(failure) = failures.get(&item.tenant) {
            item.work = Work::Cannot(Trouble::not_read(&item.device, failure));
        }
    }
}

struct Carried {
    report: BulkReport,
    runs: HashMap<Fqdn, Vec<RunId>>,
    signal: Option<u8>,
}

/// Carries the plan out and tells of it on standard error. The first Ctrl-C lets those under way come to their end.
async fn carry_out(reading: &mut Reading, plan: &BulkPlan) -> Result<Carried, Stop> {
    const INTERRUPT: u8 = 2;
    let open = reading.desk.open_bulk(plan.clone(), reading.bounds)?;
    let desk = reading.desk.clone();
    let carried = tokio::spawn(async move { desk.carry_out_bulk(open).await });
    tokio::pin!(carried);
    let mut signals = Signals::new();
    let mut signal = None;
    let mut progress = Progress::of(plan);
    let report = loop {
        tokio::select! {
            biased;
            number = signals.next() => {
                if number == INTERRUPT && signal.is_none() {
                    signal = Some(number);
                    progress.bar.say("stopping: the devices under way finish, no other begins; Ctrl-C again stops these too");
                    reading.desk.pace_bulk(Pace::Stopping);
                    continue;
                }
                progress.bar.say(STOPPING);
                reading.desk.stop_all(LAST_REQUEST).await;
                return Err(Stop::Signal(number));
            }
            Some(event) = reading.events.recv() => progress.take(event),
            ended = &mut carried => break ended,
        }
    };
    while let Ok(event) = reading.events.try_recv() {
        progress.take(event);
    }
    let report = report.map_err(|_| {
        Trouble::new(
            "the bulk run did not finish",
            "umpdeck has a defect",
            "See the log file and report it; `umpdeck runs` lists the runs that were interrupted.",
        )
    })?;
    for line in progress.anchor.iter().flat_map(Anchor::words) {
        progress.bar.say(&line);
    }
    let runs = progress.runs;
    Ok(Carried {
        report,
        runs,
        signal,
    })
}

/// How far it is, for standard error.
struct Progress {
    bar: Bar,
    all: usize,
    ended: usize,
    runs: HashMap<Fqdn, Vec<RunId>>,
    /// The newest head of the audit trail: it stands for all that came before it.
    anchor: Option<Anchor>,
}

impl Progress {
    fn of(plan: &BulkPlan) -> Progress {
        Progress {
            bar: Bar::of(plan.ready().count()),
            all: plan.ready().count(),
            ended: 0,
            runs: HashMap::new(),
            anchor: None,
        }
    }

    fn take(&mut self, event: DeskEvent) {
        match event {
            DeskEvent::Bulk(BulkEvent::Run { device, run, steps }) => {
                self.bar.say(&format!(
                    "{device}: run {}, {} steps",
                    run.short(),
                    steps.len()
                ));
                self.runs.entry(device).or_default().push(run);
            }
            DeskEvent::Bulk(BulkEvent::Ended(device, outcome)) => {
                self.ended += 1;
                self.bar.done();
                let words = outcome_words(&outcome);
                self.bar
                    .say(&format!("[{}/{}] {device}: {words}", self.ended, self.all));
            }
            DeskEvent::Run { device, event, .. } => match event {
                RunEvent::Waiting { on, .. } => {
                    self.bar.say(&format!("{device}: waiting for {on}"));
                }
                RunEvent::Done { step, outcome, .. } => {
                    self.bar
                        .say(&format!("{device}: step {}: {outcome}", step + 1));
                }
                RunEvent::Anchored(anchor) => {
                    let rows = |one: &Anchor| one.head.as_ref().map_or(0, |head| head.rows);
                    if self
                        .anchor
                        .as_ref()
                        .is_none_or(|known| rows(known) <= rows(&anchor))
                    {
                        self.anchor = Some(anchor);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn outcome_words(outcome: &BulkOutcome) -> String {
    match outcome {
        BulkOutcome::NotBegun => "not begun".to_string(),
        BulkOutcome::Done(words) => words.clone().unwrap_or_else(|| "done".to_string()),
        BulkOutcome::Failed(trouble) => format!("failed: {trouble}"),
        BulkOutcome::Stopped => "stopped; `umpdeck runs` lists what was done".to_string(),
    }
}

/// What failed decides; then what is left for a person.
fn exit(plan: &BulkPlan, report: &BulkReport) -> Exit {
    let totals = plan.totals();
    let is_done = |outcome: &BulkOutcome| matches!(outcome, BulkOutcome::Done(_));
    match report.outcomes.iter().all(|(_, outcome)| is_done(outcome)) {
        false => Exit::Unknown,
        true if totals.by_hand + totals.cannot > 0 || plan.ready().any(goes_on_by_hand) => {
            Exit::Work
        }
        true => Exit::Good,
    }
}

fn goes_on_by_hand(item: &BulkItem) -> bool {
    matches!(&item.work, Work::Ready { then, .. } if *then == Then::ByHand)
}

/// The combined plan as people read it.
pub(super) fn words(look: &Look, plan: &BulkPlan) -> String {
    let columns = [
        ("", Kind::Mark),
        ("DEVICE", Kind::Words),
        ("", Kind::Words),
        ("WHAT", Kind::Wrapped),
    ];
    let rows = plan.items.iter().map(|item| {
        let (glyph, colour) = look.urgency(item.urgency());
        vec![
            Cell::coloured(glyph, colour),
            Cell::plain(item.device.as_str()),
            Cell::plain(item.mark()),
            Cell::plain(item.clauses().join("; ")),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let totals = plan.totals();
    let head = format!("{}: {}", plan.intent.word(), totals.devices_words());
    let mut text = look.line(&head) + "\n";
    text.push_str(&table(look, &columns, &rows));
    for (note, devices) in notes(plan) {
        let whom = match devices.as_slice() {
            [only] => only.to_string(),
            many => format!("{} devices", many.len()),
        };
        text.push_str(&(look.line(&format!("note, {whom}: {note}")) + "\n"));
    }
    if totals.ready > 0 {
        text.push_str(&(look.line(&totals.work_words()) + "\n"));
    }
    text
}

/// What one should know before, each once with the devices that it is about.
fn notes(plan: &BulkPlan) -> Vec<(String, Vec<&Fqdn>)> {
    let mut all: Vec<(String, Vec<&Fqdn>)> = Vec::new();
    for item in &plan.items {
        for note in item.notes() {
            match all.iter_mut().find(|(known, _)| *known == note) {
                Some((_, devices)) if devices.last() == Some(&&item.device) => {}
                Some((_, devices)) => devices.push(&item.device),
                None => all.push((note, vec![&item.device])),
            }
        }
    }
    all
}

/// What came of it: the counts, then what is left, each with how it is taken up again.
fn summary(look: &Look, plan: &BulkPlan, report: &BulkReport) -> String {
    let count = |fits: fn(&BulkOutcome) -> bool| {
        let outcomes = report.outcomes.iter();
        outcomes.filter(|(_, outcome)| fits(outcome)).count()
    };
    let parts = [
        (count(|one| matches!(one, BulkOutcome::Done(_))), "done"),
        (count(|one| matches!(one, BulkOutcome::Failed(_))), "failed"),
        (count(|one| matches!(one, BulkOutcome::Stopped)), "stopped"),
        (count(|one| *one == BulkOutcome::NotBegun), "not begun"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    let mut lines = vec![format!("{}: {}", plan.intent.word(), parts.join(", "))];
    let mut again = Vec::new();
    for (device, outcome) in &report.outcomes {
        if let BulkOutcome::Failed(trouble) = outcome {
            lines.push(format!("{device}: {trouble}"));
        }
        if !matches!(outcome, BulkOutcome::Done(_)) {
            again.push(device.as_str());
        }
    }
    if !again.is_empty() {
        let command = match plan.intent {
            BulkIntent::Retire => "runs retire",
            other => other.word(),
        };
        lines.push(format!("again: umpdeck {command} {}", again.join(" ")));
    }
    lines.iter().map(|line| look.line(line) + "\n").collect()
}
