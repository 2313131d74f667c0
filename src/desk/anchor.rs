//! The head of the audit trail outside of this machine: at the end of each run it is told to the faces, and sent to
//! syslog where the settings say so. Whoever can write the store can write a whole new trail; a head that was noted
//! elsewhere shows it.

use std::os::unix::net::UnixDatagram;
use std::path::Path;

use jiff::Timestamp;

use super::Inner;
use super::audit::AuditHead;
use super::event::RunId;
use crate::registration::fleet::Fqdn;
use crate::text::clean;

/// Facility authpriv (10), severity notice (5): what a syslog keeps longest, and away from ordinary users.
const PRIORITY: u8 = 10 * 8 + 5;

/// The head of the trail at the end of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The head; or why it can't be read.
    pub head: Result<AuditHead, String>,
    /// Whether syslog took it; `None` = it was not to be sent.
    pub syslog: Option<Result<(), String>>,
}

impl Anchor {
    /// In an operator's words, a line each.
    pub fn words(&self) -> Vec<String> {
        let head = match &self.head {
            Ok(head) => format!("audit head {head}"),
            Err(why) => format!("the head of the audit trail can't be read: {why}"),
        };
        let sent = match &self.syslog {
            Some(Ok(())) => Some("the head was sent to syslog".to_string()),
            _ => self.not_kept(),
        };
        [Some(head), sent].into_iter().flatten().collect()
    }

    /// That the head was to be sent and was not, with the reason.
    pub fn not_kept(&self) -> Option<String> {
        let why = self.syslog.as_ref()?.as_ref().err()?;
        Some(format!(
            "the head of the audit trail was not sent to syslog: {why}"
        ))
    }
}

impl Inner {
    /// Takes the head of the trail, and sends it where the settings say.
    pub(super) fn anchor(&self, run: RunId, device: &Fqdn, outcome: &str) -> Anchor {
        let head = self.store.audit_head().map_err(|error| error.to_string());
        let sent = match (&self.site.syslog, &head) {
            (Some(socket), Ok(head)) => {
                let training = if self.site.sandbox { " (sandbox)" } else { "" };
                let words = format!(
                    "audit head {head} run {} device {device} outcome {outcome} by {}{training}",
                    run.short(),
                    self.site.operator
                );
                Some(send(socket, &words).map_err(|why| {
                    format!("syslog at {} did not accept it: {why}", socket.display())
                }))
            }
            _ => None,
        };
        if let Some(Err(why)) = &sent {
            tracing::warn!(%run, %why, "the head of the audit trail was not sent");
        }
        Anchor { head, syslog: sent }
    }
}

/// Sends a message to the syslog of this machine; never waits for it.
fn send(socket: &Path, words: &str) -> std::io::Result<()> {
    let host = rustix::system::uname();
    let message = message(
        Timestamp::now(),
        &host.nodename().to_string_lossy(),
        std::process::id(),
        words,
    );
    let way = UnixDatagram::unbound()?;
    way.set_nonblocking(true)?;
    way.send_to(message.as_bytes(), socket)?;
    Ok(())
}

/// A message of RFC 5424. The operator's and the host's names are not ours: nothing in them may break its frame.
fn message(at: Timestamp, host: &str, process: u32, words: &str) -> String {
    let printable = |letter: &char| letter.is_ascii_graphic();
    let host: String = host.chars().filter(printable).take(255).collect();
    let host = if host.is_empty() { "-" } else { &host };
    let at = at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ");
    let words = clean(words);
    format!("<{PRIORITY}>1 {at} {host} umpdeck {process} audit-head - {words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_framed_as_rfc_5424_says_whatever_the_names_hold() {
        let at: Timestamp = "2026-11-24T12:00:00.25Z".parse().unwrap();
        assert_eq!(
            message(at, "noc-2", 7, "audit head 1:aa by ana\n<0>1 evil"),
            "<85>1 2026-11-24T12:00:00.250Z noc-2 umpdeck 7 audit-head - audit head 1:aa by ana <0>1 evil"
        );
        assert!(message(at, "a b\n", 7, "x").contains("Z ab umpdeck"));
        assert!(message(at, "", 7, "x").contains("Z - umpdeck"));
    }

    #[test]
    fn a_syslog_that_is_not_there_is_an_error_and_not_a_wait() {
        let dir = tempfile::tempdir().unwrap();
        assert!(send(&dir.path().join("log"), "x").is_err());
        // A socket whose reader sleeps: once it is full, sending fails at once.
        let path = dir.path().join("full");
        let _asleep = UnixDatagram::bind(&path).unwrap();
        let filled = (0..100_000).any(|_| send(&path, "x").is_err());
        assert!(filled);
    }
}
