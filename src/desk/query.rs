//! The filter over the fleet: words that must all fit, `!word` to leave out, `status:`, `tenant:`, `customer:` and
//! `secret<30`; what is wrong with one while it is typed, and how its last word may go on.

use jiff::Timestamp;
use uuid::Uuid;

use super::event::FleetRow;
use crate::registration::fleet::Fqdn;
use crate::registration::status::Status;
use crate::text::days_left;

/// What a filter may be made of, as it is told where one can be given.
pub const SYNTAX: &str = "words, !word, status:drift, tenant:name, customer:name, secret<30";

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
    Customer(String),
    SecretBelow(i64),
    SecretAbove(i64),
}

/// The names that a filter looks in, in lower case.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// A tenant's name.
    pub tenant: &'a dyn Fn(Uuid) -> String,
    /// Whether a device has a customer whose name has the text in it.
    pub has_customer: &'a dyn Fn(&Fqdn, &str) -> bool,
}

impl Query {
    /// Takes a filter apart. Everything that is no known form is a word to look for, so nothing is ever refused.
    pub fn parse(text: &str) -> Query {
        let terms = text
            .split_whitespace()
            .filter_map(|word| {
                let (negated, word) = bare(word);
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

    /// Does it look for customers?
    pub fn asks_for_customers(&self) -> bool {
        let mut terms = self.terms.iter();
        terms.any(|term| matches!(term.what, What::Customer(_)))
    }

    /// Does a row fit?
    pub fn fits(&self, row: &FleetRow, names: Names<'_>, now: Timestamp) -> bool {
        self.terms
            .iter()
            .all(|term| term.what.fits(row, names, now) != term.negated)
    }

    /// What is wrong with a filter, in a sentence; `tenants` are the names that there are. A last word that is not
    /// finished yet is not wrong yet.
    pub fn trouble(text: &str, tenants: &[String]) -> Option<String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let typing = !text.ends_with(char::is_whitespace);
        words.iter().enumerate().find_map(|(at, word)| {
            let last = typing && at + 1 == words.len();
            wrong(&bare(word).1.to_lowercase(), last, tenants)
        })
    }

    /// How the last word may go on: the whole filter with each of the ways, the nearest first.
    pub fn completions(text: &str, tenants: &[String]) -> Vec<String> {
        let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
        let typed = bare(last).1.to_lowercase();
        if typed.is_empty() {
            return vec![];
        }
        let begin = &text[..text.len() - typed.len().min(text.len())];
        let statuses = Status::ALL.map(|status| format!("status:{}", status.key()));
        let first_words = tenants
            .iter()
            .filter_map(|name| name.split_whitespace().next())
            .map(|word| format!("tenant:{}", word.to_lowercase()));
        let forms = FORMS.iter().map(|(form, _)| form.to_string());
        let mut all: Vec<String> = forms.chain(statuses).chain(first_words).collect();
        all.retain(|one| one.starts_with(&typed) && *one != typed);
        all.dedup();
        all.into_iter().map(|one| format!("{begin}{one}")).collect()
    }
}

/// The forms that a term may have, each with what stands behind it.
const FORMS: [(&str, &str); 5] = [
    ("status:", "a status, such as status:drift"),
    ("tenant:", "a tenant's name, such as tenant:acme"),
    ("customer:", "a customer's name, such as customer:acme"),
    ("secret<", "a number of days, such as secret<30"),
    ("secret>", "a number of days, such as secret>30"),
];

/// Whether a word is to be left out, and the word itself.
fn bare(word: &str) -> (bool, &str) {
    match word.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, word),
    }
}

