use proptest::prelude::*;

use super::*;
use crate::registration::checklist::{CheckId, Outcome};
use crate::registration::fixtures::*;
use crate::registration::fleet::PortalWay;
use crate::registration::observed::*;
use crate::registration::secret::retire::PortalOfOther;
use crate::registration::status::Status;
use crate::text::days_left;

const OTHER_URI: &str = "https://ump2.finebak.com/authenticate/OAuth2Callback";

fn repair() -> Intent {
    Intent::Repair {
        remove_extra: vec![],
    }
}

fn push() -> Intent {
    Intent::Push {
        secret_in_hand: None,
    }
}

/// The steps' names in JSON, in order.
fn tags(plan: &Plan) -> Vec<String> {
    let tag = |step: &Step| {
        let json = serde_json::to_value(&step.action).unwrap();
        json["action"].as_str().unwrap().to_string()
    };
    plan.steps.iter().map(tag).collect()
}

fn updated(plan: &Plan) -> Option<&Properties> {
    plan.steps.iter().find_map(|step| match &step.action {
        Action::UpdateApplication { properties } => Some(properties),
        _ => None,
    })
}

/// What Graph's PATCH does: sets what is stated, leaves the rest.
fn apply(application: &mut Application, properties: &Properties) {
    fn set<T: Clone>(field: &mut T, value: &Option<T>) {
        if let Some(value) = value {
            field.clone_from(value);
        }
    }
    let Properties {
        unique_name,
        display_name,
        sign_in_audience,
        web_redirect_uris,
        spa_redirect_uris,
        public_client_redirect_uris,
        enable_access_token_issuance,
        enable_id_token_issuance,
        is_fallback_public_client,
        required_resource_access,
        notes,
    } = properties;
    if unique_name.is_some() {
        application.unique_name.clone_from(unique_name);
    }
    set(&mut application.display_name, display_name);
    set(&mut application.sign_in_audience, sign_in_audience);
    set(&mut application.web_redirect_uris, web_redirect_uris);
    set(&mut application.spa_redirect_uris, spa_redirect_uris);
    set(
        &mut application.public_client_redirect_uris,
        public_client_redirect_uris,
    );
    set(
        &mut application.enable_access_token_issuance,
        enable_access_token_issuance,
    );
    set(
        &mut application.enable_id_token_issuance,
        enable_id_token_issuance,
    );
    set(
        &mut application.is_fallback_public_client,
        is_fallback_public_client,
    );
    set(
        &mut application.required_resource_access,
        required_resource_access,
    );
    set(&mut application.notes, notes);
}

/// The world after a plan's steps that concern the registration were carried out.
fn carry_out(world: &mut World, plan: &Plan) {
    for step in &plan.steps {
        match &step.action {
            Action::CreateApplication { properties, .. } => {
                let mut made = Application {
                    display_name: String::new(),
                    sign_in_audience: "AzureADMyOrg".into(),
                    web_redirect_uris: vec![],
                    enable_access_token_issuance: false,
                    enable_id_token_issuance: false,
                    is_fallback_public_client: false,
                    required_resource_access: vec![],
                    password_credentials: vec![],
                    verified_publisher: None,
                    created: Some(world.now),
                    ..application()
                };
                apply(&mut made, properties);
                world.facts.application = Reading::of(Some(made), world.now);
            }
            Action::UpdateApplication { properties } => apply(world.app(), properties),
            Action::EnsureServicePrincipal => world.facts.principal = facts().principal,
            Action::VerifyPublisher { mpn_id } => {
                world.app().verified_publisher = Some(VerifiedPublisher {
                    id: mpn_id.clone(),
                    display_name: "Finebak".into(),
                });
            }
            Action::AddSecret { end, .. } => {
                let (start, end) = (world.now, *end);
                world
                    .app()
                    .password_credentials
                    .push(secret(KEY_ID, start, end));
            }
            _ => {}
        }
    }
}

/// The checks of Entra's side (not the portal's) that are drift.
fn entra_drift(world: &World) -> Vec<CheckId> {
    let list = world.checklist();
    let drift = list
        .items
        .iter()
        .filter(|item| item.outcome.status() == Some(Status::Drift) && !item.check.id.is_portals());
    drift.map(|item| item.check.id).collect()
}

