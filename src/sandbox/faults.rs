//! Faults on demand: what the sandbox does later or not at all.

use std::collections::BTreeSet;
use std::time::Duration;

/// What is to go wrong. The default: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// After a create, the new object can't be addressed for this long.
    pub replication_lag: Duration,
    /// A new client secret is refused by the token endpoint for this long.
    pub secret_lag: Duration,
    /// Requests whose path's last segment is one of these (`addPassword`, `auth-tokens`) are carried out at once, but
    /// answered only after `POST /sandbox/release`.
    pub hold: BTreeSet<String>,
}

/// A fault that can't be read, in words for who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the fault {text:?} can't be used: {why}; known are lag=2s, secret-lag=3s and hold=addPassword, with commas between"
)]
pub struct InvalidFault {
    text: String,
    why: &'static str,
}

impl Faults {
    /// Reads `lag=2s,secret-lag=500ms,hold=addPassword`; an empty text is no fault.
    ///
    /// # Errors
    /// An unknown name, or a duration that is not a whole number followed by `s` or `ms` (at most ten minutes).
    pub fn parse(text: &str) -> Result<Faults, InvalidFault> {
        let mut faults = Faults::default();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let invalid = |why| InvalidFault {
                text: part.to_string(),
                why,
            };
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| invalid("it has no = in it"))?;
            match name.trim() {
                "lag" => faults.replication_lag = duration(value).map_err(invalid)?,
                "secret-lag" => faults.secret_lag = duration(value).map_err(invalid)?,
                "hold" if value.trim().is_empty() => {
                    return Err(invalid("it names no operation"));
                }
                "hold" => {
                    faults.hold.insert(value.trim().to_string());
                }
                _ => return Err(invalid("nobody knows that name")),
            }
        }
        Ok(faults)
    }
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    const LONGEST: Duration = Duration::from_secs(600);
    let text = text.trim();
    let (digits, unit): (&str, fn(u64) -> Duration) = match text.strip_suffix("ms") {
        Some(digits) => (digits, Duration::from_millis),
        None => match text.strip_suffix('s') {
            Some(digits) => (digits, Duration::from_secs),
            None => return Err("the duration needs a unit, s or ms"),
        },
    };
    let number = digits
        .trim()
        .parse()
        .map_err(|_| "the duration is no whole number")?;
    let duration = unit(number);
    if duration > LONGEST {
        return Err("longer than ten minutes teaches nobody");
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_can_be_asked_for_at_once() {
        let faults = Faults::parse("lag=2s, secret-lag=500ms,hold=addPassword").unwrap();
        assert_eq!(faults.replication_lag, Duration::from_secs(2));
        assert_eq!(faults.secret_lag, Duration::from_millis(500));
        assert!(faults.hold.contains("addPassword"));
        assert_eq!(Faults::parse("").unwrap(), Faults::default());
    }

    #[test]
    fn a_wrong_fault_is_named() {
        for wrong in [
            "lag",
            "lag=2",
            "lag=two s",
            "flood=1s",
            "hold=",
            "lag=99999s",
        ] {
            let error = Faults::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
