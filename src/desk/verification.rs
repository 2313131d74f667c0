//! Proving a client secret whose value somebody gives: nothing on this machine keeps one.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::event::Trouble;
use super::{Desk, Inner};
use crate::entra::signin::prove;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::{Proof, RegistrationFacts};
use crate::registration::secret::SecretInUse;

/// Which of a registration's secrets a value seems to be, by its first characters, which Entra tells of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// The one that is in use by what is on record.
    InUse,
    /// Another one, by its description.
    Another(String),
    /// None of them, or more than one begins so.
    NotTold,
}

/// What a token request with a given secret showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// What Entra said.
    pub proof: Proof,
    /// Which secret it was.
    pub given: Given,
}

impl Desk {
    /// Asks Entra for a token with a device's registration and this secret. When it is the one on record, the outcome
    /// is kept with the record.
    ///
    /// # Errors
    /// [`Trouble`], when there is no registration to try it with, or the store can't be written.
    pub async fn verify(&self, fqdn: &Fqdn, value: &SecretString) -> Result<Verification, Trouble> {
        let file = self.inner.file(fqdn)?;
        let application = file.facts.application().ok_or_else(|| {
            Trouble::new(
                "the secret can't be proven",
                format!("{fqdn} has no registration"),
                "Create the registration first.",
            )
        })?;
        let ways = self.inner.ways(file.device.tenant)?;
        let login = ways.graph.session().login().clone();
        let graph = ways.site.graph.as_str().to_string();
        let proven = prove(
            &login,
            file.device.tenant,
            application.app_id,
            value,
            &graph,
        )
        .await;
        let proof = Proof {
            at: Timestamp::now(),
            outcome: proven.outcome,
        };
        let given = given(&file.facts, value);
        self.inner.keep_proof(fqdn, &file.facts, &given, &proof)?;
        Ok(Verification { proof, given })
    }
}

impl Inner {
    fn keep_proof(
        &self,
        fqdn: &Fqdn,
        facts: &RegistrationFacts,
        given: &Given,
        proof: &Proof,
    ) -> Result<(), Trouble> {
        let on_record = matches!(SecretInUse::of(facts), SecretInUse::Known(_));
        let Some(record) = facts.record_of_application() else {
            return Ok(());
        };
        if *given != Given::InUse || !on_record {
            return Ok(());
        }
        let mut record = record.clone();
        record.proof = Some(proof.clone());
        self.store.save_portal_record(fqdn, &record)?;
        self.rejudge(fqdn, proof.at)
    }
}

fn given(facts: &RegistrationFacts, value: &SecretString) -> Given {
    let begins = |hint: &Option<String>| {
        let hint = hint.as_deref().filter(|hint| !hint.is_empty());
        hint.is_some_and(|hint| value.expose_secret().starts_with(hint))
    };
    let all = facts.application().map(|app| &app.password_credentials);
    let like_it: Vec<_> = all
        .into_iter()
        .flatten()
        .filter(|one| begins(&one.hint))
        .collect();
    match like_it.as_slice() {
        [only] if SecretInUse::of(facts).credential() == Some(*only) => Given::InUse,
        [only] => Given::Another(only.display_name.clone()),
        _ => Given::NotTold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::World;

    #[test]
    fn a_value_is_told_by_how_it_begins_and_only_when_one_secret_begins_so() {
        let mut world = World::right();
        let application = world.facts.application.value.as_mut().unwrap();
        let credentials = &mut application.as_mut().unwrap().password_credentials;
        credentials[0].hint = Some("abc".into());
        let mut other = credentials[0].clone();
        other.key_id = uuid::Uuid::from_u128(77);
        other.display_name = "somebody's".into();
        other.hint = Some("xyz".into());
        credentials.push(other);
        let of = |value: &str| given(&world.facts, &SecretString::from(value));
        assert_eq!(of("abc~1"), Given::InUse);
        assert_eq!(of("xyz~1"), Given::Another("somebody's".into()));
        assert_eq!(of("qqq~1"), Given::NotTold);
        let application = world.facts.application.value.as_mut().unwrap();
        let credentials = &mut application.as_mut().unwrap().password_credentials;
        credentials[1].hint = Some("abc".into());
        assert_eq!(
            given(&world.facts, &SecretString::from("abc~1")),
            Given::NotTold
        );
    }
}