fn extra() -> ResourceAccess {
    ResourceAccess {
        resource_app_id: blueprint().permissions[0].resource_app_id,
        id: Uuid::from_u128(0xe1fd),
        kind: PermissionKind::Delegated,
    }
}

fn restrict(world: &mut World, kind: SecretRestrictionKind) {
    let restrictions = vec![SecretRestriction {
        policy: "Default app policy".into(),
        kind,
        apps_created_after: None,
    }];
    world.tenant.policy = Reading::of(SecretPolicy { restrictions }, now());
}

#[test]
fn create_has_every_step_in_order() {
    let world = World::unregistered();
    let plan = world.plan(Intent::Create(world.form())).unwrap();
    insta::assert_json_snapshot!(plan);
}

#[test]
fn what_create_makes_is_right_and_a_second_create_has_nothing_to_do() {
    let mut world = World::unregistered();
    world.device.customers[0].redirect_uri = Some(uri("https://acme.example.com/callback"));
    let intent = Intent::Create(world.form());
    let first = world.plan(intent.clone()).unwrap();
    carry_out(&mut world, &first);
    assert_eq!(entra_drift(&world), []);
    assert_eq!(world.app().password_credentials.len(), 1);
    let second = world.plan(intent).unwrap();
    assert_eq!(second.steps, []);
}

#[test]
fn a_create_finishes_what_an_earlier_one_left_undone() {
    let mut world = World::right();
    world.app().password_credentials.clear();
    world.app().is_fallback_public_client = false;
    world.facts.principal = Reading::of(None, now());
    let plan = world.plan(Intent::Create(world.form())).unwrap();
    assert_eq!(
        tags(&plan),
        [
            "update-application",
            "ensure-service-principal",
            "add-secret",
            "read-back-registration"
        ]
    );
}

#[test]
fn create_for_a_handoff_leaves_the_secret_to_the_handoff() {
    let mut world = World::unregistered();
    world.device.portal_way = PortalWay::Handoff;
    let plan = world.plan(Intent::Create(world.form())).unwrap();
    assert_eq!(
        tags(&plan),
        [
            "find-registration",
            "create-application",
            "ensure-service-principal",
            "verify-publisher",
            "read-back-registration"
        ]
    );
    assert!(plan.notes.iter().any(|note| note.contains("handoff")));
    // Better to know before than half way.
    restrict(&mut world, SecretRestrictionKind::Forbidden);
    assert!(matches!(
        world.plan(Intent::Create(world.form())),
        Err(NoPlan::SecretsForbidden(_))
    ));
}

#[test]
fn create_waits_until_the_operator_has_chosen_among_look_alikes() {
    let mut world = World::unregistered();
    world.facts.candidates = vec![Candidate {
        object_id: OBJECT_ID,
        app_id: APP_ID,
        display_name: "Sync app livecloud".into(),
        found_by: "redirect URI".into(),
        deleted: None,
        application: None,
    }];
    let refused = world.plan(Intent::Create(world.form())).unwrap_err();
    assert!(matches!(refused, NoPlan::Candidates(_)));
    assert!(refused.to_string().contains("Sync app livecloud"));
}

#[test]
fn a_form_that_breaks_a_rule_makes_no_plan() {
    for world in [World::unregistered(), World::right()] {
        let form = world.form();
        for wrong in [
            CreateForm {
                name: " ".into(),
                ..form.clone()
            },
            CreateForm {
                name: "UMP\u{202e}Sync".into(),
                ..form.clone()
            },
            CreateForm {
                secret_name: String::new(),
                ..form.clone()
            },
            CreateForm {
                secret_months: u32::MAX,
                ..form.clone()
            },
            CreateForm {
                mpn_id: Some("MPN 1".into()),
                ..form.clone()
            },
        ] {
            let refused = world.plan(Intent::Create(wrong.clone()));
            assert!(matches!(refused, Err(NoPlan::Form(_))), "{wrong:?}");
        }
    }
}

