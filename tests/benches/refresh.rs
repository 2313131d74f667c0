//! Reading a tenant of 5,000 applications over loopback: `cargo bench --bench refresh`. The sandbox runs in a process of
//! its own, so that time and memory are umpdeck's part; everything goes through a wire that counts the bytes.

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use divan::Bencher;
use serde_json::{Value, json};
use support::program::{Home, SandboxProgram};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use umpdeck::desk::Desk;
use umpdeck::desk::file::Scope;
use umpdeck::desk::training;

const ADDED: usize = 5_000;
const TENANT: &str = "Finebak";
/// What umpdeck asks for of an application.
const FIELDS: &str = "id,appId,displayName,uniqueName,createdDateTime,signInAudience,publisherDomain,passwordCredentials,\
verifiedPublisher,web,spa,publicClient,isFallbackPublicClient,requiredResourceAccess,notes";

static GROUND: Mutex<Option<Ground>> = Mutex::new(None);

fn main() {
    *ground() = Some(Ground::start());
    print_figures();
    divan::main();
    // What a static holds is never dropped: the sandbox would outlive this.
    ground().take();
}

fn ground() -> MutexGuard<'static, Option<Ground>> {
    GROUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sandbox with its many applications, and the wire to it.
struct Ground {
    runtime: Runtime,
    client: reqwest::Client,
    wire: Wire,
    token: String,
    /// The address of each page of the list.
    pages: Vec<String>,
    sandbox: SandboxProgram,
    _home: Home,
}

impl Ground {
    fn start() -> Ground {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let home = Home::new();
        let sandbox = SandboxProgram::start(&home);
        let runtime = Runtime::new().expect("a runtime");
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .expect("a client");
        let wire = runtime.block_on(Wire::to(sandbox.url()));
        let mut ground = Ground {
            token: String::new(),
            pages: vec![],
            runtime,
            client,
            wire,
            sandbox,
            _home: home,
        };
        ground.token = ground.runtime.block_on(ground.sign_in());
        ground.runtime.block_on(ground.fill());
        ground.pages = ground.runtime.block_on(ground.list());
        ground
    }

    async fn sign_in(&self) -> String {
        let tenants = self.sandbox.first["tenants"].as_array().expect("tenants");
        let tenant = tenants
            .iter()
            .find(|one| one["name"] == TENANT)
            .expect("one");
        let text = |name: &str| tenant[name].as_str().expect("text").to_string();
        let form = [
            ("grant_type", "client_credentials".to_string()),
            ("client_id", text("clientId")),
            ("client_secret", text("clientSecret")),
            ("scope", "https://graph.microsoft.com/.default".to_string()),
        ];
        let url = format!("{}/{}/oauth2/v2.0/token", self.sandbox.url(), text("id"));
        let answer = self.client.post(url).form(&form).send().await;
        let answer: Value = answer.expect("an answer").json().await.expect("JSON");
        answer["access_token"]
            .as_str()
            .expect("a token")
            .to_string()
    }

    async fn fill(&self) {
        let url = format!("{}/v1.0/$batch", self.sandbox.url());
        for first in (0..ADDED).step_by(20) {
            let create = |number: usize| {
                json!({"id": number.to_string(), "method": "POST", "url": "/applications",
                "headers": {"Content-Type": "application/json"},
                "body": {
                    "displayName": format!("Somebody's {number}"),
                    "web": {"redirectUris": [format!("https://app-{number}.example.com/signin")]},
                }})
            };
            let requests: Vec<Value> = (first..ADDED.min(first + 20)).map(create).collect();
            let body = json!({ "requests": requests });
            let sent = self.client.post(&url).bearer_auth(&self.token).json(&body);
            assert!(sent.send().await.expect("an answer").status().is_success());
        }
    }

    async fn list(&self) -> Vec<String> {
        let mut pages = vec![format!(
            "{}/v1.0/applications?$select={FIELDS}&$top=999",
            self.wire.url
        )];
        while let Some(url) = pages.last() {
            let page = self.client.get(url).bearer_auth(&self.token).send().await;
            let page: Value = page.expect("a page").json().await.expect("JSON");
            match page["@odata.nextLink"].as_str() {
                Some(next) => pages.push(next.to_string()),
                None => break,
            }
        }
        pages
    }

    /// A desk of this one tenant, with its store in `folder`.
    fn desk(&self, folder: &Path) -> Desk {
        let site = training::site(&self.wire.url, None, folder.to_path_buf(), "ops@noc".into());
        let mut site = self.runtime.block_on(site).expect("a site");
        site.tenants.retain(|one| one.tenant.name == TENANT);
        let tenant = site.tenants[0].tenant.id;
        // Portals are not what is measured.
        site.devices.retain(|device| device.tenant == tenant);
        for device in &mut site.devices {
            device.portal_profile = "handoff".into();
        }
        Desk::open(site).expect("a desk").0
    }

