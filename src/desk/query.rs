//! The filter over the fleet: words that must all fit, `!word` to leave out, `status:`, `tenant:` and `secret<30`.

use jiff::Timestamp;
use uuid::Uuid;

use super::event::FleetRow;
use crate::registration::secret::days_left;
use crate::registration::status::Status;

/// A filter as typed, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Text(String),
    Status(String),
    Tenant(String),
    SecretBelow(i64),
    SecretAbove(i64),
}

impl Query {
    /// Takes a filter apart. Everything that is no known form is a word to look for, so nothing is ever refused.
    pub fn parse(text: &str) -> Query {
        let terms = text
            .split_whitespace()
            .filter_map(|word| {
                let (negated, word) = match word.strip_prefix('!') {
                    Some(rest) => (true, rest),
                    None => (false, word),
                };
                (!word.is_empty()).then(|| Term {
                    negated,
                    what: What::parse(&word.to_lowercase()),
                })
            })
            .collect();
        Query { terms }
    }

    /// Does it let everything through?
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Does a row fit? `tenants` gives the tenants' names in lower case.
    pub fn fits(&self, row: &FleetRow, tenant: &dyn Fn(Uuid) -> String, now: Timestamp) -> bool {
        self.terms
            .iter()
            .all(|term| term.what.fits(row, tenant, now) != term.negated)
    }
}

impl What {
    fn parse(word: &str) -> What {
        if let Some(status) = word.strip_prefix("status:") {
            return What::Status(status.to_string());
        }
        if let Some(tenant) = word.strip_prefix("tenant:") {
            return What::Tenant(tenant.to_string());
        }
        if let Some(Ok(days)) = word.strip_prefix("secret<").map(str::parse) {
            return What::SecretBelow(days);
        }
        if let Some(Ok(days)) = word.strip_prefix("secret>").map(str::parse) {
            return What::SecretAbove(days);
        }
        What::Text(word.to_string())
    }

    fn fits(&self, row: &FleetRow, tenant: &dyn Fn(Uuid) -> String, now: Timestamp) -> bool {
        let status = row
            .verdict
            .as_ref()
            .map_or(Status::Unreachable, |verdict| verdict.status);
        let days = || {
            let end = row.verdict.as_ref()?.secret_end?;
            Some(days_left(end, now))
        };
        match self {
            What::Text(text) => {
                row.fqdn.as_str().contains(text.as_str())
                    || status.words().to_lowercase().contains(text)
                    || tenant(row.tenant).contains(text.as_str())
            }
            What::Status(text) => {
                status.key().contains(text.as_str())
                    || status.words().to_lowercase().contains(text.as_str())
            }
            What::Tenant(text) => tenant(row.tenant).contains(text.as_str()),
            What::SecretBelow(limit) => days().is_some_and(|days| days < *limit),
            What::SecretAbove(limit) => days().is_some_and(|days| days > *limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fleet::Fqdn;

    fn row(fqdn: &str) -> FleetRow {
        FleetRow {
            fqdn: Fqdn::parse(fqdn).unwrap(),
            tenant: Uuid::nil(),
            verdict: None,
        }
    }

    #[test]
    fn every_word_must_fit_and_an_excluded_one_must_not() {
        let tenant = |_| "finebak".to_string();
        let fits = |text: &str| {
            Query::parse(text).fits(&row("ump-eu.finebak.com"), &tenant, Timestamp::UNIX_EPOCH)
        };
        assert!(fits(""));
        assert!(fits("UMP eu"));
        assert!(!fits("ump !eu"));
        assert!(fits("tenant:fine status:unreach"));
        assert!(!fits("status:drift"));
        assert!(
            !fits("secret<30"),
            "without a secret there are no days to compare"
        );
        assert!(fits("!"), "a lone ! is not finished yet");
    }
}
