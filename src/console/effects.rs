//! Carries out what `update` asked for: desk calls in tasks of their own, copies, and nothing that waits on the loop.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use tokio::sync::mpsc::UnboundedSender;

use super::clipboard::{Clipboard, Environment, Kind};
use super::message::{Effect, FieldValue, Message, Sent};
use super::model::Card;
use super::readings::Readings;
use super::stop::Stop;
use super::{Event, WriteSettings};
use crate::desk::Desk;
use crate::desk::contact::{TenantBook, first_contact};
use crate::desk::event::Trouble;
use crate::desk::examination::Finding;
use crate::desk::sign_in::KeptSignIns;
use crate::registration::bulk::Bounds;

/// How long a copied secret stays where the console can take it back.
const SECRET_STAYS: Duration = Duration::from_secs(45);

/// How many rows of the audit trail are shown at most; `umpdeck audit --since` lists older ones.
const AUDIT_ROWS: usize = 2_000;

/// Carries effects out.
pub(super) struct Effects {
    desk: Desk,
    sender: UnboundedSender<Event>,
    clipboard: Arc<Clipboard>,
    bounds: Bounds,
    ours: Ours,
    contacts: Contacts,
    readings: Readings,
}

/// What the program's start hands over for effects.
pub(super) struct Ours {
    /// What was found of version, settings and files.
    pub findings: Vec<Finding>,
    /// The ways to the clipboard.
    pub clipboard: Environment,
    /// Writes a commented settings file.
    pub write_settings: WriteSettings,
}

/// First contacts with tenants.
pub(super) struct Contacts {
    book: Option<Arc<dyn TenantBook>>,
    sign_ins: KeptSignIns,
    /// Ends the one that is under way.
    cancel: Stop,
}

impl Contacts {
    pub fn new(book: Option<Arc<dyn TenantBook>>, sign_ins: KeptSignIns) -> Contacts {
        Contacts {
            book,
            sign_ins,
            cancel: Stop::default(),
        }
    }
}

impl Drop for Effects {
    fn drop(&mut self) {
        self.contacts.cancel.now();
    }
}

impl Effects {
    pub fn new(
        desk: Desk,
        sender: UnboundedSender<Event>,
        clipboard: Clipboard,
        bounds: Bounds,
        ours: Ours,
        contacts: Contacts,
    ) -> Effects {
        Effects {
            desk,
            sender,
            clipboard: Arc::new(clipboard),
            bounds,
            ours,
            contacts,
            readings: Readings::default(),
        }
    }

