//! A run that can't start leaves nothing that others would wait for.

use umpdeck::desk::Desk;
use umpdeck::registration::blueprint::Blueprint;
use umpdeck::registration::observed::{Reading, RegistrationFacts};
use umpdeck::registration::plan::{CreateForm, Intent};
use umpdeck::store::{RunOutcome, Store};

use crate::support::fleet;

#[test]
fn a_run_whose_device_was_taken_off_the_inventory_is_closed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = fleet::site(2, 0, 1);
    let device = fleet.devices[0].clone();
    let tenants = fleet.tenants.into_iter().map(fleet::tenant_site);
    let site = fleet::desk_site(folder.path(), tenants.collect(), fleet.devices.clone());
    let (desk, _events) = Desk::open(site).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let facts = RegistrationFacts {
        application: Reading::of(None, fleet::now()),
        ..RegistrationFacts::default()
    };
    let verdict = fleet::verdict(0);
    store
        .save_registrations(&[(device.fqdn.clone(), facts, verdict)])
        .unwrap();
    let blueprint = &Blueprint::built_in()[0];
    let form = CreateForm::suggested(blueprint, &device, fleet::now()).unwrap();
    let (plan, _) = desk
        .plan(&device.fqdn, Intent::Create(form), None, fleet::now())
        .unwrap();

    // Another process takes it off.
    let tenants = store.tenants().unwrap();
    store
        .replace_inventory(&tenants, &fleet.devices[1..])
        .unwrap();
    let Err(why) = desk.open_run(&plan) else {
        panic!("it began");
    };
    assert!(why.to_string().contains(device.fqdn.as_str()), "{why}");
    assert_eq!(store.open_runs().unwrap(), []);
    let closed = store.runs(Some(&device.fqdn), 5).unwrap();
    let [closed] = closed.as_slice() else {
        panic!("{closed:?}");
    };
    assert_eq!(closed.outcome, Some(RunOutcome::Failed));
    assert!(closed.note.contains("no such device"), "{}", closed.note);
}
