//! `umpdeck metrics`: the fleet in Prometheus' text format, for a scrape or for a textfile collector.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use prometheus::{GaugeVec, Opts, Registry, TextEncoder};
use uuid::Uuid;

use super::exit::Stop;
use super::reading::{Reading, now};
use super::{Global, Outcome};
use crate::desk::event::{FleetRow, Trouble};
use crate::desk::file::Scope;
use crate::registration::fleet::Tenant;
use crate::registration::status::Status;
use crate::text::{clean, days_left};

/// Options of `metrics`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 the metrics are written, whatever they say; 3 they could not be written."
)]
pub struct MetricsOptions {
    /// Write the metrics to this file, all of them or nothing, for a textfile collector
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Only what was read before and is in the store: nothing is read now
    #[arg(long)]
    pub stored: bool,
}

/// A gauge: its name, its meaning, its labels.
struct Family(&'static str, &'static str, &'static [&'static str]);

const DEVICES: Family = Family(
    "umpdeck_devices",
    "Devices by tenant and status.",
    &["tenant", "status"],
);
const STATUS: Family = Family(
    "umpdeck_device_status",
    "1 for the status that a device has.",
    &["device", "tenant", "status"],
);
const SECRET: Family = Family(
    "umpdeck_secret_days_left",
    "Whole days until the secret in use expires; below 0 when it has expired. No sample when no secret is known.",
    &["device", "tenant"],
);
const AGE: Family = Family(
    "umpdeck_facts_age_seconds",
    "Seconds since the device was last read, at umpdeck_written_timestamp_seconds. No sample when it was never read.",
    &["device", "tenant"],
);
const REFRESH: Family = Family(
    "umpdeck_refresh_ok",
    "1 when the last reading of the tenant's registrations succeeded, 0 when it failed.",
    &["tenant"],
);
const WRITTEN: Family = Family(
    "umpdeck_written_timestamp_seconds",
    "When these metrics were written.",
    &[],
);
const BUILD: Family = Family(
    "umpdeck_build_info",
    "1, with the version of the program.",
    &["version"],
);

/// Reads (unless told not to) and writes the values to standard output or to a file.
pub(super) async fn run(global: &Global, options: &MetricsOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let failed: Option<Vec<Uuid>> = match options.stored {
        true => None,
        false => Some(reading.refresh(Scope::All).await.into_keys().collect()),
    };
    let now = now();
    let rows = reading.desk.fleet(now)?;
    let text = text(&reading.tenants, failed.as_deref(), &rows, now).map_err(|why| {
        Trouble::new(
            "the metrics can't be written",
            why.to_string(),
            "This is a defect of umpdeck: report it.",
        )
    })?;
    let Some(place) = &options.file else {
        return Ok(Outcome::done(text));
    };
    write(place, &text).map_err(|why| {
        Trouble::new(
            "the metrics can't be written",
            format!("{}: {why}", place.display()),
            "Correct the folder's owner and permissions, or name another place.",
        )
    })?;
    Ok(Outcome::done(String::new()))
}

/// The values. `failed`: the tenants that could not be read just now; `None` when nothing was read anew, and the stored
/// facts tell it.
fn text(
    tenants: &[Tenant],
    failed: Option<&[Uuid]>,
    rows: &[FleetRow],
    now: Timestamp,
) -> prometheus::Result<String> {
    let registry = Registry::new();
    let gauge = |Family(name, help, labels): Family| -> prometheus::Result<GaugeVec> {
        let gauge = GaugeVec::new(Opts::new(name, help), labels)?;
        registry.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    };
    let [devices, status] = [gauge(DEVICES)?, gauge(STATUS)?];
    let [secret, age] = [gauge(SECRET)?, gauge(AGE)?];
    let refresh = gauge(REFRESH)?;
    let mut names: HashMap<Uuid, String> = HashMap::new();
    for tenant in tenants {
        let name = names
            .entry(tenant.id)
            .or_insert_with(|| clean(&tenant.name));
        for status in Status::ALL {
            devices
                .with_label_values(&[name.as_str(), status.key()])
                .set(0.0);
        }
        let is_stale = |row: &FleetRow| {
            row.tenant == tenant.id && row.verdict.as_ref().is_none_or(|verdict| verdict.stale)
        };
        let ok = match failed {
            Some(failed) => !failed.contains(&tenant.id),
            None => !rows.iter().any(is_stale),
        };
        refresh
            .with_label_values(&[name.as_str()])
            .set(f64::from(u8::from(ok)));
    }
    for row in rows {
        let device = row.fqdn.as_str();
        let tenant = names.get(&row.tenant).map_or("", String::as_str);
        let key = row.status().key();
        devices.with_label_values(&[tenant, key]).inc();
        status.with_label_values(&[device, tenant, key]).set(1.0);
        let Some(verdict) = &row.verdict else {
            continue;
        };
        if let Some(end) = verdict.secret_end {
            let days = days_left(end, now) as f64;
            secret.with_label_values(&[device, tenant]).set(days);
        }
        if let Some(read_at) = verdict.read_at {
            let seconds = now.duration_since(read_at).as_secs().max(0) as f64;
            age.with_label_values(&[device, tenant]).set(seconds);
        }
    }
    let none: [&str; 0] = [];
    gauge(WRITTEN)?
        .with_label_values(&none)
        .set(now.as_second() as f64);
    gauge(BUILD)?
        .with_label_values(&[env!("UMPDECK_VERSION")])
        .set(1.0);
    TextEncoder::new().encode_to_string(&registry.gather())
}

/// Writes the whole file or nothing of it, readable by the collector; there is no secret in it.
fn write(place: &Path, text: &str) -> io::Result<()> {
    let mut beside = place.as_os_str().to_owned();
    // A collector reads files that end in `.prom`, so it never sees this one.
    beside.push(format!(".{}.new", std::process::id()));
    let beside = Path::new(&beside);
    let written = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(beside)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
        file.sync_all()?;
        fs::rename(beside, place)
    })();
    if written.is_err() {
        // What is left of a try is of no use to anybody.
        let _ = fs::remove_file(beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fleet::Fqdn;

    fn tenant() -> Tenant {
        Tenant {
            id: Uuid::from_u128(1),
            name: "A \"b\"\n\u{202e}c".into(),
            primary_domain: "finebak.com".into(),
            mpn_id: None,
        }
    }

    #[test]
    fn a_device_that_was_never_read_counts_as_unreachable_and_claims_neither_days_nor_age() {
        let row = FleetRow {
            fqdn: Fqdn::parse("ump.finebak.com").unwrap(),
            tenant: Uuid::from_u128(1),
            verdict: None,
        };
        let now = Timestamp::from_second(1_000).unwrap();
        let text = text(&[tenant()], None, &[row], now).unwrap();
        assert!(
            text.contains("status=\"unreachable\",tenant=\"A \\\"b"),
            "{text}"
        );
        assert!(!text.contains("umpdeck_secret_days_left{"), "{text}");
        assert!(!text.contains("umpdeck_facts_age_seconds{"), "{text}");
        assert!(
            text.contains("umpdeck_written_timestamp_seconds 1000"),
            "{text}"
        );
        assert!(
            text.contains("umpdeck_refresh_ok{") && text.lines().any(|line| line.ends_with("} 0"))
        );
        assert!(
            crate::text::is_harmless(&text.replace('\n', "")),
            "{text:?}"
        );
    }
}
