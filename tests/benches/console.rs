//! The console's way from the store to the frame, with 10,000 devices of 200 tenants and 50,000 customers, and what it
//! costs a terminal in bytes: `cargo bench --bench console`.

#[path = "../support/mod.rs"]
mod support;

use std::io;

use divan::{Bencher, black_box};
use jiff::SignedDuration;
use support::{fleet, scale};
use umpdeck::console;
use umpdeck::console::chord::Chord;
use umpdeck::console::fleet_list::Sort;
use umpdeck::console::message::Message;
use umpdeck::console::model::Model;
use umpdeck::console::terminal::Screen;
use umpdeck::console::theme::Theme;
use umpdeck::console::update::update;
use umpdeck::console::view::{Look, view};
use umpdeck::desk::Desk;
use umpdeck::desk::event::FleetRow;
use umpdeck::desk::file::Scope;
use umpdeck::desk::site::Site;
use umpdeck::registration::fleet::{Device, PortalWay};
use umpdeck::sandbox::Sandbox;
use umpdeck::store::Store;

const DEVICES: usize = 10_000;
const SIZES: [(u16, u16); 2] = [(80, 24), (200, 50)];

fn main() {
    print_memory();
    print_bytes();
    divan::main();
}

/// A data folder in which the whole fleet was judged.
fn judged(devices: &[Device]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    store
        .replace_inventory(&fleet::tenants(), devices)
        .expect("an inventory");
    let verdicts: Vec<_> = devices
        .iter()
        .enumerate()
        .map(|(at, device)| (device.fqdn.clone(), fleet::verdict(at)))
        .collect();
    store.save_verdicts(&verdicts).expect("verdicts");
    folder
}

/// A site of these devices. Nothing is signed in to, so no tenant has a way.
fn site(folder: &tempfile::TempDir, devices: Vec<Device>) -> Site {
    let tenants = fleet::tenants().into_iter().map(fleet::tenant_site);
    fleet::desk_site(folder.path(), tenants.collect(), devices)
}

fn handoff() -> Vec<Device> {
    fleet::devices(DEVICES, "handoff", PortalWay::Handoff)
}

fn theme() -> Theme {
    Theme::choose(&[], "default", false, true, "xterm-256color").expect("a theme")
}

fn draw(model: &Model, theme: &Theme, screen: &mut Screen<io::Sink>) -> usize {
    let look = Look {
        theme,
        glyphs: &theme.glyphs,
    };
    screen
        .draw(|frame| view(model, look, frame))
        .expect("a buffer")
}

/// From nothing to the bytes of the first frame; the settings file is read before that.
#[divan::bench(args = SIZES)]
fn first_frame_from_the_store(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let devices = handoff();
    let folder = judged(&devices);
    bencher
        .with_inputs(|| site(&folder, devices.clone()))
        .bench_local_values(|site| {
            let (desk, events) = Desk::open(site).expect("a desk");
            let model = console::model(&desk, size, fleet::now()).expect("a model");
            let theme = theme();
            let mut screen = Screen::new(io::sink(), size.0, size.1);
            let bytes = draw(&model, &theme, &mut screen);
            assert!(bytes > 1_000);
            (desk, events, model)
        });
}

#[divan::bench(args = ["handoff", "sandbox"])]
fn desk_open_with_everything_stored(bencher: Bencher<'_, '_>, profile: &str) {
    let way = if profile == "handoff" {
        PortalWay::Handoff
    } else {
        PortalWay::Http
    };
    let devices = fleet::devices(DEVICES, profile, way);
    let folder = judged(&devices);
    bencher
        .with_inputs(|| site(&folder, devices.clone()))
        .bench_local_values(|site| Desk::open(site).expect("a desk"));
}

#[divan::bench]
fn store_open(bencher: Bencher<'_, '_>) {
    let folder = judged(&handoff());
    bencher.bench_local(|| Store::open(folder.path()).expect("a store"));
}