#[test]
fn a_redirect_uri_that_a_customer_states_too_is_sent_once() {
    let mut world = World::unregistered();
    world.device.customers[0].redirect_uri = Some(uri(URI));
    let plan = world.plan(Intent::Create(world.form())).unwrap();
    let made = plan.steps.iter().find_map(|step| match &step.action {
        Action::CreateApplication { properties, .. } => properties.web_redirect_uris.clone(),
        _ => None,
    });
    assert_eq!(made, Some(vec![URI.to_string()]));
}

#[test]
fn nothing_is_planned_on_what_was_never_read_or_is_not_there() {
    let mut unread = World::right();
    unread.facts = RegistrationFacts::default();
    let form = unread.form();
    for intent in [Intent::Create(form), repair(), push(), Intent::Rotate] {
        assert!(matches!(unread.plan(intent), Err(NoPlan::NeverRead(_))));
    }
    for intent in [repair(), push(), Intent::Rotate] {
        assert!(matches!(
            World::unregistered().plan(intent),
            Err(NoPlan::NotRegistered(_))
        ));
    }
}

#[test]
fn repair_of_a_right_registration_does_nothing() {
    for world in [World::right(), World::stated()] {
        let plan = world.plan(repair()).unwrap();
        assert_eq!((plan.steps, plan.left_alone), (vec![], vec![]));
    }
}

#[test]
fn repair_contains_only_what_differs() {
    let world = World::with(|world| {
        world.app().sign_in_audience = "AzureADMyOrg".into();
        world.app().web_redirect_uris = vec![OTHER_URI.into(), URI.to_ascii_lowercase()];
        world.app().required_resource_access.remove(1);
        world.app().spa_redirect_uris = vec![URI.into(), "https://localhost/spa".into()];
    });
    insta::assert_json_snapshot!(world.plan(repair()).unwrap());
}

#[test]
fn customers_that_consented_have_to_consent_again_to_what_a_repair_adds() {
    let anew = |world: &World| {
        let notes = world.plan(repair()).unwrap().notes;
        notes.iter().any(|note| note.contains("consent again"))
    };
    let mut world = World::right();
    world.customers()[0].consent = CustomerConsent::Granted;
    assert!(!anew(&world), "nothing is added");
    world.app().required_resource_access.remove(1);
    assert!(anew(&world));
    for one in world.customers() {
        one.consent = CustomerConsent::Pending;
    }
    assert!(!anew(&world), "nobody consented before");
}

#[test]
fn a_wrong_case_twin_is_replaced_and_other_devices_uris_stay() {
    for twin in [URI.to_ascii_lowercase(), format!("{URI}/")] {
        for shared in [false, true] {
            let mut world = World::right();
            world.app().web_redirect_uris = vec![twin.clone(), OTHER_URI.into()];
            if shared {
                world.facts.shared_with = vec![Fqdn::parse("ump2.finebak.com").unwrap()];
            }
            let plan = world.plan(repair()).unwrap();
            assert_eq!(
                updated(&plan).unwrap().web_redirect_uris.as_deref(),
                Some([OTHER_URI.to_string(), URI.to_string()].as_slice())
            );
            assert_eq!(plan.changes(), 1);
            assert_eq!(plan.notes.iter().any(|n| n.contains("shared")), shared);
        }
    }
}

#[test]
fn on_a_shared_registration_a_twin_on_a_host_that_is_not_the_devices_may_be_anothers() {
    let mut world = World::right();
    world.device.redirect_uri = Some(uri("https://gate.finebak.com/Callback"));
    world.app().web_redirect_uris = vec!["https://gate.finebak.com/callback".into()];
    world.facts.shared_with = vec![Fqdn::parse("ump2.finebak.com").unwrap()];
    let plan = world.plan(repair()).unwrap();
    assert_eq!(
        updated(&plan).unwrap().web_redirect_uris.as_ref().unwrap()[0],
        "https://gate.finebak.com/callback"
    );
}

