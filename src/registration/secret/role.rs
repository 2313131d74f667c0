//! The client secrets of a registration, each with what is known of its use.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::retire::PortalOfOther;
use super::{Life, SecretInUse};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::{PasswordCredential, RegistrationFacts};
use crate::registration::status::Urgency;

/// What is known of a secret's use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRole {
    /// The portal has it, by what was pushed or stated.
    InUse,
    /// The newest one: nothing on record says which one the portal has.
    AssumedInUse,
    /// The portals of these devices have it, which share the registration.
    InUseBy(Vec<Fqdn>),
    /// It was replaced, and is due to go from this moment on.
    Retiring(Timestamp),
    /// It was just added, and is on its way to the portal: how, in words.
    New(String),
    /// It bears a run that did not end well, or that this machine does not know: which, in words.
    LeftByRun(String),
    /// A run of this machine that is done added it, and another one is in use by now.
    Older(String),
    /// Nothing here says where it comes from; whether it is older than the one that is known to be in use.
    Unrecognised {
        /// It began before the one in use did: likely what the portal had until then.
        earlier: bool,
    },
}

impl SecretRole {
    /// One word for scripts.
    pub fn key(&self) -> &'static str {
        match self {
            SecretRole::InUse => "in-use",
            SecretRole::AssumedInUse => "assumed-in-use",
            SecretRole::InUseBy(_) => "in-use-by-others",
            SecretRole::Retiring(_) => "retiring",
            SecretRole::New(_) => "new",
            SecretRole::LeftByRun(_) => "left-by-run",
            SecretRole::Older(_) => "older",
            SecretRole::Unrecognised { .. } => "unrecognised",
        }
    }

    /// What is known, as part of a sentence.
    pub fn words(&self, now: Timestamp) -> String {
        match self {
            SecretRole::InUse => "in use".to_string(),
            SecretRole::AssumedInUse => "assumed to be in use".to_string(),
            SecretRole::InUseBy(devices) => {
                let names: Vec<&str> = devices.iter().map(Fqdn::short).collect();
                format!("in use by {}", names.join(", "))
            }
            SecretRole::Retiring(due) if *due <= now => "replaced, due for removal now".to_string(),
            SecretRole::Retiring(due) => {
                format!("replaced, due for removal on {}", crate::text::day(*due))
            }
            SecretRole::New(how) => format!("new: {how}"),
            SecretRole::LeftByRun(why) => format!("left over: {why}"),
            SecretRole::Older(run) => format!("older: added by run {run}"),
            SecretRole::Unrecognised { earlier: true } => "earlier: no record of use".to_string(),
            SecretRole::Unrecognised { earlier: false } => "unknown origin".to_string(),
        }
    }

    /// Nobody here knows who uses it, if anybody does.
    pub fn is_doubtful(&self) -> bool {
        matches!(
            self,
            SecretRole::LeftByRun(_) | SecretRole::Unrecognised { .. }
        )
    }

    /// A portal has it, as far as is known.
    pub fn is_used(&self) -> bool {
        matches!(
            self,
            SecretRole::InUse | SecretRole::AssumedInUse | SecretRole::InUseBy(_)
        )
    }
}

/// A client secret with what is known of its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretLine {
    /// The secret, never its value.
    pub credential: PasswordCredential,
    /// What is known of its use.
    pub role: SecretRole,
    /// From when on it is due to go, where it was put down, used or not.
    pub due: Option<Timestamp>,
}

impl SecretLine {
    /// How much it asks for somebody, where a secret counts as expiring for so many days.
    pub fn urgency(&self, expiring_days: u32, now: Timestamp) -> Urgency {
        match (&self.role, self.credential.end) {
            (role, None) if role.is_used() => Urgency::Unknown,
            (role, Some(end)) if role.is_used() => Life::of(end, expiring_days, now).urgency(),
            (SecretRole::Retiring(due), _) if *due > now => Urgency::Waiting,
            (SecretRole::New(_), _) => Urgency::Waiting,
            (SecretRole::Unrecognised { .. }, _) => Urgency::Unknown,
            _ => Urgency::NeedsWork,
        }
    }

    /// How much of its life is left, from 1 down to 0; `None` where Entra doesn't say when it began or ends.
    pub fn life_left(&self, now: Timestamp) -> Option<f64> {
        let (start, end) = (self.credential.start?, self.credential.end?);
        let whole = end.duration_since(start).as_secs_f64();
        let left = end.duration_since(now).as_secs_f64();
        (whole > 0.0).then(|| (left / whole).clamp(0.0, 1.0))
    }
}

/// What a run's short ID at the end of a secret's name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfRun {
    /// A run of this machine that is done.
    Done(String),
    /// A run under way is at work with it, or this process holds its value, in words.
    New(String),
    /// A run that did not end well, or that this machine does not know, in words.
    Left(String),
}

