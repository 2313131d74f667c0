//! `umpdeck create`, `repair`, `push` and `rotate`: the plan printed, and with `--yes` carried out.

use jiff::Timestamp;

use super::arguments::ChangeOptions;
use super::check::find;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::reading::{Reading, now};
use super::{Global, Outcome};
use crate::desk::event::{DeskEvent, RunEnd, RunEvent, Trouble};
use crate::desk::file::{PlanFile, Scope};
use crate::registration::fleet::{Fqdn, PortalWay};
use crate::registration::plan::{Action, CreateForm, Intent};

/// What to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Create,
    Repair,
    Push,
    Rotate,
}

/// Reads the device, plans, prints the plan, and carries it out when that was asked for.
pub(super) async fn run(
    global: &Global,
    change: Change,
    options: &ChangeOptions,
) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let fqdn = find(&reading.desk.fleet(now())?, &options.device)?;
    let failures = reading.refresh(Scope::Device(fqdn.clone())).await;
    if let Some(failure) = failures.into_values().next() {
        let what = format!("{fqdn} could not be read");
        return Err(Trouble::new(what, failure.why, failure.next).into());
    }
    let file = reading.desk.device(&fqdn)?;
    let intent = match change {
        Change::Create => Intent::Create(
            CreateForm::suggested(&file.blueprint, &file.device, Timestamp::now()).map_err(
                |why| {
                    Trouble::new(
                        "there is no plan",
                        why.to_string(),
                        "Correct the device in the settings file.",
                    )
                },
            )?,
        ),
        Change::Repair => Intent::Repair {
            remove_extra: vec![],
        },
        Change::Push => Intent::Push {
            secret_in_hand: None,
        },
        Change::Rotate => Intent::Rotate,
    };
    let (plan, _) = reading.desk.plan(&fqdn, intent, None, Timestamp::now())?;
    carry_through(&mut reading, plan, options.yes).await
}

/// Prints a plan and, with `yes`, carries it out; a create is followed by a push, since the secret's value is in
/// nobody's hands but this process's.
pub(super) async fn carry_through(
    reading: &mut Reading,
    plan: PlanFile,
    yes: bool,
) -> Result<Outcome, Stop> {
    let fqdn = plan.plan.device.clone();
    let by_hand =
        |step: &crate::registration::plan::Step| matches!(step.action, Action::HandOff { .. });
    if plan.plan.steps.iter().any(by_hand) {
        return Err(Trouble::new(
            "this needs a person",
            format!("the portal of {fqdn} is filled in by hand"),
            "Open the console: `umpdeck`, then p on the device.",
        )
        .into());
    }
    let text = words(&reading.look, &plan);
    if plan.plan.steps.is_empty() {
        return Ok(Outcome::done(text));
    }
    if !yes {
        output::note("Nothing was done. --yes carries it out.");
        return Ok(Outcome {
            text,
            exit: Exit::Work,
        });
    }
    output::print(&text)?;
    let creates = matches!(plan.plan.intent.purpose(), Intent::Create(_));
    carry_out(reading, &plan).await?;
    if creates && pushes(reading, &fqdn)? {
        let intent = Intent::Push {
            secret_in_hand: None,
        };
        let (push, _) = reading.desk.plan(&fqdn, intent, None, Timestamp::now())?;
        output::print(&words(&reading.look, &push))?;
        carry_out(reading, &push).await?;
    }
    Ok(Outcome::done(String::new()))
}

/// Whether a new secret is in hand that a portal takes.
fn pushes(reading: &Reading, fqdn: &Fqdn) -> Result<bool, Trouble> {
    let file = reading.desk.device(fqdn)?;
    Ok(file.device.portal_way == PortalWay::Http && file.secret.is_some())
}

