//! The tokens: real JWTs, signed with the training key, so that foreign clients can read them too.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

/// A training key: public, worthless, good for the sandbox alone (assets/sandbox/README.md).
const TRAINING_KEY: &[u8] = include_bytes!("../../assets/sandbox/training-signing-key.der");

/// The key's name in tokens and in the list of keys.
const KEY_ID: &str = "sandbox-training-key";

/// How long a token is good, in seconds.
pub(super) const LIFETIME_SECONDS: i64 = 3600;

pub(super) struct Signer {
    key: RsaKeyPair,
    random: SystemRandom,
}

/// The training key can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox's training key can't be read: {0}")]
pub(super) struct BadKey(ring::error::KeyRejected);

impl Signer {
    pub fn new() -> Result<Signer, BadKey> {
        Ok(Signer {
            key: RsaKeyPair::from_pkcs8(TRAINING_KEY).map_err(BadKey)?,
            random: SystemRandom::new(),
        })
    }

    /// The public half as a JSON Web Key.
    pub fn public_key(&self) -> Value {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.key.public());
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": KEY_ID,
            "x5t": KEY_ID,
            "n": URL_SAFE_NO_PAD.encode(public.n),
            "e": URL_SAFE_NO_PAD.encode(public.e),
        })
    }

    /// The claims as a signed token; `None` when the machine has no randomness to give.
    pub fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": KEY_ID, "x5t": KEY_ID});
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &self.random,
                signed.as_bytes(),
                &mut signature,
            )
            .ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token that this key signed and that is in its time for this audience.
    pub fn verify(&self, token: &str, audience: &str, now: Timestamp) -> Result<Claims, Refusal> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (_, payload) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| Refusal::Malformed)?;
        let public = self.key.public().as_ref();
        ring::signature::UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(signed.as_bytes(), &signature)
            .map_err(|_| Refusal::Signature)?;
        let claims: Value = URL_SAFE_NO_PAD
            .decode(payload)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or(Refusal::Malformed)?;
        let claims = Claims(claims);
        if claims.text("aud") != Some(audience) {
            return Err(Refusal::Audience);
        }
        let seconds = |name| claims.0.get(name).and_then(Value::as_i64);
        let now = now.as_second();
        if seconds("exp").is_none_or(|end| end <= now)
            || seconds("nbf").is_none_or(|start| start > now + 300)
        {
            return Err(Refusal::Expired);
        }
        Ok(claims)
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A verified token's content.
pub(super) struct Claims(pub Value);

impl Claims {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Whether the application speaks for itself, with nobody signed in.
    pub fn app_only(&self) -> bool {
        self.text("idtyp") == Some("app")
    }

    /// Whether one of these scopes (delegated) or roles (app-only) is in the token.
    pub fn allows(&self, any_of: &[&str]) -> bool {
        if self.app_only() {
            self.0
                .get("roles")
                .and_then(Value::as_array)
                .is_some_and(|roles| {
                    roles
                        .iter()
                        .filter_map(Value::as_str)
                        .any(|role| any_of.contains(&role))
                })
        } else {
            self.text("scp")
                .is_some_and(|scopes| scopes.split(' ').any(|scope| any_of.contains(&scope)))
        }
    }
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Malformed,
    Signature,
    Audience,
    Expired,
}

impl Refusal {
    pub fn words(self) -> &'static str {
        match self {
            Refusal::Malformed => "CompactToken parsing failed with error code: 80049217",
            Refusal::Signature => "Access token validation failure. Invalid signature.",
            Refusal::Audience => "Access token validation failure. Invalid audience.",
            Refusal::Expired => "Lifetime validation failed, the token is expired.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_audience_and_time_only() {
        let signer = Signer::new().unwrap();
        let now = Timestamp::now();
        let start = now.as_second();
        let token = signer
            .sign(&json!({"aud": "a", "nbf": start, "exp": start + 60}))
            .unwrap();
        assert!(signer.verify(&token, "a", now).is_ok());
        assert_eq!(
            signer.verify(&token, "b", now).err(),
            Some(Refusal::Audience)
        );
        let late = super::super::state::days_from(now, 1);
        assert_eq!(
            signer.verify(&token, "a", late).err(),
            Some(Refusal::Expired)
        );
        let mut forged = token.clone();
        forged.insert(5, 'x');
        assert_eq!(
            signer.verify(&forged, "a", now).err(),
            Some(Refusal::Signature)
        );
    }
}
