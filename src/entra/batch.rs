//! `$batch`: up to twenty reads in one request. Each is answered as if it had been sent alone; what was put off or met
//! a worn-out token is sent again, so that a caller sees answers only.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::failure::GraphError;
use super::graph::{Graph, not_understood};
use super::wire::{NotUnderstood, lenient, read};
use crate::http::retry::retry_after;
use crate::http::{Answer, Body, Method, Request};

/// Graph's own bound of a batch.
const MOST_IN_ONE: usize = 20;
/// How often what Graph put off is sent in a batch again before each goes alone, by the rules of a single request.
const ROUNDS: usize = 3;
const BATCH: &str = "/v1.0/$batch";

#[derive(Deserialize)]
struct Responses {
    responses: Vec<Response>,
}

#[derive(Deserialize)]
struct Response {
    id: String,
    status: u16,
    #[serde(default, deserialize_with = "lenient")]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
}

impl Graph {
    /// Reads many paths (each begins with `/v1.0/`), twenty a request; the outcomes come in the order of the paths.
    ///
    /// # Errors
    /// [`GraphError`] when a batch as a whole brings nothing; each read's own failure stands in its place.
    pub async fn read_many(
        &self,
        paths: &[String],
    ) -> Result<Vec<Result<Answer, GraphError>>, GraphError> {
        if let [only] = paths {
            return Ok(vec![self.send(&Request::get(only)).await]);
        }
        let mut all: Vec<Option<Result<Answer, GraphError>>> =
            std::iter::repeat_with(|| None).take(paths.len()).collect();
        let mut open: Vec<usize> = (0..paths.len()).collect();
        for _ in 0..ROUNDS {
            for some in std::mem::take(&mut open).chunks(MOST_IN_ONE) {
                for (at, answer) in self.one_batch(paths, some).await? {
                    match answer.status {
                        // Alone, it is sent with a newer token, or leads to a new sign-in.
                        401 => {
                            all[at] = Some(self.send(&Request::get(&paths[at])).await);
                        }
                        429 | 503 | 504 | 424 => {
                            if let Some(wait) = retry_after(&answer, self.client().clock().now()) {
                                self.client().leave_alone(wait);
                            }
                            open.push(at);
                        }
                        _ => {
                            let request = Request::get(&paths[at]);
                            all[at] = Some(self.judged(&request, answer).await);
                        }
                    }
                }
            }
            if open.is_empty() {
                break;
            }
        }
        for at in open {
            all[at] = Some(self.send(&Request::get(&paths[at])).await);
        }
        all.into_iter()
            .map(|one| one.ok_or_else(|| missing("one of its answers is missing")))
            .collect()
    }

    /// Sends one batch; its answers by the place of their paths.
    async fn one_batch(
        &self,
        paths: &[String],
        some: &[usize],
    ) -> Result<Vec<(usize, Answer)>, GraphError> {
        let requests: Vec<Value> = some
            .iter()
            .map(|at| {
                let path = &paths[*at];
                let url = path.strip_prefix("/v1.0").unwrap_or(path);
                json!({"id": at.to_string(), "method": "GET", "url": url})
            })
            .collect();
        let mut request =
            Request::new(Method::Post, BATCH).with_body(Body::Json(json!({"requests": requests})));
        request.repeatable = true;
        let outer = self.send(&request).await?;
        let read: Responses =
            read(outer.body.clone()).map_err(|why| not_understood(BATCH, &why))?;
        let mut by_id: HashMap<String, Response> = read
            .responses
            .into_iter()
            .map(|one| (one.id.clone(), one))
            .collect();
        some.iter()
            .map(|at| {
                let response = by_id
                    .remove(&at.to_string())
                    .ok_or_else(|| missing("one of its answers is missing"))?;
                Ok((*at, answer(response, &outer)))
            })
            .collect()
    }
}

fn missing(what: &str) -> GraphError {
    not_understood(BATCH, &NotUnderstood(what.to_string()))
}

fn answer(response: Response, outer: &Answer) -> Answer {
    let header = |name: &str| {
        let found = response
            .headers
            .iter()
            .find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    };
    Answer {
        status: response.status,
        request_id: header("request-id").or_else(|| outer.request_id.clone()),
        client_request_id: outer.client_request_id.clone(),
        retry_after: header("retry-after"),
        date: outer.date.clone(),
        location: header("location"),
        perhaps_done_before: false,
        www_authenticate: header("www-authenticate"),
        body: response.body,
    }
}
