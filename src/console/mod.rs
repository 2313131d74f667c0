//! Face 1, full screen: the loop, and around it the model, what changes it (`update`), and what shows it (`view`).
//! It knows the desk and the core, nothing below; only the loop and `effects` touch anything outside.

pub mod action;
pub mod chord;
pub mod clipboard;
pub mod context;
pub mod deadline;
mod effects;
pub mod examination;
pub mod fleet_list;
mod footer;
pub mod geometry;
mod header;
pub mod keymap;
pub mod keys;
pub mod list;
pub mod message;
pub mod model;
pub mod panes;
mod readings;
mod stop;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod update;
pub mod view;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::desk::Desk;
use crate::desk::contact::TenantBook;
use crate::desk::event::{DeskEvent, Trouble};
use crate::desk::examination::Finding;
use crate::desk::file::Scope;
use crate::desk::sign_in::KeptSignIns;
use crate::registration::bulk::Bounds;
use clipboard::{Clipboard, Environment};
use effects::{Contacts, Effects, Ours};
use keys::Keys;
use message::{Effect, Message};
use model::{FirstRun, Model, Overlay, UnfinishedList};
use terminal::{Device, Guard, Input, Reader, Screen};
use theme::{Glyphs, Theme, is_utf8_locale, wants_no_colours};

/// How long a request in flight may take to end when the console leaves.
const LAST_REQUEST: Duration = Duration::from_secs(2);

/// How the console is to look and behave.
#[derive(Debug, Clone)]
pub struct Options {
    /// The theme's name.
    pub theme: String,
    /// ASCII glyphs whatever the locale says.
    pub ascii: bool,
    /// A command that takes what is copied on its standard input; empty = none.
    pub clipboard_command: Vec<String>,
    /// Minutes between two readings of the whole fleet; 0 = only when asked.
    pub refresh_minutes: u32,
    /// How many devices may be worked on at the same time.
    pub bulk: Bounds,
    /// The table of keys.
    pub keys: Keys,
    /// A secret's value may leave the console for a person, once the operator has agreed; otherwise never.
    pub secrets_may_leave: bool,
    /// The mouse is the console's from the start.
    pub mouse: bool,
    /// Themes of the site's own: names and texts.
    pub own_themes: Vec<(String, String)>,
    /// What was found of what only the program's start knows: version, settings, files.
    pub findings: Vec<Finding>,
    /// The settings file, for a console that has nothing to show; `None` in a training ground.
    pub first_run: Option<FirstRun>,
    /// Writes a commented settings file, and says how that went.
    pub write_settings: WriteSettings,
    /// Where a crash is written.
    pub log: PathBuf,
    /// Where tenants are listed; `None` = they can't be added to.
    pub book: Option<Arc<dyn TenantBook>>,
    /// What outlives this desk, when another one follows it.
    pub sign_ins: KeptSignIns,
}

/// Writes a commented settings file; a sentence about it, or why not.
#[derive(Clone)]
pub struct WriteSettings(pub Arc<dyn Fn() -> Result<String, Trouble> + Send + Sync>);

impl std::fmt::Debug for WriteSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WriteSettings")
    }
}

/// Something reached the loop.
pub(crate) enum Event {
    /// From the terminal.
    Input(Input),
    /// From the desk, or an effect.
    Message(Box<Message>),
    /// Bytes for the terminal that put nothing on the screen: a clipboard's.
    Escape(zeroize::Zeroizing<Vec<u8>>),
}

impl From<Input> for Event {
    fn from(input: Input) -> Event {
        Event::Input(input)
    }
}

impl From<Message> for Event {
    fn from(message: Message) -> Event {
        Event::Message(Box::new(message))
    }
}

/// Why the console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The operator left.
    Left,
    /// The operator goes on in the training ground.
    ToSandbox,
    /// The settings were added to: the console is to begin anew with them.
    Again,
    /// A signal, by its number.
    Signal(i32),
}

impl Ending {
    /// The process's exit code: 128 + n for a signal.
    pub fn exit_code(self) -> u8 {
        match self {
            Ending::Left | Ending::ToSandbox | Ending::Again => 0,
            Ending::Signal(number) => 128 + number as u8,
        }
    }
}

/// Builds the model from what the desk remembers: no network is touched.
///
/// # Errors
/// [`Trouble`], when the store can't be read.
pub fn model(desk: &Desk, size: (u16, u16), now: Timestamp) -> Result<Model, Trouble> {
    let rows = desk.fleet(now)?;
    let mut model = Model::new(desk.is_sandbox(), desk.tenants(), rows, size, now);
    model.read_only = desk.read_only();
    let runs = desk.unfinished(now)?;
    if !runs.is_empty() {
        let list = Default::default();
        let overlay = Overlay::Unfinished(UnfinishedList { runs, list });
        model.overlays.push(overlay);
    }
    Ok(model)
}