#[test]
fn two_wanted_uris_that_are_twins_are_both_left_in_place() {
    let slash = format!("{URI}/");
    let mut world = World::right();
    world.device.customers[0].redirect_uri = Some(uri(&slash));
    world.app().web_redirect_uris = vec![slash, OTHER_URI.into(), URI.into()];
    assert_eq!(world.plan(repair()).unwrap().steps, []);
}

#[test]
fn an_extra_permission_is_left_alone_unless_chosen() {
    let mut world = World::right();
    world.app().required_resource_access.push(extra());
    let plan = world.plan(repair()).unwrap();
    assert_eq!(plan.steps, []);
    assert_eq!(plan.left_alone.len(), 1);

    let chosen = Intent::Repair {
        remove_extra: vec![extra()],
    };
    let plan = world.plan(chosen).unwrap();
    assert_eq!(
        updated(&plan).unwrap().required_resource_access.as_ref(),
        Some(&application().required_resource_access)
    );
    assert_eq!(plan.left_alone, Vec::<String>::new());
}

#[test]
fn a_wanted_permission_is_not_taken_away_though_chosen() {
    let world = World::right();
    let wanted = application().required_resource_access;
    let plan = world.plan(Intent::Repair {
        remove_extra: wanted,
    });
    assert_eq!(plan.unwrap().steps, []);
}

#[test]
fn a_disabled_service_principal_is_left_to_who_disabled_it() {
    let mut world = World::right();
    world
        .facts
        .principal
        .value
        .as_mut()
        .unwrap()
        .as_mut()
        .unwrap()
        .enabled = false;
    let plan = world.plan(repair()).unwrap();
    assert_eq!(plan.steps, []);
    assert!(plan.left_alone[0].contains("disabled"));
}

#[test]
fn an_application_that_is_signed_in_does_not_try_to_verify_the_publisher() {
    let mut world = World::right();
    world.app().verified_publisher = None;
    assert_eq!(
        tags(&world.plan(repair()).unwrap()),
        ["verify-publisher", "read-back-registration"]
    );
    world.tenant.identity.value.as_mut().unwrap().delegated = false;
    let plan = world.plan(repair()).unwrap();
    assert_eq!(plan.steps, []);
    assert!(plan.notes[0].contains("sign in as a person"));
}

fn added_end(plan: &Plan) -> Timestamp {
    let end = |step: &Step| match step.action {
        Action::AddSecret { end, .. } => Some(end),
        _ => None,
    };
    plan.steps.iter().find_map(end).unwrap()
}

#[test]
fn a_policy_shortens_a_secret_by_name_or_forbids_it() {
    let mut world = World::right();
    assert_eq!(
        added_end(&world.plan(Intent::Rotate).unwrap()),
        "2028-11-24T12:00:00Z".parse().unwrap()
    );
    restrict(
        &mut world,
        SecretRestrictionKind::MaxLifetimeSeconds(90 * 86_400),
    );
    let plan = world.plan(Intent::Rotate).unwrap();
    assert_eq!(days_left(added_end(&plan), now()), 90);
    assert!(plan.notes[0].contains("\"Default app policy\" caps a secret at 90 days"));
    for kind in [
        SecretRestrictionKind::Forbidden,
        SecretRestrictionKind::MaxLifetimeSeconds(0),
    ] {
        restrict(&mut world, kind);
        for intent in [Intent::Rotate, Intent::Create(world.form())] {
            world.facts.application.value = match intent {
                Intent::Rotate => Some(Some(application())),
                _ => Some(None),
            };
            assert_eq!(
                world.plan(intent),
                Err(NoPlan::SecretsForbidden("Default app policy".into()))
            );
        }
    }
}

#[test]
fn rotate_removes_the_old_secret_only_after_the_new_one_is_proven() {
    let mut world = World::right();
    let unknown = secret(Uuid::from_u128(3), in_days(-5), in_days(5));
    world.app().password_credentials.insert(0, unknown);
    let plan = world.plan(Intent::Rotate).unwrap();
    assert_eq!(
        tags(&plan),
        [
            "add-secret",
            "write-portal",
            "read-back-portal",
            "prove-secret",
            "remove-secret"
        ]
    );
    let removed = plan.steps.iter().filter_map(|step| match step.action {
        Action::RemoveSecret { key_id, .. } => Some(key_id),
        _ => None,
    });
    assert_eq!(removed.collect::<Vec<_>>(), [KEY_ID]);
    assert_eq!(plan.left_alone.len(), 1);
}

