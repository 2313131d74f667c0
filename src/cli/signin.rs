//! `umpdeck signin`: who is signed in to each tenant, and what that identity may do there.

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::exit::{Exit, Stop};
use super::output::Look;
use super::reading::{find_tenant, note_prompt, now};
use super::site::{self, Start};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document};
use crate::desk::Desk;
use crate::desk::event::{DeskEvent, Trouble};
use crate::desk::sign_in::SignedIn;
use crate::registration::fleet::Tenant;
use crate::registration::observed::{Failure, FailureKind, Identity};
use crate::registration::rights::{Right, abilities, role_name};
use crate::registration::status::Urgency;

/// Options of `signin`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 signed in, and may read and repair registrations; 1 signed in, but may not; \
2 a sign-in is refused; 3 unknown. What the identity may do is read from its token: Entra may still decide otherwise."
)]
pub struct SigninOptions {
    /// Only this tenant: name, directory ID or primary domain
    #[arg(value_name = "TENANT")]
    pub tenant: Option<String>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// What nobody can work without; the rest may be others' to do.
const NEEDED: [Right; 3] = [
    Right::ReadRegistrations,
    Right::ReadPolicy,
    Right::ChangeRegistrations,
];

/// Signs in to one tenant after the other, since one sign-in may do for all.
pub(super) async fn run(global: &Global, options: &SigninOptions) -> Result<Outcome, Stop> {
    let Start {
        site,
        settings,
        settings_file,
        sandbox: _sandbox,
        ..
    } = site::start(global).await?;
    if site.tenants.is_empty() {
        return Err(Trouble::new(
            "there is nowhere to sign in to",
            format!("no tenant is listed in {}", settings_file.display()),
            "Add one with `umpdeck tenants add`.",
        )
        .into());
    }
    let look = Look::of(global, settings.screen.ascii);
    let (desk, mut events) = Desk::open(site)?;
    let mut tenants = desk.tenants();
    if let Some(name) = &options.tenant {
        tenants = vec![find_tenant(&tenants, name)?.clone()];
    }
    let mut all = Vec::new();
    for tenant in tenants {
        let signing_in = desk.sign_in(tenant.id);
        tokio::pin!(signing_in);
        let outcome = loop {
            tokio::select! {
                outcome = &mut signing_in => break outcome?,
                Some(event) = events.recv() => {
                    if let DeskEvent::SignInAsked { prompt, .. } = event {
                        note_prompt(&tenant.name, &prompt, desk.is_sandbox());
                    }
                }
            }
        };
        all.push((tenant, outcome));
    }
    let text = match options.json {
        true => json_text(&all, now(), desk.is_sandbox()),
        false => all
            .iter()
            .map(|(tenant, outcome)| words(&look, tenant, outcome))
            .collect::<Vec<_>>()
            .join("\n"),
    };
    Ok(Outcome {
        text,
        exit: exit(all.iter().map(|(_, outcome)| outcome)),
    })
}

type Attempt = Result<SignedIn, Failure>;

fn exit<'a>(all: impl Iterator<Item = &'a Attempt>) -> Exit {
    let of = |attempt: &Attempt| match attempt {
        Err(failure) if failure.kind == FailureKind::SignIn => Exit::Broken,
        Err(_) => Exit::Unknown,
        Ok(signed_in) => match &signed_in.graph {
            Some(failure) if failure.kind == FailureKind::SignIn => Exit::Broken,
            Some(_) => Exit::Unknown,
            None if lacks_what_is_needed(&signed_in.identity) => Exit::Work,
            None => Exit::Good,
        },
    };
    Exit::worst(all.map(of))
}

fn lacks_what_is_needed(identity: &Identity) -> bool {
    NEEDED.iter().any(|right| right.of(identity).word() == "no")
}

fn json_text(all: &[(Tenant, Attempt)], now: Timestamp, sandbox: bool) -> String {
    let mut document = document::head("umpdeck.signin/1", now, sandbox);
    let tenants = all.iter().map(|(tenant, attempt)| {
        let mut one = document::tenant(tenant, attempt.as_ref().err());
        if let (Some(fields), Ok(signed_in)) = (one.as_object_mut(), attempt) {
            fields.insert("identity".into(), identity_json(&signed_in.identity));
            let failure = signed_in.graph.as_ref();
            let failure = failure.map(|one| json!({"why": one.why, "next": one.next}));
            fields.insert("graph".into(), json!({"failure": failure}));
            fields.insert("may".into(), may_json(&signed_in.identity));
        }
        one
    });
    document.insert("tenants".into(), tenants.collect());
    document::text(document)
}

