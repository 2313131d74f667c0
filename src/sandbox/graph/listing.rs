//! Lists and single objects as OData shows them: `$filter`, `$select`, `$top`, `$count` and pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::exchange::Answer;
use super::Call;
use super::failure::Failure;
use super::filter::Filter;

/// What may be asked of a type.
pub(super) struct Type {
    /// The type's name, as in Graph's messages.
    pub name: &'static str,
    /// The path of its collection, for `@odata.context`.
    pub collection: &'static str,
    pub filterable: &'static [&'static str],
    pub is_property: fn(&str) -> bool,
}

pub(super) const DEFAULT_PAGE: usize = 100;
const LARGEST_PAGE: usize = 999;

/// A page of a collection; each object comes with a number that grows in the collection's order.
pub(super) fn list(
    call: &Call<'_>,
    of: &Type,
    objects: impl Iterator<Item = (u64, Value)>,
) -> Result<Answer, Failure> {
    let request = call.request;
    for (name, _) in &request.query {
        match name.as_str() {
            "$filter" | "$select" | "$top" | "$skiptoken" | "$count" => {}
            "$search" | "$orderby" | "$expand" | "$skip" => {
                return Err(Failure::not_implemented("this query option"));
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
    let eventual = request
        .header("consistencylevel")
        .is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
    let counted = eventual && request.query("$count") == Some("true");
    let filter = match request.query("$filter") {
        Some(text) => Some(parse_filter(of, text, counted)?),
        None => None,
    };
    let select = selection(call, of)?;
    let page = page_size(call)?.unwrap_or(DEFAULT_PAGE);
    let after = match request.query("$skiptoken") {
        Some(token) => read_token(token).ok_or_else(|| {
            Failure::new(400, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.")
        })?,
        None => 0,
    };
    let mut matching: Vec<(u64, Value)> = objects
        .filter(|(_, object)| filter.as_ref().is_none_or(|filter| filter.matches(object)))
        .collect();
    let count = matching.len();
    matching.retain(|(number, _)| *number > after);
    let more = matching.len() > page;
    matching.truncate(page);

    let context = match &select {
        Some(names) => format!("{}({})", of.collection, names.join(",")),
        None => of.collection.to_string(),
    };
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(call.context(&context)));
    if counted {
        body.insert("@odata.count".into(), json!(count));
    }
    if more && let Some((last, _)) = matching.last() {
        body.insert("@odata.nextLink".into(), json!(next_link(call, *last)));
    }
    let value: Vec<Value> = matching
        .into_iter()
        .map(|(_, object)| pick(object, select.as_deref()))
        .collect();
    body.insert("value".into(), Value::Array(value));
    Ok(Answer::json(200, Value::Object(body)))
}

/// One object, with its context and only what was selected.
pub(super) fn single(
    call: &Call<'_>,
    of: &Type,
    object: Value,
    status: u16,
) -> Result<Answer, Failure> {
    let select = selection(call, of)?;
    let context = match &select {
        Some(names) => format!("{}({})/$entity", of.collection, names.join(",")),
        None => format!("{}/$entity", of.collection),
    };
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(call.context(&context)));
    if let Value::Object(picked) = pick(object, select.as_deref()) {
        body.extend(picked);
    }
    Ok(Answer::json(status, Value::Object(body)))
}

/// `$top`.
pub(super) fn page_size(call: &Call<'_>) -> Result<Option<usize>, Failure> {
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
    if let Some(path) = filter
        .paths()
        .into_iter()
        .find(|path| !of.filterable.contains(path))
    {
        return Err(Failure::unsupported_query(format!(
            "Unsupported or invalid query filter clause specified for property '{path}' of resource '{}'.",
            of.name
        )));
    }
    if filter.is_advanced() && !advanced {
        return Err(Failure::unsupported_query(
            "The specified filter needs the header ConsistencyLevel: eventual and $count=true.",
        ));
    }
    Ok(filter)
}

pub(super) fn selection(call: &Call<'_>, of: &Type) -> Result<Option<Vec<String>>, Failure> {
    let Some(text) = call.request.query("$select") else {
        return Ok(None);
    };
    let names: Vec<String> = text
        .split(',')
        .map(|name| name.trim().to_string())
        .filter(|name| !name.is_empty())
        .collect();
    match names.iter().find(|name| !(of.is_property)(name)) {
        Some(unknown) => Err(Failure::new(
            400,
            "BadRequest",
            format!(
                "Could not find a property named '{unknown}' on type 'microsoft.graph.{}'.",
                of.name
            ),
        )),
        None => Ok(Some(names)),
    }
}

pub(super) fn pick(object: Value, select: Option<&[String]>) -> Value {
    match (object, select) {
        (Value::Object(mut all), Some(names)) => Value::Object(
            names
                .iter()
                .map(|name| (name.clone(), all.remove(name).unwrap_or(Value::Null)))
                .collect(),
        ),
        (object, _) => object,
    }
}

fn next_link(call: &Call<'_>, last: u64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &call.request.query {
        if name != "$skiptoken" {
            query.append_pair(name, value);
        }
    }
    query.append_pair(
        "$skiptoken",
        &URL_SAFE_NO_PAD.encode(format!("after:{last}")),
    );
    format!("{}?{}", call.own_url(), query.finish())
}

fn read_token(token: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    String::from_utf8(bytes)
        .ok()?
        .strip_prefix("after:")?
        .parse()
        .ok()
}