    fn refresh(&self, desk: &Desk) {
        let read = self.runtime.block_on(desk.refresh(Scope::All));
        assert!(read.iter().all(|one| one.failure.is_none()), "{read:?}");
    }

    /// Every page, its bytes thrown away.
    fn read_pages(&self) -> usize {
        self.runtime.block_on(async {
            let mut bytes = 0;
            for url in &self.pages {
                let page = self.client.get(url).bearer_auth(&self.token).send().await;
                let mut page = page.expect("a page");
                while let Some(chunk) = page.chunk().await.expect("bytes") {
                    bytes += chunk.len();
                }
            }
            bytes
        })
    }

    /// How many requests to Graph the sandbox has seen since this was asked last.
    fn requests(&self) -> usize {
        let url = format!("{}/sandbox/requests", self.sandbox.url());
        self.runtime.block_on(async {
            let log = self.client.get(&url).send().await.expect("an answer");
            let log: Vec<Value> = log.json().await.expect("JSON");
            let _ = self.client.delete(&url).send().await;
            let to_graph = |one: &&Value| {
                one["path"]
                    .as_str()
                    .is_some_and(|path| path.starts_with("/v1.0/"))
            };
            log.iter().filter(to_graph).count()
        })
    }
}

/// Carries bytes between umpdeck and the sandbox, and counts those that come back.
struct Wire {
    url: String,
    received: Arc<AtomicU64>,
}

impl Wire {
    async fn to(target: &str) -> Wire {
        let target = target.trim_start_matches("http://").to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let received = Arc::new(AtomicU64::new(0));
        let count = received.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&target).await.expect("the sandbox");
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, None));
                tokio::spawn(carry(far_in, near_out, Some(count.clone())));
            }
        });
        Wire { url, received }
    }

    /// The bytes since this was asked last.
    fn received(&self) -> u64 {
        self.received.swap(0, Ordering::Relaxed)
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    count: Option<Arc<AtomicU64>>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if let Some(count) = &count {
            count.fetch_add(read as u64, Ordering::Relaxed);
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// From nothing to a store that has the whole tenant judged.
#[divan::bench(sample_count = 10)]
fn first_refresh(bencher: Bencher<'_, '_>) {
    let ground = ground();
    let ground = ground.as_ref().expect("a ground");
    bencher
        .with_inputs(|| {
            let folder = tempfile::tempdir().expect("a folder");
            (ground.desk(folder.path()), folder)
        })
        .bench_local_refs(|(desk, _)| ground.refresh(desk));
}

/// The next one, when nothing has changed.
#[divan::bench(sample_count = 20)]
fn refresh_without_changes(bencher: Bencher<'_, '_>) {
    let ground = ground();
    let ground = ground.as_ref().expect("a ground");
    let folder = tempfile::tempdir().expect("a folder");
    let desk = ground.desk(folder.path());
    ground.refresh(&desk);
    bencher.bench_local(|| ground.refresh(&desk));
}

/// What a first refresh can't be faster than: the same pages, their bytes thrown away.
#[divan::bench(sample_count = 10)]
fn the_same_bytes_without_parsing(bencher: Bencher<'_, '_>) {
    let ground = ground();
    let ground = ground.as_ref().expect("a ground");
    bencher.bench_local(|| ground.read_pages());
}

#[allow(clippy::print_stderr)] // figures for who runs the benches
fn print_figures() {
    const ROUNDS: usize = 5;
    let ground = ground();
    let ground = ground.as_ref().expect("a ground");
    let folders: Vec<_> = (0..ROUNDS)
        .map(|_| tempfile::tempdir().expect("a folder"))
        .collect();
    let desks: Vec<Desk> = folders.iter().map(|one| ground.desk(one.path())).collect();
    let told = |what: &str| {
        let (requests, kib) = (ground.requests(), ground.wire.received() / 1024);
        eprintln!("{what}: {requests} requests, {kib} KiB received");
    };
    ground.requests();
    ground.wire.received();
    let before = forget_peak();
    ground.refresh(&desks[0]);
    let after = peak();
    told("first refresh");
    if let (Some(before), Some(after)) = (before, after) {
        eprintln!("peak memory of the first refresh: {after} KiB in all, {before} KiB before");
    }
    ground.refresh(&desks[0]);
    told("refresh without changes");
    ground.read_pages();
    told("the same pages without parsing");
    let refreshes = desks[1..].iter().map(|desk| timed(|| ground.refresh(desk)));
    let refresh = median(refreshes.collect());
    let read = median(
        (0..ROUNDS)
            .map(|_| {
                timed(|| {
                    ground.read_pages();
                })
            })
            .collect(),
    );
    let ratio = refresh.as_secs_f64() / read.as_secs_f64();
    eprintln!("a first refresh takes {ratio:.2} times what reading its pages takes");
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

/// Lets the kernel count the peak from now on; what is held now, in KiB. `None` where it does not count.
fn forget_peak() -> Option<usize> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    peak()
}

/// The most that this process held in memory, in KiB.
fn peak() -> Option<usize> {
    let counts = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = counts
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
