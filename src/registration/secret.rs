//! Client secrets: which one is in use, how long it lasts, and how long a new one may live.

pub mod retire;
pub mod role;

use jiff::{SignedDuration, Span, Timestamp, Unit, tz::TimeZone};

use uuid::Uuid;

use super::observed::{
    Application, PasswordCredential, RegistrationFacts, SecretPolicy, SecretRestrictionKind,
};
use super::status::Urgency;
use crate::text::days_left;

/// The secret that the portal uses, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretInUse<'a> {
    /// The one of the last push or statement, and Entra has it.
    Known(&'a PasswordCredential),
    /// The one of the last push or statement is no longer in Entra.
    Gone,
    /// No push or statement is on record: the newest one, assumed.
    Assumed(&'a PasswordCredential),
    /// The registration has no client secret.
    None,
}

impl<'a> SecretInUse<'a> {
    /// Finds it: the key ID on record decides, not the newest date.
    pub fn of(facts: &'a RegistrationFacts) -> SecretInUse<'a> {
        let Some(application) = facts.application() else {
            return SecretInUse::None;
        };
        let record = facts.record_of_application();
        if let Some(key_id) = record.and_then(|record| record.key_id) {
            let known = application
                .password_credentials
                .iter()
                .find(|one| one.key_id == key_id);
            return known.map_or(SecretInUse::Gone, SecretInUse::Known);
        }
        newest(application, &facts.undelivered).map_or(SecretInUse::None, SecretInUse::Assumed)
    }

    /// The credential, when Entra has it.
    pub fn credential(&self) -> Option<&'a PasswordCredential> {
        match self {
            SecretInUse::Known(credential) | SecretInUse::Assumed(credential) => Some(credential),
            SecretInUse::Gone | SecretInUse::None => None,
        }
    }
}

/// The secret that was added last (of equal ones, the one that ends last); one that a run left undelivered only when
/// there is no other.
fn newest<'a>(
    application: &'a Application,
    undelivered: &[Uuid],
) -> Option<&'a PasswordCredential> {
    let delivered = |one: &PasswordCredential| !undelivered.contains(&one.key_id);
    application
        .password_credentials
        .iter()
        .max_by_key(|one| (delivered(one), one.start, one.end))
}

/// How a secret stands to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It is good for longer than the blueprint wants to be told of.
    Good,
    /// It runs out soon.
    Expiring,
    /// It ran out.
    Expired,
}

impl Life {
    /// Of a secret that ends at `end`, where it counts as expiring for so many days.
    pub fn of(end: Timestamp, expiring_days: u32, now: Timestamp) -> Life {
        if end <= now {
            Life::Expired
        } else if expiring_from(end, expiring_days) <= now {
            Life::Expiring
        } else {
            Life::Good
        }
    }

    /// How urgent that is, where a portal uses the secret.
    pub fn urgency(self) -> Urgency {
        match self {
            Life::Good => Urgency::Good,
            Life::Expiring => Urgency::NeedsWork,
            Life::Expired => Urgency::Broken,
        }
    }
}

/// The next moment at which a secret's [`Life`] turns by itself; `None` = it ran out.
pub fn next_turn(end: Timestamp, expiring_days: u32, now: Timestamp) -> Option<Timestamp> {
    let turns = [expiring_from(end, expiring_days), end];
    turns.into_iter().find(|turn| *turn > now)
}

/// From when on a secret that ends at `end` counts as expiring.
fn expiring_from(end: Timestamp, expiring_days: u32) -> Timestamp {
    end.checked_sub(SignedDuration::from_hours(24 * i64::from(expiring_days)))
        .unwrap_or(Timestamp::MIN)
}

/// "412 days left, until 2028-01-09"; "expired on 2026-11-21 (3 days ago)".
pub fn expiry_words(end: Timestamp, now: Timestamp) -> String {
    let date = crate::text::day(end);
    match days_left(end, now) {
        left if left < 0 => format!("expired on {date} ({} ago)", days(-left)),
        left => format!("{} left, until {date}", days(left)),
    }
}

fn days(count: i64) -> String {
    if count == 1 {
        "1 day".to_string()
    } else {
        format!("{count} days")
    }
}

/// "180 days", "12 hours".
fn duration_words(seconds: i64) -> String {
    match seconds / 86_400 {
        0 => format!("{} hours", seconds / 3_600),
        whole => days(whole),
    }
}

/// When a new secret is to end, and which policy shortened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetime {
    /// `endDateTime` of the new secret.
    pub end: Timestamp,
    /// The policy that shortened it, in words; `None` = nothing did.
    pub shortened_by: Option<String>,
}

