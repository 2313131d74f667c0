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
    /// Some element of the collection satisfies the inner filter, whose paths are empty.
    Any(String, Box<Filter>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
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

    /// Every property path that it names.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Filter::All(list) | Filter::Either(list) => {
                list.iter().flat_map(Filter::paths).collect()
            }
            Filter::Not(inner) => inner.paths(),
            Filter::Compare(path, ..)
            | Filter::In(path, _)
            | Filter::StartsWith(path, _)
            | Filter::Any(path, _) => vec![path],
        }
    }

    /// The ids that it names, if it names nothing else.
    pub fn ids(&self) -> Option<Vec<uuid::Uuid>> {
        match self {
            Filter::Compare(path, Operator::Equal, Value::String(id)) if path == "id" => {
                uuid::Uuid::parse_str(id).ok().map(|id| vec![id])
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
            Filter::Not(_) => true,
            Filter::Compare(_, operator, _) => *operator == Operator::NotEqual,
            Filter::Any(_, inner) => !matches!(**inner, Filter::Compare(_, Operator::Equal, _)),
            Filter::In(..) | Filter::StartsWith(..) => false,
        }
    }

    pub fn matches(&self, object: &Value) -> bool {
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
            Filter::StartsWith(path, text) => at(object, path)
                .as_str()
                .is_some_and(|value| value.to_lowercase().starts_with(&text.to_lowercase())),
            Filter::Any(path, inner) => at(object, path)
                .as_array()
                .is_some_and(|list| list.iter().any(|one| inner.matches(one))),
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
    let equal = match (value, literal) {
        (Value::String(a), Value::String(b)) if exact => a == b,
        (Value::String(a), Value::String(b)) => a.to_lowercase() == b.to_lowercase(),
        (a, b) => a == b,
    };
    let moments = || {
        let moment = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
        Some((moment(value)?, moment(literal)?))
    };
    match operator {
        Operator::Equal => equal,
        Operator::NotEqual => !equal,
        Operator::AtLeast => moments().is_some_and(|(a, b)| a >= b),
        Operator::AtMost => moments().is_some_and(|(a, b)| a <= b),
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
        if path == "startswith" && self.mark("(") {
            let path = self.path()?;
            let path = self.inside(path)?;
            let text = self.mark(",").then(|| self.literal()).flatten()?;
            let text = text.as_str()?.to_string();
            return self.mark(")").then_some(Filter::StartsWith(path, text));
        }
        if let Some(collection) = path.strip_suffix("/any") {
            if self.variable.is_some() || !self.mark("(") {
                return None;
            }
            let variable = self.path()?;
            if !self.mark(":") {
                return None;
            }
            self.variable = Some(variable);
            let inner = self.single()?;
            self.variable = None;
            return self
                .mark(")")
                .then(|| Filter::Any(collection.to_string(), Box::new(inner)));
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
        let operator = [
            ("eq", Operator::Equal),
            ("ne", Operator::NotEqual),
            ("ge", Operator::AtLeast),
            ("le", Operator::AtMost),
        ]
        .into_iter()
        .find_map(|(word, operator)| self.word(word).then_some(operator))?;
        Some(Filter::Compare(path, operator, self.literal()?))
    }

    /// Inside a lambda, its variable stands for the element itself.
    fn inside(&self, path: String) -> Option<String> {
        match &self.variable {
            Some(variable) => (path == *variable).then(String::new),
            None => Some(path),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let Some(after) = self.rest.strip_prefix(word) else {
            return false;
        };
        if !after.starts_with([' ', '(']) {
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
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '/' || c == '_'))
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
        let object = json!({"displayName": "O'Hara's App", "web": {"redirectUris": ["https://a/B"]}, "tags": ["x"]});
        for right in [
            "displayName eq 'o''hara''s app'",
            "startswith(displayName,'O''H')",
            "web/redirectUris/any(u:u eq 'https://a/B')",
            "tags/any(t: t eq 'x') and displayName ne 'z'",
            "displayName in ('a', 'O''Hara''s App')",
            "not (displayName eq 'z') or tags/any(t:t eq 'y')",
        ] {
            assert!(Filter::parse(right).unwrap().matches(&object), "{right}");
        }
        for wrong in [
            "web/redirectUris/any(u:u eq 'https://a/b')",
            "displayName eq null",
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
