//! Whatever somebody bent, one repair mends it.

use proptest::prelude::*;

use super::carried_out::{carry_out, entra_drift};
use super::*;

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
        let wanted = crate::registration::redirect::wanted_redirect_uris(&world.blueprint, &world.device);
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
}