#[divan::bench]
fn store_replace_inventory_unchanged(bencher: Bencher<'_, '_>) {
    let devices = handoff();
    let folder = judged(&devices);
    let store = Store::open(folder.path()).expect("a store");
    let tenants = fleet::tenants();
    bencher.bench_local(|| {
        store
            .replace_inventory(&tenants, &devices)
            .expect("an inventory")
    });
}

#[divan::bench]
fn store_fleet(bencher: Bencher<'_, '_>) {
    let folder = judged(&handoff());
    let store = Store::open(folder.path()).expect("a store");
    bencher.bench_local(|| store.fleet().expect("a fleet"));
}

#[divan::bench(args = SIZES)]
fn first_draw(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let model = fleet::model(fleet::rows(DEVICES), size);
    let theme = theme();
    bencher.bench_local(|| draw(&model, &theme, &mut Screen::new(io::sink(), size.0, size.1)));
}

#[divan::bench(args = SIZES)]
fn key_to_frame(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let mut model = fleet::model(fleet::rows(DEVICES), size);
    let theme = theme();
    let mut screen = Screen::new(io::sink(), size.0, size.1);
    draw(&model, &theme, &mut screen);
    let (down, up) = (chord("j"), chord("k"));
    let mut turn = false;
    bencher.bench_local(|| {
        turn = !turn;
        let key = if turn { &down } else { &up };
        let now = model.now;
        update(&mut model, Message::Key(*key), now);
        let bytes = draw(&model, &theme, &mut screen);
        (bytes, console::deadline::next(&model))
    });
}

fn chord(text: &str) -> Chord {
    text.parse().expect("a key")
}

#[divan::bench(args = ["provider07", "!ok secret<30", "ump-0 status:drift"])]
fn filter(bencher: Bencher<'_, '_>, text: &str) {
    let mut model = fleet::model(fleet::rows(DEVICES), (80, 24));
    bencher.bench_local(|| {
        model.fleet.set_filter("", fleet::now());
        model.fleet.set_filter(black_box(text), fleet::now());
        model.fleet.len()
    });
}

#[divan::bench(args = [Sort::WorstFirst, Sort::Name, Sort::Secret, Sort::Age])]
fn sort(bencher: Bencher<'_, '_>, order: Sort) {
    let mut model = fleet::model(fleet::rows(DEVICES), (80, 24));
    model.fleet.sort = order;
    bencher.bench_local(|| model.fleet.arrange(fleet::now()));
}

/// A filter is typed, letter by letter, each with its frame; then it is taken away.
#[divan::bench(args = SIZES)]
fn filter_key_to_frame(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let keys = ["/", "p", "r", "o", "v", "1", "4", "esc"];
    keys_to_frames(bencher, size, &keys);
}

/// The columns in turn become the order of the list.
#[divan::bench(args = SIZES)]
fn sort_key_to_frame(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    keys_to_frames(bencher, size, &["s"]);
}

/// Page by page, to the end and back.
#[divan::bench(args = SIZES)]
fn page_key_to_frame(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    keys_to_frames(bencher, size, &["ctrl-f", "ctrl-d", "G", "ctrl-b", "g"]);
}

/// The palette is opened and searched, letter by letter, every device in it; then it is closed.
#[divan::bench(args = SIZES)]
fn palette_key_to_frame(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let keys = [":", "u", "m", "p", "-", "0", "4", "2", "esc"];
    keys_to_frames(bencher, size, &keys);
}

/// Everything is marked, then nothing.
#[divan::bench(args = SIZES)]
fn mark_all_key_to_frame(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    keys_to_frames(bencher, size, &["a", "u"]);
}

/// Each time the next of the keys, and the frame after it.
fn keys_to_frames(bencher: Bencher<'_, '_>, size: (u16, u16), keys: &[&str]) {
    let mut model = fleet::model(fleet::rows(DEVICES), size);
    let theme = theme();
    let mut screen = Screen::new(io::sink(), size.0, size.1);
    draw(&model, &theme, &mut screen);
    let mut keys = keys.iter().map(|key| chord(key)).cycle();
    bencher.bench_local(|| {
        let key = keys.next().expect("without end");
        let now = model.now;
        update(&mut model, Message::Key(key), now);
        draw(&model, &theme, &mut screen)
    });
}

