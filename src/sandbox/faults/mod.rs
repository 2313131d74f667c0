//! Faults on demand: what the sandbox does wrong, later or not at all. One table names them for the command line, for its
//! help and for whoever types one wrongly.

mod target;

use std::time::Duration;

use target::Target;
pub(super) use target::operation;

/// What is to go wrong. The default: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// After a create, the new object can't be addressed for this long.
    pub(super) replication_lag: Duration,
    /// What Graph says meanwhile, where it says one thing or another.
    pub(super) lag_says: LagSays,
    /// A new client secret is refused by the token endpoint for this long.
    pub(super) secret_lag: Duration,
    /// What `Retry-After` says; `None` = a second.
    pub(super) retry_after: Option<Duration>,
    incidents: Vec<Incident>,
}

/// What Graph answers to a caller that replication has not caught up with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sandbox) enum LagSays {
    /// 404 to everything, and 400 to a service principal that comes too early.
    #[default]
    Plain,
    /// 409 to a change.
    Conflict,
    /// 403 to a service principal that comes too early.
    Forbidden,
    /// By lot, one of all these.
    Mixed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Incident {
    what: What,
    at: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Transport(Transport),
    Refusal(Refused),
}

/// What befalls a request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// It waits for `POST /sandbox/release`: `before` it is carried out (such a request comes to nothing when its
    /// caller goes away) or after.
    Hold { before: bool },
    /// The connection is reset, before the request is carried out or after.
    Drop { before: bool },
    /// It is carried out, half of the answer's body goes out, and then never more, though the connection stands.
    HalfClose,
    /// The answer's body comes in pieces, the last of them after this time.
    Slow(Duration),
}

/// What a request is refused with, instead of being carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// 429, with a `Retry-After` or without.
    Throttled { told: bool },
    /// 503.
    Unavailable,
    /// 401 with a claims challenge, until a token comes that was asked for with it.
    Revoked,
    /// 400: a policy bounds the lifetime of secrets.
    Lifetime,
    /// 400: a policy forbids secrets.
    NoPasswords,
}

/// What a fault's value is.
enum Takes {
    /// A time, such as `2s`.
    Time(fn(&mut Faults, Duration)),
    /// Which requests.
    Requests(What),
    /// A time and, after a colon, which requests; all of them where none are named.
    TimeAndRequests(fn(Duration) -> What),
    /// One of a few words.
    Word(&'static [(&'static str, LagSays)]),
}

/// All faults: name, what it takes, what it does.
const KNOWN: &[(&str, &str, Takes, &str)] = &[
    (
        "lag",
        "TIME",
        Takes::Time(|faults, time| faults.replication_lag = time),
        "replication: a new application or service principal is not found for this time (404), and no service principal can be created for it (400)",
    ),
    (
        "lag-says",
        "404|403|409|mixed",
        Takes::Word(&[
            ("404", LagSays::Plain),
            ("400", LagSays::Plain),
            ("403", LagSays::Forbidden),
            ("409", LagSays::Conflict),
            ("mixed", LagSays::Mixed),
        ]),
        "what Graph answers in the meantime: 409 to changes, 403 to service principals, or any of these at random",
    ),
    (
        "secret-lag",
        "TIME",
        Takes::Time(|faults, time| faults.secret_lag = time),
        "a new secret is refused at sign-in for this time",
    ),
    (
        "429",
        "WHERE",
        Takes::Requests(What::Refusal(Refused::Throttled { told: true })),
        "too many requests, with Retry-After",
    ),
    (
        "429-bare",
        "WHERE",
        Takes::Requests(What::Refusal(Refused::Throttled { told: false })),
        "too many requests, without Retry-After",
    ),
    (
        "503",
        "WHERE",
        Takes::Requests(What::Refusal(Refused::Unavailable)),
        "out of service, with Retry-After only if retry-after is given",
    ),
    (
        "retry-after",
        "TIME",
        Takes::Time(|faults, time| faults.retry_after = Some(time)),
        "what Retry-After says, in whole seconds; 1s if this is not given",
    ),
    (
        "cae",
        "WHERE",
        Takes::Requests(What::Refusal(Refused::Revoked)),
        "the token was revoked: 401 with a claims challenge, until a token comes that was asked for with its claims",
    ),
    (
        "lifetime",
        "WHERE",
        Takes::Requests(What::Refusal(Refused::Lifetime)),
        "a policy bounds the lifetime of secrets: 400 CredentialInvalidLifetimeAsPerAppPolicy",
    ),
    (
        "no-passwords",
        "WHERE",
        Takes::Requests(What::Refusal(Refused::NoPasswords)),
        "a policy forbids secrets: 400 CredentialTypeNotAllowedAsPerAppPolicy",
    ),
    (
        "drop",
        "WHERE",
        Takes::Requests(What::Transport(Transport::Drop { before: false })),
        "carried out, then the connection is reset: the answer is lost",
    ),
    (
        "drop-before",
        "WHERE",
        Takes::Requests(What::Transport(Transport::Drop { before: true })),
        "the connection is reset, nothing was carried out",
    ),
    (
        "half-close",
        "WHERE",
        Takes::Requests(What::Transport(Transport::HalfClose)),
        "carried out, half of the answer is sent, then the sending side is closed while the other stays open",
    ),
    (
        "slow",
        "TIME[:WHERE]",
        Takes::TimeAndRequests(|time| What::Transport(Transport::Slow(time))),
        "the answer's body comes in pieces, over this time",
    ),
    (
        "hold",
        "WHERE",
        Takes::Requests(What::Transport(Transport::Hold { before: false })),
        "carried out, but answered only after POST /sandbox/release (all) or /sandbox/release/NAME (that name)",
    ),
    (
        "hold-before",
        "WHERE",
        Takes::Requests(What::Transport(Transport::Hold { before: true })),
        "neither carried out nor answered before that; dropped if its caller goes away",
    ),
];

