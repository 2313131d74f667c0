//! `umpdeck create`, `repair`, `push` and `rotate`: the plan printed, and carried out when that is agreed to.

use super::arguments::{ChangeOptions, CommandWords, Doing};
use super::change_document::ChangeDocument;
use super::choosing::find;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::progress::Bar;
use super::reading::{Reading, now};
use super::{Global, Outcome, bulk};
use crate::desk::bulk::BulkIntent;
use crate::desk::event::{DeskEvent, RunEnd, RunEvent, Trouble};
use crate::desk::file::{DeviceFile, PlanFile};
use crate::registration::plan::{Action, Intent};

/// Reads the device or the devices, plans, prints the plan, and carries it out when that is agreed to.
pub(super) async fn run(
    global: &Global,
    intent: BulkIntent,
    options: &ChangeOptions,
    secret_command: Option<&CommandWords>,
) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    if let Some(words) = secret_command {
        reading.desk.hand_over_to(words.0.clone());
    }
    let Some(device) = options.only() else {
        return bulk::run(&mut reading, intent, options).await;
    };
    let fqdn = find(&reading.desk.fleet(now())?, device)?;
    let desk = reading.desk.clone();
    let intent = |file: &DeviceFile, now| intent.of_device(file, now);
    let plan = reading.attended(desk.plan_fresh(&fqdn, intent)).await?;
    carry_through(&mut reading, plan, &options.doing).await
}

/// Prints a plan and, when that is agreed to, carries it out; a create is followed by a push, since the secret's value is in
/// nobody's hands but this process's.
pub(super) async fn carry_through(
    reading: &mut Reading,
    plan: PlanFile,
    doing: &Doing,
) -> Result<Outcome, Stop> {
    let fqdn = plan.plan.device.clone();
    let mut actions = plan.plan.steps.iter().map(|step| &step.action);
    let by_hand = actions.find_map(|action| match action {
        Action::HandOff { with_secret, .. } => Some(*with_secret),
        _ => None,
    });
    if by_hand == Some(false) {
        return Err(Trouble::new(
            "this needs a person at the console",
            format!(
                "only redirect URIs are new for the portal of {fqdn}, whose page is filled in by hand, and \
                 --secret-command takes only a secret"
            ),
            "Open the console with `umpdeck`, and push the device there.",
        )
        .into());
    }
    if by_hand == Some(true) && !reading.desk.has_secret_command() {
        return Err(Trouble::new(
            "this needs a person at the console",
            format!("the portal of {fqdn} is filled in by hand, and a secret is never printed"),
            "Open the console with `umpdeck`, and push the device there. Or name a command that takes the secret on its standard \
             input: --secret-command.",
        )
        .into());
    }
    let tenant = reading.desk.device(&fqdn)?.device.tenant;
    let mut document = ChangeDocument::new(fqdn.clone(), tenant, plan.plan.intent.word());
    let exit = match proceed(reading, &plan, doing, &mut document).await {
        Ok(exit) => exit,
        Err(Stop::Trouble(trouble, exit)) if doing.json => {
            document.failed(&trouble);
            exit
        }
        Err(stop) => return Err(stop),
    };
    let text = match doing.json {
        true => document.text(reading.desk.is_sandbox()),
        false => String::new(),
    };
    Ok(Outcome { text, exit })
}

/// Tells a plan, and carries it out as far as that is agreed to.
async fn proceed(
    reading: &mut Reading,
    plan: &PlanFile,
    doing: &Doing,
    document: &mut ChangeDocument,
) -> Result<Exit, Stop> {
    let fqdn = &plan.plan.device;
    tell(reading, plan, doing, document)?;
    if plan.plan.steps.is_empty() {
        return Ok(Exit::Good);
    }
    let creates = matches!(plan.plan.intent.purpose(), Intent::Create(_));
    if creates && !doing.json && reading.desk.would_push_after(plan)? {
        output::print(
            "   then client ID, secret and redirect URI are pushed to the portal and read back, and the secret is proven\n",
        )?;
    }
    if !output::agreed(doing)? {
        return Ok(Exit::Work);
    }
    carry_out(reading, plan, document).await?;
    if creates && reading.desk.pushes_after_create(fqdn)? {
        let intent = Intent::Push {
            secret_in_hand: None,
        };
        let (push, _) = reading.desk.plan_anew(fqdn, intent, None).await?;
        tell(reading, &push, doing, document)?;
        carry_out(reading, &push, document).await?;
    }
    document.done();
    Ok(Exit::Good)
}

