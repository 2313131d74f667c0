//! Does Entra accept a registration's own pair of client ID and secret? One token request tells.

use secrecy::SecretString;
use uuid::Uuid;

use super::error::SignInError;
use super::token_endpoint;
use crate::http::{Client, FormValue, Request};
use crate::registration::observed::ProofOutcome;

/// What a proof showed, with Entra's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// What it showed, in words.
    pub outcome: ProofOutcome,
    /// The AADSTS number of a refusal.
    pub code: Option<u32>,
}

/// Asks for a token with the pair. `resource` is the resource's bare address, as `https://graph.microsoft.com`; what
/// the token could do there does not matter, and it is thrown away.
pub async fn prove(
    login: &Client,
    tenant: Uuid,
    client_id: Uuid,
    secret: &SecretString,
    resource: &str,
) -> Proven {
    let request = request(
        tenant,
        &client_id.to_string(),
        secret.clone().into(),
        resource,
    );
    let granted = match login.send(&request, None).await {
        Ok(answer) => token_endpoint::granted(answer),
        Err(error) => Err(error.into()),
    };
    match granted {
        Ok(_) => Proven {
            outcome: ProofOutcome::Accepted,
            code: None,
        },
        Err(SignInError::Refused(refusal)) => Proven {
            outcome: if refusal.code.is_some_and(is_about_the_pair) {
                ProofOutcome::Refused(refusal.sentence())
            } else {
                ProofOutcome::Unknown(refusal.sentence())
            },
            code: refusal.code,
        },
        Err(other) => Proven {
            outcome: ProofOutcome::Unknown(other.to_string()),
            code: None,
        },
    }
}

/// The request that asks for it. What is not known yet is given as a blank that the preview of a plan names.
pub fn request(tenant: Uuid, client_id: &str, secret: FormValue, resource: &str) -> Request {
    let form = vec![
        ("grant_type", "client_credentials".into()),
        ("client_id", client_id.into()),
        ("client_secret", secret),
        ("scope", format!("{resource}/.default").into()),
    ];
    token_endpoint::request(tenant, "token", form)
}

/// The codes that judge the pair itself; others (Conditional Access, throttling) say nothing of it.
fn is_about_the_pair(code: u32) -> bool {
    matches!(
        code,
        7000215 | 7000222 | 7000112 | 7000229 | 700016 | 700025
    )
}

/// Whether this can be the delay that follows an addPassword or the creation of a service principal; the caller
/// decides how long after its own change it believes that (60 s).
pub fn is_propagation(proven: &Proven) -> bool {
    matches!(proven.code, Some(7000215 | 7000229 | 700016))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_codes_of_a_lagging_directory_count_as_propagation() {
        let proven = |code| Proven {
            outcome: ProofOutcome::Unknown(String::new()),
            code,
        };
        for code in [7000215, 7000229, 700016] {
            assert!(is_propagation(&proven(Some(code))));
        }
        for code in [Some(7000222), Some(53003), None] {
            assert!(!is_propagation(&proven(code)));
        }
    }
}