/// Runs the console until the operator leaves, a signal ends it, or the terminal is gone.
///
/// # Errors
/// [`Trouble`], before the terminal is entered: no terminal, an unknown theme, an unreadable store.
pub async fn run(
    desk: Desk,
    events: UnboundedReceiver<DeskEvent>,
    options: Options,
) -> Result<Ending, Trouble> {
    let no_terminal = |why: std::io::Error| {
        Trouble::new(
            "the console can't be shown",
            why.to_string(),
            "Run it in a terminal; `umpdeck status` works without one.",
        )
    };
    let theme = theme(&options)?;
    let size = terminal::size();
    let mut model = model(&desk, size, Timestamp::now())?;
    if !options.secrets_may_leave {
        model.secret_leaving = model::SecretLeaving::Never;
    }
    model.suggested = options.book.as_ref().map(|book| book.suggested());
    model.keys = options.keys.clone();
    model.mouse = options.mouse;
    model.first_run = options.first_run.clone();
    terminal::install_panic_hook(options.log.clone());
    let (sender, receiver) = unbounded_channel();
    let signals = signals();
    let guard = Guard::enter().map_err(no_terminal)?;
    let mut screen = Screen::new(Device, size.0, size.1);
    let look = view::Look {
        theme: &theme,
        glyphs: &theme.glyphs,
    };
    // The first frame comes from the store, before any network.
    let first = screen.draw(|frame| view::view(&model, look, frame));
    let environment = Environment {
        command: options.clipboard_command.clone(),
        ..Environment::of_process()
    };
    let remote = environment.ssh;
    let ours = Ours {
        findings: options.findings.clone(),
        clipboard: environment.clone(),
        write_settings: options.write_settings.clone(),
    };
    let contacts = Contacts::new(options.book.clone(), options.sign_ins.clone());
    let mut effects = Effects::new(
        desk.clone(),
        sender.clone(),
        Clipboard::new(environment),
        options.bulk,
        ours,
        contacts,
    );
    if options.mouse {
        effects.carry_out(Effect::Mouse(true));
    }
    let reader = Reader::start(sender.clone(), remote).map_err(no_terminal)?;
    forward(events, sender);
    if let Some(effect) = update::peek(&mut model) {
        effects.carry_out(effect);
    }
    effects.carry_out(Effect::Refresh(Scope::All));
    effects.refresh_every(options.refresh_minutes);
    let ending = match first {
        Ok(_) => {
            let outside = Outside {
                screen: &mut screen,
                guard: &guard,
                reader: &reader,
                effects: &effects,
            };
            looped(&mut model, look, outside, signals, receiver).await
        }
        Err(_) => Ending::Signal(1),
    };
    // The terminal first; then the request in flight may end, and the journal has what is left. After a hang-up it may
    // still be there, when only the signal was sent: so it is left before it is let go of.
    Guard::leave();
    if ending == Ending::Signal(1) {
        terminal::cut_loose();
    }
    effects.forget_secret().await;
    desk.stop_all(LAST_REQUEST).await;
    desk.keep_sign_ins(&options.sign_ins);
    drop(reader);
    drop(guard);
    Ok(ending)
}

fn theme(options: &Options) -> Result<Theme, Trouble> {
    let variable = |name: &str| std::env::var(name).ok();
    let mut theme = Theme::choose(
        &options.own_themes,
        &options.theme,
        wants_no_colours(&variable),
        is_utf8_locale(&variable),
        &variable("TERM").unwrap_or_default(),
    )
    .map_err(|why| {
        Trouble::new(
            "the theme can't be used",
            why.to_string(),
            "Correct the theme, or `theme` in the settings file.",
        )
    })?;
    if options.ascii {
        theme.glyphs = Glyphs::ASCII;
    }
    Ok(theme)
}

/// Desk events take the loop's one channel, as everything does.
fn forward(mut events: UnboundedReceiver<DeskEvent>, sender: UnboundedSender<Event>) {
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if sender.send(Message::Desk(event).into()).is_err() {
                return;
            }
        }
    });
}

/// The window has another size.
const RESIZED: i32 = Signal::WINCH.as_raw();

/// Somebody asks for a stop.
const STOP: i32 = Signal::TSTP.as_raw();

/// The shell has continued us.
const CONTINUE: i32 = Signal::CONT.as_raw();

type Signals = Vec<(i32, tokio::signal::unix::Signal)>;

/// Takes the signals that end, suspend or resize: before the terminal is entered, since from then on no signal may end
/// the program without leaving it.
fn signals() -> Signals {
    let kinds = [
        SignalKind::hangup(),
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::quit(),
        SignalKind::window_change(),
        SignalKind::from_raw(STOP),
        SignalKind::from_raw(CONTINUE),
    ];
    let mut signals = Vec::new();
    for kind in kinds {
        match signal(kind) {
            Ok(stream) => signals.push((kind.as_raw_value(), stream)),
            Err(error) => tracing::warn!(?kind, %error, "a signal can't be handled"),
        }
    }
    signals
}

