//! Whether Entra accepts a client ID with a secret.

use super::*;
use crate::support::server::{Server, TestClock};
use umpdeck::entra::signin::{is_propagation, prove};
use umpdeck::registration::observed::ProofOutcome;

#[tokio::test]
async fn a_pair_is_accepted_refused_or_nothing_is_known_of_it() {
    type Row = (fn() -> Reply, fn(&ProofOutcome) -> bool, bool);
    const TAKEN: fn(&ProofOutcome) -> bool = |one| *one == ProofOutcome::Accepted;
    const REFUSED: fn(&ProofOutcome) -> bool = |one| matches!(one, ProofOutcome::Refused(_));
    const UNKNOWN: fn(&ProofOutcome) -> bool = |one| matches!(one, ProofOutcome::Unknown(_));
    let rows: [Row; 6] = [
        (|| granted("app", None), TAKEN, false),
        (|| refused(401, "invalid_client", 7000215), REFUSED, true),
        (|| refused(401, "invalid_client", 7000222), REFUSED, false),
        (
            || refused(400, "unauthorized_client", 700016),
            REFUSED,
            true,
        ),
        (|| refused(400, "invalid_grant", 53003), UNKNOWN, false),
        (|| Reply::Drop, UNKNOWN, false),
    ];
    for (reply, right, propagation) in rows {
        let server = Server::start(move |_, _| reply()).await;
        let login = server.client(&TestClock::new());
        let secret = SecretString::from("hush-hush");
        let proven = prove(
            &login,
            TENANT,
            CLIENT,
            &secret,
            "https://graph.microsoft.com",
        )
        .await;
        assert!(right(&proven.outcome), "{proven:?}");
        assert_eq!(is_propagation(&proven), propagation, "{proven:?}");
        let seen = &server.seen()[0];
        assert_eq!(
            seen.field("scope").as_deref(),
            Some("https://graph.microsoft.com/.default")
        );
        assert!(!format!("{proven:?}").contains("hush"));
    }
}