/// The end of a secret that is added now: `months` from now, or what policy allows, whichever is less.
/// `created` is the application's creation time, since a policy may apply to newer applications only.
///
/// # Errors
/// The name of the policy that forbids client secrets for this application altogether.
pub fn lifetime(
    months: u32,
    policy: Option<&SecretPolicy>,
    created: Timestamp,
    now: Timestamp,
) -> Result<Lifetime, String> {
    let asked = months_from(now, months);
    let mut lifetime = Lifetime {
        end: asked,
        shortened_by: None,
    };
    let applies = policy
        .into_iter()
        .flat_map(|policy| &policy.restrictions)
        .filter(|one| one.apps_created_after.is_none_or(|after| created > after));
    for restriction in applies {
        match restriction.kind {
            SecretRestrictionKind::Forbidden => return Err(restriction.policy.clone()),
            // A secret that may not live at all is one that may not be added.
            SecretRestrictionKind::MaxLifetimeSeconds(..=0) => {
                return Err(restriction.policy.clone());
            }
            SecretRestrictionKind::MaxLifetimeSeconds(seconds) => {
                let Ok(cap) = now.checked_add(SignedDuration::from_secs(seconds)) else {
                    continue;
                };
                if cap < lifetime.end {
                    lifetime = Lifetime {
                        end: cap,
                        shortened_by: Some(format!(
                            "the policy \"{}\" caps a secret at {}",
                            restriction.policy,
                            duration_words(seconds)
                        )),
                    };
                }
            }
        }
    }
    Ok(lifetime)
}

/// `months` calendar months after `now`, in UTC, to the second.
fn months_from(now: Timestamp, months: u32) -> Timestamp {
    let zoned = now.to_zoned_datetime(TimeZone::UTC);
    let later = Span::new()
        .try_months(i64::from(months))
        .and_then(|span| zoned.checked_add(span))
        .unwrap_or_else(|_| zoned.clone());
    later.timestamp().round(Unit::Second).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::observed::SecretRestriction;
    use crate::text::days_words;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_sentence_and_a_column_count_the_same_days() {
        let now = at("2026-11-24T12:00:00Z");
        assert_eq!(
            expiry_words(at("2026-11-24T11:59:59Z"), now),
            format!("expired on 2026-11-24 ({})", days_words(-1))
        );
        assert_eq!(
            expiry_words(at("2026-11-21T11:00:00Z"), now),
            "expired on 2026-11-21 (3 days ago)"
        );
        assert_eq!(
            expiry_words(at("2026-11-25T13:00:00Z"), now),
            "1 day left, until 2026-11-25"
        );
    }

    #[test]
    fn the_policy_that_shortens_a_secret_is_named() {
        let now = at("2026-11-24T00:00:00Z");
        let policy = SecretPolicy {
            restrictions: vec![SecretRestriction {
                policy: "Default app policy".into(),
                kind: SecretRestrictionKind::MaxLifetimeSeconds(180 * 86_400),
                apps_created_after: None,
            }],
        };
        let capped = lifetime(24, Some(&policy), now, now).unwrap();
        assert_eq!(capped.end, at("2027-05-23T00:00:00Z"));
        assert!(capped.shortened_by.unwrap().contains("Default app policy"));
        let free = lifetime(3, Some(&policy), now, now).unwrap();
        assert_eq!(
            free,
            Lifetime {
                end: at("2027-02-24T00:00:00Z"),
                shortened_by: None
            }
        );
    }

    #[test]
    fn of_several_policies_the_strictest_is_named() {
        let now = at("2026-11-24T00:00:00Z");
        let cap = |policy: &str, hours: i64| SecretRestriction {
            policy: policy.into(),
            kind: SecretRestrictionKind::MaxLifetimeSeconds(hours * 3_600),
            apps_created_after: None,
        };
        let policy = SecretPolicy {
            restrictions: vec![cap("loose", 240), cap("strict", 12), cap("middle", 48)],
        };
        let lifetime = lifetime(24, Some(&policy), now, now).unwrap();
        assert_eq!(lifetime.end, at("2026-11-24T12:00:00Z"));
        assert_eq!(
            lifetime.shortened_by.unwrap(),
            "the policy \"strict\" caps a secret at 12 hours"
        );
    }

    #[test]
    fn a_month_is_a_calendar_month_and_no_number_of_them_panics() {
        let now = at("2027-08-31T10:00:00Z");
        let end = |months| lifetime(months, None, now, now).unwrap().end;
        assert_eq!(end(6), at("2028-02-29T10:00:00Z"));
        assert_eq!(end(u32::MAX), now);
    }

    #[test]
    fn a_policy_for_newer_applications_leaves_older_ones_alone() {
        let now = at("2026-11-24T00:00:00Z");
        let policy = SecretPolicy {
            restrictions: vec![SecretRestriction {
                policy: "No secrets".into(),
                kind: SecretRestrictionKind::Forbidden,
                apps_created_after: Some(at("2026-01-01T00:00:00Z")),
            }],
        };
        assert!(lifetime(24, Some(&policy), at("2025-06-01T00:00:00Z"), now).is_ok());
        assert_eq!(
            lifetime(24, Some(&policy), now, now).unwrap_err(),
            "No secrets"
        );
    }

    #[test]
    fn a_secret_that_a_run_left_undelivered_is_not_assumed_to_be_in_use() {
        use crate::registration::fixtures::{World, secret};
        let now = at("2026-11-24T00:00:00Z");
        let (old, new) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut world = World::right();
        world.facts.record = None;
        world.app().password_credentials = vec![
            secret(old, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")),
            secret(new, now, at("2028-11-24T00:00:00Z")),
        ];
        let assumed = |world: &World| SecretInUse::of(&world.facts).credential().unwrap().key_id;
        assert_eq!(assumed(&world), new);
        world.facts.undelivered = vec![new];
        assert_eq!(assumed(&world), old);
        world.facts.undelivered = vec![old, new];
        assert_eq!(assumed(&world), new, "there is no other");
    }
}