fn identity_json(identity: &Identity) -> Value {
    let roles = identity.directory_roles.iter();
    let roles: Vec<Value> = roles
        .map(|id| json!({"id": id, "name": role_name(*id)}))
        .collect();
    json!({
        "name": identity.name,
        "kind": if identity.delegated { "user" } else { "application" },
        "mfa": identity.mfa,
        "permissions": identity.permissions,
        "directoryRoles": roles,
    })
}

fn may_json(identity: &Identity) -> Value {
    let all = abilities(identity);
    all.iter()
        .map(|one| {
            json!({
                "key": one.right.key(),
                "what": one.right.words(),
                "may": one.verdict.word(),
                "why": one.verdict.why(),
            })
        })
        .collect()
}

fn words(look: &Look, tenant: &Tenant, attempt: &Attempt) -> String {
    let mut text = look.line(&format!(
        "{}  {}  {}",
        tenant.name, tenant.primary_domain, tenant.id
    ));
    text.push('\n');
    match attempt {
        Ok(signed_in) => {
            text.push_str(&identity_words(look, &signed_in.identity));
            if let Some(failure) = &signed_in.graph {
                let what = match failure.kind {
                    FailureKind::SignIn => "Graph refuses the token",
                    _ => "Graph does not answer",
                };
                text.push_str(&failed(look, what, failure));
            }
        }
        Err(failure) => text.push_str(&failed(look, "not signed in", failure)),
    }
    text
}

fn failed(look: &Look, what: &str, failure: &Failure) -> String {
    let urgency = match failure.kind {
        FailureKind::SignIn => Urgency::Broken,
        _ => Urgency::Unknown,
    };
    let (glyph, colour) = look.urgency(urgency);
    let why = failure.why.trim_end_matches('.');
    format!(
        "{} {}\n",
        look.coloured(glyph, Some(colour)),
        look.line(&format!("{what}: {why}. {}", failure.next))
    )
}

/// Who is signed in, with the table of what they may do.
pub(super) fn identity_words(look: &Look, identity: &Identity) -> String {
    let who = match (identity.delegated, identity.mfa) {
        (true, true) => "a person, with multi-factor authentication",
        (true, false) => "a person, without multi-factor authentication",
        (false, _) => "an application",
    };
    let list = |all: Vec<String>, none: &str| match all.is_empty() {
        true => none.to_string(),
        false => all.join(", "),
    };
    let roles = identity.directory_roles.iter().map(|id| {
        let name = role_name(*id);
        name.map_or_else(|| format!("role {id}"), str::to_string)
    });
    let mut about = vec![
        ("signed in as", format!("{} ({who})", identity.name)),
        (
            "permissions",
            list(identity.permissions.clone(), "none in the token"),
        ),
    ];
    if identity.delegated {
        let roles = list(roles.collect(), "the token names none");
        about.push(("directory roles", roles));
    }
    let about: Vec<Vec<Cell>> = about
        .into_iter()
        .map(|(what, words)| vec![Cell::plain(what), Cell::plain(words)])
        .collect();
    let may: Vec<Vec<Cell>> = abilities(identity)
        .into_iter()
        .map(|one| {
            let (glyph, colour) = look.urgency(one.verdict.urgency());
            vec![
                Cell::coloured(glyph, colour),
                Cell::plain(one.right.words()),
                Cell::coloured(one.verdict.word(), colour),
                Cell::plain(one.verdict.why()),
            ]
        })
        .collect();
    format!(
        "{}\n{}",
        table(look, &[("", Kind::Words), ("", Kind::Wrapped)], &about),
        table(
            look,
            &[
                ("", Kind::Mark),
                ("By its token, it may", Kind::Wrapped),
                ("", Kind::Words),
                ("", Kind::Wrapped),
            ],
            &may
        )
    )
}
