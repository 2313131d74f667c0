//! The documented procedure and where each of its steps is found in the program: a check, a plan step, a copy. The guide to
//! the daily jobs has it from here.

use std::collections::HashSet;

use umpdeck::registration::checklist::{CHECKS, CheckId};
use umpdeck::registration::plan::{Action, Properties};
use umpdeck::registration::values::ValueKind;

/// Where a step of the procedure is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CoveredBy {
    /// A line of the checklist.
    Check(CheckId),
    /// A step of a plan, by its action's name in JSON.
    Plan(&'static str),
    /// A value to copy.
    Copy(ValueKind),
}

/// One line of the procedure "Deploy Synchronization Application".
#[derive(Debug)]
struct ProcedureStep {
    /// First and last step number; `None` = what follows the numbered steps.
    steps: Option<(u8, u8)>,
    /// What is done by hand.
    by_hand: &'static str,
    /// Where it is found here.
    covered_by: &'static [CoveredBy],
}

/// The procedure, in its own order.
static PROCEDURE: &[ProcedureStep] = &[
    ProcedureStep {
        steps: Some((1, 1)),
        by_hand: "Open App registrations in the provider's tenant with admin permissions",
        covered_by: &[CoveredBy::Check(CheckId::IdentityRights)],
    },
    ProcedureStep {
        steps: Some((2, 3)),
        by_hand: "New registration: name, accounts in any organizational directory",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Plan("ensure-service-principal"),
            CoveredBy::Check(CheckId::Name),
            CoveredBy::Check(CheckId::Audience),
            CoveredBy::Check(CheckId::ServicePrincipal),
        ],
    },
    ProcedureStep {
        steps: Some((4, 6)),
        by_hand: "Authentication: add the redirect URI on the Web platform",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Check(CheckId::RedirectUri),
            CoveredBy::Check(CheckId::RedirectPlatform),
        ],
    },
    ProcedureStep {
        steps: Some((7, 7)),
        by_hand: "Copy the redirect URI to Notepad",
        covered_by: &[CoveredBy::Copy(ValueKind::RedirectUri)],
    },
    ProcedureStep {
        steps: Some((8, 8)),
        by_hand: "Implicit grant: tick access tokens and ID tokens",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Check(CheckId::AccessTokens),
            CoveredBy::Check(CheckId::IdTokens),
        ],
    },
    ProcedureStep {
        steps: Some((9, 9)),
        by_hand: "Verify the MPN ID",
        covered_by: &[
            CoveredBy::Plan("verify-publisher"),
            CoveredBy::Check(CheckId::Publisher),
            CoveredBy::Check(CheckId::PublisherDomain),
        ],
    },
    ProcedureStep {
        steps: Some((10, 10)),
        by_hand: "Advanced settings: allow public client flows",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Check(CheckId::PublicClient),
        ],
    },
    ProcedureStep {
        steps: Some((11, 12)),
        by_hand: "API permissions: set those shown in the figures",
        covered_by: &[
            CoveredBy::Plan("create-application"),
            CoveredBy::Check(CheckId::Permissions),
        ],
    },
    ProcedureStep {
        steps: Some((13, 14)),
        by_hand: "Copy the application (client) ID to Notepad",
        covered_by: &[CoveredBy::Copy(ValueKind::ClientId)],
    },
    ProcedureStep {
        steps: Some((15, 17)),
        by_hand: "New client secret, 24 months; copy its value",
        covered_by: &[
            CoveredBy::Plan("add-secret"),
            CoveredBy::Copy(ValueKind::SecretValue),
            CoveredBy::Check(CheckId::SecretInUse),
            CoveredBy::Check(CheckId::SecretExpiry),
        ],
    },
    ProcedureStep {
        steps: Some((18, 18)),
        by_hand: "Portal: paste client ID, client secret value and redirect URI",
        covered_by: &[
            CoveredBy::Plan("write-portal"),
            CoveredBy::Plan("hand-off"),
            CoveredBy::Check(CheckId::PortalClientId),
            CoveredBy::Check(CheckId::PortalSecret),
            CoveredBy::Check(CheckId::PortalRedirectUri),
        ],
    },
    ProcedureStep {
        steps: None,
        by_hand: "Grant roles to the customer's admin who will consent",
        covered_by: &[CoveredBy::Check(CheckId::AdminRoles)],
    },
    ProcedureStep {
        steps: None,
        by_hand: "Send the invitation; the customer consents",
        covered_by: &[
            CoveredBy::Copy(ValueKind::ConsentUrl),
            CoveredBy::Check(CheckId::CustomerConsent),
            CoveredBy::Check(CheckId::ProviderConsent),
        ],
    },
];