    /// Begins an effect; what comes of it reaches the loop as a message.
    pub fn carry_out(&self, effect: Effect) {
        let (desk, sender) = (self.desk.clone(), self.sender.clone());
        let tell = move |message: Message| tell(&sender, message);
        match effect {
            Effect::Refresh(scope) => {
                let reading = self.readings.read(desk, scope, tell);
                tokio::spawn(reading);
            }
            Effect::StopReading => self.readings.stop(),
            Effect::ReadInventory(wish) => self.waiting(move |desk| {
                let written = desk.written_inventory();
                or_failed(written, |written| {
                    Message::Inventory(Box::new(written), wish)
                })
            }),
            Effect::WriteInventory(order, mark) => self.waiting(move |desk| {
                Message::InventoryWritten(desk.change_inventory(&order, mark))
            }),
            Effect::ReadCustomers(fqdn) => self.asking(async move |desk| {
                desk.read_customers(&fqdn).await.err().map(Message::Failed)
            }),
            Effect::Load(fqdn, then, question) => self.waiting(move |desk| {
                or_failed(desk.device(&fqdn), |file| {
                    Message::Loaded(Box::new(file), then, question)
                })
            }),
            Effect::LoadCustomers(question) => self.waiting(move |desk| {
                or_failed(desk.customer_names(), |names| {
                    Message::Customers(names, question)
                })
            }),
            Effect::LoadSecrets(question) => self.waiting(move |desk| {
                let due = || desk.due(Timestamp::now());
                let read = desk.secrets().and_then(|all| Ok((all, due()?)));
                or_failed(read, |read| Message::Secrets(Box::new(read), question))
            }),
            Effect::LoadAudit(device, question) => self.waiting(move |desk| {
                let rows = desk.audit(device.as_ref(), None, AUDIT_ROWS);
                let read = rows.and_then(|rows| Ok((rows, desk.verify_audit(None)?)));
                or_failed(read, |read| {
                    Message::Audit(device, Box::new(read), question)
                })
            }),
            Effect::LoadStory(run) => self.waiting(move |desk| {
                let card = |paragraphs| Card {
                    title: format!("Run {}", run.short()),
                    paragraphs,
                    failure: false,
                };
                or_failed(desk.story(run), |told| Message::Story(card(told)))
            }),
            Effect::Plan(fqdn, ask, question) => self.asking(async move |desk| {
                let (intent, blueprint) = ask.intent();
                let planned = desk.plan_anew(&fqdn, intent, blueprint.as_deref()).await;
                Message::Planned(planned.map(Box::new), question)
            }),
            Effect::PlanRetire(fqdn, key_id, question) => self.asking(async move |desk| {
                let planned = desk.plan_retire(&fqdn, key_id).await;
                Message::Planned(planned.map(Box::new), question)
            }),
            Effect::PlanResume(run, question) => self.asking(async move |desk| {
                let planned = desk.plan_resume(run).await;
                Message::Planned(planned.map(Box::new), question)
            }),
            Effect::Decide(fqdn, question) => self.asking(async move |desk| {
                let decided = desk.decide(&fqdn).await;
                Message::Decided(decided.map(|both| both.map(Box::new)), question)
            }),
            Effect::Abandon(run) => self.asking(async move |desk| {
                or_failed(desk.abandon(run).await, |done| {
                    Message::Abandoned(done.run.device, done.words)
                })
            }),
            Effect::StartRun(plan) => {
                tokio::spawn(async move {
                    let fqdn = plan.plan.device.clone();
                    let opening = {
                        let desk = desk.clone();
                        tokio::task::spawn_blocking(move || desk.open_run(&plan)).await
                    };
                    let opened = opening.unwrap_or_else(|_| {
                        Err(Trouble::new(
                            "the run did not begin",
                            "umpdeck has a defect",
                            "See the log file and report it.",
                        ))
                    });
                    match opened {
                        Ok(open) => {
                            tell(Message::RunBegan(fqdn, Ok(open.id())));
                            desk.carry_out(open).await;
                        }
                        Err(trouble) => tell(Message::RunBegan(fqdn, Err(trouble))),
                    }
                });
            }
            Effect::PlanBulk(devices, intent) => self.waiting(move |desk| {
                let planned = desk.plan_bulk(&devices, intent, Timestamp::now());
                Message::BulkPlanned(planned.map(Box::new))
            }),
            Effect::StartBulk(plan) => {
                let bounds = self.bounds;
                tokio::spawn(async move {
                    match desk.open_bulk(Arc::unwrap_or_clone(plan), bounds) {
                        Ok(open) => {
                            // Told before the desk tells of its devices.
                            tell(Message::BulkBegan(Ok(())));
                            desk.carry_out_bulk(open).await;
                        }
                        Err(trouble) => tell(Message::BulkBegan(Err(trouble))),
                    }
                });
            }
            Effect::PaceBulk(pace) => desk.pace_bulk(pace),
            Effect::StopRun(run) => desk.stop_run(run),
            Effect::Applied(run) => desk.applied(run),
            Effect::SecretIsOut(device) => {
                tokio::task::spawn_blocking(move || {
                    if let Err(trouble) = desk.secret_is_out(&device) {
                        tell(Message::Failed(trouble));
                    }
                });
            }
            Effect::MarkCopied(value) => self.waiting(move |desk| {
                let FieldValue {
                    device,
                    field,
                    what,
                } = value;
                let marked = desk.mark_copied(&device, field, what, Timestamp::now());
                marked.err().map(Message::Failed)
            }),
            Effect::State(fqdn) => self.waiting(move |desk| {
                or_failed(desk.state(&fqdn, Timestamp::now()), |()| {
                    Message::Told(format!("{}: stated what the portal holds", fqdn.short()))
                })
            }),
            Effect::Copy {
                label,
                text,
                secret,
                field,
            } => {
                let (clipboard, sender) = (self.clipboard.clone(), self.sender.clone());
                tokio::spawn(async move {
                    let kind = if secret { Kind::Secret } else { Kind::Plain };
                    let sent = clipboard.copy(text.expose_secret(), kind).await;
                    let mut words = format!("{label}: {}", sent.report());
                    let left = !sent.done.is_empty();
                    if secret && left {
                        words += &format!(
                            "; cleared after {} s where that is possible",
                            SECRET_STAYS.as_secs()
                        );
                    }
                    let _ = sender.send(Event::Escape(sent.escape));
                    tell(Message::Sent(Sent { words, left, field }));
                    if secret && left {
                        tokio::time::sleep(SECRET_STAYS).await;
                        if let Some(words) = clipboard.forget(sent.number).await.words() {
                            tell(Message::Told(format!("{label}: {words}")));
                        }
                    }
                });
            }
            Effect::CancelSignIn(tenant) => desk.cancel_sign_in(tenant),
            Effect::Examine => {
                let (mut found, clipboard) =
                    (self.ours.findings.clone(), self.ours.clipboard.clone());
                tokio::spawn(async move {
                    let terminal = tokio::task::spawn_blocking(move || {
                        let variable = |name: &str| std::env::var(name).ok();
                        let size = Some(super::terminal::size());
                        super::examination::examine(&variable, size, &clipboard)
                    });
                    let (terminal, desk) = tokio::join!(terminal, desk.examine());
                    found.extend(terminal.unwrap_or_default());
                    found.extend(desk);
                    tell(Message::Examined(found));
                });
            }
            Effect::WriteSettings => {
                let write = self.ours.write_settings.clone();
                self.waiting(move |_| Message::SettingsWritten((write.0)()));
            }
            Effect::Mouse(on) => {
                // Presses and the wheel, in the form that has no limit to the columns.
                let bytes: &[u8] = match on {
                    true => b"\x1b[?1000h\x1b[?1006h",
                    false => b"\x1b[?1006l\x1b[?1000l",
                };
                let escape = zeroize::Zeroizing::new(bytes.to_vec());
                // The loop has ended: then the terminal is left anyway.
                let _ = self.sender.send(Event::Escape(escape));
            }
            Effect::Contact(wanted) => {
                let Some(book) = self.contacts.book.clone() else {
                    return;
                };
                // Only one is under way at a time.
                self.contacts.cancel.now();
                let (keep, cancel) = (self.contacts.sign_ins.clone(), self.contacts.cancel.token());
                tokio::spawn(async move {
                    let asked = Arc::new(OnceLock::new());
                    let show = |tenant, prompt| {
                        let _ = asked.set(tenant);
                        tell(Message::ContactAsked(tenant, prompt));
                    };
                    let found = first_contact(&*book, &wanted, show, &keep, &cancel).await;
                    let asked = asked.get().copied();
                    tell(Message::Contacted(asked, Box::new(found)));
                });
            }
            Effect::CancelContact => self.contacts.cancel.now(),
            Effect::AddTenant(listing) => {
                let Some(book) = self.contacts.book.clone() else {
                    return;
                };
                self.waiting(move |_| {
                    let added = book.add(&listing).map(|()| listing.name.clone());
                    Message::TenantAdded(added)
                });
            }
            // The loop itself does these.
            Effect::BeginAnew | Effect::Suspend | Effect::Quit | Effect::ToSandbox => {}
        }
    }

