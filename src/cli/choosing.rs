//! Which devices a command is about: those that were named, those that fit a filter, or all; each read anew.

use std::borrow::Cow;
use std::collections::HashMap;

use uuid::Uuid;

use super::arguments::Which;
use super::exit::{Exit, Stop};
use super::reading::{Reading, now};
use crate::desk::event::{FleetRow, Trouble};
use crate::desk::file::{DeviceFile, Scope};
use crate::desk::query::{Names, Query};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::Failure;

/// The device that an operator means: by its FQDN, else by a first label that only one device has.
pub(super) fn find(rows: &[FleetRow], meant: &str) -> Result<Fqdn, Stop> {
    let row = device_meant(rows, meant, |row| row.fqdn.as_str().into())?;
    Ok(row.fqdn.clone())
}

/// The same of whatever has a device's FQDN, in lower case.
pub(super) fn device_meant<'a, T>(
    all: &'a [T],
    meant: &str,
    fqdn: impl Fn(&T) -> Cow<'_, str>,
) -> Result<&'a T, Stop> {
    let lower = meant.trim().trim_end_matches('.').to_lowercase();
    if let Some(one) = all.iter().find(|one| fqdn(one) == lower) {
        return Ok(one);
    }
    let short = |one: &&T| fqdn(one).split('.').next() == Some(lower.as_str());
    let named: Vec<&T> = all.iter().filter(short).collect();
    match named.as_slice() {
        [only] => Ok(only),
        [] => Err(Stop::usage(Trouble::no_such_device(meant))),
        several => {
            let names: Vec<_> = several.iter().map(|one| fqdn(one)).collect();
            Err(Stop::usage(Trouble::new(
                "it is not clear which device is meant",
                format!("{meant} may be {}", names.join(" or ")),
                "Give its whole FQDN.",
            )))
        }
    }
}

/// The devices that an operator named, each once.
pub(super) fn named(reading: &Reading, meant: &[String]) -> Result<Vec<Fqdn>, Stop> {
    let rows = reading.desk.fleet(now())?;
    let mut named = Vec::new();
    for one in meant {
        let fqdn = find(&rows, one)?;
        if !named.contains(&fqdn) {
            named.push(fqdn);
        }
    }
    Ok(named)
}

/// The one device that is meant, read anew or only as it is stored; and which tenants could not be read.
pub(super) async fn one(
    reading: &mut Reading,
    meant: &str,
    stored: bool,
) -> Result<(DeviceFile, HashMap<Uuid, Failure>), Stop> {
    let fqdn = find(&reading.desk.fleet(now())?, meant)?;
    let failures = match stored {
        true => HashMap::new(),
        false => reading.refresh(Scope::Device(fqdn.clone())).await,
    };
    Ok((reading.desk.device(&fqdn)?, failures))
}

/// The devices that are meant, read anew.
pub(super) async fn chosen(reading: &mut Reading, which: &Which) -> Result<Vec<Fqdn>, Stop> {
    let named = named(reading, &which.devices)?;
    read(reading, &named).await?;
    let devices = match named.is_empty() {
        true => {
            let rows = fitting(reading, which.filter.as_deref())?.into_iter();
            rows.map(|row| row.fqdn).collect()
        }
        false => named,
    };
    if devices.is_empty() {
        // A tenant that could not be read may have had one.
        let exit = match reading.failures.is_empty() {
            true => Exit::Good,
            false => Exit::Unknown,
        };
        let nothing = Trouble::new(
            "there is nothing to do",
            "no device fits the filter",
            "`umpdeck status` lists the devices with their statuses.",
        );
        return Err(Stop::Trouble(nothing, exit));
    }
    Ok(devices)
}

/// Reads whole tenants, or the one device that is meant.
pub(super) async fn read(reading: &mut Reading, named: &[Fqdn]) -> Result<(), Stop> {
    if named.is_empty() {
        reading.failures = reading.refresh(Scope::All).await;
        return Ok(());
    }
    if let [only] = named {
        reading.failures = reading.refresh(Scope::Device(only.clone())).await;
        return Ok(());
    }
    let rows = reading.desk.fleet(now())?;
    let mut tenants: Vec<Uuid> = rows
        .iter()
        .filter(|row| named.contains(&row.fqdn))
        .map(|row| row.tenant)
        .collect();
    tenants.sort_unstable();
    tenants.dedup();
    let mut failures = HashMap::new();
    for tenant in tenants {
        failures.extend(reading.refresh(Scope::Tenant(tenant)).await);
    }
    reading.failures = failures;
    Ok(())
}

/// The rows of the devices that fit a filter, or of all, worst first.
pub(super) fn fitting(reading: &Reading, filter: Option<&str>) -> Result<Vec<FleetRow>, Stop> {
    let now = now();
    let filter = filter.unwrap_or_default();
    let tenants: Vec<String> = reading.tenants.iter().map(|one| one.name.clone()).collect();
    // With a blank behind it, as one that is typed to its end.
    if let Some(why) = Query::trouble(&format!("{filter} "), &tenants) {
        return Err(Stop::usage(Trouble::new(
            "the filter can't be used",
            why,
            "`umpdeck status --help` shows what a filter can have.",
        )));
    }
    let query = Query::parse(filter);
    let name = |id: Uuid| {
        let tenant = reading.tenants.iter().find(|one| one.id == id);
        tenant.map_or_else(String::new, |one| one.name.to_lowercase())
    };
    let mut rows = reading.desk.fleet(now)?;
    let customers = match query.asks_for_customers() {
        true => reading.desk.customer_names()?,
        false => HashMap::new(),
    };
    let names = Names {
        tenant: &name,
        has_customer: &|fqdn, text| customers.get(fqdn).is_some_and(|all| all.contains(text)),
    };
    rows.retain(|row| query.fits(row, names, now));
    rows.sort_by(FleetRow::worst_first);
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exit::Exit;

    fn found(meant: &str) -> Result<String, String> {
        let rows: Vec<FleetRow> = ["a.one.example", "a.two.example", "b.one.example"]
            .into_iter()
            .map(|fqdn| FleetRow {
                fqdn: Fqdn::parse(fqdn).unwrap(),
                tenant: Uuid::nil(),
                verdict: None,
            })
            .collect();
        match find(&rows, meant) {
            Ok(fqdn) => Ok(fqdn.to_string()),
            Err(Stop::Trouble(trouble, Exit::Usage)) => Err(trouble.to_string()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_device_is_found_by_its_name_or_by_a_label_that_only_it_has() {
        assert_eq!(found("A.one.example").as_deref(), Ok("a.one.example"));
        assert_eq!(found("b").as_deref(), Ok("b.one.example"));
        assert!(
            found("a")
                .unwrap_err()
                .contains("a.one.example or a.two.example")
        );
        assert!(
            found("c")
                .unwrap_err()
                .starts_with("there is no such device")
        );
        assert!(found("one").is_err());
    }
}