/// The procedure as the guide prints it: step, what is done by hand, and where that is found here.
pub fn markdown() -> String {
    let mut text = String::from("\n| step | by hand | here |\n| --- | --- | --- |\n");
    for step in PROCEDURE {
        let number = match step.steps {
            None => "after".to_string(),
            Some((first, last)) if first == last => first.to_string(),
            Some((first, last)) => format!("{first}–{last}"),
        };
        let here = [
            ("plan", plans(step)),
            ("checklist", checks(step)),
            ("to copy", copies(step)),
        ];
        let here: Vec<String> = here
            .iter()
            .filter(|(_, words)| !words.is_empty())
            .map(|(place, words)| format!("{place}: {}", words.join(", ")))
            .collect();
        text += &format!("| {number} | {} | {} |\n", step.by_hand, here.join("; "));
    }
    text
}

fn plans(step: &ProcedureStep) -> Vec<String> {
    let covered = step.covered_by.iter();
    let name = |one: &CoveredBy| match one {
        CoveredBy::Plan(name) => Some(format!("`{name}`")),
        _ => None,
    };
    covered.filter_map(name).collect()
}

fn checks(step: &ProcedureStep) -> Vec<String> {
    let covers = |id| step.covered_by.contains(&CoveredBy::Check(id));
    let checks = CHECKS.iter().filter(|check| covers(check.id));
    checks.map(|check| check.title.to_string()).collect()
}

fn copies(step: &ProcedureStep) -> Vec<String> {
    let covered = step.covered_by.iter();
    let title = |one: &CoveredBy| match one {
        CoveredBy::Copy(kind) => Some(kind.title().to_string()),
        _ => None,
    };
    covered.filter_map(title).collect()
}

fn covered() -> impl Iterator<Item = CoveredBy> {
    PROCEDURE.iter().flat_map(|step| step.covered_by).copied()
}

#[test]
fn the_eighteen_steps_stand_once_each_and_in_order() {
    let numbered: Vec<u8> = PROCEDURE
        .iter()
        .filter_map(|step| step.steps)
        .flat_map(|(first, last)| first..=last)
        .collect();
    assert_eq!(numbered, (1..=18).collect::<Vec<u8>>());
    assert!(PROCEDURE.iter().all(|step| !step.covered_by.is_empty()));
}

#[test]
fn what_follows_the_steps_stands_at_the_end() {
    let first = PROCEDURE.iter().position(|step| step.steps.is_none());
    let after = &PROCEDURE[first.unwrap()..];
    assert!(after.iter().all(|step| step.steps.is_none()));
    let covers = |check| {
        after
            .iter()
            .any(|step| step.covered_by.contains(&CoveredBy::Check(check)))
    };
    assert!(covers(CheckId::AdminRoles) && covers(CheckId::CustomerConsent));
}

#[test]
fn every_check_has_its_place_in_the_procedure() {
    for check in CHECKS {
        let here = PROCEDURE
            .iter()
            .filter(|step| step.covered_by.contains(&CoveredBy::Check(check.id)));
        let steps: Vec<_> = here.map(|step| step.steps).collect();
        assert_eq!(steps.len(), 1, "{:?}", check.id);
        // The check's own step numbers lie within the procedure's line.
        let own: Vec<u8> = check
            .steps
            .split('–')
            .filter_map(|n| n.parse().ok())
            .collect();
        match steps[0] {
            None => assert_eq!(check.steps, "–", "{:?}", check.id),
            Some((first, last)) => assert!(
                !own.is_empty() && own.iter().all(|n| (first..=last).contains(n)),
                "{:?}",
                check.id
            ),
        }
    }
}

#[test]
fn every_named_plan_step_is_an_action() {
    let text = String::new;
    let actions = [
        Action::CreateApplication {
            unique_name: text(),
            properties: Properties::default(),
        },
        Action::EnsureServicePrincipal,
        Action::VerifyPublisher { mpn_id: text() },
        Action::AddSecret {
            name: text(),
            end: "2028-11-24T12:00:00Z".parse().unwrap(),
        },
        Action::WritePortal {
            redirect_uri: text(),
            with_secret: true,
        },
        Action::HandOff {
            redirect_uri: text(),
            with_secret: true,
        },
    ];
    let tags: HashSet<String> = actions
        .iter()
        .map(|action| {
            let json = serde_json::to_value(action).unwrap();
            json["action"].as_str().unwrap().to_string()
        })
        .collect();
    let named: HashSet<String> = covered()
        .filter_map(|by| match by {
            CoveredBy::Plan(name) => Some(name.to_string()),
            CoveredBy::Check(_) | CoveredBy::Copy(_) => None,
        })
        .collect();
    assert_eq!(named, tags);
}

#[test]
fn the_three_values_of_the_notepad_are_copied() {
    for kind in [
        ValueKind::RedirectUri,
        ValueKind::ClientId,
        ValueKind::SecretValue,
    ] {
        assert!(
            covered().any(|by| by == CoveredBy::Copy(kind)),
            "{kind:?} is not copied"
        );
    }
}
