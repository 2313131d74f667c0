//! The clipboard of this machine's desktop. The text lives in our process, so the connection is opened at the first use
//! and held, on a thread of its own, because a slow or dead display must never hold up the console.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use super::Kind;

type Answer = oneshot::Sender<Result<(), String>>;

enum Request {
    /// Put this text into the clipboard.
    Set(SecretString, Kind, Answer),
    /// Empty the clipboard if it still holds this text.
    Clear(SecretString, Answer),
}

/// A handle on the thread that holds the desktop's clipboard.
#[derive(Debug, Default)]
pub(super) struct Native(Mutex<Option<Sender<Request>>>);

impl Native {
    /// Puts a text into the desktop's clipboard; fails with the reason in words.
    pub(super) async fn set(
        &self,
        text: SecretString,
        kind: Kind,
        limit: Duration,
    ) -> Result<(), String> {
        self.ask(|answer| Request::Set(text, kind, answer), limit)
            .await
    }

    /// Empties the desktop's clipboard if it still holds the text; a clipboard that holds something else is in order.
    pub(super) async fn clear(&self, text: SecretString, limit: Duration) -> Result<(), String> {
        self.ask(|answer| Request::Clear(text, answer), limit).await
    }

    async fn ask(
        &self,
        request: impl FnOnce(Answer) -> Request,
        limit: Duration,
    ) -> Result<(), String> {
        let (answer, answered) = oneshot::channel();
        self.requests()?
            .send(request(answer))
            .map_err(|_| "the desktop's clipboard is closed".to_owned())?;
        match tokio::time::timeout(limit, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err("the desktop's clipboard is closed".to_owned()),
            Err(_) => Err(format!(
                "the desktop did not answer within {} s",
                limit.as_secs()
            )),
        }
    }

    fn requests(&self) -> Result<Sender<Request>, String> {
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(requests) = requests.as_ref() {
            return Ok(requests.clone());
        }
        let (sender, receiver) = channel();
        std::thread::Builder::new()
            .name("desktop clipboard".to_owned())
            .spawn(move || serve(&receiver))
            .map_err(|error| format!("no thread for the desktop's clipboard: {error}"))?;
        Ok(requests.insert(sender).clone())
    }
}

fn serve(requests: &Receiver<Request>) {
    let mut held = None;
    for request in requests {
        match request {
            Request::Set(text, kind, answer) => {
                let _ = answer.send(set(&mut held, &text, kind).map_err(|error| words(&error)));
            }
            Request::Clear(text, answer) => {
                let _ = answer.send(clear(&mut held, &text).map_err(|error| words(&error)));
            }
        }
    }
}

fn set(
    held: &mut Option<arboard::Clipboard>,
    text: &SecretString,
    kind: Kind,
) -> Result<(), arboard::Error> {
    let clipboard = match held {
        Some(clipboard) => clipboard,
        None => held.insert(arboard::Clipboard::new()?),
    };
    let set = clipboard.set();
    #[cfg(target_os = "linux")]
    let set = {
        use arboard::SetExtLinux as _;
        match kind {
            Kind::Secret => set.exclude_from_history(),
            Kind::Plain => set,
        }
    };
    set.text(text.expose_secret())
}

fn clear(held: &mut Option<arboard::Clipboard>, text: &SecretString) -> Result<(), arboard::Error> {
    let Some(clipboard) = held else {
        return Ok(());
    };
    let current = clipboard.get_text().map(SecretString::from);
    match current {
        Ok(current) if current.expose_secret() == text.expose_secret() => clipboard.clear(),
        _ => Ok(()),
    }
}

fn words(error: &arboard::Error) -> String {
    crate::text::clean(&error.to_string())
}
