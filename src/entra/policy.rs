//! App management policies as Graph describes them: how long a client secret may live, and whether there may be one.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::wire::{NotUnderstood, lenient, read, time};
use crate::registration::observed::{SecretPolicy, SecretRestriction, SecretRestrictionKind};
use crate::text::clean;

/// Reads what a policy says of client secrets: the tenant's default (`applicationRestrictions`) or one application's
/// (`restrictions`). A lifetime that can't be read is an error: no limit would be a lie.
pub fn secret_policy(value: Value) -> Result<SecretPolicy, NotUnderstood> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[serde(default, deserialize_with = "lenient")]
        display_name: String,
        #[serde(default, deserialize_with = "lenient")]
        is_enabled: bool,
        #[serde(default, alias = "restrictions", deserialize_with = "lenient")]
        application_restrictions: Restrictions,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Restrictions {
        #[serde(default, deserialize_with = "lenient")]
        password_credentials: Vec<Restriction>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Restriction {
        #[serde(default, deserialize_with = "lenient")]
        restriction_type: String,
        #[serde(default)]
        state: Option<String>,
        #[serde(default)]
        max_lifetime: Option<String>,
        #[serde(default, deserialize_with = "time")]
        restrict_for_apps_created_after_date_time: Option<Timestamp>,
    }
    let wire: Wire = read(value)?;
    let mut policy = SecretPolicy::default();
    if !wire.is_enabled {
        return Ok(policy);
    }
    let name = match clean(&wire.display_name) {
        name if name.is_empty() => "application management policy".to_string(),
        name => name,
    };
    for restriction in wire.application_restrictions.password_credentials {
        if restriction.state.as_deref() == Some("disabled") {
            continue;
        }
        let kind = match restriction.restriction_type.as_str() {
            "passwordAddition" => SecretRestrictionKind::Forbidden,
            "passwordLifetime" => match restriction.max_lifetime {
                Some(text) => SecretRestrictionKind::MaxLifetimeSeconds(
                    duration_seconds(&text)
                        .ok_or_else(|| NotUnderstood(format!("maxLifetime {:?}", clean(&text))))?,
                ),
                None => continue,
            },
            _ => continue,
        };
        policy.restrictions.push(SecretRestriction {
            policy: name.clone(),
            kind,
            apps_created_after: restriction.restrict_for_apps_created_after_date_time,
        });
    }
    Ok(policy)
}

/// Seconds of an ISO 8601 duration; a day is 24 hours, a month 30 days, a year 365 days. `None` when it is none, or
/// is negative.
fn duration_seconds(text: &str) -> Option<i64> {
    const DAY: i64 = 24 * 3600;
    let span: jiff::Span = text.trim().parse().ok()?;
    if span.is_negative() {
        return None;
    }
    [
        (i64::from(span.get_years()), 365 * DAY),
        (i64::from(span.get_months()), 30 * DAY),
        (i64::from(span.get_weeks()), 7 * DAY),
        (i64::from(span.get_days()), DAY),
        (i64::from(span.get_hours()), 3600),
        (span.get_minutes(), 60),
        (span.get_seconds(), 1),
    ]
    .into_iter()
    .try_fold(0i64, |sum, (count, unit)| {
        sum.checked_add(count.checked_mul(unit)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_policy_counts_only_what_is_enabled() {
        let policy = |enabled: bool| {
            secret_policy(json!({
                "displayName": "Default app management", "isEnabled": enabled,
                "applicationRestrictions": {"passwordCredentials": [
                    {"restrictionType": "passwordAddition", "state": "disabled"},
                    {"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": "P180D",
                     "restrictForAppsCreatedAfterDateTime": "2024-01-01T00:00:00Z"},
                    {"restrictionType": "symmetricKeyLifetime", "maxLifetime": "P1D"},
                ]},
            }))
            .unwrap()
            .restrictions
        };
        assert!(policy(false).is_empty());
        let on = policy(true);
        assert_eq!(on.len(), 1);
        assert_eq!(
            on[0].kind,
            SecretRestrictionKind::MaxLifetimeSeconds(180 * 86_400)
        );
        assert_eq!(on[0].policy, "Default app management");
        assert!(on[0].apps_created_after.is_some());
    }

    #[test]
    fn a_lifetime_that_cannot_be_read_is_no_missing_limit() {
        let broken = json!({"isEnabled": true, "restrictions": {"passwordCredentials": [
            {"restrictionType": "passwordLifetime", "maxLifetime": "half a year"}]}});
        assert!(secret_policy(broken).is_err());
    }

    #[test]
    fn iso_durations_become_seconds() {
        assert_eq!(duration_seconds("P180D"), Some(15_552_000));
        assert_eq!(duration_seconds("P4DT12H30M5S"), Some(390_605));
        assert_eq!(duration_seconds("PT0S"), Some(0));
        assert_eq!(duration_seconds("P1Y"), Some(31_536_000));
        for wrong in ["", "180", "P", "-P1D"] {
            assert_eq!(duration_seconds(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_duration_panics(text in "-?P[0-9YMWDTHS.]{0,30}") {
            let _ = duration_seconds(&text);
        }
    }
}
