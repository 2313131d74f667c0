//! Entra's sign-in error codes (AADSTS…) in plain words, with what to do.

/// What a code means and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// One plain sentence without a full stop.
    pub meaning: &'static str,
    /// What to do, a whole sentence.
    pub next: &'static str,
}

/// The explanation of a code, when it is one that operators meet.
pub fn explain(code: u32) -> Option<Explanation> {
    TABLE
        .iter()
        .find(|(codes, ..)| codes.contains(&code))
        .map(|&(_, meaning, next)| Explanation { meaning, next })
}

/// The first code in an error's text, such as 7000215 in "AADSTS7000215: Invalid client secret…".
pub fn code_in(text: &str) -> Option<u32> {
    let after = text.split("AADSTS").nth(1)?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The table for documents, as Markdown: the rows with any of these codes, in their order, or every row.
pub fn markdown(only: Option<&[u32]>) -> String {
    let row = |(codes, meaning, next): &Row| {
        let codes: Vec<String> = codes.iter().map(|code| format!("AADSTS{code}")).collect();
        format!("| {} | {meaning} | {next} |\n", codes.join(", "))
    };
    let rows: String = match only {
        None => TABLE.iter().map(row).collect(),
        Some(only) => only
            .iter()
            .filter_map(|code| TABLE.iter().find(|(codes, ..)| codes.contains(code)))
            .map(row)
            .collect(),
    };
    format!("\n| number | means | do |\n| --- | --- | --- |\n{rows}")
}

type Row = (&'static [u32], &'static str, &'static str);

const TABLE: &[Row] = &[
    (
        &[50011],
        "the redirect URI is not registered on the application, letter by letter",
        "Compare the redirect URI in the portal with the registration's.",
    ),
    (
        &[50020, 50034, 51004],
        "this account is not in this tenant",
        "Sign in with an account of the tenant, or ask for an invitation of yours.",
    ),
    (
        &[50053],
        "the account is locked, or the sign-in came from an address with a bad reputation",
        "Wait, or ask an administrator to unlock the account.",
    ),
    (
        &[50055],
        "the password has expired",
        "Change the password, then sign in again.",
    ),
    (
        &[50126],
        "user name or password is wrong",
        "Sign in again with the right password.",
    ),
    (
        &[50057],
        "the user account is disabled",
        "Ask an administrator to enable the account, or use another one.",
    ),
    (
        &[50059, 9001023],
        "the sign-in names no single tenant",
        "Set the tenant's ID in the settings; 'common' is not allowed for this way of signing in.",
    ),
    (
        &[50072, 50074, 50076, 50079],
        "multi-factor authentication is needed, or has to be registered first",
        "Sign in again and complete multi-factor authentication.",
    ),
    (
        &[50078, 50173, 700082, 70043],
        "the session is too old or was revoked",
        "Sign in again.",
    ),
    (
        &[50097, 53000, 53001],
        "the tenant wants a registered or compliant device, which a device-code sign-in can't prove",
        "Sign in with a certificate, a client secret or Azure CLI's token instead, or ask the tenant's administrator to exempt this client from the policy.",
    ),
    (
        &[50105],
        "this user is not assigned to the application that signs in",
        "Ask an administrator to assign the user to it under Enterprise applications.",
    ),
    (
        &[50134],
        "the code was confirmed in another data-centre region",
        "Sign in again and confirm the code from the region where this machine is.",
    ),
    (
        &[50158],
        "an external multi-factor or Conditional Access check was not passed",
        "Complete the external check, or ask the tenant's administrator.",
    ),
    (
        &[53003],
        "blocked by Conditional Access; many tenants block device-code sign-in",
        "Sign in with a certificate, a client secret or Azure CLI's token instead, or ask the tenant's administrator to exempt this sign-in.",
    ),
    (
        &[530032, 530035],
        "blocked by the tenant's security policy or security defaults",
        "Ask the tenant's administrator which sign-in is allowed; a certificate or a client secret may be.",
    ),
    (
        &[50194],
        "the application that signs in is single-tenant",
        "Set the tenant's own ID in the settings, or make the application multitenant.",
    ),
    (
        &[50196],
        "Entra detected a loop: sign-ins come too often",
        "Wait a few minutes, then sign in again.",
    ),
    (
        &[65001],
        "nobody has consented yet to the permissions that the application asks for",
        "Ask an administrator to consent to it in this tenant.",
    ),
    (
        &[650056, 90094],
        "an administrator's consent is needed",
        "Ask an administrator to consent to the application that signs in.",
    ),
    (
        &[90095],
        "an administrator's consent has to be requested first",
        "Request it on the sign-in page and wait for the approval.",
    ),
    (
        &[65002],
        "Microsoft's own application is not authorised in advance for this permission",
        "Sign in with a client ID of your own that has it.",
    ),
    (
        &[65004],
        "consent was declined on the sign-in page",
        "If that was a mistake, sign in again and accept.",
    ),
    (
        &[650052, 500011],
        "the resource has no service principal in this tenant: no licence, or not set up",
        "Check the tenant's subscriptions, then create the resource's service principal.",
    ),
    (
        &[650057, 70011, 28002, 700022],
        "a requested permission is not valid, or two resources were requested at once",
        "Check the scopes in the settings.",
    ),
    (
        &[700016, 700011],
        "the application is not found in this tenant",
        "Check the client ID and the tenant; a new application can take a minute to appear.",
    ),
    (
        &[7000112, 70001],
        "the application is disabled, or not known in this tenant",
        "Check under Enterprise applications that sign-in is enabled for it.",
    ),
    (
        &[7000229],
        "the application has no service principal in this tenant",
        "Create the service principal; a new one can take a minute to appear.",
    ),
    (
        &[7000215],
        "the client secret is wrong; often its ID was pasted instead of its value",
        "Use the secret's value; if it is lost, add a new secret.",
    ),
    (
        &[7000222],
        "the client secret has expired",
        "Add a new client secret.",
    ),
    (
        &[7000218],
        "the application is not a public client, so Entra wants a secret",
        "Set 'Allow public client flows' to Yes on it, or use a client secret.",
    ),
    (
        &[700025],
        "the application is a public client and must not send a secret",
        "Sign in with a device code, or use another application.",
    ),
    (
        &[700027, 50012, 50013, 500133],
        "the client assertion is not valid: unknown certificate, wrong signature, or wrong time on this machine",
        "Check the certificate on the application and this machine's time.",
    ),
    (
        &[700054, 70005],
        "this kind of token is not enabled on the application",
        "Tick access tokens and ID tokens under implicit grant on the registration.",
    ),
    (
        &[70016],
        "nobody has entered the code yet",
        "Enter the code on the sign-in page.",
    ),
    (
        &[70018, 90119],
        "the code is wrong or empty",
        "Ask for a new code.",
    ),
    (
        &[70019],
        "the code expired before it was entered",
        "Ask for a new code.",
    ),
    (&[90120], "the code was already used", "Ask for a new code."),
    (
        &[90002, 90038, 900382],
        "the tenant is not known here, or is in another cloud",
        "Check the tenant's ID and the cloud in the settings.",
    ),
    (
        &[90055, 90024, 90033, 50000],
        "Entra is busy or has a temporary fault",
        "Try again in a minute.",
    ),
    (
        &[530034],
        "delegated (partner) administration is blocked: the home account is at risk",
        "Ask the administrator of your own tenant to clear the account's risk.",
    ),
    (
        &[90099],
        "the partner's application is not authorised in the customer's tenant",
        "Ask the customer to authorise it there in advance (GDAP).",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_code_has_two_explanations_and_each_has_both_halves() {
        let mut seen = BTreeSet::new();
        for (codes, meaning, next) in TABLE {
            assert!(!meaning.is_empty() && !meaning.ends_with('.'), "{meaning}");
            assert!(next.ends_with('.'), "{next}");
            for code in *codes {
                assert!(seen.insert(code), "{code} stands twice");
            }
        }
    }

    #[test]
    fn every_code_that_operators_meet_has_its_number_its_words_and_what_to_do() {
        let met = [
            50011, 50020, 50034, 51004, 50053, 50055, 50126, 50057, 50059, 9001023, 50072, 50074,
            50076, 50079, 50078, 50173, 700082, 70043, 50097, 53000, 53001, 50105, 50134, 50158,
            53003, 530032, 530035, 50194, 50196, 65001, 650056, 90094, 90095, 65002, 65004, 650052,
            500011, 650057, 70011, 28002, 700022, 700016, 700011, 7000112, 70001, 7000215, 7000222,
            7000218, 700025, 700027, 50012, 50013, 500133, 700054, 70005, 70016, 70018, 70019,
            90119, 90120, 90002, 90038, 900382, 90055, 90024, 90033, 50000, 530034, 90099,
        ];
        for code in met {
            let refusal = super::super::error::Refusal {
                error: "invalid_grant".into(),
                code: Some(code),
                description: format!("AADSTS{code}: what Entra says"),
                trace_id: None,
                claims: None,
            };
            let sentence = refusal.sentence();
            assert!(sentence.ends_with(&format!("(AADSTS{code})")), "{sentence}");
            assert!(!sentence.contains("what Entra says"), "{code} has no words");
            assert!(refusal.next().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn the_code_is_found_in_entras_text() {
        assert_eq!(
            code_in("AADSTS7000215: Invalid client secret"),
            Some(7000215)
        );
        assert_eq!(code_in("AADSTS"), None);
        assert_eq!(code_in("AADSTS99999999999999"), None);
        assert_eq!(code_in(""), None);
        assert!(explain(7000215).unwrap().meaning.contains("ID was pasted"));
        assert_eq!(explain(1), None);
    }
}
