//! `$search`: quoted clauses of a property and words, joined by AND and OR.

use serde_json::Value;

/// A parsed search: any of these groups, each of them whole.
pub(super) struct Search(Vec<Vec<Clause>>);

struct Clause {
    property: String,
    words: Vec<String>,
}

impl Search {
    /// Parses `"displayName:ump west" AND "displayName:sync"`; `None` = it is not of this grammar.
    pub fn parse(text: &str) -> Option<Search> {
        let mut groups = vec![vec![]];
        let mut rest = text.trim();
        loop {
            let (clause, after) = clause(rest)?;
            groups.last_mut()?.push(clause);
            rest = after.trim_start();
            if rest.is_empty() {
                return Some(Search(groups));
            }
            if let Some(after) = rest.strip_prefix("AND ") {
                rest = after.trim_start();
            } else if let Some(after) = rest.strip_prefix("OR ") {
                rest = after.trim_start();
                groups.push(vec![]);
            } else {
                return None;
            }
        }
    }

    pub fn properties(&self) -> Vec<&str> {
        let clauses = self.0.iter().flatten();
        clauses.map(|one| one.property.as_str()).collect()
    }

    pub fn matches(&self, object: &Value) -> bool {
        let all = |group: &Vec<Clause>| group.iter().all(|clause| clause.matches(object));
        self.0.iter().any(all)
    }
}

impl Clause {
    /// Every word begins a word of the property's text, in any order.
    fn matches(&self, object: &Value) -> bool {
        let text = object.get(&self.property).and_then(Value::as_str);
        let own = words(text.unwrap_or_default());
        self.words
            .iter()
            .all(|word| own.iter().any(|one| one.starts_with(word.as_str())))
    }
}

fn clause(text: &str) -> Option<(Clause, &str)> {
    let inside = text.strip_prefix('"')?;
    let (quoted, after) = inside.split_once('"')?;
    let (property, value) = quoted.split_once(':')?;
    let words = words(value);
    (!words.is_empty()).then(|| {
        let property = property.trim().to_string();
        (Clause { property, words }, after)
    })
}

/// The words of a text in lower case: letters and digits, parted by anything else and where a capital follows a small one.
fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in text.chars() {
        if c.is_alphanumeric() {
            let begins = !before.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase());
            if begins {
                all.push(String::new());
            }
            if let Some(word) = all.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_search_finds_the_beginnings_of_words() {
        let object = json!({"displayName": "UMP Sync ump-west"});
        for (search, found) in [
            ("\"displayName:west\"", true),
            ("\"displayName:syn\" AND \"displayName:ump\"", true),
            ("\"displayName:east\" OR \"displayName:west ump\"", true),
            ("\"displayName:est\"", false),
            ("\"displayName:west\" AND \"displayName:east\"", false),
        ] {
            assert_eq!(
                Search::parse(search).unwrap().matches(&object),
                found,
                "{search}"
            );
        }
        for wrong in [
            "",
            "displayName:west",
            "\"west\"",
            "\"displayName:a\" and \"displayName:b\"",
        ] {
            assert!(Search::parse(wrong).is_none(), "{wrong}");
        }
    }
}
