//! Handing a text to a command on its standard input, within a time.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

/// Runs a command, program first, with `text` on its standard input. Fails with the reason in words when it cannot be
/// run, does not end in time, or ends with an error. Nothing of it reaches the screen.
pub(super) async fn feed(command: &[String], text: &str, limit: Duration) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("no command is set".to_owned());
    };
    // Commands that stay behind to serve the clipboard keep our pipes open: only the program's own end is waited for.
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{program} could not be run: {error}"))?;
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let run = async {
        if let Some(mut stdin) = stdin {
            // A command that does not read to the end says why by its exit code.
            let _ = stdin.write_all(text.as_bytes()).await;
        }
        child.wait().await
    };
    let status = match tokio::time::timeout(limit, run).await {
        Err(_) => {
            return Err(format!(
                "{program} did not end within {} s",
                limit.as_secs()
            ));
        }
        Ok(Err(error)) => return Err(format!("{program} could not be waited for: {error}")),
        Ok(Ok(status)) => status,
    };
    if status.success() {
        return Ok(());
    }
    let mut words = vec![0; 400];
    let said = match stderr {
        Some(mut stderr) => tokio::time::timeout(limit, stderr.read(&mut words))
            .await
            .unwrap_or(Ok(0))
            .unwrap_or(0),
        None => 0,
    };
    let said = crate::text::clean(String::from_utf8_lossy(&words[..said]).trim());
    let ended = match status.code() {
        Some(code) => format!("{program} ended with {code}"),
        None => format!("{program} was killed"),
    };
    Err(if said.is_empty() {
        ended
    } else {
        format!("{ended}: {said}")
    })
}