/// A fault that can't be read, in words for who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the fault {text:?} can't be used: {why}; the known faults, separated by commas, are {}",
    names()
)]
pub struct InvalidFault {
    text: String,
    why: &'static str,
}

fn names() -> String {
    let names: Vec<String> = KNOWN
        .iter()
        .map(|(name, takes, ..)| format!("{name}={takes}"))
        .collect();
    names.join(", ")
}

impl Faults {
    /// What befalls a request on its way, if anything. Counts the requests that a target lets through.
    pub(super) fn on_the_way(
        &mut self,
        method: &str,
        path: &str,
        lots: &mut fastrand::Rng,
    ) -> Option<Transport> {
        self.meet(method, path, lots, |what| match what {
            What::Transport(one) => Some(one),
            What::Refusal(_) => None,
        })
    }

    /// What a request is refused with, if anything. Counts like [`Faults::on_the_way`].
    pub(super) fn refusal(
        &mut self,
        method: &str,
        path: &str,
        lots: &mut fastrand::Rng,
    ) -> Option<Refused> {
        self.meet(method, path, lots, |what| match what {
            What::Refusal(one) => Some(one),
            What::Transport(_) => None,
        })
    }

    fn meet<T>(
        &mut self,
        method: &str,
        path: &str,
        lots: &mut fastrand::Rng,
        of_kind: impl Fn(What) -> Option<T>,
    ) -> Option<T> {
        self.incidents.iter_mut().find_map(|one| {
            let kind = of_kind(one.what)?;
            one.at.meets(method, path, lots).then_some(kind)
        })
    }

    /// Holds no more requests: those of one name, or none at all.
    pub(super) fn release(&mut self, name: Option<&str>) {
        self.incidents.retain(|one| {
            let holds = matches!(one.what, What::Transport(Transport::Hold { .. }));
            !(holds && name.is_none_or(|name| one.at.is_named(name)))
        });
    }

