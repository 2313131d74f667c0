//! Readings of the fleet: when somebody asks, and every so many minutes; until they end or are stopped.

use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use super::Event;
use super::message::Message;
use super::stop::Stop;
use crate::desk::Desk;
use crate::desk::file::Scope;

/// The readings of this visit. The repeated one ends with it.
#[derive(Default)]
pub(super) struct Readings {
    stop: Stop,
    repeated: Option<JoinHandle<()>>,
}

impl Drop for Readings {
    fn drop(&mut self) {
        if let Some(repeated) = &self.repeated {
            repeated.abort();
        }
    }
}

impl Readings {
    /// Reads what `scope` names; before the whole fleet, what somebody else has written into the inventory since.
    pub fn read(
        &self,
        desk: Desk,
        scope: Scope,
        tell: impl Fn(Message) + Send + Sync + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let stop = self.stop.token();
        async move {
            if scope == Scope::All {
                reread(&desk, &tell).await;
            }
            desk.refresh_until(scope, &stop).await;
        }
    }

    /// Stops every reading that is under way, asked for or repeated.
    pub fn stop(&self) {
        self.stop.now();
    }

    /// Reads the whole fleet again every so many minutes; 0 = never.
    pub fn every(&mut self, minutes: u32, desk: &Desk, sender: &UnboundedSender<Event>) {
        if minutes == 0 {
            return;
        }
        let (desk, sender, stop) = (desk.clone(), sender.clone(), self.stop.clone());
        self.repeated = Some(tokio::spawn(async move {
            let tell = move |message: Message| {
                // The loop has ended: there is nobody left to tell.
                let _ = sender.send(message.into());
            };
            loop {
                tokio::time::sleep(Duration::from_secs(60 * u64::from(minutes))).await;
                reread(&desk, &tell).await;
                desk.refresh_until(Scope::All, &stop.token()).await;
            }
        }));
    }
}

/// Takes up what somebody else has written into the inventory since; why it can't be is said.
async fn reread(desk: &Desk, tell: &(dyn Fn(Message) + Sync)) {
    let desk = desk.clone();
    let reread = tokio::task::spawn_blocking(move || desk.reread_inventory()).await;
    if let Ok(Err(trouble)) = reread {
        tell(Message::Told(trouble.to_string()));
    }
}
