//! What an operator chose for a device holds until its inventory entry says something else.

use std::slice::from_ref;

use umpdeck::registration::fleet::{Device, Fqdn, PortalWay, RedirectUri, Tenant};
use umpdeck::store::Store;
use uuid::Uuid;

fn uri(path: &str) -> RedirectUri {
    RedirectUri::parse(&format!("https://a.finebak.com/{path}")).unwrap()
}

#[test]
fn a_choice_outlives_the_entry_it_was_made_on_and_gives_way_to_what_is_changed_there_later() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let tenant = Tenant {
        id: Uuid::from_u128(1),
        name: "Finebak".into(),
        primary_domain: "finebak.com".into(),
        mpn_id: None,
    };
    let entry = Device {
        fqdn: Fqdn::parse("a.finebak.com").unwrap(),
        tenant: tenant.id,
        blueprint: "consent-2025".into(),
        portal_profile: "site".into(),
        portal_way: PortalWay::Http,
        portal_url: "https://a.finebak.com".into(),
        redirect_uri: None,
        linked_object_id: None,
        mpn_id: None,
        notes: String::new(),
        customers: vec![],
    };
    let listed = |entry: &Device| {
        let one = from_ref(entry);
        store.replace_inventory(from_ref(&tenant), one).unwrap();
        let stored = store.device(&entry.fqdn).unwrap().expect("it is listed");
        store.with_choice(stored).unwrap()
    };
    listed(&entry);
    let chosen = Device {
        blueprint: "other".into(),
        redirect_uri: Some(uri("chosen")),
        mpn_id: Some("1234567".into()),
        ..entry.clone()
    };
    store.keep_choice(&chosen).unwrap();
    let of_others = store.chosen_redirect_uris().unwrap();
    assert_eq!(of_others.get(&entry.fqdn), Some(&Some(uri("chosen"))));

    // What is not about the choice leaves it alone.
    let mut later = Device {
        notes: "rack 4".into(),
        ..entry
    };
    assert_eq!(
        listed(&later),
        Device {
            notes: later.notes.clone(),
            ..chosen.clone()
        }
    );
    later.redirect_uri = Some(uri("entry"));
    let now = listed(&later);
    assert_eq!(now.redirect_uri, Some(uri("entry")));
    assert_eq!(
        (now.blueprint, now.mpn_id),
        (chosen.blueprint, chosen.mpn_id)
    );
    later.redirect_uri = None;
    later.mpn_id = Some("7654321".into());
    let now = listed(&later);
    assert_eq!(now.redirect_uri, None);
    assert_eq!(now.mpn_id.as_deref(), Some("7654321"));
}
