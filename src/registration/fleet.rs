//! Tenants, UMP devices and customers, and what makes their names, FQDNs and redirect URIs valid.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text::is_invisible;

/// Why a value that somebody typed or imported can't be used, in words for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(pub String);

fn invalid<T>(why: impl Into<String>) -> Result<T, InvalidValue> {
    Err(InvalidValue(why.into()))
}

/// A device's public host name, in lower case: `livecloud.finebak.com`. It identifies the device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fqdn(String);

impl Fqdn {
    /// Accepts a host name of at least two labels by RFC 1123; upper case is lowered.
    ///
    /// # Errors
    /// [`InvalidValue`], which says what is wrong.
    ///
    /// ```
    /// use umpdeck::registration::fleet::Fqdn;
    ///
    /// assert_eq!(Fqdn::parse("UMP-Lab.finebak.com").unwrap().short(), "ump-lab");
    /// assert!(Fqdn::parse("ump-lab").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Fqdn, InvalidValue> {
        let lower = text.trim().to_ascii_lowercase();
        if lower.is_empty() {
            return invalid("the FQDN is empty");
        }
        if lower.len() > 253 {
            return invalid("the FQDN is longer than 253 characters");
        }
        let Some((_, top)) = lower.rsplit_once('.') else {
            return invalid("the FQDN needs a domain, as in ump.example.com");
        };
        for label in lower.split('.') {
            if label.is_empty() {
                return invalid(
                    "the FQDN has an empty label (two dots in a row, or one at an end)",
                );
            }
            if label.len() > 63 {
                return invalid(format!("the label {label} is longer than 63 characters"));
            }
            let fits = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
            if !label.as_bytes().iter().all(fits)
                && let Some(wrong) = label
                    .chars()
                    .find(|c| !c.is_ascii_alphanumeric() && *c != '-')
            {
                return invalid(format!(
                    "{wrong:?} is not allowed in an FQDN: use letters, digits, hyphens and dots"
                ));
            }
            if label.starts_with('-') || label.ends_with('-') {
                return invalid(format!("the label {label} begins or ends with a hyphen"));
            }
        }
        if top.bytes().all(|byte| byte.is_ascii_digit()) {
            return invalid("an IP address is not an FQDN: the redirect URI needs a host name");
        }
        Ok(Fqdn(lower))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first label, which operators call the device by: `livecloud`.
    pub fn short(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Fqdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Fqdn {
    type Error = InvalidValue;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Fqdn::parse(&text)
    }
}

impl From<Fqdn> for String {
    fn from(fqdn: Fqdn) -> String {
        fqdn.0
    }
}

/// A redirect URI by Entra's rules: https, at most 256 characters, compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

impl RedirectUri {
    /// The characters that Entra refuses anywhere in a redirect URI.
    const FORBIDDEN: &'static str = "!$'(),;";

    /// Checks the rules that Entra documents for the *web* platform.
    ///
    /// # Errors
    /// [`InvalidValue`], which names the rule and the part that breaks it.
    pub fn parse(text: &str) -> Result<RedirectUri, InvalidValue> {
        let text = text.trim();
        if text.is_empty() {
            return invalid("the redirect URI is empty");
        }
        if text.chars().count() > 256 {
            return invalid("the redirect URI is longer than 256 characters");
        }
        let Some(rest) = text.strip_prefix("https://") else {
            return invalid("the redirect URI must begin with https://");
        };
        if let Some(wrong) = text.chars().find(|c| {
            Self::FORBIDDEN.contains(*c) || c.is_whitespace() || c.is_control() || !c.is_ascii()
        }) {
            return invalid(format!("Entra refuses {wrong:?} in a redirect URI"));
        }
        if text.contains('*') {
            return invalid("Entra advises against wildcards in redirect URIs: name the host");
        }
        if text.contains('#') {
            return invalid("a redirect URI can't have a fragment (#…)");
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return invalid("a redirect URI can't have a user name");
        }
        let host = match authority.rsplit_once(':') {
            Some((host, port))
                if port.chars().all(|c| c.is_ascii_digit())
                    && port.parse::<u16>().is_ok_and(|port| port > 0) =>
            {
                host
            }
            Some((_, port)) => return invalid(format!("{port:?} is not a port")),
            None => authority,
        };
        Fqdn::parse(host).map_err(|why| InvalidValue(format!("the redirect URI's host: {why}")))?;
        Ok(RedirectUri(text.to_string()))
    }

    /// Differs from `other` only in case or in a slash at the end: `other` was meant to be this one.
    pub fn is_twin_of(&self, other: &str) -> bool {
        self.0 != other
            && self
                .0
                .trim_end_matches('/')
                .eq_ignore_ascii_case(other.trim_end_matches('/'))
    }

