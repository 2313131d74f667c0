//! umpdeck, the crate's map. Arrows between the floors only go down; `tests/floors/main.rs` holds them.
//!
//! A reader begins at [`registration`]: [`registration::checklist::checklist`] says whether a device's registration is
//! right, [`registration::plan::plan`] what would make it right. [`desk`] carries plans out, and the two faces show all
//! that; nothing else decides anything.
//!
//! * [`cli`] and [`console`]: the two faces, headless and full screen. They know [`desk`] and the core.
//! * [`desk`]: the work: reads the fleet, carries out plans step by step with the journal.
//! * [`entra`] and [`portal`]: Microsoft's side and the multitenant portal's side, over [`http`].
//! * [`store`]: what is remembered on this machine.
//! * [`registration`]: the core, pure: what is wanted, what was read, `checklist`, `status`, `plan`.
//! * [`inventory`]: devices as they are written down: one table of fields, CSV and TOML, what a change comes to.
//! * [`command`]: the ground floor of other programs: runs one, bounded in time and output.
//! * [`private`]: the ground floor of places on disk: whose they are, and that nobody else may use them.
//! * [`text`]: the ground floor of words: width, cutting, ages, cleaning of untrusted text.
//! * [`settings`]: the settings file, read at the top and handed down as plain values.
//! * [`sandbox`]: a loopback server that stands in for sign-in, Graph and portal. It shares no type with the
//!   rest, so that one misreading of the documentation does not cancel itself.
//!
//! # The two questions
//!
//! Both are pure functions of what is wanted, what was read, and the time:
//!
//! ```
//! use jiff::Timestamp;
//! use umpdeck::registration::blueprint::Blueprint;
//! use umpdeck::registration::checklist::checklist;
//! use umpdeck::registration::fleet::Device;
//! use umpdeck::registration::observed::{Observed, RegistrationFacts, TenantFacts};
//! use umpdeck::registration::plan::{Action, CreateForm, Intent, NoPlan, plan};
//! use umpdeck::registration::status::{Status, verdict};
//!
//! let now: Timestamp = "2026-11-24T09:00:00Z".parse()?;
//! let blueprint = &Blueprint::built_in()[0];
//! let device: Device = serde_json::from_value(serde_json::json!({
//!     "fqdn": "ump-lab.finebak.com",
//!     "tenant": "11111111-2222-3333-4444-555555555555",
//!     "blueprint": blueprint.name,
//!     "portal_profile": "handoff",
//!     "portal_way": "handoff",
//!     "portal_url": "https://ump-lab.finebak.com/tenantui",
//! }))?;
//! let tenant = TenantFacts::default();
//! let mut facts = RegistrationFacts::default();
//! let form = CreateForm::suggested(blueprint, &device, now)?;
//!
//! // Nothing was read yet, so nobody can say what would be right.
//! let observed = Observed { tenant: &tenant, registration: &facts };
//! let none = plan(blueprint, &device, observed, Intent::Create(form.clone()), now);
//! assert!(matches!(none, Err(NoPlan::NeverRead(_))));
//!
//! // It was read, and there is no registration.
//! facts.application.take(Ok(None), now);
//! let observed = Observed { tenant: &tenant, registration: &facts };
//! let list = checklist(blueprint, &device, observed, now);
//! let found = verdict(blueprint, &device, observed, &list, now);
//! assert_eq!(found.status, Status::NotRegistered);
//! let plan = plan(blueprint, &device, observed, Intent::Create(form), now)?;
//! assert!(matches!(plan.steps[0].action, Action::FindRegistration { .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cli;
pub mod command;
pub mod console;
pub mod desk;
pub mod entra;
pub mod http;
pub mod inventory;
pub mod portal;
pub mod private;
pub mod registration;
pub mod sandbox;
pub mod settings;
pub mod store;
pub mod text;
