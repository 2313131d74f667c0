use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::registration::fleet::PortalWay;

fn known() -> Known {
    Known {
        tenants: vec![
            (Uuid::from_u128(1), "Finebak".into()),
            (Uuid::from_u128(2), "Contoso".into()),
        ],
        blueprints: vec!["consent-2025".into(), "older".into()],
        profiles: vec![
            ("handoff".into(), PortalWay::Handoff),
            ("site".into(), PortalWay::Http),
        ],
    }
}

/// Anything that can be typed, and what spreadsheets and parsers stumble over.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\u{0}]{0,12}",
        "['=+@\t\r\n\" ,;-]{1,4}[a-z=]{0,3}",
        Just(String::new()),
        Just("=cmd|' /C calc'!A0".to_string()),
    ]
}

prop_compose! {
    fn any_customer()(texts in prop::array::uniform4(any_text()), name in "[a-z_0-9]{3,9}") -> CustomerEntry {
        let mut customer = CustomerEntry::default();
        for (field, text) in CustomerField::ALL.into_iter().zip(&texts) {
            customer.set(field, text);
        }
        customer.set(CustomerField::ShortName, &name);
        customer
    }
}

prop_compose! {
    fn any_entry()(
        texts in prop::collection::vec(any_text(), Field::ALL.len()),
        customers in prop::collection::vec(any_customer(), 0..4),
    ) -> Entry {
        let mut entry = Entry::default();
        for (field, text) in Field::ALL.into_iter().zip(&texts) {
            entry.set(field, text);
        }
        entry.customers = customers;
        entry
    }
}

/// Entries of different names, whatever else stands in them.
fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(any_entry(), 0..8).prop_map(|mut all| {
        for (at, entry) in all.iter_mut().enumerate() {
            entry.set(Field::Fqdn, &format!("Ump-{at}.finebak.com"));
        }
        all
    })
}

fn entries(reading: &Reading) -> Vec<Entry> {
    let proposed = reading.proposed.iter();
    proposed.map(|one| one.entry.clone()).collect()
}

proptest! {
    #[test]
    fn what_is_written_as_csv_is_read_as_it_was(all in any_entries()) {
        let text = write_csv(&all);
        let reading = read_csv(text.as_bytes());
        prop_assert_eq!(&reading.bad, &vec![], "{}", text);
        prop_assert_eq!(entries(&reading), all, "{}", text);
    }

    #[test]
    fn what_is_written_as_toml_is_read_as_it_was(all in any_entries()) {
        let text = write_toml(&all);
        let reading = read_toml(&text);
        prop_assert_eq!(&reading.bad, &vec![], "{}", text);
        prop_assert_eq!(entries(&reading), all, "{}", text);
    }

    #[test]
    fn no_cell_that_is_written_begins_a_formula(all in any_entries()) {
        let text = write_csv(&all);
        let mut reader = ::csv::ReaderBuilder::new().from_reader(text.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']), "{cell:?}");
            }
        }
    }

    #[test]
    fn importing_what_was_exported_changes_nothing_and_into_an_empty_inventory_everything_comes(
        names in prop::collection::btree_set("[a-z]{1,8}", 0..8),
        notes in any_text(),
    ) {
        let notes: String = notes.chars().filter(|c| !c.is_control()).collect();
        let all: Vec<Entry> = names.iter().map(|name| {
            let mut entry = Entry::named(&format!("{name}.finebak.com"));
            entry.set(Field::Tenant, "finebak");
            entry.set(Field::Notes, &notes);
            entry
        }).collect();
        for reading in [read_csv(write_csv(&all).as_bytes()), read_toml(&write_toml(&all))] {
            let again = Changes::of_reading(&all, reading.clone(), &known());
            prop_assert_eq!((again.devices.len(), again.unchanged, again.bad.len()), (0, all.len(), 0));
            let anew = Changes::of_reading(&[], reading, &known());
            prop_assert_eq!(anew.devices, all.iter().cloned().map(Change::Added).collect::<Vec<_>>());
        }
    }

    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,200}") {
        let _ = read_csv(&bytes);
        let _ = read_toml(&text);
        let _ = Changes::of_reading(&[], read_csv(text.as_bytes()), &known());
    }
}

fn bad(reading: &Reading) -> Vec<(usize, &str)> {
    let all = reading.bad.iter();
    all.map(|bad| (bad.line, bad.why.as_str())).collect()
}

