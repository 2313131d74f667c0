//! Writes the exchanges with Graph down, for a check against Microsoft's own description of them.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::exchange::{Answer, Content, Request};

/// Appends one exchange; those of a batch each by itself. A file that can't be written is told of in the log.
pub(super) fn append(file: &Path, request: &Request, answer: &Answer) {
    let Some(path) = request.target.strip_prefix("/v1.0") else {
        return;
    };
    let sent: Option<Value> = request.json().ok();
    let said = match &answer.content {
        Content::Json(body) => Some(body.clone()),
        _ => None,
    };
    let mut lines = vec![line(
        &request.method,
        path,
        sent.clone(),
        answer.status,
        said.clone(),
    )];
    if path == "/$batch"
        && let (Some(sent), Some(said)) = (sent, said)
    {
        let none = Vec::new();
        let list = |from: &Value, name: &str| from[name].as_array().unwrap_or(&none).clone();
        for inner in list(&sent, "requests") {
            let found = list(&said, "responses")
                .into_iter()
                .find(|one| one["id"] == inner["id"]);
            let text = |name: &str| inner[name].as_str().unwrap_or_default().to_string();
            if let Some(found) = found {
                let status = found["status"].as_u64().unwrap_or(0);
                let url = text("url");
                let path = request.below_version(&url).unwrap_or(&url);
                lines.push(line(
                    &text("method"),
                    &format!("/{}", path.trim_start_matches('/')),
                    inner.get("body").cloned(),
                    u16::try_from(status).unwrap_or(0),
                    found.get("body").cloned(),
                ));
            }
        }
    }
    let written = std::fs::File::options()
        .append(true)
        .create(true)
        .open(file)
        .and_then(|mut file| file.write_all(lines.concat().as_bytes()));
    if let Err(error) = written {
        tracing::warn!(%error, "an exchange could not be written down");
    }
}

fn line(method: &str, path: &str, sent: Option<Value>, status: u16, said: Option<Value>) -> String {
    // A function's empty brackets mean nothing; the description writes it without.
    let (place, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    let path = format!("/v1.0{}{query}", place.strip_suffix("()").unwrap_or(place));
    let line = json!({"method": method, "path": path, "req": sent, "status": status, "resp": said});
    format!("{line}\n")
}