/// What the loop acts on.
struct Outside<'a> {
    screen: &'a mut Screen<Device>,
    guard: &'a Guard,
    reader: &'a Reader,
    effects: &'a Effects,
}

impl Outside<'_> {
    /// Stops with the shell's terminal in its hands, and takes it again once the shell continues us: what happens next
    /// in the loop, or how the console ends. Nothing is drawn meanwhile, whatever has happened: that we are continued
    /// is known before the signal that says so is.
    async fn stopped(&mut self, mouse: bool, signals: &mut Signals) -> Result<Event, Ending> {
        if !self.guard.suspend() {
            return self.taken_again(mouse);
        }
        loop {
            match any_signal(signals).await {
                CONTINUE => return self.taken_again(mouse),
                RESIZED | STOP => {}
                ending => return Err(Ending::Signal(ending)),
            }
        }
    }

    /// Takes the terminal again and paints it anew.
    fn taken_again(&mut self, mouse: bool) -> Result<Event, Ending> {
        if self.guard.resume().is_err() {
            return Err(Ending::Signal(Signal::HUP.as_raw()));
        }
        let (columns, rows) = terminal::size();
        self.screen.repaint(columns, rows);
        if mouse {
            self.effects.carry_out(Effect::Mouse(true));
        }
        Ok(Event::Input(Input::Resize(columns, rows)))
    }
}

/// The loop: takes one event, then whatever else is waiting, carries the effects out, and draws once.
async fn looped(
    model: &mut Model,
    look: view::Look<'_>,
    outside: Outside<'_>,
    mut signals: Signals,
    mut receiver: UnboundedReceiver<Event>,
) -> Ending {
    let mut outside = outside;
    const MOST_AT_ONCE: usize = 256;
    loop {
        let deadline = deadline::next(model);
        let first = tokio::select! {
            biased;
            number = any_signal(&mut signals) => match number {
                RESIZED => { outside.reader.waker().wake(); None }
                STOP => match outside.stopped(model.mouse, &mut signals).await {
                    Ok(back) => Some(back),
                    Err(ending) => return ending,
                },
                // After a stop from outside, that left the screen to the shell.
                CONTINUE => match outside.taken_again(model.mouse) {
                    Ok(back) => Some(back),
                    Err(ending) => return ending,
                },
                ending => return Ending::Signal(ending),
            },
            event = receiver.recv() => event,
            () = sleep_until(deadline) => Some(Message::Tick.into()),
        };
        let mut next = first;
        let mut taken = 0;
        while let Some(event) = next {
            let message = match event {
                Event::Escape(bytes) => {
                    if outside.screen.raw(&bytes).is_err() {
                        return Ending::Signal(1);
                    }
                    None
                }
                Event::Input(Input::Gone) => return Ending::Signal(1),
                Event::Input(Input::Key(chord)) => Some(Message::Key(chord)),
                Event::Input(Input::Paste(text)) => Some(Message::Paste(text)),
                Event::Input(Input::Mouse(what, column, row)) => {
                    Some(Message::Mouse(what, column, row))
                }
                Event::Input(Input::Resize(columns, rows)) => {
                    outside.screen.resize(columns, rows);
                    Some(Message::Resize(columns, rows))
                }
                Event::Message(message) => Some(*message),
            };
            let mut stops = false;
            for effect in message
                .map(|message| update::update(model, message, Timestamp::now()))
                .unwrap_or_default()
            {
                match effect {
                    Effect::Quit => return Ending::Left,
                    Effect::ToSandbox => return Ending::ToSandbox,
                    Effect::BeginAnew => return Ending::Again,
                    Effect::Suspend => stops = true,
                    effect => outside.effects.carry_out(effect),
                }
            }
            taken += 1;
            next = if stops {
                match outside.stopped(model.mouse, &mut signals).await {
                    Ok(back) => Some(back),
                    Err(ending) => return ending,
                }
            } else if taken < MOST_AT_ONCE {
                receiver.try_recv().ok()
            } else {
                None
            };
        }
        let drawn = outside.screen.draw(|frame| view::view(model, look, frame));
        if drawn.is_err() {
            return Ending::Signal(1);
        }
    }
}

/// The number of the next signal.
async fn any_signal(signals: &mut [(i32, tokio::signal::unix::Signal)]) -> i32 {
    std::future::poll_fn(|context| {
        for (number, stream) in signals.iter_mut() {
            if stream.poll_recv(context).is_ready() {
                return std::task::Poll::Ready(*number);
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// Sleeps until a moment; for ever when there is none.
async fn sleep_until(deadline: Option<Timestamp>) {
    match deadline {
        Some(at) => {
            let left = at.duration_since(Timestamp::now());
            let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
            // A little later rather than a little earlier: the step must have come when the clock is read.
            tokio::time::sleep(left + Duration::from_millis(2)).await;
        }
        None => std::future::pending().await,
    }
}