/// A tenant was read: some of the rows come anew.
#[divan::bench]
fn merge_200_rows(bencher: Bencher<'_, '_>) {
    let mut model = fleet::model(fleet::rows(DEVICES), (80, 24));
    let rows: Vec<FleetRow> = fleet::rows(200);
    bencher
        .with_inputs(|| rows.clone())
        .bench_local_values(|rows| model.fleet.merge(rows, fleet::now()));
}

#[divan::bench]
fn checklist_and_verdict_of_a_device(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let file = runtime.block_on(async {
        let sandbox = Sandbox::start(Default::default()).await.expect("a sandbox");
        let at = folder.path().to_path_buf();
        let site = umpdeck::desk::training::site(&sandbox.url(), None, at, "ops@noc".into())
            .await
            .expect("a site");
        let (desk, _events) = Desk::open(site).expect("a desk");
        desk.refresh(Scope::All).await;
        let rows = desk.fleet(jiff::Timestamp::now()).expect("a fleet");
        let read = rows.iter().find(|row| {
            let verdict = row.verdict.as_ref();
            verdict.is_some_and(|verdict| verdict.permissions.is_some())
        });
        desk.device(&read.expect("a device that was read").fqdn)
            .expect("a file")
    });
    let now = jiff::Timestamp::now() + SignedDuration::from_secs(1);
    bencher.bench_local(|| {
        (
            black_box(&file).checklist(now),
            black_box(&file).verdict(now),
        )
    });
}

/// What the real binary writes to a real terminal.
#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr)] // figures for who runs the benches
fn print_bytes() {
    let site = scale::LargeSite::new(DEVICES, 5, 200);
    for size in SIZES {
        let mut pty = site.console(size);
        pty.wait_for("of the list");
        pty.wait_for("reading 200 tenants");
        let shown = |pty: &support::pty::Pty| scale::frames(&pty.raw_bytes()).0;
        let first = shown(&pty)[0];
        let keys = [
            ("j", "a move"),
            ("\x06", "a page"),
            ("/", "a filter"),
            ("p", "its letter"),
        ];
        let costs = keys.map(|(key, what)| {
            let before = shown(&pty).len();
            pty.send(key);
            pty.wait_for_bytes(|bytes| scale::frames(bytes).0.len() > before);
            // What follows a resting cursor.
            std::thread::sleep(std::time::Duration::from_millis(400));
            format!("{what} {:?}", shown(&pty).split_off(before))
        });
        let memory = scale::own_memory(pty.pid());
        eprintln!(
            "at {}x{}: bytes of the first frame {first}, of the frames of {}; {memory} KiB",
            size.0,
            size.1,
            costs.join(", of ")
        );
    }
}

#[cfg(not(target_os = "linux"))]
fn print_bytes() {}

/// What the process holds in memory, in KiB, by the kernel's count.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let counts = std::fs::read_to_string("/proc/self/status").expect("the kernel's counts");
    let line = counts.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB"));
    number
        .and_then(|text| text.trim().parse().ok())
        .expect("a number of KiB")
}

/// A desk and a model of the whole fleet, with the first frame drawn.
#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr)] // a figure for who runs the benches
fn print_memory() {
    let folder = judged(&handoff());
    let before = resident();
    let (desk, _events) = Desk::open(site(&folder, handoff())).expect("a desk");
    let model = console::model(&desk, (200, 50), fleet::now()).expect("a model");
    let mut screen = Screen::new(io::sink(), 200, 50);
    draw(&model, &theme(), &mut screen);
    let after = resident();
    eprintln!("resident with {DEVICES} devices: {after} KiB in all, {before} KiB before");
}

#[cfg(not(target_os = "linux"))]
fn print_memory() {}
