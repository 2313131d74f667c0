//! `$filter`: the part of the grammar that directory objects are asked with.

use jiff::Timestamp;
use serde_json::Value;

/// A parsed filter.
pub(super) enum Filter {
    All(Vec<Filter>),
    Either(Vec<Filter>),
    Not(Box<Filter>),
    Compare(String, Operator, Value),
    In(String, Vec<Value>),
    StartsWith(String, String),
    EndsWith(String, String),
    /// Some element of the collection satisfies the inner filter, whose paths begin at the element; without one, there
    /// is an element at all.
    Any(String, Option<Box<Filter>>),
    /// How many elements a collection has, compared.
    Count(String, Operator, Value),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
    More,
    Less,
}

/// What a clause does with a property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    Compared(Operator),
    In,
    StartsWith,
    EndsWith,
    Counted,
}

impl Filter {
    /// Parses a filter; `None` = it is not of this grammar.
    pub fn parse(text: &str) -> Option<Filter> {
        let mut parser = Parser {
            rest: text.trim(),
            variable: None,
            depth: 0,
        };
        let filter = parser.either()?;
        parser.rest.is_empty().then_some(filter)
    }

    /// Every property path that it names, and what it does with it.
    pub fn uses(&self) -> Vec<(String, Use)> {
        match self {
            Filter::All(list) | Filter::Either(list) => {
                list.iter().flat_map(Filter::uses).collect()
            }
            Filter::Not(inner) => inner.uses(),
            Filter::Compare(path, operator, _) => vec![(path.clone(), Use::Compared(*operator))],
            Filter::In(path, _) => vec![(path.clone(), Use::In)],
            Filter::StartsWith(path, _) => vec![(path.clone(), Use::StartsWith)],
            Filter::EndsWith(path, _) => vec![(path.clone(), Use::EndsWith)],
            Filter::Any(path, None) | Filter::Count(path, ..) => vec![(path.clone(), Use::Counted)],
            Filter::Any(path, Some(inner)) => {
                let of_element = |inner: String| match inner.is_empty() {
                    true => path.clone(),
                    false => format!("{path}/{inner}"),
                };
                let inner = inner.uses().into_iter();
                inner.map(|(inner, how)| (of_element(inner), how)).collect()
            }
        }
    }

    /// The ids that it names, if it names nothing else.
    pub fn ids(&self) -> Option<Vec<String>> {
        match self {
            Filter::Compare(path, Operator::Equal, Value::String(id)) if path == "id" => {
                Some(vec![id.clone()])
            }
            Filter::Either(list) => {
                let ids: Option<Vec<_>> = list.iter().map(Filter::ids).collect();
                Some(ids?.into_iter().flatten().collect())
            }
            _ => None,
        }
    }

    /// Whether it is only answered with `ConsistencyLevel: eventual` and `$count=true`.
    pub fn is_advanced(&self) -> bool {
        match self {
            Filter::All(list) | Filter::Either(list) => list.iter().any(Filter::is_advanced),
            Filter::Not(_) | Filter::EndsWith(..) | Filter::Count(..) | Filter::Any(_, None) => {
                true
            }
            Filter::Compare(_, operator, _) => *operator == Operator::NotEqual,
            Filter::Any(_, Some(inner)) => {
                !matches!(**inner, Filter::Compare(_, Operator::Equal, _))
            }
            Filter::In(..) | Filter::StartsWith(..) => false,
        }
    }

    pub fn matches(&self, object: &Value) -> bool {
        let text = |path: &str| at(object, path).as_str().map(str::to_lowercase);
        match self {
            Filter::All(list) => list.iter().all(|one| one.matches(object)),
            Filter::Either(list) => list.iter().any(|one| one.matches(object)),
            Filter::Not(inner) => !inner.matches(object),
            Filter::Compare(path, operator, literal) => {
                compare(at(object, path), *operator, literal, path.is_empty())
            }
            Filter::In(path, literals) => literals
                .iter()
                .any(|one| compare(at(object, path), Operator::Equal, one, false)),
            Filter::StartsWith(path, start) => {
                text(path).is_some_and(|value| value.starts_with(&start.to_lowercase()))
            }
            Filter::EndsWith(path, end) => {
                text(path).is_some_and(|value| value.ends_with(&end.to_lowercase()))
            }
            Filter::Any(path, inner) => at(object, path).as_array().is_some_and(|list| {
                list.iter()
                    .any(|one| inner.as_ref().is_none_or(|inner| inner.matches(one)))
            }),
            Filter::Count(path, operator, number) => {
                let count = at(object, path).as_array().map_or(0, Vec::len);
                compare(&Value::from(count), *operator, number, false)
            }
        }
    }
}

