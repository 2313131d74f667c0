//! How much goes at once: four requests to a tenant, twenty reads in one.

use std::sync::Arc;

use super::*;
use tokio::sync::Semaphore;

#[tokio::test]
async fn no_more_than_four_requests_go_to_a_tenant_at_once() {
    let gate = Arc::new(Semaphore::new(0));
    let server = Server::gated(|_, _| json(200, app(1)), gate.clone()).await;
    let world = world(server).await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let graph = world.graph.clone();
            tokio::spawn(async move { graph.application(ID).await })
        })
        .collect();
    world.server.wait_open(4).await;
    // Requests of somebody else, begun after all eight: when the last of them has arrived, a fifth of the eight would have.
    let marker = world.server.client(&TestClock::new());
    let marks: Vec<_> = (0..4)
        .map(|_| {
            let marker = marker.clone();
            tokio::spawn(async move { marker.send(&Request::get("/marker"), None).await })
        })
        .collect();
    world.server.wait_open(8).await;
    let seen = world.server.seen();
    let of_graph = seen.iter().filter(|one| one.target != "/marker").count();
    assert_eq!(of_graph, 4);
    gate.add_permits(12);
    for mark in marks {
        mark.await.unwrap().unwrap();
    }
    for call in calls {
        assert!(call.await.unwrap().unwrap().is_some());
    }
    assert_eq!(world.server.seen().len(), 12);
}

/// The answers of a batch to the ids that were asked for, the last first.
fn batched(seen: &Seen, answer: impl Fn(&str) -> Value) -> Reply {
    let asked: Value = serde_json::from_str(&seen.body).unwrap();
    let requests = asked["requests"].as_array().unwrap();
    let responses: Vec<Value> = requests
        .iter()
        .rev()
        .map(|one| {
            let mut response = answer(one["url"].as_str().unwrap());
            response["id"] = one["id"].clone();
            response
        })
        .collect();
    json(200, json!({ "responses": responses }))
}

#[tokio::test]
async fn many_reads_go_twenty_a_request_and_come_back_in_their_order() {
    let world = scripted(|seen, _| {
        batched(seen, |url| {
            let id = url.split(['/', '?']).nth(2).unwrap();
            match id.ends_with('7') {
                true => {
                    json!({"status": 404, "body": {"error": {"code": "Request_ResourceNotFound"}}})
                }
                false => json!({"status": 200, "body": {"id": id, "appId": id}}),
            }
        })
    })
    .await;
    let ids: Vec<Uuid> = (1..=45).map(Uuid::from_u128).collect();
    let read = world.graph.applications_by_id(&ids).await.unwrap();
    assert_eq!(world.server.seen().len(), 3);
    for (id, (read_id, app)) in ids.iter().zip(&read) {
        assert_eq!(read_id, id);
        let there = !id.to_string().ends_with('7');
        assert_eq!(app.as_ref().map(|app| app.object_id), there.then_some(*id));
    }
}

#[tokio::test]
async fn what_is_put_off_within_a_batch_is_waited_for_and_only_that_is_sent_again() {
    let world = scripted(|seen, number| {
        batched(seen, |url| {
            let id = url.split(['/', '?']).nth(2).unwrap();
            match number == 0 && !id.ends_with('1') {
                true => json!({"status": 429, "headers": {"Retry-After": "9"}, "body": {}}),
                false => json!({"status": 200, "body": {"id": id, "appId": id}}),
            }
        })
    })
    .await;
    let ids = [1, 2, 3].map(Uuid::from_u128);
    let read = world.graph.applications_by_id(&ids).await.unwrap();
    assert!(read.iter().all(|(_, app)| app.is_some()));
    let seen = world.server.seen();
    assert_eq!(seen.len(), 2);
    let again: Value = serde_json::from_str(&seen[1].body).unwrap();
    assert_eq!(again["requests"].as_array().unwrap().len(), 2);
    let clock = world.graph.client().clock();
    assert_eq!(clock.stopwatch().as_secs(), 9);
}

#[tokio::test]
async fn a_refusal_within_a_batch_names_what_the_token_lacks() {
    let world = scripted(|seen, _| {
        batched(
            seen,
            |_| json!({"status": 403, "body": {"error": {"code": "Authorization_RequestDenied"}}}),
        )
    })
    .await;
    let paths = [DEFAULT_POLICY, "/v1.0/policies/appManagementPolicies"].map(String::from);
    let answers = world.graph.read_many(&paths).await.unwrap();
    for answer in answers {
        let why = answer.unwrap_err().to_string();
        assert!(why.contains("the token lacks Policy.Read.All"), "{why}");
    }
}