/// Carries a plan out and tells of each step on standard error.
async fn carry_out(reading: &mut Reading, plan: &PlanFile) -> Result<(), Stop> {
    let open = reading.desk.open_run(plan)?;
    let run = open.id();
    output::note(&format!("run {}", run.short()));
    let titles: Vec<String> = plan
        .plan
        .steps
        .iter()
        .map(|step| step.action.title())
        .collect();
    let desk = reading.desk.clone();
    let carried = tokio::spawn(async move { desk.carry_out(open).await });
    tokio::pin!(carried);
    let mut signals = Signals::new();
    let report = loop {
        tokio::select! {
            biased;
            number = signals.next() => {
                output::note("stopping; what was under way stays in the journal: `umpdeck runs`");
                reading.desk.stop_all(LAST_REQUEST).await;
                return Err(Stop::Signal(number));
            }
            Some(event) = reading.events.recv() => progress(&titles, event),
            ended = &mut carried => break ended,
        }
    };
    while let Ok(event) = reading.events.try_recv() {
        progress(&titles, event);
    }
    let report = report.map_err(|_| {
        Trouble::new(
            "the run did not end",
            "umpdeck failed inside",
            "See the log file; `umpdeck runs` lists it.",
        )
    })?;
    match (report.end, report.trouble) {
        (RunEnd::Done, _) => Ok(()),
        (_, Some(trouble)) => Err(trouble.into()),
        (_, None) => Err(Trouble::new("the run", "it was stopped", "Plan it again.").into()),
    }
}

/// How long a request in flight may take to end after a signal.
const LAST_REQUEST: std::time::Duration = std::time::Duration::from_secs(2);

/// The signals that end a run between two steps.
struct Signals(Vec<(u8, tokio::signal::unix::Signal)>);

impl Signals {
    fn new() -> Signals {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            SignalKind::hangup(),
            SignalKind::interrupt(),
            SignalKind::terminate(),
        ];
        let taken = kinds.into_iter().filter_map(|kind| {
            let number = u8::try_from(kind.as_raw_value()).ok()?;
            Some((number, signal(kind).ok()?))
        });
        Signals(taken.collect())
    }

    async fn next(&mut self) -> u8 {
        std::future::poll_fn(|context| {
            for (number, stream) in &mut self.0 {
                if stream.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*number);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

fn progress(titles: &[String], event: DeskEvent) {
    let DeskEvent::Run { event, .. } = event else {
        return;
    };
    let title = |step: usize| titles.get(step).map_or("", String::as_str);
    match event {
        RunEvent::Started { step, .. } => {
            output::note(&format!("{}/{} {}", step + 1, titles.len(), title(step)));
        }
        RunEvent::Waiting { on, .. } => output::note(&format!("    waiting for {on}")),
        RunEvent::Done { outcome, .. } => output::note(&format!("    {outcome}")),
        RunEvent::Failed { why, .. } => output::note(&format!("    failed: {}", why.why)),
        RunEvent::Anchored(anchor) => {
            for line in anchor.words() {
                output::note(&line);
            }
        }
        RunEvent::YourTurn { .. } | RunEvent::Ended(_) => {}
    }
}

/// A plan as people read it, every request included.
pub(super) fn words(look: &Look, file: &PlanFile) -> String {
    let plan = &file.plan;
    let purpose = plan.intent.purpose().word();
    let title = match &plan.intent {
        Intent::Resume { remains, .. } => format!(
            "{}: {purpose}, taken up after run {}",
            plan.device,
            remains.runs.join(" and run ")
        ),
        _ => format!("{}: {purpose}", plan.device),
    };
    let mut lines = vec![title];
    if plan.steps.is_empty() {
        lines.push("   nothing to do".to_string());
    }
    for (at, step) in plan.steps.iter().enumerate() {
        lines.push(format!("{:>2} {}", at + 1, step.action.title()));
        for change in &step.changes {
            lines.push(format!(
                "     {}: {} → {}",
                change.field, change.from, change.to
            ));
        }
        for request in file.requests.get(at).into_iter().flatten() {
            lines.push(format!("     {} {}", request.method, request.path));
        }
    }
    for left in &plan.left_alone {
        lines.push(format!("   left alone: {left}"));
    }
    for note in &plan.notes {
        lines.push(format!("   note: {note}"));
    }
    let shown = lines.iter().map(|line| indented(look, line) + "\n");
    shown.collect()
}

/// Cleaning takes the blanks at a line's beginning away.
fn indented(look: &Look, line: &str) -> String {
    let words = line.trim_start_matches(' ');
    let blanks = " ".repeat(line.len() - words.len());
    format!("{blanks}{}", look.line(words))
}