fn at<'a>(object: &'a Value, path: &str) -> &'a Value {
    const NULL: &Value = &Value::Null;
    if path.is_empty() {
        return object;
    }
    path.split('/')
        .try_fold(object, |value, name| value.get(name))
        .unwrap_or(NULL)
}

/// Elements of collections (redirect URIs, tags) compare letter by letter, single texts without regard to case.
fn compare(value: &Value, operator: Operator, literal: &Value, exact: bool) -> bool {
    use std::cmp::Ordering;
    let moment = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    let order = match (value, literal) {
        (Value::String(a), Value::String(b)) => match (moment(value), moment(literal)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ if exact => Some(a.cmp(b)),
            _ => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        },
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .zip(b.as_f64())
            .and_then(|(a, b)| a.partial_cmp(&b)),
        (a, b) => (a == b).then_some(Ordering::Equal),
    };
    match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::NotEqual => order != Some(Ordering::Equal),
        Operator::AtLeast => order.is_some_and(Ordering::is_ge) && !value.is_null(),
        Operator::AtMost => order.is_some_and(Ordering::is_le) && !value.is_null(),
        Operator::More => order == Some(Ordering::Greater),
        Operator::Less => order == Some(Ordering::Less),
    }
}

struct Parser<'a> {
    rest: &'a str,
    /// The lambda variable inside `any(…)`.
    variable: Option<String>,
    depth: usize,
}