fn wrong(word: &str, typing: bool, tenants: &[String]) -> Option<String> {
    let Some((form, means)) = FORMS.iter().find(|(form, _)| word.starts_with(form)) else {
        let (name, _) = word.split_once([':', '<', '>', '='])?;
        let known: Vec<&str> = FORMS.iter().map(|(form, _)| *form).collect();
        let name = crate::text::clean(name);
        return Some(format!(
            "there is no filter {name}; there are {}",
            known.join(" ")
        ));
    };
    let value = &word[form.len()..];
    if value.is_empty() {
        return (!typing).then(|| format!("after {form} comes {means}"));
    }
    let shown = crate::text::clean(value);
    match *form {
        "status:" => {
            let fits = |status: &Status| {
                status.key().contains(value) || status.words().to_lowercase().contains(value)
            };
            let keys = Status::ALL.map(Status::key);
            (!Status::ALL.iter().any(fits)).then(|| {
                format!(
                    "no status has {shown:?} in it; there are {}",
                    keys.join(" ")
                )
            })
        }
        "tenant:" => (!tenants
            .iter()
            .any(|name| name.to_lowercase().contains(value)))
        .then(|| format!("no tenant has {shown:?} in its name")),
        "secret<" | "secret>" => value
            .parse::<i64>()
            .is_err()
            .then(|| format!("after {form} comes {means}")),
        _ => None,
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
        if let Some(customer) = word.strip_prefix("customer:") {
            return What::Customer(customer.to_string());
        }
        if let Some(Ok(days)) = word.strip_prefix("secret<").map(str::parse) {
            return What::SecretBelow(days);
        }
        if let Some(Ok(days)) = word.strip_prefix("secret>").map(str::parse) {
            return What::SecretAbove(days);
        }
        What::Text(word.to_string())
    }

    fn fits(&self, row: &FleetRow, names: Names<'_>, now: Timestamp) -> bool {
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
                    || (names.tenant)(row.tenant).contains(text.as_str())
            }
            What::Status(text) => {
                status.key().contains(text.as_str())
                    || status.words().to_lowercase().contains(text.as_str())
            }
            What::Tenant(text) => (names.tenant)(row.tenant).contains(text.as_str()),
            What::Customer(text) => (names.has_customer)(&row.fqdn, text),
            What::SecretBelow(limit) => days().is_some_and(|days| days < *limit),
            What::SecretAbove(limit) => days().is_some_and(|days| days > *limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fqdn: &str) -> FleetRow {
        FleetRow {
            fqdn: Fqdn::parse(fqdn).unwrap(),
            tenant: Uuid::nil(),
            verdict: None,
        }
    }

    fn tenants() -> Vec<String> {
        ["Finebak", "Contoso Voice"].map(str::to_string).to_vec()
    }

    #[test]
    fn every_word_must_fit_and_an_excluded_one_must_not() {
        let names = Names {
            tenant: &|_| "finebak".to_string(),
            has_customer: &|_, text| "acme\nacme inc\n".contains(text),
        };
        let fits = |text: &str| {
            Query::parse(text).fits(&row("ump-eu.finebak.com"), names, Timestamp::UNIX_EPOCH)
        };
        assert!(fits(""));
        assert!(fits("UMP eu"));
        assert!(!fits("ump !eu"));
        assert!(fits("tenant:fine status:unreach"));
        assert!(!fits("status:drift"));
        assert!(fits("customer:ACME"));
        assert!(!fits("!customer:acme"));
        assert!(fits("!customer:globex"));
        assert!(
            !fits("secret<30"),
            "without a secret there are no days to compare"
        );
        assert!(fits("!"), "a lone ! is not finished yet");
    }

    #[test]
    fn what_is_wrong_is_said_as_soon_as_it_is_and_not_before() {
        let trouble = |text: &str| Query::trouble(text, &tenants());
        for fine in [
            "",
            "ump",
            "!",
            "status:",
            "status:dri",
            "!tenant:CON",
            "secret<30",
            "!customer:x",
            "ump status:ok ",
        ] {
            assert_eq!(trouble(fine), None, "{fine}");
        }
        for (text, words) in [
            ("status:drfit", "no status has \"drfit\" in it; there are"),
            ("tenant:acme", "no tenant has \"acme\" in its name"),
            ("secret<soon", "after secret< comes a number of days"),
            ("status: ump", "after status: comes a status"),
            ("!portal:x", "there is no filter portal"),
        ] {
            let said = trouble(text).unwrap_or_default();
            assert!(said.contains(words), "{text}: {said}");
        }
    }

    #[test]
    fn the_last_word_goes_on_with_what_there_is() {
        let all = |text: &str| Query::completions(text, &tenants());
        assert_eq!(
            all("ump st"),
            [
                "ump status:",
                "ump status:secret-expired",
                "ump status:not-registered",
                "ump status:drift",
                "ump status:not-pushed",
                "ump status:secret-expiring",
                "ump status:consent-pending",
                "ump status:unreachable",
                "ump status:ok"
            ]
        );
        assert_eq!(all("!tenant:con"), ["!tenant:contoso"]);
        assert_eq!(all("ump "), [""; 0]);
    }
}
