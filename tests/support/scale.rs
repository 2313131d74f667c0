//! A large site for the real binary: settings, a store in which everything was judged, and servers that take every
//! connection and never answer, so that nothing on screen changes but by keys.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use umpdeck::registration::fleet::Tenant;
use umpdeck::registration::status::Verdict;
use umpdeck::store::Store;

use super::fleet;
use super::ground::{Home, PROGRAM};
use super::pty::Pty;

/// A home with such a site in it.
pub struct LargeSite {
    home: Home,
    folder: tempfile::TempDir,
    silence: SocketAddr,
}

impl LargeSite {
    /// So many devices, each with so many customers, in so many tenants.
    pub fn new(devices: usize, customers: usize, tenants: usize) -> LargeSite {
        let site = LargeSite {
            home: Home::new(),
            folder: tempfile::tempdir().expect("a folder"),
            silence: silence(),
        };
        let fleet = fleet::site(devices, customers, tenants);
        let mut text = String::new();
        for Tenant {
            id,
            name,
            primary_domain,
            ..
        } in &fleet.tenants
        {
            let login = format!("http://{}", site.silence);
            writeln!(
                text,
                "[[tenants]]\nid = \"{id}\"\nname = \"{name}\"\nprimary_domain = \"{primary_domain}\"\n\
                 login = \"{login}\"\ngraph = \"{login}\"\n\
                 sign_in = {{ way = \"client-secret\", client_id = \"{id}\", secret_env = \"OWN\" }}"
            )
            .expect("a text");
        }
        for device in &fleet.devices {
            writeln!(
                text,
                "[[devices]]\nfqdn = \"{}\"\ntenant = \"{}\"",
                device.fqdn, device.tenant
            )
            .expect("a text");
            for customer in &device.customers {
                writeln!(
                    text,
                    "[[devices.customers]]\nshort_name = \"{}\"\nfull_name = \"{}\"\ntenant_id = \"{}\"",
                    customer.short_name,
                    customer.full_name,
                    customer.tenant_id.expect("its tenant")
                )
                .expect("a text");
            }
        }
        std::fs::write(site.settings(), text).expect("a file");
        let store = Store::open(&site.data()).expect("a store");
        store
            .replace_inventory(&fleet.tenants, &fleet.devices)
            .expect("an inventory");
        let now = Timestamp::now();
        let verdicts: Vec<_> = fleet
            .devices
            .iter()
            .enumerate()
            .map(|(at, device)| (device.fqdn.clone(), steady_verdict(at, now)))
            .collect();
        store.save_verdicts(&verdicts).expect("verdicts");
        site
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("settings.toml")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The console on it, just begun.
    pub fn console(&self, size: (u16, u16)) -> Pty {
        let (settings, data) = (self.settings(), self.data());
        let plain = |path: &PathBuf| path.to_str().expect("a plain path").to_string();
        let arguments = ["--settings", &plain(&settings), "--data-dir", &plain(&data)];
        let own = [("OWN", "nobody asks for it")];
        self.home.start_other(PROGRAM, &arguments, &own, size)
    }
}

/// What the reason line says of a device, wherever the screen cuts it.
pub fn reason(at: usize) -> String {
    format!("Number {at} of the list")
}

/// As [`fleet::verdict`], with a reason of each device's own, and ages that do not turn while somebody looks.
fn steady_verdict(at: usize, now: Timestamp) -> Verdict {
    let half_a_day = SignedDuration::from_hours(12);
    let then = now - SignedDuration::from_hours(24 * 3) - half_a_day;
    let mut verdict = fleet::verdict(at);
    verdict.reason = reason(at);
    verdict.read_at = verdict.read_at.map(|_| then);
    verdict.secret_end = verdict
        .secret_end
        .map(|_| now + SignedDuration::from_hours(24 * fleet::secret_days(at)) + half_a_day);
    verdict.holds_until = verdict.secret_end.filter(|end| *end > now);
    verdict
}

/// The lengths of the frames in a terminal's bytes, and how many bytes stand outside of any.
pub fn frames(bytes: &[u8]) -> (Vec<usize>, usize) {
    const BEGIN: &[u8] = b"\x1b[?2026h";
    const END: &[u8] = b"\x1b[?2026l";
    let at = |rest: &[u8], mark: &[u8]| rest.windows(mark.len()).position(|part| part == mark);
    let (mut frames, mut outside, mut rest) = (Vec::new(), 0, bytes);
    while let Some(begin) = at(rest, BEGIN) {
        let Some(length) = at(&rest[begin..], END) else {
            break;
        };
        outside += begin;
        frames.push(length + END.len());
        rest = &rest[begin + length + END.len()..];
    }
    (frames, outside + rest.len())
}

/// The memory of a process that is its own and no file's, in KiB: what a build with more code does not change.
pub fn own_memory(process: u32) -> usize {
    let counts = std::fs::read_to_string(format!("/proc/{process}/status"));
    let counts = counts.expect("the kernel's counts");
    let line = counts
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB"));
    let number = number.and_then(|text| text.trim().parse().ok());
    number.expect("a number of KiB")
}

/// An address that takes every connection and never says a word. Its thread ends with the test's process.
fn silence() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let kept: Vec<_> = listener.incoming().collect();
        drop(kept);
    });
    address
}
