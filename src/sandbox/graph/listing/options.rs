//! The query options of a list: what they say, and what of it a type and a request allow.

use serde_json::Value;

use super::super::Call;
use super::super::failure::Failure;
use super::super::filter::{Filter, Operator, Use};
use super::search::Search;

const LARGEST_PAGE: usize = 999;

/// What may be asked of a type.
pub(in crate::sandbox::graph) struct Type {
    /// The type's name, as in Graph's messages.
    pub name: &'static str,
    /// The path of its collection, for `@odata.context`.
    pub collection: &'static str,
    pub filterable: &'static [(&'static str, Kind)],
    /// Properties that `$search` looks through.
    pub searchable: &'static [&'static str],
    pub sortable: &'static [&'static str],
    /// Relations that `$expand` follows.
    pub expandable: &'static [&'static str],
    pub is_property: fn(&str) -> bool,
}

/// What kind of property it is, which decides what a filter may do with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::graph) enum Kind {
    /// Compared for equality alone.
    Key,
    Text,
    /// A moment or a number.
    Size,
    /// Elements of a collection.
    List,
    /// A relation that can only be counted.
    Relation,
}

impl Kind {
    fn allows(self, how: Use) -> bool {
        match how {
            Use::Compared(Operator::Equal | Operator::NotEqual) => self != Kind::Relation,
            Use::Compared(Operator::AtLeast | Operator::AtMost) => {
                matches!(self, Kind::Text | Kind::Size | Kind::List)
            }
            // Documented for no property of the directory.
            Use::Compared(Operator::More | Operator::Less) => false,
            Use::In => matches!(self, Kind::Key | Kind::Text | Kind::Size),
            Use::StartsWith | Use::EndsWith => matches!(self, Kind::Text | Kind::List),
            Use::Counted => matches!(self, Kind::List | Kind::Relation),
        }
    }
}

/// A relation to follow, and what to show of the objects there.
pub(super) struct Expansion {
    pub name: String,
    pub select: Option<Vec<String>>,
}

pub(super) struct Options {
    pub filter: Option<Filter>,
    search: Option<Search>,
    pub order: Option<(String, bool)>,
    pub select: Option<Vec<String>>,
    pub expand: Vec<Expansion>,
    pub page: usize,
    pub counted: bool,
}

impl Options {
    pub fn read(call: &Call<'_>, of: &Type) -> Result<Options, Failure> {
        let request = call.request;
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in &request.query {
            if seen.contains(&name.as_str()) {
                let twice = format!(
                    "Query option '{name}' was specified more than once, but it must be specified at most once."
                );
                return Err(Failure::new(400, "BadRequest", twice));
            }
            seen.push(name);
            match name.as_str() {
                "$filter" | "$select" | "$top" | "$skiptoken" | "$count" | "$search"
                | "$orderby" | "$expand" | "$format" => {}
                "$skip" => {
                    return Err(Failure::bad("'$skip' is not supported by the service."));
                }
                option if option.starts_with('$') => {
                    return Err(Failure::new(
                        400,
                        "BadRequest",
                        format!("Unrecognized query option '{option}'."),
                    ));
                }
                _ => {}
            }
        }
        let eventual = call.is_eventual();
        let counts = match request.query("$count") {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                let wrong = format!("Invalid value '{other}' for $count query option found.");
                return Err(Failure::new(400, "BadRequest", wrong));
            }
        };
        // Without the header, `$count=true` is passed over in silence. The `$count` segment counts by itself.
        let counted = eventual && counts;
        let advanced = counted || (eventual && request.path.ends_with("/$count"));
        let filter = match request.query("$filter") {
            Some(text) => Some(parse_filter(of, text, advanced)?),
            None => None,
        };
        let search = match request.query("$search") {
            Some(text) => Some(parse_search(of, text, eventual)?),
            None => None,
        };
        let order = match request.query("$orderby") {
            Some(text) => Some(parse_order(of, text, advanced)?),
            None => None,
        };
        let expand = expansions(call, of)?;
        let needs_index = counted || search.is_some() || order.is_some();
        if !expand.is_empty() && needs_index {
            return Err(Failure::unsupported_query(
                "$expand is not supported together with $count, $search or $orderby.",
            ));
        }
        Ok(Options {
            filter,
            search,
            order,
            select: selection(call, of)?,
            expand,
            page: page_size(call)?.unwrap_or(super::DEFAULT_PAGE),
            counted,
        })
    }

    pub fn matches(&self, object: &Value) -> bool {
        let filter = self.filter.as_ref();
        let search = self.search.as_ref();
        filter.is_none_or(|filter| filter.matches(object))
            && search.is_none_or(|search| search.matches(object))
    }
}