    /// Reads `lag=2s,429=GET:applications*3,hold=addPassword`; an empty text is no fault.
    ///
    /// # Errors
    /// An unknown name, or a value that does not fit it.
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
            let (_, _, takes, _) = KNOWN
                .iter()
                .find(|(known, ..)| *known == name.trim())
                .ok_or_else(|| invalid("its name is unknown"))?;
            faults.add(takes, value.trim()).map_err(invalid)?;
        }
        Ok(faults)
    }

    fn add(&mut self, takes: &Takes, value: &str) -> Result<(), &'static str> {
        let incident = match takes {
            Takes::Time(put) => {
                put(self, duration(value)?);
                return Ok(());
            }
            Takes::Word(words) => {
                let known = words.iter().find(|(word, _)| *word == value);
                self.lag_says = known.ok_or("it is none of the known words")?.1;
                return Ok(());
            }
            Takes::Requests(what) => Incident {
                what: *what,
                at: Target::parse(value)?,
            },
            Takes::TimeAndRequests(what) => {
                let (time, at) = value.split_once(':').unwrap_or((value, target::ANY));
                Incident {
                    what: what(duration(time)?),
                    at: Target::parse(at)?,
                }
            }
        };
        self.incidents.push(incident);
        Ok(())
    }

    /// All faults, one a line, and how requests are named: for the command line's help.
    pub fn explained() -> String {
        let mut text = "What goes wrong, separated by commas:\n".to_string();
        for (name, takes, _, does) in KNOWN {
            text.push_str(&format!("  {name}={takes}: {does}\n"));
        }
        text.push_str(
            "TIME is a whole number with s or ms, such as 2s. WHERE is [METHOD:]NAME[#N][*TIMES][@PERCENT], NAME being the last name in \
             the path or `any`: PATCH:applications, token, addPassword#2 (from the second on), GET:applications*3 (three \
             times), any@20% (every fifth, drawn with --seed). More faults while it runs: PUT /sandbox/faults with the same text",
        );
        text
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
        .map_err(|_| "the duration is not a whole number")?;
    let duration = unit(number);
    if duration > LONGEST {
        return Err("it is longer than ten minutes");
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lots() -> fastrand::Rng {
        fastrand::Rng::with_seed(1)
    }

    #[test]
    fn every_fault_can_be_asked_for_at_once() {
        let faults = Faults::parse("lag=2s, secret-lag=500ms,hold=addPassword,lag-says=409");
        let mut faults = faults.unwrap();
        assert_eq!(faults.replication_lag, Duration::from_secs(2));
        assert_eq!(faults.secret_lag, Duration::from_millis(500));
        assert_eq!(faults.lag_says, LagSays::Conflict);
        let path = "/v1.0/applications/x/addPassword";
        let met = faults.on_the_way("POST", path, &mut lots());
        assert_eq!(met, Some(Transport::Hold { before: false }));
        assert_eq!(Faults::parse("").unwrap(), Faults::default());
    }

    #[test]
    fn every_name_of_the_table_can_be_asked_for_as_its_help_says() {
        for (name, takes, ..) in KNOWN {
            let value = takes
                .replace("TIME[:WHERE]", "2s:GET:applications*2@50%")
                .replace("TIME", "2s")
                .replace("WHERE", "POST:addPassword#2")
                .replace("404|403|409|mixed", "mixed");
            assert!(
                Faults::parse(&format!("{name}={value}")).is_ok(),
                "{name}={value}"
            );
            assert!(Faults::explained().contains(&format!("{name}=")));
        }
    }

    #[test]
    fn a_hold_may_name_a_method_and_let_the_first_ones_through() {
        let mut faults = Faults::parse("hold-before=PATCH:applications#2").unwrap();
        let path = "/v1.0/applications(uniqueName='umpdeck.a.example.com')";
        let by_id = "/v1.0/applications/0197a8a2-7a53-7f03-9f3e-6a2b1c0d4e5f";
        let mut met = |method, path| faults.on_the_way(method, path, &mut lots());
        assert_eq!(met("GET", path), None, "another method");
        assert_eq!(met("PATCH", path), None, "the first");
        let held = Some(Transport::Hold { before: true });
        assert_eq!(met("PATCH", by_id), held);
        assert_eq!(met("PATCH", "/v1.0/servicePrincipals(appId='x')"), None);
        faults.release(Some("applications"));
        assert_eq!(faults.on_the_way("PATCH", by_id, &mut lots()), None);
    }

    #[test]
    fn a_share_of_the_requests_is_drawn_the_same_for_the_same_seed() {
        let drawn = |seed| {
            let mut faults = Faults::parse("429=any@30%").unwrap();
            let mut lots = fastrand::Rng::with_seed(seed);
            let met = (0..200).map(|_| faults.refusal("GET", "/v1.0/me", &mut lots).is_some());
            met.collect::<Vec<bool>>()
        };
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
        let share = drawn(7).iter().filter(|met| **met).count();
        assert!((30..=90).contains(&share), "{share} of 200");
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
            "hold=applications(uniqueName='a')",
            "503=/v1.0/applications",
            "429=applications*0",
            "429=applications@0%",
            "429=applications@30",
            "slow=GET:applications",
            "lag-says=418",
            "lag=99999s",
        ] {
            let error = Faults::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