    /// Calls the desk in a thread of its own, where it may wait for disk or store; what it says reaches the loop.
    fn waiting<M>(&self, call: impl FnOnce(&Desk) -> M + Send + 'static)
    where
        M: Into<Option<Message>>,
    {
        let (desk, sender) = (self.desk.clone(), self.sender.clone());
        tokio::task::spawn_blocking(move || tell(&sender, call(&desk)));
    }

    /// Asks the desk for what it asks a network for; what it says reaches the loop.
    fn asking<M, F>(&self, ask: impl FnOnce(Desk) -> F)
    where
        M: Into<Option<Message>>,
        F: Future<Output = M> + Send + 'static,
    {
        let (answer, sender) = (ask(self.desk.clone()), self.sender.clone());
        tokio::spawn(async move { tell(&sender, answer.await) });
    }

    /// Reads the whole fleet again every so many minutes.
    pub fn refresh_every(&mut self, minutes: u32) {
        self.readings.every(minutes, &self.desk, &self.sender);
    }

    /// Takes a copied secret back from the places that are ours.
    pub async fn forget_secret(&self) {
        self.clipboard.forget_all().await;
    }
}

/// Tells the loop something; once it has ended there is nobody left to tell.
fn tell(sender: &UnboundedSender<Event>, message: impl Into<Option<Message>>) {
    if let Some(message) = message.into() {
        let _ = sender.send(message.into());
    }
}

/// What comes of a call, or that it failed.
fn or_failed<T>(outcome: Result<T, Trouble>, message: impl FnOnce(T) -> Message) -> Message {
    outcome.map_or_else(Message::Failed, message)
}