#[test]
fn rotate_never_removes_a_secret_that_others_may_use() {
    let shared = World::with(|world| {
        world.facts.shared_with = vec![Fqdn::parse("ump2.finebak.com").unwrap()];
    });
    let assumed = World::with(|world| world.facts.record = None);
    let unnamed = World::with(|world| world.record().key_id = None);
    let others = World::with(|world| world.record().client_id = Uuid::nil());
    for world in [assumed, unnamed, others] {
        let plan = world.plan(Intent::Rotate).unwrap();
        assert!(!tags(&plan).contains(&"remove-secret".to_string()));
        assert_eq!(plan.left_alone.len(), 1);
    }
    for (world, days) in [(shared, 0), (World::stated(), 7)] {
        let plan = world.plan(Intent::Rotate).unwrap();
        assert!(!tags(&plan).contains(&"remove-secret".to_string()));
        assert_eq!(put_down(&plan), [(KEY_ID, in_days(days))]);
        let last = tags(&plan).pop().unwrap();
        assert_eq!(last, "retire-later", "after the proof");
    }
}

fn put_down(plan: &Plan) -> Vec<(Uuid, Timestamp)> {
    let put_down = plan.steps.iter().filter_map(|step| match step.action {
        Action::RetireLater { key_id, due, .. } => Some((key_id, due)),
        _ => None,
    });
    put_down.collect()
}

#[test]
fn a_site_may_keep_an_earlier_secret_for_some_days_after_a_push_too() {
    let mut world = World::right();
    world.blueprint.secret_days.retire_after_push = 2;
    let plan = world.plan(Intent::Rotate).unwrap();
    assert_eq!(put_down(&plan), [(KEY_ID, in_days(2))]);
    assert!(!plan.removes(KEY_ID));
}

#[test]
fn a_push_of_another_secret_puts_the_one_in_use_down_to_go() {
    let other = Uuid::from_u128(0x07e4);
    let mut world = World::right();
    let shared = secret(other, in_days(0), in_days(730));
    world.app().password_credentials.push(shared);
    let intent = Intent::Push {
        secret_in_hand: Some(other),
    };
    let plan = world.plan(intent).unwrap();
    assert_eq!(put_down(&plan), [(KEY_ID, in_days(0))]);
    assert_eq!(tags(&plan).last().unwrap(), "retire-later");
}

#[test]
fn retiring_removes_the_one_secret_or_says_why_it_stays() {
    let old = Uuid::from_u128(0x01d);
    let mut world = World::right();
    let earlier = secret(old, in_days(-400), in_days(20));
    world.app().password_credentials.insert(0, earlier);
    let retire = |key_id, put_down, others| Intent::Retire {
        key_id,
        put_down,
        others,
    };
    let plan = world.plan(retire(old, true, vec![])).unwrap();
    assert_eq!(tags(&plan), ["remove-secret", "read-back-registration"]);
    assert!(plan.removes(old) && plan.notes.is_empty());
    let unknown = world.plan(retire(old, false, vec![])).unwrap();
    assert!(unknown.notes[0].contains("can't sign in"), "{unknown:?}");
    let in_use = world.plan(retire(KEY_ID, true, vec![]));
    assert!(matches!(in_use, Err(NoPlan::Stays { .. })));
    let neighbour = PortalOfOther {
        device: Fqdn::parse("ump2.finebak.com").unwrap(),
        key_id: Some(old),
    };
    let stays = world.plan(retire(old, true, vec![neighbour])).unwrap_err();
    assert!(stays.to_string().contains("ump2.finebak.com"), "{stays}");
    let gone = world.plan(retire(Uuid::nil(), true, vec![])).unwrap();
    assert!(gone.steps.is_empty());
}

