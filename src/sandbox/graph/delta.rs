//! `delta`: what changed in a collection since a token, page by page, with a link for the next time at the end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::directory::{DirectoryObject, Tenant};
use super::super::exchange::Answer;
use super::Call;
use super::failure::Failure;
use super::listing::{Type, page_size, pick, selection};

/// An object with what a delta has to know of it.
pub(super) struct Change<T> {
    pub id: String,
    /// The tenant's serial at its last change.
    pub changed: u64,
    /// Whether replication has brought it within reach.
    pub visible: bool,
    pub removed: Option<Removed>,
    pub object: T,
}

impl<T> Change<T> {
    /// Of an application or a service principal, which goes by `object` here.
    pub fn of(it: &DirectoryObject, now: Timestamp, object: T) -> Change<T> {
        Change {
            id: it.object_id.to_string(),
            changed: it.changed,
            visible: it.visible_from <= now,
            removed: it.deleted.map(|_| Removed::Restorable),
            object,
        }
    }
}

/// In what way an object is gone.
#[derive(Clone, Copy)]
pub(super) enum Removed {
    /// It can be restored.
    Restorable,
    ForGood,
}

/// Where a delta stands. Opaque to callers, who get it as text.
struct Token {
    /// What was shown already, by the serial of its change.
    after: u64,
    /// Removals up to here are none of this caller's business: it never saw those objects.
    since: u64,
    size: Option<usize>,
    select: Option<Vec<String>>,
    ids: Option<Vec<String>>,
}

/// A page of changes.
pub(super) fn answer<T>(
    call: &Call<'_>,
    of: &Type,
    tenant: &Tenant,
    objects: impl Iterator<Item = Change<T>>,
    rendered: impl Fn(T) -> Value,
) -> Result<Answer, Failure> {
    let latest = call.request.query("$deltatoken") == Some("latest");
    let mut token = read_token(call, of, tenant)?;
    let live = objects.map(|one| Change {
        id: one.id,
        changed: one.changed,
        visible: one.visible,
        removed: one.removed,
        object: Some(one.object),
    });
    let purged = tenant.purged.iter();
    let purged = purged.filter(|one| one.collection == of.collection);
    let gone = purged.map(|one| Change {
        id: one.id.clone(),
        changed: one.changed,
        visible: true,
        removed: Some(Removed::ForGood),
        object: None,
    });
    let mut changes: Vec<Change<Option<T>>> = live.chain(gone).collect();
    // What replication hides now must still come later, so the next token stays before it.
    let hidden = changes
        .iter()
        .filter(|one| !one.visible)
        .map(|one| one.changed)
        .min();
    let newest = hidden.map_or(tenant.serial, |first| first - 1);
    changes.retain(|one| {
        let asked = token
            .ids
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|id| id.eq_ignore_ascii_case(&one.id)));
        let news =
            one.changed > token.after && (one.removed.is_none() || one.changed > token.since);
        one.visible && asked && news && !latest
    });
    changes.sort_by_key(|one| one.changed);
    let size = token.size.unwrap_or(super::listing::DEFAULT_PAGE);
    let more = changes.len() > size;
    changes.truncate(size);

    let context = match &token.select {
        Some(names) => format!("{}({})", of.collection, names.join(",")),
        None => of.collection.to_string(),
    };
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(call.context(&context)));
    let select = token.select.clone();
    match changes.last().filter(|_| more) {
        Some(last) => {
            token.after = last.changed;
            body.insert(
                "@odata.nextLink".into(),
                json!(link(call, of, "$skiptoken", &token)),
            );
        }
        None => {
            (token.after, token.since) = (newest, newest);
            body.insert(
                "@odata.deltaLink".into(),
                json!(link(call, of, "$deltatoken", &token)),
            );
        }
    }
    let value = changes.into_iter().map(|one| {
        let id = one.id;
        match (one.removed, one.object) {
            (None, Some(object)) => shown(id, rendered(object), select.as_deref()),
            (removed, _) => {
                let reason = match removed {
                    Some(Removed::Restorable) => "changed",
                    Some(Removed::ForGood) | None => "deleted",
                };
                json!({"id": id, "@removed": {"reason": reason}})
            }
        }
    });
    body.insert("value".into(), value.collect());
    Ok(Answer::json(200, Value::Object(body)))
}

/// An object bears its id, whether that was selected or not.
fn shown(id: String, object: Value, select: Option<&[String]>) -> Value {
    let mut picked = pick(object, select);
    if let Value::Object(members) = &mut picked
        && !members.contains_key("id")
    {
        members.insert("id".into(), json!(id));
    }
    picked
}

fn read_token(call: &Call<'_>, of: &Type, tenant: &Tenant) -> Result<Token, Failure> {
    let given = call
        .request
        .query("$skiptoken")
        .or_else(|| call.request.query("$deltatoken"))
        .filter(|text| *text != "latest" && !text.is_empty());
    let Some(text) = given else {
        if let Some((other, _)) = call.request.query.iter().find(|(name, _)| {
            let known = ["$select", "$top", "$filter", "$deltatoken", "$skiptoken"];
            name.starts_with('$') && !known.contains(&name.as_str())
        }) {
            return Err(Failure::unsupported_query(format!(
                "The query option '{other}' is not supported by the delta function."
            )));
        }
        return Ok(Token {
            after: 0,
            since: tenant.serial,
            size: page_size(call)?,
            select: selection(call, of)?,
            ids: ids(call, of)?,
        });
    };
    let parsed = URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .ok_or_else(|| Failure::bad("Badly formed token."))?;
    let right = parsed["start"] == json!(call.start)
        && parsed["tenant"].as_str() == call.claims.text("tid")
        && parsed["of"] == json!(of.collection);
    if !right {
        return Err(Failure::new(
            410,
            "syncStateNotFound",
            "The sync state of this token is not found. Start again without it.",
        ));
    }
    let number = |name: &str| parsed[name].as_u64().unwrap_or(0);
    let list = |name: &str| -> Option<Vec<String>> {
        let list = parsed[name].as_array()?;
        Some(
            list.iter()
                .filter_map(|one| one.as_str().map(str::to_string))
                .collect(),
        )
    };
    Ok(Token {
        after: number("after"),
        since: number("since"),
        size: parsed["size"]
            .as_u64()
            .and_then(|size| size.try_into().ok()),
        select: list("select"),
        ids: list("ids"),
    })
}

/// The only filter that a delta takes: on ids.
fn ids(call: &Call<'_>, of: &Type) -> Result<Option<Vec<String>>, Failure> {
    let Some(text) = call.request.query("$filter") else {
        return Ok(None);
    };
    super::filter::Filter::parse(text)
        .and_then(|filter| filter.ids())
        .map(Some)
        .ok_or_else(|| {
            Failure::unsupported_query(format!(
                "Unsupported query filter clause for the delta of '{}': only 'id eq' is supported.",
                of.name
            ))
        })
}

fn link(call: &Call<'_>, of: &Type, name: &str, token: &Token) -> String {
    let text = json!({
        "start": call.start,
        "tenant": call.claims.text("tid"),
        "of": of.collection,
        "after": token.after,
        "since": token.since,
        "size": token.size,
        "select": token.select,
        "ids": token.ids,
    })
    .to_string();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair(name, &URL_SAFE_NO_PAD.encode(text))
        .finish();
    format!("{}?{query}", call.own_url())
}
