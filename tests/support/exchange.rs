//! A request to a sandbox in another process, on a connection of its own and without a runtime.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Sends one request with these header lines, each ended by CRLF, and gives back status and body.
pub fn exchange(url: &str, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
    let host = url.strip_prefix("http://").expect("an http url");
    let mut stream = TcpStream::connect(host).expect("the sandbox listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a limit");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).expect("a status");
    (status.parse().expect("a number"), body.to_string())
}

/// A token for a tenant's own application, whose credentials the sandbox has told in `tenant`.
pub fn application_token(url: &str, tenant: &Value, scope: &str) -> String {
    let text = |field: &str| tenant[field].as_str().expect("a text");
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", text("clientId"))
        .append_pair("client_secret", text("clientSecret"))
        .append_pair("scope", scope)
        .finish();
    let path = format!("/{}/oauth2/v2.0/token", text("id"));
    let headers = "content-type: application/x-www-form-urlencoded\r\n";
    let (status, body) = exchange(url, "POST", &path, headers, &form);
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    answer["access_token"]
        .as_str()
        .expect("a token")
        .to_string()
}
