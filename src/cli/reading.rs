//! What nearly every command begins with: the desk opened, and what is read, sign-in prompts included.

use std::collections::HashMap;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::Global;
use super::exit::Stop;
use super::output::{self, Look};
use super::progress::Bar;
use super::site::{self, Start};
use crate::desk::Desk;
use crate::desk::event::{DeskEvent, SignInPrompt, Trouble};
use crate::desk::file::Scope;
use crate::registration::bulk::Bounds;
use crate::registration::fleet::Tenant;
use crate::registration::observed::Failure;
use crate::sandbox::Sandbox;

/// A desk with nobody at it.
pub(super) struct Reading {
    /// The desk.
    pub desk: Desk,
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// What standard output can show.
    pub look: Look,
    /// How many devices may be worked on at the same time.
    pub bounds: Bounds,
    /// What the desk tells.
    pub events: UnboundedReceiver<DeskEvent>,
    /// The tenants that could not be read when devices were chosen to be planned for.
    pub failures: HashMap<Uuid, Failure>,
    // Dropped last, and with it the sandbox ends.
    _sandbox: Option<Sandbox>,
}

impl Reading {
    /// Opens the desk.
    ///
    /// # Errors
    /// What can't be used; also that there is nothing to read.
    pub async fn open(global: &Global) -> Result<Reading, Stop> {
        let Start {
            site,
            settings,
            settings_file,
            sandbox,
            ..
        } = site::start(global).await?;
        if site.devices.is_empty() {
            let (missing, next) = match site.tenants.is_empty() {
                true => (
                    "no tenant and no device is listed",
                    "Add your tenant: `umpdeck tenants add` leads through it.",
                ),
                false => (
                    "no device is listed",
                    "Add one with `umpdeck devices add FQDN`, or many with `umpdeck devices import FILE`.",
                ),
            };
            return Err(Trouble::new(
                "there is nothing to show",
                format!("{missing} in {}", settings_file.display()),
                format!("{next} To try umpdeck without a tenant: umpdeck --sandbox"),
            )
            .into());
        }
        let look = Look::of(global, settings.screen.ascii);
        let (desk, events) = Desk::open(site)?;
        Ok(Reading {
            tenants: desk.tenants(),
            desk,
            look,
            bounds: settings.bulk.bounds(),
            events,
            failures: HashMap::new(),
            _sandbox: sandbox,
        })
    }

    /// The tenant that an operator means by a name, a directory ID or a primary domain.
    ///
    /// # Errors
    /// [`Stop::Trouble`] that lists the tenants there are.
    pub fn tenant(&self, name: &str) -> Result<&Tenant, Stop> {
        find_tenant(&self.tenants, name)
    }

    /// Reads anew. Says on standard error when somebody has to sign in, and returns the tenants that failed.
    pub async fn refresh(&mut self, scope: Scope) -> HashMap<Uuid, Failure> {
        let desk = self.desk.clone();
        let parts = match scope {
            Scope::All => self.tenants.len(),
            Scope::Tenant(_) | Scope::Device(_) => 1,
        };
        let refreshed = self.attended_for(parts, desk.refresh(scope)).await;
        refreshed
            .into_iter()
            .filter_map(|one| Some((one.tenant, one.failure?)))
            .collect()
    }

    /// Awaits work of the desk on one tenant; says on standard error meanwhile when somebody has to sign in.
    pub async fn attended<T>(&mut self, work: impl Future<Output = T>) -> T {
        self.attended_for(1, work).await
    }

    async fn attended_for<T>(&mut self, tenants: usize, work: impl Future<Output = T>) -> T {
        let bar = Bar::of(tenants);
        let sandbox = self.desk.is_sandbox();
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                Some(event) = self.events.recv() => {
                    let name = |tenant: Uuid| {
                        let named = self.tenants.iter().find(|one| one.id == tenant);
                        named.map_or("the tenant", |one| one.name.as_str())
                    };
                    match event {
                        DeskEvent::RefreshStarted { tenant } => {
                            bar.at(&format!("reading {}", name(tenant)));
                        }
                        DeskEvent::RefreshEnded { .. } => bar.done(),
                        DeskEvent::SignInAsked { tenant, prompt } => {
                            bar.above(|| note_prompt(name(tenant), &prompt, sandbox));
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// A line for a tenant that could not be read.
    pub fn failure_line(&self, tenant: &Tenant, failure: &Failure) -> String {
        let (glyph, colour) = self
            .look
            .urgency(crate::registration::status::Urgency::Unknown);
        let next = match failure.next.is_empty() {
            true => String::new(),
            false => format!(" {}", failure.next),
        };
        let words = format!(
            "{} could not be read: {}.{next}",
            tenant.name,
            failure.why.trim_end_matches('.')
        );
        format!(
            "{} {}\n",
            self.look.coloured(glyph, Some(colour)),
            self.look.line(&words)
        )
    }
}

/// The tenant that an operator means by a name, a directory ID or a primary domain.
///
/// # Errors
/// [`Stop::Trouble`] that lists the tenants there are.
pub(super) fn find_tenant<'a>(tenants: &'a [Tenant], name: &str) -> Result<&'a Tenant, Stop> {
    tenant_meant(tenants, name, |one| {
        (one.id, &one.name, &one.primary_domain)
    })
}

/// The same of whatever has the three: directory ID, name, primary domain.
pub(super) fn tenant_meant<'a, T>(
    all: &'a [T],
    meant: &str,
    of: impl Fn(&T) -> (Uuid, &str, &str),
) -> Result<&'a T, Stop> {
    let is_meant = |one: &&T| {
        let (id, name, domain) = of(one);
        name.eq_ignore_ascii_case(meant)
            || domain.eq_ignore_ascii_case(meant)
            || Uuid::parse_str(meant).is_ok_and(|meant| meant == id)
    };
    all.iter().find(is_meant).ok_or_else(|| {
        let known: Vec<_> = all.iter().map(|one| of(one).1).collect();
        Stop::usage(Trouble::new(
            "there is no such tenant",
            meant,
            format!("There are: {}.", known.join(", ")),
        ))
    })
}

/// Says on standard error what somebody has to type where.
pub(super) fn note_prompt(tenant: &str, prompt: &SignInPrompt, sandbox: bool) {
    let by_itself = match sandbox {
        true => " (the sandbox does that by itself)",
        false => "",
    };
    output::note(&format!(
        "To sign in to {tenant}, open {} and type {}{by_itself}.",
        prompt.verification_uri, prompt.user_code
    ));
}

/// The moment for ages and JSON: whole seconds, as nobody reads more.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