#[test]
fn a_secret_that_shares_its_name_is_told_by_its_first_letters() {
    let old = Uuid::from_u128(0x01d);
    let mut world = World::right();
    let mut earlier = secret(old, in_days(-400), in_days(20));
    earlier.hint = Some("Mg4".into());
    world.app().password_credentials.insert(0, earlier);
    let retire = Intent::Retire {
        key_id: old,
        put_down: false,
        others: vec![],
    };
    let title = |world: &World| {
        let plan = world.plan(retire.clone()).unwrap();
        let note = plan.notes[0].clone();
        (plan.steps[0].action.title(), note)
    };
    let (alone, _) = title(&world);
    assert_eq!(alone, "remove the earlier secret \"secret 1d\"");
    let name = world.app().password_credentials[1].display_name.clone();
    world.app().password_credentials[0].display_name = name.clone();
    world.facts.record = None;
    let (twin, note) = title(&world);
    assert_eq!(twin, format!("remove the earlier secret \"{name}\" (Mg4…)"));
    assert!(note.contains(&format!("\"{name}\" (Mg4…)")), "{note}");
    let plan = world.plan(retire.clone()).unwrap();
    let assumed = format!("\"{name}\" (abc…), the newest");
    assert!(plan.notes[1].contains(&assumed), "{:?}", plan.notes);
}

#[test]
fn a_handoff_adds_the_secret_for_its_field_and_proves_it_after() {
    for intent in [Intent::Rotate, push()] {
        let plan = World::stated().plan(intent).unwrap();
        assert_eq!(
            tags(&plan),
            ["add-secret", "hand-off", "prove-secret", "retire-later"]
        );
        assert!(plan.notes.iter().any(|note| note.contains("handoff")));
    }
}

#[test]
fn a_handoff_of_redirect_uris_alone_leaves_the_secret_as_it_is() {
    let customers_own = |world: &mut World| {
        world.device.customers[0].redirect_uri = Some(uri("https://acme.example.com/a"));
    };
    let mut world = World::stated();
    customers_own(&mut world);
    let plan = world.plan(push()).unwrap();
    assert_eq!(tags(&plan), ["hand-off"]);
    assert!(plan.steps[0].action.title().contains("its secret stays"));
    assert!(
        !plan
            .notes
            .iter()
            .any(|note| note.contains("secret is added"))
    );
    let judged = world.checklist();
    let item = judged
        .items
        .iter()
        .find(|item| item.check.id == CheckId::PortalRedirectUri)
        .unwrap();
    assert!(
        matches!(&item.outcome, Outcome::Unmet { reason, .. } if reason.contains("redirect URI of acme")),
        "{:?}",
        item.outcome
    );

    // The secret that the page keeps has to be one that is good.
    let spoilt: [fn(&mut World); 3] = [
        |world| world.app().password_credentials[0].end = Some(now()),
        |world| world.record().key_id = None,
        |world| {
            world.record().proof = Some(Proof {
                at: now(),
                outcome: ProofOutcome::Refused("AADSTS7000215".into()),
            });
        },
    ];
    for spoil in spoilt {
        let mut world = World::stated();
        customers_own(&mut world);
        spoil(&mut world);
        let plan = world.plan(push()).unwrap();
        assert_eq!(tags(&plan)[..2], ["add-secret", "hand-off"]);
    }
}

