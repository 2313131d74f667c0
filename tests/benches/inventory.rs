//! What 10,000 devices cost as text, beside the bare parser: `cargo bench --bench inventory`.

use std::path::Path;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use umpdeck::inventory::{
    Change, Changes, Entry, Field, Known, read_csv, read_toml, write_csv, write_toml,
};
use umpdeck::registration::fleet::PortalWay;
use umpdeck::settings::{Settings, with_devices};

const DEVICES: usize = 10_000;
const TENANT: &str = "[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\"\nname = \"Finebak\"\n\
    primary_domain = \"finebak.com\"\n\n";

fn main() {
    divan::main();
}

fn entries() -> Vec<Entry> {
    (0..DEVICES)
        .map(|at| {
            let mut entry = Entry::named(&format!("ump-{at:05}.finebak.com"));
            entry.set(Field::Tenant, "Finebak");
            entry.set(
                Field::PortalUrl,
                &format!("https://ump-{at:05}.finebak.com/tenantui"),
            );
            entry.set(Field::MpnId, "1234567");
            entry.set(
                Field::Notes,
                &format!("rack {}, \"row\" {}", at % 40, at % 7),
            );
            entry
        })
        .collect()
}

fn known() -> Known {
    Known {
        tenants: vec![(
            uuid::uuid!("11111111-2222-3333-4444-555555555555"),
            "Finebak".into(),
        )],
        blueprints: vec!["consent-2025".into()],
        profiles: vec![("handoff".into(), PortalWay::Handoff)],
    }
}

fn file() -> &'static Path {
    Path::new("/etc/umpdeck/settings.toml")
}

#[divan::bench]
fn the_bare_parser(bencher: Bencher<'_, '_>) {
    let text = write_csv(&entries());
    bencher.counter(ItemsCount::new(DEVICES)).bench(|| {
        let mut reader = csv::ReaderBuilder::new().from_reader(black_box(text.as_bytes()));
        let mut record = csv::ByteRecord::new();
        let mut cells = 0;
        while reader.read_byte_record(&mut record).expect("CSV") {
            cells += record.len();
        }
        cells
    });
}

#[divan::bench]
fn reading_csv(bencher: Bencher<'_, '_>) {
    let text = write_csv(&entries());
    let counted = bencher.counter(ItemsCount::new(DEVICES));
    counted.bench(|| read_csv(black_box(text.as_bytes())));
}

#[divan::bench]
fn reading_csv_and_what_would_change(bencher: Bencher<'_, '_>) {
    let (listed, known) = (entries(), known());
    let text = write_csv(&listed);
    bencher.counter(ItemsCount::new(DEVICES)).bench(|| {
        let reading = read_csv(black_box(text.as_bytes()));
        Changes::of_reading(&listed, reading, &known)
    });
}

#[divan::bench]
fn writing_csv(bencher: Bencher<'_, '_>) {
    let entries = entries();
    let counted = bencher.counter(ItemsCount::new(DEVICES));
    counted.bench(|| write_csv(black_box(&entries)));
}

#[divan::bench]
fn reading_toml(bencher: Bencher<'_, '_>) {
    let text = write_toml(&entries());
    let counted = bencher.counter(ItemsCount::new(DEVICES));
    counted.bench(|| read_toml(black_box(&text)));
}

#[divan::bench]
fn the_settings_at_start(bencher: Bencher<'_, '_>) {
    let text = format!("{TENANT}{}", write_toml(&entries()));
    let known = known();
    bencher.counter(ItemsCount::new(DEVICES)).bench(|| {
        let settings = Settings::parse(black_box(&text), file()).expect("settings");
        settings.fleet(&known).expect("a fleet")
    });
}

#[divan::bench]
fn one_device_changed_in_the_settings(bencher: Bencher<'_, '_>) {
    let entries = entries();
    let text = format!("{TENANT}{}", write_toml(&entries));
    let mut after = entries[DEVICES / 2].clone();
    after.set(Field::Notes, "moved");
    let change = Change::Changed {
        before: entries[DEVICES / 2].clone().into(),
        after: after.into(),
    };
    bencher.bench(|| with_devices(black_box(&text), file(), std::slice::from_ref(&change)));
}
