//! Lists and single objects as OData shows them: filtered, searched, ordered, counted, with only what was selected and
//! with what was expanded, page by page.

mod options;
mod search;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::exchange::Answer;
use super::Call;
use super::failure::Failure;
use options::{Expansion, Options, expansions};
pub(super) use options::{Kind, Type, page_size, selection};

pub(super) const DEFAULT_PAGE: usize = 100;
/// More related objects than that are not expanded.
const MOST_EXPANDED: usize = 20;

/// Objects in the order in which they stand, which is that of their collection.
pub(super) fn numbered<T>(objects: impl IntoIterator<Item = T>) -> impl Iterator<Item = (u64, T)> {
    (1..).zip(objects)
}

/// A page of a collection; each object comes with a number that grows in the collection's order.
pub(super) fn list(
    call: &Call<'_>,
    of: &Type,
    objects: impl Iterator<Item = (u64, Value)>,
) -> Result<Answer, Failure> {
    list_with(call, of, objects, |_, _| Vec::new())
}

/// A page of a collection whose objects have related ones to expand: `related` gives those of an object by a name.
pub(super) fn list_with(
    call: &Call<'_>,
    of: &Type,
    objects: impl Iterator<Item = (u64, Value)>,
    related: impl Fn(&Value, &str) -> Vec<Value>,
) -> Result<Answer, Failure> {
    let options = Options::read(call, of)?;
    let (after, place) = match call.request.query("$skiptoken") {
        Some(token) => read_token(token).ok_or_else(|| {
            Failure::new(400, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.")
        })?,
        None => (0, 0),
    };
    let mut matching: Vec<(u64, Value)> = objects
        .filter(|(_, object)| options.matches(object))
        .collect();
    if let Some((path, descending)) = &options.order {
        let key = |object: &Value| options::sort_key(object, path);
        matching.sort_by_cached_key(|(_, object)| key(object));
        if *descending {
            matching.reverse();
        }
    }
    let count = matching.len();
    // Behind the last object that was shown, or where it stood if it is gone.
    let begin = match (after, &options.order) {
        (0, _) => 0,
        (last, None) => matching.partition_point(|(number, _)| *number <= last),
        (last, Some(_)) => matching
            .iter()
            .position(|(number, _)| *number == last)
            .map_or(place, |at| at + 1),
    };
    let end = (begin + options.page).min(count);
    let more = end < count;
    let last = matching
        .get(end.wrapping_sub(1))
        .map_or(0, |(number, _)| *number);

    let context = match &options.select {
        Some(names) => format!("{}({})", of.collection, names.join(",")),
        None => of.collection.to_string(),
    };
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(call.context(&context)));
    if options.counted {
        body.insert("@odata.count".into(), json!(count));
    }
    if more {
        body.insert("@odata.nextLink".into(), json!(next_link(call, last, end)));
    }
    let value: Vec<Value> = matching
        .drain(..end)
        .skip(begin)
        .map(|(_, object)| shown(object, &options.select, &options.expand, &related))
        .collect();
    body.insert("value".into(), Value::Array(value));
    Ok(Answer::json(200, Value::Object(body)))
}

/// Whether what is left of a path means the collection itself, or how many there are of it.
pub(super) fn is_list(rest: &[&str]) -> bool {
    matches!(rest, [] | ["$count"])
}

/// A page of a collection or, where the path ends in `$count`, how many there are.
pub(super) fn list_or_count(
    call: &Call<'_>,
    of: &Type,
    objects: impl Iterator<Item = (u64, Value)>,
    rest: &[&str],
) -> Result<Answer, Failure> {
    list_or_count_with(call, of, objects, rest, |_, _| Vec::new())
}

/// The same of objects that have related ones to expand.
pub(super) fn list_or_count_with(
    call: &Call<'_>,
    of: &Type,
    objects: impl Iterator<Item = (u64, Value)>,
    rest: &[&str],
    related: impl Fn(&Value, &str) -> Vec<Value>,
) -> Result<Answer, Failure> {
    match rest {
        [] => list_with(call, of, objects, related),
        _ => count(call, of, objects),
    }
}