#[test]
fn push_adds_a_secret_only_where_none_is_at_hand() {
    let mut world = World::right();
    world.portal().redirect_uri = "https://other.example.com/".into();
    assert_eq!(
        tags(&world.plan(push()).unwrap()),
        ["write-portal", "read-back-portal"],
        "the portal has the secret"
    );

    let in_hand = Intent::Push {
        secret_in_hand: Some(KEY_ID),
    };
    assert_eq!(
        tags(&world.plan(in_hand.clone()).unwrap()),
        ["write-portal", "read-back-portal", "prove-secret"]
    );
    assert_eq!(
        tags(&World::stated().plan(in_hand).unwrap()),
        ["hand-off", "prove-secret"]
    );

    let needs_one: [fn(&mut World); 6] = [
        |world| *world.portal() = PortalSettings::default(),
        |world| world.portal().has_client_secret = Some(false),
        |world| world.app().password_credentials[0].end = Some(now()),
        |world| world.app().password_credentials.clear(),
        |world| world.facts.record = None,
        |world| {
            world.record().proof = Some(Proof {
                at: now(),
                outcome: ProofOutcome::Refused("AADSTS7000215".into()),
            });
        },
    ];
    for (at, change) in needs_one.into_iter().enumerate() {
        let plan = World::with(change).plan(push()).unwrap();
        let [steps @ .., last] = &tags(&plan)[..] else {
            panic!("{plan:?}");
        };
        let known = put_down(&plan).len();
        let steps = if known > 0 { steps } else { &tags(&plan)[..] };
        assert_eq!(
            steps,
            [
                "add-secret",
                "write-portal",
                "read-back-portal",
                "prove-secret"
            ],
            "{at}: {last}"
        );
    }
}

#[test]
fn a_push_says_what_is_not_known_of_the_portal() {
    let mut world = World::right();
    world.facts.portal = Reading::default();
    let plan = world.plan(push()).unwrap();
    let write = plan.steps.iter().find(|step| !step.changes.is_empty());
    assert!(
        write
            .unwrap()
            .changes
            .iter()
            .all(|change| change.from == "(not known)")
    );
}

#[test]
fn without_a_valid_redirect_uri_nothing_goes_to_the_portal() {
    let mut world = World::right();
    world.blueprint.redirect_path = "/a b".into();
    world.device.customers[0].redirect_uri = Some(uri("https://acme.example.com/a"));
    for intent in [push(), Intent::Rotate] {
        assert!(matches!(world.plan(intent), Err(NoPlan::Form(_))));
    }
}

#[test]
fn only_adding_a_secret_may_not_be_sent_twice() {
    let worlds = [World::right(), World::unregistered(), World::stated()];
    for world in &worlds {
        for intent in [Intent::Create(world.form()), push(), Intent::Rotate] {
            for step in world.plan(intent).iter().flat_map(|plan| &plan.steps) {
                let adds = matches!(step.action, Action::AddSecret { .. });
                assert_eq!(step.action.repeatable(), !adds);
                assert!(!step.action.title().is_empty());
                assert!(!step.action.reads_only() || step.changes.is_empty());
            }
        }
    }
}

#[test]
fn a_plan_survives_being_stored() {
    let unregistered = World::unregistered();
    let plans = [
        unregistered.plan(Intent::Create(unregistered.form())),
        World::right().plan(Intent::Rotate),
        World::right().plan(Intent::Push {
            secret_in_hand: Some(KEY_ID),
        }),
        World::right().plan(Intent::Repair {
            remove_extra: vec![extra()],
        }),
    ];
    for plan in plans {
        let plan = plan.unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}

prop_compose! {
    /// An application that somebody has bent in any of the ways that a repair can mend.
    fn bent()(
        name in prop::sample::select(vec!["", " ", "UMP Sync livecloud", "Sync"]),
        audience in prop::sample::select(vec!["AzureADMyOrg", "AzureADMultipleOrgs", "PersonalMicrosoftAccount", ""]),
        web in prop::collection::vec(some_uri(), 0..6),
        spa in prop::collection::vec(some_uri(), 0..3),
        public in prop::collection::vec(some_uri(), 0..3),
        switches: (bool, bool, bool),
        permissions in prop::sample::subsequence(application().required_resource_access, 0..=6).prop_shuffle(),
        with_extra: bool,
        publisher in prop::option::of(prop::sample::select(vec!["6123456", "1"])),
    ) -> Application {
        let mut permissions = permissions;
        if with_extra {
            permissions.insert(0, extra());
        }
        Application {
            display_name: name.into(),
            sign_in_audience: audience.into(),
            web_redirect_uris: web,
            spa_redirect_uris: spa,
            public_client_redirect_uris: public,
            enable_access_token_issuance: switches.0,
            enable_id_token_issuance: switches.1,
            is_fallback_public_client: switches.2,
            required_resource_access: permissions,
            verified_publisher: publisher.map(|id| VerifiedPublisher {
                id: id.into(),
                display_name: "P".into(),
            }),
            ..application()
        }
    }
}

fn some_uri() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        URI.to_string(),
        format!("{URI}/"),
        URI.to_ascii_lowercase(),
        OTHER_URI.to_string(),
        "https://livecloud.finebak.com/other".to_string(),
        "https://acme.example.com/cb".to_string(),
        "https://acme.example.com/CB".to_string(),
        "http://localhost".to_string(),
    ])
}