/// `$top`.
pub(in crate::sandbox::graph) fn page_size(call: &Call<'_>) -> Result<Option<usize>, Failure> {
    let Some(text) = call.request.query("$top") else {
        return Ok(None);
    };
    text.parse()
        .ok()
        .filter(|top| (1..=LARGEST_PAGE).contains(top))
        .map(Some)
        .ok_or_else(|| {
            Failure::unsupported_query(format!(
                "Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive."
            ))
        })
}

fn parse_filter(of: &Type, text: &str, advanced: bool) -> Result<Filter, Failure> {
    let filter = Filter::parse(text)
        .ok_or_else(|| Failure::new(400, "BadRequest", "Invalid filter clause: a syntax error."))?;
    for (path, how) in filter.uses() {
        let kind = of.filterable.iter().find(|(known, _)| *known == path);
        if !kind.is_some_and(|(_, kind)| kind.allows(how)) {
            return Err(Failure::unsupported_query(format!(
                "Unsupported or invalid query filter clause specified for property '{path}' of resource '{}'.",
                of.name
            )));
        }
    }
    if filter.is_advanced() && !advanced {
        return Err(Failure::unsupported_query(
            "The specified filter needs the header ConsistencyLevel: eventual and $count=true.",
        ));
    }
    Ok(filter)
}

fn parse_search(of: &Type, text: &str, eventual: bool) -> Result<Search, Failure> {
    if !eventual {
        return Err(Failure::unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    let search = Search::parse(text).ok_or_else(|| {
        Failure::new(
            400,
            "BadRequest",
            "Syntax error: $search takes quoted clauses such as \"displayName:text\", joined by AND and OR.",
        )
    })?;
    match search
        .properties()
        .into_iter()
        .find(|one| !of.searchable.contains(one))
    {
        Some(other) => Err(Failure::unsupported_query(format!(
            "Unsupported property '{other}' for $search on resource '{}'.",
            of.name
        ))),
        None => Ok(search),
    }
}

fn parse_order(of: &Type, text: &str, advanced: bool) -> Result<(String, bool), Failure> {
    let mut words = text.split_whitespace();
    let path = words.next().unwrap_or_default().to_string();
    let descending = match words.next() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => {
            return Err(Failure::new(400, "BadRequest", "Syntax error in $orderby."));
        }
    };
    if !of.sortable.contains(&path.as_str()) || words.next().is_some() {
        return Err(Failure::unsupported_query(format!(
            "Sorting by '{text}' is not supported for resource '{}'.",
            of.name
        )));
    }
    if !advanced {
        return Err(Failure::unsupported_query(
            "Sorting not supported for current query: it needs the header ConsistencyLevel: eventual and $count=true.",
        ));
    }
    Ok((path, descending))
}

/// What objects are ordered by: texts without regard to case.
pub(super) fn sort_key(object: &Value, path: &str) -> (bool, String) {
    match object.get(path).and_then(Value::as_str) {
        Some(text) => (true, text.to_lowercase()),
        None => (false, String::new()),
    }
}

/// `$select`.
pub(in crate::sandbox::graph) fn selection(
    call: &Call<'_>,
    of: &Type,
) -> Result<Option<Vec<String>>, Failure> {
    let Some(text) = call.request.query("$select") else {
        return Ok(None);
    };
    let mut names: Vec<String> = Vec::new();
    for name in text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        // A part of a complex property selects the whole of it here.
        let name = name.split('/').next().unwrap_or(name);
        if name == "*" {
            return Ok(None);
        }
        if !(of.is_property)(name) {
            return Err(Failure::new(
                400,
                "BadRequest",
                format!(
                    "Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                    of.name
                ),
            ));
        }
        if !names.iter().any(|known| known == name) {
            names.push(name.to_string());
        }
    }
    Ok((!names.is_empty()).then_some(names))
}

/// `$expand`: relations, each with a `$select` of its own at most.
pub(super) fn expansions(call: &Call<'_>, of: &Type) -> Result<Vec<Expansion>, Failure> {
    let Some(text) = call.request.query("$expand") else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    let mut depth = 0u32;
    let parts = text.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    for part in parts.map(str::trim) {
        let (name, inner) = match part.split_once('(') {
            Some((name, inner)) => (name.trim(), inner.strip_suffix(')')),
            None => (part, Some("")),
        };
        let wrong = |why: String| Failure::new(400, "BadRequest", why);
        if !of.expandable.contains(&name) {
            return Err(wrong(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                of.name
            )));
        }
        let select = match inner {
            Some("") => None,
            Some(inner) => match inner.strip_prefix("$select=") {
                Some(names) => Some(names.split(',').map(|one| one.trim().to_string()).collect()),
                None => {
                    return Err(wrong(format!(
                        "The expand option '{inner}' is not supported."
                    )));
                }
            },
            None => return Err(wrong("Syntax error in $expand.".to_string())),
        };
        all.push(Expansion {
            name: name.to_string(),
            select,
        });
    }
    Ok(all)
}
