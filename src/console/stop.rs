//! What ends work under way, again and again: what begins later has a token of its own.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Hands out the token that ends what begins now.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<Mutex<CancellationToken>>);

impl Stop {
    /// The token of what begins now.
    pub fn token(&self) -> CancellationToken {
        // What a thread that panicked held is as good as ever: a token is whole at every moment.
        let token = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        token.clone()
    }

    /// Ends everything that has begun, and nothing that begins from now on.
    pub fn now(&self) {
        let mut token = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *token).cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_begun_is_ended_and_what_begins_later_is_not() {
        let stop = Stop::default();
        let (first, second) = (stop.token(), stop.clone().token());
        stop.now();
        let later = stop.token();
        assert!(first.is_cancelled() && second.is_cancelled());
        assert!(!later.is_cancelled());
    }
}
