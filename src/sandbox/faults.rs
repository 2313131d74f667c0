//! Faults on demand: what the sandbox does later or not at all.

use std::time::Duration;

/// What is to go wrong. The default: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// After a create, the new object can't be addressed for this long.
    pub replication_lag: Duration,
    /// A new client secret is refused by the token endpoint for this long.
    pub secret_lag: Duration,
    /// Requests that are answered only after `POST /sandbox/release`.
    pub hold: Vec<Hold>,
}

/// Which requests are held, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The last name in the path: `addPassword`, `auth-tokens`, `applications`.
    operation: String,
    /// The method; `None` = any.
    method: Option<String>,
    /// The first so many that match go through.
    spared: u32,
    /// Held before it is carried out; such a request comes to nothing when its caller goes away.
    pub before: bool,
}

impl Hold {
    fn parse(text: &str, before: bool) -> Result<Hold, &'static str> {
        let (named, spared) = match text.split_once('#') {
            None => (text, 0),
            Some((named, number)) => match number.trim().parse::<u32>() {
                Ok(number) if number > 0 => (named, number - 1),
                _ => return Err("what follows the # is no number from 1 on"),
            },
        };
        let (method, operation) = match named.split_once(':') {
            Some((method, operation)) => (Some(method.trim().to_ascii_uppercase()), operation),
            None => (None, named),
        };
        let operation = operation.trim().to_string();
        if operation.is_empty() {
            return Err("it names no operation");
        }
        Ok(Hold {
            operation,
            method,
            spared,
            before,
        })
    }

    fn names(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|one| one == method) && self.operation == operation(path)
    }
}

/// The last name in a path, keys and GUIDs aside: `applications` of `/v1.0/applications(uniqueName='a')`.
fn operation(path: &str) -> &str {
    let is_key = |part: &str| part.len() == 36 && part.bytes().filter(|b| *b == b'-').count() == 4;
    let path = path.split_once('(').map_or(path, |(path, _)| path);
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    parts.find(|part| !is_key(part)).unwrap_or_default()
}

/// A fault that can't be read, in words for who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the fault {text:?} can't be used: {why}; known are lag=2s, secret-lag=3s, hold=addPassword and hold-before=PATCH:applications#2, with commas between"
)]
pub struct InvalidFault {
    text: String,
    why: &'static str,
}

impl Faults {
    /// Whether a request is to be held, and how. Counts those that a `#n` lets through.
    pub fn holds(&mut self, method: &str, path: &str) -> Option<Hold> {
        let hold = self.hold.iter_mut().find(|one| one.names(method, path))?;
        if hold.spared > 0 {
            hold.spared -= 1;
            return None;
        }
        Some(hold.clone())
    }

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
                name @ ("hold" | "hold-before") => {
                    let hold = Hold::parse(value, name == "hold-before");
                    faults.hold.push(hold.map_err(invalid)?);
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
        let mut held = faults.clone();
        let held = held.holds("POST", "/v1.0/applications/x/addPassword");
        assert!(held.is_some_and(|hold| !hold.before));
        assert_eq!(Faults::parse("").unwrap(), Faults::default());
    }

    #[test]
    fn a_hold_may_name_a_method_and_let_the_first_ones_through() {
        let mut faults = Faults::parse("hold-before=PATCH:applications#2").unwrap();
        let path = "/v1.0/applications(uniqueName='umpdeck.a.example.com')";
        let by_id = "/v1.0/applications/0197a8a2-7a53-7f03-9f3e-6a2b1c0d4e5f";
        assert_eq!(faults.holds("GET", path), None, "another method");
        assert_eq!(faults.holds("PATCH", path), None, "the first");
        assert!(faults.holds("PATCH", by_id).is_some_and(|hold| hold.before));
        assert_eq!(
            faults.holds("PATCH", "/v1.0/servicePrincipals(appId='x')"),
            None
        );
    }

    #[test]
    fn a_wrong_fault_is_named() {
        for wrong in [
            "lag",
            "lag=2",
            "lag=two s",
            "flood=1s",
            "hold=",
            "hold=GET:",
            "hold=GET:auth-tokens#0",
            "lag=99999s",
        ] {
            let error = Faults::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