proptest! {
    #[test]
    fn a_repair_mends_all_drift_in_entra_at_once_and_takes_nothing_from_others(
        application in bent(),
        principal: bool,
        shared: bool,
        customers_own in prop::option::of(Just("https://acme.example.com/CB")),
        remove: bool,
    ) {
        let mut world = World::right();
        world.facts.application = Reading::of(Some(application.clone()), now());
        if !principal {
            world.facts.principal = Reading::of(None, now());
        }
        if shared {
            world.facts.shared_with = vec![Fqdn::parse("ump2.finebak.com").unwrap()];
        }
        world.device.customers[0].redirect_uri = customers_own.map(uri);
        let intent = Intent::Repair {
            remove_extra: if remove { vec![extra()] } else { vec![] },
        };
        let plan = world.plan(intent.clone()).unwrap();
        carry_out(&mut world, &plan);

        prop_assert_eq!(entra_drift(&world), []);
        let again = world.plan(intent).unwrap();
        prop_assert_eq!(again.steps, []);

        let after = world.app().clone();
        let wanted = wanted_redirect_uris(&world.blueprint, &world.device);
        for had in &application.web_redirect_uris {
            let twin = wanted.iter().any(|uri| uri.is_twin_of(had));
            prop_assert!(twin || after.web_redirect_uris.contains(had), "{} was taken away", had);
        }
        prop_assert!(
            !application.web_redirect_uris.contains(&OTHER_URI.to_string())
                || after.web_redirect_uris.contains(&OTHER_URI.to_string())
        );
        prop_assert_eq!(
            after.required_resource_access.contains(&extra()),
            application.required_resource_access.contains(&extra()) && !remove
        );
        prop_assert_eq!(after.password_credentials, application.password_credentials);
        // Whatever is sent is also said.
        for step in &plan.steps {
            if let Action::UpdateApplication { .. } = step.action {
                prop_assert!(!step.changes.is_empty());
            }
        }
    }

    #[test]
    fn a_new_secret_lives_as_long_as_asked_or_as_policy_allows(months in 1u32..=24, cap in 1i64..1_000 * 86_400) {
        let mut world = World::unregistered();
        restrict(&mut world, SecretRestrictionKind::MaxLifetimeSeconds(cap));
        let form = CreateForm { secret_months: months, ..world.form() };
        let end = added_end(&world.plan(Intent::Create(form)).unwrap());
        let lived = end.duration_since(now()).as_secs();
        prop_assert!(lived > 0 && lived <= cap);
        prop_assert!(lived == cap || lived >= i64::from(months) * 28 * 86_400);
    }
}

#[test]
fn following_the_portal_gives_entra_its_redirect_uri_and_takes_nothing_away() {
    let other = "https://livecloud.finebak.com/authenticate/other";
    let mut world = World::right();
    world.portal().redirect_uri = other.into();
    let follow = Intent::Follow {
        redirect_uri: uri(other),
    };
    let plan = world.plan(follow.clone()).unwrap();
    let Action::UpdateApplication { properties } = &plan.steps[0].action else {
        panic!("{:?}", plan.steps);
    };
    let uris = properties.web_redirect_uris.as_ref().unwrap();
    assert_eq!(uris, &[URI.to_string(), other.to_string()]);
    assert!(plan.left_alone.iter().any(|left| left.contains(URI)));
    assert!(plan.notes.iter().any(|note| note.contains(other)));
    // It is there already: then only the device's own redirect URI is another.
    world.app().web_redirect_uris.push(other.into());
    let plan = world.plan(follow).unwrap();
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(plan.steps[0].action, Action::ReadBackRegistration);
}
