//! When a client secret may go: once every portal that shares its registration surely has another one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SecretInUse;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::{PasswordCredential, ProofOutcome, RegistrationFacts};

/// What is on record of the portal of another device that shares the registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalOfOther {
    /// That other device.
    pub device: Fqdn,
    /// The key ID of the secret that went to its portal; `None` = nothing on record says which.
    pub key_id: Option<Uuid>,
}

/// Whether a secret may be removed. `Ok` with what is not certain although nothing speaks against it; a secret that was
/// put down to go is removed by itself only where that is nothing.
///
/// # Errors
/// Why it stays, and what would change that.
pub fn may_go(
    secret: &PasswordCredential,
    facts: &RegistrationFacts,
    others: &[PortalOfOther],
    now: Timestamp,
) -> Result<Vec<String>, String> {
    let here = SecretInUse::of(facts);
    let in_use = match here {
        SecretInUse::Known(one) if one.key_id == secret.key_id => {
            return Err("it is the one in use; rotate it, which replaces it".to_string());
        }
        SecretInUse::Assumed(one) if one.key_id == secret.key_id => {
            return Err(
                "nothing on record says which secret the portal has, and this newest one is assumed to be it; push or rotate first"
                    .to_string(),
            );
        }
        SecretInUse::Gone => {
            return Err(
                "the secret in use, by the record, is no longer in Entra, so the portal may be using this one; rotate first"
                    .to_string(),
            );
        }
        SecretInUse::None => return Ok(vec![]),
        SecretInUse::Known(one) | SecretInUse::Assumed(one) => one,
    };
    let application = facts.application();
    let all = application.map_or(&[][..], |app| &app.password_credentials);
    let name = in_use.named_among(all);
    if in_use.end.is_some_and(|end| end <= now) {
        return Err(format!(
            "{name}, the one in use, has expired, so the portal may be using this one; rotate first"
        ));
    }
    let has_it = |one: &&PortalOfOther| one.key_id == Some(secret.key_id);
    if let Some(names) = named(others.iter().filter(has_it)) {
        return Err(format!(
            "{names} shares this registration, and its portal has this secret; rotate or push there first"
        ));
    }
    if let Some(names) = named(others.iter().filter(|one| one.key_id.is_none())) {
        return Err(format!(
            "{names} shares this registration, and nothing on record says which secret its portal has; push there first"
        ));
    }
    let mut cautions = Vec::new();
    if let SecretInUse::Assumed(_) = here {
        cautions.push(format!(
            "nothing on record says which secret the portal has: {name}, the newest, is assumed to be it"
        ));
        return Ok(cautions);
    }
    let proof = facts
        .record_of_application()
        .and_then(|record| record.proof.as_ref());
    match proof.map(|proof| &proof.outcome) {
        Some(ProofOutcome::Accepted) => {}
        Some(ProofOutcome::Refused(why)) => {
            return Err(format!(
                "Entra refuses {name}, the one in use ({why}), so the portal may be using this one; rotate first"
            ));
        }
        Some(ProofOutcome::Unknown(why)) => {
            cautions.push(format!("{name}, the one in use, is not proven: {why}"))
        }
        None => cautions.push(format!(
            "{name}, the one in use, was never proven by a token request"
        )),
    }
    Ok(cautions)
}

fn named<'a>(all: impl Iterator<Item = &'a PortalOfOther>) -> Option<String> {
    let names: Vec<&str> = all.map(|one| one.device.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::*;
    use crate::registration::observed::{Proof, RecordSource};

    const OLD: Uuid = Uuid::from_u128(0x01d);

    /// The portal has KEY_ID, proven; OLD is still in Entra.
    fn rotated() -> World {
        World::with(|world| {
            let old = secret(OLD, in_days(-400), in_days(20));
            world.app().password_credentials.insert(0, old);
        })
    }

    fn go(world: &World, key_id: Uuid, others: &[PortalOfOther]) -> Result<Vec<String>, String> {
        let all = &world.facts.application().unwrap().password_credentials;
        let secret = all.iter().find(|one| one.key_id == key_id).unwrap();
        may_go(secret, &world.facts, others, now())
    }

    fn other(key_id: Option<Uuid>) -> PortalOfOther {
        PortalOfOther {
            device: Fqdn::parse("ump2.finebak.com").unwrap(),
            key_id,
        }
    }

    #[test]
    fn an_earlier_secret_goes_once_the_portal_has_a_proven_one() {
        assert_eq!(go(&rotated(), OLD, &[]), Ok(vec![]));
        assert!(go(&rotated(), KEY_ID, &[]).unwrap_err().contains("in use"));
    }

    #[test]
    fn on_a_shared_registration_it_goes_only_when_every_portal_surely_has_another() {
        let world = rotated();
        assert_eq!(go(&world, OLD, &[other(Some(KEY_ID))]), Ok(vec![]));
        for (key_id, says) in [(Some(OLD), "has this secret"), (None, "nothing on record")] {
            let others = [other(Some(KEY_ID)), other(key_id)];
            let why = go(&world, OLD, &others).unwrap_err();
            assert!(
                why.contains(says) && why.contains("ump2.finebak.com"),
                "{why}"
            );
        }
    }

    #[test]
    fn nothing_goes_while_the_one_in_use_is_no_good() {
        let bad: [fn(&mut World); 3] = [
            |world| world.record().key_id = Some(Uuid::nil()),
            |world| world.app().password_credentials[1].end = Some(now()),
            |world| {
                world.record().proof = Some(Proof {
                    at: now(),
                    outcome: ProofOutcome::Refused("AADSTS7000215".into()),
                });
            },
        ];
        for change in bad {
            let mut world = rotated();
            change(&mut world);
            assert!(go(&world, OLD, &[]).unwrap_err().contains("rotate first"));
        }
    }

    #[test]
    fn what_nobody_proved_is_said_and_what_nobody_knows_keeps_the_newest() {
        let mut world = rotated();
        world.record().proof = None;
        assert_eq!(go(&world, OLD, &[]).unwrap().len(), 1);
        world.record().proof = Some(Proof {
            at: now(),
            outcome: ProofOutcome::Unknown("AADSTS53003".into()),
        });
        assert!(go(&world, OLD, &[]).unwrap()[0].contains("AADSTS53003"));
        world.facts.record = None;
        assert_eq!(go(&world, OLD, &[]).unwrap().len(), 1);
        assert!(go(&world, KEY_ID, &[]).is_err());
        world.facts.record = Some(record(RecordSource::Stated));
        assert_eq!(go(&world, OLD, &[]), Ok(vec![]));
    }
}