    /// Scheme, host and port with the slash after them: `https://ump.example.com/`.
    pub(super) fn origin(&self) -> &str {
        let host = "https://".len();
        let end = self.0[host..]
            .find('/')
            .map_or(self.0.len(), |at| host + at + 1);
        &self.0[..end]
    }

    /// `https://<FQDN><path>`, as step 6 of the procedure has it.
    ///
    /// # Errors
    /// [`InvalidValue`], as for [`RedirectUri::parse`].
    pub fn for_device(fqdn: &Fqdn, path: &str) -> Result<RedirectUri, InvalidValue> {
        RedirectUri::parse(&format!("https://{fqdn}{path}"))
    }

    /// The URI as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidValue;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        RedirectUri::parse(&text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> String {
        uri.0
    }
}

/// The provider's Microsoft Entra tenant, where registrations live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// The directory (tenant) ID.
    pub id: Uuid,
    /// What operators call it.
    pub name: String,
    /// Its primary domain, such as `finebak.com`.
    pub primary_domain: String,
    /// The Partner One (MPN) ID with which its registrations are to be publisher-verified, if any.
    #[serde(default)]
    pub mpn_id: Option<String>,
}

/// How the multitenant portal of a device takes its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortalWay {
    /// By hand: no interface is known; the operator is led through the page and states what was applied.
    Handoff,
    /// Through an interface that the site described in an http profile: settings are read and written.
    Http,
}

impl PortalWay {
    /// Both.
    pub const ALL: [PortalWay; 2] = [PortalWay::Handoff, PortalWay::Http];

    /// The way in one word, as JSON and the store have it.
    pub fn word(self) -> &'static str {
        match self {
            PortalWay::Handoff => "handoff",
            PortalWay::Http => "http",
        }
    }
}

/// One managed UMP-365 device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its public host name, which identifies it.
    pub fqdn: Fqdn,
    /// The tenant that its registration lives in.
    pub tenant: Uuid,
    /// The name of the blueprint that its registration is held against.
    pub blueprint: Arc<str>,
    /// The name of the portal profile that describes its portal page.
    pub portal_profile: Arc<str>,
    /// Whether that profile reads and writes, or leads by hand.
    pub portal_way: PortalWay,
    /// The portal's address; `https://<FQDN>/tenantui` unless the inventory says otherwise.
    pub portal_url: String,
    /// A redirect URI that differs from the blueprint's `https://<FQDN><path>`.
    #[serde(default)]
    pub redirect_uri: Option<RedirectUri>,
    /// The registration's object ID where it was linked by hand (adopted), not found by name.
    #[serde(default)]
    pub linked_object_id: Option<Uuid>,
    /// The Partner One (MPN) ID that its registration is to be verified with; the tenant's unless set.
    #[serde(default)]
    pub mpn_id: Option<String>,
    /// Free text of the site.
    #[serde(default)]
    pub notes: String,
    /// The organisations that it serves, as far as the inventory lists them.
    #[serde(default)]
    pub customers: Vec<Customer>,
}

impl Device {
    /// The alternate key that makes creation repeatable; never changed once a registration bears it.
    pub fn unique_name(&self) -> String {
        format!("umpdeck.{}", self.fqdn)
    }

    /// The display name that a registration gets unless the operator says another one.
    pub fn default_name(&self) -> String {
        format!("UMP Sync {}", self.fqdn.short())
    }
}

/// An organisation served by a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Short name: 3–15 letters, digits, underscore.
    pub short_name: String,
    /// The organisation's name; may be empty.
    #[serde(default)]
    pub full_name: String,
    /// Its own Entra tenant, where known.
    #[serde(default)]
    pub tenant_id: Option<Uuid>,
    /// A redirect URI of its own, wanted on the device's registration beside the device's.
    #[serde(default)]
    pub redirect_uri: Option<RedirectUri>,
}

impl Customer {
    /// Checks a short name by the portal's rule: 3–15 letters, digits, underscore.
    ///
    /// # Errors
    /// [`InvalidValue`], which says what is wrong.
    pub fn valid_short_name(text: &str) -> Result<(), InvalidValue> {
        if !(3..=15).contains(&text.chars().count()) {
            return invalid("a customer's short name has 3 to 15 characters");
        }
        match text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && *c != '_')
        {
            Some(wrong) => invalid(format!(
                "{wrong:?} is not allowed in a short name: use letters, digits and _"
            )),
            None => Ok(()),
        }
    }
}

/// Checks a registration's display name: 1–120 characters, nothing invisible.
///
/// # Errors
/// [`InvalidValue`], which says what is wrong.
pub fn valid_display_name(text: &str) -> Result<(), InvalidValue> {
    if text.trim().is_empty() {
        return invalid("the name is empty");
    }
    if text.chars().count() > 120 {
        return invalid("the name is longer than 120 characters");
    }
    if text.chars().any(is_invisible) {
        return invalid("the name has a control character or an invisible one");
    }
    Ok(())
}