/// How many objects match: the `$count` segment of a collection's path.
pub(super) fn count(
    call: &Call<'_>,
    of: &Type,
    objects: impl Iterator<Item = (u64, Value)>,
) -> Result<Answer, Failure> {
    if !call.is_eventual() {
        return Err(Failure::bad(
            "$count is not currently supported. It needs the header ConsistencyLevel: eventual.",
        ));
    }
    let options = Options::read(call, of)?;
    let count = objects
        .filter(|(_, object)| options.matches(object))
        .count();
    Ok(Answer::plain(200, count.to_string()))
}

/// One object, with its context and only what was selected.
pub(super) fn single(
    call: &Call<'_>,
    of: &Type,
    object: Value,
    status: u16,
) -> Result<Answer, Failure> {
    single_with(call, of, object, status, |_, _| Vec::new())
}

/// One object that has related ones to expand.
pub(super) fn single_with(
    call: &Call<'_>,
    of: &Type,
    object: Value,
    status: u16,
    related: impl Fn(&Value, &str) -> Vec<Value>,
) -> Result<Answer, Failure> {
    let (select, expand) = (selection(call, of)?, expansions(call, of)?);
    let context = match &select {
        Some(names) => format!("{}({})/$entity", of.collection, names.join(",")),
        None => format!("{}/$entity", of.collection),
    };
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(call.context(&context)));
    // The one way to see a certificate's key.
    let names = select.as_ref();
    let by_name = names.is_some_and(|names| names.iter().any(|one| one == "keyCredentials"));
    let keys = by_name
        .then(|| object.get("keyCredentials").cloned())
        .flatten();
    if let Value::Object(mut picked) = shown(object, &select, &expand, &related) {
        if let Some(keys) = keys {
            picked.insert("keyCredentials".into(), keys);
        }
        body.extend(picked);
    }
    Ok(Answer::json(status, Value::Object(body)))
}

fn shown(
    object: Value,
    select: &Option<Vec<String>>,
    expand: &[Expansion],
    related: &impl Fn(&Value, &str) -> Vec<Value>,
) -> Value {
    let expanded: Vec<(String, Value)> = expand
        .iter()
        .map(|one| {
            let all = related(&object, &one.name).into_iter().take(MOST_EXPANDED);
            let all = all.map(|object| pick_typed(object, one.select.as_deref()));
            (one.name.clone(), all.collect())
        })
        .collect();
    let mut object = pick(object, select.as_deref());
    if let Value::Object(members) = &mut object {
        // Relations come only when they are asked for.
        members.remove("owners");
        members.extend(expanded);
    }
    object
}

/// Only what was selected. Certificates come without their keys.
pub(super) fn pick(mut object: Value, select: Option<&[String]>) -> Value {
    super::keys::hide(&mut object);
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

/// Only what was selected, of an object that says itself of what type it is; what its type has not is left out.
fn pick_typed(mut object: Value, select: Option<&[String]>) -> Value {
    super::keys::hide(&mut object);
    if let (Value::Object(members), Some(names)) = (&mut object, select) {
        members.retain(|name, _| name == "@odata.type" || names.contains(name));
    }
    object
}

fn next_link(call: &Call<'_>, last: u64, place: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &call.request.query {
        if name != "$skiptoken" {
            query.append_pair(name, value);
        }
    }
    query.append_pair(
        "$skiptoken",
        &URL_SAFE_NO_PAD.encode(format!("after:{last}:{place}")),
    );
    format!("{}?{}", call.own_url(), query.finish())
}

fn read_token(token: &str) -> Option<(u64, usize)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (last, place) = text.strip_prefix("after:")?.split_once(':')?;
    Some((last.parse().ok()?, place.parse().ok()?))
}
