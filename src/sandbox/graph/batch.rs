//! `/$batch`: up to twenty requests in one, each answered as if it had come alone.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::exchange::{Answer, Content, Request, split_target};
use super::super::state::State;
use super::failure::{Failure, object};

const MOST: usize = 20;

pub(super) fn answer(
    state: &mut State,
    request: &Request,
    now: Timestamp,
) -> Result<Answer, Failure> {
    if request.method != "POST" {
        return Err(Failure::not_implemented("this method on $batch"));
    }
    let bad = |message: &str| Failure::new(400, "BadRequest", message);
    let body = object(request)?;
    let Some(Value::Array(requests)) = body.get("requests") else {
        return Err(bad("The batch has no list of requests."));
    };
    if requests.is_empty() || requests.len() > MOST {
        return Err(bad("A batch has 1 to 20 requests."));
    }
    let inner = requests
        .iter()
        .map(|one| inner_request(request, one))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| bad("Each request of a batch needs an id, a method and a relative url, and a Content-Type if it has a body."))?;
    let mut ids: Vec<String> = inner.iter().map(|one| one.id.to_lowercase()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != inner.len() {
        return Err(bad("The ids of a batch's requests must be unique."));
    }
    let mut responses: Vec<Value> = Vec::with_capacity(inner.len());
    let mut failed: Vec<String> = Vec::new();
    for one in inner {
        let answer = if one.after.iter().any(|id| failed.contains(id)) {
            Failure::new(
                424,
                "FailedDependency",
                "A request that this one depends on failed.",
            )
            .answer()
        } else if one.request.path == "/v1.0/$batch" {
            bad("A batch can't be inside a batch.").answer()
        } else {
            super::answer(state, &one.request, now)
        };
        if answer.status >= 400 {
            failed.push(one.id.clone());
        }
        let headers: Map<String, Value> = answer
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_string(), json!(value)))
            .chain(
                (!matches!(answer.content, Content::None))
                    .then(|| ("Content-Type".to_string(), json!("application/json"))),
            )
            .collect();
        let mut response = json!({"id": one.id, "status": answer.status, "headers": headers});
        match answer.content {
            Content::None => {}
            Content::Json(body) => response["body"] = body,
            Content::Text { text, .. } => response["body"] = json!(text),
        }
        responses.push(response);
    }
    Ok(Answer::json(200, json!({ "responses": responses })))
}

struct Inner {
    id: String,
    after: Vec<String>,
    request: Request,
}

fn inner_request(outer: &Request, one: &Value) -> Option<Inner> {
    let text = |name: &str| one.get(name).and_then(Value::as_str);
    let url = outer.below_version(text("url")?)?;
    let (path, query) = split_target(url);
    let mut headers: Vec<(String, String)> = one
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_string())))
        .filter(|(name, _)| name != "authorization" && name != "host")
        .collect();
    let body = match one.get("body") {
        Some(body) => {
            headers.iter().find(|(name, _)| name == "content-type")?;
            body.to_string().into_bytes()
        }
        None => Vec::new(),
    };
    for name in ["authorization", "host"] {
        if let Some(value) = outer.header(name) {
            headers.push((name.to_string(), value.to_string()));
        }
    }
    let after = one
        .get("dependsOn")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str().map(str::to_string))
        .collect();
    Some(Inner {
        id: text("id")?.to_string(),
        after,
        request: Request {
            method: text("method")?.to_uppercase(),
            path: format!("/v1.0/{}", path.trim_start_matches('/')),
            query,
            headers,
            body,
            target: format!("/v1.0/{}", url.trim_start_matches('/')),
            secure: outer.secure,
        },
    })
}