/// Checks a Partner One (MPN) ID: digits, the global account's.
///
/// # Errors
/// [`InvalidValue`], which says what is wrong.
pub fn valid_mpn_id(text: &str) -> Result<(), InvalidValue> {
    if text.is_empty() || text.len() > 20 || !text.chars().all(|c| c.is_ascii_digit()) {
        return invalid("a Partner One (MPN) ID is a number: that of the partner's global account");
    }
    Ok(())
}

/// Checks a secret's lifetime in months: Entra's portal offers no more.
///
/// # Errors
/// [`InvalidValue`], which says what is wrong.
pub fn valid_secret_months(months: u32) -> Result<(), InvalidValue> {
    match months {
        1..=24 => Ok(()),
        _ => invalid("a secret lasts 1 to 24 months"),
    }
}

/// Checks notes on a device or its registration: at most 1024 characters, as Graph takes.
///
/// # Errors
/// [`InvalidValue`], which says what is wrong.
pub fn valid_notes(text: &str) -> Result<(), InvalidValue> {
    const LONGEST: usize = 1024;
    match text.chars().count() {
        0..=LONGEST => Ok(()),
        _ => invalid(format!("notes are longer than {LONGEST} characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fqdn_is_lowered_and_trimmed() {
        assert_eq!(
            Fqdn::parse(" LiveCloud.Finebak.com ").unwrap().as_str(),
            "livecloud.finebak.com"
        );
        assert_eq!(
            Fqdn::parse("livecloud.finebak.com").unwrap().short(),
            "livecloud"
        );
    }

    #[test]
    fn fqdn_refuses_what_dns_refuses() {
        for wrong in [
            "", "ump", "ump..com", "-a.com", "a-.com", "a_b.com", "10.0.0.1", ".com", "a.com.",
            "a b.com",
        ] {
            assert!(Fqdn::parse(wrong).is_err(), "{wrong:?} was accepted");
        }
    }

    #[test]
    fn redirect_uri_follows_entras_rules() {
        for wrong in [
            "",
            "http://ump.example.com/a",
            "https://ump.example.com/a(b)",
            "https://*.example.com/a",
            "https://ump.example.com/a#b",
            "https://ump.example.com:0/a",
            "https://ump.example.com:+80/a",
            "https://u@ump.example.com/",
            "https://ump",
            "https://ump.example.com/ä",
        ] {
            assert!(RedirectUri::parse(wrong).is_err(), "{wrong:?} was accepted");
        }
        let long = format!("https://ump.example.com/{}", "a".repeat(256));
        assert!(RedirectUri::parse(&long).is_err());
        assert!(
            RedirectUri::parse("https://ump.example.com:8443/authenticate/OAuth2Callback").is_ok()
        );
    }

    #[test]
    fn a_name_with_something_invisible_is_refused() {
        assert!(valid_display_name("UMP Sync Münster").is_ok());
        for wrong in [
            "",
            "  ",
            "a\nb",
            "a\u{202e}b",
            "a\u{200b}b",
            "\u{feff}a",
            "a\u{e0041}b",
        ] {
            assert!(valid_display_name(wrong).is_err(), "{wrong:?}");
        }
        assert!(valid_display_name(&"a".repeat(121)).is_err());
    }

    #[test]
    fn a_short_name_follows_the_portals_rule() {
        for right in ["abc", "Acme_2", "a23456789012345"] {
            assert!(Customer::valid_short_name(right).is_ok(), "{right}");
        }
        for wrong in ["ab", "a234567890123456", "a-b", "ä_b"] {
            assert!(Customer::valid_short_name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_twin_differs_in_case_or_in_a_slash_at_the_end_only() {
        let uri = RedirectUri::parse("https://ump.example.com/a/B").unwrap();
        for twin in [
            "https://ump.example.com/a/b",
            "https://UMP.example.com/a/B/",
        ] {
            assert!(uri.is_twin_of(twin), "{twin}");
        }
        for other in [
            "https://ump.example.com/a/B",
            "https://ump.example.com/a",
            "https://ump.example.com/a/B/c",
        ] {
            assert!(!uri.is_twin_of(other), "{other}");
        }
        assert_eq!(uri.origin(), "https://ump.example.com/");
    }

    proptest! {
        #[test]
        fn a_device_with_a_valid_fqdn_has_a_valid_redirect_uri(label in "[a-z][a-z0-9]{0,20}", top in "[a-z]{2,10}") {
            let fqdn = Fqdn::parse(&format!("{label}.{top}")).unwrap();
            prop_assert!(RedirectUri::for_device(&fqdn, "/authenticate/OAuth2Callback").is_ok());
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,300}") {
            let _ = (Fqdn::parse(&text), RedirectUri::parse(&text), Customer::valid_short_name(&text));
        }
    }
}