fn tell(
    reading: &Reading,
    plan: &PlanFile,
    doing: &Doing,
    document: &mut ChangeDocument,
) -> Result<(), Stop> {
    document.plans(plan);
    match doing.json {
        true => Ok(()),
        false => output::print(&words(&reading.look, plan)),
    }
}

/// Carries a plan out and tells of each step on standard error.
async fn carry_out(
    reading: &mut Reading,
    plan: &PlanFile,
    document: &mut ChangeDocument,
) -> Result<(), Stop> {
    let open = reading.desk.open_run(plan)?;
    let run = open.id();
    document.began(run);
    let bar = Bar::of(plan.plan.steps.len());
    bar.say(&format!("run {}", run.short()));
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
                bar.say(STOPPING);
                reading.desk.stop_all(LAST_REQUEST).await;
                return Err(Stop::Signal(number));
            }
            Some(event) = reading.events.recv() => progress(&bar, &titles, event),
            ended = &mut carried => break ended,
        }
    };
    while let Ok(event) = reading.events.try_recv() {
        progress(&bar, &titles, event);
    }
    drop(bar);
    let report = report.map_err(|_| {
        Trouble::new(
            "the run did not finish",
            "umpdeck has a defect",
            "See the log file and report it; `umpdeck runs` lists the run.",
        )
    })?;
    match (report.end, report.trouble) {
        (RunEnd::Done, _) => {
            output::note(&format!(
                "{}: {} done",
                plan.plan.device,
                plan.plan.intent.purpose().word()
            ));
            Ok(())
        }
        (_, Some(trouble)) => Err(trouble.into()),
        (_, None) => Err(Trouble::new("the run", "it was stopped", "Plan it again.").into()),
    }
}

/// What is said when a signal stops work.
pub(super) const STOPPING: &str = "stopping; `umpdeck runs` lists what was under way";

/// How long a request in flight may take to end after a signal.
pub(super) const LAST_REQUEST: std::time::Duration = std::time::Duration::from_secs(2);

/// The signals that end a run between two steps.
pub(super) struct Signals(Vec<(u8, tokio::signal::unix::Signal)>);

impl Signals {
    pub fn new() -> Signals {
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

    pub async fn next(&mut self) -> u8 {
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

fn progress(bar: &Bar, titles: &[String], event: DeskEvent) {
    let DeskEvent::Run { event, .. } = event else {
        return;
    };
    let title = |step: usize| titles.get(step).map_or("", String::as_str);
    match event {
        RunEvent::Started { step, .. } => {
            bar.say(&format!("{}/{} {}", step + 1, titles.len(), title(step)));
            bar.at(title(step));
        }
        RunEvent::Waiting { on, .. } => bar.say(&format!("    waiting for {on}")),
        RunEvent::Done { outcome, .. } => {
            bar.say(&format!("    {outcome}"));
            bar.done();
        }
        RunEvent::Failed { why, .. } => bar.say(&format!("    failed: {}", why.why)),
        RunEvent::Anchored(anchor) => {
            for line in anchor.words() {
                bar.say(&line);
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
            "{}: {purpose}, resumed after run {}",
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
            // The same marks as in the console's plan.
            let (field, from, to) = (&change.field, &change.from, &change.to);
            lines.push(match (from.is_empty(), to.is_empty()) {
                (true, _) => format!("     {field}: + {to}"),
                (false, true) => format!("     {field}: - {from}"),
                (false, false) => format!("     {field}: {from} → {to}"),
            });
        }
        for request in file.requests.get(at).into_iter().flatten() {
            lines.push(format!("     {} {}", request.method, request.path));
        }
    }
    let remarks = plan.remarks().into_iter();
    lines.extend(remarks.map(|remark| format!("   {remark}")));
    let shown = lines.iter().map(|line| indented(look, line) + "\n");
    shown.collect()
}

/// Cleaning takes the blanks at a line's beginning away.
fn indented(look: &Look, line: &str) -> String {
    let words = line.trim_start_matches(' ');
    let blanks = " ".repeat(line.len() - words.len());
    format!("{blanks}{}", look.line(words))
}