#[test]
fn every_bad_line_has_its_number_and_reason() {
    let csv = "fqdn,tenant,mpn_id,notes\n\
        good.finebak.com,Finebak,,\"two\nlines\"\n\
        10.0.0.1,Finebak,,\n\
        ump.finebak.com,Nobody,,\n\
        ump.finebak.com,Finebak,x1,\n\
        short.finebak.com,Finebak\n\
        ,Finebak,,\n\
        good.finebak.com,Finebak,,\n";
    let changes = Changes::of_reading(&[], read_csv(csv.as_bytes()), &known());
    let found: Vec<(usize, &str)> = changes
        .bad
        .iter()
        .map(|bad| (bad.line, bad.why.as_str()))
        .collect();
    let expected = [
        (4, "fqdn: an IP address is not an FQDN"),
        (
            5,
            "tenant: there is no tenant \"Nobody\"; there are: Finebak, Contoso",
        ),
        (6, "line 5 names this device already"),
        (7, "it has 2 cells, and there are 4 columns"),
        (8, "fqdn: the FQDN is empty"),
        (9, "line 2 names this device already"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((line, why), (wanted, words)) in found.iter().zip(expected) {
        assert!(*line == wanted && why.starts_with(words), "{line}: {why}");
    }
    assert_eq!(changes.words(), "1 new device, 6 bad lines");
}

#[test]
fn every_bad_block_of_toml_has_its_line_and_reason() {
    let toml = "refresh_minutes = 3\n\
        [[devices]]\nfqdn = \"a.finebak.com\"\nnotes = 3\n\n\
        [[devices]]\nfqdn = \"b.finebak.com\"\ncolour = \"red\"\n\
        [[devices]]\nnotes = \"no name\"\n\
        [[devices]]\nfqdn = \"c.finebak.com\"\n\
        [[devices]]\nfqdn = \"C.finebak.com\"\n\
        [[devices]]\nfqdn = \"d.finebak.com\"\n[[devices.customers]]\nsize = \"3\"\n";
    let reading = read_toml(toml);
    assert_eq!(
        bad(&reading),
        [
            (1, "refresh_minutes: only [[devices]] are imported"),
            (4, "notes: it is not text in quotes"),
            (8, "colour: a device has no such field"),
            (9, "fqdn: the FQDN is empty"),
            (13, "line 11 names this device already"),
            (18, "size: a customer has no such field"),
        ]
    );
    assert_eq!(bad(&read_toml("[[devices]]\nfqdn = "))[0].0, 2);
    assert_eq!(
        bad(&read_toml("devices = 3")),
        [(1, "devices are [[devices]] blocks")]
    );
}

#[test]
fn a_file_with_unknown_or_missing_heads_is_refused_as_a_whole() {
    for (text, why) in [
        ("", "it has no column heads"),
        ("name\na\n", "there is no column \"name\""),
        ("tenant\na\n", "the column fqdn is missing"),
        ("fqdn,fqdn\na,b\n", "the column fqdn comes twice"),
    ] {
        let reading = read_csv(text.as_bytes());
        assert!(bad(&reading)[0].1.starts_with(why), "{text:?}: {reading:?}");
        assert!(reading.proposed.is_empty());
    }
}

#[test]
fn a_spreadsheets_own_ways_are_understood() {
    for text in [
        "\u{feff}FQDN;Tenant\r\nump.finebak.com;Finebak\r\n",
        "fqdn\ttenant\nump.finebak.com\t Finebak \n",
    ] {
        let reading = read_csv(text.as_bytes());
        assert_eq!(reading.bad, [], "{text:?}");
        assert_eq!(
            reading.proposed[0].entry.get(Field::Fqdn),
            "ump.finebak.com"
        );
        assert_eq!(reading.proposed[0].entry.get(Field::Tenant), "Finebak");
    }
    let latin = read_csv(b"fqdn,notes\nump.finebak.com,M\xfcnster\n");
    assert_eq!(bad(&latin), [(2, "notes is not UTF-8")]);
}

#[test]
fn a_column_that_is_missing_leaves_its_field_and_an_empty_cell_clears_it() {
    let mut listed = Entry::named("ump.finebak.com");
    listed.set(Field::Tenant, "Finebak");
    listed.set(Field::Notes, "rack 4");
    listed.set(Field::MpnId, "1234567");
    let reading = read_csv(b"fqdn,mpn_id\nUMP.finebak.com,\n");
    let changes = Changes::of_reading(&[listed], reading, &known());
    let [change] = changes.devices.as_slice() else {
        panic!("{changes:?}");
    };
    let fields = change.fields();
    assert_eq!(fields.len(), 1, "{fields:?}");
    assert_eq!(
        (fields[0].field.as_str(), fields[0].from.as_str()),
        ("mpn_id", "1234567")
    );
    assert_eq!(fields[0].to, "");
}

#[test]
fn further_lines_of_a_device_bring_its_customers_wherever_they_stand() {
    let csv = "fqdn,tenant,customer_short_name,customer_full_name\n\
        a.finebak.com,Finebak,zeta,Zeta GmbH\n\
        b.finebak.com,Finebak,,\n\
        a.finebak.com,,acme,\n\
        a.finebak.com,Contoso,globex,\n";
    let reading = read_csv(csv.as_bytes());
    assert_eq!(reading.proposed[0].entry.customers.len(), 2);
    assert_eq!(bad(&reading), [(5, "tenant differs from line 2")]);
    let changes = Changes::of_reading(&[], reading, &known());
    let words: Vec<String> = changes.devices[0]
        .fields()
        .into_iter()
        .map(|one| format!("{}: {}", one.field, one.to))
        .collect();
    assert_eq!(
        words,
        [
            "tenant: Finebak",
            "customer zeta: Zeta GmbH",
            "customer acme: acme"
        ]
    );
}