impl Parser<'_> {
    fn either(&mut self) -> Option<Filter> {
        let mut list = vec![self.all()?];
        while self.word("or") {
            list.push(self.all()?);
        }
        if list.len() == 1 {
            return list.pop();
        }
        Some(Filter::Either(list))
    }

    fn all(&mut self) -> Option<Filter> {
        let mut list = vec![self.single()?];
        while self.word("and") {
            list.push(self.single()?);
        }
        if list.len() == 1 {
            return list.pop();
        }
        Some(Filter::All(list))
    }

    /// One clause; nested ones are bounded, so that no request exhausts the stack.
    fn single(&mut self) -> Option<Filter> {
        const DEEPEST: usize = 20;
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let clause = self.clause();
        self.depth -= 1;
        clause
    }

    fn clause(&mut self) -> Option<Filter> {
        if self.word("not") {
            return Some(Filter::Not(Box::new(self.single()?)));
        }
        if self.mark("(") {
            let inner = self.either()?;
            return self.mark(")").then_some(inner);
        }
        let path = self.path()?;
        let function = path.to_ascii_lowercase();
        if matches!(function.as_str(), "startswith" | "endswith") && self.mark("(") {
            let path = self.path()?;
            let path = self.inside(path)?;
            let text = self.mark(",").then(|| self.literal()).flatten()?;
            let text = text.as_str()?.to_string();
            let clause = match function.as_str() {
                "startswith" => Filter::StartsWith(path, text),
                _ => Filter::EndsWith(path, text),
            };
            if !self.mark(")") {
                return None;
            }
            // `startswith(a,'b') eq true` says the same.
            if self.word("eq") {
                return match self.literal()? {
                    Value::Bool(true) => Some(clause),
                    Value::Bool(false) => Some(Filter::Not(Box::new(clause))),
                    _ => None,
                };
            }
            return Some(clause);
        }
        if let Some(collection) = path.strip_suffix("/$count") {
            let operator = self.operator()?;
            let number = self.literal()?.as_str()?.parse::<u64>().ok()?;
            return Some(Filter::Count(
                collection.to_string(),
                operator,
                Value::from(number),
            ));
        }
        if let Some(collection) = path.strip_suffix("/any") {
            if self.variable.is_some() || !self.mark("(") {
                return None;
            }
            if self.mark(")") {
                return Some(Filter::Any(collection.to_string(), None));
            }
            let variable = self.path()?;
            if !self.mark(":") {
                return None;
            }
            self.variable = Some(variable);
            let inner = self.either()?;
            self.variable = None;
            return self
                .mark(")")
                .then(|| Filter::Any(collection.to_string(), Some(Box::new(inner))));
        }
        let path = self.inside(path)?;
        if self.word("in") {
            let mut literals = Vec::new();
            if !self.mark("(") {
                return None;
            }
            loop {
                literals.push(self.literal()?);
                if self.mark(")") {
                    return Some(Filter::In(path, literals));
                }
                if !self.mark(",") {
                    return None;
                }
            }
        }
        let operator = self.operator()?;
        Some(Filter::Compare(path, operator, self.literal()?))
    }

    fn operator(&mut self) -> Option<Operator> {
        [
            ("eq", Operator::Equal),
            ("ne", Operator::NotEqual),
            ("ge", Operator::AtLeast),
            ("le", Operator::AtMost),
            ("gt", Operator::More),
            ("lt", Operator::Less),
        ]
        .into_iter()
        .find_map(|(word, operator)| self.word(word).then_some(operator))
    }

    /// Inside a lambda, paths begin with its variable, which stands for the element itself.
    fn inside(&self, path: String) -> Option<String> {
        match &self.variable {
            Some(variable) if path == *variable => Some(String::new()),
            Some(variable) => {
                let inner = path.strip_prefix(variable.as_str())?.strip_prefix('/')?;
                Some(inner.to_string())
            }
            None => Some(path),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let Some((first, after)) = self.rest.split_at_checked(word.len()) else {
            return false;
        };
        // Microsoft's own examples write some of them in capitals.
        if !first.eq_ignore_ascii_case(word) || !after.starts_with([' ', '(']) {
            return false;
        }
        self.rest = after.trim_start();
        true
    }

    fn mark(&mut self, mark: &str) -> bool {
        let Some(after) = self.rest.strip_prefix(mark) else {
            return false;
        };
        self.rest = after.trim_start();
        true
    }

    fn path(&mut self) -> Option<String> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "/_$".contains(c)))
            .unwrap_or(self.rest.len());
        let (path, after) = self.rest.split_at(end);
        self.rest = after.trim_start();
        (!path.is_empty()).then(|| path.to_string())
    }

    fn literal(&mut self) -> Option<Value> {
        if let Some(quoted) = self.rest.strip_prefix('\'') {
            let mut text = String::new();
            let mut letters = quoted.char_indices().peekable();
            while let Some((place, letter)) = letters.next() {
                if letter != '\'' {
                    text.push(letter);
                } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
                    text.push('\'');
                } else {
                    self.rest = quoted[place + 1..].trim_start();
                    return Some(Value::String(text));
                }
            }
            return None;
        }
        let end = self.rest.find([' ', ')', ',']).unwrap_or(self.rest.len());
        let (bare, after) = self.rest.split_at(end);
        self.rest = after.trim_start();
        match bare {
            "" => None,
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            moment => Some(Value::String(moment.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn filters_say_what_they_say() {
        let object = json!({"displayName": "O'Hara's App", "web": {"redirectUris": ["https://a/B"]}, "tags": ["x"],
            "keys": [{"end": "2025-06-01T00:00:00Z", "name": "N"}]});
        for right in [
            "displayName eq 'o''hara''s app'",
            "startswith(displayName,'O''H')",
            "web/redirectUris/any(u:u eq 'https://a/B')",
            "tags/any(t: t eq 'x') and displayName ne 'z'",
            "displayName in ('a', 'O''Hara''s App')",
            "not (displayName eq 'z') or tags/any(t:t eq 'y')",
            "NOT(displayName eq 'z') AND (displayName eq 'z' OR tags/any(t:t eq 'x'))",
            "endsWith(displayName,'APP') and startsWith(displayName,'o') eq true",
            "tags/$count eq 1 and tags/any()",
            "keys/any(k:k/end le 2026-01-01T00:00:00Z and k/name eq 'n')",
            "displayName ge 'o' and displayName le 'p'",
        ] {
            assert!(Filter::parse(right).unwrap().matches(&object), "{right}");
        }
        for wrong in [
            "web/redirectUris/any(u:u eq 'https://a/b')",
            "displayName eq null",
            "keys/any(k:k/end ge 2026-01-01T00:00:00Z)",
            "web/redirectUris/$count ne 1",
            "missing ge 'a'",
        ] {
            assert!(!Filter::parse(wrong).unwrap().matches(&object), "{wrong}");
        }
    }

    #[test]
    fn broken_filters_are_refused() {
        for broken in [
            "",
            "displayName",
            "displayName eq 'x",
            "displayName eq 'x' and",
            "(a eq 1",
            "a like 'b'",
        ] {
            assert!(Filter::parse(broken).is_none(), "{broken}");
        }
        assert!(Filter::parse(&"(".repeat(100_000)).is_none());
    }
}