/// The secrets of a registration: the one in use first, then by their end, the first to run out first.
pub fn secret_lines(
    facts: &RegistrationFacts,
    others: &[PortalOfOther],
    retiring: &HashMap<Uuid, Timestamp>,
    of_run: &HashMap<Uuid, OfRun>,
) -> Vec<SecretLine> {
    let Some(application) = facts.application() else {
        return vec![];
    };
    let here = SecretInUse::of(facts);
    let role = |secret: &PasswordCredential| {
        match here {
            SecretInUse::Known(one) if one.key_id == secret.key_id => return SecretRole::InUse,
            SecretInUse::Assumed(one) if one.key_id == secret.key_id => {
                return SecretRole::AssumedInUse;
            }
            _ => {}
        }
        let elsewhere: Vec<Fqdn> = others
            .iter()
            .filter(|one| one.key_id == Some(secret.key_id))
            .map(|one| one.device.clone())
            .collect();
        if !elsewhere.is_empty() {
            return SecretRole::InUseBy(elsewhere);
        }
        if let Some(due) = retiring.get(&secret.key_id) {
            return SecretRole::Retiring(*due);
        }
        match of_run.get(&secret.key_id) {
            Some(OfRun::Done(run)) => SecretRole::Older(run.clone()),
            Some(OfRun::New(how)) => SecretRole::New(how.clone()),
            Some(OfRun::Left(why)) => SecretRole::LeftByRun(why.clone()),
            None => SecretRole::Unrecognised {
                earlier: secret.start.is_some()
                    && matches!(here, SecretInUse::Known(one) if one.start > secret.start),
            },
        }
    };
    let mut lines: Vec<SecretLine> = application
        .password_credentials
        .iter()
        .map(|credential| SecretLine {
            role: role(credential),
            due: retiring.get(&credential.key_id).copied(),
            credential: credential.clone(),
        })
        .collect();
    let first =
        |line: &SecretLine| matches!(line.role, SecretRole::InUse | SecretRole::AssumedInUse);
    lines.sort_by_key(|line| {
        let credential = &line.credential;
        (!first(line), credential.end, credential.key_id)
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::*;

    #[test]
    fn every_secret_has_its_role_and_the_one_in_use_comes_first() {
        let ids: Vec<Uuid> = (1..=6).map(Uuid::from_u128).collect();
        let world = World::with(|world| {
            let all = &mut world.app().password_credentials;
            for (at, id) in ids.iter().enumerate() {
                all.insert(0, secret(*id, in_days(-90), in_days(100 - at as i64)));
            }
        });
        let neighbour = Fqdn::parse("ump2.finebak.com").unwrap();
        let others = [PortalOfOther {
            device: neighbour.clone(),
            key_id: Some(ids[1]),
        }];
        let retiring = HashMap::from([(ids[1], in_days(1)), (ids[2], in_days(3))]);
        let of_run = HashMap::from([
            (ids[3], OfRun::Done("abc123".into())),
            (ids[4], OfRun::Left("its run abc124 was failed".into())),
            (ids[5], OfRun::New("run abc125 is at work with it".into())),
        ]);
        let lines = secret_lines(&world.facts, &others, &retiring, &of_run);
        let role = |id: Uuid| {
            let line = lines.iter().find(|one| one.credential.key_id == id);
            line.unwrap().role.clone()
        };
        assert_eq!(lines[0].credential.key_id, KEY_ID);
        assert_eq!(role(KEY_ID), SecretRole::InUse);
        assert_eq!(
            role(ids[0]),
            SecretRole::Unrecognised { earlier: true },
            "it began before the one in use"
        );
        assert_eq!(
            role(ids[1]),
            SecretRole::InUseBy(vec![neighbour]),
            "put down, but a portal still has it"
        );
        assert_eq!(role(ids[2]), SecretRole::Retiring(in_days(3)));
        assert_eq!(role(ids[3]), SecretRole::Older("abc123".into()));
        assert_eq!(role(ids[4]).key(), "left-by-run");
        assert_eq!(role(ids[5]).key(), "new");
        let ends: Vec<_> = lines[1..].iter().map(|one| one.credential.end).collect();
        assert!(ends.is_sorted());
    }

    #[test]
    fn a_secret_that_somebody_added_after_the_one_in_use_is_not_called_an_earlier_one() {
        let newer = Uuid::from_u128(1);
        let world = World::with(|world| {
            let all = &mut world.app().password_credentials;
            all.push(secret(newer, in_days(-3), in_days(90)));
        });
        let lines = secret_lines(&world.facts, &[], &HashMap::new(), &HashMap::new());
        assert_eq!(
            lines[1].role,
            SecretRole::Unrecognised { earlier: false },
            "{lines:#?}"
        );
        assert_eq!(lines[1].role.words(in_days(0)), "unknown origin");
    }

    #[test]
    fn a_secret_in_use_is_as_urgent_as_its_end_is_near() {
        for (days, urgency) in [
            (-1, Urgency::Broken),
            (3, Urgency::NeedsWork),
            (60, Urgency::NeedsWork),
            (61, Urgency::Good),
        ] {
            let world = World::with(|world| {
                world.app().password_credentials[0].end = Some(in_days(days));
            });
            let lines = secret_lines(&world.facts, &[], &HashMap::new(), &HashMap::new());
            assert_eq!(lines[0].urgency(60, in_days(0)), urgency, "{days}");
        }
    }

    #[test]
    fn where_nothing_is_on_record_the_newest_is_assumed() {
        let world = World::with(|world| world.facts.record = None);
        let lines = secret_lines(&world.facts, &[], &HashMap::new(), &HashMap::new());
        assert_eq!(lines[0].role, SecretRole::AssumedInUse);
        assert!(
            secret_lines(
                &World::unregistered().facts,
                &[],
                &HashMap::new(),
                &HashMap::new()
            )
            .is_empty()
        );
    }
}
